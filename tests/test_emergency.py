"""Who is meant by an emergency lock, and the plan of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from erpsync.connectors.base import Status as Outcome
from erpsync.emergency import LockPlan, Whom, check_approver, lock_plan, logins_meant, meant
from erpsync.errors import RefusedError, UsageError
from erpsync.model import (
    Access,
    Account,
    Birthright,
    ChangeKind,
    Emergency,
    Grant,
    Snapshot,
    Status,
    User,
    UserType,
)
from erpsync.plan import dump, load, make_plan
from erpsync.preconditions import state_of
from tests.builders import (
    AT,
    CAN,
    DIGEST,
    ERP,
    NOW,
    OBSERVE,
    TODAY,
    assign,
    declare,
    make_target,
    position,
    role,
    snapshot,
    user,
)

DAY = timedelta(days=1)


def meant_keys(access: Access, day: date = TODAY, **whom: Any) -> list[str]:
    return [
        found.key
        for found in meant(Whom(**{key: frozenset(names) for key, names in whom.items()}), access, day)
    ]


# --- who --------------------------------------------------------------------------------------------


def test_user_is_meant_by_key_department_or_type_and_all_of_them_together() -> None:
    access = declare(
        users=[
            user("chen.jing"),
            user("he.qi", department="sales"),
            user("guest.1", kind=UserType.TEMPORARY, department=None),
            user("wu.lan", department=None),
        ]
    )
    assert meant_keys(access, users=["wu.lan"]) == ["wu.lan"]
    assert meant_keys(access, departments=["sales"]) == ["he.qi"]
    assert meant_keys(access, types=[UserType.TEMPORARY]) == ["guest.1"]
    assert meant_keys(access, users=["wu.lan"], departments=["sales"], types=[UserType.TEMPORARY]) == [
        "guest.1",
        "he.qi",
        "wu.lan",
    ]
    assert meant_keys(access) == []


def test_role_means_everybody_who_has_it_in_any_way() -> None:
    access = declare(
        roles=[
            role("payer"),
            role("lead", includes=["payer"]),
            role("chief", includes=["lead"]),
            role("round", includes=["round"]),
            role("buyer"),
        ],
        positions=[position("cashier", "payer"), position("buyer", "buyer")],
        birthright=[Birthright("all", "All", ("chief",), AT, departments=frozenset({"board"}))],
        users=[
            user("by.assignment", assignments=[assign("payer")]),
            user("by.inclusion", assignments=[assign("lead")]),
            user("by.position", position="cashier"),
            user("by.rule", department="board"),
            user("not.meant", position="buyer", assignments=[assign("round")]),
        ],
    )
    assert meant_keys(access, roles=["payer"]) == ["by.assignment", "by.inclusion", "by.position", "by.rule"]
    assert meant_keys(access, roles=["chief"]) == ["by.rule"]


def test_role_means_who_has_it_on_that_day() -> None:
    access = declare(
        roles=[role("payer")],
        users=[
            user("first.day", assignments=[assign("payer", TODAY, TODAY + DAY)]),
            user("last.day", assignments=[assign("payer", None, TODAY)]),
            user("not.any.more", assignments=[assign("payer", None, TODAY - DAY)]),
            user("not.yet", assignments=[assign("payer", TODAY + DAY)]),
            user("left", status=Status.LEFT, assignments=[assign("payer")]),
        ],
    )
    assert meant_keys(access, roles=["payer"]) == ["first.day", "last.day", "left"]


def test_position_that_nobody_declares_keeps_no_one_from_being_found() -> None:
    access = declare(
        roles=[role("payer")], users=[user("chen.jing", position="typo", assignments=[assign("payer")])]
    )
    assert meant_keys(access, roles=["payer"]) == ["chen.jing"]


# --- the approver -----------------------------------------------------------------------------------


def test_active_user_who_is_not_locked_may_approve() -> None:
    access = declare(users=[user("wu.lan", valid_from=TODAY, valid_to=TODAY), user()])
    check_approver("wu.lan", access, TODAY, [access.users["chen.jing"]])


@pytest.mark.parametrize(
    "approver",
    [
        user("wu.lan", status=Status.LOCKED),
        user("wu.lan", status=Status.LEFT),
        user("wu.lan", valid_from=TODAY + DAY),
        user("wu.lan", valid_to=TODAY - DAY),
    ],
)
def test_who_does_not_work_here_may_not_approve(approver: User) -> None:
    with pytest.raises(RefusedError, match="not active"):
        check_approver("wu.lan", declare(users=[approver]), TODAY, [])


def test_who_is_locked_may_not_approve() -> None:
    access = declare(users=[user("wu.lan")])
    with pytest.raises(RefusedError, match="locked too"):
        check_approver("wu.lan", access, TODAY, access.users.values())


def test_approver_must_be_declared() -> None:
    with pytest.raises(UsageError, match=r"no user 'wu\.lan'"):
        check_approver("wu.lan", declare(), TODAY, [])


# --- the plan ---------------------------------------------------------------------------------------

GRANTS = (Grant("Buyer", None, TODAY - DAY), Grant("Clerk"))
EMERGENCY = Emergency("run-1", "stolen laptop", "wu.lan", TODAY, ("chen.jing",), request="REQ-1")


def planned(live: Snapshot, access: Access | None = None, emergency: Emergency = EMERGENCY) -> LockPlan:
    access = access or declare(users=[user(), user("wu.lan")])
    return lock_plan(emergency, access, access.targets[ERP], live, CAN, "instance-1")


def test_account_is_locked_and_nothing_else_of_it_changes() -> None:
    live = Account("chen.jing", "old name", "old@huaxin.example", scope={"company": ("A",)}, grants=GRANTS)
    (change,) = planned(snapshot(live)).plan.accounts
    assert [item.kind for item in change.changes] == [ChangeKind.LOCK]
    assert change.before is not None
    assert change.after == replace(change.before, active=False)
    assert change.before.grants == (Grant("Clerk"),)


def test_reason_names_emergency_approver_and_request() -> None:
    (change,) = planned(snapshot(Account("chen.jing"))).plan.accounts
    (reason,) = change.changes[0].reasons
    assert (reason.text, reason.request) == ("emergency run-1: stolen laptop, approved by wu.lan", "REQ-1")


def test_limits_and_manage_modes_do_not_hold() -> None:
    access = declare(users=[user(), user("wu.lan")], target=make_target(OBSERVE))
    plan = planned(snapshot(Account("chen.jing")), access).plan
    assert len(plan.accounts) == 1
    assert not plan.excess


def test_protected_account_is_held_back() -> None:
    made = planned(snapshot(Account("chen.jing"), protected={"chen.jing": "the last administrator"}))
    assert made.plan.accounts == ()
    assert [(held.login, held.why) for held in made.plan.held] == [("chen.jing", "the last administrator")]


def test_account_is_found_under_its_declared_or_an_earlier_login() -> None:
    declared = declare(users=[user(logins={ERP: "CJ0023"}, previously=["chen.j"]), user("wu.lan")])
    for login in ("cj0023", "CJ0023", "chen.jing", "Chen.J"):
        (change,) = planned(snapshot(Account(login)), declared).plan.accounts
        assert (change.user, change.login, change.after.login) == ("chen.jing", login, login)
    assert logins_meant(EMERGENCY, declared, ERP) >= {"cj0023", "chen.jing", "chen.j"}


def test_earlier_login_that_is_somebody_elses_now_is_left_alone() -> None:
    declared = declare(
        users=[user(previously=["c.j"]), user("somebody", logins={ERP: "c.j"}), user("wu.lan")]
    )
    made = planned(snapshot(Account("c.j")), declared)
    assert (made.plan.accounts, made.missing) == ((), ("chen.jing",))


def test_login_that_git_does_not_know_is_locked() -> None:
    emergency = replace(EMERGENCY, users=(), logins=("Stranger", "nobody"))
    made = planned(snapshot(Account("stranger")), emergency=emergency)
    assert [change.login for change in made.plan.accounts] == ["stranger"]
    assert made.missing == ("nobody",)
    assert "stranger" in logins_meant(emergency, declare(), ERP)


def test_account_that_is_locked_already_is_written_again_after_all_others() -> None:
    emergency = replace(EMERGENCY, users=("chen.jing", "wu.lan"))
    made = planned(snapshot(Account("chen.jing", active=False), Account("wu.lan")), emergency=emergency)
    assert [change.login for change in made.plan.accounts] == ["wu.lan", "chen.jing"]
    assert made.again == ("chen.jing",)
    change = made.plan.accounts[1]
    assert "locked already" in change.changes[0].reasons[0].text
    live = Account("chen.jing", active=False)
    assert state_of(change, live, TODAY, CAN) is None
    assert state_of(change, replace(live, name="moved"), TODAY, CAN) is Outcome.MOVED


def test_plan_can_be_kept_and_read_back() -> None:
    made = planned(snapshot(Account("chen.jing", active=False, grants=GRANTS), Account("admin")))
    plan = make_plan([made.plan], as_of=TODAY, now=NOW, access_digest=DIGEST, commit=None)
    assert load(dump(plan)).targets == plan.targets
