"""What must hold before a plan is written, and before each account of it is.

Everything is decided before the first write: one account that moved since the plan refuses the
plan. Then each account is looked at again just before it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from erpsync.codec import Json, account_to_json, fingerprint
from erpsync.connectors.base import Status, Writer
from erpsync.diff import settle
from erpsync.errors import RefusedError, StaleError
from erpsync.model import Account, AccountChange, Capabilities, Snapshot, Target, fold
from erpsync.plan import TargetPlan
from erpsync.protection import protection

MOVED_SHOWN = 20
"""Most accounts named when a plan is refused as stale."""


def check(plan: TargetPlan, target: Target, writer: Writer, as_of: date) -> tuple[AccountChange, ...]:
    """Everything that must hold before the first write.

    Returns:
        The changes that are still to be made; those that an earlier run already made are left out.

    Raises:
        StaleError: the target is another one, or an account moved since the plan was made.
        RefusedError: an account is protected.
    """
    where = f"target {plan.target!r}"
    if plan.excess:
        figures = "\n  ".join(plan.excess)
        hint = "make a plan that changes less, or a waiver"
        raise RefusedError(f"the plan goes over a limit:\n  {figures}", where=where, hint=hint)
    if writer.instance() != plan.instance:
        raise StaleError(
            "the ERP there is not the one the plan was made for", where=where, hint="make a new plan"
        )
    live = writer.snapshot(logins_of(plan.accounts))
    _refuse_protected(plan, target, live)
    todo: list[AccountChange] = []
    moved: list[tuple[AccountChange, Account | None]] = []
    for change in plan.accounts:
        account = live_of(change, live)
        state = state_of(change, account, as_of, writer.capabilities)
        if state is Status.MOVED or login_taken(change, live):
            moved.append((change, account))
        elif state is None:
            todo.append(change)
    if moved:
        told = [
            f"{change.login}: {_how_it_moved(change, account, as_of, writer.capabilities)}"
            for change, account in moved[:MOVED_SHOWN]
        ]
        told += [f"and {len(moved) - MOVED_SHOWN} more"] * (len(moved) > MOVED_SHOWN)
        raise StaleError(
            f"{len(moved)} of {len(plan.accounts)} accounts changed in the ERP since the plan was made, "
            "so nothing was written:\n  " + "\n  ".join(told),
            where=where,
            hint="make a new plan",
        )
    return tuple(todo)


def _how_it_moved(change: AccountChange, live: Account | None, as_of: date, can: Capabilities) -> str:
    """What differs between the account the plan was made from and the account now, for people."""
    if fingerprint(live) == change.fingerprint:
        return _taken(change)
    if live is None:
        return "is no longer there"
    if change.before is None:
        return "was created by somebody else"
    # Deep differences of two small documents are what deepdiff is for; deciding never rests on it.
    from deepdiff import DeepDiff

    planned, now = _readable(change.before), _readable(settle(live, as_of, can))
    told = DeepDiff(planned, now).pretty().replace("root[", "[")
    return "; ".join(told.splitlines()) or "a grant that has ended was changed"


def _readable(account: Account) -> dict[str, Json]:
    """An account keyed so that a difference names the grant."""
    grants = {grant.entitlement: str(grant.valid_to or "without end") for grant in account.grants}
    return {**account_to_json(account), "grants": grants}


def logins_of(changes: Sequence[AccountChange]) -> frozenset[str]:
    """The folded logins under which the accounts of some changes may be found."""
    befores = {fold(change.before.login) for change in changes if change.before}
    return frozenset(befores | {fold(change.after.login) for change in changes})


def live_of(change: AccountChange, live: Snapshot) -> Account | None:
    """The account of a change; a rename that was already made is found under its new login."""
    old = live.accounts.get(fold(change.before.login)) if change.before else None
    return old or live.accounts.get(fold(change.after.login))


def login_taken(change: AccountChange, live: Snapshot) -> str | None:
    """Why an account cannot get its new login, if another account has it; or None."""
    if change.before is None or fold(change.before.login) == fold(change.after.login):
        return None
    if {fold(change.before.login), fold(change.after.login)} <= live.accounts.keys():
        return _taken(change)
    return None


def _taken(change: AccountChange) -> str:
    return f"its new login {change.after.login} was taken by somebody else"


def state_of(
    change: AccountChange, live: Account | None, as_of: date, capabilities: Capabilities
) -> Status | None:
    """None if the account is as it was planned from; else whether it is already done, or moved."""
    if fingerprint(live) == change.fingerprint:
        return None
    if live is None:
        return Status.MOVED
    settled = settle(live, as_of, capabilities)
    if reached(change, settled):
        return Status.ALREADY
    return None if settled == _only_unlocked(change) else Status.MOVED


def reached(change: AccountChange, settled: Account) -> bool:
    """Whether an account, as it stands on the day, is as a change is to leave it.

    What is not declared of a new account is as the ERP gives it: Odoo gives everybody a language.
    """
    after = change.after
    if change.before is None:
        after = replace(
            after,
            name=settled.name if after.name is None else after.name,
            email=settled.email if after.email is None else after.email,
            language=settled.language if after.language is None else after.language,
        )
    return settled == after


def _only_unlocked(change: AccountChange) -> Account | None:
    """What an account is when a run was killed between unlocking and editing it.

    Some ERPs let nobody edit a locked account, so it is unlocked first; the rest is then still to do.
    """
    before, after = change.before, change.after
    if before is None or before.active or not after.active:
        return None
    return replace(after, login=before.login, name=before.name, email=before.email, language=before.language)


def protection_of(change: AccountChange, target: Target, live: Snapshot) -> str | None:
    """Why the account of a change must not be changed, under its old login or its new one; or None."""
    reasons = (protection(login, target, live) for login in sorted(logins_of([change])))
    return next((why for why in reasons if why), None)


def _refuse_protected(plan: TargetPlan, target: Target, live: Snapshot) -> None:
    for change in plan.accounts:
        why = protection_of(change, target, live)
        if why:
            message = f"{change.login} must not be changed: {why}"
            raise RefusedError(message, where=f"target {plan.target!r}")
