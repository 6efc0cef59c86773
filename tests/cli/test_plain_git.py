"""Approvals and applies where there is no forge: signed commits say who approved."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from erpsync.cli.main import run
from tests.cli.conftest import Command, Ran
from tests.support.company_repository import ORGANISATION, PEOPLE, SETTINGS, chen, planner
from tests.support.memory import MemoryErp
from tests.support.repositories import git
from tests.support.signing import Signer, make_signer

NAMES = ("chen.jing", "wu.lan", "lin.tao")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Signer]:
    folder = tmp_path_factory.mktemp("keys")
    return {name: make_signer(folder, name) for name in NAMES}


@dataclass(frozen=True)
class Company:
    """A checkout whose main line is on a bare remote, and whose people sign."""

    path: Path
    keys: dict[str, Signer]
    command: Command

    def propose(self, by: str = "chen.jing") -> None:
        """A signed change that makes Chen Jing a planner, on a branch that is checked out."""
        git(self.path, "checkout", "-q", "-b", "proposal")
        (self.path / "access" / "buyers.yaml").write_text(_signing(planner()), encoding="utf-8")
        self.keys[by].commit(self.path, "Chen Jing plans")

    def approve(self, *people: str) -> None:
        for name in people:
            self.keys[name].approve(self.path)

    def merge(self) -> str:
        git(self.path, "checkout", "-q", "main")
        merge = self.keys["lin.tao"].git(self.path, "merge", "-q", "-S", "--no-ff", "-m", "Plan", "proposal")
        git(self.path, "push", "-q", "origin", "main")
        return merge

    def approvals(self) -> Ran:
        return self.command("approvals", "--access", self.path / "access")

    def apply(self, *options: object) -> Ran:
        return self.command("ci", "apply", "--access", self.path / "access", *options)


@pytest.fixture
def company(
    tmp_path: Path,
    keys: dict[str, Signer],
    erpsync: Command,
    memory: MemoryErp,
    monkeypatch: pytest.MonkeyPatch,
) -> Company:
    for name in ("GITHUB_ACTIONS", "GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    bare, path = tmp_path / "origin.git", tmp_path / "company"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(bare))
    git(tmp_path, "init", "-q", "-b", "main", str(path))
    git(path, "remote", "add", "origin", str(bare))
    access = path / "access"
    access.mkdir()
    (access / "erpsync.yaml").write_text(SETTINGS.format(url="http://127.0.0.1:9/"), encoding="utf-8")
    (access / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
    (access / "people.yaml").write_text(_signing(PEOPLE), encoding="utf-8")
    (access / "buyers.yaml").write_text(_signing(chen()), encoding="utf-8")
    (path / ".allowed_signers").write_text("".join(keys[name].allowed for name in NAMES), encoding="ascii")
    keys["wu.lan"].commit(path, "Begin")
    git(path, "push", "-q", "origin", "main")
    return Company(path, keys, erpsync)


def _signing(people: str) -> str:
    """The same people with the names that sign, in place of handles of GitHub."""
    return re.sub(r"github: (\w+)-(\w+)", r"git: \1.\2", people)


def test_approvals_that_are_missing_are_told(company: Company) -> None:
    company.propose()
    ran = company.approvals()
    assert ran.code == 4
    assert "missing key user of materials: ask lin.tao (林涛)" in ran.out


def test_signed_approvals_count(company: Company) -> None:
    company.propose()
    company.approve("wu.lan", "lin.tao")
    ran = company.approvals()
    assert (ran.code, ran.err) == (0, "")
    assert "given   key user of materials: lin.tao (林涛) on " in ran.out


def test_the_printed_comment_counts_signed_approvals(company: Company) -> None:
    company.propose()
    company.approve("wu.lan", "lin.tao")
    ran = company.command("ci", "plan", "--access", company.path / "access")
    assert ran.code == 0
    assert re.search(r"#### Approvals: (\d+) of \1 given", ran.out)


def test_nobody_approves_what_he_signed(company: Company) -> None:
    company.propose(by="lin.tao")
    company.approve("lin.tao")
    ran = company.approvals()
    assert ran.code == 4
    assert "missing key user of materials" in ran.out


def test_approvals_are_not_told_of_files_that_are_not_committed(company: Company) -> None:
    company.propose()
    company.approve("wu.lan", "lin.tao")
    (company.path / "access" / "buyers.yaml").write_text(_signing(chen()), encoding="utf-8")
    assert company.approvals().code == 4
    assert company.approvals().out == ""


def test_repository_without_signers_asks_for_the_approvals_alone(company: Company) -> None:
    git(company.path, "rm", "-q", ".allowed_signers")
    git(company.path, "commit", "-q", "-m", "Nobody signs")
    company.propose()
    company.approve("wu.lan", "lin.tao")
    assert company.approvals().code == 4


@pytest.fixture
def begun(company: Company, tmp_path: Path) -> Path:
    """The plan that reviewers saw, of a change that follows on what was applied."""
    assert run(["ci", "apply", "--access", str(company.path / "access"), "--drift", "revert"]) == 0
    company.propose()
    plan = tmp_path / "plan.json"
    assert run(["plan", "--access", str(company.path / "access"), "-o", str(plan)]) == 0
    return plan


def test_merge_that_was_approved_is_applied_and_its_evidence_kept(
    company: Company, begun: Path, memory: MemoryErp, own_state: Path
) -> None:
    company.approve("wu.lan", "lin.tao")
    merge = company.merge()
    ran = company.apply("--approved", begun)
    assert ran.code == 0, ran.err
    assert {grant.entitlement for grant in memory.accounts["chen.jing"].grants} == {"Buyer", "Planner"}
    lines = (own_state / "journal" / "erp.jsonl").read_text(encoding="utf-8").splitlines()
    (found,) = [entry for entry in map(json.loads, lines) if entry["event"] == "begin"][-1]["approved"]
    assert (found["commit"], found["pull_request"], found["url"]) == (merge, None, None)
    assert (found["author"], found["merged_by"]) == ("chen.jing", "lin.tao")
    assert [approval["user"] for approval in found["approvals"]] == ["lin.tao", "wu.lan"]


def test_merge_that_lacks_an_approval_is_refused(company: Company, begun: Path, memory: MemoryErp) -> None:
    company.approve("wu.lan")
    merge = company.merge()
    ran = company.apply("--approved", begun)
    assert ran.code == 4
    assert f"commit {merge[:12]}: key user of materials: ask lin.tao" in ran.err
    assert {grant.entitlement for grant in memory.accounts["chen.jing"].grants} == {"Buyer"}
