"""Tools that took away what kept them, or their administrators, in."""

from __future__ import annotations

import pytest

from demo.bootstrap import APPLY_LOGIN
from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.erp import Erp
from tests.support.memory import MemoryErp


@pytest.mark.parametrize("status", ["left", "locked"])
def test_protection_outlives_the_entry_it_protects(desk: Desk, memory: MemoryErp, status: str) -> None:
    """terraform #17599: prevent_destroy went with its block; here protection stands apart from the user."""
    memory.put(Account("admin", "管理员", grants=(Grant("Buyer"), Grant("Planner"))))
    before = memory.accounts["admin"]
    desk.access.users(buyer("admin", "管理员", f", status: {status}"))
    ran = desk.plan()
    assert desk.planned() == {}
    assert "protected by the target's settings" in ran.out

    desk.access.users(buyer("chen.jing"))
    desk.plan()
    assert desk.planned().keys() == {"chen.jing"}
    assert desk.apply().code == 0
    assert memory.accounts["admin"] == before


@pytest.mark.parametrize("who", ["erpsync itself", "an administrator"])
def test_the_way_back_in_cannot_be_closed_even_if_nobody_protected_it(real: Desk, erp: Erp, who: str) -> None:
    """ldap2pg spares the user it runs as; here erpsync and administrators are spared, declared or not."""
    login = APPLY_LOGIN
    if who == "an administrator":
        login = erp.login("boss")
        erp.create(login, administrator=True)
    before = erp.read(login)
    real.set("protected: [admin]", "protected: []")
    real.access.users(buyer("gone", more=f", status: left, logins: {{erp: {login}}}"))
    ran = real.plan()
    assert ran.code == 0
    assert real.planned() == {}
    assert (
        "the login of erpsync itself" if login == APPLY_LOGIN else "an administrator of the ERP"
    ) in ran.out
    assert erp.read(login) == before
