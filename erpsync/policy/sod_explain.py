"""Why a person has a risk, or has it not, and who else could take one side over. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from erpsync.model import ALL, Access, Assignment, SodRisk, Status, User, UserType
from erpsync.policy.base import Facts
from erpsync.policy.days import without
from erpsync.policy.duties import Rulebook, rulebook
from erpsync.policy.holdings import Holding, Source, declared, persons
from erpsync.policy.sod import Conflict, conflicts, conflicts_of
from erpsync.policy.sod_rule import Told, tell_of
from erpsync.policy.what_if import person_of, with_roles


@dataclass(frozen=True, slots=True)
class Chain:
    """How a person comes to a function: by which holding, through which roles to the one that claims it."""

    function: str
    roles: tuple[str, ...]
    holding: Holding


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a risk: the ways to it, and who could take over what the person was given of it."""

    functions: tuple[str, ...]
    chains: tuple[Chain, ...]
    takers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """A risk and a person: its conflict if there is one, what follows from the policy, and each side.

    ``told`` is None as well where no more people have the risk than may.
    """

    risk: SodRisk
    users: tuple[str, ...]
    conflict: Conflict | None
    told: Told | None
    sides: tuple[Side, ...]


def explain(facts: Facts, user: User, risk: SodRisk) -> Explanation:
    """Look into one risk of one person.

    Args:
        facts: the declared state and the day from which on.
        user: one of the person's users.
        risk: a risk of the declared state.
    """
    access = facts.access
    book, source = rulebook(access), declared(access, facts.as_of)
    person, users = person_of(access, user.key)
    found = [item for item in conflicts(access, book, source) if item.risk.key == risk.key]
    conflict = next((item for item in found if item.person == person), None)
    told = [item for item in tell_of(found, book, facts) if item.finding.violation.subject == person]
    held = sorted({item for one in users for item in source.holdings(one)}, key=lambda item: item.order)
    sides = []
    for number, functions in enumerate(risk.sides):
        holdings = conflict.sides[number] if conflict else held
        chains = tuple(_chains(functions, holdings, access, book))
        takers = tuple(_takers(chains, users, access, book, source)) if conflict else ()
        sides.append(Side(functions, chains, takers))
    keys = tuple(one.key for one in users) or (user.key,)
    return Explanation(risk, keys, conflict, told[0] if told else None, tuple(sides))


def _chains(
    functions: Iterable[str], held: Iterable[Holding], access: Access, book: Rulebook
) -> Iterator[Chain]:
    for item in held:
        for function in functions:
            if book.brings(item.role, function):
                yield Chain(function, book.chain(item.role, function, access), item)


def _takers(
    chains: Sequence[Chain], users: Sequence[User], access: Access, book: Rulebook, source: Source
) -> Iterator[str]:
    """Colleagues, and others who have the same roles, whom these roles would bring into no conflict."""
    given = tuple({chain.holding.role: chain.holding for chain in chains}.values())
    departments = {user.department for user in users}
    for person, others in persons(access.users.values()).items():
        roles = {role for user in others for role in source.roles(user)}
        known = any(user.department in departments for user in others) or any(
            item.role in roles for item in given
        )
        able = known and others[0] not in users and _able(others[0], users)
        if able and _stays_clean(person, others, given, access, book, source):
            yield person


def _able(user: User, users: Iterable[User]) -> bool:
    """Whether an employee works now, and may touch everything that the person may."""
    wide = all(
        kind not in user.scope or ALL in user.scope[kind] or set(values) <= set(user.scope[kind])
        for one in users
        for kind, values in one.scope.items()
    )
    return wide and user.type is UserType.DEDICATED and user.status is Status.ACTIVE


def _stays_clean(
    person: str,
    users: Sequence[User],
    given: Iterable[Holding],
    access: Access,
    book: Rulebook,
    source: Source,
) -> bool:
    """Whether roles bring a person no new day of a conflict. How many people have a risk stays as it is."""
    granted = [
        Assignment(item.role, "", item.at, item.first, None if item.last == date.max else item.last)
        for item in given
    ]
    changed = [with_roles(users[0], granted, ()), *users[1:]]
    before, after = (
        {item.risk.key: item.spans for item in conflicts_of(person, group, access, book, source)}
        for group in (users, changed)
    )
    return not any(
        without(spans, before.get(key, ()))
        for key, spans in after.items()
        if access.risks[key].max_holders is None
    )
