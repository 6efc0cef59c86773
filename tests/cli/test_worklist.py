"""The loop of an ERP without an API: plan, work order, clerk, export, confirmation, drift."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from erpsync.errors import ExitCode
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.repositories import git
from tests.support.worklist import ROLES, USERS, age, declare, put_export

ORDERED_USERS = [USERS[0], ["peng.fei", "彭飞", "停用"], USERS[2], ["chen.jing", "陈静", "启用"]]
ORDERED_ROLES = [ROLES[0], ["chen.jing", "Buyer"]]


@pytest.fixture
def company(access: AccessFiles) -> AccessFiles:
    """A joiner, and a leaver who can still log in."""
    declare(access)
    access.users(buyer("chen.jing"), buyer("peng.fei", "彭飞", ", status: left"))
    put_export(access.path.parent / "exports")
    return access


@pytest.fixture
def exports(company: AccessFiles) -> Path:
    """The folder of the export."""
    return company.path.parent / "exports"


@pytest.fixture
def plan(company: AccessFiles, erpsync: Command, tmp_path: Path) -> Path:
    """A plan, saved."""
    file = tmp_path / "plan.json"
    assert erpsync("plan", "--access", company, "-o", file).code == ExitCode.DONE
    return file


def next_export(
    exports: Path, users: list[list[str]] = ORDERED_USERS, roles: list[list[str]] = ORDERED_ROLES
) -> None:
    """What the clerk exports; the clock of a file is coarser than that of the journal."""
    put_export(exports, users, roles)
    age(exports, -2)


def events(state: Path, kind: str) -> list[dict[str, object]]:
    """The entries of the journal of one kind."""
    lines = (state / "journal" / "erp.jsonl").read_text("utf-8").splitlines()
    return [entry for line in lines if (entry := json.loads(line))["event"] == kind]


def test_the_whole_loop_from_plan_to_clean_and_back_after_a_change_by_hand(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path, own_state: Path
) -> None:
    applied = erpsync("apply", plan, "--access", company)
    assert applied.code == ExitCode.DONE
    assert "erp: 2 handed over, not done yet" in applied.out
    assert "it is not done yet" in applied.err
    folder = own_state / "runs" / applied.run
    assert {"work-order-erp.html", "work-order-erp.xlsx"} <= {path.name for path in folder.iterdir()}

    # Nothing is done yet, so drift goes on showing it.
    assert erpsync("drift", "--access", company).code == ExitCode.CHANGES

    next_export(exports)
    confirmed = erpsync("apply", plan, "--access", company, "--confirm", exports)
    assert confirmed.code == ExitCode.DONE
    assert "5 lines: 5 done" in confirmed.out
    assert {entry["result"] for entry in events(own_state, "line")} == {"done"}
    assert erpsync("plan", "--access", company, "--detailed-exitcode").code == ExitCode.DONE
    assert erpsync("journal", "verify", "--access", company).code == ExitCode.DONE

    next_export(exports, roles=[*ORDERED_ROLES, ["chen.jing", "Planner"]])
    drift = erpsync("drift", "--access", company)
    assert drift.code == ExitCode.CHANGES
    assert "holds Planner" in drift.out


def test_lines_that_are_not_done_are_told_and_recorded(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path, own_state: Path
) -> None:
    assert erpsync("apply", plan, "--access", company).code == ExitCode.DONE
    wrong = [USERS[0], *USERS[1:], ["chen.jing", "陈晶", "启用"]]
    next_export(exports, wrong, [ROLES[0], ["chen.jing", "Buyer"], ["peng.fei", "Clerk"]])

    confirmed = erpsync("apply", plan, "--access", company, "--confirm", exports)

    assert confirmed.code == ExitCode.PARTIAL
    assert "5 lines: 2 done, 1 different, 2 missing" in confirmed.out
    assert "peng.fei: lock the account: missing" in confirmed.out
    assert "chen.jing: create the account: different" in confirmed.out
    results = {
        (entry["login"], entry["kind"], entry["subject"]): entry["result"]
        for entry in events(own_state, "line")
    }
    assert results == {
        ("peng.fei", "lock", ""): "missing",
        ("peng.fei", "revoke", "Buyer"): "done",
        ("peng.fei", "revoke", "Clerk"): "missing",
        ("chen.jing", "create", ""): "different",
        ("chen.jing", "grant", "Buyer"): "done",
    }
    shown = erpsync("history", "chen.jing", "--access", company).out
    assert "handed over, not done yet: lines 4 to 5 of work order erp-" in shown
    assert "create: different" in shown
    assert "an export is held against work order erp-" in erpsync("journal", "show", "--access", company).out


def test_the_record_says_which_plan_and_which_files_and_no_names(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path, own_state: Path
) -> None:
    erpsync("apply", plan, "--access", company)
    next_export(exports)
    erpsync("apply", plan, "--access", company, "--confirm", exports)

    (confirm,) = events(own_state, "confirm")
    (begin,) = events(own_state, "begin")
    assert confirm["confirms"] == begin["plan"] == json.loads(plan.read_text("utf-8"))["digest"]
    assert sorted(confirm["export"]) == ["catalogue.csv", "roles.csv", "users.csv"]  # type: ignore[call-overload]
    assert "陈静" not in (own_state / "journal" / "erp.jsonl").read_text("utf-8")


def test_work_orders_go_where_they_are_wanted_too(
    erpsync: Command, company: AccessFiles, plan: Path, tmp_path: Path
) -> None:
    applied = erpsync("apply", plan, "--access", company, "--output", tmp_path / "orders")
    assert applied.code == ExitCode.DONE
    assert sorted(path.name for path in (tmp_path / "orders").iterdir()) == [
        "work-order-erp.html",
        "work-order-erp.xlsx",
    ]


def test_the_order_names_the_plan_and_the_run(
    erpsync: Command, company: AccessFiles, plan: Path, own_state: Path
) -> None:
    applied = erpsync("apply", plan, "--access", company)
    page = (own_state / "runs" / applied.run / "work-order-erp.html").read_text("utf-8")
    assert json.loads(plan.read_text("utf-8"))["digest"] in page
    assert applied.run in page


def test_an_export_of_before_the_work_order_proves_nothing(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path
) -> None:
    erpsync("apply", plan, "--access", company)
    put_export(exports, ORDERED_USERS, ORDERED_ROLES)
    age(exports, 60)
    refused = erpsync("apply", plan, "--access", company, "--confirm", exports)
    assert refused.code == ExitCode.REFUSED
    assert "so it proves nothing" in refused.err


def test_a_plan_that_was_never_handed_over_cannot_be_confirmed(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path
) -> None:
    refused = erpsync("apply", plan, "--access", company, "--confirm", exports)
    assert refused.code == ExitCode.REFUSED
    assert "nothing of this plan was handed over" in refused.err


def test_an_export_of_another_system_cannot_confirm(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path
) -> None:
    erpsync("apply", plan, "--access", company)
    declare(company, system="U8-002")
    next_export(exports)
    assert erpsync("apply", plan, "--access", company, "--confirm", exports).code == ExitCode.STALE


def test_an_export_that_moved_after_the_plan_refuses_the_plan(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path
) -> None:
    put_export(exports, roles=ROLES[:2])
    assert erpsync("apply", plan, "--access", company).code == ExitCode.STALE


def test_a_stale_export_is_an_error_and_never_a_plan(
    erpsync: Command, company: AccessFiles, exports: Path
) -> None:
    age(exports, 25 * 3600)
    failed = erpsync("plan", "--access", company)
    assert failed.code == ExitCode.ERROR
    assert failed.out == ""


def test_the_same_plan_handed_over_again_has_the_same_number_and_is_confirmed_once(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path, own_state: Path
) -> None:
    for _ in range(2):
        assert erpsync("apply", plan, "--access", company).code == ExitCode.DONE
    next_export(exports)
    assert "5 lines: 5 done" in erpsync("apply", plan, "--access", company, "--confirm", exports).out
    assert len({str(entry["message"]).rsplit(" ", 1)[1] for entry in events(own_state, "outcome")}) == 1


def test_an_account_whose_role_alone_is_done_can_be_confirmed_in_part_and_handed_over_again(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path, tmp_path: Path
) -> None:
    erpsync("apply", plan, "--access", company)
    next_export(exports, roles=[*ROLES[:2], ["chen.jing", "Buyer"]])
    assert erpsync("apply", plan, "--access", company, "--confirm", exports).code == ExitCode.PARTIAL
    rest = tmp_path / "rest.json"
    assert erpsync("plan", "--access", company, "-o", rest).code == ExitCode.DONE
    assert "1 handed over" in erpsync("apply", rest, "--access", company).out


def test_a_large_company_is_planned_as_any_other(
    erpsync: Command, company: AccessFiles, exports: Path
) -> None:
    users = [USERS[0], *([f"user{number}", "张三", "启用"] for number in range(10_000))]
    roles = [ROLES[0], *([f"user{number}", "Buyer"] for number in range(10_000))]
    put_export(exports, users, roles)
    planned = erpsync("plan", "--access", company)
    assert planned.code == ExitCode.DONE
    assert "1 user gains access" in planned.out


def test_of_a_plan_for_several_targets_the_export_is_of_the_named_one(
    erpsync: Command, company: AccessFiles, exports: Path, tmp_path: Path
) -> None:
    settings = company.path / "erpsync.yaml"
    one = settings.read_text("utf-8")
    settings.write_text(one + one.split("targets:\n")[1].replace("  erp:", "  wms:", 1), "utf-8")
    plan = tmp_path / "both.json"
    assert erpsync("plan", "--access", company, "-o", plan).code == ExitCode.DONE
    applied = erpsync("apply", plan, "--access", company, "-o", tmp_path / "orders")
    assert (applied.code, len(list((tmp_path / "orders").iterdir()))) == (ExitCode.DONE, 4)
    next_export(exports)

    unclear = erpsync("apply", plan, "--access", company, "--confirm", exports)
    assert unclear.code == ExitCode.USAGE
    assert "several targets: erp, wms" in unclear.err
    named = erpsync("apply", plan, "--access", company, "--confirm", exports, "--target", "erp")
    assert "work order erp-" in named.out


def test_a_plan_is_applied_whole(erpsync: Command, company: AccessFiles, plan: Path) -> None:
    refused = erpsync("apply", plan, "--access", company, "--target", "erp")
    assert (refused.code, "goes with --confirm" in refused.err) == (ExitCode.USAGE, True)


def test_the_journal_of_every_machine_can_confirm(
    erpsync: Command, company: AccessFiles, exports: Path, tmp_path: Path, own_state: Path
) -> None:
    root, remote = company.path.parent, tmp_path / "remote.git"
    (root / ".git").rmdir()
    git(tmp_path, "init", "-q", "--bare", str(remote))
    git(root, "init", "-q")
    git(root, "remote", "add", "origin", str(remote))
    settings = company.path / "erpsync.yaml"
    settings.write_text(
        settings.read_text("utf-8").replace(
            "timezone: Asia/Shanghai", "timezone: Asia/Shanghai, journal: remote"
        ),
        "utf-8",
    )
    plan = tmp_path / "plan.json"
    erpsync("plan", "--access", company, "-o", plan)
    assert erpsync("apply", plan, "--access", company).code == ExitCode.DONE
    own_state.rename(tmp_path / "first machine")
    refused = erpsync("apply", plan, "--access", company, "--confirm", exports)
    assert "journal pull" in refused.err

    assert erpsync("journal", "pull", "--access", company).code == ExitCode.DONE
    next_export(exports)
    assert erpsync("apply", plan, "--access", company, "--confirm", exports).code == ExitCode.DONE
    assert erpsync("journal", "verify", "--access", company).code == ExitCode.DONE


def test_an_emergency_lock_is_an_order_and_not_told_as_locked(
    erpsync: Command, company: AccessFiles, own_state: Path
) -> None:
    locked = erpsync(
        "emergency", "lock", "--access", company, "--user", "peng.fei",
        "--reason", "a stolen laptop", "--approver", "wu.lan",
    )  # fmt: skip
    assert locked.code != ExitCode.DONE
    assert "NOT LOCKED peng.fei: handed over, not done yet: line 1 of work order erp-" in locked.out
    assert list(own_state.glob("runs/*/work-order-erp.html"))


def test_a_work_order_that_nobody_did_leaves_nothing_to_roll_back(
    erpsync: Command, company: AccessFiles, plan: Path
) -> None:
    applied = erpsync("apply", plan, "--access", company)
    rolled = erpsync("rollback", applied.run, "--access", company)
    assert rolled.code == ExitCode.DONE
    assert "erp: no changes" in rolled.out


def test_a_work_order_that_was_done_is_rolled_back_by_another_one(
    erpsync: Command, company: AccessFiles, exports: Path, plan: Path, tmp_path: Path
) -> None:
    applied = erpsync("apply", plan, "--access", company)
    next_export(exports)
    back = tmp_path / "back.json"
    assert erpsync("rollback", applied.run, "--access", company, "-o", back).code == ExitCode.DONE
    assert "2 handed over, not done yet" in erpsync("apply", back, "--access", company).out
