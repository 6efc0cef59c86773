"""Who is there on a day, and how many items a message lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.model import Status, User
from erpsync.policy.people import ended, later, listed, listed_zh, works
from tests.builders import user

DAY = date(2026, 11, 20)
BEFORE = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("person", "last"),
    [
        (user(), None),
        (user(valid_to=DAY), None),
        (user(valid_to=BEFORE), BEFORE),
        (replace(user(), left_on=DAY), None),
        (replace(user(), left_on=BEFORE), BEFORE),
        (user(status=Status.LEFT), date.min),
        (user(status=Status.LEFT, valid_to=BEFORE), BEFORE),
        (replace(user(status=Status.LEFT, valid_to=DAY), left_on=BEFORE), BEFORE),
    ],
)
def test_the_last_day_of_who_is_no_more_there(person: User, last: date | None) -> None:
    assert ended(person, DAY) == last


@pytest.mark.parametrize(
    ("person", "able"),
    [
        (user(), True),
        (user(valid_from=DAY), True),
        (user(valid_from=date(2026, 11, 21)), False),
        (user(status=Status.LOCKED), False),
        (user(valid_to=BEFORE), False),
    ],
)
def test_who_may_work_on_a_day(person: User, able: bool) -> None:
    assert works(person, DAY) is able


def test_long_lists_are_cut() -> None:
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c, d, e"
    assert listed(["a", "b", "c", "d", "e", "f", "g"]) == "a, b, c, d, e and 2 more"
    assert listed_zh(["a", "b", "c", "d", "e", "f"]) == "a、b、c、d、e 等 6 项"
    assert listed_zh(["a"]) == "a"


@pytest.mark.parametrize(
    ("day", "after"),
    [(DAY, date(2026, 12, 20)), (date.max - timedelta(days=30), date.max), (date.max, date.max)],
)
def test_days_end_with_the_calendar(day: date, after: date) -> None:
    assert later(day, timedelta(days=30)) == after
