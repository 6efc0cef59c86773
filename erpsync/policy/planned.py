"""What a plan does to conflicts: held against what its accounts have now. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from erpsync.model import Access, Account, AccountChange, User
from erpsync.policy.base import Facts, PolicyFinding, evaluate
from erpsync.policy.duties import rulebook
from erpsync.policy.holdings import Holding, Source, declared
from erpsync.policy.live import live_holdings
from erpsync.policy.report import Comparison, compare
from erpsync.policy.sod import conflicts, over_limit
from erpsync.policy.sod_rule import SOD, violation

Changes = Sequence[tuple[str, AccountChange]]
"""The changes of a plan, each with its target."""


def planned_conflicts(access: Access, changes: Changes, as_of: date) -> Comparison:
    """The conflicts that a plan brings about and ends, and those that stay.

    Who is changed has, before and after, the roles that the account's entitlements amount to;
    everybody else has what git says, which is what the ERP has.
    """
    before = _accounts(changes, {id(change): change.before for _, change in changes})
    after = _accounts(changes, {id(change): change.after for _, change in changes})
    return compare(_found(access, before, as_of), _found(access, after, as_of))


def _accounts(changes: Changes, of: Mapping[int, Account | None]) -> dict[str, list[tuple[str, Account]]]:
    found: dict[str, list[tuple[str, Account]]] = {}
    for target, change in changes:
        accounts = found.setdefault(change.user, [])
        account = of[id(change)]
        if account is not None:
            accounts.append((target, account))
    return found


def _found(
    access: Access, accounts: Mapping[str, Collection[tuple[str, Account]]], as_of: date
) -> tuple[PolicyFinding, ...]:
    book = rulebook(access)
    changed = live_holdings(access, as_of, lambda user: accounts[user.key])
    rest = declared(access, as_of)

    def roles(user: User) -> Collection[str]:
        return (changed if user.key in accounts else rest).roles(user)

    def holdings(user: User) -> Collection[Holding]:
        return tuple((changed if user.key in accounts else rest).holdings(user))

    source = Source(roles, holdings)
    facts = Facts(access, as_of)
    found = [violation(item, book, facts) for item in over_limit(conflicts(access, book, source))]
    return evaluate(facts, [replace(SOD, check=lambda _: found)])
