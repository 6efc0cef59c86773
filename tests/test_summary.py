"""Who gains, who loses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from erpsync.model import Account, AccountChange, Change, ChangeKind, Grant
from erpsync.summary import figures, gives, takes

LIVE = Account("chen.jing")


def change(kind: ChangeKind, before: Any = None, after: Any = None) -> Change:
    return Change(kind, "x", before, after)


def accounts(*changes: tuple[Change, ...]) -> list[AccountChange]:
    return [AccountChange("a", "a", LIVE, LIVE, "", items) for items in changes]


def test_figures_count_each_account_by_what_happens_to_it() -> None:
    grant, revoke = change(ChangeKind.GRANT), change(ChangeKind.REVOKE)
    lock, update = change(ChangeKind.LOCK), change(ChangeKind.UPDATE, "a", "b")
    counted = figures(accounts((grant, grant), (revoke,), (grant, revoke), (lock, revoke), (update,)))
    assert (counted.gain, counted.lose, counted.locked, counted.other) == (2, 2, 1, 1)


END, LATER = date(2026, 12, 31), date(2027, 6, 30)


@pytest.mark.parametrize(
    ("one", "giving", "taking"),
    [
        (change(ChangeKind.GRANT), True, False),
        (change(ChangeKind.CREATE), True, False),
        (change(ChangeKind.UNLOCK), True, False),
        (change(ChangeKind.REVOKE), False, True),
        (change(ChangeKind.LOCK), False, True),
        (change(ChangeKind.UPDATE, "a", "b"), False, False),
        (change(ChangeKind.RESCOPE, ("A",), ("A", "B")), True, False),
        (change(ChangeKind.RESCOPE, ("A", "B"), ("A",)), False, True),
        (change(ChangeKind.RESCOPE, ("A",), ("B",)), True, True),
        (change(ChangeKind.RESCOPE, (), ("B",)), True, False),
        (change(ChangeKind.RETIME, (Grant("x", None, END),), (Grant("x"),)), True, False),
        (change(ChangeKind.RETIME, (Grant("x"),), (Grant("x", None, END),)), False, True),
        (change(ChangeKind.RETIME, (Grant("x", END),), (Grant("x", LATER),)), False, True),
        (change(ChangeKind.RETIME, (Grant("x", LATER),), (Grant("x", END),)), True, False),
        (change(ChangeKind.RETIME, (Grant("x", None, END),), (Grant("x", LATER),)), True, True),
        (
            change(ChangeKind.RETIME, (Grant("x", None, END),), (Grant("x", None, END), Grant("x", LATER))),
            True,
            False,
        ),
    ],
)
def test_change_gives_or_takes_or_both_or_neither(one: Change, giving: bool, taking: bool) -> None:
    assert (gives(one), takes(one)) == (giving, taking)
