"""Who gains, who loses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        (change(ChangeKind.RESCOPE, ("A",), ("all",)), True, False),
        (change(ChangeKind.RESCOPE, ("all",), ("A",)), False, True),
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


DAYS = st.none() | st.sampled_from([END, LATER])
SPANS = st.lists(st.builds(Grant, st.just("x"), DAYS, DAYS), min_size=1, max_size=3).map(tuple)
COMPANIES = st.lists(st.sampled_from(["A", "B", "C"]), unique=True).map(tuple)


@given(SPANS, SPANS)
def test_what_gives_one_way_takes_the_other_way_where_days_change(before: Any, after: Any) -> None:
    there, back = (change(ChangeKind.RETIME, *pair) for pair in ((before, after), (after, before)))
    assert (gives(there), takes(there)) == (takes(back), gives(back))


@given(COMPANIES, COMPANIES)
def test_what_gives_one_way_takes_the_other_way_where_a_scope_changes(before: Any, after: Any) -> None:
    there, back = (change(ChangeKind.RESCOPE, *pair) for pair in ((before, after), (after, before)))
    assert (gives(there), takes(there)) == (takes(back), gives(back))


@pytest.mark.parametrize("kind", ChangeKind)
def test_nobody_is_locked_and_gains_at_once(kind: ChangeKind) -> None:
    counted = figures(accounts((change(kind), change(ChangeKind.LOCK))))
    assert (counted.gain, counted.lose, counted.locked, counted.other) == (0, 0, 1, 0)
