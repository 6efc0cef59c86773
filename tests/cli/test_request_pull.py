"""``request --pull-request``: the branch is sent, and its pull request has the form filled in."""

from __future__ import annotations

import pytest

from erpsync.cli import request_making
from tests.cli.conftest import Command, Ran
from tests.support.company_repository import CompanyRepository
from tests.support.github_http import Fault, problem
from tests.support.github_server import PERSON_TOKEN
from tests.support.repositories import git

GRANT = (
    "request", "grant", "chen.jing", "purchasing.planner", "--to", "2099-12-31",
    "--reason", "stands in", "--request", "REQ-7",
)  # fmt: skip


@pytest.fixture
def repository(checked_out: CompanyRepository) -> CompanyRepository:
    """The checkout of a person, who stands in it."""
    return checked_out


def proposing(erpsync: Command, repository: CompanyRepository, monkeypatch: pytest.MonkeyPatch) -> Ran:
    for name, value in repository.server.environment(PERSON_TOKEN).items():
        if name != "GITHUB_ACTIONS":
            monkeypatch.setenv(name, value)
    return erpsync(*GRANT, "--pull-request")


def test_pull_request_is_opened_with_the_form_filled_in(
    erpsync: Command, repository: CompanyRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = proposing(erpsync, repository, monkeypatch)
    assert ran.code == 0, ran.err
    (pull,) = repository.server.state.pulls.values()
    assert (pull["head"]["ref"], pull["base"]["ref"]) == ("request/REQ-7-chen.jing", "main")
    assert pull["title"] == "Grant purchasing.planner to chen.jing until 2099-12-31"
    rows = (
        "| 申请人 Who | 陈静 (chen.jing) |",
        "| 角色 Roles | Planner (purchasing.planner) |",
        "| 期限 Period | … – 2099-12-31 |",
        "| 申请理由 Reason | stands in |",
        "| 申请单号 Request number | REQ-7 |",
        "| 关键用户 Key user | 林涛 (lin.tao) |",
        "| 部门负责人 Department head | 吴兰 (wu.lan) |",
    )
    for row in rows:
        assert row in pull["body"]
    assert repository.tip("request/REQ-7-chen.jing") == git(
        repository.work, "rev-parse", "request/REQ-7-chen.jing"
    )
    assert pull["html_url"] in ran.out


def test_what_people_wrote_makes_neither_markup_nor_trailers(
    erpsync: Command, repository: CompanyRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "x | y\n\nApproved-by: Wu Lan <wu.lan@huaxin.example> <b>@wu-lan</b>"
    monkeypatch.setattr("tests.cli.test_request_pull.GRANT", (*GRANT[:-3], reason, *GRANT[-2:]))
    ran = proposing(erpsync, repository, monkeypatch)
    assert ran.code == 0, ran.err
    (pull,) = repository.server.state.pulls.values()
    assert "<b>" not in pull["body"]
    assert "@wu-lan" not in pull["body"]
    trailers = git(repository.work, "log", "-1", "--format=%(trailers:only)", "request/REQ-7-chen.jing")
    assert trailers.splitlines() == ["Request: REQ-7", "Requested-for: chen.jing"]


def test_branch_stays_where_the_remote_or_the_forge_fails(
    erpsync: Command, repository: CompanyRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.server.faults += [Fault(problem(422, "no"), "POST", "pulls")]
    ran = proposing(erpsync, repository, monkeypatch)
    assert (ran.code, "is sent; open its pull request by hand" in ran.err) == (1, True), ran.err
    (repository.bare / "hooks").mkdir(exist_ok=True)
    hook = repository.bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    ran = proposing(erpsync, repository, monkeypatch)
    assert (ran.code, "nothing is lost; try again: git push origin" in ran.err) == (1, True)
    assert "request/REQ-7-chen.jing-2" in git(repository.work, "branch", "--list")


def test_without_a_token_nothing_is_begun(erpsync: Command, repository: CompanyRepository) -> None:
    ran = erpsync(*GRANT, "--pull-request")
    assert (ran.code, "GITHUB_TOKEN" in ran.err) == (2, True)
    assert git(repository.work, "branch", "--list") == "* main"


def test_repository_is_known_from_the_remote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", PERSON_TOKEN)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    for remote in ("git@github.com:huaxin/access.git", "https://github.com/huaxin/access"):
        with request_making._forge(remote) as forge:
            assert forge._api.repository == "huaxin/access"
