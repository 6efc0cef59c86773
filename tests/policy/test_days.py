"""Spans of days."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from erpsync.policy.days import Span, common, joined, without

DAYS = [*(date(2026, 11, number) for number in range(1, 9)), date.max]
spans = st.lists(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(lambda pair: (min(pair), max(pair)))
)


def among(some: list[Span] | tuple[Span, ...]) -> set[date]:
    return {day for day in DAYS if any(first <= day <= last for first, last in some)}


def november(first: int, last: int) -> Span:
    return date(2026, 11, first), date(2026, 11, last)


def test_spans_that_touch_are_one() -> None:
    assert joined([november(4, 6), november(1, 3)]) == (november(1, 6),)


def test_spans_with_a_day_between_stay_two() -> None:
    assert joined([november(5, 6), november(1, 3)]) == (november(1, 3), november(5, 6))


def test_nothing_follows_a_span_without_end() -> None:
    endless = (date(2026, 11, 2), date.max)
    assert joined([endless, november(3, 4)]) == (endless,)


def test_what_is_left_of_a_span_lies_on_both_sides_of_what_is_taken() -> None:
    assert without((november(1, 8),), (november(3, 4),)) == (november(1, 2), november(5, 8))


def test_nothing_is_left_after_a_taken_span_without_end() -> None:
    assert without((november(1, 8),), ((date(2026, 11, 3), date.max),)) == (november(1, 2),)


def test_a_span_without_end_keeps_it() -> None:
    endless = ((date(2026, 11, 2), date.max),)
    assert without(endless, (november(1, 4),)) == ((date(2026, 11, 5), date.max),)


def test_what_reaches_back_to_the_first_day_of_all_leaves_nothing_before_it() -> None:
    always = ((date.min, date.max),)
    assert without(always, always) == ()


@given(spans)
def test_joining_keeps_the_days_and_leaves_gaps(some: list[Span]) -> None:
    made = joined(some)
    assert among(made) == among(some)
    assert all((later[0] - earlier[1]).days > 1 for earlier, later in pairwise(made))


@given(spans, spans)
def test_days_in_common_are_those_of_both(one: list[Span], other: list[Span]) -> None:
    assert among(common(joined(one), joined(other))) == among(one) & among(other)


@given(spans, spans)
def test_days_left_over_are_those_of_one_alone(one: list[Span], other: list[Span]) -> None:
    assert among(without(joined(one), joined(other))) == among(one) - among(other)
