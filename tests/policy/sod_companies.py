"""Small random companies, and what separation of duties finds in them by looking at every single day.

The brute force knows nothing of spans, masks or scopes as sets: it asks of each person, day, risk and
choice of users whether each side is there, and of each value of a scope whether all may touch it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

from hypothesis import strategies as st

from erpsync.model import (
    ALL,
    Access,
    Assignment,
    Birthright,
    Function,
    Risk,
    Role,
    SodRisk,
    Status,
    User,
)
from erpsync.policy.duties import rulebook
from erpsync.policy.holdings import declared
from erpsync.policy.sod import Conflict, conflicts
from tests.builders import AT, TODAY, assign, declare, position, user
from tests.strategies import subsets

FUNCTIONS = ("PAY", "PO", "GR", "VENDOR")
ROLES = ("clerk", "buyer", "keeper", "chief")
USERS = ("chen.jing", "lin.tao", "wu.lan", "Ma.Li")
VALUES = {"company": ("Castings", "Trading"), "warehouse": ("WH1", "WH2")}
DAYS = [TODAY + timedelta(days=days) for days in range(-2, 6)]
LOOKED_AT = [day for day in [*DAYS, DAYS[-1] + timedelta(days=1), date.max] if day >= TODAY]
"""Every day that something could begin or end on, one after them, and the last of all."""

Found = Mapping[tuple[str, str], frozenset[date]]
"""Person and risk → the days looked at on which the person has it."""

spans = st.sampled_from(
    [
        (first, last)
        for first, last in product([None, *DAYS], repeat=2)
        if not (first and last and first > last)
    ]
)
assignments = st.builds(
    lambda role, span: assign(role, *span), st.sampled_from(ROLES), st.just((None, None)) | spans
)
scopes = st.fixed_dictionaries(
    {}, optional={kind: st.just((ALL,)) | subsets(values, 2, 1) for kind, values in VALUES.items()}
)


def function(key: str, *scope_keys: str) -> Function:
    return Function(key, f"Title of {key}", AT, f"{key}职责", scope_keys)


def sod_risk(key: str, *sides: str, most: int | None = None, level: Risk = Risk.HIGH) -> SodRisk:
    """A risk; each side is ``PO`` or ``PO/SRC``."""
    parts = tuple(tuple(side.split("/")) for side in sides)
    return SodRisk(key, f"Title of {key}", parts, level, "can do harm", AT, max_holders=most)


def duty(key: str, *functions: str, includes: tuple[str, ...] = ()) -> Role:
    return Role(key, key.title(), AT, includes=includes, functions=functions)


def company(
    *users: User,
    roles: tuple[Role, ...],
    risks: tuple[SodRisk, ...],
    positions: Mapping[str, tuple[str, ...]] = {},
) -> Access:
    """A declared state whose functions are those named by its roles and risks, none bound to a scope."""
    named = {key for item in roles for key in item.functions}
    named |= {key for item in risks for side in item.sides for key in side}
    return with_risks(
        declare(
            users=users, roles=roles, positions=[position(key, *held) for key, held in positions.items()]
        ),
        *risks,
        functions=tuple(function(key) for key in sorted(named)),
    )


def with_risks(access: Access, *risks: SodRisk, functions: tuple[Function, ...]) -> Access:
    return replace(
        access, functions={item.key: item for item in functions}, risks={item.key: item for item in risks}
    )


@st.composite
def users_strategy(draw: st.DrawFn, key: str) -> User:
    first, last = draw(st.just((None, None)) | spans)
    person = user(
        key,
        status=draw(st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.LOCKED, Status.LEFT])),
        position=draw(st.none() | st.sampled_from(["buyer", "seller"])),
        valid_from=first,
        valid_to=last,
        assignments=draw(st.lists(assignments, max_size=3)),
        scope=draw(scopes),
    )
    return replace(person, employee_no=draw(st.sampled_from([None, "A7", " a7"])))


@st.composite
def companies(draw: st.DrawFn) -> Access:
    roles = [
        duty(key, *draw(subsets(FUNCTIONS, 2)), includes=draw(st.just(()) | subsets(ROLES, 2)))
        for key in ROLES
    ]
    sides = st.lists(subsets(FUNCTIONS, 2, 1), min_size=1, max_size=3).map(tuple)
    risks = [replace(sod_risk(key, "PO"), sides=draw(sides)) for key in ("P01", "P02", "P03")]
    everybody = Birthright("some", "Some", draw(subsets(ROLES, 1)), AT, positions=frozenset({"seller"}))
    access = declare(
        users=[draw(users_strategy(key)) for key in draw(subsets(USERS, 4, 1))],
        roles=roles,
        positions=[position(key, *draw(subsets(ROLES, 2))) for key in ("buyer", "seller")],
        birthright=[everybody],
    )
    functions = tuple(function(key, *draw(subsets(tuple(VALUES), 2))) for key in FUNCTIONS)
    return with_risks(access, *risks, functions=functions)


def found(access: Access, as_of: date = TODAY) -> list[Conflict]:
    return list(conflicts(access, rulebook(access), declared(access, as_of)))


def by_engine(access: Access) -> Found:
    return {
        (item.person, item.risk.key): frozenset(
            day for day in LOOKED_AT if any(first <= day <= last for first, last in item.spans)
        )
        for item in found(access)
    }


# --- every day, person, risk, choice of users and value of a scope --------------------------------------


def by_brute_force(access: Access) -> Found:
    days: dict[tuple[str, str], frozenset[date]] = {}
    for group in _persons(access):
        for risk in access.risks.values():
            on = frozenset(day for day in LOOKED_AT if _has(group, risk, day, access))
            if on:
                days[min(user.key for user in group), risk.key] = on
    return days


def _persons(access: Access) -> list[list[User]]:
    groups: list[list[User]] = []
    for one in access.users.values():
        same = [group for group in groups if _number(one) and _number(group[0]) == _number(one)]
        if one.status is not Status.LEFT and same:
            same[0].append(one)
        elif one.status is not Status.LEFT:
            groups.append([one])
    return groups


def _number(person: User) -> str:
    return person.employee_no.strip().lower() if person.employee_no else ""


def _has(group: list[User], risk: SodRisk, day: date, access: Access) -> bool:
    does = {user.key: _functions(user, day, access) for user in group}
    ways = [
        [(user, name) for user in group for name in side if name in does[user.key]] for side in risk.sides
    ]
    return any(_in_one_place([*choice], access) for choice in product(*ways))


def _in_one_place(choice: list[tuple[User, str]], access: Access) -> bool:
    for kind, values in VALUES.items():
        bound = all(kind in access.functions[name].scope_keys for _, name in choice)
        if bound and not any(all(_touches(user, kind, value) for user, _ in choice) for value in values):
            return False
    return True


def _touches(user: User, kind: str, value: str) -> bool:
    return kind not in user.scope or ALL in user.scope[kind] or value in user.scope[kind]


def _functions(user: User, day: date, access: Access) -> set[str]:
    if not _holds(user.valid_from, user.valid_to, day):
        return set()
    return {name for role in _roles(user, day, access) for name in _claimed(role, access, ())}


def _roles(user: User, day: date, access: Access) -> Iterator[str]:
    if user.position:
        yield from access.positions[user.position].roles
    for rule in access.birthright.values():
        if user.position in rule.positions:
            yield from rule.roles
    yield from (item.role for item in user.assignments if _holds(item.valid_from, item.valid_to, day))


def _holds(first: date | None, last: date | None, day: date) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _claimed(role: str, access: Access, above: tuple[str, ...]) -> set[str]:
    claimed = set(access.roles[role].functions)
    for inner in access.roles[role].includes:
        if inner not in above:
            claimed |= _claimed(inner, access, (*above, role))
    return claimed


def with_user(access: Access, changed: User) -> Access:
    return replace(access, users={**access.users, changed.key: changed})


def given(person: User, *more: Assignment) -> User:
    return replace(person, assignments=(*person.assignments, *more))
