"""Runs that ended half-way, stopped for one account, or had to be run twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.erp import COMPANIES, SHANGHAI, Erp
from tests.support.memory import BREAKS, INTERRUPTS, Fault, MemoryErp

PEOPLE = ("chen.jing", "lin.tao", "wang.li")


def test_one_bad_account_does_not_stop_the_others(desk: Desk, memory: MemoryErp) -> None:
    """kubernetes/test-infra #22723: one bad principal stopped all; here the others are written."""
    desk.access.users(*map(buyer, PEOPLE))
    desk.plan()
    memory.faults["lin.tao"] = Fault.REFUSE
    ran = desk.apply()
    assert ran.code == 6
    assert "lin.tao: failed: the ERP says no" in ran.out
    assert memory.written == ["chen.jing", "wang.li"]


@pytest.mark.parametrize("fault", Fault)
def test_a_half_done_lock_is_found_and_finished(desk: Desk, memory: MemoryErp, fault: Fault) -> None:
    """ldap2pg #422: the mark of ownership went first; here there is no mark, git and the ERP tell."""
    memory.put(Account("zhao.min", "赵敏", grants=(Grant("Buyer"), Grant("Planner"))))
    desk.access.users(buyer("zhao.min", "赵敏", ", status: left"))
    desk.plan()
    memory.faults["zhao.min"] = fault
    desk.apply()
    memory.faults.clear()
    # What could not be done is found again, from git and the ERP alone: there is no mark to lose.
    assert desk.drift() == (3 if memory.accounts["zhao.min"].active else 0)
    desk.plan()
    assert desk.apply().code == 0
    assert memory.accounts["zhao.min"] == Account("zhao.min", "赵敏", active=False)


def test_a_leaver_deleted_from_git_stays_in_sight(desk: Desk, memory: MemoryErp) -> None:
    """ldap2pg #433: half-done drops left logins behind; here what git does not know is listed."""
    desk.set('ignore: ["*"]', "ignore: []")
    memory.put(Account("zhao.min", "赵敏", grants=(Grant("Planner"),)))
    ran = desk.plan()
    assert "zhao.min (赵敏): active, holds Planner" in ran.out
    desk.set("accounts: report", "accounts: drift")
    assert desk.drift() == 3


def test_one_run_is_enough_whatever_there_is_to_do(real: Desk, erp: Erp) -> None:
    """ldap2pg #674: two runs to converge; here one does it all."""
    new, old, gone, back = (erp.login(name) for name in ("new", "old", "gone", "back"))
    renamed = erp.login("renamed")
    erp.give(erp.create(old), "Clerk")
    erp.give(erp.create(gone), "Buyer")
    erp.write(erp.create(back), active=False)
    end = datetime.now(SHANGHAI).date() + timedelta(days=30)
    planner = f"assignments: [{{role: purchasing.planner, reason: stands in, valid_to: {end}}}]"
    real.access.users(
        buyer(new, more=f", scope: {{company: [{COMPANIES[1]}]}}, {planner}"),
        buyer(renamed, more=f", previously: [{old}], email: lin.tao@huaxin.example"),
        buyer(gone, more=", status: left"),
        buyer(back, more=f", {planner}"),
    )
    assert real.plan().code == 0
    assert real.apply().out == "erp: 4 done\n"
    assert real.drift() == 0
    assert real.run("plan", "--access", real.access, "--detailed-exitcode").code == 0


def test_what_a_run_will_create_is_in_its_plan_with_all_it_gets(desk: Desk, memory: MemoryErp) -> None:
    """ldap2pg #230: a dry run did not see what the run would create; here it is shown with its grants."""
    desk.access.users(buyer("chen.jing", more=", scope: {company: [all]}, valid_to: 2040-01-31"))
    ran = desk.plan()
    assert desk.planned() == {"chen.jing": [("create", ""), ("rescope", "company"), ("grant", "Buyer")]}
    assert "company: none → Huaxin Castings, Huaxin Trading" in ran.out
    assert "+ grant Buyer, until 2040-01-31" in ran.out


@pytest.mark.parametrize("at", PEOPLE)
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault in BREAKS | INTERRUPTS])
def test_a_broken_run_is_resumed_with_the_same_plan(
    desk: Desk, memory: MemoryErp, fault: Fault, at: str
) -> None:
    """atlantis #595: a failed apply after the merge needs a way on; here the same plan goes on."""
    desk.access.users(*map(buyer, PEOPLE))
    desk.plan()
    memory.faults[at] = fault
    assert desk.apply().code in (0, 6)
    memory.faults.clear()
    assert desk.apply().code == 0
    assert sorted(memory.written) == sorted(PEOPLE)
    assert desk.drift() == 0
