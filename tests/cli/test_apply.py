"""``erpsync apply``."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from erpsync.codec import digest
from erpsync.model import Account, Grant
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
    assert (ran.code, ran.out, ran.err) == (0, "erp: 2 done\n", "")
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
    assert ran.err == "Not everything was done. When the cause is mended, apply the same plan again.\n"
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
    assert (ran.code, ran.out) == (5, "erp: 1 done\n")
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


def _edit(plan: Path, **values: object) -> None:
    """Change a plan and its digest with it, as erpsync itself would have written it."""
    document = {**json.loads(plan.read_text(encoding="utf-8")), **values}
    del document["digest"]
    plan.write_text(json.dumps({**document, "digest": digest(document)}), encoding="utf-8")
