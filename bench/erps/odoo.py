"""An Odoo 18 as its web client sees it: JSON-RPC calls of models, many records in each."""

from __future__ import annotations

import re
from typing import Any

from bench.erps.people import NEW_ROLE, ROLES, people
from bench.erps.server import Answered, Asked

INTERNAL, BESIDE, SETTINGS = 1, 2, 3
"""The group of every internal user, one that comes with it, and that of administrators, which nobody has."""
FIRST_ROLE = 10
COMPANY = 1
ESCAPE = re.compile(r"\\(.)")

Json = dict[str, Any]


class OdooErp:
    """Users with their groups and with what comes with them; one company."""

    def __init__(self, count: int) -> None:
        names = dict(enumerate((*ROLES, NEW_ROLE), start=FIRST_ROLE))
        self.groups = {
            INTERNAL: "User types / Internal User",
            SETTINGS: "Administration / Settings",
            BESIDE: "Technical / Beside",
            **names,
        }
        ids = {name: number for number, name in names.items()}
        self.users = {1: _user(1, "__system__")}
        for person in people(count):
            user = _user(person.number + 1, person.login, person.name, person.email, active=person.active)
            user["groups_id"] = [INTERNAL, BESIDE, *(ids[role] for role in person.roles)]
            self.users[user["id"]] = user
        self.by_login = {user["login"]: user for user in self.users.values()}

    def answer(self, asked: Asked) -> Answered:
        """One call."""
        params = asked.body["params"]
        if asked.path.startswith("/web/session/"):
            result: Any = {"uid": 2, "server_version_info": [18, 0, 0, "final", 0, ""]}
        elif params["method"] == "write":
            result = self._write(params["args"][0], params["kwargs"]["vals"])
        else:
            result = self._read(params["model"], **params["kwargs"])
        return Answered(200, {"jsonrpc": "2.0", "id": asked.body["id"], "result": result})

    def _read(self, model: str, domain: list[Any], fields: list[str], **_: Any) -> list[Json]:
        records = self._users(domain) if model == "res.users" else self._directory(model)
        return [{"id": record["id"], **{name: record.get(name) for name in fields}} for record in records]

    def _users(self, domain: list[Any]) -> list[Json]:
        """All, those after an id, or those with some logins or ids: what the connector asks for."""
        conditions = [condition for condition in domain if condition != "|"]
        if not conditions:
            return list(self.users.values())
        field, operator, value = conditions[0]
        if operator == ">":
            return [user for user in self.users.values() if user["id"] > value]
        if operator == "=ilike":
            value = [ESCAPE.sub(r"\1", pattern) for _, _, pattern in conditions]
        known: Any = self.by_login if field == "login" else self.users
        return [known[one] for one in value if one in known]

    def _directory(self, model: str) -> list[Json]:
        names = (
            ("user_root", "res.users", 1),
            ("group_user", "res.groups", INTERNAL),
            ("group_system", "res.groups", SETTINGS),
        )
        known: dict[str, list[Json]] = {
            "ir.model.data": [
                {"id": number, "module": "base", "name": name, "model": of, "res_id": number}
                for name, of, number in names
            ],
            "res.groups": [
                {"id": number, "full_name": name, "implied_ids": [BESIDE] if number == INTERNAL else []}
                for number, name in self.groups.items()
            ],
            "res.company": [{"id": COMPANY, "name": "Huaxin", "active": True, "create_date": "2026-01-02"}],
            "res.lang": [{"id": 1, "code": "zh_CN"}],
        }
        return known[model]

    def _write(self, ids: list[int], values: Json) -> bool:
        """Groups to give (4), to take (3), or all there are to be (6)."""
        for number in ids:
            groups = self.users[number]["groups_id"]
            for command, group, given in values["groups_id"]:
                if command == 4:
                    groups.append(group)
                elif command == 3:
                    groups.remove(group)
                else:
                    groups[:] = given
        return True


def _user(number: int, login: str, name: str = "", email: str | None = None, *, active: bool = True) -> Json:
    return {
        "id": number,
        "login": login,
        "name": name,
        "email": email or False,
        "lang": "zh_CN",
        "active": active,
        "company_id": COMPANY,
        "company_ids": [COMPANY],
        "groups_id": [],
    }


make = OdooErp
