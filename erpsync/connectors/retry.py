"""Whether a request is sent again, and after which wait: back-off, and what `Retry-After` asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import ceil

from erpsync.errors import TargetError

ATTEMPTS = 4
DEMAND_SECONDS = 60
"""The longest `Retry-After` that is waited for."""
WAIT_SECONDS = 120
"""The waits of one request together."""


class Retry:
    """The attempts of one request.

    Args:
        where: the target, for messages.
        repeatable: whether sending the request twice does no harm.
        back_off: the longest first wait; it doubles from attempt to attempt.
        jitter: a number from 0 to 1, by chance, so that many clients do not come back all at once.
    """

    def __init__(self, where: str, *, repeatable: bool, back_off: float, jitter: Callable[[], float]) -> None:
        self._where = where
        self._repeatable = repeatable
        self._back_off = back_off
        self._jitter = jitter
        self._failed = 0
        self._waited = 0.0

    def after_fault(self) -> float | None:
        """How long to wait after a broken connection; none when this was the last attempt."""
        return self._wait() if self._repeatable else None

    def after_answer(self, status: int, headers: Mapping[str, str]) -> float | None:
        """How long to wait after this answer; none when it is the one to go on with.

        A 503, and a 429 that says when to come back, did nothing: also a write is sent again.

        Raises:
            TargetError: the ERP asks to wait longer, or more often, than makes sense.
        """
        if status in (502, 504):
            return self._wait() if self._repeatable else None
        if status not in (429, 503):
            return None
        demand = retry_after(headers, datetime.now(UTC))
        if demand is None:
            return self._wait() if status == 503 else None
        if demand > DEMAND_SECONDS:
            raise self._too_long(demand, "")
        wait = self._wait(demand)
        if wait is None and status == 429:
            raise self._too_long(demand, f", also after {self._failed} attempts")
        return wait

    def _wait(self, at_least: float = 0.0) -> float | None:
        self._failed += 1
        wait = max(at_least, self._jitter() * self._back_off * 2.0 ** (self._failed - 1))
        if self._failed >= ATTEMPTS or self._waited + wait > WAIT_SECONDS:
            return None
        self._waited += wait
        return wait

    def _too_long(self, demand: float, suffix: str) -> TargetError:
        return TargetError(
            f"the ERP asks to wait {ceil(demand)} s before the next request{suffix}",
            where=self._where,
            hint="try again after that; `requests_per_minute:` of the target keeps below a limit of the ERP",
        )


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds that an answer asks to wait; none when it does not, or not in a way that can be read.

    Args:
        headers: of the answer, found in any case.
        now: by the clock of this machine, for an answer that does not say what time it is.
    """
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]{1,9}", asked):
        return float(asked)
    until = _instant(asked)
    if until is None:
        return None
    # The clocks may differ: a date is meant by the clock of the one who wrote it.
    since = _instant(headers.get("Date", "")) or now
    return max(0.0, (until - since).total_seconds())


def _instant(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        # A date without a zone is in UTC: https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
