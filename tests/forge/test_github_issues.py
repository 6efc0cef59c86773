"""The one issue for what is found between pull requests, and pull requests that erpsync opens."""

from __future__ import annotations

import json

import pytest

from erpsync.forge.base import ForgeError
from erpsync.forge.github import GitHub
from tests.support.github_http import Fault
from tests.support.github_server import GitHubServer
from tests.support.github_state import ACTIONS_BOT, Json, commit
from tests.support.http_server import Answer

MARKER = "<!-- erpsync drift erp -->"
BODY = f"{MARKER}\nTwo accounts drifted"
TITLE = "Drift in erp"


def issues(server: GitHubServer) -> list[tuple[str, str, str]]:
    """State, title and body of each issue."""
    return [(one["state"], one["title"], one["body"]) for one in server.state.issues.values()]


def only(server: GitHubServer) -> Json:
    """The only issue."""
    (issue,) = server.state.issues.values()
    return issue


def test_the_issue_is_opened_with_the_label_it_is_found_by(forge: GitHub, server: GitHubServer) -> None:
    address = forge.put_issue(MARKER, TITLE, BODY)
    assert issues(server) == [("open", TITLE, BODY)]
    assert [label["name"] for label in only(server)["labels"]] == ["erpsync"]
    assert address == only(server)["html_url"]


def test_the_issue_is_kept_up_and_not_opened_twice(forge: GitHub, server: GitHubServer) -> None:
    first = forge.put_issue(MARKER, TITLE, BODY)
    assert forge.put_issue(MARKER, "Drift again", BODY) == first
    assert issues(server) == [("open", "Drift again", BODY)]
    # What is the same is not sent.
    assert [asked.body for asked in server.sent("PATCH")] == [{"title": "Drift again"}]


def test_an_issue_that_is_as_it_should_be_is_left_alone(forge: GitHub, server: GitHubServer) -> None:
    forge.put_issue(MARKER, TITLE, BODY)
    forge.put_issue(MARKER, TITLE, BODY)
    assert server.sent("PATCH") == []


def test_a_closed_issue_is_reopened(forge: GitHub, server: GitHubServer) -> None:
    forge.put_issue(MARKER, TITLE, BODY)
    forge.close_issue(MARKER, "All is well")
    forge.put_issue(MARKER, TITLE, BODY)
    assert issues(server) == [("open", TITLE, BODY)]


def test_an_open_issue_goes_before_an_older_closed_one(forge: GitHub, server: GitHubServer) -> None:
    server.state.open_issue(ACTIONS_BOT, "Closed", BODY, ("erpsync",))["state"] = "closed"
    server.state.open_issue(ACTIONS_BOT, "Open", BODY, ("erpsync",))
    forge.put_issue(MARKER, TITLE, BODY)
    assert [(state, title) for state, title, _ in issues(server)] == [("closed", "Closed"), ("open", TITLE)]


def test_neither_the_issue_of_a_person_nor_a_pull_request_is_taken_for_ours(
    forge: GitHub, server: GitHubServer
) -> None:
    server.state.open_issue("wulan", "Quoted", BODY, ("erpsync",))
    number = server.state.open_pull_request(ACTIONS_BOT, commit("head"), body=BODY)
    server.state.pulls[number]["labels"] = [{"name": "erpsync"}]
    forge.put_issue(MARKER, TITLE, BODY)
    assert [title for _, title, _ in issues(server)] == ["Quoted", TITLE]
    assert server.sent("PATCH") == []


def test_an_issue_without_a_body_is_passed_over(forge: GitHub, server: GitHubServer) -> None:
    server.state.open_issue("wulan", "Empty", "", ("erpsync",))["body"] = None
    forge.put_issue(MARKER, TITLE, BODY)
    assert len(issues(server)) == 2


def test_an_issue_whose_answer_was_lost_is_not_opened_twice(forge: GitHub, server: GitHubServer) -> None:
    server.faults = [Fault(Answer(broken=0), "POST", "/issues", done=True)]
    assert forge.put_issue(MARKER, TITLE, BODY) == only(server)["html_url"]


def test_an_issue_that_loses_its_label_is_an_error_since_it_would_not_be_found_again(
    forge: GitHub, server: GitHubServer
) -> None:
    answer = {"html_url": "https://github.example/huaxin/access/issues/1", "labels": []}
    server.faults = [Fault(Answer(201, json.dumps(answer).encode()), "POST", "/issues")]
    with pytest.raises(ForgeError, match=r"lacks the label 'erpsync' on the new issue .*/issues/1"):
        forge.put_issue(MARKER, TITLE, BODY)


def test_closing_says_why_and_closes(forge: GitHub, server: GitHubServer) -> None:
    forge.put_issue(MARKER, TITLE, BODY)
    forge.close_issue(MARKER, "All is well")
    assert only(server)["state"] == "closed"
    assert [one["body"] for one in server.state.comments[only(server)["number"]]] == ["All is well"]


def test_nothing_is_said_where_no_issue_is_open(forge: GitHub, server: GitHubServer) -> None:
    forge.put_issue(MARKER, TITLE, BODY)
    forge.close_issue(MARKER, "All is well")
    forge.close_issue(MARKER, "All is well")
    assert len(server.state.comments[only(server)["number"]]) == 1


def test_a_closing_comment_whose_answer_was_lost_is_not_written_twice(
    forge: GitHub, server: GitHubServer
) -> None:
    forge.put_issue(MARKER, TITLE, BODY)
    # Of an earlier closing, and therefore not the one that was lost.
    server.state.comment(only(server)["number"], ACTIONS_BOT, "All is well")
    server.faults = [
        Fault(Answer(broken=0), "POST", "/comments"),
        Fault(Answer(broken=0), "POST", "/comments", done=True),
    ]
    forge.close_issue(MARKER, "All is well")
    assert len(server.state.comments[only(server)["number"]]) == 2
    assert only(server)["state"] == "closed"


def test_what_another_run_says_meanwhile_is_not_taken_for_the_closing_comment(
    forge: GitHub, server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge.put_issue(MARKER, TITLE, BODY)
    number = only(server)["number"]
    say = server.state.comment

    def another(number: int, author: str, _: str) -> Json:
        monkeypatch.setattr(server.state, "comment", say)
        return say(number, author, "Another run")

    # The answer is lost, and what is found there afterwards is not what was sent.
    monkeypatch.setattr(server.state, "comment", another)
    server.faults = [Fault(Answer(broken=0), "POST", "/comments", done=True)]
    forge.close_issue(MARKER, "All is well")
    assert [one["body"] for one in server.state.comments[number]] == ["Another run", "All is well"]


def test_a_branch_is_proposed(forge: GitHub, server: GitHubServer) -> None:
    address = forge.open_pull_request("erpsync/import", "main", "Take over", "From the ERP")
    found = forge.pull_request(1)
    assert (found.head_ref, found.base_ref, found.title, found.url) == (
        "erpsync/import",
        "main",
        "Take over",
        address,
    )
    assert server.state.pulls[1]["body"] == "From the ERP"


def test_a_branch_that_is_proposed_already_is_updated(forge: GitHub, server: GitHubServer) -> None:
    first = forge.open_pull_request("erpsync/import", "main", "Take over", "From the ERP")
    assert forge.open_pull_request("erpsync/import", "main", "Take over", "Once more") == first
    assert len(server.state.pulls) == 1
    assert [asked.body for asked in server.sent("PATCH")] == [{"body": "Once more"}]


def test_a_merged_proposal_is_followed_by_a_new_one(forge: GitHub, server: GitHubServer) -> None:
    forge.open_pull_request("erpsync/import", "main", "Take over", "From the ERP")
    server.state.merge(1, commit("merged"))
    forge.open_pull_request("erpsync/import", "main", "Take over", "From the ERP")
    assert [pull["state"] for pull in server.state.pulls.values()] == ["closed", "open"]


def test_a_proposal_whose_answer_was_lost_is_not_made_twice(forge: GitHub, server: GitHubServer) -> None:
    server.faults = [Fault(Answer(broken=0), "POST", "/pulls", done=True)]
    address = forge.open_pull_request("erpsync/import", "main", "Take over", "From the ERP")
    assert address == server.state.pulls[1]["html_url"]
    assert len(server.state.pulls) == 1


def test_a_branch_without_anything_new_is_refused_in_githubs_words(forge: GitHub) -> None:
    with pytest.raises(ForgeError, match="Validation Failed; No commits between main and main"):
        forge.open_pull_request("main", "main", "Nothing", "")
