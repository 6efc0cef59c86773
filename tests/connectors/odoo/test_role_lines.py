"""Roles of base_user_role as lines with days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from erpsync.connectors.base import Outcome, Status
from erpsync.connectors.odoo.writer import OdooWriter
from erpsync.model import Account, Grant
from tests.connectors.odoo.fake import BUYING, BY_HAND, FILING, INTERNAL, SALESMAN, FakeOdoo, apply, edit

BUYING_GROUPS = (INTERNAL, BY_HAND, BUYING)
YESTERDAY, TODAY, TOMORROW = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)


@pytest.fixture
def odoo() -> FakeOdoo:
    return FakeOdoo(with_roles=True)


def line(odoo: FakeOdoo, role: int, first: date | None = None, last: date | None = None) -> int:
    """Let the user `a` have a role."""
    number = len(odoo.lines) + 1
    days = {"date_from": str(first) if first else False, "date_to": str(last) if last else False}
    odoo.lines.append({"id": number, "user_id": 100, "role_id": role, **days})
    return number


def read(odoo: FakeOdoo, **options: str) -> tuple[OdooWriter, Account]:
    writer = odoo.writer(entitlements="roles", **options)
    return writer, writer.snapshot(["a"]).accounts["a"]


def written(odoo: FakeOdoo, *grants: Grant, **values: Any) -> dict[str, Any]:
    """What is written if `a` is to have these roles."""
    writer, before = read(odoo)
    apply(writer, edit(before, replace(before, grants=grants, **values)))
    (call,) = odoo.written
    return dict(call.named["vals"])


def test_a_role_that_acts_is_held_with_its_days(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1, YESTERDAY, TODAY)
    assert read(odoo)[1].grants == (Grant("Buying", YESTERDAY, TODAY),)


def test_a_role_without_its_groups_is_not_held_and_one_of_another_day_is_only_declared(
    odoo: FakeOdoo,
) -> None:
    odoo.user("a", INTERNAL)
    line(odoo, 1)
    line(odoo, 2, TOMORROW)
    assert Grant("Buying") not in read(odoo)[1].grants
    assert Grant("Filing", TOMORROW) in read(odoo)[1].grants


def test_a_group_that_no_role_of_today_brings_is_told_by_its_name(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS, SALESMAN)
    line(odoo, 1)
    assert read(odoo)[1].grants == (Grant("Buying"), Grant("group:sales_team.group_sale_salesman"))


def test_roles_are_added_changed_and_taken_line_by_line(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    taken = line(odoo, 1)
    assert written(odoo, Grant("Filing", TODAY, TOMORROW))["role_line_ids"] == [
        [2, taken, 0],
        [0, 0, {"role_id": 2, "date_from": "2026-11-28", "date_to": "2026-11-29"}],
    ]


def test_a_role_that_has_begun_keeps_its_first_day(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    number = line(odoo, 1, YESTERDAY)
    assert written(odoo, Grant("Buying", None, TOMORROW)) == {
        "role_line_ids": [[1, number, {"date_from": "2026-11-27", "date_to": "2026-11-29"}]]
    }


def test_a_role_that_has_ended_is_left_in_its_history(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 2, None, YESTERDAY)
    line(odoo, 1)
    assert written(odoo, Grant("Buying", None, TOMORROW))["role_line_ids"] == [
        [1, 2, {"date_from": False, "date_to": "2026-11-29"}]
    ]


def test_without_its_last_role_an_account_loses_its_groups_in_the_same_write(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    number = line(odoo, 1)
    assert written(odoo) == {"role_line_ids": [[2, number, 0]], "groups_id": [[6, 0, []]]}


def test_of_who_is_locked_the_groups_are_written_too_as_the_module_looks_away(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1)
    values = written(odoo, Grant("Filing"), active=False)
    assert values["groups_id"] == [[6, 0, sorted([INTERNAL, FILING])]]


def test_a_group_that_is_not_there_any_more_fails_the_account_that_should_have_it(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1)
    writer, before = read(odoo)
    (outcome,) = apply(writer, edit(before, replace(before, grants=(Grant("group:Bygone"),))))
    assert outcome == Outcome("a", Status.FAILED, "there is no group 'Bygone' in Odoo any more")
    assert odoo.written == []


def test_a_role_that_is_not_there_any_more_fails_too(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1)
    writer, before = read(odoo)
    (outcome,) = apply(writer, edit(before, replace(before, grants=(Grant("Bygone"),))))
    assert outcome.message == "there is no role 'Bygone' in Odoo any more"


def test_what_cannot_be_read_stays_with_whoever_is_locked(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS, 999)
    line(odoo, 1)
    line(odoo, 9)
    grants = (Grant("#9"), Grant("group:#999"))
    assert written(odoo, *grants, active=False)["groups_id"] == [[6, 0, [999]]]


def test_whoever_has_roles_is_protected_where_groups_are_managed(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1)
    assert odoo.writer().snapshot(["a"]).protected["a"].startswith("its groups come from roles")


def test_a_role_that_cannot_be_read_goes_by_its_number(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL)
    line(odoo, 9)
    assert Grant("#9") in read(odoo)[1].grants
