"""Statuses of commits, and files that jobs keep."""

from __future__ import annotations

import json

import pytest

from erpsync.forge import github_checks
from erpsync.forge.base import CheckState, ForgeError
from erpsync.forge.github import GitHub
from tests.support.github_http import Fault, problem
from tests.support.github_server import JOB_TOKEN, GitHubServer
from tests.support.github_state import commit, zipped
from tests.support.http_server import Answer

HEAD = commit("head")
NAME = "erpsync-plan"


@pytest.mark.parametrize("state", list(CheckState))
def test_a_status_is_set_by_name(forge: GitHub, server: GitHubServer, state: CheckState) -> None:
    forge.set_status(HEAD, "erpsync/approvals", state, "One is missing", "https://ci.example/7")
    status = server.state.latest_status(HEAD, "erpsync/approvals")
    assert status is not None
    assert (status["state"], status["description"]) == (state.value, "One is missing")
    assert status["target_url"] == "https://ci.example/7"


def test_a_status_without_an_address_sends_none(forge: GitHub, server: GitHubServer) -> None:
    forge.set_status(HEAD, "erpsync/approvals", CheckState.SUCCESS, "All are there")
    assert "target_url" not in server.sent("POST")[0].body


@pytest.mark.parametrize(("length", "shown"), [(140, "缺" * 140), (141, "缺" * 139 + "…")])
def test_a_long_summary_is_cut_to_what_github_takes(
    forge: GitHub, server: GitHubServer, length: int, shown: str
) -> None:
    forge.set_status(HEAD, "erpsync/approvals", CheckState.FAILURE, "缺" * length)
    assert server.state.statuses[0]["description"] == shown


def test_a_status_whose_answer_was_lost_is_set_again(forge: GitHub, server: GitHubServer) -> None:
    server.faults = [Fault(Answer(broken=0), "POST", done=True)]
    forge.set_status(HEAD, "erpsync/approvals", CheckState.SUCCESS, "All are there")
    assert len(server.state.statuses) == 2


def test_the_newest_artifact_of_a_commit_and_a_name_is_read(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep(HEAD, NAME, b"old")
    server.state.keep(HEAD, NAME, b"new")
    server.state.keep(commit("other"), NAME, b"of another commit")
    server.state.keep(HEAD, "coverage", b"of another name")
    assert forge.artifact(HEAD, NAME) == b"new"


def test_an_artifact_beyond_the_first_page_is_found(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep(HEAD, NAME, b"the plan")
    for index in range(120):
        server.state.keep(commit(str(index)), NAME, b"of another commit")
    assert forge.artifact(HEAD, NAME) == b"the plan"


def test_there_may_be_no_artifact(forge: GitHub) -> None:
    assert forge.artifact(HEAD, NAME) is None


def test_an_expired_artifact_is_gone(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep(HEAD, NAME, b"the plan", expired=True)
    assert forge.artifact(HEAD, NAME) is None


def test_what_the_job_of_a_fork_kept_does_not_count(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep(HEAD, NAME, b"forged", fork=True)
    assert forge.artifact(HEAD, NAME) is None


def test_an_artifact_of_no_known_repository_does_not_count(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep(HEAD, NAME, b"the plan")
    server.state.artifacts[0]["workflow_run"] |= {"repository_id": None, "head_repository_id": None}
    assert forge.artifact(HEAD, NAME) is None


def test_an_artifact_of_another_name_does_not_count_even_if_github_lists_it(
    forge: GitHub, server: GitHubServer
) -> None:
    server.state.keep(HEAD, "coverage", b"no plan")
    server.faults = [Fault(Answer(body=json.dumps({"artifacts": server.state.artifacts}).encode()))]
    assert forge.artifact(HEAD, NAME) is None


def test_the_host_that_keeps_the_file_does_not_get_the_token(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep(HEAD, NAME, b"the plan")
    forge.artifact(HEAD, NAME)
    (asked,) = server.storage_requests
    assert "Authorization" not in asked.headers
    assert JOB_TOKEN not in str(asked)


def test_an_archive_with_several_files_is_refused(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep_archive(HEAD, NAME, zipped({"a": b"1", "b": b"2"}))
    with pytest.raises(ForgeError, match="the archive holds 2 files instead of one") as caught:
        forge.artifact(HEAD, NAME)
    assert caught.value.where == f"artifact '{NAME}'"


def test_an_archive_that_is_too_large_is_not_read(
    forge: GitHub, server: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_checks, "ARCHIVE_BYTES", 2**10)
    server.state.keep_archive(HEAD, NAME, bytes(2**10 + 1))
    with pytest.raises(ForgeError, match="is larger than"):
        forge.artifact(HEAD, NAME)


@pytest.mark.parametrize(
    "there", ["http://elsewhere.example/7?sig=secret", "", "ftp://127.0.0.1/7?sig=secret"]
)
def test_a_file_is_only_fetched_over_an_encrypted_connection(
    forge: GitHub, server: GitHubServer, there: str
) -> None:
    server.state.keep(HEAD, NAME, b"the plan")
    server.faults = [Fault(Answer(302, headers={"Location": there}), path="/zip")]
    with pytest.raises(ForgeError, match="GitHub's answer lacks the address of the file") as caught:
        forge.artifact(HEAD, NAME)
    assert "secret" not in str(caught.value)


def test_an_address_that_cannot_be_read_is_an_error(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep(HEAD, NAME, b"the plan")
    server.faults = [Fault(Answer(302, headers={"Location": "https://[secret/"}), path="/zip")]
    with pytest.raises(ForgeError, match="its address cannot be read") as caught:
        forge.artifact(HEAD, NAME)
    assert "secret" not in str(caught.value)


def test_an_artifact_that_is_gone_meanwhile_is_an_error(forge: GitHub, server: GitHubServer) -> None:
    server.state.keep(HEAD, NAME, b"the plan")
    server.faults = [Fault(problem(410, "Artifact has expired"), path="/zip")]
    with pytest.raises(ForgeError, match=r"\(error 410\): Artifact has expired"):
        forge.artifact(HEAD, NAME)


def test_a_list_that_is_none_is_an_error(forge: GitHub, server: GitHubServer) -> None:
    server.faults = [Fault(Answer(body=b'{"artifacts": {}}'))]
    with pytest.raises(ForgeError, match="GitHub's answer lacks a list"):
        forge.artifact(HEAD, NAME)
