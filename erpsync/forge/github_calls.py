"""A request until it is answered: sent again where that does no harm, late where GitHub asks for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from erpsync.forge.github_limits import rate_limit, too_long
from erpsync.forge.github_refusals import Need, refusal, words_of
from erpsync.forge.github_wire import ANSWER_BYTES, ANSWER_SECONDS, BrokenError, Received, Wire

ATTEMPTS = 4
CALL_SECONDS = 300.0
"""All of one call: its pages, attempts and waits together; the last answer may go over it."""
WAIT_SECONDS = 120.0
"""The longest that a rate limit is waited for."""
BACK_OFF_SECONDS = 0.5
_FAULTS = (502, 503, 504)


def utc_now() -> datetime:
    """The time by the clock of this machine."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clocks:
    """Waiting, time and chance, to be replaced by tests."""

    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = utc_now
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Call:
    """A request.

    Args:
        need: what it is for.
        until: when there is no time for a further attempt, in the seconds of the clock.
        method: of HTTP.
        repeatable: whether sending it twice does no harm.
        body: sent as it is.
        headers: beyond those of the session.
        allowed: statuses beyond success that the caller deals with.
        most: bytes of the answer.
    """

    need: Need
    until: float
    method: str = "GET"
    repeatable: bool = True
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    allowed: Container[int] = ()
    most: int = ANSWER_BYTES


class Caller:
    """Sends calls, one at a time, as GitHub asks for.

    Args:
        where: the repository, for messages.
        token: blanked in what GitHub says.
        clocks: waiting and time.
        answer_seconds: how long all of one answer may take.
    """

    def __init__(
        self, where: str, token: str, clocks: Clocks, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._where = where
        self._token = token
        self._clocks = clocks
        self._wire = Wire(where, clocks.monotonic, answer_seconds)

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()

    def ends(self) -> float:
        """When a call that begins now has no more time."""
        return self._clocks.monotonic() + CALL_SECONDS

    def answer(self, url: str, call: Call) -> Received:
        """Send a request until there is an answer to go on with.

        Raises:
            BrokenError: no answer came; whether the request was carried out is not known.
            ForgeError: GitHub refuses, or asks to wait for longer than makes sense.
        """
        attempt = 1
        while True:
            try:
                got = self._wire.exchange(call.method, url, call.headers, call.body, call.most)
                wait = self._wait(got, call, attempt)
            except BrokenError:
                # Also after an answer that only a gateway gave.
                wait = self._back_off(attempt)
                if not self._again(call, attempt, wait):
                    raise
            else:
                if wait is None:
                    return self._accepted(got, call)
            self._clocks.sleep(wait)
            attempt += 1

    def _wait(self, got: Received, call: Call, attempt: int) -> float | None:
        """How long to wait before the next attempt; None if this answer is the one to go on with."""
        if got.status in _FAULTS:
            error = refusal(got.status, "", call.need, self._where)
            raise BrokenError(error.message, where=error.where, hint=error.hint)
        now = self._clocks.now()
        limit = rate_limit(got.status, got.headers, words_of(got.body, self._token), now)
        if limit is None:
            return None
        late = self._clocks.monotonic() + limit.wait > call.until
        if late or limit.wait > WAIT_SECONDS or attempt >= ATTEMPTS:
            raise too_long(limit, self._where, now)
        return limit.wait

    def _again(self, call: Call, attempt: int, wait: float) -> bool:
        in_time = self._clocks.monotonic() + wait <= call.until
        return call.repeatable and in_time and attempt < ATTEMPTS

    def _back_off(self, attempt: int) -> float:
        return self._clocks.jitter() * BACK_OFF_SECONDS * 2.0 ** (attempt - 1)

    def _accepted(self, got: Received, call: Call) -> Received:
        if 200 <= got.status < 300 or got.status in call.allowed:
            return got
        raise refusal(got.status, words_of(got.body, self._token), call.need, self._where)
