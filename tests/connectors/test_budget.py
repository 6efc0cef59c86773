"""A budget of requests per minute: even, exact, and nothing where there is no limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.connectors.budget import Budget


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, late: float = 0.0) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._late = late

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Sleep, perhaps too long."""
        self.slept.append(seconds)
        self.now += seconds + self._late


def budget(clock: Clock, per_minute: int | None) -> Budget:
    """A budget by this clock."""
    return Budget(per_minute, sleep=clock.sleep, clock=clock)


def test_without_a_limit_nothing_waits() -> None:
    clock = Clock()
    unlimited = budget(clock, None)
    for _ in range(100):
        unlimited.take()
    assert clock.slept == []


def test_requests_are_spread_evenly_and_the_first_does_not_wait() -> None:
    clock = Clock()
    limited = budget(clock, 30)
    for _ in range(4):
        limited.take()
    assert clock.slept == [2, 2, 2]


def test_the_time_that_a_request_takes_is_no_wait_on_top() -> None:
    clock = Clock()
    limited = budget(clock, 30)
    limited.take()
    clock.now += 1.5
    limited.take()
    assert clock.slept == [0.5]


def test_a_pause_earns_no_burst() -> None:
    clock = Clock()
    limited = budget(clock, 30)
    limited.take()
    clock.now += 3600
    limited.take()
    limited.take()
    assert clock.slept == [2]


def test_a_sleep_that_lasts_too_long_earns_no_burst() -> None:
    clock = Clock(late=100)
    limited = budget(clock, 30)
    for _ in range(3):
        limited.take()
    assert clock.slept == [2, 2]


@given(
    per_minute=st.integers(1, 600),
    pauses=st.lists(st.floats(0, 90), max_size=60),
    late=st.sampled_from([0.0, 0.1, 30.0]),
)
def test_no_minute_ever_sees_more_than_the_budget(per_minute: int, pauses: list[float], late: float) -> None:
    clock = Clock(late)
    limited = budget(clock, per_minute)
    sent: list[float] = []
    for pause in pauses:
        clock.now += pause / per_minute
        limited.take()
        sent.append(clock.now)
    # A little less than a minute: the sum of many short waits is rounded.
    assert all(sum(0 <= other - start < 59.999 for other in sent) <= per_minute for start in sent)


@pytest.mark.parametrize("per_minute", [0, -1])
def test_a_budget_of_nothing_is_a_fault_of_ours(per_minute: int) -> None:
    with pytest.raises(ValueError, match="at least one request per minute"):
        Budget(per_minute)
