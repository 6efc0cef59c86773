"""Separation of duties, whatever the company: the same as looking at every day, and never less for more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from typing import TypeVar

from hypothesis import given as for_all
from hypothesis import strategies as st

from erpsync.model import ALL, Access, Assignment, User
from tests.policy.sod_companies import (
    DAYS,
    VALUES,
    Found,
    assignments,
    by_brute_force,
    by_engine,
    companies,
    found,
    given,
    with_user,
)

T = TypeVar("T")


def within(fewer: Found, more: Found) -> bool:
    """Whether every conflict of the one is one of the other, on all of its days."""
    return all(days <= more.get(key, frozenset()) for key, days in fewer.items())


@for_all(companies())
def test_exactly_the_conflicts_and_days_are_found_that_looking_at_every_day_finds(access: Access) -> None:
    assert by_engine(access) == by_brute_force(access)


@for_all(companies(), assignments, st.data())
def test_one_more_assignment_never_takes_a_conflict_away(
    access: Access, more: Assignment, data: st.DataObject
) -> None:
    person = data.draw(st.sampled_from([*access.users.values()]))

    assert within(by_engine(access), by_engine(with_user(access, given(person, more))))


def narrower(person: User, kind: str, values: tuple[str, ...]) -> User:
    """The same user, who may touch no more than these values of a kind."""
    now = person.scope.get(kind, (ALL,))
    left = values if ALL in now else tuple(value for value in now if value in values) or now
    return replace(person, scope={**person.scope, kind: left})


@for_all(companies(), st.data())
def test_a_narrower_scope_never_brings_a_conflict(access: Access, data: st.DataObject) -> None:
    person = data.draw(st.sampled_from([*access.users.values()]))
    kind = data.draw(st.sampled_from([*VALUES]))
    value = data.draw(st.sampled_from(VALUES[kind]))

    assert within(by_engine(with_user(access, narrower(person, kind, (value,)))), by_engine(access))


def shorter(item: Assignment, first: date, last: date) -> Assignment:
    begins, ends = max(item.valid_from or first, first), min(item.valid_to or last, last)
    return replace(item, valid_from=begins, valid_to=ends) if begins <= ends else item


@for_all(companies(), st.sampled_from(DAYS), st.sampled_from(DAYS), st.data())
def test_a_shorter_assignment_never_brings_a_conflict(
    access: Access, one: date, other: date, data: st.DataObject
) -> None:
    person = data.draw(st.sampled_from([*access.users.values()]))
    first, last = sorted((one, other))
    less = replace(person, assignments=tuple(shorter(item, first, last) for item in person.assignments))

    assert within(by_engine(with_user(access, less)), by_engine(access))


@for_all(companies(), st.randoms(use_true_random=False))
def test_the_order_of_everything_is_the_same_to_it(access: Access, random: Random) -> None:
    def shuffled(items: dict[str, T]) -> dict[str, T]:
        return dict(random.sample([*items.items()], len(items)))

    other = replace(
        access,
        users=shuffled(
            {
                key: replace(
                    person, assignments=tuple(random.sample(person.assignments, len(person.assignments)))
                )
                for key, person in access.users.items()
            }
        ),
        roles=shuffled(dict(access.roles)),
        positions=shuffled(dict(access.positions)),
        functions=shuffled(dict(access.functions)),
        risks=shuffled(dict(access.risks)),
    )

    assert found(other) == found(access)


def flat(access: Access) -> Access:
    """The same company without composites: whoever had one has its parts, for the same days."""
    closures = {key: _closure(key, access) for key in access.roles}

    def parts(roles: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({part for role in roles for part in closures[role]}))

    users = {
        key: replace(
            person,
            assignments=tuple(
                replace(item, role=part) for item in person.assignments for part in parts((item.role,))
            ),
        )
        for key, person in access.users.items()
    }
    return replace(
        access,
        users=users,
        roles={key: replace(role, includes=()) for key, role in access.roles.items()},
        positions={key: replace(item, roles=parts(item.roles)) for key, item in access.positions.items()},
        birthright={key: replace(item, roles=parts(item.roles)) for key, item in access.birthright.items()},
    )


def _closure(key: str, access: Access, above: tuple[str, ...] = ()) -> set[str]:
    inner = [role for role in access.roles[key].includes if role not in above]
    return {key}.union(*(_closure(role, access, (*above, key)) for role in inner))


@for_all(companies())
def test_a_composite_and_its_parts_given_directly_conflict_on_the_same_days(access: Access) -> None:
    assert by_engine(flat(access)) == by_engine(access)
