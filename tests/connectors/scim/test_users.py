"""A User as a service sends it → an account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from erpsync.connectors.scim.profiles import PROFILES, Profile
from erpsync.connectors.scim.users import direct_groups, emails_with, read_user, record_of, with_groups
from erpsync.connectors.scim.validity import shut_by
from erpsync.model import Account, Grant

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 6, 15, 4, tzinfo=UTC)
"""Noon of 15 June in Shanghai."""
GENERIC, S4 = PROFILES["generic"], PROFILES["sap-s4hana-cloud"]
Json = dict[str, Any]


def read(user: Json, profile: Profile = GENERIC) -> Account:
    """The account, at noon."""
    return read_user(user, profile, NOON, SHANGHAI)


def test_an_account_has_what_its_user_says(user: Json) -> None:
    assert read(user) == Account("chen.jing", "陈静", "chen.jing@huaxin.example", "zh_CN")


def test_what_is_not_said_is_not_there() -> None:
    assert read({"id": "1", "userName": "bare"}) == Account("bare")


def test_a_user_that_does_not_say_whether_it_is_active_counts_as_active(user: Json) -> None:
    del user["active"]
    assert read(user).active


@pytest.mark.parametrize("value", [False, "False", "false"])
def test_a_locked_user_is_seen_however_it_is_written(user: Json, value: object) -> None:
    assert not read({**user, "active": value}).active


def test_the_formatted_name_stands_in_for_a_name_to_show(user: Json) -> None:
    assert read({**user, "displayName": "", "name": {"formatted": "陈静静"}}).name == "陈静静"


def test_without_a_primary_address_the_first_counts(user: Json) -> None:
    user["emails"] = [{"type": "work"}, {"value": "first@huaxin.example"}, {"value": "second@huaxin.example"}]
    assert read(user).email == "first@huaxin.example"


@pytest.mark.parametrize("kind", ["roles", "entitlements"])
def test_roles_and_entitlements_of_a_user_are_its_grants(user: Json, kind: Any) -> None:
    profile = Profile("own", kind=kind)
    values = [{"value": "Clerk", "type": "a"}, {"value": "Buyer", "display": "Buys"}, {"value": "Clerk"}]
    assert read({**user, kind: values}, profile).grants == (Grant("Buyer"), Grant("Clerk"))
    assert read({**user, kind: values}).grants == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"userName": None},
        {"userName": ""},
        {"id": "1", "userName": 7},
        {"emails": ["a@huaxin.example"]},
        {"name": "x", "displayName": None},
        {"meta": "x"},
    ],
)
def test_what_is_no_user_is_an_error(user: Json, wrong: Json) -> None:
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        read({**user, **wrong})


def test_only_groups_that_a_user_says_it_is_a_direct_member_of_count(user: Json) -> None:
    user["groups"] = [{"value": "a", "type": "direct"}, {"value": "b", "type": "indirect"}, {"value": "c"}]
    assert direct_groups(user) == {"a"}
    assert direct_groups({}) == frozenset()


def test_groups_are_added_to_what_the_user_says(user: Json) -> None:
    found = with_groups(read(user), frozenset({"g2", "g1"}), ["Clerk", "Buyer"])
    assert found.grants == (Grant("Buyer"), Grant("Clerk"))
    assert record_of(found).groups == {"g1", "g2"}
    assert record_of(found).alone == read(user)


# --- e-mail addresses ---------------------------------------------------------------------------------


def test_a_new_address_replaces_the_primary_one_and_the_others_stay(user: Json) -> None:
    user["emails"][1]["display"] = "chen.jing@huaxin.example"
    home, work = emails_with(record_of(read(user)), "jing.chen@huaxin.example")
    assert home == {"value": "jing@home.example", "type": "home"}
    assert work == {"value": "jing.chen@huaxin.example", "type": "work", "primary": True}


def test_a_first_address_is_the_primary_one() -> None:
    record = record_of(read({"id": "1", "userName": "bare"}))
    assert emails_with(record, "a@huaxin.example") == [
        {"value": "a@huaxin.example", "type": "work", "primary": True}
    ]


# --- days of an account -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "shut"),
    [
        ({}, []),
        ({"validFrom": None, "validTo": ""}, []),
        ({"validFrom": "2026-06-15", "validTo": "2026-06-15"}, []),
        ({"validFrom": "2026-06-16"}, ["validFrom"]),
        ({"validTo": "2026-06-14"}, ["validTo"]),
        ({"validFrom": "2026-06-15T03:59:59Z", "validTo": "2026-06-15T04:00:01Z"}, []),
        ({"validFrom": "2026-06-15T04:00:01Z"}, ["validFrom"]),
        ({"validTo": "2026-06-15T11:59:59"}, ["validTo"]),
        ({"validTo": "2026-06-15T12:00:01"}, []),
    ],
)
def test_days_of_the_account_shut_it_before_and_after_them(user: Json, days: Json, shut: list[str]) -> None:
    assert S4.validity is not None
    dated = {**user, S4.validity: days}
    assert list(shut_by(dated, S4, NOON, SHANGHAI)) == [f"{S4.validity}:{name}" for name in shut]
    assert read(dated, S4).active is not bool(shut)
    assert list(shut_by(dated, GENERIC, NOON, SHANGHAI)) == []


def test_a_user_without_the_extension_is_never_shut_by_it(user: Json) -> None:
    assert list(shut_by(user, S4, NOON, SHANGHAI)) == []
