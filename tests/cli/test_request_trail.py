"""What a request writes into its commit the trail reads, also for roles without a request of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.company_repository import CompanyRepository
from tests.support.github_server import GitHubServer
from tests.support.repositories import git


@pytest.mark.parametrize("merged", [True, False])
def test_role_of_a_new_position_is_traced_to_the_request(
    erpsync: Command,
    tmp_path: Path,
    github_server: GitHubServer,
    monkeypatch: pytest.MonkeyPatch,
    merged: bool,
) -> None:
    repository = CompanyRepository(tmp_path, github_server)
    repository.begin()
    work = repository.work
    monkeypatch.chdir(work)
    for name in ("GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    git(work, "config", "user.name", "Lin Tao")
    git(work, "config", "user.email", "lin.tao@huaxin.example")
    arguments = (
        "--position",
        "buyer",
        "--reason",
        "buys",
        "--request",
        "REQ-77",
        "--branch",
        "b",
        "--offline",
    )
    assert erpsync("request", "move", "lin.tao", *arguments).code == 0
    options = ("--no-ff", "-m", "Merge pull request #3 from huaxin/b") if merged else ("--ff-only",)
    git(work, "merge", "-q", *options, "b")

    ran = erpsync("trail", "lin.tao", "--access", "access")

    assert "purchasing.buyer" in ran.out
    assert "REQ-77" in ran.out
