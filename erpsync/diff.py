"""Desired × live → ordered changes. Pure: no I/O, no clock, the same result for any order of input.

For each account two questions are asked: what would it be if everything were enforced, and what
may it become under the target's manage modes and protections. The difference from live to the
second is the change; the difference from there to the first is held back, and shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from erpsync.codec import fingerprint
from erpsync.model import (
    ALL,
    ALL_ATTRIBUTES,
    Account,
    AccountChange,
    Capabilities,
    Catalogue,
    Change,
    ChangeKind,
    Grant,
    HeldBack,
    Manage,
    Mode,
    Snapshot,
    Target,
    fold,
)
from erpsync.protection import matches, protection
from erpsync.resolve import Desired
from erpsync.summary import gives, takes

ENFORCE_ALL = Manage(Mode.ENFORCE, Mode.ENFORCE, Mode.ENFORCE, Mode.ENFORCE)
ATTRIBUTES = ("login", "name", "email", "language")


@dataclass(frozen=True, slots=True)
class Difference:
    """The changes of one target in the order of writing, what is held back, and the unmanaged accounts."""

    accounts: tuple[AccountChange, ...]
    held: tuple[HeldBack, ...]
    unmanaged: tuple[Account, ...]


def diff(
    desired: Desired,
    live: Snapshot,
    *,
    target: Target,
    catalogue: Catalogue,
    capabilities: Capabilities,
    as_of: date,
) -> Difference:
    """Compare what git says with what the target has.

    Args:
        desired: the accounts of all declared users.
        live: the accounts of the target.
        target: manage modes, protected and ignored accounts.
        catalogue: what exists in the target, to write `all` out and to know what cannot be changed.
        capabilities: which dates and scopes the target keeps.
        as_of: the day; spans that have begun by then count as open at their beginning.
    """
    accounts: list[AccountChange] = []
    held: list[HeldBack] = []
    matched: set[str] = set()
    for login in sorted(desired.accounts):
        found = find(login, desired, live)
        if found is not None:
            matched.add(fold(found.login))
        wanted = written_out(desired.accounts[login], found, catalogue, capabilities)
        before = settle(found, as_of, capabilities) if found else None
        # Nearly every account is as it should be: nothing is copied or computed for those.
        enforced = before if before == wanted else blend(wanted, before, ENFORCE_ALL)
        if enforced == before:
            continue
        user = desired.users[login]
        why = protection(login, target, live) or (protection(found.login, target, live) if found else None)
        reachable = wanted if capabilities.renames or found is None else replace(wanted, login=found.login)
        after = before if why else blend(reachable, before, target.manage, catalogue.fixed)
        if after is not None and after != before:
            changes = tuple(compare(before, after))
            accounts.append(AccountChange(user, wanted.login, before, after, fingerprint(found), changes))
        if enforced is not None and enforced != after:
            held += _held_back(user, after, enforced, why, target.manage, catalogue, capabilities)
    accounts.sort(key=writing_order)
    return Difference(tuple(accounts), tuple(held), tuple(_unmanaged(live, matched, target)))


def find(login: str, desired: Desired, live: Snapshot) -> Account | None:
    """The live account of a desired login, also under an earlier one that nobody else claims."""
    found = live.accounts.get(login)
    if found is None:
        for earlier in desired.earlier.get(login, ()):
            if earlier not in desired.accounts and earlier in live.accounts:
                return live.accounts[earlier]
    return found


def written_out(account: Account, live: Account | None, catalogue: Catalogue, can: Capabilities) -> Account:
    """The desired account in the target's terms: `all` as the values that exist, unknown kinds left out.

    Where the ERP itself knows `all`, it stays as it is: it is more than the values of today.

    So are attributes that the target does not tell. An account that only differs in the case of its
    login keeps the login it has.
    """
    values = {
        kind: catalogue.scopes.get(kind, ()) if names == (ALL,) and kind not in can.unbounded else names
        for kind, names in sorted(account.scope.items())
        if kind in can.scopes
    }
    scope = {kind: names for kind, names in values.items() if names}
    same_login = live is not None and fold(live.login) == fold(account.login)
    login = live.login if live is not None and same_login else account.login
    if can.attributes != ALL_ATTRIBUTES:
        untold: dict[str, Any] = dict.fromkeys(ALL_ATTRIBUTES - can.attributes)
        account = replace(account, **untold)
    if scope == account.scope and login == account.login:
        return account
    return replace(account, scope=scope, login=login)


# --- the account as of a day ----------------------------------------------------------------------


def settle(account: Account, as_of: date, can: Capabilities) -> Account:
    """An account as it stands on a day: ended grants dropped, begun ones open at their beginning."""
    grants, scope = settled_grants(account, as_of, can), settled_scope(account, can)
    if grants == account.grants and scope == account.scope:
        return account
    return replace(account, grants=grants, scope=scope)


def settled_grants(account: Account, as_of: date, can: Capabilities) -> tuple[Grant, ...]:
    """The grants of an account as they stand on a day, sorted."""
    found = []
    for grant in account.grants:
        if grant.valid_to is not None and _day(grant.valid_to) < as_of:
            continue
        if not can.validity:
            grant = Grant(grant.entitlement)
        elif grant.valid_from is not None and _day(grant.valid_from) <= as_of:
            grant = Grant(grant.entitlement, None, grant.valid_to)
        found.append(grant)
    # Nearly always each entitlement is there once, in order: nothing needs to be sorted then.
    if all(one.entitlement < other.entitlement for one, other in pairwise(found)):
        return tuple(found)
    return tuple(sorted(set(found), key=_grant_order))


def settled_scope(account: Account, can: Capabilities) -> dict[str, tuple[str, ...]]:
    """The scope of an account as far as the target knows it, sorted."""
    return {kind: values for kind, values in sorted(account.scope.items()) if kind in can.scopes and values}


def _grant_order(grant: Grant) -> tuple[str, str, str]:
    return grant.order


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


# --- what an account may become -------------------------------------------------------------------


def blend(
    wanted: Account, live: Account | None, manage: Manage, fixed: Mapping[str, str] | None = None
) -> Account | None:
    """What an account becomes under the manage modes; None if there is none and none is to be made.

    A locked account is left as it is but for its grants: nobody can use the rest, and some ERPs
    refuse to edit an inactive account.
    """
    fixed = fixed or {}
    if live is None:
        if not wanted.active or manage.accounts is Mode.OBSERVE:
            return None
        live = Account(login=wanted.login, name=wanted.name, email=wanted.email, language=wanted.language)
    active = _blend_active(wanted, live, manage.accounts)
    after = replace(live, active=active, grants=_blend_grants(wanted, live, manage.entitlements, fixed))
    if not (wanted.active and active):
        return after
    attributes = _blend_attributes(wanted, live, manage.attributes)
    return replace(after, scope=_blend_scope(wanted, live, manage.scope), **attributes)


def _blend_active(wanted: Account, live: Account, mode: Mode) -> bool:
    if mode is Mode.OBSERVE:
        return live.active
    return wanted.active if mode is Mode.ENFORCE else wanted.active or live.active


def _blend_attributes(wanted: Account, live: Account, mode: Mode) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in ATTRIBUTES:
        value = getattr(wanted, name)
        if value is not None and (
            mode is Mode.ENFORCE or (mode is Mode.ADDITIVE and not getattr(live, name))
        ):
            values[name] = value
    return values


def _blend_scope(wanted: Account, live: Account, mode: Mode) -> Mapping[str, tuple[str, ...]]:
    if mode is Mode.OBSERVE:
        return live.scope
    if mode is Mode.ENFORCE:
        return wanted.scope
    kinds = sorted({*wanted.scope, *live.scope})
    return {kind: _either(wanted.scope.get(kind, ()), live.scope.get(kind, ())) for kind in kinds}


def _either(some: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """The values of both; whoever has `all` has those of the other one too."""
    both = {*some, *others}
    return (ALL,) if ALL in both else tuple(sorted(both))


def _blend_grants(wanted: Account, live: Account, mode: Mode, fixed: Mapping[str, str]) -> tuple[Grant, ...]:
    if mode is Mode.OBSERVE:
        return live.grants
    grants = {grant for grant in wanted.grants if grant.entitlement not in fixed}
    if mode is Mode.ADDITIVE:
        grants.update(live.grants)
    else:
        grants.update(grant for grant in live.grants if grant.entitlement in fixed)
    return tuple(sorted(grants, key=_grant_order))


# --- the changes of one account -------------------------------------------------------------------


def compare(before: Account | None, after: Account) -> Iterator[Change]:
    """The changes that lead from one state of an account to another, in the order they are shown."""
    start = before or Account(login=after.login, name=after.name, email=after.email, language=after.language)
    held, wanted = _by_entitlement(start.grants), _by_entitlement(after.grants)
    if start.active and not after.active:
        yield Change(ChangeKind.LOCK)
    for entitlement in sorted(held.keys() - wanted.keys()):
        yield Change(ChangeKind.REVOKE, entitlement, before=held[entitlement])
    if before is None:
        yield Change(ChangeKind.CREATE, after=after.name)
    if not start.active and after.active:
        yield Change(ChangeKind.UNLOCK)
    yield from _compare_scope(start.scope, after.scope)
    for name in ATTRIBUTES:
        if getattr(start, name) != getattr(after, name):
            yield Change(ChangeKind.UPDATE, name, getattr(start, name), getattr(after, name))
    for entitlement in sorted(wanted):
        if entitlement not in held:
            yield Change(ChangeKind.GRANT, entitlement, after=wanted[entitlement])
        elif held[entitlement] != wanted[entitlement]:
            yield Change(ChangeKind.RETIME, entitlement, held[entitlement], wanted[entitlement])


def _compare_scope(
    before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Iterator[Change]:
    for kind in sorted({*before, *after}):
        if before.get(kind, ()) != after.get(kind, ()):
            yield Change(ChangeKind.RESCOPE, kind, before.get(kind, ()), after.get(kind, ()))


def _by_entitlement(grants: Iterable[Grant]) -> dict[str, tuple[Grant, ...]]:
    spans: dict[str, tuple[Grant, ...]] = {}
    for grant in grants:
        spans[grant.entitlement] = (*spans.get(grant.entitlement, ()), grant)
    return spans


def writing_order(change: AccountChange) -> tuple[int, str]:
    """Accounts that are locked first, then those that only lose, then the rest, new ones last.

    So nobody holds, while the plan runs, what two plans apart would never have given together.
    """
    if change.has(ChangeKind.LOCK):
        rank = 0
    elif any(map(takes, change.changes)) and not any(map(gives, change.changes)):
        rank = 1
    else:
        rank = 2 if change.before else 3
    return (rank, fold(change.login))


def _held_back(
    user: str,
    after: Account | None,
    enforced: Account,
    protected: str | None,
    manage: Manage,
    catalogue: Catalogue,
    can: Capabilities,
) -> Iterator[HeldBack]:
    """What enforcing everything would change beyond the plan, by the reason why it is left."""
    by_reason: dict[str, list[Change]] = {}
    for change in compare(after, enforced):
        kind = ChangeKind.CREATE if _waits_for_account(change, after, enforced) else change.kind
        cannot = catalogue.fixed.get(change.subject) or _cannot(change, can)
        why = protected or cannot or _mode_of(kind, manage)
        by_reason.setdefault(why, []).append(change)
    for why, changes in by_reason.items():
        yield HeldBack(user, enforced.login, why, tuple(changes))


def _cannot(change: Change, can: Capabilities) -> str | None:
    """Why the ERP cannot do a change at all; None if it can."""
    if change.kind is ChangeKind.UPDATE and change.subject == "login" and not can.renames:
        return "the login cannot be changed through erpsync; rename the account in the ERP by hand"
    return None


def _waits_for_account(change: Change, after: Account | None, enforced: Account) -> bool:
    """Whether a change waits for its account to be made or unlocked, whatever its own mode says."""
    if after is None:
        return True
    return change.kind in (ChangeKind.UPDATE, ChangeKind.RESCOPE) and enforced.active and not after.active


_KIND_OF_CHANGE = {
    ChangeKind.CREATE: "accounts",
    ChangeKind.LOCK: "accounts",
    ChangeKind.UNLOCK: "accounts",
    ChangeKind.UPDATE: "attributes",
    ChangeKind.RESCOPE: "scope",
}


def _mode_of(kind: ChangeKind, manage: Manage) -> str:
    name = _KIND_OF_CHANGE.get(kind, "entitlements")
    return f"{name} are managed as {getattr(manage, name)}"


def _unmanaged(live: Snapshot, matched: set[str], target: Target) -> Iterator[Account]:
    """Live accounts that git knows nothing of: neither declared, nor protected, nor ignored by name."""
    known = (*target.ignore, *target.protected)
    for login in sorted(live.accounts):
        if login not in matched and not any(matches(login, pattern) for pattern in known):
            yield live.accounts[login]
