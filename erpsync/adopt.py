"""Drift → the users as they would have to be declared for git to agree with the ERP. Pure.

The other answer to drift is to revert it, which a plan does. Every step is tried before it counts:
the account is compared again, and there must be fewer differences than before and no other, in this
target and in all the others. What the files have no words for is told, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from erpsync.adopt_steps import Ground, steps
from erpsync.diff import ENFORCE_ALL, diff, find
from erpsync.model import (
    Account,
    Capabilities,
    Catalogue,
    Change,
    ChangeKind,
    LastChange,
    Snapshot,
    User,
    fold,
)
from erpsync.plan import TargetPlan
from erpsync.resolve import Desired, Resolver, resolver

ORDER = (
    ChangeKind.CREATE, ChangeKind.REVOKE, ChangeKind.GRANT, ChangeKind.RETIME, ChangeKind.UPDATE,
    ChangeKind.RESCOPE, ChangeKind.UNLOCK, ChangeKind.LOCK,
)  # fmt: skip
"""Roles first: they decide whether a user may have an account at all. Then the status, since what a
locked account is called is not compared."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One target as it was read, and the drift found there.

    ``changes`` says who changed an account last, by folded login, where the ERP tells.
    """

    found: TargetPlan
    resolver: Resolver
    live: Snapshot
    catalogue: Catalogue
    capabilities: Capabilities
    changes: Mapping[str, LastChange] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for what is written.

    ``request`` is the number of the request that new assignments get. ``longest`` has the roles that
    may be given for so many days only. ``kept_locked`` are users who stay locked whatever the ERP says.
    """

    request: str | None = None
    longest: Mapping[str, int] = field(default_factory=dict)
    kept_locked: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of a declared user, and why it cannot be adopted, if it cannot."""

    target: str
    user: str
    change: Change
    last: LastChange | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Adoption:
    """Every difference, adopted or not; and the users who have to be declared otherwise, by key."""

    differences: tuple[Difference, ...]
    users: Mapping[str, User]

    @property
    def adopted(self) -> tuple[Difference, ...]:
        """The differences that are gone once the users are declared so."""
        return tuple(item for item in self.differences if not item.why_not)

    @property
    def left(self) -> tuple[Difference, ...]:
        """The differences that stay."""
        return tuple(item for item in self.differences if item.why_not)

    def without(self, why_not: Mapping[str, str]) -> Adoption:
        """The same without some users, by key, with the reason why not."""
        differences = (
            replace(item, why_not=item.why_not or why_not.get(item.user, "")) for item in self.differences
        )
        users = {key: user for key, user in self.users.items() if key not in why_not}
        return Adoption(tuple(differences), users)


def adopt(targets: Sequence[Seen], terms: Terms) -> Adoption:
    """Adopt what can be adopted of the drift of these targets.

    Args:
        targets: as they were read; their resolvers share one declared state.
        terms: what holds for what is written.
    """
    users: dict[str, User] = {}
    differences: list[Difference] = []
    for seen in targets:
        elsewhere = _elsewhere(seen.resolver)
        desired = seen.resolver.desired()
        for key in drifted(seen.found):
            user = users.get(key, seen.resolver.access.users[key])
            live = find(fold(user.login(seen.resolver.target)), desired, seen.live)
            search = _Search(user, seen, live, elsewhere, terms)
            differences += search.adopted()
            if search.user != user:
                users[key] = search.user
    return Adoption(tuple(differences), users)


def drifted(found: TargetPlan) -> list[str]:
    """The keys of the users whose accounts are not as declared."""
    return sorted({item.user for item in found.accounts} | {item.user for item in found.held})


def live_logins(found: TargetPlan, prepared: Resolver, live: Snapshot) -> list[str]:
    """The folded logins under which the accounts of those users are found in the target."""
    desired, users = prepared.desired(), prepared.access.users
    accounts = (find(fold(users[key].login(prepared.target)), desired, live) for key in drifted(found))
    return sorted(fold(account.login) for account in accounts if account)


def _elsewhere(here: Resolver) -> list[Resolver]:
    """The other targets. With dates: what is the same with them is the same without."""
    names = [name for name in sorted(here.access.targets) if name != here.target]
    return [resolver(here.access, name, here.as_of, validity=True) for name in names]


class _Search:
    """Looks for the declaration under which an account is as declared; a step that helps is kept."""

    def __init__(
        self, user: User, seen: Seen, live: Account | None, elsewhere: Sequence[Resolver], terms: Terms
    ) -> None:
        self.user = user
        self.seen = seen
        self.live = live
        self.elsewhere = elsewhere
        self.terms = terms
        self.last = seen.changes.get(fold(live.login)) if live else None
        self.open = self.compared(user)

    def adopted(self) -> list[Difference]:
        """Every difference of the account, in the order in which they are shown."""
        # What an account that is not there lacks is not told one by one.
        found = self.open if self.live else self.open[:1]
        why_not: dict[Change, str] = {}
        for change in sorted(found, key=lambda change: ORDER.index(change.kind)):
            if change in self.open and (why := self.refused(change)):
                why_not[change] = why
        target, key = self.seen.resolver.target, self.user.key
        # What was refused at first may have gone with a later step.
        return [
            Difference(target, key, change, self.last, why_not[change] if change in self.open else "")
            for change in found
        ]

    def refused(self, change: Change) -> str:
        """Adopt a difference; why it cannot be, or nothing."""
        seen, terms = self.seen, self.terms
        ground = Ground(
            user=self.user,
            open=self.open,
            resolver=seen.resolver,
            catalogue=seen.catalogue,
            reason="adopted from the ERP" + (f", changed there by {self.last}" if self.last else ""),
            request=terms.request,
            longest=terms.longest,
            kept_locked=self.user.key in terms.kept_locked,
            unbounded=seen.capabilities.unbounded,
        )
        tried = steps(change, ground)
        why = tried.why_not
        for user in tried.users:
            why = self.why_not(change, user)
            if not why:
                self.user, self.open = user, self.compared(user)
                return ""
        return why

    def why_not(self, change: Change, user: User) -> str:
        """Why the user must not be declared so: the difference is still there, or there is another one."""
        left = self.compared(user)
        others = [other for other in self.elsewhere if not _same(other, self.user, user)]
        if others:
            return f"it would change target {others[0].target} too"
        new = [change for change in left if change not in self.open]
        if new:
            return f"then {_said(new[0])}; correct it by hand"
        return "no entry of this user says just that; correct it by hand" if change in left else ""

    def compared(self, user: User) -> tuple[Change, ...]:
        """Everything in which the account is not as it would be declared, whatever is managed."""
        account = self.seen.resolver.account(user)
        login, live = fold(account.login), self.live
        known = {login: (fold(live.login),)} if live else {}
        access = self.seen.resolver.access
        plain = replace(access.targets[self.seen.resolver.target], manage=ENFORCE_ALL, protected=())
        accounts = diff(
            Desired({login: account}, {login: user.key}, known),
            Snapshot({fold(live.login): live} if live else {}),
            target=plain,
            catalogue=replace(self.seen.catalogue, fixed={}),
            capabilities=self.seen.capabilities,
            as_of=self.seen.resolver.as_of,
        ).accounts
        return accounts[0].changes if accounts else ()


def _said(change: Change) -> str:
    """What a difference would be that nobody has yet."""
    if change.kind in (ChangeKind.LOCK, ChangeKind.UNLOCK):
        return f"the account would have to be {change.kind.value}ed"
    return f"{change.subject} would differ instead"


def _same(other: Resolver, before: User, after: User) -> bool:
    """Whether another target would not see the change; of a locked account only the grants matter."""
    one, two = other.account(before), other.account(after)
    return one == two or (not one.active and not two.active and one.grants == two.grants)
