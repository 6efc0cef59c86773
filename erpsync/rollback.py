"""Put accounts back as they were before a run: the plan of that run, turned round. Pure.

The result is a plan like any other: it is shown, checked against protections and limits, saved,
applied and recorded in the same way. It says nothing about git, where the next plan starts from.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from erpsync.codec import fingerprint
from erpsync.diff import compare, settle, writing_order
from erpsync.limits import excess_of
from erpsync.model import (
    Account,
    AccountChange,
    Capabilities,
    Change,
    HeldBack,
    Reason,
    Snapshot,
    fold,
)
from erpsync.plan import TargetPlan
from erpsync.protection import protection
from erpsync.reasons import risk_of
from erpsync.resolve import Resolver


def invert(
    done: TargetPlan,
    written: Collection[str],
    live: Snapshot,
    can: Capabilities,
    resolver: Resolver,
    run: str,
) -> TargetPlan:
    """The plan that undoes another one.

    Args:
        done: the plan that was carried out.
        written: the logins of it that were written, or may have been.
        live: the accounts of the target now.
        can: the capabilities of the target.
        resolver: knows the day and the risks.
        run: the id of the run to undo, for the reasons.
    """
    access, as_of = resolver.access, resolver.as_of
    target = access.targets[done.target]
    accounts: list[AccountChange] = []
    held: list[HeldBack] = []
    for change in done.accounts:
        now = live.accounts.get(fold(change.after.login)) if change.login in written else None
        if now is None:
            continue
        before = settle(now, as_of, can)
        goal = _goal(change, before, as_of, can)
        changes = tuple(_explained(item, resolver, run) for item in compare(before, goal))
        why = protection(now.login, target, live) or protection(goal.login, target, live)
        if changes and why:
            held.append(HeldBack(change.user, now.login, why, changes))
        elif changes:
            accounts.append(AccountChange(change.user, goal.login, before, goal, fingerprint(now), changes))
    accounts.sort(key=writing_order)
    population = len(live.accounts)
    return replace(
        done,
        accounts=tuple(accounts),
        held=tuple(held),
        unmanaged=(),
        population=population,
        excess=excess_of(accounts, population, access, done.target, as_of),
    )


def _goal(change: AccountChange, now: Account, as_of: date, can: Capabilities) -> Account:
    """What an account was; one that was made by the run is locked, since accounts are never deleted."""
    if change.before is None:
        return replace(now, active=False, grants=())
    return replace(settle(change.before, as_of, can), version=None)


def _explained(change: Change, resolver: Resolver, run: str) -> Change:
    risk = risk_of(change, (), resolver)
    return replace(change, risk=risk, reasons=(Reason(f"as it was before run {run}"),))
