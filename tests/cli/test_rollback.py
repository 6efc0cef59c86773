"""``erpsync rollback``."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from erpsync.codec import digest
from erpsync.model import Account, Grant
from tests.cli.conftest import Command, Ran
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import Fault, MemoryErp

Apply = Callable[[], Ran]


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """Where plans are saved."""
    return tmp_path / "plan.json"


@pytest.fixture
def applied(erpsync: Command, company: AccessFiles, memory: MemoryErp, plan: Path) -> Apply:
    """Makes a plan and applies it; the first one locks wu.lan and creates chen.jing."""

    def plan_and_apply() -> Ran:
        erpsync("plan", "--access", company, "-o", plan)
        return erpsync("apply", plan, "--access", company)

    return plan_and_apply


def two_targets(company: AccessFiles) -> None:
    """Declare a second target, which reaches the same ERP."""
    text = (company.path / "erpsync.yaml").read_text(encoding="utf-8")
    company.write("erpsync.yaml", text + text[text.index("  erp:") :].replace("  erp:", "  zcrm:"))


def test_plan_apply_rollback_apply_and_everything_is_as_before(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply, plan: Path
) -> None:
    before = memory.accounts["wu.lan"]
    run = applied().run
    assert memory.accounts["wu.lan"].active is False

    ran = erpsync("rollback", run, "--access", company, "-o", plan)
    assert (ran.code, ran.err) == (0, "")
    assert f"as it was before run {run}" in ran.out
    assert ran.out.endswith(f"\nSaved. To do exactly this: erpsync apply {plan}\n")
    assert stat.S_IMODE(plan.stat().st_mode) == 0o600
    assert memory.written == ["wu.lan", "chen.jing"]

    undo = erpsync("apply", plan, "--access", company)
    assert (undo.code, undo.out) == (0, "erp: 2 done\n")
    assert memory.accounts["wu.lan"] == before
    assert (memory.accounts["chen.jing"].active, memory.accounts["chen.jing"].grants) == (False, ())

    # Git still says what it said, so the next plan does it again; and a rollback can be rolled back.
    assert erpsync("drift", "--access", company).code == 3
    assert erpsync("rollback", undo.run, "--access", company, "-o", plan).code == 0
    assert erpsync("apply", plan, "--access", company).code == 0
    assert memory.accounts["chen.jing"].grants == (Grant("Buyer"),)
    assert erpsync("drift", "--access", company).code == 0


def test_without_a_file_it_is_only_shown(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply
) -> None:
    run = applied().run
    ran = erpsync("rollback", run, "--access", company)
    assert ran.code == 0
    assert "Saved" not in ran.out
    assert memory.written == ["wu.lan", "chen.jing"]


def test_a_run_that_is_rolled_back_has_nothing_left_to_undo(
    erpsync: Command, company: AccessFiles, applied: Apply, plan: Path
) -> None:
    run = applied().run
    erpsync("rollback", run, "--access", company, "-o", plan)
    erpsync("apply", plan, "--access", company)
    ran = erpsync("rollback", run, "--access", company, "-o", plan)
    assert ran.code == 0
    assert "no changes" in ran.out
    assert "Saved" not in ran.out


def test_an_unknown_run_is_wrong_usage_and_names_the_last_ones(
    erpsync: Command, company: AccessFiles, applied: Apply
) -> None:
    run = applied().run
    ran = erpsync("rollback", "20260101T000000Z-000000", "--access", company)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"error: no run '20260101T000000Z-000000' is known here\n  hint: the last ones: {run}\n"
    )


def test_another_erp_behind_the_target_is_refused_as_stale(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply, plan: Path
) -> None:
    run = applied().run
    plan.unlink()
    memory.name = "memory:2"
    ran = erpsync("rollback", run, "--access", company, "-o", plan)
    assert (ran.code, ran.out) == (5, "")
    assert "the ERP of target 'erp' is not the one the run wrote to" in ran.err
    assert not plan.exists()


def test_a_target_that_is_no_longer_declared_is_refused_as_stale(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply
) -> None:
    two_targets(company)
    run = applied().run
    company.settings()
    ran = erpsync("rollback", run, "--access", company)
    assert ran.code == 5
    assert "target 'zcrm' is no longer declared" in ran.err


def test_only_accounts_that_the_run_meant_to_write_are_touched(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply, plan: Path
) -> None:
    erpsync("plan", "--access", company, "-o", plan)
    # Somebody locks wu.lan by hand just as planned, so apply finds nothing to write there.
    memory.put(Account("wu.lan", "吴兰", active=False))
    run = erpsync("apply", plan, "--access", company).run
    assert memory.written == ["chen.jing"]
    erpsync("rollback", run, "--access", company, "-o", plan)
    (target,) = json.loads(plan.read_text(encoding="utf-8"))["targets"]
    assert [change["login"] for change in target["accounts"]] == ["chen.jing"]


def test_an_account_the_run_did_not_get_to_write_is_left_as_it_is_now(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply, plan: Path
) -> None:
    people = [f"user.{number}" for number in range(9)]
    for person in people:
        memory.put(Account(person, "陈静"))
    company.users(*map(buyer, people))
    memory.faults = dict.fromkeys(people, Fault.REFUSE)
    ran = applied()
    assert "4 not tried" in ran.out
    memory.put(Account("user.8", "陈静", grants=(Grant("Clerk"),)))
    erpsync("rollback", ran.run, "--access", company, "-o", plan)
    (target,) = json.loads(plan.read_text(encoding="utf-8"))["targets"]
    assert [change["login"] for change in target["accounts"]] == ["wu.lan"]


def test_a_refused_run_has_nothing_to_undo(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply, plan: Path, own_state: Path
) -> None:
    erpsync("plan", "--access", company, "-o", plan)
    memory.protected["wu.lan"] = "an administrator of the ERP"
    assert erpsync("apply", plan, "--access", company).code == 4
    (run,) = (path.name for path in (own_state / "runs").iterdir())
    ran = erpsync("rollback", run, "--access", company)
    assert ran.code == 0
    assert "no changes" in ran.out


def test_a_protected_account_is_shown_as_held_back(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply
) -> None:
    run = applied().run
    memory.protected["wu.lan"] = "an administrator of the ERP"
    ran = erpsync("rollback", run, "--access", company)
    assert ran.code == 0
    assert "Held back, not changed:" in ran.out
    assert "an administrator of the ERP" in ran.out


def test_a_rollback_over_a_limit_is_shown_and_saved_but_refused(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, applied: Apply, plan: Path
) -> None:
    run = applied().run
    company.settings(extra="    limits: {lock: {count: 0}}\n")
    ran = erpsync("rollback", run, "--access", company, "-o", plan)
    assert ran.code == 4
    assert "1 of 2 accounts would be locked; the limit `lock` is 0" in ran.err
    assert "chen.jing" in ran.out
    written = list(memory.written)
    assert erpsync("apply", plan, "--access", company).code == 4
    assert memory.written == written


def test_a_run_that_wrote_to_one_of_two_targets_is_undone_there(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, plan: Path
) -> None:
    two_targets(company)
    erpsync("plan", "--access", company, "-o", plan)
    document = json.loads(plan.read_text(encoding="utf-8"))
    one, other = document["targets"]
    _save(plan, {**document, "targets": [one, {**other, "accounts": []}]})
    run = erpsync("apply", plan, "--access", company).run
    ran = erpsync("rollback", run, "--access", company)
    assert (ran.code, ran.err) == (0, "")
    assert "erp: 1 user gains access, 1 is locked" in ran.out
    assert "zcrm: no changes" in ran.out


def _save(plan: Path, document: dict[str, object]) -> None:
    """Write a plan document with the digest that fits it."""
    del document["digest"]
    plan.write_text(json.dumps({**document, "digest": digest(document)}), encoding="utf-8")


def test_invalid_access_files_end_with_4(erpsync: Command, company: AccessFiles, applied: Apply) -> None:
    run = applied().run
    company.users("wang.li: {name: 王丽}")
    assert erpsync("rollback", run, "--access", company).code == 4
