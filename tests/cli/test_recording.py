"""Carrying out a plan whose journal is shared: ``apply``, ``unlock``, ``rollback`` and ``journal``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from erpsync.cli.recording import Places, carry_out_plan
from erpsync.connectors.base import Edit, Outcome
from erpsync.model import Account
from erpsync.plan import load
from erpsync.run import Run
from tests.cli.conftest import Command, Ran
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import Fault, MemoryErp, broken, interrupted
from tests.support.repositories import BRANCH, Remote, git, make_remote


class Killed(BaseException):
    """Ends a run without leaving it a moment, as kill -9 does."""


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr("time.sleep", lambda _: None)


@pytest.fixture
def remote(company: AccessFiles, memory: MemoryErp, tmp_path: Path) -> Remote:
    """The access files in a checkout with a remote, where journals are shared."""
    settings = company.path / "erpsync.yaml"
    settings.write_text(settings.read_text().replace("settings:\n", "settings:\n  journal: remote\n", 1))
    made = make_remote(tmp_path)
    git(company.path, "init", "-q", "-b", "access")
    git(company.path, "add", ".")
    git(company.path, "commit", "-q", "-m", "Begin")
    git(company.path, "remote", "add", "origin", f"file://{made.bare}")
    git(company.path, "push", "-q", "origin", "access")
    return made


@pytest.fixture
def plan(erpsync: Command, company: AccessFiles, remote: Remote, tmp_path: Path) -> Path:
    """A plan that locks wu.lan and creates chen.jing."""
    file = tmp_path / "plan.json"
    assert erpsync("plan", "--access", company, "-o", file).code == 0
    return file


@pytest.fixture
def other(remote: Remote, tmp_path: Path, plan: Path) -> list[str]:
    """The options of a command on a second machine."""
    checkout = remote.clone("other", "--branch", "access")
    return ["--access", str(checkout), "--state", str(tmp_path / "other-state")]


def events(remote: Remote, run: str = "*") -> list[str]:
    """The events on the branch, of one run or of the only one."""
    found = [text for name, text in remote.files.items() if name.startswith("journal/")]
    if run != "*":
        found = [remote.files[f"journal/erp/{run}.jsonl"]]
    (text,) = found
    return [line.split('"event":"')[1].split('"')[0] for line in text.splitlines()]


# --- apply ----------------------------------------------------------------------------------------


def test_a_run_is_on_the_branch_with_its_plan_and_in_a_file_of_its_own_here(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, own_state: Path
) -> None:
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out, ran.told) == (0, "erp: 2 done\n", "")
    assert set(remote.files) == {f"journal/erp/{ran.run}.jsonl", f"runs/{ran.run}/plan.json"}
    assert events(remote) == ["begin", "intend", "intend", "outcome", "outcome", "end"]
    assert remote.files[f"runs/{ran.run}/plan.json"] == plan.read_text(encoding="utf-8")
    here = own_state / "journal" / "erp" / f"{ran.run}.jsonl"
    assert here.read_text(encoding="utf-8") == remote.files[f"journal/erp/{ran.run}.jsonl"]


def test_beginning_and_intentions_are_on_the_branch_before_the_write(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    known: list[list[str]] = []
    write = memory.apply

    def looking(edits: Sequence[Edit]) -> Iterator[Outcome]:
        known.append(events(remote))
        yield from write(edits)

    memory.apply = looking  # type: ignore[method-assign]
    erpsync("apply", plan, "--access", company)
    assert known == [["begin", "intend", "intend"]]


def test_a_branch_that_cannot_be_reached_lets_nothing_be_written(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    git(company.path, "remote", "set-url", "origin", "http://robot:t0k3n@127.0.0.1:1/access.git")
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (1, "")
    assert "the journal is kept here, but cannot be sent" in ran.err
    assert "t0k3n" not in ran.err
    assert memory.written == []


def test_intentions_that_cannot_be_sent_stop_the_run_before_the_write(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    memory.on_read[memory.reads + 2] = lambda: remote.hook("pre-receive", "exit 1")
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 6
    assert "cannot be sent" in ran.out
    assert memory.written == []
    assert events(remote) == ["begin"]


def test_an_end_that_cannot_be_sent_is_told_and_sent_later(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    memory.on_read[memory.reads + 3] = lambda: remote.hook("pre-receive", "exit 1")
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 1
    assert ran.out.startswith("erp: 2 done\n")
    assert "cannot be sent" in ran.out
    assert "erpsync journal push" in ran.out
    assert ran.told == "Everything was done, but the run could not end as it should.\n"
    assert events(remote) == ["begin", "intend", "intend"]

    remote.unhook("pre-receive")
    sent = erpsync("journal", "push", "--access", company)
    assert (sent.code, sent.out) == (0, "1 file sent\n")
    assert events(remote) == ["begin", "intend", "intend", "outcome", "outcome", "end"]


def test_what_stopped_a_run_and_that_it_cannot_be_sent_are_both_told(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    def gone() -> None:
        remote.hook("pre-receive", "exit 1")
        broken()

    memory.on_read[memory.reads + 3] = gone
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 6
    assert "stopped: the ERP is gone\n" in ran.out
    assert "erpsync journal push" in ran.out


def test_a_stopped_run_has_its_end_on_the_branch(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    memory.faults["chen.jing"] = Fault.INTERRUPT_BEFORE
    assert erpsync("apply", plan, "--access", company).code == 6
    assert events(remote) == ["begin", "intend", "intend", "end"]


def test_a_refused_run_has_its_refusal_on_the_branch(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    memory.protected["wu.lan"] = "an administrator of the ERP"
    assert erpsync("apply", plan, "--access", company).code == 4
    assert events(remote) == ["begin", "refused"]


def test_a_refusal_that_cannot_be_sent_stays_a_refusal_and_says_how_to_send_it(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    memory.protected["wu.lan"] = "an administrator of the ERP"
    memory.on_read[memory.reads + 1] = lambda: remote.hook("pre-receive", "exit 1")
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 4
    assert "wu.lan must not be changed" in ran.err
    assert "erpsync journal push" in ran.err


def test_a_run_that_is_interrupted_before_it_writes_says_so(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    memory.on_read[memory.reads + 1] = interrupted
    assert erpsync("apply", plan, "--access", company).code == 130
    assert events(remote) == ["begin", "interrupted"]
    assert "interrupted: before its end\n" in erpsync("journal", "show").out


def test_an_interruption_that_cannot_be_sent_is_still_one(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    def stop() -> None:
        remote.hook("pre-receive", "exit 1")
        interrupted()

    memory.on_read[memory.reads + 1] = stop
    assert erpsync("apply", plan, "--access", company).code == 130


def test_a_run_that_is_killed_leaves_on_the_branch_what_it_was_about_to_do(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp, other: list[str]
) -> None:
    write = memory.apply

    def killed(edits: Sequence[Edit]) -> Iterator[Outcome]:
        yield from list(write(edits))[:1]
        raise Killed

    memory.apply = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        erpsync("apply", plan, "--access", company)
    assert events(remote) == ["begin", "intend", "intend"]

    assert erpsync("journal", "pull", *other).out == "2 files brought\n"
    shown = erpsync("journal", "show", *other)
    assert "chen.jing: about to create, grant Buyer\n" in shown.out
    (run,) = (name.split("/")[1] for name in remote.files if name.startswith("runs/"))
    ran = erpsync("rollback", run, *other)
    assert ran.code == 0
    assert "unlock the account" in ran.out
    assert f"The record of run {run} in erp has no end here; erpsync journal pull" in ran.err


def test_two_machines_apply_one_after_the_other_and_both_runs_are_there(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp, other: list[str]
) -> None:
    first = erpsync("apply", plan, "--access", company).run
    memory.put(Account("chen.jing", "by hand"))
    erpsync("plan", *other[:2], "-o", plan)
    second = erpsync("apply", plan, *other).run
    for run in (first, second):
        assert events(remote, run)[-1] == "end"
    ran = erpsync("journal", "pull", "--access", company)
    assert (ran.code, ran.out) == (0, "2 files brought\n")
    assert erpsync("history", "chen.jing", "--access", company).out.count("chen.jing: done\n") == 2


def test_results_are_given_target_by_target(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp, own_state: Path
) -> None:
    from erpsync.access import load_valid

    results = carry_out_plan(
        load(plan.read_text(encoding="utf-8")),
        load_valid(company.path),
        Run("run-1", "he.qi", "ops-1"),
        Places(company.path, own_state),
    )
    assert memory.written == []
    assert next(results).target == "erp"
    assert memory.written == ["wu.lan", "chen.jing"]
    assert list(results) == []


# --- rollback -------------------------------------------------------------------------------------


def test_a_run_of_one_machine_is_taken_back_on_another(
    erpsync: Command, company: AccessFiles, plan: Path, memory: MemoryErp, other: list[str], tmp_path: Path
) -> None:
    before = memory.accounts["wu.lan"]
    run = erpsync("apply", plan, "--access", company).run
    unknown = erpsync("rollback", run, *other)
    assert unknown.code == 2
    assert "erpsync journal pull brings the runs of other machines" in unknown.err

    assert erpsync("journal", "pull", *other).code == 0
    back = tmp_path / "back.json"
    ran = erpsync("rollback", run, *other, "-o", back)
    assert (ran.code, ran.err) == (0, "")
    assert erpsync("apply", back, *other).code == 0
    assert memory.accounts["wu.lan"] == before
    assert memory.accounts["chen.jing"].active is False


def test_a_run_from_before_journals_were_shared_can_be_taken_back(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    file = tmp_path / "plan.json"
    erpsync("plan", "--access", company, "-o", file)
    run = erpsync("apply", file, "--access", company).run
    settings = company.path / "erpsync.yaml"
    settings.write_text(settings.read_text().replace("settings:\n", "settings:\n  journal: remote\n", 1))
    ran = erpsync("rollback", run, "--access", company)
    assert (ran.code, ran.err) == (0, "")
    assert "lock the account" in ran.out


# --- unlock ---------------------------------------------------------------------------------------


def test_a_lock_that_was_removed_is_told_on_the_branch(
    erpsync: Command, company: AccessFiles, remote: Remote
) -> None:
    from datetime import UTC, datetime

    from erpsync.forge.git_lock import GitRefLock
    from erpsync.lock import LockHolder

    settings = company.path / "erpsync.yaml"
    settings.write_text(settings.read_text() + "    lock: remote\n")
    dead = LockHolder("wu.lan", "dead", datetime(2026, 11, 20, 8, tzinfo=UTC), "build-7", 4711)
    GitRefLock(company.path, "origin", "erp", dead).__enter__()
    assert erpsync("unlock", "erp", "--run", "dead", "--access", company).code == 0
    assert events(remote) == ["unlock"]


# --- verify ---------------------------------------------------------------------------------------


def applied(erpsync: Command, company: AccessFiles, plan: Path) -> Ran:
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 0
    return ran


def test_shared_journals_are_verified_when_the_access_files_say_so(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, own_state: Path
) -> None:
    run = applied(erpsync, company, plan).run
    ran = erpsync("journal", "verify", "--access", company)
    here = own_state / "journal" / "erp" / f"{run}.jsonl"
    assert ran.out == f"{here}: whole, 6 entries\n{BRANCH}: whole, 1 journal in 3 commits\n"
    assert (ran.code, ran.err) == (0, "")


def test_shared_journals_can_be_verified_without_any_here_and_with_wrong_files(
    erpsync: Command, company: AccessFiles, plan: Path, other: list[str]
) -> None:
    applied(erpsync, company, plan)
    (Path(other[1]) / "wrong.yaml").write_text("users: 1\n")
    ran = erpsync("journal", "verify", *other)
    assert (ran.code, ran.out) == (0, f"{BRANCH}: whole, 1 journal in 3 commits\n")


def test_the_option_has_them_verified_whatever_the_files_say(
    erpsync: Command, company: AccessFiles, plan: Path, other: list[str]
) -> None:
    applied(erpsync, company, plan)
    settings = Path(other[1]) / "erpsync.yaml"
    settings.write_text(settings.read_text().replace("journal: remote", "journal: local"))
    assert "there is no journal here yet" in erpsync("journal", "verify", *other).err
    assert erpsync("journal", "verify", "--remote", *other).code == 0


def test_what_was_not_sent_is_told_and_is_no_fault(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    memory.on_read[memory.reads + 3] = lambda: remote.hook("pre-receive", "exit 1")
    erpsync("apply", plan, "--access", company)
    ran = erpsync("journal", "verify", "--access", company)
    assert ran.code == 0
    assert ran.err == "1 file of this machine not sent yet, or not to the end: erpsync journal push\n"


@pytest.mark.parametrize("how", ["edited", "removed", "rewritten"])
def test_tampering_on_the_branch_ends_with_1_and_is_named(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, how: str
) -> None:
    name = f"journal/erp/{applied(erpsync, company, plan).run}.jsonl"
    changed = None if how == "removed" else remote.files[name].replace("wu.lan", "wu.lin")
    commit = remote.edit({name: changed}, rewrite=how == "rewritten")
    ran = erpsync("journal", "verify", "--access", company)
    assert ran.code == 1
    expected = {
        "edited": f"{BRANCH}: commit {commit[:12]} changed what stood in {name}\n",
        "removed": f"{BRANCH}: commit {commit[:12]} removed {name}\n",
        "rewritten": "branch erpsync-journal of git remote 'origin': was rewritten",
    }
    assert expected[how] in ran.out + ran.err


def test_a_rewritten_branch_lets_nothing_be_written(
    erpsync: Command, company: AccessFiles, remote: Remote, plan: Path, memory: MemoryErp
) -> None:
    name = f"journal/erp/{applied(erpsync, company, plan).run}.jsonl"
    remote.edit({name: None}, rewrite=True)
    memory.put(Account("chen.jing", "by hand"))
    written = list(memory.written)
    erpsync("plan", "--access", company, "-o", plan)
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (1, "")
    assert "was rewritten" in ran.err
    assert memory.written == written


# --- hints ----------------------------------------------------------------------------------------


def test_where_nothing_is_known_the_other_machines_are_pointed_at(
    erpsync: Command, company: AccessFiles, plan: Path, other: list[str]
) -> None:
    hint = "hint: erpsync journal pull brings the runs of other machines\n"
    assert erpsync("journal", "show", *other).err.endswith(hint)
    applied(erpsync, company, plan)
    erpsync("journal", "pull", *other)
    ran = erpsync("history", "lin.tao", *other)
    assert (ran.code, ran.out, ran.err) == (0, "Nothing was done to lin.tao.\n", hint)
    assert erpsync("journal", "show", "--run", "unknown", *other).err == hint


def test_where_journals_are_not_shared_nobody_is_pointed_anywhere(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    company.users(buyer("chen.jing"))
    file = tmp_path / "plan.json"
    erpsync("plan", "--access", company, "-o", file)
    erpsync("apply", file, "--access", company)
    for access in (company, tmp_path / "nowhere"):
        assert erpsync("history", "lin.tao", "--access", access).err == ""
