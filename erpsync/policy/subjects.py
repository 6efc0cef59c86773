"""The users, roles and assignments that own rules look at, and what is worked out about them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from erpsync.model import Access, Assignment, Location, Role, User
from erpsync.policy.holdings import declared_holdings
from erpsync.resolve import included

FOREVER = 999_999
"""The days that are left where there is no last day."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One user, role or assignment: its name among its kind, its place, and whom it is about."""

    key: str
    at: Location
    users: tuple[str, ...]
    value: tuple[User | None, Role | None, Assignment | None] = (None, None, None)

    @property
    def user(self) -> User:
        """The user, of a user or an assignment."""
        assert self.value[0] is not None
        return self.value[0]

    @property
    def role(self) -> Role:
        """The role, of a role or an assignment."""
        assert self.value[1] is not None
        return self.value[1]

    @property
    def assignment(self) -> Assignment:
        """The assignment."""
        assert self.value[2] is not None
        return self.value[2]


@dataclass(frozen=True, slots=True)
class World:
    """What derived fields are worked out from; what many of them need, once."""

    access: Access
    today: date
    _held: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)
    _holders: dict[str, list[str]] = field(default_factory=dict, compare=False, repr=False)
    _closures: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def held(self, user: User) -> tuple[str, ...]:
        """The roles that a user has today by git, sorted; not those that roles include."""
        found = self._held.get(user.key)
        if found is None:
            holdings = declared_holdings(self.access, self.today)(user)
            found = tuple(sorted({item.role for item in holdings if item.first <= self.today}))
            self._held[user.key] = found
        return found

    def closure(self, role: str) -> tuple[str, ...]:
        """A role and what it includes."""
        found = self._closures.get(role)
        if found is None:
            found = self._closures[role] = tuple(included(role, self.access.roles))
        return found

    def functions(self, roles: Iterable[str]) -> list[str]:
        """The functions that roles bring, sorted."""
        every = {key for role in roles for key in self.closure(role)}
        return sorted({name for key in every for name in self.access.roles[key].functions})

    def holders(self, role: str) -> list[str]:
        """The users who have a role today, directly or included, sorted."""
        if not self._holders:
            self._holders[""] = []
            for user in self.access.users.values():
                for key in {name for held in self.held(user) for name in self.closure(held)}:
                    self._holders.setdefault(key, []).append(user.key)
        return sorted(self._holders.get(role, ()))

    def days_to(self, last: date | None) -> int:
        """The days until a last day: 0 on the day itself, negative when it is over."""
        return FOREVER if last is None else (last - self.today).days


def subjects(kind: str, access: Access) -> Iterator[Subject]:
    """The users, roles or assignments, each with its place."""
    match kind:
        case "users":
            for user in access.users.values():
                yield Subject(user.key, user.at, (user.key,), (user, None, None))
        case "roles":
            for role in access.roles.values():
                yield Subject(role.key, role.at, (), (None, role, None))
        case _:
            yield from _assignments(access)


def _assignments(access: Access) -> Iterator[Subject]:
    for user in access.users.values():
        count: dict[str, int] = {}
        for item in user.assignments:
            # The same role twice, on other days: the second is told apart by its number.
            count[item.role] = count.get(item.role, 0) + 1
            number = f"#{count[item.role]}" if count[item.role] > 1 else ""
            key = f"{user.key}/{item.role}{number}"
            yield Subject(key, item.at, (user.key,), (user, access.roles[item.role], item))
