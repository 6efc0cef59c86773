"""What an export says of the lines of a work order: done, different or missing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from erpsync.connectors.worklist.steps import Line
from erpsync.diff import compare
from erpsync.model import Account, AccountChange, Change, ChangeKind, Snapshot, fold


class Verdict(StrEnum):
    """What became of a line."""

    DONE = "done"
    DIFFERENT = "different"
    """Something was done, but not this."""
    MISSING = "missing"
    """Nothing was done."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line and what became of it."""

    line: Line
    verdict: Verdict


def judge(lines: Iterable[Line], live: Snapshot) -> Iterator[Judged]:
    """What became of each line, as the accounts now are."""
    for _, group in groupby(lines, key=lambda line: line.account.login):
        own = list(group)
        account = own[0].account
        found = _found(account, live)
        left = {(change.kind, change.subject): change for change in compare(found, account.after)}
        yield from (Judged(line, _verdict(line.change, account, found, left)) for line in own)


def _found(change: AccountChange, live: Snapshot) -> Account | None:
    renamed = live.accounts.get(fold(change.after.login))
    return renamed or (live.accounts.get(fold(change.before.login)) if change.before else None)


def _verdict(
    change: Change,
    account: AccountChange,
    found: Account | None,
    left: dict[tuple[ChangeKind, str], Change],
) -> Verdict:
    """What became of one change.

    Args:
        change: what was to be done.
        account: the account it is part of.
        found: the account as it is.
        left: what would still have to be done to it.
    """
    if found is None:
        # An account that was there and is gone is not what anybody asked for.
        return Verdict.DIFFERENT if account.before else Verdict.MISSING
    if change.kind is ChangeKind.CREATE:
        wrong = any(kind in (ChangeKind.UPDATE, ChangeKind.UNLOCK, ChangeKind.LOCK) for kind, _ in left)
        return Verdict.DIFFERENT if wrong else Verdict.DONE
    still = left.get((change.kind, change.subject))
    if still is None:
        return Verdict.DONE
    return Verdict.MISSING if still.before == change.before else Verdict.DIFFERENT
