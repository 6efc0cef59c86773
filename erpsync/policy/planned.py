"""What a plan does to conflicts: held against what its accounts have now. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from erpsync.model import Access, Account, AccountChange, User
from erpsync.policy.base import Facts, PolicyFinding, Violation, evaluate
from erpsync.policy.duties import Rulebook, rulebook
from erpsync.policy.holdings import Holding, Source, declared, persons
from erpsync.policy.live import live_holdings
from erpsync.policy.report import Comparison, compare
from erpsync.policy.sod import Conflict, conflicts_of, over_limit
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
    now: list[Conflict] = []
    then: list[Conflict] = []
    book, rest = rulebook(access), declared(access, as_of)
    first, second = _source(access, before, rest, as_of), _source(access, after, rest, as_of)
    for person, users in persons(access.users.values()).items():
        found = tuple(conflicts_of(person, users, access, book, first))
        # Whom no change is about, nearly everybody, has the same before and after.
        same = after.keys().isdisjoint(user.key for user in users)
        now += found
        then += found if same else conflicts_of(person, users, access, book, second)
    facts = Facts(access, as_of)
    said: dict[int, Violation] = {}
    return compare(_findings(now, book, facts, said), _findings(then, book, facts, said))


def _accounts(changes: Changes, of: Mapping[int, Account | None]) -> dict[str, list[tuple[str, Account]]]:
    found: dict[str, list[tuple[str, Account]]] = {}
    for target, change in changes:
        accounts = found.setdefault(change.user, [])
        account = of[id(change)]
        if account is not None:
            accounts.append((target, account))
    return found


def _source(
    access: Access, accounts: Mapping[str, Collection[tuple[str, Account]]], rest: Source, as_of: date
) -> Source:
    changed = live_holdings(access, as_of, lambda user: accounts[user.key])

    def roles(user: User) -> Collection[str]:
        return (changed if user.key in accounts else rest).roles(user)

    def holdings(user: User) -> Collection[Holding]:
        return tuple((changed if user.key in accounts else rest).holdings(user))

    return Source(roles, holdings)


def _findings(
    found: Collection[Conflict], book: Rulebook, facts: Facts, said: dict[int, Violation]
) -> tuple[PolicyFinding, ...]:
    """The findings of conflicts; ``said`` has the words for those that were told of before, by identity."""
    whole = {id(item) for item in found}
    told = []
    for item in over_limit(found):
        words = said.get(id(item)) or violation(item, book, facts)
        # Of a risk that some may have, other days count before and after: those are values of the moment.
        if id(item) in whole:
            said[id(item)] = words
        told.append(words)
    return evaluate(facts, [replace(SOD, check=lambda _: told)])
