"""What is written to Odoo: only what differs, those that change alike together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from erpsync.connectors.base import Outcome, Status
from erpsync.connectors.odoo.answers import OdooError
from erpsync.connectors.odoo.wires import Call
from erpsync.connectors.odoo.writer import OdooWriter
from erpsync.diff import blend
from erpsync.model import Account, Grant
from tests.connectors.odoo.fake import (
    ALL_LEADS,
    BY_HAND,
    EAST,
    INBOX,
    INTERNAL,
    MULTI_COMPANY,
    PORTAL,
    SALESMAN,
    WEST,
    FakeOdoo,
    apply,
    edit,
)
from tests.support.erp import ENFORCE

USER, LEADS, SALES = (
    Grant("base.group_user"),
    Grant("sales_team.group_sale_salesman_all_leads"),
    Grant("sales_team.group_sale_salesman"),
)
NIGHT = Grant("Night Shift")


@pytest.fixture
def odoo() -> FakeOdoo:
    return FakeOdoo()


def live(writer: OdooWriter, login: str = "a") -> Account:
    return writer.snapshot([login]).accounts[login]


def written(odoo: FakeOdoo, **values: Any) -> dict[str, Any]:
    """What is written for the account `a`, if it is to have these values."""
    writer = odoo.writer()
    before = live(writer)
    apply(writer, edit(before, replace(before, **values)))
    (call,) = odoo.written
    return dict(call.named["vals"])


def made(odoo: FakeOdoo, account: Account, **options: str) -> dict[str, Any]:
    """What a new account is made with."""
    apply(odoo.writer(**options), edit(None, account))
    (call,) = odoo.written
    (values,) = call.named["vals_list"]
    return dict(values)


# --- new accounts -----------------------------------------------------------------------------------


def test_a_new_account_has_its_groups_and_companies_written_out(odoo: FakeOdoo) -> None:
    account = Account("a", "A", scope={"company": ("East", "West")}, grants=(USER, SALES))
    assert made(odoo, account) == {
        "login": "a",
        "name": "A",
        "company_ids": [[6, 0, [EAST, WEST]]],
        "company_id": EAST,
        "groups_id": [[6, 0, [MULTI_COMPANY, SALESMAN]]],
    }


def test_a_new_account_of_one_company_does_not_get_the_group_of_several(odoo: FakeOdoo) -> None:
    account = Account("a", "A", scope={"company": ("West",)}, grants=(USER,))
    assert made(odoo, account)["groups_id"] == [[6, 0, [INTERNAL]]]


def test_a_new_account_with_roles_has_no_groups_but_theirs() -> None:
    odoo = FakeOdoo(with_roles=True)
    grants = (Grant("Buying", None, date(2026, 12, 31)),)
    values = made(odoo, Account("a", "A", scope={"company": ("East",)}, grants=grants), entitlements="roles")
    assert values["groups_id"] == [[6, 0, []]]
    assert values["role_line_ids"] == [[0, 0, {"role_id": 1, "date_from": False, "date_to": "2026-12-31"}]]


# --- existing accounts ------------------------------------------------------------------------------


def test_only_what_differs_is_written(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL)
    assert written(odoo, name="Other") == {"name": "Other"}


def test_an_attribute_that_there_was_none_of_can_be_taken_away_again(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, email="a@huaxin.example")
    assert written(odoo, email=None, language=None) == {"email": False, "lang": False}


def test_an_attribute_that_is_not_declared_is_left_as_it_is(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, email="a@huaxin.example")
    writer = odoo.writer()
    after = blend(replace(live(writer), email=None, active=False), live(writer), ENFORCE)
    assert after is not None
    apply(writer, edit(live(writer), after))
    assert [call.named["vals"] for call in odoo.written] == [{"active": False}]


def test_a_login_is_written_only_for_a_rename(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL)
    assert written(odoo, login="b") == {"login": "b"}


def test_a_group_is_given_with_the_one_command_that_brings_the_rest(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL)
    assert written(odoo, grants=(USER, SALES, LEADS)) == {"groups_id": [[4, ALL_LEADS, 0]]}


def test_what_came_with_a_group_is_taken_by_name_too(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, SALESMAN, ALL_LEADS, INBOX, MULTI_COMPANY)
    assert written(odoo, grants=(USER, NIGHT)) == {
        "groups_id": [[3, SALESMAN, 0], [3, ALL_LEADS, 0], [4, BY_HAND, 0]]
    }


def test_of_groups_that_bring_each_other_one_is_written() -> None:
    odoo = FakeOdoo(19)
    for row in odoo.tables["res.groups"]:
        if row["id"] == SALESMAN:
            row["implied_ids"] = [INTERNAL, ALL_LEADS]
    odoo.user("a", INTERNAL, BY_HAND)
    assert written(odoo, grants=(USER, SALES, LEADS)) == {"group_ids": [[6, 0, [SALESMAN]]]}


def test_a_group_that_cannot_be_read_can_still_be_taken(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, 999)
    assert written(odoo, grants=(USER,)) == {"groups_id": [[3, 999, 0]]}


def test_whoever_ceases_to_be_internal_keeps_the_groups_that_stay(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, BY_HAND, MULTI_COMPANY, companies=(EAST, WEST))
    groups = [[6, 0, sorted([MULTI_COMPANY, PORTAL, BY_HAND])]]
    assert written(odoo, grants=(Grant("base.group_portal"), NIGHT)) == {"groups_id": groups}


def test_whoever_ceases_to_be_internal_and_keeps_nothing_has_it_taken_by_name(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL)
    groups = [[3, INTERNAL, 0], [4, PORTAL, 0]]
    assert written(odoo, grants=(Grant("base.group_portal"),)) == {"groups_id": groups}


def test_from_19_on_taking_writes_the_list_with_what_odoo_keeps() -> None:
    odoo = FakeOdoo(19)
    odoo.user("a", INTERNAL, SALESMAN, ALL_LEADS, INBOX, MULTI_COMPANY, companies=(EAST, WEST))
    assert written(odoo, grants=(USER, SALES)) == {"group_ids": [[6, 0, [MULTI_COMPANY, INBOX, SALESMAN]]]}


def test_from_19_on_a_group_is_given_by_name_too() -> None:
    odoo = FakeOdoo(19)
    odoo.user("a", INTERNAL)
    assert written(odoo, grants=(USER, NIGHT)) == {"group_ids": [[4, BY_HAND, 0]]}


def test_the_company_that_odoo_opens_with_stays_while_it_is_allowed(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, companies=(WEST,))
    assert written(odoo, scope={"company": ("East", "West")}) == {"company_ids": [[6, 0, [EAST, WEST]]]}


def test_it_becomes_the_first_by_name_once_it_is_not(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, companies=(WEST,))
    values = written(odoo, scope={"company": ("East",)})
    assert values == {"company_ids": [[6, 0, [EAST]]], "company_id": EAST}


# --- many -------------------------------------------------------------------------------------------


def renamed(odoo: FakeOdoo, count: int, names: Sequence[str]) -> list[Outcome]:
    """Give so many accounts new names, in turn."""
    for number in range(count):
        odoo.user(f"u{number:04}", INTERNAL)
    writer = odoo.writer()
    accounts = sorted(writer.snapshot().accounts.values(), key=lambda account: account.login)
    return apply(writer, *(
        edit(account, replace(account, name=names[number % len(names)]))
        for number, account in enumerate(accounts)
    ))  # fmt: skip


def test_those_that_change_alike_are_written_together_five_hundred_at_most(odoo: FakeOdoo) -> None:
    outcomes = renamed(odoo, 1200, ["x"])
    assert [len(call.ids or ()) for call in odoo.written] == [500, 500, 200]
    assert {outcome.status for outcome in outcomes} == {Status.DONE}
    assert len(outcomes) == 1200


def test_those_that_change_otherwise_are_written_apart(odoo: FakeOdoo) -> None:
    renamed(odoo, 6, ["x", "y"])
    assert [call.named["vals"] for call in odoo.written] == [{"name": "x"}, {"name": "y"}]


def test_new_accounts_are_made_a_hundred_a_call(odoo: FakeOdoo) -> None:
    scope = {"company": ("East",)}
    accounts = [Account(f"u{number}", "U", scope=scope, grants=(USER,)) for number in range(250)]
    apply(odoo.writer(), *(edit(None, account) for account in accounts))
    assert [len(call.named["vals_list"]) for call in odoo.written] == [100, 100, 50]


def test_locks_are_written_before_what_gives(odoo: FakeOdoo) -> None:
    odoo.user("gains", INTERNAL)
    odoo.user("leaves", INTERNAL)
    writer = odoo.writer()
    leaves, gains = live(writer, "leaves"), live(writer, "gains")
    apply(
        writer,
        edit(leaves, replace(leaves, active=False)),
        edit(gains, replace(gains, grants=(USER, NIGHT))),
    )
    assert [call.named["vals"] for call in odoo.written] == [
        {"active": False},
        {"groups_id": [[4, BY_HAND, 0]]},
    ]


def test_a_refused_call_is_halved_down_to_the_account_it_is_refused_for(odoo: FakeOdoo) -> None:
    refused = 105

    def refuse(call: Call) -> OdooError | None:
        return OdooError("x.ValidationError", "no") if refused in (call.ids or ()) else None

    odoo.refuse = refuse
    outcomes = {outcome.login: outcome for outcome in renamed(odoo, 8, ["x"])}
    assert outcomes.pop("u0005") == Outcome("u0005", Status.FAILED, "no")
    assert {outcome.status for outcome in outcomes.values()} == {Status.DONE}
    assert [list(call.ids or ()) for call in odoo.written] == [[100, 101, 102, 103], [104], [106, 107]]


def test_an_account_that_is_gone_has_moved(odoo: FakeOdoo) -> None:
    odoo.refuse = lambda call: OdooError("x.MissingError", "gone") if call.method == "write" else None
    (outcome,) = renamed(odoo, 1, ["x"])
    assert outcome == Outcome("u0000", Status.MOVED, "it was changed in Odoo since the plan")
