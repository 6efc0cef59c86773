"""A budget of requests per minute, for ERPs that have a limit."""

from __future__ import annotations

import time
from collections.abc import Callable


class Budget:
    """A token bucket that holds one token: requests are spread evenly, and a pause earns no burst.

    So it fits an ERP that counts by the minute as well as one that counts by the second.
    """

    def __init__(
        self,
        per_minute: int | None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if per_minute is not None and per_minute < 1:
            message = "a budget is at least one request per minute"
            raise ValueError(message)
        self._seconds = 60 / per_minute if per_minute else 0.0
        self._sleep = sleep
        self._clock = clock
        self._free_at = clock()

    def take(self) -> None:
        """Wait until the next request may be sent."""
        wait = self._free_at - self._clock()
        if wait > 0:
            self._sleep(wait)
        # A sleep may last longer, as on a machine that was suspended: what counts is when it ended.
        self._free_at = max(self._free_at, self._clock()) + self._seconds
