"""Pull requests and reviews as GitHub has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from erpsync.forge.base import Forge, ForgeError, PullRequest, ReviewState
from erpsync.forge.github import GitHub
from erpsync.forge.reviews import approvals_of, standing_reviews
from tests.builders import user
from tests.support.github_http import Fault, problem
from tests.support.github_server import GitHubServer
from tests.support.github_state import BEGIN, commit

HEAD, OLDER, MERGED = commit("head"), commit("older"), commit("merged")
USERS = {
    "wu.lan": replace(user("wu.lan", name="吴兰"), forge={"github": "WuLan-hx"}),
    "lin.tao": replace(user("lin.tao", name="林涛"), forge={"github": "lintao"}),
}


@pytest.fixture
def number(server: GitHubServer) -> int:
    """A pull request."""
    return server.state.open_pull_request("chenjing", HEAD)


def approvers(forge: GitHub, number: int) -> set[str]:
    """The users whose approval of the head stands."""
    head = forge.pull_request(number).head
    return set(approvals_of(forge.reviews(number), head, USERS, forge.handles))


def test_it_is_a_forge(forge: GitHub) -> None:
    whole: Forge = forge
    assert whole.handles == "github"


def test_an_open_pull_request_was_not_merged_whatever_its_trial_merge(forge: GitHub, number: int) -> None:
    assert forge.pull_request(number) == PullRequest(
        number=number,
        title="Change who may do what",
        author="chenjing",
        head=HEAD,
        head_ref="change",
        base=commit("main"),
        base_ref="main",
        url=f"https://github.example/huaxin/access/pull/{number}",
    )


def test_a_merged_pull_request_tells_as_what_by_whom_and_when(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.merge(number, MERGED, by="wulan")
    found = forge.pull_request(number)
    assert (found.merged_as, found.merged_by) == (MERGED, "wulan")
    assert found.merged_at == BEGIN + timedelta(minutes=2)


def test_the_account_of_an_author_or_merger_may_be_gone(forge: GitHub, server: GitHubServer) -> None:
    number = server.state.open_pull_request("chenjing", HEAD)
    server.state.merge(number, MERGED, by=None)
    server.state.pulls[number]["user"] = None
    found = forge.pull_request(number)
    assert (found.author, found.merged_by) == ("ghost", "ghost")


def test_a_commit_is_traced_to_the_pull_request_that_was_merged_as_it(
    forge: GitHub, server: GitHubServer
) -> None:
    # What was merged into it earlier has the same commit for its head.
    server.state.open_pull_request("lintao", MERGED)
    number = server.state.open_pull_request("chenjing", HEAD)
    server.state.merge(number, MERGED)
    assert forge.pull_request_of(MERGED) == forge.pull_request(number)


@pytest.mark.parametrize("asked", [commit("trial merge of " + HEAD), HEAD, commit("pushed directly")])
def test_no_pull_request_stands_behind_a_commit_that_none_was_merged_as(
    forge: GitHub, number: int, asked: str
) -> None:
    assert forge.pull_request_of(asked) is None


def test_the_head_of_a_pull_request_is_not_what_it_was_merged_as(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.merge(number, MERGED)
    assert forge.pull_request_of(HEAD) is None


def test_several_pull_requests_behind_one_commit_are_an_error(forge: GitHub, server: GitHubServer) -> None:
    for head in (HEAD, OLDER):
        server.state.merge(server.state.open_pull_request("chenjing", head), MERGED)
    with pytest.raises(ForgeError, match=r"several pull requests were merged as commit .*: #1, #2"):
        forge.pull_request_of(MERGED)


def test_a_commit_that_github_does_not_know_is_an_error_in_its_words(forge: GitHub) -> None:
    with pytest.raises(ForgeError, match="No commit found for SHA: main") as caught:
        forge.pull_request_of("main")
    assert caught.value.where == "github huaxin/access"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("APPROVED", ReviewState.APPROVED),
        ("CHANGES_REQUESTED", ReviewState.CHANGES_REQUESTED),
        ("COMMENTED", ReviewState.COMMENTED),
        ("DISMISSED", ReviewState.DISMISSED),
    ],
)
def test_a_review_tells_who_what_of_which_commit_and_when(
    forge: GitHub, server: GitHubServer, number: int, said: str, state: ReviewState
) -> None:
    server.state.review(number, "wulan-hx", said, of=OLDER)
    (review,) = forge.reviews(number)
    assert (review.reviewer, review.state, review.commit) == ("wulan-hx", state, OLDER)
    assert review.at == datetime(2026, 11, 2, 8, 2, tzinfo=UTC)
    assert review.url.startswith("https://github.example/huaxin/access/pull/")


def test_a_review_that_is_not_sent_off_yet_does_not_count(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.review(number, "wulan-hx", "PENDING")
    assert forge.reviews(number) == []


def test_a_program_is_no_reviewer(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.state.review(number, "approve-all[bot]")
    assert forge.reviews(number) == []


def test_the_review_of_a_deleted_account_is_that_of_the_ghost(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.review(number, None)
    assert [review.reviewer for review in forge.reviews(number)] == ["ghost"]


def test_a_review_of_a_commit_that_is_gone_is_of_no_commit(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.review(number, "wulan-hx")
    server.state.reviews[number][0]["commit_id"] = None
    assert [review.commit for review in forge.reviews(number)] == [""]


@pytest.mark.parametrize("order", list(permutations(["APPROVED", "CHANGES_REQUESTED", "COMMENTED"])))
def test_the_last_word_of_a_reviewer_decides_in_every_order(
    forge: GitHub, server: GitHubServer, number: int, order: Sequence[str]
) -> None:
    for state in order:
        server.state.review(number, "wulan-hx", state)
    approved = order.index("APPROVED") > order.index("CHANGES_REQUESTED")
    assert approvers(forge, number) == ({"wu.lan"} if approved else set())


def test_reviews_beyond_the_first_page_count(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.state.review(number, "wulan-hx")
    for _ in range(210):
        server.state.review(number, "lintao", "COMMENTED")
    server.state.review(number, "wulan-hx", "CHANGES_REQUESTED")
    assert len(forge.reviews(number)) == 212
    assert standing_reviews(forge.reviews(number))["wulan-hx"].state is ReviewState.CHANGES_REQUESTED


def test_a_push_after_the_approval_makes_it_stale(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.state.review(number, "wulan-hx")
    assert approvers(forge, number) == {"wu.lan"}
    server.state.push(number, commit("forced"))
    assert approvers(forge, number) == set()


def test_a_dismissed_approval_no_longer_counts(forge: GitHub, server: GitHubServer, number: int) -> None:
    review = server.state.review(number, "wulan-hx")
    server.state.review(number, "lintao")
    server.state.dismiss(number, review)
    assert approvers(forge, number) == {"lin.tao"}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("state", "LIKED", "a known state"),
        ("submitted_at", "yesterday", "a time in 'submitted_at'"),
        ("submitted_at", "2026-11-02T08:00:00", "a time zone in 'submitted_at'"),
        ("submitted_at", None, "'submitted_at'"),
        ("user", {"login": 7}, "'login'"),
    ],
)
def test_a_review_that_is_not_as_documented_is_an_error(
    forge: GitHub, server: GitHubServer, number: int, key: str, value: object, said: str
) -> None:
    server.state.review(number, "wulan-hx")
    server.state.reviews[number][0][key] = value
    with pytest.raises(ForgeError, match=f"GitHub's answer lacks {said}"):
        forge.reviews(number)


def test_a_missing_pull_request_and_a_missing_permission_look_alike(forge: GitHub) -> None:
    with pytest.raises(
        ForgeError, match="cannot read pull request 7: it does not exist, or the token may not"
    ):
        forge.pull_request(7)


def test_the_error_of_a_commit_shows_what_github_says(forge: GitHub, server: GitHubServer) -> None:
    server.faults = [Fault(problem(409, "Git Repository is empty."))]
    with pytest.raises(ForgeError, match=r"refuses to .* \(error 409\): Git Repository is empty\."):
        forge.pull_request_of(HEAD)


def test_everybody_who_wrote_a_commit_is_a_writer_but_not_the_web_page(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.push(number, "c" * 40, by="lintao")
    server.state.written[number].append(
        {"sha": "d" * 40, "author": None, "committer": server.state.account("web-flow")}
    )
    assert forge.writers(number) == ["chenjing", "lintao"]
