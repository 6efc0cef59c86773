"""``erpsync apply``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from erpsync.codec import digest
from erpsync.connectors.base import Edit, Outcome
from erpsync.journal import read_entries
from erpsync.model import Account, Grant
from erpsync.state import journal_path, runs, saved_plan
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import Fault, MemoryErp, broken

Saved = Callable[[], Path]


@pytest.fixture
def saved(erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path) -> Saved:
    """Makes a plan that locks wu.lan and creates chen.jing, and saves it."""

    def save() -> Path:
        file = tmp_path / "plan.json"
        assert erpsync("plan", "--access", company, "-o", file).code == 0
        return file

    return save


def test_a_plan_is_carried_out_and_nothing_is_left(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    ran = erpsync("apply", saved(), "--access", company)
    assert (ran.code, ran.out, ran.told) == (0, "erp: 2 done\n", "")
    assert memory.accounts["chen.jing"].grants == (Grant("Buyer"),)
    assert erpsync("drift", "--access", company).code == 0


def test_a_plan_applied_twice_finds_everything_done(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    erpsync("apply", plan, "--access", company)
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (0, "erp: 2 already as planned\n")
    assert memory.written == ["wu.lan", "chen.jing"]


def test_an_empty_plan_does_nothing(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    erpsync("apply", saved(), "--access", company)
    ran = erpsync("apply", saved(), "--access", company)
    assert (ran.code, ran.out) == (0, "erp: nothing to do\n")


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (Fault.REFUSE, "chen.jing: failed: the ERP says no"),
        (Fault.PRETEND, "chen.jing: failed: the account is not there after writing"),
        (Fault.INTERRUPT_BEFORE, "chen.jing: not known: stopped while it was being written"),
    ],
)
def test_what_was_not_done_ends_with_6_and_is_named(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, fault: Fault, line: str
) -> None:
    plan = saved()
    memory.faults["chen.jing"] = fault
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 6
    assert line in ran.out
    assert ran.told == "Not everything was done. When the cause is mended, apply the same plan again.\n"
    memory.faults.clear()
    assert erpsync("apply", plan, "--access", company).code == 0


def test_an_erp_that_goes_away_in_the_middle_ends_with_6_and_says_why(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    memory.on_read[memory.reads + 3] = broken
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 6
    assert "stopped: the ERP is gone" in ran.out


# --- plans that no longer fit -------------------------------------------------------------------------


def test_edited_access_files_make_a_plan_stale(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    company.users(buyer("chen.jing"), buyer("wang.li"))
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == (
        "error: the access files are not those the plan was made from\n  hint: make a new plan\n"
    )
    assert memory.written == []


def test_another_day_makes_a_plan_stale(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = saved()
    monkeypatch.setattr("erpsync.cli.apply.today", lambda _: date(2040, 1, 1))
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 5
    assert "today is 2040-01-01" in ran.err
    assert memory.written == []


def test_a_plan_for_tomorrow_cannot_be_applied_today(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    erpsync("plan", "--access", company, "--as-of", "2040-01-01", "-o", plan)
    assert erpsync("apply", plan, "--access", company).code == 5


def test_a_plan_expires(erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved) -> None:
    plan = saved()
    past = datetime.now(UTC) - timedelta(hours=1)
    _edit(plan, expires=past.isoformat())
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 5
    assert f"the plan expired at {past.isoformat()}" in ran.err


def test_an_account_changed_by_hand_makes_a_plan_stale(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    memory.put(Account("wu.lan", "吴兰花"))
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (5, "")
    assert "1 of 2 accounts changed in the ERP since the plan was made" in ran.err
    assert "吴兰花" in ran.err
    assert memory.written == []


def test_another_erp_at_the_same_address_makes_a_plan_stale(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    memory.name = "memory:2"
    assert erpsync("apply", plan, "--access", company).code == 5


def test_a_target_that_is_gone_makes_a_plan_stale(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    document = json.loads(plan.read_text(encoding="utf-8"))
    _edit(plan, targets=[{**target, "target": "crm"} for target in document["targets"]])
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 5
    assert "target 'crm' is no longer declared" in ran.err


def test_a_protected_account_refuses_the_plan(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    memory.protected["wu.lan"] = "an administrator of the ERP"
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 4
    assert "wu.lan must not be changed: an administrator of the ERP" in ran.err
    assert memory.written == []


def test_what_the_first_target_did_is_told_when_the_second_refuses(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    text = (company.path / "erpsync.yaml").read_text(encoding="utf-8")
    company.write("erpsync.yaml", text + text[text.index("  erp:") :].replace("  erp:", "  zcrm:"))
    ran = erpsync("apply", saved(), "--access", company)
    assert (ran.code, ran.out) == (0, "erp: 2 done\nzcrm: 1 already as planned\n")

    memory.put(Account("chen.jing", "By hand"))
    plan = saved()
    document = json.loads(plan.read_text(encoding="utf-8"))
    document["targets"][1]["instance"] = "memory:other"
    _edit(plan, targets=document["targets"])
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (6, "erp: 1 done\n")
    assert "the ERP there is not the one the plan was made for" in ran.err


# --- files that are no plan ---------------------------------------------------------------------------


def test_an_edited_plan_is_refused(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    plan.write_text(plan.read_text(encoding="utf-8").replace('"Buyer"', '"Planner"'), encoding="utf-8")
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 4
    assert "the plan file was changed after it was made: its digest does not match" in ran.err
    assert memory.written == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the plan file is not JSON"),
        (b"Plan for 2026-11-22", "the plan file is not JSON"),
        (b"[]", "the file is not a plan of the format erpsync-plan/1"),
        (b'{"format": "erpsync-plan/9"}', "the file is not a plan of the format erpsync-plan/1"),
        (b'{"format": "erpsync-plan/1"}', "its digest does not match"),
    ],
)
def test_what_is_no_plan_is_refused(
    erpsync: Command, company: AccessFiles, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(content)
    ran = erpsync("apply", file, "--access", company)
    assert (ran.code, ran.out) == (4, "")
    assert words in ran.err


def test_a_plan_that_lacks_something_is_refused_though_its_digest_fits(
    erpsync: Command, company: AccessFiles, saved: Saved
) -> None:
    plan = saved()
    document = json.loads(plan.read_text(encoding="utf-8"))
    del document["targets"][0]["accounts"][0]["fingerprint"]
    _edit(plan, targets=document["targets"])
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 4, ran.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file or directory"),
        (b"\xff\xfe", "it is not UTF-8 text"),
        ("directory", "Is a directory"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_1(
    erpsync: Command, company: AccessFiles, tmp_path: Path, content: bytes | str | None, words: str
) -> None:
    file = tmp_path / "plan.json"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        file.mkdir()
    ran = erpsync("apply", file, "--access", company)
    assert ran.code == 1
    assert ran.err == f"error: {file}: cannot be read: {words}\n"


def test_invalid_access_files_end_with_4(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    plan = saved()
    company.users("wang.li: {name: 王丽}")
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 4
    assert "'type' is missing in user 'wang.li' [schema/missing-key]" in ran.err


# --- what is kept of a run ----------------------------------------------------------------------------


def entries(state: Path, target: str = "erp") -> list[dict[str, Any]]:
    """The journal of a target."""
    return list(read_entries(journal_path(state, target)))


def test_the_plan_of_a_run_is_kept_under_its_id(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    plan = saved()
    run = erpsync("apply", plan, "--access", company).run
    assert list(runs(own_state)) == [run]
    assert saved_plan(own_state, run) == plan.read_text(encoding="utf-8")


def test_the_state_may_be_kept_elsewhere(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, tmp_path: Path, own_state: Path
) -> None:
    erpsync("apply", saved(), "--access", company, "--state", tmp_path / "elsewhere")
    assert len(entries(tmp_path / "elsewhere")) == 6
    # What the plan was made from may be remembered where a plan keeps things.
    assert [entry.name for entry in own_state.iterdir()] == ["cache"]


def test_a_run_is_recorded_from_its_beginning_to_its_end(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    plan = saved()
    run = erpsync("apply", plan, "--access", company).run
    told = entries(own_state)
    assert [(entry["event"], entry.get("login")) for entry in told] == [
        ("begin", None),
        ("intend", "wu.lan"),
        ("intend", "chen.jing"),
        ("outcome", "wu.lan"),
        ("outcome", "chen.jing"),
        ("end", None),
    ]
    assert {entry["run"] for entry in told} == {run}
    begin, end = told[0], told[-1]
    document = json.loads(plan.read_text(encoding="utf-8"))
    assert (begin["plan"], begin["accounts"]) == (document["digest"], 2)
    assert (begin["target"], begin["instance"], begin["as_of"]) == ("erp", "memory:1", document["as_of"])
    assert begin["by"]
    assert begin["host"]
    assert (end["counts"], end["stopped"]) == ({"done": 2}, None)


def test_an_empty_plan_leaves_no_trace(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    erpsync("apply", saved(), "--access", company)
    before = entries(own_state)
    assert "run " not in erpsync("apply", saved(), "--access", company).err
    assert entries(own_state) == before


def test_a_plan_that_is_refused_at_the_erp_is_recorded_too(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    plan = saved()
    memory.protected["wu.lan"] = "an administrator of the ERP"
    assert erpsync("apply", plan, "--access", company).code == 4
    begin, refused = entries(own_state)
    assert (begin["event"], refused["event"]) == ("begin", "refused")
    assert "wu.lan must not be changed" in refused["message"]


def test_a_run_that_was_stopped_says_why_at_its_end(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    plan = saved()
    memory.on_read[memory.reads + 3] = broken
    erpsync("apply", plan, "--access", company)
    end = entries(own_state)[-1]
    assert (end["event"], end["stopped"], end["counts"]) == ("end", "the ERP is gone", {"not known": 2})


def test_too_many_failures_end_with_6_and_tell_what_was_not_tried(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved
) -> None:
    people = [f"user.{number}" for number in range(9)]
    company.users(*map(buyer, people))
    plan = saved()
    memory.faults = dict.fromkeys(people, Fault.REFUSE)
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 6
    assert "1 done, 5 failed, 4 not tried" in ran.out
    assert "stopped: 5 accounts failed, which is enough to stop" in ran.out


@pytest.mark.parametrize("how", ["applied", "stale", "refused"])
def test_no_name_no_address_and_no_secret_ever_stands_in_the_journal(
    erpsync: Command,
    company: AccessFiles,
    memory: MemoryErp,
    saved: Saved,
    own_state: Path,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ERP_PASSWORD", "hunter2-hunter2")
    memory.put(Account("chen.jing", "旧名", email="old@huaxin.example"))
    company.users(buyer("chen.jing", more=", email: new@huaxin.example"))
    plan = saved()
    if how == "stale":
        memory.put(Account("chen.jing", "别名", email="else@huaxin.example"))
    elif how == "refused":
        memory.protected["chen.jing"] = "an administrator of the ERP"
    erpsync("apply", plan, "--access", company)
    text = journal_path(own_state, "erp").read_text(encoding="utf-8")
    assert '"event":"begin"' in text
    for value in ("陈静", "旧名", "别名", "new@", "old@", "else@", "hunter2", "吴兰"):
        assert value not in text


def test_a_journal_that_is_not_sound_lets_nothing_be_written(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    erpsync("apply", saved(), "--access", company)
    journal = journal_path(own_state, "erp")
    journal.write_bytes(journal.read_bytes().replace(b'"done"', b'"dune"'))
    memory.put(Account("chen.jing", "by hand"))
    written = list(memory.written)
    ran = erpsync("apply", saved(), "--access", company)
    assert (ran.code, ran.out) == (1, "")
    assert "the journal is not sound: the entry was changed" in ran.err
    assert memory.written == written


def test_without_a_place_for_the_plan_nothing_is_written(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    own_state.write_text("in the way")
    ran = erpsync("apply", saved(), "--access", company)
    assert ran.code == 1
    assert "the plan cannot be kept" in ran.err
    assert memory.written == []


def test_the_intention_to_write_is_on_disk_before_the_write_and_the_outcome_after_it(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    plan = saved()
    known: list[list[str]] = []
    write = memory.apply

    def looking(edits: Sequence[Edit]) -> Iterator[Outcome]:
        known.append([entry["event"] for entry in entries(own_state)])
        yield from write(edits)

    memory.apply = looking  # type: ignore[method-assign]
    erpsync("apply", plan, "--access", company)
    assert known == [["begin", "intend", "intend"]]
    assert [entry["event"] for entry in entries(own_state)][3:] == ["outcome", "outcome", "end"]


# --- limits -------------------------------------------------------------------------------------------


def test_a_plan_over_a_limit_is_refused_before_any_write_and_recorded(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path, own_state: Path
) -> None:
    company.settings(extra="    limits: {lock: {share: 99%}}\n")
    plan = tmp_path / "plan.json"
    assert erpsync("plan", "--access", company, "-o", plan).code == 4
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (4, "")
    assert "1 of 1 accounts would be locked; the limit `lock` is 99%" in ran.err
    assert memory.written == []
    assert [entry["event"] for entry in entries(own_state)] == ["begin", "refused"]


def test_a_target_that_only_a_plan_names_gets_no_file_anywhere(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, saved: Saved, own_state: Path
) -> None:
    plan = saved()
    document = json.loads(plan.read_text(encoding="utf-8"))
    _edit(plan, targets=[{**target, "target": "../../evil"} for target in document["targets"]])
    assert erpsync("apply", plan, "--access", company).code == 5
    assert not list(own_state.parent.glob("evil*"))
    assert memory.written == []


def _edit(plan: Path, **values: object) -> None:
    """Change a plan and its digest with it, as erpsync itself would have written it."""
    document = {**json.loads(plan.read_text(encoding="utf-8")), **values}
    del document["digest"]
    plan.write_text(json.dumps({**document, "digest": digest(document)}), encoding="utf-8")
