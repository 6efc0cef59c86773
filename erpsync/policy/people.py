"""Questions about people that rules ask, and how their answers are listed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from erpsync.model import Access, Assignment, Status, User
from erpsync.policy.holdings import Holding, declared_holdings
from erpsync.resolve import included

MOST = 5
"""How many items a message lists."""


def ended(user: User, day: date) -> date | None:
    """The last day of a user who is no more there on a day; `date.min` where the files do not say it."""
    if user.status is Status.LEFT:
        return user.left_on or user.valid_to or date.min
    if user.valid_to is not None and user.valid_to < day:
        return user.valid_to
    return user.left_on if user.left_on is not None and user.left_on < day else None


def gone(user: User, day: date) -> bool:
    """Whether a user is no more there on a day."""
    return ended(user, day) is not None


def works(user: User, day: date) -> bool:
    """Whether a user is there on a day and may work."""
    begun = user.valid_from is None or user.valid_from <= day
    return user.status is Status.ACTIVE and begun and not gone(user, day)


def present(access: Access, day: date) -> Iterator[User]:
    """The users who are there on a day or will be, in the order of the files."""
    return (user for user in access.users.values() if not gone(user, day))


def held(
    access: Access, day: date, among: Callable[[User], bool]
) -> Iterator[tuple[User, Sequence[Holding]]]:
    """The users who may work on a day, with the roles they have from then on.

    Args:
        access: the declared state.
        day: the day.
        among: whom to look at: working out roles costs more than most questions about a user.
    """
    holdings = declared_holdings(access, day)
    for user in access.users.values():
        if works(user, day) and among(user):
            yield user, tuple(holdings(user))


def everybody(user: User) -> bool:  # noqa: ARG001 - the signature that `held` asks for
    """Nobody is left out."""
    return True


def assigned(user: User, item: Assignment) -> str:
    """What an assignment is called among the findings of a rule; a user may have a role twice."""
    return "/".join((user.key, item.role, *([str(item.valid_from)] if item.valid_from else [])))


def closures(access: Access) -> Mapping[str, frozenset[str]]:
    """Each role with every role that it includes, itself too."""
    return {key: frozenset(included(key, access.roles)) for key in access.roles}


def later(day: date, span: timedelta) -> date:
    """A day and as many days more; the calendar's last day where that lies beyond it."""
    return day + span if span <= date.max - day else date.max


def listed(items: Sequence[str]) -> str:
    """``a, b and 3 more``."""
    more = f" and {len(items) - MOST} more" if len(items) > MOST else ""
    return ", ".join(items[:MOST]) + more


def listed_zh(items: Sequence[str]) -> str:
    """``a、b 等 5 项``."""
    more = f" 等 {len(items)} 项" if len(items) > MOST else ""
    return "、".join(items[:MOST]) + more
