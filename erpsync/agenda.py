"""What the calendar alone brings: roles and identities that begin or end. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from erpsync.model import Access, Location, Status, User
from erpsync.proposal import ACCOUNT
from erpsync.resolve import resolver, roles_of

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
    found = {
        event
        for user in access.users.values()
        if user.status is not Status.LEFT
        for event in _events(user, access)
        if as_of <= event.day <= last
    }
    return sorted(found, key=lambda event: event.order)


def _events(user: User, access: Access) -> Iterator[Event]:
    rules = [rule for _, rule in sorted(access.birthright.items())]
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
    days = {day for user in access.users.values() for day in _turns(user, access) if since < day <= as_of}
    return {key for day in days for key in _turned(access, target, day)}


def _turns(user: User, access: Access) -> Iterator[date]:
    """The days on which something is not as on the day before."""
    for event in _events(user, access):
        if not event.ends:
            yield event.day
        elif event.day < date.max:
            yield event.day + _DAY


def _turned(access: Access, target: str, day: date) -> Iterator[str]:
    before = resolver(access, target, day - _DAY, validity=False)
    after = resolver(access, target, day, validity=False)
    for user in access.users.values():
        if day in _turns(user, access) and before.account(user) != after.account(user):
            yield user.key
