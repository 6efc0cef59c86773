"""Where requests to GitHub go: addresses, pages, redirects, and what is remembered of them."""

from __future__ import annotations

import pytest

from erpsync.forge import github_api
from erpsync.forge.base import ForgeError
from erpsync.forge.github import GitHub, connect_github, github_from_environment
from erpsync.forge.github_calls import Clocks
from tests.support.github_http import Fault
from tests.support.github_server import JOB_TOKEN, GitHubServer
from tests.support.github_state import commit
from tests.support.http_server import Answer

HEAD = commit("head")
PLAN = "<!-- plan -->"


@pytest.fixture
def number(server: GitHubServer) -> int:
    """A pull request."""
    return server.state.open_pull_request("chenjing", HEAD)


def test_the_environment_of_a_job_is_enough(server: GitHubServer, number: int) -> None:
    forge = github_from_environment(server.environment())
    assert forge is not None
    with forge:
        assert forge.pull_request(number).head == HEAD


def test_without_an_address_it_is_that_of_github() -> None:
    with connect_github("huaxin/access", JOB_TOKEN) as forge:
        assert forge._api.url == "https://api.github.com"


@pytest.mark.parametrize("missing", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_without_a_token_or_a_repository_there_is_no_forge(missing: str) -> None:
    job = {"GITHUB_TOKEN": JOB_TOKEN, "GITHUB_REPOSITORY": "huaxin/access"}
    assert github_from_environment(job | {missing: " "}) is None
    assert github_from_environment({key: value for key, value in job.items() if key != missing}) is None


def test_an_enterprise_server_has_its_own_address(clocks: Clocks) -> None:
    with GitHubServer("/api/v3") as server:
        number = server.state.open_pull_request("chenjing", HEAD)
        with connect_github("huaxin/access", JOB_TOKEN, f"{server.url}/", clocks) as forge:
            assert forge.pull_request(number).head == HEAD
            # The owner of the token is found by GraphQL, beside the REST API.
            server.state.comment(number, "wulan", PLAN)
            forge.put_comment(number, PLAN, f"{PLAN} 1")
            forge.put_comment(number, PLAN, f"{PLAN} 2")
        assert [one["body"] for one in server.state.comments[number]] == [PLAN, f"{PLAN} 2"]
        assert [asked.path for asked in server.sent("POST", "graphql")] == ["/api/graphql"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://github.huaxin.example/api/v3", "would send the token unencrypted"),
        ("https://somebody:secret@github.huaxin.example", "holds a username or a password"),
        ("github.huaxin.example", "is not an address"),
        ("https://github.huaxin.example/?token=secret", "goes on after its path"),
    ],
)
def test_an_address_that_is_none_or_not_safe_is_refused(url: str, said: str) -> None:
    with pytest.raises(ForgeError, match=said) as caught:
        connect_github("huaxin/access", JOB_TOKEN, url)
    assert "GITHUB_API_URL" in str(caught.value.hint)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["access", "huaxin/access/x", "huaxin/..", "huaxin/a?b", "", "华/x", "huaxin/x\n"]
)
def test_a_repository_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ForgeError, match="the repository is not OWNER/NAME"):
        connect_github(name, JOB_TOKEN)


@pytest.mark.parametrize("token", ["", "two words", "令牌", "ghs_1\nHost: elsewhere"])
def test_a_token_that_is_none_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ForgeError, match="the token holds a character that no token has") as caught:
        connect_github("huaxin/access", token)
    assert not token or token not in str(caught.value)


def test_a_netrc_file_does_not_take_the_place_of_the_token(
    forge: GitHub,
    server: GitHubServer,
    number: int,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    forge.pull_request(number)
    assert server.requests[0].headers["Authorization"] == f"Bearer {JOB_TOKEN}"


def test_no_proxy_gets_to_see_what_stays_on_this_machine(
    forge: GitHub, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    assert forge.pull_request(number).head == HEAD


def test_what_did_not_change_is_answered_from_memory(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.state.review(number, "wulan")
    first = forge.reviews(number)
    assert forge.reviews(number) == first
    again = server.requests[-1]
    assert again.headers["If-None-Match"].startswith('W/"')


def test_what_changed_is_read_anew(forge: GitHub, server: GitHubServer, number: int) -> None:
    assert forge.pull_request(number).head == HEAD
    server.state.push(number, commit("forced"))
    assert forge.pull_request(number).head == commit("forced")


def test_an_answer_that_says_nothing_changed_though_nobody_asked_is_an_error(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    server.faults = [Fault(Answer(304))]
    with pytest.raises(ForgeError, match="which is not followed here"):
        forge.pull_request(number)


def test_a_repository_that_was_renamed_is_read_where_it_is_now(
    forge: GitHub, server: GitHubServer, number: int
) -> None:
    moved = f"{server.url}/repos/huaxin/access/pulls/{number}?moved"
    server.faults = [Fault(Answer(301, headers={"Location": moved}))]
    assert forge.pull_request(number).head == HEAD
    assert server.requests[-1].path.endswith("?moved")


@pytest.mark.parametrize(
    "there",
    [
        "https://elsewhere.example/?secret",
        "http://127.0.0.1:1/secret",
        "//elsewhere/secret",
        "http://[secret",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(
    forge: GitHub, server: GitHubServer, number: int, there: str, status: int
) -> None:
    server.faults = [Fault(Answer(status, headers={"Location": there}))]
    with pytest.raises(ForgeError, match="leads to another host, which is not followed") as caught:
        forge.pull_request(number)
    assert "secret" not in str(caught.value)
    assert len(server.requests) == 1


def test_redirects_come_to_an_end(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.faults = [Fault(Answer(302))] * 10
    with pytest.raises(ForgeError, match="cannot read pull request 1: GitHub redirects"):
        forge.pull_request(number)
    assert len(server.requests) == 3


def test_a_write_is_never_redirected(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.faults = [Fault(Answer(307, headers={"Location": server.url}), "POST")]
    with pytest.raises(ForgeError, match="cannot write comments: GitHub redirects"):
        forge.put_comment(number, PLAN, "3 changes")
    assert len(server.sent("POST")) == 1


@pytest.mark.parametrize(
    "next_", ["https://elsewhere.example/page2", "http://127.0.0.1:1/page2", "http://[page2"]
)
def test_a_next_page_on_another_host_is_not_asked_for(
    forge: GitHub, server: GitHubServer, number: int, next_: str
) -> None:
    server.faults = [Fault(Answer(body=b"[]", headers={"Link": f'<{next_}>; rel="next"'}))]
    with pytest.raises(ForgeError, match="leads to another host"):
        forge.reviews(number)
    assert len(server.requests) == 1


def test_pages_without_an_end_are_given_up(
    forge: GitHub, server: GitHubServer, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_api, "PAGES", 5)
    here = f"{server.url}/repos/huaxin/access/pulls/{number}/reviews"
    server.faults = [Fault(Answer(body=b"[]", headers={"Link": f'<{here}>; rel="next"'}))] * 9
    with pytest.raises(ForgeError, match="cannot read the reviews of pull request 1: the list does not end"):
        forge.reviews(number)
    assert len(server.requests) == 5


def test_a_link_that_cannot_be_read_ends_the_list(forge: GitHub, server: GitHubServer, number: int) -> None:
    server.faults = [Fault(Answer(body=b"[]", headers={"Link": "nonsense; rel"}))]
    assert forge.reviews(number) == []
