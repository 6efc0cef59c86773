"""An Odoo 18: a session of its web client, `search_read` of whole models, one write for many users."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench.erps.people import NEW_ROLE, ROLES, people
from bench.erps.server import Answered, Asked

USER_TYPE = 1
COMPANY = {"id": 1, "name": "Huaxin Trading", "active": True, "create_date": "2026-01-02 03:04:05"}

Json = dict[str, Any]


class OdooErp:
    """Users with groups; each has the type of an internal user too, and the one company."""

    def __init__(self, count: int) -> None:
        names = ("base.group_user", *(f"__custom__.{name}" for name in (*ROLES, NEW_ROLE)))
        self.groups = {name: number for number, name in enumerate(names, start=USER_TYPE)}
        users = (
            _user(10 + person.number, person.login, person.name, person.email, active=person.active)
            | {"groups_id": [USER_TYPE, *(self.groups[f"__custom__.{role}"] for role in person.roles)]}
            for person in people(count)
        )
        self.models: dict[str, dict[int, Json]] = {
            "res.users": {user["id"]: user for user in users},
            "res.groups": _by_id(
                {"id": number, "full_name": name, "implied_ids": []} for name, number in self.groups.items()
            ),
            "ir.model.data": _by_id(
                {
                    "id": number,
                    "module": name.split(".", 1)[0],
                    "name": name.split(".", 1)[1],
                    "model": "res.groups",
                    "res_id": number,
                }
                for name, number in self.groups.items()
            ),
            "res.company": {1: COMPANY},
            "res.lang": {1: {"id": 1, "code": "zh_CN", "active": True}},
        }

    def answer(self, asked: Asked) -> Answered:
        """One call."""
        params = asked.body["params"]
        result = self._called(params) if asked.path.startswith("/web/dataset") else _session(asked.path)
        return Answered(200, {"jsonrpc": "2.0", "id": asked.body["id"], "result": result})

    def _called(self, params: Json) -> Any:
        records, named = self.models.get(params["model"], {}), params["kwargs"]
        if params["method"] == "search_read":
            found = [record for record in records.values() if _fits(record, named["domain"])]
            shown = ("id", *named["fields"])
            return [{name: record.get(name) for name in shown} for record in found[: named["limit"]]]
        for number in params["args"][0]:
            for name, value in named["vals"].items():
                if name == "groups_id":
                    records[number][name] = _linked(records[number][name], value)
                else:
                    records[number][name] = value
        return True


def _linked(held: list[int], commands: list[list[Any]]) -> list[int]:
    """Links after commands as Odoo has them: 3 takes one away, 4 adds one, 6 sets them all."""
    found = set(held)
    for what, number, *more in commands:
        match what:
            case 3:
                found.discard(number)
            case 4:
                found.add(number)
            case 6:
                found = set(more[0])
    return sorted(found)


def _fits(record: Json, domain: list[Any]) -> bool:
    """Whether a record fits the few conditions on users that are asked for: by id, or any of some logins."""
    if "login" not in record:
        return True
    logins = {value for field, how, value in _conditions(domain) if field == "login"}
    if logins and record["login"] not in {login.replace("\\", "") for login in logins}:
        return False
    return all(
        record["id"] > value if how == ">" else record["id"] in value
        for field, how, value in _conditions(domain)
        if field == "id"
    )


def _conditions(domain: list[Any]) -> Iterable[list[Any]]:
    return (term for term in domain if isinstance(term, list))


def _session(path: str) -> Json | None:
    return {"uid": 2, "server_version_info": [18, 0, 0]} if path.endswith("authenticate") else None


def _by_id(records: Iterable[Json]) -> dict[int, Json]:
    return {record["id"]: record for record in records}


def _user(number: int, login: str, name: str, email: str, *, active: bool) -> Json:
    return {
        "id": number,
        "login": login,
        "name": name,
        "email": email,
        "lang": "zh_CN",
        "active": active,
        "company_id": 1,
        "company_ids": [1],
    }


make = OdooErp
