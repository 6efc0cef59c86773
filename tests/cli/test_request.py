"""``request``: a commit on a branch of its own, the work tree untouched, nothing lost whatever happens."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from erpsync.access import validate
from tests.cli.conftest import Command
from tests.support.company_repository import BUYERS, CompanyRepository
from tests.support.repositories import git

WHY = ("--reason", "stands in", "--request", "REQ-7")
GRANT = ("request", "grant", "chen.jing", "purchasing.planner", "--to", "2099-12-31", *WHY)


@pytest.fixture
def repository(checked_out: CompanyRepository) -> CompanyRepository:
    """The checkout of a person, who stands in it."""
    return checked_out


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A terminal at which somebody types these lines; what is not answered ends as by Ctrl-C."""
    lines: list[str] = []

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def readline(self, size: int = -1, /) -> str:  # type: ignore[override]  # typeshed has bytes of a base
            if not lines or lines[0] == "^C":
                raise KeyboardInterrupt
            return lines.pop(0) + "\n"

    monkeypatch.setattr("sys.stdin", Terminal())
    yield lines
    assert lines in ([], ["^C"])


def state(repository: CompanyRepository) -> dict[str, object]:
    """Everything of the checkout that a request must leave alone."""
    work = repository.work
    files = {
        path: path.read_bytes()
        for path in sorted(work.rglob("*"))
        if path.is_file() and ".git" not in path.parts
    }
    return {
        "files": files,
        "head": git(work, "rev-parse", "HEAD"),
        "branch": git(work, "branch", "--show-current"),
        "status": git(work, "status", "--porcelain"),
        "branches": git(work, "branch", "--list"),
    }


def blob(repository: CompanyRepository, branch: str, path: str = BUYERS) -> str:
    return git(repository.work, "show", f"{branch}:{path}")


# --- the commit -------------------------------------------------------------------------------------


def test_request_is_a_commit_on_a_branch_and_the_checkout_stays(
    erpsync: Command, repository: CompanyRepository
) -> None:
    before = state(repository)
    ran = erpsync(*GRANT)
    assert ran.code == 0, ran.err
    after = state(repository)
    assert after | {"branches": before["branches"]} == before
    assert "request/REQ-7-chen.jing" in str(after["branches"])
    assert "+ purchasing.planner (Planner), high risk, by assignment, until 2099-12-31: stands in" in ran.out
    assert "missing key user of materials: ask lin.tao" in ran.out
    assert "was not asked here" in ran.err
    added = "{role: purchasing.planner, valid_to: 2099-12-31, reason: stands in, request: REQ-7}"
    assert added in blob(repository, "request/REQ-7-chen.jing")
    message = git(repository.work, "log", "-1", "--format=%an%n%B", "request/REQ-7-chen.jing").splitlines()
    assert message == [
        "Lin Tao", "Grant purchasing.planner to chen.jing until 2099-12-31", "", "stands in", "",
        "Request: REQ-7", "Requested-for: chen.jing",
    ]  # fmt: skip


def test_only_the_entry_changes_and_reverting_gives_the_bytes_back(
    erpsync: Command, repository: CompanyRepository
) -> None:
    assert erpsync(*GRANT).code == 0
    work = repository.work
    before = blob(repository, "main")
    git(work, "checkout", "-q", "request/REQ-7-chen.jing")
    assert git(work, "diff", "--name-only", "main") == BUYERS
    git(work, "revert", "--no-edit", "HEAD")
    assert blob(repository, "HEAD") == before


def test_what_lies_uncommitted_is_neither_lost_nor_taken_along(
    erpsync: Command, repository: CompanyRepository
) -> None:
    dirty = repository.work / BUYERS
    dirty.write_text("users: {}\n# half done\n", encoding="utf-8")
    (repository.work / "notes.txt").write_text("mine", encoding="utf-8")
    git(repository.work, "add", "notes.txt")
    ran = erpsync(*GRANT)
    assert (ran.code, "no part of it" in ran.err) == (0, True)
    assert dirty.read_text(encoding="utf-8") == "users: {}\n# half done\n"
    assert git(repository.work, "diff", "--cached", "--name-only") == "notes.txt"
    assert "half done" not in blob(repository, "request/REQ-7-chen.jing")
    assert git(repository.work, "diff", "--name-only", "main", "request/REQ-7-chen.jing") == BUYERS


def test_several_requests_may_share_a_branch(erpsync: Command, repository: CompanyRepository) -> None:
    assert erpsync(*GRANT, "--branch", "july").code == 0
    assert erpsync("request", "lock", "lin.tao", *WHY, "--branch", "july").code == 0
    assert git(repository.work, "rev-list", "--count", "main..july") == "2"
    assert "purchasing.planner" in blob(repository, "july")
    assert "status: locked" in blob(repository, "july", "access/users/people.yaml")


def test_any_sequence_of_requests_is_undone_by_reverting_it(
    erpsync: Command, repository: CompanyRepository
) -> None:
    on = (*WHY, "--branch", "b", "--offline")
    for arguments in (
        ("grant", "chen.jing", "planner", "--to", "2099-12-31"),
        ("move", "lin.tao", "--position", "buyer"),
        ("join", "--name", "王小明", "--position", "buyer"),
        ("temporary", "--name", "张工", "--owner", "wu.lan", "--purpose", "helps", "--to", "2099-01-01"),
        ("revoke", "chen.jing", "planner"),
        ("leave", "chen.jing", "--on", "2020-01-01"),
        ("lock", "wang.xiaoming"),
    ):
        ran = erpsync("request", *arguments, *on)
        assert ran.code == 0, ran.err
    git(repository.work, "checkout", "-q", "b")
    assert git(repository.work, "rev-list", "--count", "main..b") == "7"
    git(repository.work, "revert", "--no-edit", "main..b")
    assert git(repository.work, "diff", "main", "b") == ""


def test_second_request_of_a_number_gets_a_branch_of_its_own(
    erpsync: Command, repository: CompanyRepository
) -> None:
    assert erpsync(*GRANT).code == erpsync(*GRANT).code == 0
    assert "request/REQ-7-chen.jing-2" in git(repository.work, "branch", "--list")


def test_branch_that_is_checked_out_is_left_alone(erpsync: Command, repository: CompanyRepository) -> None:
    ran = erpsync(*GRANT, "--branch", "main")
    assert (ran.code, "is checked out" in ran.err) == (4, True)
    assert erpsync(*GRANT, "--branch", "no good").code == 2


def test_files_here_change_where_asked_for(erpsync: Command, repository: CompanyRepository) -> None:
    assert erpsync(*GRANT, "--work-tree").code == 0
    assert "purchasing.planner" in repository.read(BUYERS)
    assert not validate(Path("access")).errors
    assert git(repository.work, "branch", "--list") == "* main"


def test_plan_is_shown_where_the_erp_can_be_asked(
    erpsync: Command, repository: CompanyRepository, live_file: Path
) -> None:
    ran = erpsync(*GRANT, "--live", live_file)
    assert ran.code == 0, ran.err
    assert "+ grant Planner" in ran.out
    assert "wu.lan" not in ran.out.partition("Plan for")[2]


# --- every verb -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("lock", "陈静"), "active → locked"),
        (("leave", "chenjing", "--on", "2020-01-01"), "active → left"),
        (("leave", "chenjing", "--on", "2099-01-01"), "until 2099-01-01"),
        (("join", "--name", "王小明", "--position", "Buyer", "--scope", "company=all"), "wang.xiaoming join"),
        (("temporary", "--name", "张工", "--owner", "wulan", "--purpose", "helps", "--to", "2099-01-01",
          "--role", "Planner"), "zhang.gong joins"),
        (("move", "林涛", "--position", "buyer"), "purchasing.buyer (Buyer)"),
    ],
)  # fmt: skip
def test_each_verb_makes_valid_files(
    erpsync: Command, repository: CompanyRepository, arguments: tuple[str, ...], told: str
) -> None:
    ran = erpsync("request", *arguments, *WHY, "--branch", "b")
    assert ran.code == 0, ran.err
    assert told in ran.out
    git(repository.work, "checkout", "-q", "b")
    assert not validate(Path("access")).errors


def test_granted_role_is_extended_revoked_and_gone(erpsync: Command, repository: CompanyRepository) -> None:
    before = blob(repository, "main")
    on = (*WHY, "--branch", "b")
    assert erpsync(*GRANT, "--branch", "b").code == 0
    assert erpsync("request", "extend", "chen.jing", "Planner", "--to", "2099-12-31", *on).code == 2
    ran = erpsync("request", "extend", "chen.jing", "Planner", "--to", "3 months", *on)
    assert "2100-03-31" in ran.out, ran.err
    assert erpsync("request", "revoke", "chen.jing", "Planner", *on).code == 0
    assert blob(repository, "b") == before


def test_unlock_follows_lock(erpsync: Command, repository: CompanyRepository) -> None:
    assert erpsync("request", "lock", "lin.tao", *WHY, "--branch", "b").code == 0
    assert erpsync("request", "unlock", "lin.tao", *WHY, "--branch", "b").code == 0
    assert erpsync("request", "unlock", "lin.tao", *WHY, "--branch", "b").code == 2


# --- without a terminal nothing is asked --------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("grant",), "USER is missing"),
        (("grant", "", ""), "Give it as USER"),
        (("grant", "chen.jing"), "ROLE is missing"),
        (("grant", "chen.jing", "planner"), "--reason is missing"),
        (("grant", "nobody", "planner"), "no user 'nobody'"),
        (("grant", "jing", "planner", *WHY), "2 users fit 'jing'"),
        (("grant", "chen.jing", "plannr", *WHY), "did you mean"),
        (("grant", "chen.jing", "planner", "--to", "soon", *WHY), "'soon' is no day"),
        (("join", "--name", "x"), "Say it with --position"),
        (("join", "--name", "007", "--position", "buyer", *WHY), "KEY is missing"),
        (("join", "a", "--name", "x", "--position", "buyer", "--scope", "all", *WHY), "is no scope"),
        (("temporary", "--name", "x"), "--owner is missing"),
        (("move", "chen.jing", "--position", "boss"), "no position 'boss'"),
        (("move", "lin.tao", "--position", "buyer", "--since", "2099-01-01", *WHY), "merge it on that day"),
        (("extend", "chen.jing", *WHY), "ROLE is missing"),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_made(
    erpsync: Command, repository: CompanyRepository, arguments: tuple[str, ...], words: str
) -> None:
    before = state(repository)
    ran = erpsync("request", *arguments)
    assert (ran.code, words in ran.err) == (2, True), ran.err
    assert state(repository) == before


def test_outside_git_it_says_what_to_do(
    erpsync: Command, tmp_path_factory: pytest.TempPathFactory, repository: CompanyRepository
) -> None:
    import shutil

    there = tmp_path_factory.mktemp("plain") / "access"
    shutil.copytree(repository.work / "access", there)
    ran = erpsync(*GRANT, "--access", there)
    assert (ran.code, "--work-tree" in ran.err) == (2, True)
    assert erpsync(*GRANT, "--access", there, "--work-tree").code == 0


def test_nobody_asks_for_nobody(
    erpsync: Command, repository: CompanyRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository.work, "config", "--unset", "user.email")
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    ran = erpsync(*GRANT)
    assert (ran.code, "git does not know who you are" in ran.err) == (2, True)


def test_conflict_that_the_policy_blocks_is_shown_and_refused(
    erpsync: Command, repository: CompanyRepository
) -> None:
    repository.push({"access/rules.yaml": (
        "functions: {BUY: {title: Buy}, PLAN: {title: Plan}}\n"
        "risks: {X1: {title: Both, level: high, why: can do both, functions: [BUY, PLAN], response: block}}\n"
    ), "access/organisation.yaml": repository.read("access/organisation.yaml").replace(
        "{title: Buyer, subsystem", "{title: Buyer, functions: [BUY], subsystem").replace(
        "{title: Planner, subsystem", "{title: Planner, functions: [PLAN], subsystem")})  # fmt: skip
    before = state(repository)
    ran = erpsync(*GRANT)
    assert (ran.code, "sod/X1" in ran.out) == (4, True), ran.out + ran.err
    assert state(repository) == before


# --- at a terminal ------------------------------------------------------------------------------------


def test_whatever_is_missing_is_asked_for(
    erpsync: Command, repository: CompanyRepository, terminal: list[str]
) -> None:
    terminal += ["jing", "1", "plann", "年底", "", "stands in", "REQ-9", "y"]
    ran = erpsync("request", "grant", "--offline")
    assert ran.code == 0, ran.err
    assert "Which" in ran.err
    assert "reason: stands in, request: REQ-9" in blob(repository, "request/REQ-9-chen.jing")


def test_no_ends_it_and_so_does_ctrl_c_anywhere(
    erpsync: Command, repository: CompanyRepository, terminal: list[str]
) -> None:
    before = state(repository)
    answers = ["chen.jing", "Planner", "", "stands in", "REQ-9"]
    for stop in range(len(answers) + 1):
        terminal[:] = [*answers[:stop], "^C"]
        assert erpsync("request", "grant", "--offline").code == 130
    terminal[:] = [*answers, "n"]
    assert erpsync("request", "grant", "--offline").code == 130
    assert state(repository) == before


def test_roles_are_asked_about_one_by_one_at_a_move(
    erpsync: Command, repository: CompanyRepository, terminal: list[str]
) -> None:
    assert erpsync(*GRANT, "--yes", "--offline", "--branch", "b").code == 0
    terminal += ["n"]
    repository.push({"access/more.yaml": (
        "positions: {lead: {title: Lead, department: purchasing, roles: [purchasing.buyer]}}\n"
    )})  # fmt: skip
    git(repository.work, "branch", "-D", "b")
    assert erpsync(*GRANT, "--yes", "--offline", "--work-tree").code == 0
    git(repository.work, "commit", "-qam", "Grant")
    terminal += ["y"]
    ran = erpsync("request", "move", "chen.jing", "--position", "lead", *WHY, "--offline")
    assert ran.code == 0, ran.err
    assert "- purchasing.planner" in ran.out
    assert json.dumps(ran.err).count("Keep purchasing.planner") == 1
