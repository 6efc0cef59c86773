"""What the ERP really holds, read by its administrator past erpsync."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.chaos.people import Person, State
from tests.support.erp import COMPANIES, ROLES, SHANGHAI, Erp

FIELDS = ["login", "name", "active", "companies", "groups", "roles", "email", "company", "write_date"]
ALL = {"active_test": False}


@dataclass(frozen=True)
class Seen:
    """Accounts by login as they are, what is odd about them, and a picture of everybody else."""

    states: dict[str, State]
    oddities: list[str]
    others: dict[str, Any]


def look(erp: Erp, everybody: Collection[Person]) -> Seen:
    """Look at the accounts of a run, and at all others."""
    logins = {login for person in everybody for login in person.logins}
    records = _search_read(erp, "res.user", [["login", "in", sorted(logins)]], FIELDS)
    rows = _search_read(
        erp, "res.user.role", [["user.login", "in", sorted(logins)]], ["user", "role", "to_date"]
    )
    names = {erp.id("res.role", name): name for name in ROLES}
    states: dict[str, State] = {}
    oddities: list[str] = []
    for record in records:
        roles = [(names[row["role"]], _day(row["to_date"])) for row in rows if row["user"] == record["id"]]
        companies = [name for name in COMPANIES if erp.id("company.company", name) in record["companies"]]
        login = record["login"]
        state = State(login, record["name"], record["active"], tuple(companies), tuple(sorted(roles)))
        if login in states:
            oddities.append(f"{login} is there twice")
        if len({role for role, _ in roles}) < len(roles):
            oddities.append(f"{login} has a role twice: {sorted(roles)}")
        if set(record["groups"]) != {erp.id("res.group", group) for group in state.groups}:
            oddities.append(f"{login} has other groups than its roles give")
        states[login] = state
    oddities += _keys_of_locked_accounts(erp, logins)
    return Seen(states, oddities, _others(erp, logins))


def progress(everybody: Iterable[Person], seen: Seen) -> tuple[set[str], set[str], list[str]]:
    """The logins of those as planned and of those as before, and whoever is neither."""
    planned: set[str] = set()
    before: set[str] = set()
    neither: list[str] = []
    for person in everybody:
        states = [seen.states[login] for login in sorted(person.logins) if login in seen.states]
        if states == [person.after]:
            planned.add(person.after.login)
        elif states == ([person.before] if person.before else []):
            before.add(person.after.login)
        else:
            neither.append(f"{person.after.login} is neither as before nor as planned: {states}")
    return planned, before, neither


def _keys_of_locked_accounts(erp: Erp, logins: Collection[str]) -> list[str]:
    domain = [["user.login", "in", sorted(logins)], ["user.active", "=", False], ["state", "!=", "cancelled"]]
    found = erp.admin.call("model.res.user.application.search", domain, 0, None, None, ALL)
    return [f"{len(found)} keys of locked accounts still work"] if found else []


def _others(erp: Erp, logins: Collection[str]) -> dict[str, Any]:
    """Everything in the ERP that no plan of the run is about; the time of the last write tells of any."""
    aside = sorted(logins)
    written = ["write_date", "write_uid"]
    users = _search_read(erp, "res.user", [["login", "not in", aside]], FIELDS)
    rows = _search_read(
        erp, "res.user.role", [["user.login", "not in", aside]], ["user", "role", "to_date", *written]
    )
    keys = _search_read(
        erp, "res.user.application", [["user.login", "not in", aside]], ["user", "state", *written]
    )
    roles = _search_read(erp, "res.role", [], ["name", "groups", *written])
    companies = _search_read(erp, "company.company", [], ["party", *written])
    return {"accounts": users, "rows": rows, "keys": keys, "roles": roles, "companies": companies}


def _search_read(erp: Erp, model: str, domain: list[Any], fields: list[str]) -> list[dict[str, Any]]:
    """Ids first: search_read of accounts takes ever longer the more there are."""
    ids = erp.admin.call(f"model.{model}.search", domain, 0, None, [["id", "ASC"]], ALL)
    found: list[dict[str, Any]] = erp.admin.call(f"model.{model}.read", ids, fields, {})
    return sorted(found, key=lambda record: int(record["id"]))


def _day(instant: datetime | None) -> str:
    if instant is None:
        return ""
    return str(instant.replace(tzinfo=UTC).astimezone(SHANGHAI).date())
