"""What must be so before a role is used: what the fixtures of the rules leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.model import Access, Birthright, Role, Status, Training, User, UserType
from erpsync.policy import bounds, gates
from erpsync.policy.base import Facts, evaluate, introduced
from tests.builders import AT, assign, declare, position, role, user

DAY = date(2026, 11, 20)
RULES = (*gates.RULES, *bounds.RULES)
SCOPE = {"company": ("all",)}
TRAININGS = {
    "basics": Training("basics", "Basics", AT, "基础", timedelta(days=365)),
    "once": Training("once", "Once", AT),
}


def ids(access: Access) -> list[str]:
    return [finding.id for finding in evaluate(Facts(access, DAY), RULES)]


def needing(training: str = "basics", *, holders: Sequence[User], roles: Sequence[Role] = ()) -> Access:
    counter = replace(role("counter"), requires_training=(training,))
    access = declare(
        users=holders,
        roles=[counter, role("chief", includes=["counter"]), *roles],
        positions=[position("keeper", "chief")],
        birthright=[Birthright("all", "All", ("counter",), AT, departments=frozenset({"sales"}))],
    )
    return replace(access, trainings=TRAININGS)


@pytest.mark.parametrize(
    "holder",
    [
        user("a", assignments=[assign("counter")]),
        user("a", assignments=[assign("counter", first=DAY + timedelta(days=9))]),
        user("a", position="keeper"),
        user("a", department="sales"),
    ],
    ids=["assignment", "assignment to come", "position, included", "rule"],
)
def test_a_training_is_required_however_the_role_comes(holder: User) -> None:
    assert ids(needing(holders=[holder])) == ["gates/training:a/basics"]


@pytest.mark.parametrize(
    "holder",
    [
        user("a", status=Status.LOCKED, position="keeper"),
        user("a", valid_from=DAY + timedelta(days=9), position="keeper"),
        user("a", assignments=[assign("counter", last=DAY - timedelta(days=1))]),
    ],
    ids=["locked", "begins later", "ended"],
)
def test_who_does_not_work_yet_or_any_more_needs_no_training(holder: User) -> None:
    assert ids(needing(holders=[holder])) == []


def test_a_training_that_is_to_be_done_later_is_not_done() -> None:
    holder = replace(user("a", position="keeper"), trainings={"basics": DAY + timedelta(days=1)})
    assert ids(needing(holders=[holder])) == ["gates/training:a/basics"]


def test_a_training_without_an_end_counts_for_ever() -> None:
    holder = replace(user("a", position="keeper"), trainings={"once": date(1999, 1, 1)})
    assert ids(needing("once", holders=[holder])) == []


def test_a_training_counts_as_many_days_as_it_is_valid_for() -> None:
    short = {"basics": Training("basics", "Basics", AT, None, timedelta(days=1))}
    holder = replace(user("a", position="keeper"), trainings={"basics": DAY})
    access = replace(needing(holders=[holder]), trainings=short)
    assert ids(access) == ["gates/training-ends:a/basics"]


def test_a_role_held_in_two_ways_asks_once() -> None:
    holder = user("a", position="keeper", assignments=[assign("counter")])
    (finding,) = evaluate(Facts(needing(holders=[holder]), DAY), RULES)
    assert "chief, counter requires it" in finding.violation.message


def test_who_needs_it_by_no_type_is_not_asked_for_proof() -> None:
    access = declare(users=[user("a")])
    assert ids(access) == []
    asked = replace(access, policy=replace(access.policy, verify_identity=frozenset({UserType.DEDICATED})))
    assert ids(asked) == ["gates/identity:a"]


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (UserType.TEMPORARY, ["gates/sensitive:a/books"]),
        (UserType.SERVICE, ["gates/sensitive:a/books"]),
        (UserType.DEDICATED, []),
        (UserType.EMERGENCY, []),
    ],
)
def test_sensitive_data_is_not_changed_by_outsiders_and_programs(kind: UserType, found: list[str]) -> None:
    ledger = replace(role("ledger"), sensitive="finance")
    holder = user("a", kind=kind, assignments=[assign("books"), assign("reader")])
    access = declare(users=[holder], roles=[ledger, role("books", includes=["ledger"]), role("reader")])
    assert ids(access) == found


def test_where_nobody_has_a_scope_none_is_missed() -> None:
    access = declare(users=[user("a", assignments=[assign("buyer")])], roles=[role("buyer", "Purchase")])
    assert ids(access) == []


@pytest.mark.parametrize(
    ("entitlements", "found"),
    [(["Purchase"], ["scope/absent:a"]), ([], [])],
    ids=["grants", "grants nothing"],
)
def test_a_scope_is_missed_of_who_may_do_something(entitlements: list[str], found: list[str]) -> None:
    people = [user("a", assignments=[assign("buyer")]), user("b", scope=SCOPE)]
    assert ids(declare(users=people, roles=[role("buyer", *entitlements)])) == found


def test_holders_are_counted_through_roles_that_include_the_role() -> None:
    few = replace(role("opener"), max_holders=1)
    people = [
        user("a", assignments=[assign("opener")]),
        user("b", assignments=[assign("chief")]),
        user("c", status=Status.LOCKED, assignments=[assign("opener")]),
    ]
    access = declare(users=people, roles=[few, role("chief", includes=["opener"])])
    one, other = evaluate(Facts(access, DAY), RULES)
    assert (one.id, other.id) == ("gates/max-holders:opener/a", "gates/max-holders:opener/b")
    assert one.violation.message == "a is one of 2 who have opener on 2026-11-20; 1 may"


@pytest.mark.parametrize(("first", "crowded"), [(30, ["a", "b"]), (31, [])])
def test_holders_are_counted_day_by_day(first: int, crowded: list[str]) -> None:
    few = replace(role("opener"), max_holders=1)
    begins, ends = DAY + timedelta(days=first), DAY + timedelta(days=30)
    people = [
        user("a", assignments=[assign("opener", last=ends)]),
        user("b", assignments=[assign("opener", first=begins)]),
    ]
    assert ids(declare(users=people, roles=[few])) == [f"gates/max-holders:opener/{key}" for key in crowded]


def test_one_more_holder_is_a_finding_that_was_not_there() -> None:
    few = replace(role("opener"), max_holders=1)
    people = [user(key, assignments=[assign("opener")]) for key in ("a", "b", "c")]
    before, after = (declare(users=people[:count], roles=[few]) for count in (2, 3))
    new = introduced(evaluate(Facts(before, DAY), RULES), evaluate(Facts(after, DAY), RULES))
    assert [finding.id for finding in new] == ["gates/max-holders:opener/c"]


def test_one_who_holds_a_role_in_two_ways_counts_once() -> None:
    few = replace(role("opener"), max_holders=1)
    holder = user("a", assignments=[assign("opener"), assign("opener")])
    assert ids(declare(users=[holder], roles=[few])) == []
