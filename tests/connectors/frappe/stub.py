"""A Frappe site that answers as the test says: what the real one does only rarely, or when it is large."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from erpsync.connectors.base import Connection
from erpsync.connectors.frappe.session import COUNT, INSERT_MANY, TIME_ZONE, VERSIONS
from tests.support.erp import SHANGHAI
from tests.support.frappe_site import FrappeSite
from tests.support.http_server import Answer, Request, StubServer

KEY, SECRET = "f7e1d2", "stub-Secret-1"
OWN = "erpsync@huaxin.example"
MADE = "2026-11-02 08:00:00.000001"
Row = dict[str, Any]


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer in JSON."""
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})


def refusal(kind: str, *told: str, status: int = 417) -> Answer:
    """A refusal as Frappe sends it, traceback and all."""
    messages = [json.dumps({"message": text, "indicator": "red"}) for text in told]
    return answer(
        {
            "exc_type": kind,
            "exception": f"frappe.exceptions.{kind}: {'; '.join(told)}",
            "exc": json.dumps(['Traceback (most recent call last):\n  File "apps/frappe/frappe/app.py"']),
            "_server_messages": json.dumps(messages),
        },
        status,
    )


def user_row(name: str, **values: Any) -> Row:
    """A user as a list has it."""
    known = {"name": name, "enabled": 1, "first_name": name.partition("@")[0], "modified": MADE}
    empty = dict.fromkeys(
        ["middle_name", "last_name", "language", "role_profile_name", "module_profile", "api_key"]
    )
    return {**empty, **known, **values}


def role_row(parent: str, role: str) -> Row:
    """A role of a user."""
    return {"name": f"{parent}/{role}", "parent": parent, "role": role}


@dataclass
class StubSite:
    """A site of rows by doctype. ``methods`` answers calls, ``writes`` has an answer a write, in order."""

    stub: StubServer
    rows: dict[str, list[Row]] = field(default_factory=dict)
    methods: dict[str, Any] = field(default_factory=dict)
    writes: list[Answer | Callable[[Request], Answer]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = {
            "User": [user_row(OWN, api_key=KEY)],
            "Has Role": [role_row(OWN, "System Manager")],
            "Role": [
                {"name": name, "disabled": 0, "creation": MADE}
                for name in ("All", "Guest", "Purchase User", "Sales User", "System Manager")
            ],
            "Role Profile": [],
            "Language": [{"name": "en"}, {"name": "zh"}],
            "User Permission": [],
            **self.rows,
        }
        self.methods = {
            VERSIONS: {"frappe": {"version": "15.44.2"}},
            TIME_ZONE: {"time_zone": "Asia/Shanghai"},
            COUNT: 0,
            **self.methods,
        }
        self.stub.default = self._answer

    def connection(self, **options: str) -> Connection:
        """How erpsync would connect."""
        site = FrappeSite(self.stub.url, None, KEY, SECRET)
        target = site.target(**{"max_creates_per_hour": "60", **options})
        return Connection(target, KEY, SECRET, SHANGHAI)

    def asked(self) -> list[str]:
        """What was read and written, by doctype or method."""
        return [_name(request) for request in self.stub.requests]

    def sent(self) -> list[Any]:
        """The bodies of writes."""
        return [json.loads(request.body) if request.body else None for request in self.stub.requests
                if request.verb != "GET"]  # fmt: skip

    def as_asked(self, request: Request) -> Row:
        """A whole User as it is after a change that was made as it was asked for."""
        sent = json.loads(request.body)
        name = _name(request, 4)
        had = [row for row in self.rows["Has Role"] if row["parent"] == name]
        roles = [role_row(name, row["role"]) for row in sent.get("roles", had)]
        return {**user_row(name), **sent, "roles": roles, "modified": "2026-11-02 09:00:00.000001"}

    def _answer(self, request: Request) -> Answer:
        if request.verb != "GET":
            return self._written(request)
        name = _name(request)
        if "/api/method/" in request.path:
            found = self.methods[name]
            return found if isinstance(found, Answer) else answer({"message": found})
        if name not in self.rows:
            return refusal("DoesNotExistError", f"DocType {name} not found", status=404)
        query = {key: values[0] for key, values in parse_qs(urlsplit(request.path).query).items()}
        return answer({"data": self._selected(name, query)})

    def _written(self, request: Request) -> Answer:
        if self.writes:
            found = self.writes.pop(0)
            return found(request) if callable(found) else found
        if _name(request) == INSERT_MANY:
            return answer({"message": [item.get("email") for item in json.loads(request.body)["docs"]]})
        return (
            answer({"data": self.as_asked(request)}) if request.verb == "PUT" else answer({"data": "ok"}, 202)
        )

    def _selected(self, doctype: str, query: Mapping[str, str]) -> list[Row]:
        wanted = json.loads(query["fields"])
        rows = [row for row in self.rows[doctype] if _fits(row, json.loads(query.get("filters", "[]")))]
        if wanted == ["name", "roles.role"] and doctype == "User":
            held = {row["parent"]: row["role"] for row in self.rows["Has Role"]}
            return [{"name": row["name"], "role": held.get(row["name"])} for row in rows]
        if query.get("order_by") == "name asc":
            rows = sorted(rows, key=lambda row: str(row["name"]))
        size = int(query["limit_page_length"])
        return rows[:size] if size else rows


def _name(request: Request, part: int = 3) -> str:
    return unquote(urlsplit(request.path).path.split("/")[part])


def _fits(row: Row, filters: Sequence[Sequence[Any]]) -> bool:
    return all(_holds(row.get(field), how, value) for field, how, value in filters if field in row)


def _holds(have: Any, how: str, value: Any) -> bool:
    match how:
        case "in":
            return bool(have in value)
        case "is":
            return bool(have) is bool(value == "set")
        case ">":
            return bool(have > value)
        case _:
            return bool(have == value)
