"""The roles of base_user_role: days, groups that follow or do not, and groups beside them."""

from __future__ import annotations

from datetime import timedelta

from erpsync.connectors.odoo.reader import OdooReader
from erpsync.model import Account, Grant
from tests.contract.odoo import OdooHarness
from tests.support.odoo_server import COMPANIES

DAY = timedelta(days=1)


def grants(odoo: OdooHarness, login: str) -> tuple[Grant, ...]:
    with odoo.reading() as reader:
        return reader.snapshot([login]).accounts[login].grants


def test_a_role_has_its_days(odoo_with_roles: OdooHarness) -> None:
    odoo = odoo_with_roles
    login, today = odoo.login("days"), odoo.today()
    odoo.make(login)
    line = {"role_id": odoo.server.role("Buying"), "date_from": str(today - DAY), "date_to": str(today)}
    odoo.server.write(login, role_line_ids=[[0, 0, line]])
    assert grants(odoo, login) == (Grant("Buying", today - DAY, today),)


def test_a_role_whose_groups_are_not_there_is_not_held(odoo_with_roles: OdooHarness) -> None:
    odoo = odoo_with_roles
    login = odoo.login("hollow")
    odoo.make(login)
    odoo.give(login, "Buying")
    # From the side of the group, which the module does not notice.
    group = odoo.server.group("Buyer")
    odoo.server.call("res.groups", "write", [group], {"users": [[3, odoo.server.id(login), 0]]})
    assert Grant("Buying") not in grants(odoo, login)


def test_a_group_that_no_role_brings_is_told(odoo_with_roles: OdooHarness) -> None:
    odoo = odoo_with_roles
    login = odoo.login("beside")
    odoo.make(login)
    odoo.give(login, "Buying")
    group = odoo.server.group("Clerk")
    odoo.server.call("res.groups", "write", [group], {"users": [[4, odoo.server.id(login), 0]]})
    assert grants(odoo, login) == (Grant("Buying"), Grant("group:Clerk"))


def test_groups_beside_roles_are_objected_to(odoo_with_roles: OdooHarness) -> None:
    mixed = Account("a", grants=(Grant("Buying"), Grant("group:Clerk")), scope={"company": COMPANIES})
    with odoo_with_roles.reading() as reader:
        assert isinstance(reader, OdooReader)
        (said,) = reader.objections(mixed)
    assert said.startswith("would have groups beside roles")
