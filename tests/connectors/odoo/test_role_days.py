"""Days of roles between midnight of the company and midnight of Odoo, which counts in UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from erpsync.connectors.odoo.writer import OdooWriter
from erpsync.diff import settle
from erpsync.model import Account, Grant
from tests.connectors.odoo.fake import BUYING, BY_HAND, FILING, INTERNAL, FakeOdoo, apply, edit

BUYING_GROUPS, FILING_GROUPS = (INTERNAL, BY_HAND, BUYING), (INTERNAL, FILING)
THERE, HERE, LATER = date(2026, 11, 28), date(2026, 11, 29), date(2026, 12, 3)
"""It is 20:00 in Odoo, and 04:00 of the next day in the company."""


@pytest.fixture
def odoo() -> FakeOdoo:
    made = FakeOdoo(with_roles=True)
    made.now = datetime(2026, 11, 28, 20, tzinfo=UTC)
    return made


def line(odoo: FakeOdoo, role: int, first: date | None = None, last: date | None = None) -> None:
    """Let the user `a` have a role."""
    days = {"date_from": str(first) if first else False, "date_to": str(last) if last else False}
    odoo.lines.append({"id": len(odoo.lines) + 1, "user_id": 100, "role_id": role, **days})


def read(odoo: FakeOdoo) -> tuple[OdooWriter, Account]:
    """The account as a plan of the company's day sees it, with what the connector remembers."""
    writer = odoo.writer(entitlements="roles")
    return writer, settle(writer.snapshot(["a"]).accounts["a"], HERE, writer.capabilities)


def written(odoo: FakeOdoo, *grants: Grant, **values: Any) -> dict[str, Any]:
    writer, before = read(odoo)
    apply(writer, edit(before, replace(before, grants=grants, **values)))
    (call,) = odoo.written
    return dict(call.named["vals"])


def test_a_role_that_has_begun_here_but_not_there_counts_as_held(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1)
    line(odoo, 2, HERE)
    assert read(odoo)[1].grants == (Grant("Buying"), Grant("Filing"))


def test_a_role_that_has_ended_here_but_not_there_accounts_for_its_groups(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS, FILING)
    line(odoo, 1, None, THERE)
    line(odoo, 2)
    assert read(odoo)[1].grants == (Grant("Filing"),)


def test_west_of_odoo_a_role_that_has_ended_there_but_not_here_does_so_too(odoo: FakeOdoo) -> None:
    odoo.now, odoo.zone = datetime(2026, 11, 29, 2, tzinfo=UTC), ZoneInfo("America/New_York")
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1, None, date(2026, 11, 28))
    writer = odoo.writer(entitlements="roles")
    assert writer.snapshot().accounts["a"].grants == (Grant("Buying", None, date(2026, 11, 28)),)


def test_of_who_is_locked_the_groups_are_those_of_the_day_there(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1)
    line(odoo, 2, HERE)
    assert written(odoo, Grant("Filing"), active=False)["groups_id"] == [[6, 0, []]]


def test_of_who_is_locked_a_role_that_begins_at_once_brings_its_groups(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1)
    line(odoo, 2, LATER)
    values = written(odoo, Grant("Filing"), active=False)
    assert values["role_line_ids"] == [[2, 1, 0], [1, 2, {"date_from": False, "date_to": False}]]
    assert values["groups_id"] == [[6, 0, sorted(FILING_GROUPS)]]


def test_a_role_that_has_begun_here_keeps_its_first_day(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 2, HERE)
    line(odoo, 1)
    assert written(odoo, Grant("Buying"), Grant("Filing", None, LATER))["role_line_ids"] == [
        [1, 1, {"date_from": "2026-11-29", "date_to": "2026-12-03"}]
    ]


def test_a_role_that_begins_later_can_be_brought_forward(odoo: FakeOdoo) -> None:
    odoo.user("a", *BUYING_GROUPS)
    line(odoo, 1)
    line(odoo, 2, LATER)
    assert written(odoo, Grant("Buying"), Grant("Filing"))["role_line_ids"] == [
        [1, 2, {"date_from": False, "date_to": False}]
    ]
