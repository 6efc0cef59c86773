"""What the calendar alone brings: roles and identities that begin or end. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from erpsync.model import Access, Birthright, Location, Status, User
from erpsync.proposal import ACCOUNT
from erpsync.resolve import birthright_rules, resolver, roles_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """A first or a last day of a role that a user has, or of the user itself (`ACCOUNT`)."""

    day: date
    user: str
    what: str
    ends: bool
    at: Location

    @property
    def order(self) -> tuple[date, str, str, bool]:
        """Sort key: by day, then by user."""
        return (self.day, self.user, self.what, self.ends)


def coming(access: Access, as_of: date, days: int) -> list[Event]:
    """What begins or ends within some days, the day itself included, in the order of days."""
    last = as_of + timedelta(days=days)
    rules = birthright_rules(access)
    found = {
        event
        for user in access.users.values()
        if user.status is not Status.LEFT
        for event in _events(user, access, rules)
        if as_of <= event.day <= last
    }
    return sorted(found, key=lambda event: event.order)


def _events(user: User, access: Access, rules: Sequence[Birthright]) -> Iterator[Event]:
    bounds = [(ACCOUNT, user.valid_from, user.valid_to, user.at)]
    for role, first, last, _, at, _ in roles_of(user, access.positions, rules):
        if (first, last) != (user.valid_from, user.valid_to):
            bounds.append((role, first, last, at or user.at))
    for what, begin, end, at in bounds:
        if begin is not None:
            yield Event(begin, user.key, what, ends=False, at=at)
        if end is not None:
            yield Event(end, user.key, what, ends=True, at=at)


def due(access: Access, target: str, since: date, as_of: date) -> set[str]:
    """The users whose account in a target the calendar changed on a day after one and up to another.

    Each day counts by itself, with the files as they are: what began and ended in between is gone in
    the files, and still to be taken away in the target.
    """
    rules = birthright_rules(access)
    turning: dict[date, dict[str, User]] = {}
    for user in access.users.values():
        for day in _turns(user, access, rules):
            if since < day <= as_of:
                turning.setdefault(day, {})[user.key] = user
    return {key for day, users in turning.items() for key in _turned(access, target, day, users.values())}


def _turns(user: User, access: Access, rules: Sequence[Birthright]) -> Iterator[date]:
    """The days on which something is not as on the day before."""
    for event in _events(user, access, rules):
        if not event.ends:
            yield event.day
        elif event.day < date.max:
            yield event.day + _DAY


def _turned(access: Access, target: str, day: date, users: Iterable[User]) -> Iterator[str]:
    before = resolver(access, target, day - _DAY, validity=False)
    after = resolver(access, target, day, validity=False)
    return (user.key for user in users if before.account(user) != after.account(user))
