"""A connection that breaks while something is written: only reading tells what was done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from erpsync.apply import Result, apply
from erpsync.codec import fingerprint
from erpsync.connectors.base import Status
from erpsync.connectors.odoo.answers import OdooError, named
from erpsync.connectors.odoo.wires import Call
from erpsync.diff import compare
from erpsync.errors import TargetError
from erpsync.model import AccountChange
from erpsync.plan import TargetPlan
from tests.connectors.odoo.fake import INTERNAL, FakeOdoo, target

DAY = date(2026, 11, 28)
BROKE = "the connection broke"


@pytest.fixture
def odoo() -> FakeOdoo:
    made = FakeOdoo()
    for login in ("a", "b"):
        made.user(login, INTERNAL)
    return made


def renamed(odoo: FakeOdoo) -> Result:
    """Give everybody another name."""
    writer = odoo.writer()
    changes = []
    for live in writer.snapshot().accounts.values():
        before = replace(live, version=None)
        after = replace(before, name="Other")
        items = tuple(compare(before, after))
        changes.append(AccountChange(live.login, live.login, before, after, fingerprint(live), items))
    plan = TargetPlan("erp", "odoo", writer.instance(), tuple(changes), (), (), unmanaged_is_drift=False)
    return apply(plan, target(), writer, DAY)


def test_what_odoo_did_before_the_connection_broke_is_done_and_not_sent_again(odoo: FakeOdoo) -> None:
    def lose_the_answer(call: Call) -> None:
        if call.method == "write":
            for user in odoo.users:
                user["name"] = "Other"
            raise TargetError(BROKE)

    odoo.refuse = lose_the_answer
    assert [outcome.status for outcome in renamed(odoo).outcomes] == [Status.DONE, Status.DONE]
    assert sum(call.method == "write" for call in odoo.asked) == 1


def test_what_odoo_did_not_do_is_told_with_the_reason(odoo: FakeOdoo) -> None:
    def lose_the_request(call: Call) -> None:
        if call.method == "write":
            raise TargetError(BROKE)

    odoo.refuse = lose_the_request
    outcomes = renamed(odoo).outcomes
    assert {outcome.status for outcome in outcomes} == {Status.FAILED}
    assert all(BROKE in outcome.message for outcome in outcomes)
    assert sum(call.method == "write" for call in odoo.asked) == 1


def test_whoever_was_writing_the_same_records_is_told_so() -> None:
    error = named({"name": "psycopg2.errors.SerializationFailure", "message": "could not serialize"}, "erp")
    assert isinstance(error, OdooError)
    assert error.message == "somebody else was writing the same records; try again"


def test_what_odoo_says_is_shown_without_addresses_of_people() -> None:
    error = named({"name": "odoo.exceptions.UserError", "message": "no mail to\n a@huaxin.example"}, "erp")
    assert isinstance(error, OdooError)
    assert "a@huaxin.example" not in error.message
    assert "\n" not in error.message
