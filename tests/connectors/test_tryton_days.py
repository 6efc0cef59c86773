"""Days of the company ↔ instants of the ERP, also where clocks are put forward or back at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from erpsync.connectors.tryton.days import (
    SECOND,
    first_day,
    first_instant,
    from_instant,
    last_day,
    last_instant,
    to_instant,
)

ZONES = (
    "Asia/Shanghai",
    "UTC",
    "Europe/Berlin",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Apia",
)
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))
any_zone = st.sampled_from([ZoneInfo(zone) for zone in ZONES])
CAIRO, SANTIAGO, BEIRUT = (ZoneInfo(zone) for zone in ("Africa/Cairo", "America/Santiago", "Asia/Beirut"))


@given(zone=any_zone, day=DAYS)
@example(zone=CAIRO, day=date(2026, 4, 24))  # begins at one o'clock
@example(zone=SANTIAGO, day=date(2026, 9, 6))  # begins at one o'clock
def test_a_day_comes_back_as_that_day(zone: ZoneInfo, day: date) -> None:
    assert first_day(from_instant(day, zone), zone) == day
    assert last_day(to_instant(day, zone), zone) == day


@given(zone=any_zone, day=DAYS)
@example(zone=SANTIAGO, day=date(2026, 4, 4))  # its last hour comes twice
@example(zone=BEIRUT, day=date(2026, 10, 24))  # its last hour comes twice
def test_a_day_lasts_from_its_first_second_to_its_last(zone: ZoneInfo, day: date) -> None:
    first, last = first_instant(day, zone), last_instant(day, zone)
    assert first.astimezone(zone).date() == last.astimezone(zone).date() == day
    assert (first - SECOND).astimezone(zone).date() < day < (last + SECOND).astimezone(zone).date()


@pytest.mark.parametrize("zone", ZONES)
def test_an_instant_within_a_day_stays_as_it_is(zone: str) -> None:
    instant = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    where = ZoneInfo(zone)
    assert from_instant(first_day(instant, where), where) == instant
    assert to_instant(last_day(instant, where), where) == instant


def test_a_bound_that_is_open_stays_open() -> None:
    assert (first_day(None, CAIRO), last_day(None, CAIRO)) == (None, None)
    assert (from_instant(None, CAIRO), to_instant(None, CAIRO)) == (None, None)


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_day_of_the_calendar_is_no_fault(zone: str) -> None:
    assert last_day(to_instant(date.max, ZoneInfo(zone)), ZoneInfo(zone)) == date.max


def test_parts_of_a_second_do_not_make_another_day() -> None:
    assert last_day(last_instant(date(2026, 11, 22), CAIRO).replace(microsecond=999_999), CAIRO) == date(
        2026, 11, 22
    )
