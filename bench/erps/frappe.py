"""A Frappe site of version 15: lists of any size, conditions on names, one user a write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count as numbers
from typing import Any

from bench.erps.people import NEW_ROLE, ROLES, people
from bench.erps.server import Answered, Asked

OWN, KEY = "erpsync@huaxin.example", "erpsync"
MADE = "2026-11-02 08:00:00.000001"

Json = dict[str, Any]


class FrappeErp:
    """Users and their roles."""

    def __init__(self, count: int) -> None:
        self.users = {OWN: _user(OWN, "erpsync", active=True, key="erpsync")}
        self.roles = {OWN: {"System Manager": "own"}}
        for person in people(count):
            self.users[person.email] = _user(person.email, person.name, active=person.active)
            self.roles[person.email] = {role: f"{person.number}.{role}" for role in person.roles}
        self._rows = numbers()

    def answer(self, asked: Asked) -> Answered:
        """One request."""
        _, _, kind, what, *rest = asked.path.split("/")
        if kind == "method":
            return Answered(200, {"message": {"frappe": {"version": "15.44.2"}}})
        if asked.verb == "PUT":
            return Answered(200, {"data": self._change(rest[0], asked.body)})
        return Answered(200, {"data": self._listed(what, asked.query)})

    def _listed(self, doctype: str, query: Mapping[str, str]) -> list[Json]:
        filters = json.loads(query.get("filters", "[]"))
        names = next((value for _, how, value in filters if how == "in"), None)
        if doctype == "Role":
            return [{"name": role, "disabled": 0, "creation": MADE} for role in (*ROLES, NEW_ROLE, "All")]
        if doctype == "Language":
            return [{"name": "zh"}, {"name": "en"}]
        if doctype == "User" and any(field == "api_key" for field, _, _ in filters):
            return [{"name": OWN, "role": "System Manager"}]
        wanted = self.users if names is None else [name for name in names if name in self.users]
        if doctype == "User":
            return _page([self.users[name] for name in wanted], filters, query)
        if doctype == "Has Role":
            rows = [_role(name, role, row) for name in wanted for role, row in self.roles[name].items()]
            return _page(rows, filters, query)
        return []

    def _change(self, name: str, sent: Json) -> Json:
        user = self.users[name]
        user.update({field: value for field, value in sent.items() if field != "roles"})
        user["modified"] = f"{user['modified']}1"
        if "roles" in sent:
            self.roles[name] = {
                row["role"]: row.get("name") or f"new.{next(self._rows)}" for row in sent["roles"]
            }
        return {**user, "roles": [_role(name, role, row) for role, row in self.roles[name].items()]}


def _page(rows: list[Json], filters: list[list[Any]], query: Mapping[str, str]) -> list[Json]:
    after = next((value for _, how, value in filters if how == ">"), "")
    rest = sorted((row for row in rows if row["name"] > after), key=lambda row: str(row["name"]))
    return rest[: int(query["limit_page_length"])]


def _user(name: str, first_name: str, *, active: bool, key: str | None = None) -> Json:
    return {
        "name": name, "enabled": int(active), "language": "zh", "api_key": key, "modified": MADE,
        "first_name": first_name, "middle_name": None, "last_name": None,
        "role_profile_name": None, "module_profile": None,
    }  # fmt: skip


def _role(parent: str, role: str, row: str) -> Json:
    return {"name": row, "parent": parent, "role": role}


make = FrappeErp
