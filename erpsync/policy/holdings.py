"""Which roles people have by git, on which days and why. Pure.

The unit is the person, not the login: users with one employee number are one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from erpsync.model import Access, Location, Status, User
from erpsync.resolve import birthright_rules, roles_of


@dataclass(frozen=True, slots=True)
class Holding:
    """A role that a user has: on which days, how the user comes to it, and where that stands."""

    user: str
    role: str
    first: date
    last: date
    via: str
    at: Location
    request: str | None = None

    @property
    def assigned(self) -> bool:
        """Whether it was given to the user, so that it can be taken away alone."""
        return self.via == "assignment"

    @property
    def order(self) -> tuple[str, str, date, date, str, Location, str]:
        """Sort key: by user, role and days."""
        return (self.user, self.role, self.first, self.last, self.via, self.at, self.request or "")


@dataclass(frozen=True, slots=True)
class Source:
    """Where roles of users are known from: git, or the ERP.

    ``roles`` names every role that a user may have on whatever day, and more do no harm: it only says of
    whom to look closer. ``holdings`` tells the roles as they are given, not those that roles include.
    """

    roles: Callable[[User], Collection[str]]
    holdings: Callable[[User], Iterable[Holding]]


def persons(users: Iterable[User]) -> dict[str, list[User]]:
    """The users of each person, by the first of their keys, both sorted; who has left is nobody's any more.

    Users with one employee number are one person.
    """
    same: dict[object, list[User]] = {}
    for user in users:
        if user.status is not Status.LEFT:
            number = (user.employee_no or "").strip().casefold()
            # A key in a tuple, so that no key is ever taken for a number.
            same.setdefault(number or (user.key,), []).append(user)
    groups = [sorted(group, key=lambda user: user.key) for group in same.values()]
    return {group[0].key: group for group in sorted(groups, key=lambda group: group[0].key)}


def declared_holdings(access: Access, as_of: date) -> Callable[[User], Iterable[Holding]]:
    """The roles that users are given by git, from a day on."""
    rules = birthright_rules(access)

    def holdings(user: User) -> Iterator[Holding]:
        for role, first, last, via, at, request in roles_of(user, access.positions, rules):
            begins, ends = max(first or as_of, as_of), last or date.max
            if begins <= ends:
                yield Holding(user.key, role, begins, ends, via, at or user.at, request)

    return holdings


def declared(access: Access, as_of: date) -> Source:
    """What git says of roles, from a day on."""
    rules = tuple(access.birthright.values())
    standing: dict[tuple[str | None, ...], frozenset[str]] = {}

    def roles(user: User) -> Collection[str]:
        # Many users have one position, type and department, so what these bring is worked out once.
        kind = (user.position, user.type, user.department)
        brought = standing.get(kind)
        if brought is None:
            by_position = access.positions[user.position].roles if user.position is not None else ()
            by_rule = [role for rule in rules if rule.matches(user) for role in rule.roles]
            brought = standing[kind] = frozenset((*by_position, *by_rule))
        return brought.union([item.role for item in user.assignments])

    return Source(roles, declared_holdings(access, as_of))
