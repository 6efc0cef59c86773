"""Whatever is declared: every rule can be held against it, and tells the same in whatever order it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from erpsync.model import Access, Oversight, Policy, Role, Subsystem, Training, User, UserType
from erpsync.policy.base import Facts, LiveTarget, evaluate
from erpsync.policy.rules import RULES
from tests.builders import AT, ERP, TODAY
from tests.strategies import accesses, live_strategy

T = TypeVar("T")

days = st.none() | st.integers(-200, 200).map(lambda number: TODAY + timedelta(days=number))
numbers = st.sampled_from([None, "1", "2", " 1"])


@st.composite
def governed(draw: st.DrawFn, user: User, keys: list[str]) -> User:
    """The user with what governance asks for, or not."""
    somebody = st.none() | st.sampled_from(keys)
    return replace(
        user,
        # The same role from the same day on is the same assignment.
        assignments=tuple({(item.role, item.valid_from): item for item in user.assignments}.values()),
        left_on=draw(days),
        position_since=draw(days),
        employee_no=draw(numbers),
        email=draw(st.sampled_from([None, "a@huaxin.example", "A@huaxin.example"])),
        owner=draw(somebody),
        deputy=draw(somebody),
        controllers=tuple(draw(st.lists(st.sampled_from(keys), max_size=2, unique=True))),
        trainings=draw(st.sampled_from([{}, {"basics": TODAY - timedelta(days=90)}])),
        identity_verified=draw(days),
    )


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """A company with every part that rules look at, and one target as it was read."""
    access = draw(accesses())
    keys = [*access.users, "nobody"]
    users = {key: draw(governed(user, keys)) for key, user in access.users.items()}
    people = st.lists(st.sampled_from(keys), max_size=4, unique=True).map(tuple)
    roles = {key: draw(governed_role(role, keys)) for key, role in access.roles.items()}
    areas = {
        key: Subsystem(
            key, AT, None, None, draw(st.sampled_from(keys)), draw(st.sampled_from(keys)), draw(people)
        )
        for key in ("materials", "sales")
    }
    office = Oversight("office", "Office", draw(people), AT, head=draw(st.sampled_from(keys)))
    whole = replace(
        access,
        users=users,
        roles=roles,
        subsystems=areas,
        operations={"office": office},
        trainings={"basics": Training("basics", "Basics", AT, None, timedelta(days=100))},
        policy=Policy(verify_identity=frozenset(UserType)),
    )
    return Facts(whole, TODAY, {ERP: draw(target_of(whole))})


@st.composite
def governed_role(draw: st.DrawFn, role: Role, keys: list[str]) -> Role:
    return replace(
        role,
        owner=draw(st.sampled_from(keys)),
        sensitive=draw(st.sampled_from([None, "finance"])),
        max_holders=draw(st.sampled_from([None, 0, 1])),
        requires_training=draw(st.sampled_from([(), ("basics",)])),
    )


@st.composite
def target_of(draw: st.DrawFn, access: Access) -> LiveTarget:
    accounts = draw(live_strategy(access)).accounts
    owners = {login: draw(st.sampled_from(list(access.users))) for login in accounts if draw(st.booleans())}
    last: dict[str, date | None] = {login: draw(days) for login in accounts if draw(st.booleans())}
    return LiveTarget(ERP, accounts, owners, dict.fromkeys(list(accounts)[:1], "own"), last)


def backwards(entries: Mapping[str, T]) -> dict[str, T]:
    return dict(reversed(list(entries.items())))


@given(facts())
def test_every_finding_has_a_name_of_its_own(found: Facts) -> None:
    names = Counter((finding.id, finding.violation.at) for finding in evaluate(found, RULES))
    assert not [name for name, count in names.items() if count > 1]


@given(facts())
def test_findings_do_not_depend_on_the_order_of_entries(found: Facts) -> None:
    access = found.access
    turned = replace(
        access,
        users=backwards(access.users),
        roles=backwards(access.roles),
        subsystems=backwards(access.subsystems),
    )
    before = {finding.id for finding in evaluate(found, RULES)}
    assert {finding.id for finding in evaluate(replace(found, access=turned), RULES)} == before
