"""What the calendar alone brings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.agenda import Event, coming, due
from erpsync.model import Access, Birthright, Status
from erpsync.proposal import ACCOUNT
from erpsync.resolve import resolver
from tests.builders import AT, TODAY, assign, declare, position, role, user

DAY = timedelta(days=1)
ROLES = [role("buyer", "Buyer"), role("planner", "Planner"), role("empty")]


def company(*users: object) -> Access:
    return declare(users=users, roles=ROLES, positions=[position("buyer", "buyer")])  # type: ignore[arg-type]


def holding(first: date | None = None, last: date | None = None, key: str = "planner") -> Access:
    return company(user(position="buyer", assignments=[assign(key, first, last)]))


def told(access: Access, days: int = 14) -> list[tuple[date, str, bool]]:
    return [(event.day, event.what, event.ends) for event in coming(access, TODAY, days)]


# --- what is coming ---------------------------------------------------------------------------------------


def test_the_first_and_the_last_day_of_a_role_are_told_in_their_order() -> None:
    first, last = TODAY + 2 * DAY, TODAY + 5 * DAY
    assert told(holding(first, last)) == [(first, "planner", False), (last, "planner", True)]


def test_today_and_the_last_day_looked_at_count() -> None:
    assert told(holding(TODAY, TODAY + 14 * DAY)) == [
        (TODAY, "planner", False),
        (TODAY + 14 * DAY, "planner", True),
    ]
    assert told(holding(TODAY - DAY, TODAY + 15 * DAY)) == []


def test_the_days_of_an_identity_are_told_once_and_not_for_each_role() -> None:
    someone = user(position="buyer", valid_from=TODAY, valid_to=TODAY + DAY, assignments=[assign("planner")])
    assert told(company(someone)) == [(TODAY, ACCOUNT, False), (TODAY + DAY, ACCOUNT, True)]


def test_who_has_left_has_no_days() -> None:
    someone = user(status=Status.LEFT, assignments=[assign("planner", TODAY)])
    assert told(company(someone)) == []


def test_without_days_nothing_is_coming() -> None:
    assert told(holding()) == []


def test_a_rule_brings_what_it_brings_without_days_of_its_own() -> None:
    rule = Birthright("all", "All", ("planner",), AT)
    access = replace(company(user(valid_to=TODAY)), birthright={"all": rule})
    assert told(access) == [(TODAY, ACCOUNT, True)]


def test_an_event_says_where_it_stands() -> None:
    (event,) = coming(holding(TODAY), TODAY, 0)
    assert event == Event(TODAY, "chen.jing", "planner", ends=False, at=AT)


# --- what is due ------------------------------------------------------------------------------------------


def is_due(access: Access, since: date, as_of: date = TODAY) -> bool:
    return due(access, "erp", since, as_of) == {"chen.jing"}


def test_what_begins_is_due_from_its_first_day() -> None:
    access = holding(first=TODAY)
    assert is_due(access, TODAY - DAY)
    assert not is_due(access, TODAY - 2 * DAY, TODAY - DAY)
    assert not is_due(access, TODAY, TODAY + DAY)


def test_what_ends_is_due_on_the_day_after_its_last() -> None:
    access = holding(last=TODAY)
    assert not is_due(access, TODAY - DAY)
    assert is_due(access, TODAY, TODAY + DAY)


def test_what_began_and_ended_in_between_is_due_too() -> None:
    access = holding(TODAY - 4 * DAY, TODAY - DAY)
    assert is_due(access, TODAY - 7 * DAY)


def test_a_role_without_anything_in_the_target_is_not_due() -> None:
    assert not is_due(holding(first=TODAY, key="empty"), TODAY - DAY)
    assert due(holding(first=TODAY), "other", TODAY - DAY, TODAY) == set()


def test_two_roles_of_which_one_takes_over_change_nothing() -> None:
    assignments = [assign("planner", None, TODAY - DAY), assign("planner", TODAY)]
    assert not is_due(company(user(assignments=assignments)), TODAY - 2 * DAY)


def test_an_identity_is_due_like_a_role() -> None:
    assert is_due(company(user(position="buyer", valid_to=TODAY - DAY)), TODAY - DAY)


def test_the_last_day_there_is_has_no_day_after_it() -> None:
    access = company(user(position="buyer", valid_to=date.max))
    assert due(access, "erp", TODAY, date.max) == set()


DAYS = st.none() | st.integers(-10, 10).map(lambda number: TODAY + number * DAY)


@given(st.lists(st.tuples(DAYS, DAYS), max_size=3), DAYS, DAYS, st.integers(0, 9))
def test_due_is_who_differs_on_any_day_from_the_day_before(
    spans: list[tuple[date | None, date | None]], first: date | None, last: date | None, days: int
) -> None:
    someone = user(valid_from=first, valid_to=last, assignments=[assign("planner", *span) for span in spans])
    access = company(someone)
    states = [
        resolver(access, "erp", TODAY - number * DAY, validity=False).account(someone)
        for number in range(days + 1)
    ]
    moved = any(one != other for one, other in pairwise(states))
    assert is_due(access, TODAY - days * DAY) == moved


@pytest.mark.parametrize("days", [0, 1])
def test_no_day_that_passed_makes_nothing_due(days: int) -> None:
    assert due(holding(first=TODAY), "erp", TODAY + days * DAY, TODAY) == set()
