"""A minimal client of Tryton's JSON-RPC, for preparing the demo ERP and for the tests."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Self

import requests

TIMEOUT = 120


class RpcError(Exception):
    """The ERP answered with an error: its `kind` (such as UserError or HTTP 401) and its `message`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class Client:
    """One session with one database."""

    def __init__(self, url: str, database: str) -> None:
        self._endpoint = f"{url}{database}/rpc/"
        self._session = _session()

    def login(self, user: str, password: str) -> Self:
        """Open a session in English, so that names and messages are the same everywhere."""
        # A session that ended must not be sent along: it would be refused before the password is read.
        self._session.headers.pop("Authorization", None)
        number, key, _ = self.call("common.db.login", user, {"password": password}, "en")
        token = base64.b64encode(f"{user}:{number}:{key}".encode()).decode()
        self._session.headers["Authorization"] = f"Session {token}"
        return self

    def call(self, method: str, *params: Any) -> Any:
        """Call a method, such as `model.res.user.search`, and return its result; RpcError if it has none.

        A model's method takes a context, usually `{}`, as its last parameter.
        """
        return _post(self._session, self._endpoint, method, params)


def databases(url: str) -> list[str]:
    """Return the names of the databases at `url`; requests.RequestException when nothing answers there."""
    names: list[str] = _post(_session(), f"{url}rpc/", "common.db.list", ())
    return names


def encode(value: object) -> dict[str, Any]:
    """Return what JSON cannot express, in Tryton's notation; TypeError for what Tryton has none for."""
    match value:
        case datetime():  # before date, which it is too
            parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
            return {"__class__": "datetime"} | {part: getattr(value, part) for part in parts}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case bytes():
            return {"__class__": "bytes", "base64": base64.b64encode(value).decode()}
    raise TypeError(f"Tryton's JSON has no notation for {type(value).__name__}")


def decode(value: dict[str, Any]) -> Any:
    """Return the Python value for an object of Tryton's JSON: the reverse of `encode`."""
    fields = {key: field for key, field in value.items() if key != "__class__"}
    match value.get("__class__"):
        case "datetime":
            return datetime(**fields)  # noqa: DTZ001 - Tryton keeps UTC and does not say so
        case "date":
            return date(**fields)
        case "time":
            return time(**fields)
        case "timedelta":
            return timedelta(**fields)
        case "Decimal":
            return Decimal(fields["decimal"])
        case "bytes":
            return base64.b64decode(fields["base64"])
    return value


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a proxy of the machine has no business between us and loopback
    return session


def _post(session: requests.Session, url: str, method: str, params: tuple[Any, ...]) -> Any:
    # With any other key, or one more, Tryton answers in another form.
    body = json.dumps({"id": 1, "method": method, "params": params}, default=encode)
    response = session.post(url, body, headers={"Content-Type": "application/json"}, timeout=TIMEOUT)
    if response.status_code != requests.codes.ok:
        raise RpcError(f"HTTP {response.status_code}", response.reason)
    answer = json.loads(response.content, object_hook=decode)
    if "error" in answer:
        raise _rpc_error(answer["error"])
    return answer["result"]


def _rpc_error(error: list[Any]) -> RpcError:
    """Return the error for Tryton's pair of a name and a text, or a list of texts, some of them empty."""
    kind, detail = error
    texts = detail if isinstance(detail, list) else [detail]
    return RpcError(kind, " ".join(text for text in texts if isinstance(text, str) and text))
