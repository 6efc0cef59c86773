"""A proxy on loopback that loses, repeats, delays and spoils what passes between erpsync and the ERP."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.faults import Fault

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class Moment(Enum):
    """Where a request is when somebody is told."""

    ARRIVED = auto()
    """The ERP has not seen it."""
    SENT = auto()
    """The ERP has all of it, and is at work."""
    DONE = auto()
    """The ERP has answered, and nobody has heard it."""


@dataclass
class Call:
    """One request and, in order, whether each copy that reached the ERP was done there.

    ``method`` is what JSON-RPC names, or else verb and path.
    """

    number: int
    method: str
    params: list[Any]
    fault: str = ""
    done: list[bool] = field(default_factory=list)

    @property
    def writes(self) -> bool:
        """Whether it changes accounts or keys."""
        if self.method.startswith(("POST ", "PATCH ")):
            return not self.method.endswith("/.search")
        return self.method.startswith("model.") and self.method.endswith((".create", ".write", ".cancel"))


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


Schedule = Callable[[Call], Fault | None]
Watch = Callable[[Moment, Call], None]


class FaultProxy:
    """Forwards to one ERP. Use as a context manager; `arm` says what goes wrong from then on."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._lock = threading.Condition()
        self._busy = 0
        self._held: list[tuple[int, Callable[[], object]]] = []
        self._latest: _Answer | None = None
        self.arm()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                proxy._handle(self)

            do_GET = do_PATCH = do_POST  # noqa: N815 - the base class calls them so

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                """Keep the output clean."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def arm(self, schedule: Schedule = lambda _: None, watch: Watch = lambda _moment, _call: None) -> None:
        """Start counting requests from 1, with this to go wrong."""
        self.calls: list[Call] = []
        self._schedule = schedule
        self._watch = watch

    def settle(self) -> None:
        """Let the ERP have what is still held back; return when it is at rest."""
        with self._lock:
            self._lock.wait_for(lambda: not self._busy, timeout=60)
            held, self._held = self._held, []
        for _, forward in held:
            forward()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # --- one request ------------------------------------------------------------------------------

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        said = json.loads(body or b"{}")
        method = said.get("method", f"{handler.command} {handler.path}")
        with self._lock:
            self._busy += 1
            call = Call(len(self.calls) + 1, method, said.get("params", []))
            self.calls.append(call)
        try:
            fault = self._schedule(call) or Fault("")
            call.fault = fault.name
            answer = self._pass_on(handler, body, call, fault)
        finally:
            self._forward_held()
            with self._lock:
                self._busy -= 1
                self._lock.notify_all()
        _answer(handler, fault, answer)

    def _pass_on(
        self, handler: BaseHTTPRequestHandler, body: bytes, call: Call, fault: Fault
    ) -> _Answer | None:
        verb, path, headers = handler.command, handler.path, dict(handler.headers.items())
        self._watch(Moment.ARRIVED, call)
        if fault.late:
            with self._lock:
                # One more, since this request itself is about to be counted.
                self._held.append((fault.late + 1, lambda: self._forward(verb, path, headers, body, call)))
            return None
        before = self._latest
        answers = [self._forward(verb, path, headers, body, call) for _ in range(fault.forwards)]
        self._watch(Moment.DONE, call)
        time.sleep(fault.delay)
        if fault.stale and before:
            return before
        return answers[fault.of] if answers else None

    def _forward_held(self) -> None:
        with self._lock:
            counted = [(left - 1, forward) for left, forward in self._held]
            self._held = [(left, forward) for left, forward in counted if left > 0]
        for left, forward in counted:
            if left == 0:
                forward()

    def _forward(self, verb: str, path: str, headers: Mapping[str, str], body: bytes, call: Call) -> _Answer:
        kept = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
        upstream = HTTPConnection(self._upstream.hostname or "", self._upstream.port, timeout=60)
        try:
            upstream.request(verb, path, body or None, {**kept, "Connection": "close"})
            self._watch(Moment.SENT, call)
            response = upstream.getresponse()
            content = response.read()
        finally:
            upstream.close()
        answer = self._latest = _Answer(response.status, response.getheaders(), content)
        call.done.append(_is_done(answer))
        return answer


def _answer(handler: BaseHTTPRequestHandler, fault: Fault, answer: _Answer | None) -> None:
    if fault.drop:
        handler.close_connection = True
        return
    if fault.status is not None:
        answer = _Answer(fault.status, [("Content-Type", "text/html"), *fault.headers.items()], fault.body)
    assert answer is not None
    body = answer.body[: int(len(answer.body) * fault.keep)]
    headers = [(name, value) for name, value in answer.headers if name.lower() not in HOP_BY_HOP]
    if fault.whole:
        # A part of what was compressed would not be the fault that is meant.
        body = _plain(answer)[: int(len(_plain(answer)) * fault.keep)]
        headers = [(name, value) for name, value in headers if name.lower() != "content-encoding"]
    length = len(body) if fault.whole else len(answer.body)
    handler.close_connection = handler.close_connection or len(body) < length
    head = f"HTTP/1.1 {answer.status} Answer\r\nContent-Length: {length}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers)
    try:
        # In one piece: two would wait for each other on a connection that is kept.
        handler.connection.sendall(head.encode("latin-1") + b"\r\n" + body)
    except ConnectionError:  # who asked has been killed
        handler.close_connection = True


def _plain(answer: _Answer) -> bytes:
    coded = any(name.lower() == "content-encoding" and value == "gzip" for name, value in answer.headers)
    return gzip.decompress(answer.body) if coded else answer.body


def _is_done(answer: _Answer) -> bool:
    return 200 <= answer.status < 300 and "error" not in json.loads(_plain(answer) or b"{}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that were killed; that is what they are for."""
