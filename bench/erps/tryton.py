"""A Tryton with roles: JSON-RPC over one path, one search and reads by id, one write for many records."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from bench.erps.people import NEW_ROLE, ROLES, people
from bench.erps.server import Answered, Asked

MADE = {"__class__": "datetime", "year": 2026, "month": 1, "day": 2, "hour": 3, "minute": 4, "second": 5}

Json = dict[str, Any]


class TrytonErp:
    """Users with rows of roles; each role has a group of its own."""

    def __init__(self, count: int) -> None:
        self.roles = {name: number for number, name in enumerate((*ROLES, NEW_ROLE), start=1)}
        # 0 and 1 are Tryton's own; real ones follow.
        self.users: dict[int, Json] = {0: _user(0, "root"), 1: _user(1, "admin")}
        self.rows: dict[int, Json] = {}
        self.rows_of: dict[int, list[int]] = defaultdict(list)
        for person in people(count):
            user = _user(person.number + 1, person.login, person.name, person.email, active=person.active)
            self.users[user["id"]] = user
            for role in person.roles:
                self._add_row(user, self.roles[role])
        self.by_login = {user["login"]: number for number, user in self.users.items()}

    def answer(self, asked: Asked) -> Answered:
        """One call."""
        call = asked.body
        result = self._result(call["method"], call["params"])
        return Answered(200, {"id": call["id"], "result": result})

    def _result(self, method: str, params: list[Any]) -> Any:
        if method.startswith("common.db."):
            return [2, "key"]
        model, _, what = method.removeprefix("model.").rpartition(".")
        if what == "search_read":
            return self._directory(model)
        if what == "search":
            return self._search(model, *params[:3])
        if what == "read":
            records = self.users if model == "res.user" else self.rows
            return [{name: records[number].get(name) for name in ("id", *params[1])} for number in params[0]]
        for ids, values in zip(params[:-1:2], params[1:-1:2], strict=True):
            self._write(self.users[ids[0]], values)
        return None

    def _directory(self, model: str) -> list[Json]:
        roles = self.roles.items()
        known: dict[str, list[Json]] = {
            "ir.module": [{"id": 1, "name": "user_role"}],
            "res.role": [{"id": number, "name": name, "groups": [number]} for name, number in roles],
            "res.group": [{"id": number, "name": name, "xml_id": None} for name, number in roles],
            "ir.lang": [{"id": 1, "code": "zh_CN"}],
        }
        return known[model]

    def _search(self, model: str, domain: list[Any], offset: int, limit: int | None) -> list[int]:
        if model == "res.user.role":
            users = domain[0][2] if domain else self.users
            return [row for user in users for row in self.rows_of[user]]
        if model != "res.user":
            return []
        if not domain:
            return list(self.users)
        if domain[0] == "OR":
            logins = (re.sub(r"\\(.)", r"\1", pattern) for _, _, pattern in domain[1:])
            return [self.by_login[login] for login in logins if login in self.by_login]
        return [number for number in self.users if number > 1][offset:limit]

    def _write(self, user: Json, values: Json) -> None:
        links = values.pop("roles", [])
        user |= values
        for link, given in links:
            for item in given:
                if link == "create":
                    self._add_row(user, item["role"])
                else:
                    self.rows_of[user["id"]].remove(item)
        user["groups"] = [self.rows[row]["role"] for row in self.rows_of[user["id"]]]

    def _add_row(self, user: Json, role: int) -> None:
        number = len(self.rows) + 1
        self.rows[number] = {"id": number, "user": user["id"], "role": role, "_timestamp": str(number)}
        self.rows_of[user["id"]].append(number)
        user["groups"].append(role)


def _user(number: int, login: str, name: str = "", email: str | None = None, *, active: bool = True) -> Json:
    return {
        "id": number,
        "login": login,
        "name": name,
        "email": email,
        "language": 1,
        "active": active,
        "administrator": number == 1,
        "groups": [],
        "create_date": MADE,
        "_timestamp": str(number),
    }


make = TrytonErp
