"""Accounts of other owners, which a tool took for its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.memory import MemoryErp

STRANGERS = ("admin", "consultant7", "legacy-1")


@pytest.mark.parametrize("ignored", ['["*"]', '["legacy-*"]', "[]"])
@pytest.mark.parametrize("accounts", ["report", "drift"])
def test_accounts_of_other_owners_are_never_touched(
    desk: Desk, memory: MemoryErp, ignored: str, accounts: str
) -> None:
    """octodns #352, DNSControl #183: ignoring others had to be asked for; here others are never touched."""
    desk.set('{accounts: report, ignore: ["*"]}', f"{{accounts: {accounts}, ignore: {ignored}}}")
    for login in STRANGERS:
        memory.put(Account(login, "Somebody", grants=(Grant("Buyer"), Grant("Planner"))))
    before = {login: (memory.accounts[login], memory.accounts[login].version) for login in STRANGERS}
    desk.access.users(buyer("chen.jing"))
    desk.plan()
    assert desk.planned().keys() == {"chen.jing"}
    assert desk.apply().code == 0
    assert {login: (memory.accounts[login], memory.accounts[login].version) for login in STRANGERS} == before


def test_what_others_gave_stays_where_a_kind_is_additive(desk: Desk, memory: MemoryErp) -> None:
    """octodns #752, DNSControl #935: the rest is somebody else's; here additive takes nothing away."""
    desk.set("entitlements: enforce, scope: enforce", "entitlements: additive, scope: additive")
    theirs = Account("chen.jing", "陈静", scope={"company": ("Huaxin Castings",)}, grants=(Grant("Planner"),))
    memory.put(theirs)
    desk.access.users(buyer("chen.jing", more=", scope: {company: [Huaxin Trading]}"))
    desk.plan()
    assert desk.apply().code == 0
    both = {"company": ("Huaxin Castings", "Huaxin Trading")}
    wanted = replace(theirs, scope=both, grants=(Grant("Buyer"), Grant("Planner")))
    assert memory.accounts["chen.jing"] == wanted
    desk.plan()
    assert desk.planned() == {}
