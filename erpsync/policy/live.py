"""What users hold live: the roles that accounts amount to, and conflicts that git does not bring. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from erpsync.model import Access, Account, Grant, Risk, User, When
from erpsync.policy.base import Facts, LiveTarget, Rule, Violation
from erpsync.policy.duties import Rulebook, rulebook
from erpsync.policy.holdings import Holding, Source, declared
from erpsync.policy.sod import Conflict, Seat, conflicts, over_limit
from erpsync.policy.sod_rule import violation
from erpsync.resolve import resolver

Accounts = Callable[[User], Collection[tuple[str, Account]]]
"""The accounts of a user, each with the target that it is in."""


def accounts_of(live: Mapping[str, LiveTarget]) -> Accounts:
    """The live accounts of users."""
    found: dict[str, list[tuple[str, Account]]] = {}
    for name, target in sorted(live.items()):
        for login, user in target.owners.items():
            found.setdefault(user, []).append((name, target.accounts[login]))
    return lambda user: found.get(user.key, ())


@dataclass(slots=True)
class _Roles:
    """Which roles a set of entitlements amounts to; few different sets stand behind many users."""

    needs: Mapping[str, Mapping[str, frozenset[str]]]
    known: dict[tuple[str, frozenset[str]], frozenset[str]]

    def of(self, target: str, entitlements: frozenset[str]) -> frozenset[str]:
        """The roles of which everything that they grant there is held."""
        key = (target, entitlements)
        found = self.known.get(key)
        if found is None:
            needs = self.needs[target].items()
            found = self.known[key] = frozenset(role for role, need in needs if need <= entitlements)
        return found


def _roles(access: Access, targets: Collection[str], as_of: date) -> _Roles:
    needs = {}
    for target in targets:
        leaves = resolver(access, target, as_of, validity=True).leaves
        granted = {role: frozenset(name for name, _ in leaf) for role, leaf in leaves.items()}
        # A role that grants nothing there is not held by holding nothing.
        needs[target] = {role: names for role, names in granted.items() if names}
    return _Roles(needs, {})


def live_holdings(access: Access, as_of: date, accounts: Accounts) -> Source:
    """The roles that users hold live on a day: those of which everything they grant in a target is held.

    A locked account holds nothing: nobody can use it.
    """
    roles = _roles(access, access.targets, as_of)

    def each(user: User) -> Iterator[tuple[str, dict[str, date], frozenset[str]]]:
        for target, account in accounts(user):
            if account.active:
                days = _days(account.grants, as_of)
                yield target, days, roles.of(target, frozenset(days))

    def keys(user: User) -> frozenset[str]:
        return frozenset().union(*(found for _, _, found in each(user)))

    def holdings(user: User) -> Iterator[Holding]:
        for target, days, found in each(user):
            for role in sorted(found):
                last = min(days[name] for name in roles.needs[target][role])
                yield Holding(user.key, role, as_of, last, f"live in {target}", user.at)

    return Source(keys, holdings)


def _days(grants: Collection[Grant], as_of: date) -> dict[str, date]:
    """The entitlements that hold on a day, each with its last one."""
    held: dict[str, date] = {}
    for grant in grants:
        first, last = _day(grant.valid_from) or date.min, _day(grant.valid_to) or date.max
        if first <= as_of <= last:
            held[grant.entitlement] = max(last, held.get(grant.entitlement, last))
    return held


def _day(when: When) -> date | None:
    return when.date() if isinstance(when, datetime) else when


def check(facts: Facts) -> Iterator[Violation]:
    """The conflicts that people have live and that git does not bring about on this day."""
    if not facts.live:
        return
    access, as_of = facts.access, facts.as_of
    book = rulebook(access)
    ours = [item for item in conflicts(access, book, declared(access, as_of)) if _on(item, as_of)]
    known = {(item.person, item.risk.key) for item in ours}
    live = conflicts(access, book, live_holdings(access, as_of, accounts_of(facts.live)))
    found = [item for item in live if (item.person, item.risk.key) not in known]
    for conflict in over_limit([*ours, *found]):
        if (conflict.person, conflict.risk.key) not in known:
            yield _violation(conflict, book, facts)


def _on(conflict: Conflict, day: date) -> bool:
    return any(first <= day <= last for first, last in conflict.spans)


def _violation(conflict: Conflict, book: Rulebook, facts: Facts) -> Violation:
    # Live, nothing tells by which way a role came, so it does not sit in a position.
    seat = Seat.BETWEEN if conflict.seat is Seat.POSITION else conflict.seat
    return replace(
        violation(replace(conflict, seat=seat), book, facts),
        rule=f"sod-live/{conflict.risk.key}",
        hint="take it away in the ERP, where nobody declared it: erpsync drift shows it",
        hint_zh="该权限未在文件中声明，请在 ERP 中收回：erpsync drift 可查看",
    )


SOD_LIVE = Rule(
    id="sod-live",
    title="Separation of duties in the ERP",
    title_zh="系统内实际职责分离",
    level=Risk.HIGH,
    why="What was given in the ERP by hand conflicts just as well, and no review has seen it.",
    example="The buyer was lent the payment run for a day, by hand, and kept it.",
    mend="Take it away in the ERP, or declare it, so that it is reviewed.",
    controls=("ISO27001:A.5.3", "SOX:ITGC-SoD", "NIST800-53:AC-5"),
    check=check,
    live=True,
)
