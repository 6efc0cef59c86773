"""Requests and answers of a server on loopback that speaks as GitHub does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.http_server import Answer, StubServer


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Fault:
    """An answer in place of the right one, for the next request that fits; `done` carries it out too."""

    answer: Answer
    method: str = ""
    path: str = ""
    done: bool = False


def problem(status: int, message: str, *details: str, **headers: str) -> Answer:
    """A refusal in GitHub's form."""
    body: dict[str, Any] = {
        "message": message,
        "documentation_url": "https://docs.github.com/rest",
        "status": status,
    }
    if details:
        body["errors"] = [{"resource": "Thing", "code": "custom", "message": one} for one in details]
    return Answer(
        status, json.dumps(body).encode(), {name.replace("_", "-"): headers[name] for name in headers}
    )


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A value as JSON."""
    return Answer(
        status, json.dumps(value).encode(), dict(headers or {}) | {"Content-Type": "application/json"}
    )


def listener(answer: Callable[[Asked], Answer], date: Callable[[], datetime | None]) -> ThreadingHTTPServer:
    """A server on a free port that answers with what is made of each request, at the time that is told."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers), json.loads(body) if body else None)
            StubServer.send(self, answer(asked))

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815 - the base class calls them so

        def date_time_string(self, timestamp: float | None = None) -> str:
            told = date()
            return super().date_time_string(told.timestamp() if told else timestamp)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Keep the output of the tests clean."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)
