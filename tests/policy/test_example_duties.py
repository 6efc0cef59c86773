"""The rule set that ships with the example company, and what it finds there on one day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from erpsync.access import load_valid
from erpsync.model import Access, Response, Risk
from erpsync.policy.base import Facts
from erpsync.policy.sod import Seat
from erpsync.policy.sod_rule import Told, tell

ROOT = Path(__file__).parent.parent.parent / "access"
DAY = date(2026, 11, 22)
ROWS = {"P": 16, "O": 12, "R": 7, "H": 6, "I": 7, "S": 8}
"""How many rows the starter set has of each family."""


@pytest.fixture(scope="module")
def access() -> Access:
    return load_valid(ROOT)


@pytest.fixture(scope="module")
def told(access: Access) -> tuple[Told, ...]:
    return tell(Facts(access, DAY))


def test_every_row_of_the_starter_set_is_a_risk(access: Access) -> None:
    rows = {key.rstrip("abc") for key, risk in access.risks.items() if len(risk.sides) > 1}
    assert Counter(row[0] for row in rows) == ROWS
    assert rows == {
        f"{family}{number:02}" for family, count in ROWS.items() for number in range(1, count + 1)
    }


def test_critical_pairs_block_and_nothing_else_says_what_it_does(access: Access) -> None:
    for risk in access.risks.values():
        blocks = risk.level is Risk.CRITICAL and len(risk.sides) > 1
        assert (risk.response is Response.BLOCK) == blocks
        assert risk.response in (None, Response.BLOCK)


def test_every_risk_and_function_speaks_both_languages(access: Access) -> None:
    assert all(item.title_zh for item in access.functions.values())
    assert all(risk.title_zh and risk.why_zh and risk.controls for risk in access.risks.values())
    assert all(risk.why.startswith("can ") for risk in access.risks.values())


def test_every_function_is_part_of_a_risk_or_named_for_a_reason(access: Access) -> None:
    used = {key for risk in access.risks.values() for side in risk.sides for key in side}
    assert access.functions.keys() - used == set()


def test_nothing_refuses_today(told: tuple[Told, ...]) -> None:
    assert [item.finding.id for item in told if item.finding.blocks] == []


def test_the_mitigation_and_the_waiver_each_make_up_for_something(told: tuple[Told, ...]) -> None:
    made_up = {item.finding.made_up for item in told if item.finding.made_up}
    assert made_up == {
        "mitigation receipts-of-buyers until 2027-03-31",
        "waiver emergency-accounts until 2030-12-31",
    }


def test_conflicts_between_roles_are_few_and_known(told: tuple[Told, ...]) -> None:
    between = {
        item.finding.id.removeprefix("sod/")
        for item in told
        if item.conflict and item.conflict.seat in (Seat.BETWEEN, Seat.STAND_IN)
    }
    assert between == {
        "I06:jin.mei", "I06:tian.lei", "I06:xue.bing",
        "O01:wen.kai", "O04:xing.hui",
        "P05:deng.xiaoyan", "P05:li.gang", "P10:cao.jun", "P10:chen.jing",
        "R03:lai.wen", "R07:tao.ran",
    }  # fmt: skip


def test_conflicts_sit_in_every_seat_but_a_single_function(told: tuple[Told, ...]) -> None:
    assert {item.conflict.seat for item in told if item.conflict} == set(Seat) - {Seat.FUNCTION}


def test_a_closing_conflicts_only_while_it_lasts(told: tuple[Told, ...]) -> None:
    (closing,) = [item.conflict for item in told if item.finding.id == "sod/R03:lai.wen"]
    assert closing is not None
    assert closing.spans == (
        (date(2026, 12, 20), date(2027, 1, 15)),
        (date(2027, 12, 20), date(2028, 1, 15)),
    )
