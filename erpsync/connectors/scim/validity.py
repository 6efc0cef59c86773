"""The days of a whole account, which some services keep in an extension. Pure.

SCIM has no dates of its own. Where an account has some, it can be used only between them, whatever
`active` says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from erpsync.connectors.scim.profiles import Profile


def shut_by(user: Mapping[str, Any], profile: Profile, now: datetime, zone: ZoneInfo) -> Iterator[str]:
    """The paths of the dates that shut an account now.

    Args:
        user: the resource.
        profile: says which extension has the dates, if any.
        now: an instant.
        zone: in which a day without a time is meant; both its ends are inclusive.

    Raises:
        ValueError, TypeError, AttributeError: a date is none.
    """
    if profile.validity is None:
        return
    days = user.get(profile.validity) or {}
    first, last = days.get("validFrom"), days.get("validTo")
    if first and _compare(first, now, zone) > 0:
        yield f"{profile.validity}:validFrom"
    if last and _compare(last, now, zone) < 0:
        yield f"{profile.validity}:validTo"


def _compare(text: str, now: datetime, zone: ZoneInfo) -> int:
    """Whether a day or an instant lies before now (-1), holds it (0), or lies after it (1)."""
    if len(text) == len("2026-12-31"):
        day, today = date.fromisoformat(text), now.astimezone(zone).date()
        return (day > today) - (day < today)
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return (instant > now) - (instant < now)
