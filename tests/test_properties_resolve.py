"""Resolve against brute force, for every declared state and every day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings

from erpsync.model import (
    Access,
    Grant,
    Status,
    User,
)
from erpsync.resolve import resolver
from tests.builders import (
    ERP,
    TODAY,
    Case,
)
from tests.strategies import accesses, cases

more_examples = settings(max_examples=100)


def reachable(start: str, includes: Mapping[str, set[str]]) -> set[str]:
    """Everything that a role includes, as a fixed point."""
    seen = {start}
    while True:
        more = seen | {included for key in seen for included in includes[key]}
        if more == seen:
            return seen
        seen = more


def held_on(case: Case, person: User, day: date) -> set[str]:
    """What the declared state gives a user on a day, said as naively as can be."""
    access = case.access

    def within(first: date | None, last: date | None) -> bool:
        return (first is None or first <= day) and (last is None or day <= last)

    if person.status is Status.LEFT or not within(person.valid_from, person.valid_to):
        return set()
    given_roles = {item.role for item in person.assignments if within(item.valid_from, item.valid_to)}
    if person.position:
        given_roles |= set(access.positions[person.position].roles)
    for rule in access.birthright.values():
        fits = [
            not rule.types or person.type in rule.types,
            not rule.departments or person.department in rule.departments,
            not rule.positions or person.position in rule.positions,
        ]
        if all(fits):
            given_roles |= set(rule.roles)
    includes = {key: set(item.includes) for key, item in access.roles.items()}
    return {
        name
        for start in given_roles
        for key in reachable(start, includes)
        for name in access.roles[key].entitlements[ERP]
    }


def spans_hold(grants: tuple[Grant, ...], day: date) -> set[str]:
    held = set()
    for grant in grants:
        first, last = grant.valid_from, grant.valid_to
        if (first is None or first <= day) and (last is None or day <= last):
            held.add(grant.entitlement)
    return held


@given(cases())
def test_entitlements_of_the_day_are_those_of_the_naive_computation(case: Case) -> None:
    exact = resolver(case.access, ERP, case.as_of, validity=False)
    for person in case.access.users.values():
        wanted = exact.account(person)
        naive = held_on(case, person, case.as_of)
        assert {grant.entitlement for grant in wanted.grants} == naive
        assert all((grant.valid_from, grant.valid_to) == (None, None) for grant in wanted.grants)
        assert wanted.active == (person.status is Status.ACTIVE and bool(naive))


@more_examples
@given(cases())
def test_spans_hold_on_each_day_to_come_what_the_naive_computation_gives(case: Case) -> None:
    dated = resolver(case.access, ERP, case.as_of, validity=True)
    for person in case.access.users.values():
        grants = dated.account(person).grants
        # Without anything for today there is no account yet, and so nothing to hold for later.
        for ahead in range(12 if grants else 1):
            day = case.as_of + timedelta(days=ahead)
            assert spans_hold(grants, day) == held_on(case, person, day)


@given(cases())
def test_spans_of_one_entitlement_are_in_order_and_leave_a_gap(case: Case) -> None:
    for person in case.access.users.values():
        grants = resolver(case.access, ERP, case.as_of, validity=True).account(person).grants
        for grant in grants:
            assert grant.valid_from is None or grant.valid_from > case.as_of
            assert grant.valid_from is None or grant.valid_to is None or grant.valid_from <= grant.valid_to
        for one, other in pairwise(grants):
            if one.entitlement == other.entitlement:
                assert one.valid_to is not None
                assert other.valid_from is not None
                assert other.valid_from > one.valid_to + timedelta(days=1)


@given(accesses())
def test_what_is_granted_today_is_the_same_whether_the_erp_keeps_dates_or_not(access: Access) -> None:
    dated = resolver(access, ERP, TODAY, validity=True)
    exact = resolver(access, ERP, TODAY, validity=False)
    for person in access.users.values():
        assert dated.account(person).active == exact.account(person).active
        today = spans_hold(dated.account(person).grants, TODAY)
        assert today == spans_hold(exact.account(person).grants, TODAY)
