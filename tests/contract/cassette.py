"""Record and replay: the contract over an ERP that cannot be installed in CI, from its own real answers.

While recording, a server on loopback stands between the contract and the real ERP, and keeps every
request and answer, erpsync's own and those made by hand. Replaying, it gives the same answers to the
same requests, in the same order, and fails the test over any other. So the connector is held to what it
sent when the real ERP agreed, and nothing here was written by hand.

A cassette is a directory: ``about.json`` with the version and the day, ``answers.json`` with every
different answer once, and a file for each test with its requests and the names of the answers.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import requests

CASSETTES = Path(__file__).parent / "cassettes"
SECRET = "***"
SECRETS = frozenset({"password", "new_password", "api_secret", "pwd", "session_id", "csrf_token"})
"""Keys whose values are never kept. Secrets that stand elsewhere, as in a list, go by their values."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?: |%20|\+|T)\d\d(?::|%3A)\d\d(?::|%3A)\d\d(?:\.\d+)?")
KEPT_HEADERS = ("Content-Type", "Retry-After")

Json = Any
Needed = Callable[[str, Json], Json]


@dataclass(frozen=True)
class Asked:
    """A request without what differs from run to run: numbers of calls, moments, secrets."""

    method: str
    path: str
    body: Json

    @staticmethod
    def of(method: str, path: str, content: bytes, secrets: Collection[str] = ()) -> Asked:
        """A request as it came, without these secrets wherever they stand."""
        body = _parsed(content, secrets)
        return Asked(method, _timeless(_hidden(path, secrets)), _timeless(without_secrets(body)))

    def to_json(self) -> Json:
        """For a file."""
        return [self.method, self.path] if self.body is None else [self.method, self.path, self.body]


@dataclass(frozen=True)
class Answer:
    """What the ERP answered."""

    status: int
    headers: Mapping[str, str]
    body: Json

    @property
    def name(self) -> str:
        """A short name, the same for equal answers."""
        text = json.dumps([self.status, dict(self.headers), self.body], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def content(self, asked: bytes) -> bytes:
        """The body as it is sent; JSON-RPC repeats the number of the call."""
        if isinstance(self.body, str):
            return self.body.encode()
        body = self.body
        if isinstance(body, dict) and "jsonrpc" in body:
            body = {**body, "id": json.loads(asked).get("id")}
        return json.dumps(body).encode() if body is not None else b""


@dataclass
class Cassette:
    """The recorded answers of one version of an ERP."""

    name: str
    about: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Its directory."""
        return CASSETTES / self.name

    @property
    def today(self) -> date:
        """The day on which it was recorded."""
        return date.fromisoformat(self.about["today"])

    @staticmethod
    def open(name: str) -> Cassette:
        """A recorded cassette."""
        made = Cassette(name)
        made.about = json.loads((made.path / "about.json").read_text("utf-8"))
        made.answers = json.loads((made.path / "answers.json").read_text("utf-8"))
        return made

    def tests(self) -> frozenset[str]:
        """The slugs of the tests that are recorded."""
        return frozenset(file.stem for file in self.path.glob("*.json")) - {"about", "answers"}

    def save(self) -> None:
        """Write what all tests share."""
        self.path.mkdir(parents=True, exist_ok=True)
        for name, value in (("about", self.about), ("answers", self.answers)):
            # A line for each: so that a change of one answer is a change of one line.
            entries = (f"{json.dumps(key)}: {_line(value[key])}" for key in sorted(value))
            text = "{\n" + ",\n".join(entries) + "\n}\n"
            (self.path / f"{name}.json").write_text(text, encoding="utf-8")

    def exchanges(self, test: str) -> list[tuple[Json, Answer]]:
        """What one test asked and was answered, in order."""
        recorded = json.loads((self.path / f"{slug(test)}.json").read_text("utf-8"))
        return [(asked, Answer(*self.answers[name])) for asked, name in recorded]

    def keep(self, test: str, exchanges: Sequence[tuple[Asked, Answer]]) -> None:
        """Write what one test asked and was answered."""
        self.path.mkdir(parents=True, exist_ok=True)
        lines = []
        for asked, answer in exchanges:
            self.answers[answer.name] = [answer.status, dict(answer.headers), answer.body]
            lines.append(_line([asked.to_json(), answer.name]))
        text = "[\n" + ",\n".join(lines) + "\n]\n"
        (self.path / f"{slug(test)}.json").write_text(text, encoding="utf-8")
        self.save()


@contextmanager
def recording(
    cassette: Cassette, test: str, upstream: str, needed: Needed, secrets: Collection[str] = ()
) -> Iterator[str]:
    """A server between a test and the real ERP; the address to use instead of that of the ERP.

    Args:
        cassette: what is recorded to.
        test: its name.
        upstream: the address of the ERP.
        needed: what is kept of the answer to a path: servers tell much that nobody asked.
        secrets: passwords and keys that are kept nowhere, whatever they stand in.
    """
    session = requests.Session()
    kept: list[tuple[Asked, Answer]] = []

    def answer(method: str, path: str, headers: Mapping[str, str], content: bytes) -> Reply:
        passed = {key: value for key, value in headers.items() if key.lower() not in HOP_BY_HOP}
        got = session.request(
            method, upstream + path, headers=passed, data=content, timeout=300, allow_redirects=False
        )
        session.cookies.clear()  # they belong to whoever asked
        told = {name: got.headers[name] for name in KEPT_HEADERS if name in got.headers}
        body = needed(path, _body(got.content, secrets))
        kept.append((Asked.of(method, path, content, secrets), Answer(got.status_code, told, body)))
        cookies = got.raw.headers.getlist("Set-Cookie")
        return Reply(got.status_code, [*told.items(), *(("Set-Cookie", it) for it in cookies)], got.content)

    with _serving(answer) as url:
        yield url
    cassette.keep(test, kept)


@contextmanager
def replaying(cassette: Cassette, test: str, secrets: Collection[str] = ()) -> Iterator[str]:
    """A server that answers a test as the real ERP did; the address to use instead of that of the ERP.

    Args:
        cassette: what was recorded.
        test: its name.
        secrets: those that the test asks with now; a secret in a request is like any other.

    Raises:
        AssertionError: the test asked something else, or did not ask everything.
    """
    left = cassette.exchanges(test)
    wrong: list[str] = []

    def answer(method: str, path: str, _headers: Mapping[str, str], content: bytes) -> Reply:
        asked = Asked.of(method, path, content, secrets).to_json()
        expected, recorded = left.pop(0) if left else (None, None)
        if recorded is None or asked != expected:
            wrong.append(f"asked:    {json.dumps(asked, ensure_ascii=False)}\n"
                         f"recorded: {json.dumps(expected, ensure_ascii=False)}")  # fmt: skip
            left.clear()
            return Reply(418, [("Content-Type", "text/plain")], b"this was not recorded")
        return Reply(recorded.status, list(recorded.headers.items()), recorded.content(content))

    with _serving(answer) as url:
        try:
            yield url
        finally:
            assert not wrong, f"not as recorded; record it anew (CONTRIBUTING.md):\n{wrong[0]}"
    assert not left, f"{len(left)} recorded requests were not made, first: {left[0][0]}"


def _line(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def slug(test: str) -> str:
    """A file name for a test."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\[.*", "", test).removeprefix("test_").lower()).strip("-")[:90]


def without_secrets(value: Json) -> Json:
    """The same value with no secret in it."""
    if isinstance(value, dict):
        return {key: SECRET if key in SECRETS else without_secrets(item) for key, item in value.items()}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def _hidden(value: Json, secrets: Collection[str]) -> Json:
    """The same value with these secrets hidden in all its texts, in addresses, forms and JSON too."""
    spelled = {
        way
        for secret in secrets
        for text in (secret, json.dumps(secret)[1:-1])
        for way in (text, quote(text, safe=""), quote_plus(text))
    }
    if not spelled:
        return value
    # The longest first: one secret may be a part of another.
    pattern = re.compile("|".join(re.escape(way) for way in sorted(spelled, key=len, reverse=True)))
    return _each_text(value, lambda text: pattern.sub(SECRET, text))


def _timeless(value: Json) -> Json:
    return _each_text(value, lambda text: MOMENT.sub("MOMENT", text))


def _each_text(value: Json, change: Callable[[str], str]) -> Json:
    """The same value with every text in it changed, those of keys too."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {change(key): _each_text(item, change) for key, item in value.items()}
    return [_each_text(item, change) for item in value] if isinstance(value, list) else value


def _parsed(content: bytes, secrets: Collection[str]) -> Json:
    """JSON, or text where it is none; without the number of a call, and without these secrets."""
    try:
        body = json.loads(content) if content else None
    except ValueError:
        body = content.decode("utf-8", "replace")
    if isinstance(body, dict) and "jsonrpc" in body:
        body = {key: value for key, value in body.items() if key != "id"}
    return _hidden(body, secrets)


def _body(content: bytes, secrets: Collection[str]) -> Json:
    """An answer as it is kept: without secrets, and without what a server says of its own insides."""
    body = _parsed(content, secrets)
    return body[:2000] if isinstance(body, str) else _without_insides(without_secrets(body))


INSIDES = frozenset({"debug", "exc", "exception", "_debug_messages"})
"""Keys with tracebacks and paths of the server."""


def _without_insides(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_insides(item) for key, item in value.items() if key not in INSIDES}
    return [_without_insides(item) for item in value] if isinstance(value, list) else value


# --- serving ----------------------------------------------------------------------------------------

HOP_BY_HOP = frozenset({"host", "content-length", "connection", "accept-encoding"})


@dataclass(frozen=True)
class Reply:
    """What is sent back."""

    status: int
    headers: Sequence[tuple[str, str]]
    content: bytes


@contextmanager
def _serving(answer: Any) -> Iterator[str]:
    """A server on loopback that asks a function for each answer, one request after the other."""
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with one_at_a_time:
                reply = answer(self.command, self.path, dict(self.headers.items()), content)
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _any  # noqa: N815 - names of the base class

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of the base class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
