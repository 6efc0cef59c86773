"""Who gains and who loses: the figures that stand before any detail. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from erpsync.model import ALL, AccountChange, Change, ChangeKind, Grant, Value, When

Days = tuple[When, When]
"""First and last day or instant, both inclusive; None where it is open."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many accounts gain access, lose it, are locked, or change in another way."""

    gain: int
    lose: int
    locked: int
    other: int


def figures(accounts: Sequence[AccountChange]) -> Figures:
    """Count accounts by what happens to them; one that both gains and loses counts in both."""
    gain = lose = locked = other = 0
    for change in accounts:
        if change.has(ChangeKind.LOCK):
            locked += 1
            continue
        gains, loses = any(map(gives, change.changes)), any(map(takes, change.changes))
        gain += gains
        lose += loses
        other += not (gains or loses)
    return Figures(gain, lose, locked, other)


def gives(change: Change) -> bool:
    """Whether a change lets somebody do more than before."""
    if change.kind is ChangeKind.RESCOPE:
        return _reaches_further(change.before, change.after)
    if change.kind is ChangeKind.RETIME:
        return covers_more(_days(change.before), _days(change.after))
    return change.kind in (ChangeKind.CREATE, ChangeKind.UNLOCK, ChangeKind.GRANT)


def takes(change: Change) -> bool:
    """Whether a change lets somebody do less than before."""
    if change.kind is ChangeKind.RESCOPE:
        return _reaches_further(change.after, change.before)
    if change.kind is ChangeKind.RETIME:
        return covers_more(_days(change.after), _days(change.before))
    return change.kind in (ChangeKind.LOCK, ChangeKind.REVOKE)


def _reaches_further(less: Value, more: Value) -> bool:
    """Whether some values of a scope are not among the others; `all` is every one of them."""
    values = set(less or ())
    return ALL not in values and bool(set(more or ()) - values)


def covers_more(less: Iterable[Days], more: Iterable[Days]) -> bool:
    """Whether some span of ``more`` is covered by no single span of ``less``."""
    spans = [_bounds(span) for span in less]
    for span in more:
        first, last = _bounds(span)
        if not any(begin <= first and last <= end for begin, end in spans):
            return True
    return False


def _days(value: Value) -> list[Days]:
    return [(grant.valid_from, grant.valid_to) for grant in value or () if isinstance(grant, Grant)]


def _bounds(span: Days) -> tuple[str, str]:
    first, last = span
    # ISO dates sort as text; "" lies before and "~" behind each of them.
    return first.isoformat() if first else "", last.isoformat() if last else "~"
