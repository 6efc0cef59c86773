"""A server on loopback that answers as it is told, one answer a request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

THIS_CALL = b'"this call"'
"""Stands for the number of the call that is answered."""
MOST_DRIPS = 1000
"""Far more than any test waits for."""


@dataclass(frozen=True)
class Answer:
    """What is sent back; with `broken` the connection is closed after so many bytes of the body.

    With `dripping` that is the beginning, head and all; a byte now and then follows until nobody listens.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: int | None = None
    wait: threading.Event | None = None
    dripping: bytes = b""


@dataclass(frozen=True)
class Request:
    """What came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    verb: str = "POST"

    @property
    def number(self) -> bytes:
        """The number of a call over JSON-RPC, as it was written."""
        try:
            return str(json.loads(self.body)["id"]).encode()
        except (ValueError, KeyError, TypeError):
            return b"null"

    @property
    def method(self) -> str:
        """The method that a call over JSON-RPC names."""
        return str(json.loads(self.body)["method"])


def result(value: Any) -> Answer:
    """A JSON-RPC result."""
    return Answer(body=json.dumps({"id": "this call", "result": value}).encode())


def error(*value: Any) -> Answer:
    """A JSON-RPC error as Tryton sends it."""
    return Answer(body=json.dumps({"id": "this call", "error": value}).encode())


def html(status: int, text: str = "<html>An error page</html>", **headers: str) -> Answer:
    """A page."""
    return Answer(status, text.encode(), {"Content-Type": "text/html", **headers})


class StubServer:
    """Answers with what is in `answers`, in order; then with what `default` makes of the request."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[Request] = []
        self.default: Callable[[Request], Answer] = lambda _: html(500)
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = Request(self.path, dict(self.headers), body, self.command)
                stub.requests.append(request)
                answer = stub.answers.pop(0) if stub.answers else stub.default(request)
                stub.send(self, replace(answer, body=answer.body.replace(THIS_CALL, request.number)))

            do_GET = do_PATCH = do_PUT = do_DELETE = do_POST  # noqa: N815 - the base class calls them so

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                """Keep the output of the tests clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    @staticmethod
    def send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        """Send an answer, as far as it goes."""
        if answer.wait:
            answer.wait.wait(10)
        if answer.broken == 0:
            handler.close_connection = True
            return
        if answer.dripping:
            _drip(handler, answer.dripping)
            return
        # Not `send_response`: that would add a time of its own.
        handler.send_response_only(answer.status)
        for name, value in answer.headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(answer.body)))
        handler.end_headers()
        handler.close_connection = True
        with suppress(ConnectionError):  # who asked has heard enough
            handler.wfile.write(answer.body[: answer.broken])

    def __enter__(self) -> Self:
        # The interval decides how long stopping takes.
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; nothing happens when that is done already."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _drip(handler: BaseHTTPRequestHandler, beginning: bytes) -> None:
    handler.close_connection = True
    pause = threading.Event()
    with suppress(ConnectionError):  # nobody listens any more
        handler.wfile.write(beginning)
        for _ in range(MOST_DRIPS):
            handler.wfile.write(b"0")
            pause.wait(0.01)
