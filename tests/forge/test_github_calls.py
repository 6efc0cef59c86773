"""Requests to GitHub: what is sent, tried again, waited for, remembered, and how refusals are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from erpsync import __version__
from erpsync.forge.base import CheckState, ForgeError
from erpsync.forge.github import GitHub, connect_github
from erpsync.forge.github_calls import Clocks
from tests.support.fake_time import NOON, FakeTime
from tests.support.github_http import Fault, problem
from tests.support.github_server import JOB_TOKEN, GitHubServer, Token
from tests.support.github_state import commit
from tests.support.http_server import Answer, html

HEAD = commit("head")


@pytest.fixture
def number(server: GitHubServer) -> int:
    """A pull request."""
    return server.state.open_pull_request("chenjing", HEAD)


def epoch(moment: datetime) -> str:
    """Seconds since 1970."""
    return str(int(moment.timestamp()))


def test_a_request_names_the_version_of_the_api_and_the_tool(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    forge.pull_request(number)
    (asked,) = server.requests
    assert asked.path == f"/repos/huaxin/access/pulls/{number}"
    assert asked.headers["Accept"] == "application/vnd.github+json"
    assert asked.headers["X-GitHub-Api-Version"] == "2022-11-28"
    assert asked.headers["User-Agent"] == f"erpsync/{__version__}"
    assert asked.headers["Authorization"] == f"Bearer {JOB_TOKEN}"


@pytest.mark.parametrize(
    "fault", [html(502), html(503), html(504), Answer(broken=0), Answer(broken=3, body=b"12345")]
)
def test_a_read_that_failed_on_the_way_is_tried_again_after_a_longer_wait_each_time(
    forge: GitHub, server: GitHubServer, time: FakeTime, number: int, fault: Answer
) -> None:
    server.faults = [Fault(fault), Fault(fault), Fault(fault)]
    assert forge.pull_request(number).head == HEAD
    assert time.waits == [0.5, 1.0, 2.0]


def test_a_read_that_keeps_failing_is_given_up(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.faults = [Fault(html(502))] * 10
    with pytest.raises(ForgeError, match=r"GitHub cannot read pull request 1 now \(error 502\)") as caught:
        forge.pull_request(number)
    assert len(server.requests) == 4
    assert caught.value.where == "github huaxin/access"
    assert caught.value.hint


def test_no_attempt_begins_after_the_time_for_one_call(
    server: GitHubServer, clocks: Clocks, time: FakeTime, number: int
) -> None:
    server.faults = [Fault(html(502))] * 10
    slow = replace(clocks, jitter=lambda: 300.0)
    with (
        connect_github(server.state.name, JOB_TOKEN, server.url, slow) as forge,
        pytest.raises(ForgeError, match=r"\(error 502\)"),
    ):
        forge.pull_request(number)
    assert time.waits == [150.0]


def test_an_error_of_github_that_repeating_does_not_mend_is_told_at_once(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.faults = [Fault(html(500))]
    with pytest.raises(ForgeError, match=r"\(error 500\)"):
        forge.pull_request(number)
    assert len(server.requests) == 1


def test_nobody_there_is_told_without_the_words_of_the_library(clocks: Clocks) -> None:
    with GitHubServer() as gone:
        url = gone.url
    with (
        connect_github("huaxin/access", JOB_TOKEN, url, clocks) as forge,
        pytest.raises(ForgeError, match="cannot reach GitHub: no whole answer came") as caught,
    ):
        forge.pull_request(1)
    assert caught.value.__cause__ is None
    assert "HTTPConnection" not in str(caught.value)


# --- rate limits


def test_a_used_up_limit_that_is_soon_renewed_is_waited_for(
    forge: GitHub, server: GitHubServer, time: FakeTime, number: int
) -> None:
    reset = epoch(NOON + timedelta(seconds=30))
    limit = problem(403, "API rate limit exceeded", X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
    server.faults = [Fault(limit)]
    assert forge.pull_request(number).head == HEAD
    assert time.waits == [31.0]


def test_a_used_up_limit_that_is_renewed_late_says_when(
    forge: GitHub, server: GitHubServer, time: FakeTime, number: int
) -> None:
    renewed = NOON + timedelta(minutes=40)
    limit = problem(
        429, "API rate limit exceeded", X_RateLimit_Remaining="0", X_RateLimit_Reset=epoch(renewed)
    )
    server.faults = [Fault(limit)]
    with pytest.raises(ForgeError, match="rate limit is used up until 2026-11-02 12:40:01 UTC") as caught:
        forge.pull_request(number)
    assert caught.value.hint == "run this again after that"
    assert time.waits == []


@pytest.mark.parametrize("status", [403, 429])
def test_a_request_to_slow_down_is_waited_for_also_by_a_write(
    forge: GitHub, server: GitHubServer, time: FakeTime, number: int, status: int
) -> None:
    limit = problem(status, "You have exceeded a secondary rate limit", Retry_After="20")
    server.faults = [Fault(limit, "POST")]
    forge.put_comment(number, "<!-- plan -->", "3 changes")
    assert len(server.state.comments[number]) == 1
    assert time.waits == [20.0]


def test_a_request_to_slow_down_that_names_no_time_is_one_for_a_minute(
    forge: GitHub, server: GitHubServer, time: FakeTime, number: int
) -> None:
    server.faults = [Fault(problem(403, "You have exceeded a secondary rate limit. Please wait"))]
    forge.pull_request(number)
    assert time.waits == [60.0]


def test_a_request_to_slow_down_for_long_says_until_when(
    forge: GitHub, server: GitHubServer, time: FakeTime, number: int
) -> None:
    server.faults = [Fault(problem(403, "secondary rate limit", Retry_After="121"))]
    with pytest.raises(ForgeError, match="GitHub asks to slow down until 2026-11-02 12:02:01 UTC"):
        forge.pull_request(number)
    assert time.waits == []


def test_waiting_comes_to_an_end(forge: GitHub, server: GitHubServer, time: FakeTime, number: int) -> None:
    server.faults = [Fault(problem(429, "secondary rate limit", Retry_After="119"))] * 10
    with pytest.raises(ForgeError, match="GitHub asks to slow down until"):
        forge.pull_request(number)
    # A third wait would end after the time for one call.
    assert time.waits == [119.0, 119.0]


def test_attempts_end_also_where_each_asks_for_little(
    forge: GitHub, server: GitHubServer, time: FakeTime, number: int
) -> None:
    server.faults = [Fault(problem(429, "secondary rate limit", Retry_After="1"))] * 10
    with pytest.raises(ForgeError, match="GitHub asks to slow down until"):
        forge.pull_request(number)
    assert time.waits == [1.0, 1.0, 1.0]


# --- refusals


def test_a_token_that_is_not_accepted(server: GitHubServer, clocks: Clocks, number: int) -> None:
    with (
        connect_github(server.state.name, "ghs_expired", server.url, clocks) as forge,
        pytest.raises(ForgeError, match="GitHub does not accept the token: Bad credentials") as caught,
    ):
        forge.pull_request(number)
    assert "GITHUB_TOKEN" in str(caught.value.hint)


def test_a_permission_that_the_job_lacks(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.tokens[JOB_TOKEN] = Token("github-actions[bot]", {"pull-requests": "read"})
    with pytest.raises(ForgeError, match="the token may not set the status of a commit") as caught:
        forge.set_status(HEAD, "erpsync/approvals", CheckState.SUCCESS, "")
    assert "`statuses: write`" in str(caught.value.hint)


def test_a_private_repository_hides_what_the_token_may_not_see(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.tokens[JOB_TOKEN] = Token("github-actions[bot]", {})
    with pytest.raises(ForgeError, match="does not exist, or the token may not see it") as caught:
        forge.reviews(number)
    assert "`pull-requests: read`" in str(caught.value.hint)


def test_a_refusal_tells_every_detail(forge: GitHub, server: GitHubServer) -> None:
    server.faults = [Fault(problem(422, "Validation Failed", "head is bad", "base is bad"), "POST")]
    with pytest.raises(ForgeError, match="Validation Failed; head is bad; base is bad"):
        forge.open_pull_request("change", "main", "Title", "")


@pytest.mark.parametrize(
    "body", [b"<html>secret", b"[" * 100_000, b"[]", b'{"errors": 7}', b'{"message": 7}']
)
def test_a_refusal_without_words_is_told_in_ours(
    forge: GitHub, server: GitHubServer, number: int, body: bytes
) -> None:
    server.faults = [Fault(Answer(403, body))]
    with pytest.raises(ForgeError) as caught:
        forge.pull_request(number)
    assert caught.value.message == "the token may not read pull request 1"


@pytest.mark.parametrize("body", [b"<html>", b"", b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_no_json_is_an_error(
    forge: GitHub, server: GitHubServer, number: int, body: bytes
) -> None:
    server.faults = [Fault(Answer(200, body))]
    with pytest.raises(ForgeError, match="GitHub's answer lacks JSON"):
        forge.pull_request(number)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 429, 500, 502])
def test_the_token_is_never_in_an_error_even_if_github_quotes_it(
    server: GitHubServer, clocks: Clocks, number: int, status: int
) -> None:
    # Nothing in its form tells that it is a token.
    token = "open-sesame"
    server.faults = [Fault(problem(status, f"bad {token}\n\x1b[31m", f"so {token}"))] * 4
    with (
        connect_github(server.state.name, token, server.url, clocks) as forge,
        pytest.raises(ForgeError) as caught,
    ):
        forge.pull_request(number)
    assert token not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert token not in repr((forge, vars(forge)))
