"""Days of the company ↔ instants of the ERP. Tryton keeps instants, both ends included, in UTC.

A day begins with its first instant, which is not always midnight: where clocks are put forward at
midnight, it is one o'clock. It ends a second before the next day begins.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from erpsync.model import When

SECOND = timedelta(seconds=1)


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def last_instant(day: date, zone: ZoneInfo) -> datetime:
    """The last second of a day, in UTC."""
    if day == date.max:
        return datetime.combine(day, time(23, 59, 59), UTC)
    return first_instant(day + timedelta(days=1), zone) - SECOND


def first_day(instant: datetime | None, zone: ZoneInfo) -> When:
    """The day that begins at an instant; an instant at which none begins stays as it is, in local time."""
    if instant is None:
        return None
    local = instant.astimezone(zone)
    return local.date() if instant == first_instant(local.date(), zone) else local


def last_day(instant: datetime | None, zone: ZoneInfo) -> When:
    """The day that ends at an instant; an instant at which none ends stays as it is, in local time."""
    if instant is None:
        return None
    whole = instant.replace(microsecond=0)
    if whole.date() == date.max:
        return date.max
    local = instant.astimezone(zone)
    return local.date() if whole == last_instant(local.date(), zone) else local


def from_instant(when: When, zone: ZoneInfo) -> datetime | None:
    """The inverse of `first_day`."""
    return when if when is None or isinstance(when, datetime) else first_instant(when, zone)


def to_instant(when: When, zone: ZoneInfo) -> datetime | None:
    """The inverse of `last_day`."""
    return when if when is None or isinstance(when, datetime) else last_instant(when, zone)
