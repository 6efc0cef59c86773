"""Whether a plan does more than the one that was approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from erpsync.model import Account, AccountChange, Change, ChangeKind, Grant
from erpsync.plan import Plan, TargetPlan, make_plan
from erpsync.widening import beyond
from tests.builders import DIGEST, NOW, TODAY

CHEN = Account("chen.jing", "陈静")


def change(*changes: Change, user: str = "chen.jing", login: str = "chen.jing") -> AccountChange:
    return AccountChange(user, login, CHEN, CHEN, DIGEST, changes)


def grant(entitlement: str, *grants: Grant) -> Change:
    return Change(ChangeKind.GRANT, entitlement, after=grants or (Grant(entitlement),))


def planned(*changes: AccountChange, as_of: date = TODAY) -> Plan:
    target = TargetPlan("erp", "tryton", "instance-1", changes, (), (), unmanaged_is_drift=False)
    return make_plan([target], as_of=as_of, now=NOW, access_digest=DIGEST, commit=None)


def new(approved: Plan | None, now: Plan, due: frozenset[tuple[str, str]] = frozenset()) -> list[str]:
    found = beyond([approved] if approved else [], now, lambda *key: key in due)
    return [f"{item.kind} {item.subject}".strip() for _, account in found for item in account.changes]


def test_the_same_plan_does_no_more() -> None:
    plan = planned(change(grant("Buyer"), grant("Clerk")))
    assert new(plan, plan) == []


def test_a_plan_that_does_less_does_no_more() -> None:
    assert new(planned(change(grant("Buyer"), grant("Clerk"))), planned(change(grant("Clerk")))) == []


def test_without_an_approved_plan_everything_is_more() -> None:
    assert new(None, planned(change(grant("Buyer"), grant("Clerk")))) == ["grant Buyer", "grant Clerk"]


def test_of_an_account_only_what_is_new_is_named() -> None:
    assert new(planned(change(grant("Buyer"))), planned(change(grant("Buyer"), grant("Clerk")))) == [
        "grant Clerk"
    ]


def test_what_several_plans_allow_together_may_be_done_together() -> None:
    one, other = planned(change(grant("Buyer"))), planned(change(grant("Clerk")))
    assert beyond([one, other], planned(change(grant("Buyer"), grant("Clerk"))), lambda *_: False) == []


def test_what_the_calendar_brings_is_no_more() -> None:
    plan = planned(change(grant("Clerk")))
    assert new(None, plan, frozenset({("erp", "chen.jing")})) == []
    assert new(None, plan, frozenset({("erp", "lin.tao")})) == ["grant Clerk"]


@pytest.mark.parametrize(
    "more",
    [
        change(grant("Buyer"), user="lin.tao"),
        change(grant("Buyer"), login="lin.tao"),
        change(Change(ChangeKind.REVOKE, "Buyer", before=(Grant("Buyer"),))),
        change(grant("Buyer", Grant("Buyer", None, date(2027, 1, 1)))),
        change(Change(ChangeKind.UPDATE, "email", "a@huaxin.example", "b@huaxin.example")),
        change(Change(ChangeKind.RESCOPE, "company", (), ("Huaxin Trading",))),
    ],
    ids=["user", "login", "kind", "days", "value", "scope"],
)
def test_anything_else_of_an_account_is_more(more: AccountChange) -> None:
    assert len(new(planned(change(grant("Buyer"))), planned(more))) == 1


def test_the_same_in_another_place_is_more() -> None:
    now = planned(change(grant("Buyer")))
    for elsewhere in (replace(now.targets[0], target="test"), replace(now.targets[0], instance="test")):
        assert new(replace(now, targets=(elsewhere,)), now) == ["grant Buyer"]


def test_how_it_was_before_does_not_matter() -> None:
    before = (Grant("Buyer", None, date(2027, 1, 1)),)
    approved = planned(change(Change(ChangeKind.RETIME, "Buyer", before, (Grant("Buyer"),))))
    assert new(approved, planned(change(Change(ChangeKind.RETIME, "Buyer", (), (Grant("Buyer"),))))) == []


def test_a_login_that_differs_only_in_case_is_the_same() -> None:
    assert new(planned(change(grant("Buyer"), login="Chen.Jing")), planned(change(grant("Buyer")))) == []


def test_a_grant_that_began_since_is_the_one_that_was_approved() -> None:
    begin = date(2026, 12, 1)
    approved = planned(change(grant("Buyer", Grant("Buyer", begin, date(2027, 1, 1)))))
    now = planned(change(grant("Buyer", Grant("Buyer", None, date(2027, 1, 1)))), as_of=begin)
    assert new(approved, now) == []
    assert new(approved, replace(now, as_of=date(2026, 11, 30))) == ["grant Buyer"]


def test_a_span_that_ended_since_counts_no_more() -> None:
    spans = (Grant("Buyer", None, date(2026, 11, 30)), Grant("Buyer", date(2026, 12, 10), None))
    now = planned(change(grant("Buyer", spans[1])), as_of=date(2026, 12, 1))
    assert new(planned(change(grant("Buyer", *spans))), now) == []


def test_instants_count_by_their_day() -> None:
    instant = Grant("Buyer", datetime(2026, 11, 1, 8, 0, tzinfo=NOW.tzinfo), None)
    assert new(planned(change(grant("Buyer", instant))), planned(change(grant("Buyer")))) == []
