"""The fields that own rules look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.model import Absence, Risk, Status, UserType
from erpsync.policy.expressions import Kind, compile_expression
from erpsync.policy.fields import FIELDS, kinds
from erpsync.policy.subjects import FOREVER, World, subjects
from tests.builders import TODAY, assign, declare, role, user

LAST = date(2026, 12, 31)
ACCESS = declare(
    users=[
        user("wu.lan"),
        replace(
            user("chen.jing", kind=UserType.TEMPORARY, valid_to=LAST, scope={"company": ("all",)}),
            owner="wu.lan",
            trainings={"basics": TODAY},
            logins={"erp": "CJ"},
            away=(Absence(TODAY, TODAY),),
            assignments=(
                assign("lead"),
                assign("later", TODAY + timedelta(days=1)),
                assign("clerk", TODAY, LAST, request="REQ-7"),
                assign("clerk", LAST + timedelta(days=1), LAST + timedelta(days=10)),
            ),
        ),
        replace(user("left"), owner="gone"),
        user("gone", status=Status.LEFT),
    ],
    roles=[
        replace(role("lead", includes=["clerk"]), functions=("REL",), owner="gone"),
        replace(role("clerk", "Clerk", risk=Risk.HIGH), functions=("PAY",), owner="wu.lan", max_holders=2),
        role("later"),
    ],
)
WORLD = World(ACCESS, TODAY)


def told(kind: str, key: str) -> dict[str, object]:
    (subject,) = (item for item in subjects(kind, ACCESS) if item.key == key)
    return {name: field.tell(subject, WORLD) for name, field in FIELDS[kind].items()}


def test_a_user_has_what_its_entry_says_and_what_follows_from_it() -> None:
    fields = told("users", "chen.jing")
    assert fields["user_type"] == "temporary"
    assert (fields["valid_from"], fields["valid_to"], fields["days_left"]) == ("", "2026-12-31", 41)
    assert fields["assignments"] == ["lead", "later", "clerk", "clerk"]
    assert fields["roles"] == ["clerk", "lead"]
    assert fields["functions"] == ["PAY", "REL"]
    assert (fields["risk"], fields["has_owner"], fields["is_away"]) == ("high", True, True)
    assert fields["scope"] == {"company": ["all"]}
    assert (fields["trainings"], fields["logins"]) == ({"basics": "2026-11-20"}, {"erp": "CJ"})


def test_what_is_not_said_is_empty_or_without_end() -> None:
    fields = told("users", "left")
    assert (fields["email"], fields["roles"], fields["risk"], fields["has_owner"]) == ("", [], "", False)
    assert fields["days_left"] == FOREVER
    assert told("roles", "later")["max_holders"] == FOREVER


def test_a_role_knows_its_holders_also_through_others_and_whether_its_owner_is_there() -> None:
    lead, clerk = told("roles", "lead"), told("roles", "clerk")
    assert (lead["holders"], clerk["holders"], told("roles", "later")["holders"]) == (
        ["chen.jing"],
        ["chen.jing"],
        [],
    )
    assert (lead["has_owner"], clerk["has_owner"]) == (False, True)
    assert (lead["functions"], clerk["entitlements"]) == (["PAY", "REL"], {"erp": ["Clerk"]})


def test_an_assignment_knows_how_long_it_lasts_and_the_risk_of_its_role() -> None:
    fields = told("assignments", "chen.jing/clerk")
    assert (fields["days"], fields["days_left"], fields["request"]) == (42, 41, "REQ-7")
    assert (fields["role_risk"], fields["role_functions"]) == ("high", ["PAY"])
    assert told("assignments", "chen.jing/lead")["days"] == FOREVER


def test_a_role_that_is_assigned_twice_is_told_apart() -> None:
    keys = [item.key for item in subjects("assignments", ACCESS)]
    assert keys == ["chen.jing/lead", "chen.jing/later", "chen.jing/clerk", "chen.jing/clerk#2"]


_PYTHON = {Kind.TEXT: str, Kind.NUMBER: int, Kind.TRUTH: bool, Kind.TEXTS: list}


@pytest.mark.parametrize("kind", FIELDS)
def test_every_field_holds_what_it_says(kind: str) -> None:
    for subject in subjects(kind, ACCESS):
        for name, field in FIELDS[kind].items():
            assert isinstance(field.tell(subject, WORLD), _PYTHON.get(field.kind, dict)), name


@pytest.mark.parametrize("kind", FIELDS)
def test_every_field_can_be_named_in_an_expression(kind: str) -> None:
    for name in FIELDS[kind]:
        assert compile_expression(f"{name} == {name}", kinds(kind)).names == {name}
