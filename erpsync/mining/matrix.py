"""Who holds which role for good, as bits: one integer for each role, one bit for each user. Pure.

Users stand below each other for every role, so that who holds several roles is the conjunction of a few
integers, however many users there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from erpsync.model import Access, Assignment, Status, User, UserType
from erpsync.resolve import birthright_rules, included, roles_of

KINDS = ("everybody", "department", "position")
"""The kinds of groups, from the broad to the narrow."""


@dataclass(frozen=True, slots=True)
class Group:
    """People who are alike: of one position, of one department, or all. ``members`` are their bits."""

    kind: str
    key: str
    members: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Users and roles by number; for each role the bits of its users.

    ``held`` has who holds a role for good in whatever way, also through a role that includes it. ``given``
    has who was assigned it, without end, and for no request of its own: those assignments may be replaced.
    """

    users: tuple[str, ...]
    roles: tuple[str, ...]
    held: tuple[int, ...]
    given: tuple[int, ...]
    groups: tuple[Group, ...]

    def names(self, bits: int) -> list[str]:
        """The users of some bits, in the order of their numbers."""
        return [self.users[number] for number in numbers(bits)]


def numbers(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, from the lowest."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


def matrix(access: Access, as_of: date, limited: Collection[str] = (), unsorted: str = "") -> Matrix:
    """Who holds what for good.

    Args:
        access: the declared state. Only persons count: a business role is for people who do a job.
        as_of: the day; an assignment that has begun and has no end is for good.
        limited: roles that may be given for some days only, so never for good.
        unsorted: the department of those whom nobody has sorted yet, which says nothing about them.
    """
    people = [user for _, user in sorted(access.users.items()) if _counts(user)]
    roles = tuple(sorted(access.roles))
    number = {key: place for place, key in enumerate(roles)}
    closure = {key: [number[name] for name in included(key, access.roles)] for key in roles}
    held, given = [0] * len(roles), [0] * len(roles)
    rules = birthright_rules(access)
    for place, user in enumerate(people):
        bit = 1 << place
        alone = replace(user, assignments=())
        standing = [role for role, *_ in roles_of(alone, access.positions, rules)]
        lasting = [item for item in user.assignments if _lasts(item, as_of) and item.role not in limited]
        for role in [*standing, *(item.role for item in lasting)]:
            for covered in closure[role]:
                held[covered] |= bit
        for item in lasting:
            if item.request is None:
                given[number[item.role]] |= bit
    return Matrix(
        tuple(user.key for user in people), roles, tuple(held), tuple(given), tuple(_groups(people, unsorted))
    )


def _lasts(item: Assignment, as_of: date) -> bool:
    """Whether an assignment holds on a day and has no end."""
    return item.valid_to is None and (item.valid_from is None or item.valid_from <= as_of)


def replaceable(item: Assignment, as_of: date, limited: Collection[str]) -> bool:
    """Whether an assignment may be replaced by a role that brings the same."""
    return _lasts(item, as_of) and item.request is None and item.role not in limited


def _counts(user: User) -> bool:
    return user.type is UserType.DEDICATED and user.status is not Status.LEFT


def _groups(people: list[User], unsorted: str) -> Iterator[Group]:
    """All people, each department that has several jobs or none, each position; in a fixed order."""
    departments: dict[str, int] = {}
    positions: dict[str, int] = {}
    jobs: dict[str, set[str | None]] = {}
    for place, user in enumerate(people):
        bit = 1 << place
        if user.position:
            positions[user.position] = positions.get(user.position, 0) | bit
        if user.department and user.department != unsorted:
            departments[user.department] = departments.get(user.department, 0) | bit
            jobs.setdefault(user.department, set()).add(user.position)
    if people:
        yield Group("everybody", "", (1 << len(people)) - 1)
    for key, members in sorted(departments.items()):
        # A department of one job is that job.
        if len(jobs[key]) > 1 or jobs[key] == {None}:
            yield Group("department", key, members)
    yield from (Group("position", key, members) for key, members in sorted(positions.items()))
