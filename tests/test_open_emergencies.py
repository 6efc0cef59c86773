"""Emergencies that git does not know yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from erpsync.codec import canonical
from erpsync.errors import ErpsyncError
from erpsync.model import Account, Catalogue, ChangeKind, Emergency, Location, Severity, Status
from erpsync.open_emergencies import not_merged, open_emergencies, to_event, with_locked
from tests.builders import CAN as CAPABILITIES
from tests.builders import ERP, TODAY, Case, assign, declare, role, snapshot, user

EMERGENCY = Emergency("run-1", "stolen laptop", "wu.lan", TODAY, ("chen.jing",), ("stranger",), "REQ-1")


def test_emergency_is_read_back_from_the_journal() -> None:
    event = {**to_event(EMERGENCY), "n": 1, "run": "run-1"}
    assert canonical(event)
    assert open_emergencies([event], ()) == [EMERGENCY]


def test_emergency_of_two_targets_counts_once() -> None:
    other = to_event(replace(EMERGENCY, key="run-0"))
    found = open_emergencies([to_event(EMERGENCY), {"event": "begin"}, to_event(EMERGENCY), other], ())
    assert [item.key for item in found] == ["run-0", "run-1"]


def test_emergency_that_is_declared_is_not_open() -> None:
    assert open_emergencies([to_event(EMERGENCY)], {"run-1"}) == []


@pytest.mark.parametrize("wrong", [{"day": "soon"}, {"users": 7}, {"logins": None}])
def test_emergency_that_was_tampered_with_is_an_error(wrong: dict[str, object]) -> None:
    with pytest.raises(ErpsyncError, match="journal"):
        open_emergencies([{**to_event(EMERGENCY), **wrong}], ())


def test_users_of_an_open_emergency_count_as_locked() -> None:
    access = declare(
        users=[
            user("chen.jing"),
            user("renamed", previously=["chen.jing"]),
            user("taken.over", logins={ERP: "Stranger"}),
            user("gone", status=Status.LEFT),
            user("wu.lan"),
        ]
    )
    locked = with_locked(access, [replace(EMERGENCY, users=("chen.jing", "gone"))])
    status = {key: item.status for key, item in locked.users.items()}
    assert status == {
        "chen.jing": Status.LOCKED,
        "renamed": Status.LOCKED,
        "taken.over": Status.LOCKED,
        "gone": Status.LEFT,
        "wu.lan": Status.ACTIVE,
    }
    assert locked.digest == access.digest


def test_without_an_open_emergency_nothing_changes() -> None:
    access = declare(users=[user()])
    assert with_locked(access, []) is access


def test_plan_does_not_unlock_whom_an_open_emergency_locked() -> None:
    access = declare(roles=[role("buyer", "Buyer")], users=[user(assignments=[assign("buyer")])])
    live = snapshot(Account("chen.jing", "陈静", active=False))
    case = Case(access, live, Catalogue(frozenset({"Buyer"})), CAPABILITIES)
    (change,) = case.diff().accounts
    assert change.has(ChangeKind.UNLOCK)
    held = replace(case, access=with_locked(access, [EMERGENCY]))
    assert not any(item.has(ChangeKind.UNLOCK) for item in held.diff().accounts)


def test_warning_stands_at_each_user() -> None:
    at = Location("access/people.yaml", 3, 3)
    (finding,) = not_merged([EMERGENCY], {"chen.jing": at, "wu.lan": at}, "access")
    assert (finding.rule, finding.at, finding.severity) == ("emergency/not-merged", at, Severity.WARNING)
    assert "run-1" in finding.message


def test_warning_of_users_who_are_nowhere_stands_at_the_files() -> None:
    (finding,) = not_merged([EMERGENCY], {}, "access")
    assert str(finding.at) == "access:1:1"
