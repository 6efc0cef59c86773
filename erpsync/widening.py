"""Whether a plan would do more than the plan that was approved. Pure.

Between the approval and the merge the ERP and the files may move. What then disappears from the
plan is no harm; what is new was seen by nobody, unless the calendar alone brings it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from erpsync.model import AccountChange, Change, Grant, Value, fold
from erpsync.plan import Plan, TargetPlan

_Key = tuple[str, str, str, str, str, str, Value]


def beyond(
    approved: Iterable[Plan], now: Plan, is_due: Callable[[str, str], bool]
) -> list[tuple[str, AccountChange]]:
    """The changes that no approved plan has, by target and account.

    Args:
        approved: the plans that were approved.
        now: the plan that would be applied.
        is_due: whether the days that passed since then bring the change of a target and user.
    """
    known = {key for plan in approved for key in _keys(plan, now.as_of)}
    found = []
    for target in now.targets:
        for account in target.accounts:
            more = tuple(
                change for change in account.changes if _key(target, account, change, now.as_of) not in known
            )
            if more and not is_due(target.target, account.user):
                found.append((target.target, replace(account, changes=more)))
    return found


def _keys(plan: Plan, day: date) -> Iterable[_Key]:
    for target in plan.targets:
        for account in target.accounts:
            for change in account.changes:
                yield _key(target, account, change, day)


def _key(target: TargetPlan, account: AccountChange, change: Change, day: date) -> _Key:
    """What makes two changes the same: where, of which account, and how that is afterwards; not why."""
    where = (target.target, target.instance, account.user, fold(account.login))
    return *where, change.kind.value, change.subject, _on(change.after, day)


def _on(value: Value, day: date) -> Value:
    """A value as it counts on a later day: begun grants are open at their beginning, ended ones are gone."""
    if value is None or isinstance(value, str):
        return value
    grants = [item for item in value if isinstance(item, Grant)]
    if not grants:
        return value
    return tuple(
        replace(grant, valid_from=None if _begun(grant, day) else grant.valid_from)
        for grant in grants
        if not _ended(grant, day)
    )


def _begun(grant: Grant, day: date) -> bool:
    return grant.valid_from is None or grant.valid_from.isoformat()[:10] <= day.isoformat()


def _ended(grant: Grant, day: date) -> bool:
    return grant.valid_to is not None and grant.valid_to.isoformat()[:10] < day.isoformat()
