"""Locking at once, before any pull request: whose accounts, and by what plan.

Pure. The plan of an emergency is carried out and recorded like any other, but two things that hold
for others do not hold here. The limits: an emergency may have to lock every temporary account, and
a lock takes nothing away that the next plan could not give back. The manage mode of accounts: it
says what erpsync may do unasked, and here somebody asks by name and answers for it. What is
protected stays protected, for locking the last administrator would leave nobody to end the emergency.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from erpsync.codec import fingerprint
from erpsync.diff import find, settle
from erpsync.errors import RefusedError, UsageError
from erpsync.model import (
    Access,
    Account,
    AccountChange,
    Capabilities,
    Change,
    ChangeKind,
    Emergency,
    HeldBack,
    Reason,
    Role,
    Snapshot,
    Status,
    Target,
    User,
    UserType,
    fold,
)
from erpsync.plan import TargetPlan
from erpsync.protection import protection
from erpsync.resolve import Desired, roles_of


@dataclass(frozen=True, slots=True)
class Whom:
    """Who is to be locked: everybody whom any of these names."""

    users: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    types: frozenset[UserType] = frozenset()


# --- who --------------------------------------------------------------------------------------------


def meant(whom: Whom, access: Access, day: date) -> tuple[User, ...]:
    """The users that are meant, by key: a role means everybody who holds it on the day in any way."""
    roles = _leading_to(whom.roles, access.roles)
    found = [user for user in access.users.values() if _is_meant(user, whom, roles, access, day)]
    return tuple(sorted(found, key=lambda user: user.key))


def _is_meant(user: User, whom: Whom, roles: set[str], access: Access, day: date) -> bool:
    return (
        user.key in whom.users
        or user.department in whom.departments
        or user.type in whom.types
        or (bool(roles) and not roles.isdisjoint(_held(user, access, day)))
    )


def _held(user: User, access: Access, day: date) -> set[str]:
    # Files with findings are used too: a position that nobody declares brings nothing.
    known = user if user.position in access.positions else replace(user, position=None)
    held = roles_of(known, access.positions, access.birthright.values())
    return {
        role
        for role, first, last, *_ in held
        if (first is None or first <= day) and (last is None or day <= last)
    }


def _leading_to(wanted: Collection[str], roles: Mapping[str, Role]) -> set[str]:
    """These roles, and all that include one of them, directly or not."""
    found = set(wanted)
    while more := {key for key, role in roles.items() if not found.isdisjoint(role.includes)} - found:
        found |= more
    return found


def check_approver(name: str, access: Access, day: date, locked: Iterable[User]) -> None:
    """Refuse an approver who cannot answer for it.

    Args:
        name: the key of the approver.
        access: the declared state.
        day: the day of the emergency.
        locked: who is to be locked.

    Raises:
        UsageError: no such user is declared.
        RefusedError: the approver does not work here on that day, or is one of those to be locked.
    """
    approver = access.users.get(name)
    if approver is None:
        raise UsageError(f"no user {name!r} is declared", hint="--approver names the key of a user")
    begun = approver.valid_from is None or approver.valid_from <= day
    ended = approver.valid_to is not None and approver.valid_to < day
    if approver.status is not Status.ACTIVE or not begun or ended:
        raise RefusedError(f"{name} is not active, so cannot approve", hint="name somebody else")
    if any(user.key == name for user in locked):
        raise RefusedError(f"{name} would be locked too, so cannot approve", hint="name somebody else")


# --- the plan ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LockPlan:
    """The plan of one target, which of its accounts are locked already, and who has no account there.

    An account that is locked already is written again, for an ERP may still let its API keys in.
    """

    plan: TargetPlan
    again: tuple[str, ...]
    missing: tuple[str, ...]


def logins_meant(emergency: Emergency, access: Access, target: str) -> frozenset[str]:
    """The folded logins under which the accounts may be found, earlier ones included."""
    desired = _logins_of(emergency, access, target)
    earlier = {login for logins in desired.earlier.values() for login in logins}
    return frozenset({*desired.accounts, *earlier, *map(fold, emergency.logins)})


def lock_plan(
    emergency: Emergency, access: Access, target: Target, live: Snapshot, can: Capabilities, instance: str
) -> LockPlan:
    """The plan that locks the accounts of an emergency in one target, and does nothing else.

    Args:
        emergency: whose accounts, and why.
        access: the declared state, which knows their logins.
        target: where, with what is protected there.
        live: at least the accounts of `logins_meant`.
        can: the capabilities of the target.
        instance: the ERP behind the target.
    """
    accounts: list[AccountChange] = []
    held: list[HeldBack] = []
    found, missing = _accounts(emergency, access, target.name, live)
    for user, now in found.items():
        change = Change(ChangeKind.LOCK, reasons=(_why(emergency, now),))
        why = protection(now.login, target, live)
        if why:
            held.append(HeldBack(user, now.login, why, (change,)))
            continue
        before = settle(now, emergency.day, can)
        after = replace(before, active=False, version=None)
        accounts.append(AccountChange(user, now.login, before, after, fingerprint(now), (change,)))
    again = {change.login for change in accounts if change.before and not change.before.active}
    # Whoever can still get in comes first.
    accounts.sort(key=lambda change: (change.login in again, fold(change.login)))
    plan = TargetPlan(
        target=target.name,
        connector=target.connector,
        instance=instance,
        accounts=tuple(accounts),
        held=tuple(held),
        unmanaged=(),
        unmanaged_is_drift=False,
        population=len(live.accounts),
    )
    return LockPlan(plan, tuple(sorted(again)), missing)


def _accounts(
    emergency: Emergency, access: Access, target: str, live: Snapshot
) -> tuple[dict[str, Account], tuple[str, ...]]:
    """The live account of each user, or login that is nobody's, and who has none."""
    desired = _logins_of(emergency, access, target)
    found = {desired.users[login]: find(login, desired, live) for login in desired.users}
    found |= {login: live.accounts.get(fold(login)) for login in emergency.logins}
    missing = sorted(who for who, account in found.items() if account is None)
    return {who: account for who, account in found.items() if account is not None}, tuple(missing)


def _logins_of(emergency: Emergency, access: Access, target: str) -> Desired:
    """Under which logins the users have their accounts; what else is desired of these plays no part here."""
    accounts = {fold(user.login(target)): Account(user.login(target)) for user in access.users.values()}
    users = [access.users[key] for key in emergency.users]
    earlier = {fold(user.login(target)): tuple(map(fold, (user.key, *user.previously))) for user in users}
    return Desired(accounts, {fold(user.login(target)): user.key for user in users}, earlier)


def _why(emergency: Emergency, now: Account) -> Reason:
    words = f"emergency {emergency.key}: {emergency.reason}, approved by {emergency.approver}"
    if not now.active:
        words += "; locked already, its API keys and sessions end where the ERP can"
    return Reason(words, request=emergency.request)
