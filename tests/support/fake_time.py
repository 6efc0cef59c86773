"""Time that passes only by waiting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@dataclass
class FakeTime:
    """A clock and what was waited for, in seconds."""

    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Wait, in no time."""
        self.waits.append(seconds)

    def monotonic(self) -> float:
        """Seconds that only go forward."""
        return sum(self.waits)

    def now(self) -> datetime:
        """The time of day."""
        return NOON + timedelta(seconds=self.monotonic())
