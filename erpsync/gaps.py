"""What of the declared state a target cannot do by itself, and who does it instead. Pure.

Only what concerns somebody is told: an ERP without dates matters where a role is given for a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Tally:
    """How often declared users need what the target cannot do; tallies of some users add up.

    ``limited`` are roles given for a time, where it keeps no days. ``scopes`` counts users by kinds of
    scope, ``attributes`` by attributes, that it does not know.
    """

    limited: int = 0
    scopes: Mapping[str, int] = field(default_factory=dict)
    attributes: Mapping[str, int] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        if other == NONE:
            return self
        scopes, attributes = Counter(self.scopes), Counter(self.attributes)
        scopes.update(other.scopes)
        attributes.update(other.attributes)
        return Tally(self.limited + other.limited, dict(scopes), dict(attributes))


NONE = Tally()


def tally(holders: Iterable[tuple[User, Account]], resolver: Resolver, can: Capabilities) -> Tally:
    """Count what a target cannot do for some users.

    Args:
        holders: users, each with the account that is declared.
        resolver: made them.
        can: what the ERP can do.
    """
    limited = 0
    scopes: Counter[str] = Counter()
    attributes: Counter[str] = Counter()
    untold = ALL_ATTRIBUTES - can.attributes
    for user, account in holders:
        if not can.validity:
            limited += _limited(user, resolver)
        if account.active:
            scopes.update(kind for kind in user.scope if kind not in can.scopes)
            attributes.update(name for name in untold if getattr(account, name) is not None)
    return Tally(limited, dict(scopes), dict(attributes))


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
    users = resolver.access.users
    holders = ((users[desired.users[login]], account) for login, account in desired.accounts.items())
    return gaps_from(tally(holders, resolver, can), can, manage, changes)


def gaps_from(found: Tally, can: Capabilities, manage: Manage, changes: int) -> tuple[Gap, ...]:
    """The same from what was counted."""
    gaps: list[Gap] = []
    if found.limited and manage.entitlements is not Mode.OBSERVE:
        instead = Instead.PEOPLE if can.deferred else Instead.ERPSYNC
        instead = Instead.NOBODY if manage.entitlements is Mode.ADDITIVE else instead
        gaps.append(Gap(GapKind.DAYS, instead, found.limited))
    if manage.scope is not Mode.OBSERVE:
        gaps += _nobody(GapKind.SCOPE, found.scopes)
    if manage.attributes is not Mode.OBSERVE:
        gaps += _nobody(GapKind.ATTRIBUTE, found.attributes)
    if can.deferred and changes:
        gaps.append(Gap(GapKind.WRITING, Instead.PEOPLE, changes))
    return tuple(gaps)


def _nobody(kind: GapKind, counts: Mapping[str, int]) -> Iterator[Gap]:
    return (Gap(kind, Instead.NOBODY, count, subject) for subject, count in sorted(counts.items()))


def _limited(user: User, resolver: Resolver) -> int:
    """How many roles with entitlements in the target a user has until a day, or from a later one.

    Of who may not work today there are none.
    """
    if not (user.assignments or user.valid_to) or not resolver.standing(user).keeps_grants:
        return 0
    day = resolver.as_of
    return sum(
        bool(resolver.leaves.get(role))
        and ((last is not None and last >= day) or (last is None and first is not None and first > day))
        for role, first, last, _, _, _ in roles_of(user, resolver.access.positions, resolver.rules)
    )
