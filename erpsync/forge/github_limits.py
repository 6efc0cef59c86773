"""GitHub's rate limits: whether an answer is about one, and when to come back. Pure.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from erpsync.connectors.retry import retry_after
from erpsync.forge.base import ForgeError

SECONDARY_SECONDS = 60.0
"""How long to wait at least where GitHub asks to slow down and does not say for how long."""
_SLOW_DOWN = re.compile("secondary rate limit|rate limit exceeded|abuse detection", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What is said, in words, and the seconds to wait."""

    words: str
    wait: float


def rate_limit(status: int, headers: Mapping[str, str], message: str, now: datetime) -> RateLimit | None:
    """The limit that an answer is about; None if it is about something else.

    Args:
        status: of the answer. GitHub uses 403 as well as 429 for both its limits.
        headers: found in any case.
        message: GitHub's own.
        now: by the clock of this machine.
    """
    if status not in (403, 429):
        return None
    asked = retry_after(headers, now)
    if asked is not None:
        return RateLimit("GitHub asks to slow down", asked)
    if headers.get("X-RateLimit-Remaining", "").strip() == "0":
        return RateLimit("GitHub's rate limit is used up", _until_reset(headers, now))
    if status == 429 or _SLOW_DOWN.search(message):
        return RateLimit("GitHub asks to slow down", SECONDARY_SECONDS)
    return None


def _until_reset(headers: Mapping[str, str], now: datetime) -> float:
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if not re.fullmatch("[0-9]{1,11}", reset):
        return SECONDARY_SECONDS
    # As a date, since that is held against the clock of the one who wrote it.
    until = format_datetime(datetime.fromtimestamp(int(reset), UTC), usegmt=True)
    wait = retry_after({"Retry-After": until, "Date": headers.get("Date", "")}, now)
    return SECONDARY_SECONDS if wait is None else wait + 1


def too_long(limit: RateLimit, where: str, now: datetime) -> ForgeError:
    """The error for a limit that is not waited for."""
    until = now.astimezone(UTC) + timedelta(seconds=limit.wait)
    return ForgeError(
        f"{limit.words} until {until:%Y-%m-%d %H:%M:%S} UTC", where=where, hint="run this again after that"
    )
