"""Who gains and who loses: the figures that stand before any detail. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from erpsync.model import AccountChange, Change, ChangeKind, Grant, Value


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
        return bool(set(change.after or ()) - set(change.before or ()))
    if change.kind is ChangeKind.RETIME:
        return _covers_more(change.before, change.after)
    return change.kind in (ChangeKind.CREATE, ChangeKind.UNLOCK, ChangeKind.GRANT)


def takes(change: Change) -> bool:
    """Whether a change lets somebody do less than before."""
    if change.kind is ChangeKind.RESCOPE:
        return bool(set(change.before or ()) - set(change.after or ()))
    if change.kind is ChangeKind.RETIME:
        return _covers_more(change.after, change.before)
    return change.kind in (ChangeKind.LOCK, ChangeKind.REVOKE)


def _covers_more(less: Value, more: Value) -> bool:
    """Whether some span of ``more`` is covered by no single span of ``less``."""
    spans = [_bounds(grant) for grant in less or () if isinstance(grant, Grant)]
    for grant in more or ():
        assert isinstance(grant, Grant)
        first, last = _bounds(grant)
        if not any(begin <= first and last <= end for begin, end in spans):
            return True
    return False


def _bounds(grant: Grant) -> tuple[str, str]:
    # ISO dates sort as text; "" lies before and "~" behind each of them.
    first = grant.valid_from.isoformat() if grant.valid_from else ""
    return first, grant.valid_to.isoformat() if grant.valid_to else "~"
