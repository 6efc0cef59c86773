"""``erpsync journal`` and ``erpsync history``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from erpsync.codec import canonical
from erpsync.journal import head_path
from erpsync.model import Account
from erpsync.state import journal_path
from tests.cli.conftest import Command, Ran
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import Fault, MemoryErp, broken

Apply = Callable[[], Ran]


@pytest.fixture
def applied(erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path) -> Apply:
    """Makes a plan and applies it; the first one locks wu.lan and creates chen.jing."""

    def plan_and_apply() -> Ran:
        erpsync("plan", "--access", company, "-o", tmp_path / "plan.json")
        return erpsync("apply", tmp_path / "plan.json", "--access", company)

    return plan_and_apply


@pytest.fixture
def journal(own_state: Path) -> Path:
    return journal_path(own_state, "erp")


def after_run(line: str, run: str) -> str:
    """What a line says, without its time."""
    return line.partition(f"  erp  {run}  ")[2]


# --- verify -------------------------------------------------------------------------------------------


def test_a_journal_that_is_whole_is_said_so(erpsync: Command, applied: Apply, journal: Path) -> None:
    applied()
    ran = erpsync("journal", "verify")
    assert (ran.code, ran.out, ran.err) == (0, f"{journal}: whole, 6 entries\n", "")


def test_a_changed_entry_ends_with_1_and_names_the_line(
    erpsync: Command, applied: Apply, journal: Path
) -> None:
    applied()
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"chen.jing", b"chen.jong")
    journal.write_bytes(b"".join(lines))
    ran = erpsync("journal", "verify")
    assert (ran.code, ran.out) == (1, f"{journal}:3: the entry was changed\n")


def test_entries_cut_off_at_the_end_end_with_1(erpsync: Command, applied: Apply, journal: Path) -> None:
    applied()
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:4]))
    ran = erpsync("journal", "verify")
    assert (ran.code, ran.out) == (1, f"{journal}:5: the journal had 6 entries, it has 4 now\n")


def test_a_line_torn_by_a_kill_is_no_finding(erpsync: Command, applied: Apply, journal: Path) -> None:
    applied()
    journal.write_bytes(journal.read_bytes() + b'{"at":"2026')
    assert erpsync("journal", "verify").code == 0


def test_the_journal_of_every_target_is_verified(
    erpsync: Command, applied: Apply, journal: Path, own_state: Path
) -> None:
    applied()
    other = journal_path(own_state, "crm")
    other.write_bytes(b"{}\n")
    ran = erpsync("journal", "verify")
    assert ran.code == 1
    assert ran.out.startswith(f"{other}:1: the line is not an entry\n")
    assert ran.out.endswith(f"\n{journal}: whole, 6 entries\n")


def test_a_journal_that_was_removed_while_its_head_is_there_is_missed(
    erpsync: Command, applied: Apply, journal: Path
) -> None:
    applied()
    journal.unlink()
    assert head_path(journal).exists()
    ran = erpsync("journal", "verify")
    assert (ran.code, ran.out) == (1, f"{journal}: the journal was removed; its head is still there\n")


def test_a_journal_that_was_removed_is_missed_beside_one_that_is_whole(
    erpsync: Command, applied: Apply, journal: Path, own_state: Path
) -> None:
    applied()
    gone = journal_path(own_state, "crm", "run-1")
    gone.parent.mkdir()
    head_path(gone).write_text("3 x\n")
    ran = erpsync("journal", "verify")
    assert ran.code == 1
    assert ran.out == (
        f"{gone}: the journal was removed; its head is still there\n{journal}: whole, 6 entries\n"
    )


@pytest.mark.parametrize("content", ["users: 1\n", ""])
def test_wrong_access_files_are_no_hindrance_to_looking_at_journals(
    erpsync: Command, applied: Apply, tmp_path: Path, content: str
) -> None:
    applied()
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    if content:
        (wrong / "x.yaml").write_text(content)
    assert erpsync("journal", "verify", "--access", wrong).code == 0


@pytest.mark.parametrize("command", [("journal", "verify"), ("journal", "show"), ("history", "chen.jing")])
def test_without_any_journal_it_is_said_so(
    erpsync: Command, own_state: Path, command: tuple[str, ...]
) -> None:
    ran = erpsync(*command)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == f"error: {own_state}: there is no journal here yet\n"


# --- show ---------------------------------------------------------------------------------------------


def test_everything_is_shown_oldest_first(erpsync: Command, applied: Apply) -> None:
    run = applied().run
    ran = erpsync("journal", "show")
    lines = [after_run(line, run) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert lines[0].startswith("begins: 2 accounts, by ")
    assert lines[1:] == [
        "wu.lan: about to lock",
        "chen.jing: about to create, grant Buyer",
        "wu.lan: done",
        "chen.jing: done",
        "ends: 2 done",
    ]


def test_the_journals_of_several_targets_are_shown_as_one(erpsync: Command, own_state: Path) -> None:
    for target, minutes in (("erp", (1, 4, 3)), ("crm", (2, 5))):
        path = journal_path(own_state, target)
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            canonical({"event": "outcome", "at": f"2026-11-20T08:0{minute}:00+00:00", "hash": ""})
            for minute in minutes
        )
        path.write_text("".join(f"{line}\n" for line in lines))
    told = [" ".join(line.split()[1:3]) for line in erpsync("journal", "show").out.splitlines()]
    # Those of one journal stay in their order, though the clock was set back.
    assert told == ["08:01:00 erp", "08:02:00 crm", "08:04:00 erp", "08:03:00 erp", "08:05:00 crm"]


def test_only_one_run_is_shown_when_asked_for(erpsync: Command, applied: Apply, memory: MemoryErp) -> None:
    first = applied().run
    memory.put(Account("chen.jing", "by hand"))
    second = applied().run
    out = erpsync("journal", "show", "--run", second).out
    assert second in out
    assert first not in out
    assert erpsync("journal", "show", "--run", "unknown").out == ""


def test_failures_and_what_stopped_a_run_are_shown(
    erpsync: Command, applied: Apply, memory: MemoryErp
) -> None:
    memory.faults["chen.jing"] = Fault.REFUSE
    applied()
    memory.faults.clear()
    memory.on_read[memory.reads + 4] = broken
    applied()
    out = erpsync("journal", "show").out
    assert "chen.jing: failed: the ERP says no\n" in out
    assert "ends: 1 done, 1 failed\n" in out
    assert "ends: 1 not known; stopped: the ERP is gone\n" in out


def test_a_refused_plan_is_shown(erpsync: Command, company: AccessFiles, applied: Apply) -> None:
    company.settings(extra="    limits: {lock: {count: 0}}\n")
    applied()
    assert "refused: " in erpsync("journal", "show").out


def test_the_commit_of_a_run_is_shown(erpsync: Command, journal: Path) -> None:
    entry = {"event": "begin", "accounts": 1, "by": "wu.lan", "host": "ops-1", "commit": "c0ffee" * 8}
    journal.parent.mkdir(parents=True)
    journal.write_text(canonical({**entry, "hash": ""}) + "\n", encoding="utf-8")
    assert "begins: 1 account, by wu.lan on ops-1, commit c0ffeec0ffee\n" in erpsync("journal", "show").out


def test_what_an_entry_holds_cannot_rewrite_the_screen(erpsync: Command, journal: Path) -> None:
    entry = {"event": "outcome", "login": "a", "status": "failed", "message": "\x1b[2Jx\nrun y"}
    journal.parent.mkdir(parents=True)
    journal.write_text(canonical({**entry, "hash": ""}) + "\n", encoding="utf-8")
    assert erpsync("journal", "show").out.endswith("a: failed: \\x1b[2Jx\\x0arun y\n")


# --- history ------------------------------------------------------------------------------------------


def test_the_history_of_a_user_has_everything_done_to_the_account_and_nothing_else(
    erpsync: Command, applied: Apply
) -> None:
    run = applied().run
    ran = erpsync("history", "wu.lan")
    assert [after_run(line, run) for line in ran.out.splitlines()] == [
        "wu.lan: about to lock",
        "wu.lan: done",
    ]


@pytest.mark.parametrize("name", ["chen.jing", "Chen.Jing", "CJ-23", "cj-23"])
def test_a_history_is_found_by_key_and_by_login_whatever_the_case(
    erpsync: Command, company: AccessFiles, applied: Apply, name: str
) -> None:
    company.users(buyer("chen.jing", more=", logins: {erp: CJ-23}"))
    applied()
    out = erpsync("history", name).out
    assert "CJ-23: about to create" in out or "cj-23: about to create" in out
    assert len(out.splitlines()) == 2


def test_who_was_never_changed_has_no_history(erpsync: Command, applied: Apply) -> None:
    applied()
    ran = erpsync("history", "lin.tao")
    assert (ran.code, ran.out) == (0, "Nothing was done to lin.tao.\n")
