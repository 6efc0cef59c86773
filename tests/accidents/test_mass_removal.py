"""Access that was taken from many at once, without anybody having meant it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from erpsync.model import Account, Grant, LimitKind
from tests.accidents.conftest import Desk
from tests.support.access_files import ORGANISATION, buyer
from tests.support.memory import MemoryErp

PEOPLE = tuple(f"user.{number}" for number in range(1, 5))
BOTH = ("Huaxin Castings", "Huaxin Trading")
ALL_SCOPE = f", scope: {{company: [{', '.join(BOTH)}]}}"
REVOKES = "{revoke: {count: 3}}"


@pytest.fixture
def staffed(desk: Desk, memory: MemoryErp) -> Desk:
    """Four buyers, in the files and in the ERP alike, each for both companies."""
    desk.access.users(*(buyer(login, more=ALL_SCOPE) for login in PEOPLE))
    for login in PEOPLE:
        memory.put(Account(login, "陈静", scope={"company": BOTH}, grants=(Grant("Buyer"),)))
    assert desk.drift() == 0
    return desk


def test_a_kind_that_is_newly_managed_is_only_reported(staffed: Desk, memory: MemoryErp) -> None:
    """kubernetes/org #4365: managing one more kind removed members; here a new kind is only reported."""
    staffed.set("scope: enforce", "scope: observe")
    staffed.access.users(*(buyer(login) for login in PEOPLE))
    ran = staffed.plan()
    assert staffed.planned() == {}
    assert "4 differences held back" in ran.out
    assert "user.4: company: Huaxin Castings, Huaxin Trading → none" in ran.out
    staffed.set(", scope: observe", "")
    staffed.plan()
    assert staffed.planned() == {}


@pytest.mark.parametrize(
    ("declared", "held"),
    [
        ("", {}),
        (", scope: {company: [Huaxin Trading]}", {}),
        (ALL_SCOPE, {"grants": (Grant("Buyer"), Grant("Clerk"))}),
    ],
    ids=["all of a scope", "part of a scope", "an entitlement"],
)
def test_switching_on_a_kind_with_incomplete_files_is_stopped_by_a_limit(
    staffed: Desk, memory: MemoryErp, declared: str, held: dict[str, Any]
) -> None:
    """kubernetes/org #4365: the guard did not cover that kind; here one limit counts every loss."""
    staffed.limit(REVOKES)
    staffed.access.users(*(buyer(login, more=declared) for login in PEOPLE))
    for login in PEOPLE:
        memory.put(replace(memory.accounts[login], **held))
    ran = staffed.plan()
    assert ran.code == 4
    assert "4 of 5 accounts would lose access, without being locked; the limit `revoke` is 3" in ran.err
    assert staffed.apply().code == 4
    assert memory.written == []


def test_shortening_the_time_of_many_grants_counts_as_taking_them_away(
    staffed: Desk, memory: MemoryErp
) -> None:
    """The same by time: an early last day for everybody is a removal that waits until midnight."""
    staffed.limit(REVOKES)
    staffed.access.users(*(buyer(login, more=f"{ALL_SCOPE}, valid_to: 2040-01-31") for login in PEOPLE))
    ran = staffed.plan()
    assert ran.code == 4
    assert "4 of 5 accounts would lose access" in ran.err
    assert staffed.planned()["user.1"] == [("retime", "Buyer")]


@pytest.mark.parametrize("emptied", ["entitlements", "roles"])
def test_an_emptied_role_does_not_pass_as_if_it_were_meant(
    staffed: Desk, memory: MemoryErp, emptied: str
) -> None:
    """entitlements-app: an emptied group is fine by default; here the limits that init sets refuse it."""
    assert staffed.run("init", staffed.file.parent / "new").code == 0
    settings = (staffed.file.parent / "new" / "access" / "erpsync.yaml").read_text(encoding="utf-8")
    limits = yaml.safe_load(settings)["targets"]["erp"]["limits"]
    assert limits.keys() == set(LimitKind)
    staffed.limit(str(limits).replace("'", ""))
    old = {"entitlements": "{erp: [Buyer]}", "roles": "roles: [purchasing.buyer]"}[emptied]
    new = {"entitlements": "{erp: []}", "roles": "roles: []"}[emptied]
    assert old in ORGANISATION
    staffed.access.write("organisation.yaml", ORGANISATION.replace(old, new))
    assert staffed.plan().code == 4
    assert staffed.apply().code == 4
    assert memory.written == []


def test_a_deleted_file_of_users_takes_nothing_away(staffed: Desk, memory: MemoryErp) -> None:
    """Argo CD has a switch against pruning all of an emptied source; here the undeclared are left alone."""
    staffed.set('ignore: ["*"]', "ignore: []")
    (staffed.access.path / "people.yaml").unlink()
    ran = staffed.plan()
    assert ran.code == 0
    assert staffed.planned() == {}
    assert "no changes (4 unmanaged accounts)" in ran.out
    assert staffed.apply().code == 0
    assert memory.written == []


def test_a_small_company_is_guarded_like_a_large_one(desk: Desk, memory: MemoryErp) -> None:
    """octoDNS: shares are not looked at below ten records; here they hold for two accounts."""
    memory.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"),)))
    desk.access.users(buyer("chen.jing", more=", status: left"))
    desk.limit("{lock: {share: 49%}}")
    ran = desk.plan()
    assert ran.code == 4
    assert "1 of 2 accounts would be locked; the limit `lock` is 49%" in ran.err


def test_an_office_is_closed_in_one_reviewed_plan(staffed: Desk, memory: MemoryErp) -> None:
    """kubernetes/org #2094: 28 teams removed seven at a time; here a waiver names them, in one plan."""
    staffed.limit("{lock: {share: 25%}}")
    staffed.access.users(*(buyer(login, more=", status: left") for login in PEOPLE))
    assert staffed.plan().code == 4
    names = ", ".join(PEOPLE)
    waived = f"{{reason: closed, owner: wu.lan, limits: [lock], users: [{names}], valid_to: 2040-01-31}}"
    staffed.access.write("waivers.yaml", f"waivers:\n  office-closed: {waived}\n")
    assert staffed.plan().code == 0
    assert staffed.apply().code == 0
    assert not any(memory.accounts[login].active for login in PEOPLE)


def test_a_limit_is_not_lifted_for_all_by_one_switch(staffed: Desk, memory: MemoryErp) -> None:
    """octoDNS: one --force lifts every guard; here a waiver is for whom it names, and for nobody else."""
    staffed.limit("{lock: {count: 0}}")
    staffed.access.users(*(buyer(login, more=", status: left") for login in PEOPLE))
    names = ", ".join(PEOPLE[1:])
    waived = f"{{reason: closed, owner: wu.lan, limits: [lock], users: [{names}], valid_to: 2040-01-31}}"
    staffed.access.write("waivers.yaml", f"waivers:\n  office-closed: {waived}\n")
    ran = staffed.plan()
    assert ran.code == 4
    assert "1 of 5 accounts would be locked (3 more are waived)" in ran.err
