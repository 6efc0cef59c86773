"""Why each change is so, and how much harm it could do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.model import (
    Account,
    AccountChange,
    ApprovalRule,
    Approver,
    Birthright,
    Change,
    ChangeKind,
    Grant,
    HeldBack,
    Reason,
    Risk,
    Role,
    Status,
    User,
    Way,
)
from erpsync.reasons import annotate, annotate_held
from erpsync.resolve import resolver
from tests.builders import AT, ERP, TODAY, assign, declare, position, role, user

ROLES = (
    role("buyer", "Purchase", risk=Risk.LOW),
    role("lead", "Report", includes=["buyer"], risk=Risk.HIGH),
    role("auditor", "Books", risk=Risk.CRITICAL),
)


def annotated(person: User, change: Change, roles: Sequence[Role] = ROLES) -> Change:
    access = declare(
        users=[person],
        roles=roles,
        positions=[position("buyer", "buyer")],
        birthright=[Birthright("external", "External", ("buyer",), AT, types=frozenset({"temporary"}))],
    )
    prepared = resolver(access, ERP, TODAY, validity=True)
    account = Account(person.key)
    (from_change,) = annotate(
        AccountChange(person.key, person.key, account, account, "", (change,)), prepared
    ).changes
    (from_held,) = annotate_held(HeldBack(person.key, person.key, "observe", (change,)), prepared).changes
    assert from_change == from_held
    return from_change


def texts(person: User, kind: ChangeKind, subject: str = "Purchase") -> list[str]:
    return [reason.text for reason in annotated(person, Change(kind, subject)).reasons]


@pytest.mark.parametrize("kind", [ChangeKind.GRANT, ChangeKind.RETIME])
def test_grant_names_every_way_that_has_not_ended(kind: ChangeKind) -> None:
    past, future = TODAY - timedelta(days=1), TODAY + timedelta(days=30)
    person = user(
        position="buyer",
        assignments=[
            assign("lead", None, TODAY, request="REQ-2026-0417"),
            assign("buyer", None, past),
            assign("buyer", future),
        ],
    )
    change = annotated(person, Change(kind, "Purchase"))
    assert change.reasons == (
        Reason("position buyer", AT, "buyer", way=Way.POSITION),
        Reason(f"assignment through lead → buyer until {TODAY}", AT, "lead", "REQ-2026-0417", Way.ASSIGNMENT),
        Reason(f"assignment from {future}", AT, "buyer", way=Way.ASSIGNMENT),
    )


def test_revoke_names_the_assignment_that_has_ended() -> None:
    ended = date(2026, 10, 31)
    person = user(assignments=[assign("buyer", None, ended, request="REQ-2026-0417")])
    change = annotated(person, Change(ChangeKind.REVOKE, "Purchase"))
    assert change.reasons == (
        Reason(f"assignment until {ended}", AT, "buyer", "REQ-2026-0417", Way.ASSIGNMENT),
    )


def test_revoke_of_what_nobody_declared_says_so() -> None:
    assert texts(user(), ChangeKind.REVOKE, "Hand-made") == ["nothing in git grants it"]


@pytest.mark.parametrize("kind", [ChangeKind.REVOKE, ChangeKind.LOCK])
@pytest.mark.parametrize(
    ("person", "why"),
    [
        (user(status=Status.LEFT), "chen.jing has left"),
        (user(valid_to=date(2026, 10, 31)), "chen.jing ended on 2026-10-31"),
        (user(valid_from=date(2026, 12, 1)), "chen.jing begins on 2026-12-01"),
    ],
)
def test_user_without_standing_is_the_reason(person: User, why: str, kind: ChangeKind) -> None:
    assert texts(person, kind) == [why]


def test_lock_of_a_locked_user_says_so() -> None:
    assert texts(user(status=Status.LOCKED), ChangeKind.LOCK) == ["chen.jing is locked"]


def test_lock_of_an_active_user_says_that_no_role_grants_anything() -> None:
    assert texts(user(), ChangeKind.LOCK) == ["no role grants anything here"]


@pytest.mark.parametrize("kind", [ChangeKind.CREATE, ChangeKind.UNLOCK])
def test_account_is_made_or_unlocked_because_the_user_is_active(kind: ChangeKind) -> None:
    assert texts(user(), kind) == ["chen.jing is declared and active"]


@pytest.mark.parametrize("kind", [ChangeKind.UPDATE, ChangeKind.RESCOPE])
def test_attributes_and_scope_are_as_declared(kind: ChangeKind) -> None:
    assert annotated(user(), Change(kind, "company")).reasons == (Reason("as declared", AT),)


@pytest.mark.parametrize(
    ("kind", "subject", "risk"),
    [
        (ChangeKind.GRANT, "Purchase", Risk.HIGH),
        (ChangeKind.REVOKE, "Books", Risk.CRITICAL),
        (ChangeKind.REVOKE, "Hand-made", Risk.HIGH),
        (ChangeKind.RETIME, "Report", Risk.HIGH),
        (ChangeKind.RESCOPE, "company", Risk.MEDIUM),
        (ChangeKind.UPDATE, "name", Risk.LOW),
        (ChangeKind.LOCK, "", Risk.LOW),
        (ChangeKind.CREATE, "", Risk.LOW),
    ],
)
def test_risk_is_the_highest_of_the_roles_on_the_way(kind: ChangeKind, subject: str, risk: Risk) -> None:
    person = user(assignments=[assign("lead")])
    assert annotated(person, Change(kind, subject, after=(Grant(subject),))).risk is risk


# --- approvals ---------------------------------------------------------------------------------------


def approvals(person: User, change: Change, *rules: ApprovalRule) -> tuple[str, ...]:
    """The approvals of a change, as the plan has them."""
    access = declare(users=[person], roles=ROLES, positions=[position("buyer", "buyer")])
    access = replace(access, approvals={rule.key: rule for rule in rules})
    account = Account(person.key)
    changed = AccountChange(person.key, person.key, account, account, "", (change,))
    (found,) = annotate(changed, resolver(access, ERP, TODAY, validity=True)).changes
    return found.approvals


def test_without_rules_no_approval_is_named() -> None:
    assert approvals(user(assignments=[assign("auditor")]), Change(ChangeKind.GRANT, "Books")) == ()


def test_approvals_are_those_of_the_role_and_the_way_behind_the_change() -> None:
    head = ApprovalRule("head", "Head", (Approver.DEPARTMENT_HEAD,), AT, ways=frozenset({"position"}))
    owner = ApprovalRule("owner", "Owner", (Approver.ROLE_OWNER,), AT, ways=frozenset({"assignment"}))
    grant = Change(ChangeKind.GRANT, "Purchase")
    assert approvals(user(position="buyer"), grant, head, owner) == ("department_head:purchasing",)
    assert approvals(user(assignments=[assign("lead")]), grant, head, owner) == ("role_owner:lead",)


def test_grant_that_no_rule_speaks_of_is_for_the_office() -> None:
    silent = ApprovalRule("locks", "Locks", (Approver.DEPARTMENT_HEAD,), AT, changes=frozenset({"lock"}))
    change = Change(ChangeKind.GRANT, "Books")
    assert approvals(user(assignments=[assign("auditor")]), change, silent) == ("oversight",)
