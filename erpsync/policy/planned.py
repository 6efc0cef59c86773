"""What a plan does to conflicts: held against what its accounts have now. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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
from erpsync.resolve import resolver

Changes = Sequence[tuple[str, AccountChange]]
"""The changes of a plan, each with its target."""


def planned_conflicts(access: Access, changes: Changes, as_of: date) -> Comparison:
    """The conflicts that a plan brings about and ends, and those that stay.

    Who is changed has, before and after, the roles that the account's entitlements amount to; besides, what
    git says of targets in which the plan leaves the user alone. Everybody else has what git says, which is
    what the ERP has.
    """
    before = _accounts(changes, {id(change): change.before for _, change in changes})
    after = _accounts(changes, {id(change): change.after for _, change in changes})
    now: list[Conflict] = []
    then: list[Conflict] = []
    book, rest = rulebook(access), declared(access, as_of)
    elsewhere = _elsewhere(access, changes, rest, as_of)
    first = _source(access, before, rest, elsewhere, as_of)
    second = _source(access, after, rest, elsewhere, as_of)
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


Elsewhere = Callable[[User], Iterator[Holding]]
"""What git says that a user holds in targets in which a plan leaves the user alone."""


def _elsewhere(access: Access, changes: Changes, rest: Source, as_of: date) -> Elsewhere:
    touched: dict[str, set[str]] = {}
    for target, change in changes:
        touched.setdefault(change.user, set()).add(target)
    leaves = {name: resolver(access, name, as_of, validity=True).leaves for name in access.targets}
    granted_in = {role: frozenset(name for name in leaves if leaves[name][role]) for role in access.roles}
    return lambda user: (
        item for item in rest.holdings(user) if granted_in[item.role].difference(touched[user.key])
    )


def _source(
    access: Access,
    accounts: Mapping[str, Collection[tuple[str, Account]]],
    rest: Source,
    elsewhere: Elsewhere,
    as_of: date,
) -> Source:
    changed = live_holdings(access, as_of, lambda user: accounts[user.key])

    def roles(user: User) -> Collection[str]:
        # More than there are do no harm; see Source.
        declared_roles = rest.roles(user)
        return {*declared_roles, *changed.roles(user)} if user.key in accounts else declared_roles

    def holdings(user: User) -> Collection[Holding]:
        if user.key not in accounts:
            return tuple(rest.holdings(user))
        return (*changed.holdings(user), *elsewhere(user))

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
