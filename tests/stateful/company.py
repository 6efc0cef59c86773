"""The company of the stateful test: what its files say at first, and how they are edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from erpsync.model import ALL, Access, Birthright, Status, User
from tests.builders import AT, ERP, TODAY, assign, declare, make_target, position, role, user
from tests.strategies import COMPANIES, ROLES

ENTITLEMENT_OF = {
    "buyer": "Purchase",
    "approver": "Purchase / Approval",
    "keeper": "Stock",
    "planner": "会计",
}
LATER = assign("keeper", TODAY + timedelta(days=3), TODAY + timedelta(days=8))


def company() -> Access:
    """What git says in the beginning."""
    return declare(
        users=[
            user("chen.jing", position="buyer", scope={"company": (ALL,)}),
            user("wu.lan"),
            user("Ma.Li", department="sales", assignments=[assign("keeper")]),
            user("he.qi", department="sales", previously=["lin.tao"], assignments=[LATER]),
        ],
        roles=[role(key, ENTITLEMENT_OF[key]) for key in ROLES],
        positions=[position("buyer", "buyer"), position("keeper", "keeper", "planner")],
        birthright=[Birthright("all", "All", ("planner",), AT, departments=frozenset({"purchasing"}))],
        target=make_target(protected=("admin",)),
    )


def root(person: User) -> str:
    """The key a person had first."""
    return (*person.previously, person.key)[0]


Change = Callable[[User, date], User]
"""An edit of one user, on a day."""


def _give(key: str, first: int | None = None, last: int | None = None) -> Change:
    """Give a role, between two days counted from today."""

    def edit(person: User, today: date) -> User:
        begin = None if first is None else today + timedelta(days=first)
        end = None if last is None else today + timedelta(days=last)
        return replace(person, assignments=(*person.assignments, assign(key, begin, end)))

    return edit


def _only(key: str) -> Change:
    """Give this role and take all others: somebody changes sides."""
    return lambda person, _: replace(
        person, position=None, department="sales", assignments=(assign(key),), status=Status.ACTIVE
    )


def _extend(person: User, today: date) -> User:
    """Two weeks more for what was given last."""
    *others, last = person.assignments or (assign("keeper"),)
    return replace(person, assignments=(*others, replace(last, valid_to=today + timedelta(days=14))))


def _rename(person: User, today: date) -> User:
    """Another key for the same person."""
    key = f"{root(person)}.{len(person.previously) + 1}"
    return replace(person, key=key, previously=(*person.previously, person.key))


def _come_back(person: User, _: date) -> User:
    """Work again, under another name."""
    name = "林涛" if person.name == "王芳" else "王芳"
    return replace(person, status=Status.ACTIVE, valid_from=None, valid_to=None, name=name)


EDITS: Mapping[str, Change] = {
    "come back": _come_back,
    "leave": lambda who, _: replace(who, status=Status.LEFT),
    "lock": lambda who, _: replace(who, status=Status.LOCKED),
    "unlock": lambda who, _: replace(who, status=Status.ACTIVE),
    "end": lambda who, today: replace(who, valid_from=None, valid_to=today + timedelta(days=2)),
    "begin": lambda who, today: replace(who, valid_from=today + timedelta(days=1), valid_to=None),
    "stay": lambda who, _: replace(who, valid_from=None, valid_to=None),
    "buyer": lambda who, _: replace(who, position="buyer", position_at=AT),
    "keeper": lambda who, _: replace(who, position="keeper", position_at=AT),
    "no position": lambda who, _: replace(who, position=None, department="sales"),
    "only buys": _only("buyer"),
    "only approves": _only("approver"),
    "give": _give("approver"),
    "give for a while": _give("keeper", last=3),
    "give later": _give("buyer", 2, 6),
    "give with a gap": lambda who, today: _give("keeper", 4, 6)(_give("keeper", last=2)(who, today), today),
    "give in between": _give("buyer", -1, 1),
    "take": lambda who, _: replace(who, assignments=who.assignments[:-1]),
    "extend": _extend,
    "rename": _rename,
    "login": lambda who, _: replace(who, logins={ERP: f"L-{root(who)}"}),
    "same login": lambda who, _: replace(who, logins={ERP: who.login(ERP).upper()}),
    "scope": lambda who, _: replace(who, scope={"company": COMPANIES[1:]}),
    "all": lambda who, _: replace(who, scope={"company": (ALL,)}),
    "no scope": lambda who, _: replace(who, scope={}),
    "name": lambda who, _: replace(who, name="林涛"),
    "e-mail": lambda who, _: replace(who, email=f"{root(who)}@huaxin.example"),
    "language": lambda who, _: replace(who, language="en"),
}
"""What may be merged about one user. All of it is valid, whatever was merged before."""


def joining(access: Access, key: str, where: str | None) -> User | None:
    """Somebody new, who may get the login that somebody else had; or None where that is not valid."""
    taken = {known.casefold() for who in access.users.values() for known in (who.key, *who.previously)}
    logins = {who.login(ERP).casefold() for who in access.users.values()}
    if key.casefold() in logins:
        return None
    if key.casefold() not in taken:
        return user(key, position=where, name=key)
    new = f"new.{key}"
    return None if new.casefold() in taken else user(new, position=where, name=key, logins={ERP: key})
