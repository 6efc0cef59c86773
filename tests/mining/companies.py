"""Companies whose roles are known, for the tests of role proposals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from erpsync.mining.proposal import RoleProposal
from erpsync.mining.proposing import propose_roles
from erpsync.mining.terms import Terms
from erpsync.model import Access, Assignment, Department, Position, Role, Status, User, UserType
from tests.builders import AT, TODAY, assign, declare, position, role, user
from tests.strategies import birthrights, spans, subsets

ROLES = ("buyer", "approver", "keeper", "planner", "staff")
SMALL = Terms(least_users=2, least_saving=1)
DEPARTMENTS = {
    "purchasing": Department("purchasing", "Purchasing", AT, "采购部"),
    "stores": Department("stores", "Stores", AT),
}


def company(
    people: Mapping[str, Sequence[str]],
    *,
    positions: Sequence[Position] = (),
    jobs: Mapping[str, str] | None = None,
    departments: Mapping[str, str] | None = None,
    roles: Sequence[Role] | None = None,
) -> Access:
    """A company in which these people were assigned these roles, and work where it is said."""
    known = roles or [replace(role(key, key.title()), subsystem="materials", owner="wu.lan") for key in ROLES]
    users = [
        user(key, assignments=[assign(name) for name in held], position=(jobs or {}).get(key),
             department=(departments or {}).get(key, "purchasing"))
        for key, held in people.items()
    ]  # fmt: skip
    return replace(declare(users=users, roles=known, positions=positions), departments=DEPARTMENTS)


def proposed(access: Access, terms: Terms = SMALL, **more: object) -> RoleProposal:
    """What is proposed for a company."""
    return propose_roles(access, TODAY, terms, **more)  # type: ignore[arg-type]  # by name


def people(count: int, *held: str, prefix: str = "p") -> dict[str, tuple[str, ...]]:
    """So many people who hold the same."""
    return {f"{prefix}{number:02}": held for number in range(count)}


_assignments = st.builds(
    lambda name, span, request: Assignment(name, "stands in", AT, span[0], span[1], request),
    st.sampled_from(ROLES),
    st.sampled_from([(None, None), (None, None), (TODAY - timedelta(days=9), None)]) | spans,
    st.sampled_from([None, None, "REQ-1"]),
)


@st.composite
def _user(draw: st.DrawFn, key: str) -> User:
    kind = draw(st.sampled_from([UserType.DEDICATED] * 4 + [UserType.SERVICE, UserType.TEMPORARY]))
    first, last = draw(st.just((None, None)) | spans)
    return user(
        key,
        kind=kind,
        status=draw(st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.LOCKED, Status.LEFT])),
        department=draw(st.sampled_from(["purchasing", "stores", "unsorted"])),
        position=draw(st.sampled_from(["buyer", "keeper", None])),
        valid_from=first,
        valid_to=last,
        assignments=[
            *[assign(name) for name in draw(subsets(ROLES, 4))],
            *draw(st.lists(_assignments, max_size=2)),
        ],
    )


@st.composite
def companies(draw: st.DrawFn) -> Access:
    """A company of up to eight people, with roles that include each other, positions and rules."""
    roles = [
        role(key, key.title(), includes=draw(subsets(ROLES, 2)) if key in ("planner", "staff") else ())
        for key in ROLES
    ]
    access = declare(
        users=[draw(_user(f"p{number}")) for number in range(draw(st.integers(2, 8)))],
        roles=roles,
        positions=[position(key, *draw(subsets(ROLES, 1))) for key in ("buyer", "keeper")],
        birthright=[
            rule for rule in draw(st.lists(birthrights, max_size=1)) if set(rule.roles) <= set(ROLES)
        ],
    )
    return replace(access, departments=DEPARTMENTS)
