"""Hypothesis strategies for whole declared and live states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product

from hypothesis import strategies as st

from erpsync.model import (
    ALL,
    Access,
    Account,
    Assignment,
    Birthright,
    Capabilities,
    Catalogue,
    Grant,
    Manage,
    Mode,
    Risk,
    Role,
    Snapshot,
    Status,
    User,
    UserType,
    fold,
)
from tests.builders import AT, ENFORCE, ERP, TODAY, Case, declare, make_target, position, role, snapshot, user

ROLES = ("buyer", "approver", "keeper", "planner")
ENTITLEMENTS = ("Purchase", "Purchase / Approval", "Stock", "Production", "会计")
IMPLIES = {
    "Purchase / Approval": frozenset({"Purchase", "Stock"}),
    "Purchase": frozenset({"Stock"}),
    "Production": frozenset({"Stock"}),
}
USERS = ("chen.jing", "lin.tao", "wu.lan", "he.qi", "Ma.Li")
STRANGERS = ("admin", "legacy-1", "nobody")
COMPANIES = ("Huaxin Castings", "Huaxin Group", "Huaxin Trading")
ALL_MANAGES = [Manage(*modes) for modes in product(Mode, repeat=4)]

NEAR = [TODAY + timedelta(days=days) for days in range(-4, 5)]
DAYS = [*NEAR, date.min, date(2025, 1, 1), date(2027, 2, 28), date.max]
SPANS = [
    (first, last)
    for first, last in product([None, *DAYS], repeat=2)
    if first is None or last is None or first <= last
]
near_days = st.sampled_from(NEAR)
days = st.sampled_from(DAYS)
spans = st.sampled_from(SPANS)
manages = st.just(ENFORCE) | st.sampled_from(ALL_MANAGES)


def subsets(values: Sequence[str], most: int = 3, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    """Some of the values. One draw, where a list would take many: these strategies run thousands of times."""
    return st.sampled_from([chosen for n in range(least, most + 1) for chosen in combinations(values, n)])


def conditions(values: Sequence[str]) -> st.SearchStrategy[frozenset[str]]:
    return subsets(values, 2).map(frozenset)


@st.composite
def roles_strategy(draw: st.DrawFn) -> list[Role]:
    """Roles that may include each other, also in a circle."""
    return [
        replace(
            role(key, *draw(subsets(ENTITLEMENTS, 2, 1)), includes=draw(subsets(ROLES, 2))),
            risk=draw(st.sampled_from(Risk)),
        )
        for key in ROLES
    ]


assignments = st.builds(
    lambda role_key, span, request: Assignment(role_key, "stands in", AT, span[0], span[1], request),
    st.sampled_from(ROLES),
    st.just((None, None)) | spans,
    st.none() | st.just("REQ-2026-0417"),
)
scopes = st.fixed_dictionaries(
    {},
    optional={
        "company": st.just((ALL,)) | subsets(COMPANIES, least=1).map(lambda names: tuple(sorted(names))),
        "warehouse": st.just((ALL,)),
    },
)


@st.composite
def user_strategy(draw: st.DrawFn, key: str) -> User:
    first, last = draw(st.just((None, None)) | spans)
    return user(
        key,
        name=draw(st.sampled_from(["陈静", "林涛", "Wu Lan"])),
        kind=draw(st.sampled_from(UserType)),
        status=draw(st.just(Status.ACTIVE) | st.sampled_from(Status)),
        department=draw(st.sampled_from(["purchasing", "sales"])),
        position=draw(st.none() | st.sampled_from(["buyer", "seller"])),
        valid_from=first,
        valid_to=last,
        assignments=draw(st.lists(assignments, max_size=4)),
        logins=draw(st.just({}) | st.just({ERP: f"cj-{key}"}) | st.just({ERP: key.upper()})),
        previously=draw(st.just(()) | st.just((f"old.{key}",))),
        scope=draw(scopes),
        email=draw(st.none() | st.just(f"{key}@huaxin.example")),
        language=draw(st.none() | st.sampled_from(["en", "zh_CN"])),
    )


birthrights = st.builds(
    lambda key, roles, types, departments, positions: Birthright(
        key, key, roles, AT, types, departments, positions
    ),
    st.sampled_from(["everybody", "some"]),
    subsets(ROLES, 2, 1),
    conditions(list(UserType)),
    conditions(["purchasing", "sales"]),
    conditions(["buyer", "seller"]),
)


@st.composite
def accesses(draw: st.DrawFn, manage: st.SearchStrategy[Manage] = manages) -> Access:
    """A declared state that validation would let pass."""
    return declare(
        users=[draw(user_strategy(key)) for key in draw(subsets(USERS, 3, 1))],
        roles=draw(roles_strategy()),
        positions=[position(key, *draw(subsets(ROLES, 2))) for key in ("buyer", "seller")],
        birthright=draw(st.lists(birthrights, max_size=2)),
        target=make_target(draw(manage), protected=draw(subsets(("admin", "he.*", "nobody"), 2))),
    )


instants = near_days.map(lambda day: datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC))
moments = st.none() | days | instants
live_grants = st.builds(Grant, st.sampled_from([*ENTITLEMENTS, "Hand-made"])) | st.builds(
    Grant, st.sampled_from(ENTITLEMENTS), moments, moments
)
grant_tuples = st.sets(live_grants, max_size=3).map(
    lambda grants: tuple(sorted(grants, key=lambda grant: grant.order))
)
live_scopes = st.fixed_dictionaries(
    {}, optional={"company": subsets(COMPANIES).map(lambda names: tuple(sorted(names)))}
)


@st.composite
def account_strategy(draw: st.DrawFn, login: str) -> Account:
    return Account(
        login=login,
        name=draw(st.sampled_from(["陈静", "林涛", "Wu Lan", ""])),
        email=draw(st.none() | st.just(f"{login}@huaxin.example")),
        language=draw(st.none() | st.sampled_from(["en", "zh_CN"])),
        active=draw(st.sampled_from([True, True, False])),
        scope=draw(live_scopes),
        grants=draw(grant_tuples),
        version=draw(st.integers(0, 9)),
    )


@st.composite
def live_strategy(draw: st.DrawFn, access: Access) -> Snapshot:
    """A live state that knows users by login, key, earlier key or other case, and strangers."""
    logins = list(draw(subsets(STRANGERS, 2)))
    for person in access.users.values():
        known = [person.login(ERP), person.key, person.key.upper(), *person.previously]
        logins += draw(subsets(known, 2))
    chosen = {fold(login): login for login in logins}
    accounts = [draw(account_strategy(login)) for login in chosen.values()]
    protected = {
        fold(login): "an administrator of the ERP" for login in draw(subsets([*chosen, "wu.lan"], 1))
    }
    return snapshot(*accounts, protected=protected)


catalogues = st.builds(
    lambda companies, fixed, implies: Catalogue(
        entitlements=frozenset(ENTITLEMENTS),
        scopes={"company": companies},
        languages=frozenset({"en", "zh_CN"}),
        fixed=dict.fromkeys(fixed, "comes from the ERP itself"),
        implies=implies,
    ),
    st.sampled_from([COMPANIES, COMPANIES, ()]),
    st.sampled_from([(), (), ("会计", "Hand-made")]),
    st.sampled_from([{}, {}, IMPLIES]),
)
can_companies = st.builds(Capabilities, st.booleans(), st.just(frozenset({"company"})))
abilities = can_companies | st.builds(Capabilities, st.booleans())


@st.composite
def cases(draw: st.DrawFn, manage: st.SearchStrategy[Manage] = manages) -> Case:
    access = draw(accesses(manage))
    return Case(access, draw(live_strategy(access)), draw(catalogues), draw(abilities), draw(near_days))
