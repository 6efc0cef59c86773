"""Declared state → the accounts a target should have on a given day, and why.

A user comes to an entitlement through the roles of the position, of birthright rules and of
assignments; roles may include others. Everything here is a pure function of the declared state,
the target and the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from erpsync.model import (
    Access,
    Account,
    Assignment,
    Birthright,
    Grant,
    Location,
    Position,
    Reason,
    Risk,
    Role,
    Status,
    User,
    Way,
    fold,
)

Leaves = Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
"""Role → each entitlement it leads to, with the chain of roles from it to the one that grants."""
NOTHING_MORE: Mapping[str, frozenset[str]] = MappingProxyType({})
"""For ERPs in which no entitlement brings another."""


@dataclass(frozen=True, slots=True)
class Entitled:
    """One way in which a user comes to an entitlement: the role given, the days, and why."""

    entitlement: str
    chain: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    via: str
    at: Location | None
    request: str | None = None
    comes_with: str | None = None
    """The entitlement that the last role of the chain grants and that brings this one in the ERP."""

    def on(self, day: date) -> bool:
        """Whether this way is open on a day."""
        return (self.valid_from is None or self.valid_from <= day) and not self.ended(day)

    def ended(self, day: date) -> bool:
        """Whether this way has closed before a day."""
        return self.valid_to is not None and self.valid_to < day

    @property
    def reason(self) -> Reason:
        """The reason as shown to people."""
        through = f" through {' → '.join(self.chain)}" if len(self.chain) > 1 else ""
        brought = f"comes with {self.comes_with}, " if self.comes_with else ""
        return Reason(
            f"{brought}{self.via}{through}{_span(self)}",
            self.at,
            self.chain[0],
            self.request,
            way_of(self.via),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a user may have an active account, whether the grants stay, and why not."""

    active: bool
    keeps_grants: bool
    why: str


@dataclass(frozen=True, slots=True)
class Desired:
    """The accounts of all declared users by folded login, and who and what they were before.

    ``earlier`` maps a folded login to the folded logins under which the account may still be found.
    """

    accounts: Mapping[str, Account]
    users: Mapping[str, str]
    earlier: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Resolver:
    """Resolves the declared state for one target on one day. Make it with `resolver`.

    ``validity`` says whether the target keeps the dates of grants itself. Where it does, grants that
    begin later are already part of the desired state; where it does not, they appear on their day.
    """

    access: Access
    target: str
    as_of: date
    validity: bool
    leaves: Leaves
    rules: tuple[Birthright, ...]
    risks: Mapping[str, Risk]
    implies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    standing_rights: dict[tuple[str | None, ...], tuple[str, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """What was worked out of `standing_roles`, for the next user who is the same."""

    def desired(self) -> Desired:
        """The desired accounts of every declared user."""
        accounts: dict[str, Account] = {}
        users: dict[str, str] = {}
        earlier: dict[str, tuple[str, ...]] = {}
        for user in self.access.users.values():
            account = self.account(user)
            login = fold(account.login)
            accounts[login], users[login] = account, user.key
            # The key was the login before another one was declared.
            known = tuple(fold(key) for key in (user.key, *user.previously) if fold(key) != login)
            if known:
                earlier[login] = known
        return Desired(accounts, users, earlier)

    def account(self, user: User) -> Account:
        """The account that a user should have; one that should not be is inactive and has no grants."""
        standing = self.standing(user)
        grants = self.grants(user) if standing.keeps_grants else ()
        # An account is there for what it may do today; what begins later waits for its day.
        current = any(grant.valid_from is None for grant in grants)
        return Account(
            login=user.login(self.target),
            name=user.name,
            email=user.email,
            language=user.language,
            active=standing.active and current,
            scope=user.scope,
            grants=grants if current else (),
        )

    def standing(self, user: User) -> Standing:
        """Whether the user may work on the day."""
        if user.status is Status.LEFT:
            return Standing(active=False, keeps_grants=False, why="has left")
        if user.valid_to is not None and user.valid_to < self.as_of:
            return Standing(active=False, keeps_grants=False, why=f"ended on {user.valid_to}")
        if user.valid_from is not None and user.valid_from > self.as_of:
            return Standing(active=False, keeps_grants=False, why=f"begins on {user.valid_from}")
        if user.status is Status.LOCKED:
            return Standing(active=False, keeps_grants=True, why="is locked")
        return Standing(active=True, keeps_grants=True, why="is active")

    def entitled(self, user: User) -> Iterator[Entitled]:
        """Every way in which the user comes to an entitlement of the target, also past and future ones."""
        for role, first, last, via, at, request in roles_of(user, self.access.positions, self.rules):
            for entitlement, chain in self.leaves.get(role, ()):
                comes_with = self._comes_with(entitlement, chain[-1])
                yield Entitled(entitlement, chain, first, last, via, at, request, comes_with)

    def _comes_with(self, entitlement: str, role: str) -> str | None:
        """What a role grants that brings an entitlement; None if the role grants it itself."""
        granted = self.access.roles[role].entitlements.get(self.target, ())
        if entitlement in granted:
            return None
        return next(name for name in granted if entitlement in self.implies.get(name, ()))

    def grants(self, user: User) -> tuple[Grant, ...]:
        """What the user is to be granted, sorted: one span for each stretch of days without a gap."""
        spans: dict[str, list[Days]] = {}
        held = self._held(user.valid_from, user.valid_to)
        if held is not None:
            spans = {entitlement: [held] for entitlement in self._standing(user)}
        for item, days in assigned_to(user):
            held = self._held(*days)
            if held is not None:
                for entitlement, _ in self.leaves.get(item.role, ()):
                    spans.setdefault(entitlement, []).append(held)
        return tuple(
            [
                Grant(entitlement, first, last)
                for entitlement, found in sorted(spans.items())
                for first, last in (found if len(found) == 1 else _union(found))
            ]
        )

    def _held(self, first: date | None, last: date | None) -> Days | None:
        """The days from today on as the target is told them; None if there are none that it can be told."""
        if last is not None and last < self.as_of:
            return None
        if first is not None and first <= self.as_of:
            first = None
        elif first is not None and not self.validity:
            return None
        return first, last if self.validity else None

    def _standing(self, user: User) -> Iterable[str]:
        """The entitlements by position and birthright rules; many users have the same."""
        kind = (user.position, user.type, user.department)
        found = self.standing_rights.get(kind)
        if found is None:
            roles = [role for role, _, _ in standing_roles(user, self.access.positions, self.rules)]
            rights = [entitlement for role in roles for entitlement, _ in self.leaves.get(role, ())]
            found = self.standing_rights[kind] = tuple(dict.fromkeys(rights))
        return found


Days = tuple[date | None, date | None]
"""First and last day, both inclusive; None where it is open."""
Held = tuple[str, date | None, date | None, str, Location | None, str | None]
"""A role that a user holds: its key, first and last day, how the user comes to it, where, which request."""


def birthright_rules(access: Access) -> tuple[Birthright, ...]:
    """The birthright rules in the order of their keys, for `roles_of`; the same for every user."""
    return tuple(rule for _, rule in sorted(access.birthright.items()))


def roles_of(user: User, positions: Mapping[str, Position], rules: Iterable[Birthright]) -> Iterator[Held]:
    """Every role that a user is given, on whatever days; not those that roles include."""
    for role, via, at in standing_roles(user, positions, rules):
        yield role, user.valid_from, user.valid_to, via, at, None
    for item, (first, last) in assigned_to(user):
        yield item.role, first, last, "assignment", item.at, item.request


def standing_roles(
    user: User, positions: Mapping[str, Position], rules: Iterable[Birthright]
) -> Iterator[tuple[str, str, Location | None]]:
    """Every role that comes with what the user is, how it comes, and where that stands.

    It is decided by the position, the type and the department alone.
    """
    if user.position is not None:
        via = f"position {user.position}"
        for role in positions[user.position].roles:
            yield role, via, user.position_at
    for rule in rules:
        if rule.matches(user):
            for role in rule.roles:
                yield role, f"birthright rule {rule.key}", rule.at


def assigned_to(user: User) -> Iterator[tuple[Assignment, Days]]:
    """The assignments of a user with the days on which they can hold, those left out that have none."""
    for item in user.assignments:
        first, last = _later(item.valid_from, user.valid_from), _earlier(item.valid_to, user.valid_to)
        if first is None or last is None or first <= last:
            yield item, (first, last)


_WAYS = {"position": Way.POSITION, "birthright": Way.RULE, "assignment": Way.ASSIGNMENT}


def way_of(via: str) -> Way:
    """In which way a role comes that `roles_of` yields with these words."""
    return _WAYS[via.partition(" ")[0]]


def resolver(
    access: Access,
    target: str,
    as_of: date,
    *,
    validity: bool,
    implies: Mapping[str, frozenset[str]] = NOTHING_MORE,
) -> Resolver:
    """Prepare to resolve: expand the roles once for all users.

    Args:
        access: the declared state.
        target: for which target.
        as_of: on which day.
        validity: whether the target keeps the days of grants itself.
        implies: by entitlement, everything that comes with it there, as `Catalogue.implies` tells.
    """
    leaves = {key: _expand(access.roles, key, target, implies) for key in access.roles}
    risks: dict[str, Risk] = {}
    for role in access.roles.values():
        for entitlement in role.entitlements.get(target, ()):
            known = risks.get(entitlement, role.risk)
            risks[entitlement] = max(known, role.risk, key=lambda risk: risk.rank)
    rules = birthright_rules(access)
    return Resolver(access, target, as_of, validity, leaves, rules, risks, implies)


def included(key: str, roles: Mapping[str, Role]) -> dict[str, Role]:
    """A role and every role that it includes, however deep, by key; nothing if there is no such role."""
    found: dict[str, Role] = {}
    pending = [key]
    for name in pending:
        if name in roles and name not in found:
            found[name] = roles[name]
            pending += roles[name].includes
    return found


def _expand(
    roles: Mapping[str, Role], start: str, target: str, implies: Mapping[str, frozenset[str]]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The entitlements a role leads to, each by its shortest chain; a cycle is simply walked once.

    What comes with an entitlement in the ERP follows those that roles grant themselves.
    """
    found: dict[str, tuple[str, ...]] = {}
    chains: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for chain in chains:
        role = roles[chain[-1]]
        for entitlement in role.entitlements.get(target, ()):
            found.setdefault(entitlement, chain)
        for included in role.includes:
            if included in roles and included not in seen:
                seen.add(included)
                chains.append((*chain, included))
    for entitlement, chain in list(found.items()):
        for brought in sorted(implies.get(entitlement, ())):
            found.setdefault(brought, chain)
    return tuple(found.items())


def _later(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _earlier(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _union(spans: Iterable[tuple[date | None, date | None]]) -> list[tuple[date | None, date | None]]:
    """Spans of days as the fewest spans that cover the same days."""
    ordered = sorted(spans, key=lambda span: (span[0] or date.min, span[1] or date.max))
    merged = [ordered[0]]
    for first, last in ordered[1:]:
        before_first, before_last = merged[-1]
        if before_last is None:
            break
        if first is not None and (first - before_last).days > 1:
            merged.append((first, last))
        elif last is None or last > before_last:
            merged[-1] = (before_first, last)
    return merged


def _span(way: Entitled) -> str:
    first = f" from {way.valid_from}" if way.valid_from else ""
    last = f" until {way.valid_to}" if way.valid_to else ""
    return f"{first}{last}"
