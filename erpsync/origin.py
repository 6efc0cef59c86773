"""Which changes of a live plan come from a proposal, and which would be made without it. Pure.

What the files already said before, and the ERP does not have, is drift: somebody changed the ERP by
hand, or a day has come. A reviewer is told so, and not asked to approve it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from erpsync.diff import compare
from erpsync.model import Access, AccountChange, Change, ChangeKind, User
from erpsync.plan import TargetPlan
from erpsync.proposal import EntryChange
from erpsync.resolve import Resolver, resolver


def split(
    plan: TargetPlan, entries: Iterable[EntryChange], base: Access, head: Access, as_of: date
) -> tuple[tuple[AccountChange, ...], tuple[AccountChange, ...]]:
    """The account changes that come from a proposal, and those that do not.

    A change comes from it if the files say something else of the same thing before and after. An
    account in which there are both stands on both sides, each with its part. Where the settings or
    the target itself change, nothing can be told apart, so everything comes from the proposal.

    Args:
        plan: what would change in one target.
        entries: the entries of the files, other than users, that the proposal changes.
        base: what holds now.
        head: what is proposed; the plan was made from it.
        as_of: the day of the plan.
    """
    if any(
        item.section == "settings" or (item.section, item.key) == ("targets", plan.target) for item in entries
    ):
        return plan.accounts, ()
    before = resolver(base, plan.target, as_of, validity=True, implies=plan.implies)
    after = resolver(head, plan.target, as_of, validity=True, implies=plan.implies)
    ours, others = [], []
    for account in plan.accounts:
        here, there = _parted(account, before, after)
        ours += [replace(account, changes=here)] if here else []
        others += [replace(account, changes=there)] if there else []
    return tuple(ours), tuple(others)


def _parted(
    account: AccountChange, before: Resolver, after: Resolver
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    new = after.access.users.get(account.user)
    if new is None:
        return (), account.changes
    old = _old(new, before.access)
    if old is None:
        return account.changes, ()
    moved = {_about(change) for change in compare(before.account(old), after.account(new))}
    here = tuple(change for change in account.changes if _about(change) in moved)
    return here, tuple(change for change in account.changes if _about(change) not in moved)


def _old(user: User, base: Access) -> User | None:
    """The same user in the base, under its key or an earlier one."""
    return next((base.users[key] for key in (user.key, *user.previously) if key in base.users), None)


_STANDING = (ChangeKind.CREATE, ChangeKind.LOCK, ChangeKind.UNLOCK)
_GRANTS = (ChangeKind.GRANT, ChangeKind.REVOKE, ChangeKind.RETIME)


def _about(change: Change) -> tuple[str, str]:
    """What a change is about, whichever way it goes: the account's standing, an entitlement, a value."""
    if change.kind in _STANDING:
        return "standing", ""
    return "grants" if change.kind in _GRANTS else change.kind.value, change.subject
