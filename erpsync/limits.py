"""How much one plan may change, and the waivers that let one named change through. Pure.

Each kind of change has a limit by count and by share of the accounts; going over either refuses the
plan. There is no exemption for small targets, and no option that lifts a limit: the way through is a
waiver in git, for exactly the users it names, until its last day, reviewed like everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from erpsync.model import Access, AccountChange, ChangeKind, Limit, LimitKind, Risk, Waiver
from erpsync.summary import gives, takes


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that a plan goes over: how many accounts, and how many are allowed of how many."""

    kind: LimitKind
    count: int
    waived: int
    population: int
    limit: Limit

    def __str__(self) -> str:
        waived = f" ({self.waived} more are waived)" if self.waived else ""
        figures = f"{self.count} of {self.population} accounts {_WORDS[self.kind]}{waived}"
        return f"{figures}; the limit `{self.kind}` is {self.limit}"


_WORDS = {
    LimitKind.CREATE: "would be created",
    LimitKind.LOCK: "would be locked",
    LimitKind.REVOKE: "would lose access, without being locked",
    LimitKind.GRANT_HIGH: "would gain an entitlement of high or critical risk",
    LimitKind.CRITICAL: "would change in something of critical risk",
}


def check_limits(
    changes: Sequence[AccountChange],
    population: int,
    limits: Mapping[LimitKind, Limit],
    waivers: Iterable[Waiver],
    as_of: date,
) -> Iterator[Excess]:
    """The limits a plan goes over.

    Args:
        changes: the accounts that change.
        population: how many accounts the target has.
        limits: those of the target.
        waivers: all that are declared; one counts through its last day, for the users it names.
        as_of: the day.
    """
    valid = list(waivers)
    for kind, limit in limits.items():
        users = {change.user for change in changes if counts(change, kind)}
        waived = {user for waiver in valid if waiver.covers(kind, as_of) for user in waiver.users}
        count = len(users - waived)
        if _over(count, population, limit):
            yield Excess(kind, count, len(users & waived), population, limit)


def excess_of(
    changes: Sequence[AccountChange], population: int, access: Access, target: str, as_of: date
) -> tuple[str, ...]:
    """The limits of a declared target that a plan goes over, in words, with the waivers declared."""
    limits = access.targets[target].limits
    over = check_limits(changes, population, limits, access.waivers.values(), as_of)
    return tuple(str(item) for item in over)


def _over(count: int, population: int, limit: Limit) -> bool:
    if limit.count is not None and count > limit.count:
        return True
    # Shares are written in hundredths of a percent; 0.29 * 100 would be less than 29.
    return limit.share is not None and count * 10_000 > round(limit.share * 10_000) * population


def counts(change: AccountChange, kind: LimitKind) -> bool:
    """Whether an account counts towards a limit."""
    match kind:
        case LimitKind.CREATE:
            return change.has(ChangeKind.CREATE)
        case LimitKind.LOCK:
            return change.has(ChangeKind.LOCK)
        case LimitKind.REVOKE:
            return any(map(takes, change.changes)) and not change.has(ChangeKind.LOCK)
        case LimitKind.GRANT_HIGH:
            high = (Risk.HIGH, Risk.CRITICAL)
            return any(gives(item) and item.risk in high for item in change.changes)
        case _:
            return change.risk is Risk.CRITICAL
