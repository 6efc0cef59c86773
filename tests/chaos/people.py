"""The accounts of a run: what each is before it, what git says, and what it must be afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.support.access_files import buyer
from tests.support.erp import COMPANIES, ROLES, SHANGHAI, Erp

HERE, THERE = COMPANIES


@dataclass(frozen=True)
class State:
    """What counts of an account; each role with its last day. Whatever is there twice is twice here."""

    login: str
    name: str
    active: bool = True
    companies: tuple[str, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()

    @property
    def groups(self) -> set[str]:
        """The groups that the roles stand for; none of the tests' roles lies in the future."""
        return {group for role, _ in self.roles for group in ROLES[role]}


@dataclass(frozen=True)
class Person:
    """One change of a plan."""

    before: State | None
    after: State
    declared: str
    has_key: bool = False

    @property
    def logins(self) -> set[str]:
        """The logins it has, one after the other."""
        return {state.login for state in (self.before, self.after) if state}


Make = Callable[[str, str], Person]
BUYER, CLERK, PLANNER = ("Buyer", ""), ("Clerk", ""), ("Planner", "")


def _last_day() -> str:
    return str(datetime.now(SHANGHAI).date() + timedelta(days=40))


def _planner(key: str, name: str) -> str:
    """The declaration of a buyer who stands in as a planner for a while."""
    stands_in = f"{{role: purchasing.planner, reason: stands in, request: REQ-7, valid_to: {_last_day()}}}"
    return buyer(key, name, f", assignments: [{stands_in}]")


def _created(login: str, name: str) -> Person:
    return Person(None, State(login, name, roles=(BUYER,)), buyer(login, name))


def _created_for_a_while(login: str, name: str) -> Person:
    after = State(login, name, roles=(BUYER, ("Planner", _last_day())))
    return Person(None, after, _planner(login, name))


def _changed(login: str, name: str, /, *, more: str = "", key: bool = False, **before: Any) -> Person:
    """A buyer who was something else before."""
    after = State(login, name, roles=(BUYER,))
    return Person(replace(after, **before), after, buyer(login, name, more), key)


def _moved(login: str, name: str) -> Person:
    after = State(login, name, companies=(THERE,), roles=(BUYER,))
    declared = buyer(login, name, f", scope: {{company: [{THERE}]}}")
    return Person(replace(after, companies=(HERE,)), after, declared)


def _limited(login: str, name: str) -> Person:
    after = State(login, name, roles=(BUYER, ("Planner", _last_day())))
    return Person(replace(after, roles=(BUYER, PLANNER)), after, _planner(login, name))


def _locked(login: str, name: str) -> Person:
    before = State(login, name, roles=(BUYER,))
    return Person(before, replace(before, active=False), buyer(login, name, ", status: locked"), has_key=True)


def _left(login: str, name: str) -> Person:
    before = State(login, name, roles=(BUYER, PLANNER))
    after = State(login, name, active=False)
    return Person(before, after, buyer(login, name, ", status: left"), has_key=True)


def _renamed(login: str, name: str) -> Person:
    return _changed(login, name, login=f"{login}-old", more=f", previously: [{login}-old]")


KINDS: tuple[Make, ...] = (
    _created,
    _left,
    partial(_changed, roles=()),
    _locked,
    partial(_changed, roles=(BUYER, CLERK)),
    _created_for_a_while,
    partial(_changed, name="Not yet known"),
    _moved,
    _limited,
    partial(_changed, active=False),
    _renamed,
)
"""Every kind of change that is one write in Tryton."""
BACK_UNDER_ANOTHER_NAME: Make = partial(_changed, active=False, name="Before the leave")
"""The one kind that is two writes."""


def people(erp: Erp, count: int, kinds: tuple[Make, ...] = KINDS) -> list[Person]:
    """People to change, of every kind in turn."""
    return [kinds[number % len(kinds)](erp.login("p"), f"人员{number}") for number in range(count)]


def enter(erp: Erp, everybody: list[Person]) -> None:
    """Let the ERP have them as they are before, with the keys that some of them hold."""
    states = [person.before for person in everybody if person.before]
    if not states:
        return
    ids = erp.admin.call("model.res.user.create", [_values(erp, state) for state in states], {})
    number = dict(zip((state.login for state in states), ids, strict=True))
    inactive = [number[state.login] for state in states if not state.active]
    if inactive:
        erp.admin.call("model.res.user.write", inactive, {"active": False}, {})
    holders = [number[person.before.login] for person in everybody if person.before and person.has_key]
    keys = [{"user": user, "application": "rest"} for user in holders]
    if keys:
        erp.admin.call("model.res.user.application.create", keys, {})


def _values(erp: Erp, state: State) -> dict[str, Any]:
    companies = [erp.id("company.company", name) for name in state.companies]
    rows = [{"role": erp.id("res.role", role), "to_date": _end(last)} for role, last in state.roles]
    return {
        "login": state.login,
        "name": state.name,
        "companies": [["add", companies]] if companies else [],
        "company": companies[0] if companies else None,
        "roles": [["create", rows]] if rows else [],
    }


def _end(last: str) -> datetime | None:
    """The last second of a day, as the ERP keeps it."""
    if not last:
        return None
    day = datetime.fromisoformat(last).replace(tzinfo=SHANGHAI)
    return (day + timedelta(days=1, seconds=-1)).astimezone(UTC)
