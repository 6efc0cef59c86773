"""Days as people say them, in English and Chinese."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.days import day_in_words

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-12-31", "2026-12-31"),
        ("2026/1/5", "2026-01-05"),
        ("2027.02.03", "2027-02-03"),
        ("2027年2月3日", "2027-02-03"),
        ("12月1日", "2026-12-01"),
        ("3月1号", "2027-03-01"),
        ("today", "2026-11-28"),
        ("明天", "2026-11-29"),
        ("end of month", "2026-11-30"),
        ("本月底", "2026-11-30"),
        ("季度末", "2026-12-31"),
        ("until the end of the year", "2026-12-31"),
        ("End  of Year", "2026-12-31"),
        ("至年底", "2026-12-31"),
        ("明年底", "2027-12-31"),
        ("3 months", "2027-02-27"),
        ("for 3 months", "2027-02-27"),
        ("三个月", "2027-02-27"),
        ("两周", "2026-12-11"),
        ("a week", "2026-12-04"),
        ("10天", "2026-12-07"),
        ("1d", "2026-11-28"),
        ("半年", "2027-05-27"),
        ("一年", "2027-11-27"),
        ("十二个月", "2027-11-27"),
        ("2 quarters", "2027-05-27"),
    ],
)
def test_day_is_the_one_that_is_meant(words: str, day: str) -> None:
    assert day_in_words(words, TODAY) == date.fromisoformat(day)


def test_length_of_time_counts_from_its_first_day() -> None:
    assert day_in_words("3 months", TODAY, date(2026, 12, 1)) == date(2027, 2, 28)
    assert day_in_words("1 month", TODAY, date(2027, 1, 31)) == date(2027, 2, 28)
    assert day_in_words("三个月", TODAY, date(2026, 12, 31)) == date(2027, 3, 30)


@pytest.mark.parametrize(
    "words",
    ["", "soon", "31", "2026-13-01", "2026-02-30", "2月30日", "0 days", "半月", "3 fortnights", "零天",
     "9999999年",
     "until", "2026-12-31x"],
)  # fmt: skip
def test_what_is_no_day_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        day_in_words(words, TODAY)


@given(st.dates(), st.dates())
def test_iso_days_are_themselves(day: date, today: date) -> None:
    assert day_in_words(day.isoformat(), today) == day


@given(st.dates(max_value=date(9000, 1, 1)), st.integers(1, 400))
def test_a_longer_time_ends_later(today: date, count: int) -> None:
    for unit in ("days", "weeks", "months"):
        assert day_in_words(f"{count} {unit}", today) < day_in_words(f"{count + 1} {unit}", today)


@given(st.text(max_size=12))
def test_any_other_text_is_a_day_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(day_in_words(text, TODAY), date)
