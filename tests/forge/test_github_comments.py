"""The one comment of erpsync below a pull request."""

from __future__ import annotations

import pytest

from erpsync.forge.base import ForgeError
from erpsync.forge.github import GitHub, connect_github
from erpsync.forge.github_calls import Clocks
from tests.support.github_http import Fault, problem
from tests.support.github_server import ALL, GitHubServer, Token
from tests.support.github_state import ACTIONS_BOT, commit
from tests.support.http_server import Answer, html

MARKER = "<!-- erpsync plan erp -->"
FIRST = f"{MARKER}\nThe plan: 3 changes"
SECOND = f"{MARKER}\nThe plan: 4 changes"


@pytest.fixture
def number(server: GitHubServer) -> int:
    """A pull request."""
    return server.state.open_pull_request("chenjing", commit("head"))


def bodies(server: GitHubServer, number: int) -> list[str]:
    """What was said below the pull request."""
    return [comment["body"] for comment in server.state.comments[number]]


def writes(server: GitHubServer) -> list[str]:
    """The methods of the requests that change something."""
    return [asked.method for asked in server.requests if asked.method != "GET" and asked.path != "/graphql"]


def test_the_first_comment_is_added(forge: GitHub, server: GitHubServer, number: int) -> None:
    address = forge.put_comment(number, MARKER, FIRST)
    assert bodies(server, number) == [FIRST]
    assert address == server.state.comments[number][0]["html_url"]


def test_the_next_one_takes_its_place(forge: GitHub, server: GitHubServer, number: int) -> None:
    first = forge.put_comment(number, MARKER, FIRST)
    server.state.comment(number, "wulan", "Looks right")
    assert forge.put_comment(number, MARKER, SECOND) == first
    assert bodies(server, number) == [SECOND, "Looks right"]


def test_nothing_is_sent_where_nothing_changed(forge: GitHub, server: GitHubServer, number: int) -> None:
    first = forge.put_comment(number, MARKER, FIRST)
    assert forge.put_comment(number, MARKER, FIRST) == first
    assert writes(server) == ["POST"]


def test_each_marker_has_a_comment_of_its_own(forge: GitHub, server: GitHubServer, number: int) -> None:
    forge.put_comment(number, MARKER, FIRST)
    forge.put_comment(number, "<!-- erpsync approvals -->", "<!-- erpsync approvals -->\nOne is missing")
    assert len(bodies(server, number)) == 2


def test_a_body_without_the_marker_gets_it_so_that_it_is_found_again(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    forge.put_comment(number, MARKER, "The plan: 3 changes")
    forge.put_comment(number, MARKER, "The plan: 4 changes")
    assert bodies(server, number) == [SECOND]


@pytest.mark.parametrize("author", ["wulan", "dependabot[bot]", "github-actions"])
def test_what_others_wrote_is_not_touched_even_with_the_marker(
    forge: GitHub, server: GitHubServer, number: int, author: str
) -> None:
    server.state.comment(number, author, FIRST)
    forge.put_comment(number, MARKER, SECOND)
    assert bodies(server, number) == [FIRST, SECOND]
    assert writes(server) == ["POST"]


def test_the_comment_of_a_deleted_account_is_not_ours(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.comment(number, "wulan", FIRST)["user"] = None
    forge.put_comment(number, MARKER, SECOND)
    assert bodies(server, number) == [FIRST, SECOND]


def test_of_two_comments_of_ours_the_first_is_kept_up(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.comment(number, ACTIONS_BOT, FIRST)
    server.state.comment(number, ACTIONS_BOT, FIRST)
    forge.put_comment(number, MARKER, SECOND)
    assert bodies(server, number) == [SECOND, FIRST]


def test_a_person_finds_their_own_comment_and_not_that_of_the_job(
    forge: GitHub, person: GitHub, server: GitHubServer, number: int
) -> None:
    forge.put_comment(number, MARKER, FIRST)
    person.put_comment(number, MARKER, FIRST)
    person.put_comment(number, MARKER, SECOND)
    assert bodies(server, number) == [FIRST, SECOND]


def test_the_token_of_another_app_finds_the_comment_of_that_app(
    server: GitHubServer, clocks: Clocks, number: int
) -> None:
    server.tokens["ghs_app"] = Token("huaxin-access[bot]", ALL)
    server.state.comment(number, ACTIONS_BOT, FIRST)
    with connect_github(server.state.name, "ghs_app", server.url, clocks) as app:
        app.put_comment(number, MARKER, FIRST)
        app.put_comment(number, MARKER, SECOND)
    assert bodies(server, number) == [FIRST, SECOND]


@pytest.mark.parametrize("refused", [False, True], ids=["without an answer", "refused"])
def test_where_nothing_says_whose_the_token_is_it_is_that_of_a_job(
    server: GitHubServer, forge: GitHub, number: int, refused: bool
) -> None:
    (token,) = (key for key, token in server.tokens.items() if token.login == ACTIONS_BOT)
    server.tokens[token] = Token(ACTIONS_BOT, ALL, viewer=False)
    if refused:
        server.faults = [Fault(problem(403, "Resource not accessible by integration"), path="/graphql")]
    server.state.comment(number, ACTIONS_BOT, FIRST)
    server.state.comment(number, "wulan", FIRST)
    forge.put_comment(number, MARKER, SECOND)
    assert bodies(server, number) == [SECOND, FIRST]


def test_a_program_that_graphql_names_without_its_ending_is_the_same(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    answer = b'{"data": {"viewer": {"login": "github-actions"}}}'
    server.faults = [Fault(Answer(body=answer), path="/graphql")]
    server.state.comment(number, ACTIONS_BOT, FIRST)
    forge.put_comment(number, MARKER, SECOND)
    assert bodies(server, number) == [SECOND]


def test_the_comment_is_found_among_hundreds_and_each_page_is_asked_for_once(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    for index in range(250):
        server.state.comment(number, "wulan", f"Question {index}")
    forge.put_comment(number, MARKER, FIRST)
    server.requests.clear()
    forge.put_comment(number, MARKER, SECOND)
    assert bodies(server, number)[-1] == SECOND
    assert len(server.sent("GET", "/comments")) == 3
    assert writes(server) == ["PATCH"]


@pytest.mark.parametrize("lost", [Answer(broken=0), html(502), html(504)])
def test_a_comment_whose_answer_was_lost_is_not_written_twice(
    forge: GitHub, server: GitHubServer, number: int, lost: Answer
) -> None:
    server.faults = [Fault(lost, "POST", "/comments", done=True)]
    address = forge.put_comment(number, MARKER, FIRST)
    assert bodies(server, number) == [FIRST]
    assert address == server.state.comments[number][0]["html_url"]


def test_a_comment_that_did_not_arrive_is_sent_again(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.faults = [Fault(Answer(broken=0), "POST", "/comments")]
    forge.put_comment(number, MARKER, FIRST)
    assert bodies(server, number) == [FIRST]


def test_a_comment_that_never_arrives_is_given_up(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.faults = [Fault(Answer(broken=0), "POST", "/comments")] * 10
    with pytest.raises(ForgeError, match="cannot reach GitHub: no whole answer came"):
        forge.put_comment(number, MARKER, FIRST)
    assert len(server.sent("POST", "/comments")) == 4


def test_an_edit_whose_answer_was_lost_is_sent_again(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    forge.put_comment(number, MARKER, FIRST)
    server.faults = [Fault(Answer(broken=0), "PATCH", done=True)]
    forge.put_comment(number, MARKER, SECOND)
    assert bodies(server, number) == [SECOND]
    assert writes(server) == ["POST", "PATCH", "PATCH"]


def test_a_body_that_github_would_not_take_is_refused_before_anything_is_sent(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    with pytest.raises(ForgeError, match="65,537 characters is longer than the 65,536") as caught:
        forge.put_comment(number, MARKER, FIRST.ljust(65_537, "改"))
    assert caught.value.hint
    assert server.requests == []


def test_a_body_of_just_the_length_allowed_is_sent(forge: GitHub, server: GitHubServer, number: int) -> None:
    forge.put_comment(number, MARKER, FIRST.ljust(65_536, "改"))
    assert len(bodies(server, number)[0]) == 65_536


def test_a_job_that_may_only_read_is_told_which_permission_it_needs(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    (token,) = (key for key, token in server.tokens.items() if token.login == ACTIONS_BOT)
    server.tokens[token] = Token(ACTIONS_BOT, {"pull-requests": "read"})
    with pytest.raises(ForgeError, match="the token may not write comments: Resource not acc") as caught:
        forge.put_comment(number, MARKER, FIRST)
    assert "give the job `pull-requests: write`" in str(caught.value.hint)
