"""What of the declared state a target cannot do by itself, and who does it instead. Pure.

Only what concerns somebody is told: an ERP without dates matters where a role is given for a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from erpsync.model import ALL_ATTRIBUTES, Account, Capabilities, Manage, Mode, User
from erpsync.resolve import Desired, Resolver, roles_of


class GapKind(StrEnum):
    """What an ERP cannot do."""

    DAYS = "days"
    """Grants have no first and last day there."""
    SCOPE = "scope"
    """It knows no scope of this kind."""
    ATTRIBUTE = "attribute"
    """It does not tell this of an account."""
    WRITING = "writing"
    """Nothing can be written to it by a program."""


class Instead(StrEnum):
    """Who does what an ERP cannot."""

    ERPSYNC = "erpsync"
    PEOPLE = "people"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a target cannot do: of what (a kind of scope, an attribute), how often, who instead.

    ``count`` is of roles given for a time, of users, or of accounts that change.
    """

    kind: GapKind
    instead: Instead
    count: int
    subject: str = ""


def gaps_of(
    desired: Desired, resolver: Resolver, can: Capabilities, manage: Manage, changes: int
) -> tuple[Gap, ...]:
    """What a target cannot do of what is declared for it.

    Args:
        desired: the declared accounts.
        resolver: made them.
        can: what the ERP can do.
        manage: how far erpsync may go there; what it only observes concerns nobody.
        changes: how many accounts the plan changes.
    """
    holders = [
        (resolver.access.users[desired.users[login]], account)
        for login, account in desired.accounts.items()
        if account.active
    ]
    found: list[Gap] = []
    if not can.validity and manage.entitlements is not Mode.OBSERVE:
        found += _days(resolver, can, manage)
    if manage.scope is not Mode.OBSERVE:
        found += _scopes(holders, can)
    if can.attributes != ALL_ATTRIBUTES and manage.attributes is not Mode.OBSERVE:
        found += _attributes(holders, can)
    if can.deferred and changes:
        found.append(Gap(GapKind.WRITING, Instead.PEOPLE, changes))
    return tuple(found)


_Holders = list[tuple[User, Account]]


def _days(resolver: Resolver, can: Capabilities, manage: Manage) -> Iterator[Gap]:
    """Roles that are given for a time, or from a later day on, to users who may work today."""
    users = (user for user in resolver.access.users.values() if user.assignments or user.valid_to)
    if count := sum(_limited(user, resolver) for user in users if resolver.standing(user).keeps_grants):
        instead = Instead.PEOPLE if can.deferred else Instead.ERPSYNC
        yield Gap(GapKind.DAYS, Instead.NOBODY if manage.entitlements is Mode.ADDITIVE else instead, count)


def _limited(user: User, resolver: Resolver) -> int:
    """How many roles with entitlements in the target a user has until a day, or from a later one."""
    day = resolver.as_of
    return sum(
        bool(resolver.leaves.get(role))
        and ((last is not None and last >= day) or (last is None and first is not None and first > day))
        for role, first, last, _, _, _ in roles_of(user, resolver.access.positions, resolver.rules)
    )


def _scopes(holders: _Holders, can: Capabilities) -> Iterator[Gap]:
    counts = Counter(kind for user, _ in holders for kind in user.scope if kind not in can.scopes)
    for kind, count in sorted(counts.items()):
        yield Gap(GapKind.SCOPE, Instead.NOBODY, count, kind)


def _attributes(holders: _Holders, can: Capabilities) -> Iterator[Gap]:
    for name in sorted(ALL_ATTRIBUTES - can.attributes):
        if count := sum(getattr(account, name) is not None for _, account in holders):
            yield Gap(GapKind.ATTRIBUTE, Instead.NOBODY, count, name)
