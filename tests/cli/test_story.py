"""The whole story against a real ERP, through the command line, as an administrator lives it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.erp import COMPANIES, PLAN_PASSWORD, SHANGHAI, Erp


def test_plan_apply_drift_and_back(
    erpsync: Command, erp: Erp, live_access: AccessFiles, tmp_path: Path
) -> None:
    chen, wang, gone = erp.login("chen.jing"), erp.login("wang.li"), erp.login("zhao.min")
    end = datetime.now(SHANGHAI).date() + timedelta(days=30)
    erp.give(erp.create(gone), "Buyer")
    stand_in = f"{{role: purchasing.planner, reason: stands in, request: REQ-7, valid_to: {end}}}"
    live_access.users(
        buyer(chen, "陈静", f", scope: {{company: [{COMPANIES[1]}]}}, assignments: [{stand_in}]"),
        buyer(wang, "王丽", ", email: wang.li@huaxin.example"),
        buyer(gone, "赵敏", ", status: left"),
    )
    access, plan = ("--access", live_access), tmp_path / "plan.json"

    # A plan shows everything, and changes nothing.
    ran = erpsync("plan", *access, "-o", plan, "--detailed-exitcode")
    assert (ran.code, ran.err) == (3, "")
    assert "2 users gain access, 1 is locked" in ran.out
    assert f"+ grant Planner, until {end}" in ran.out
    assert "REQ-7" in ran.out
    assert erp.groups(gone) == {"party.group_party_admin"}

    # Apply does exactly that, and nothing is left to do.
    assert erpsync("apply", plan, *access).out == "erp: 3 done\n"
    assert erp.read(chen)["name"] == "陈静"
    assert "party.group_party_admin" in erp.groups(chen)
    assert erp.groups(gone) == set()
    assert erpsync("drift", *access).code == 0

    # Somebody changes the ERP by hand; drift names who and what.
    erp.give(int(erp.read(wang)["id"]), "Clerk")
    erp.write(int(erp.read(gone)["id"]), active=True)
    ran = erpsync("drift", *access)
    assert ran.code == 3
    assert "erp: 2 accounts differ" in ran.out
    assert f"{wang} (王丽)" in ran.out
    assert "holds Clerk" in ran.out
    assert "can still log in" in ran.out
    ran = erpsync("explain", wang, *access)
    assert "✗ Clerk  [the target has it, it should not]\n      nothing in git grants it" in ran.out

    # The old plan is stale now; a new one puts everything back.
    assert erpsync("apply", plan, *access).code == 5
    assert erpsync("plan", *access, "-o", plan).code == 0
    assert erpsync("apply", plan, *access).code == 0
    assert erpsync("drift", *access).code == 0
    assert erpsync("plan", *access, "--detailed-exitcode").code == 0
    assert erp.groups(wang) == {"party.group_party_admin"}


def test_the_login_that_plans_can_do_all_but_apply(
    erpsync: Command, erp: Erp, live_access: AccessFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login, plan = erp.login("untouched"), tmp_path / "plan.json"
    live_access.users(buyer(login))
    monkeypatch.setenv("ERP_USERNAME", "erpsync-plan")
    monkeypatch.setenv("ERP_PASSWORD", PLAN_PASSWORD)
    assert erpsync("plan", "--access", live_access, "-o", plan).code == 0
    ran = erpsync("apply", plan, "--access", live_access)
    assert ran.code == 6
    assert f"{login}: failed: You are not allowed" in ran.out
    assert erpsync("drift", "--access", live_access).code == 3


def test_a_plan_made_with_one_login_is_applied_with_the_other(
    erpsync: Command, erp: Erp, live_access: AccessFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login, plan = erp.login("handed.over"), tmp_path / "plan.json"
    live_access.users(buyer(login))
    with monkeypatch.context() as planning:
        planning.setenv("ERP_USERNAME", "erpsync-plan")
        planning.setenv("ERP_PASSWORD", PLAN_PASSWORD)
        erpsync("plan", "--access", live_access, "-o", plan)
    assert erpsync("apply", plan, "--access", live_access).code == 0


def test_a_recorded_snapshot_of_the_real_erp_plans_the_same(
    erpsync: Command, erp: Erp, live_access: AccessFiles, tmp_path: Path
) -> None:
    live_access.users(buyer(erp.login("recorded")))
    access, live = ("--access", live_access, "--as-of", "2026-11-22"), tmp_path / "live.json"
    assert erpsync("snapshot", "erp", "--access", live_access, "-o", live).code == 0
    assert erpsync("plan", *access, "--live", live).out == erpsync("plan", *access).out


def test_a_wrong_password_is_one_sentence(
    erpsync: Command, erp: Erp, live_access: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERP_USERNAME", erp.login("nobody"))
    monkeypatch.setenv("ERP_PASSWORD", "hunter2-hunter2")
    ran = erpsync("plan", "--access", live_access)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "error: target 'erp': wrong username or password\n"
        "  hint: check what the target's credentials refer to\n"
    )
