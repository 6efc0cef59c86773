"""What must hold for every plan that is saved and loaded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.errors import RefusedError
from erpsync.model import (
    ALL,
    Account,
    Catalogue,
    Grant,
)
from erpsync.plan import dump, load, plan_to_json
from tests.builders import (
    CAN,
    Case,
    assign,
    declare,
    role,
    snapshot,
    user,
)
from tests.strategies import COMPANIES, ENTITLEMENTS, cases

BUYER = role("buyer", "Purchase")
MEMBER = Case(
    declare(users=[user(assignments=[assign("buyer")], scope={"company": (ALL,)})], roles=[BUYER]),
    snapshot(Account("chen.jing", name="陈静", grants=(Grant("Stock"),))),
    Catalogue(frozenset(ENTITLEMENTS), {"company": COMPANIES}),
    CAN,
)


@given(cases())
def test_plan_survives_dump_and_load_unchanged(case: Case) -> None:
    plan = case.plan()
    assert load(dump(plan)) == plan
    assert dump(load(dump(plan))) == dump(plan)


SAVED = dump(MEMBER.plan())


@given(st.integers(0, len(SAVED) - 1), st.characters(codec="utf-8") | st.sampled_from('"{}[],:0a \\'))
def test_edit_of_one_character_of_a_saved_plan_is_refused(place: int, character: str) -> None:
    edited = SAVED[:place] + character + SAVED[place + 1 :]
    try:
        loaded = load(edited)
    except RefusedError:
        return
    assert plan_to_json(loaded) == plan_to_json(MEMBER.plan())


@pytest.mark.parametrize("place", range(0, len(SAVED), 7))
def test_deleted_character_of_a_saved_plan_is_refused(place: int) -> None:
    if not SAVED[place].isspace():
        with pytest.raises(RefusedError):
            load(SAVED[:place] + SAVED[place + 1 :])
