"""An end to every answer: it is whole by then, or given up.

The time limits of requests are for one wait each. A server that sends a byte now and then is never
late for them, so here each wait is also no longer than what is left of the whole.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from typing import Any

from requests import PreparedRequest
from requests.adapters import HTTPAdapter


@dataclass(frozen=True, slots=True)
class Limit:
    """How long an answer may take from its request on, all of it.

    Args:
        seconds: head and body together.
        clock: seconds that only go forward.
        late: makes what is raised when the time is over.
    """

    seconds: float
    clock: Callable[[], float]
    late: Callable[[], Exception]


class DeadlineAdapter(HTTPAdapter):
    """Lets a session of requests hold every answer to a limit, with and without a proxy."""

    def __init__(self, limit: Limit) -> None:
        super().__init__()
        self._limit = limit

    def get_connection_with_tls_context(self, request: PreparedRequest, *args: Any, **options: Any) -> Any:
        """The pool for a request, whose connections read their answers under the limit."""
        pool: Any = super().get_connection_with_tls_context(request, *args, **options)
        # On the pool itself, where it hides that of the class; a second time it would nest.
        if "ConnectionCls" not in vars(pool):
            pool.ConnectionCls = partial(_connection, pool.ConnectionCls, self._limit)
        return pool


def _connection(make: Callable[..., Any], limit: Limit, *args: Any, **options: Any) -> Any:
    connection = make(*args, **options)
    connection.response_class = partial(_Answer, limit)
    return connection


class _Answer(HTTPResponse):
    """An answer, head and body, that is read from a socket until a limit."""

    def __init__(self, limit: Limit, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Waiting(self.fp.detach(), sock, limit))


class _Waiting(io.RawIOBase):
    """What comes from a socket, each wait bounded by what is left of the time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, limit: Limit) -> None:
        self._raw = raw
        self._sock = sock
        self._limit = limit
        self._end = limit.clock() + limit.seconds
        self._longest = sock.gettimeout()

    def readable(self) -> bool:
        """Whether it can be read from."""
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        """Wait for more. Raises what the limit makes when the time is over."""
        left = self._end - self._limit.clock()
        if left <= 0:
            raise self._limit.late()
        self._sock.settimeout(left if self._longest is None else min(left, self._longest))
        try:
            return self._raw.readinto(buffer)
        except TimeoutError:
            if self._limit.clock() < self._end:
                raise
            raise self._limit.late() from None

    def close(self) -> None:
        """Give the socket back."""
        self._raw.close()
        super().close()
