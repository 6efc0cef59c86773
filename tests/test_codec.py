"""Values ↔ JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.codec import (
    account_from_json,
    account_to_json,
    canonical,
    digest,
    fingerprint,
    grant_from_json,
    grant_to_json,
    when_from_json,
    when_to_json,
)
from erpsync.model import Account, Grant
from tests.strategies import account_strategy, live_grants

ACCOUNT = Account("chen.jing", "陈静", scope={"company": ("A",)}, grants=(Grant("Purchase"),), version=3)


def test_canonical_form_has_sorted_keys_no_blanks_and_plain_characters() -> None:
    assert canonical({"b": [1, None], "a": "陈"}) == '{"a":"陈","b":[1,null]}'


def test_digest_names_the_algorithm() -> None:
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_fingerprint_does_not_see_the_connectors_memory() -> None:
    assert fingerprint(ACCOUNT) == fingerprint(replace(ACCOUNT, version=4))


@pytest.mark.parametrize(
    "other",
    [
        None,
        replace(ACCOUNT, login="Chen.Jing"),
        replace(ACCOUNT, name=None),
        replace(ACCOUNT, email=""),
        replace(ACCOUNT, language="en"),
        replace(ACCOUNT, active=False),
        replace(ACCOUNT, scope={}),
        replace(ACCOUNT, scope={"company": ("A", "B")}),
        replace(ACCOUNT, grants=()),
        replace(ACCOUNT, grants=(Grant("Purchase", None, date(2026, 1, 1)),)),
    ],
)
def test_fingerprint_sees_everything_else(other: Account | None) -> None:
    assert fingerprint(other) != fingerprint(ACCOUNT)


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (None, None),
        (date(2026, 12, 31), "2026-12-31"),
        (datetime(2026, 12, 31, 9, 30, tzinfo=UTC), "2026-12-31T09:30:00+00:00"),
        (
            datetime(2026, 12, 31, 9, 30, 0, 5, tzinfo=timezone(timedelta(hours=8))),
            "2026-12-31T09:30:00.000005+08:00",
        ),
    ],
)
def test_day_and_instant_survive_the_way_there_and_back(when: date | None, text: str | None) -> None:
    assert when_to_json(when) == text
    assert when_from_json(text) == when
    assert type(when_from_json(text)) is type(when)


def test_text_that_is_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="month must be in"):
        when_from_json("2026-13-01")


def test_open_bounds_are_left_out() -> None:
    assert grant_to_json(Grant("Purchase")) == {"entitlement": "Purchase"}


@given(live_grants)
def test_grant_survives_the_way_there_and_back(grant: Grant) -> None:
    assert grant_from_json(grant_to_json(grant)) == grant


@given(account_strategy("chen.jing"))
def test_account_survives_the_way_there_and_back(account: Account) -> None:
    assert account_from_json(account_to_json(account)) == account


@given(st.permutations(list(account_to_json(ACCOUNT).items())))
def test_digest_does_not_depend_on_the_order_of_keys(items: list[tuple[str, object]]) -> None:
    assert digest(dict(items)) == digest(account_to_json(ACCOUNT))
