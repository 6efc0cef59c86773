"""How many users may still be made within this hour.

Frappe refuses to make users once more than `throttle_user_limit` of them, 60 if the site says nothing else,
were made within the last 60 minutes, whoever made them. What the site says cannot be read.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from erpsync.connectors.frappe.answers import not_frappe
from erpsync.connectors.frappe.session import COUNT, FrappeSession

HOUR = timedelta(hours=1)


def made_within_the_hour(session: FrappeSession, now: datetime, zone: ZoneInfo) -> int:
    """How many users were made within the last hour.

    Args:
        session: reads.
        now: an aware instant.
        zone: in which the site writes its times.

    Raises:
        FrappeError, TargetError: it cannot be read.
    """
    since = (now - HOUR).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    made = session.call(COUNT, doctype="User", filters=json.dumps([["creation", ">", since]]))
    if not isinstance(made, int):
        raise not_frappe(session.where)
    return made


def later(limit: int) -> str:
    """What to tell of an account that is not made now."""
    return (
        f"{limit} users were made within the last hour, and no more may be; apply the same plan again in an "
        "hour, or raise `throttle_user_limit` of the site and then `max_creates_per_hour` of the target"
    )
