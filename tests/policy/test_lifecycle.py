"""The life of users: what the fixtures of the rules leave open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.model import Access, Assignment, Mitigation, Policy, Risk, Status, User, UserType, Waiver
from erpsync.policy import lifecycle, lifecycle_assignments, lifecycle_changes, lifecycle_identities
from erpsync.policy.base import Facts, Violation, evaluate
from erpsync.policy.charges import KINDS_ZH, PARTS_ZH, charges
from tests.builders import AT, assign, declare, position, role, user
from tests.support.declared import COMPANY, declared, edited

DAY = date(2026, 11, 20)
RULES = (
    *lifecycle.RULES,
    *lifecycle_changes.RULES,
    *lifecycle_assignments.RULES,
    *lifecycle_identities.RULES,
)


def ids(access: Access) -> list[str]:
    return [finding.id.removeprefix("lifecycle/") for finding in evaluate(Facts(access, DAY), RULES)]


def violations(access: Access, rule: str) -> list[Violation]:
    found = evaluate(Facts(access, DAY), RULES)
    return [finding.violation for finding in found if finding.rule == f"lifecycle/{rule}"]


def days(number: int) -> date:
    return DAY + timedelta(days=number)


def temporary(**more: object) -> User:
    whole = replace(
        user("zhou.wen", kind=UserType.TEMPORARY), owner="wu.lan", purpose="helps", valid_to=days(60)
    )
    return replace(whole, **more)  # type: ignore[arg-type]


# --- types ------------------------------------------------------------------------------------------


def test_everything_that_a_temporary_user_lacks_is_told_at_once() -> None:
    (violation,) = violations(
        declare(users=[temporary(owner=None, purpose=None, valid_to=None)]), "temporary"
    )
    assert violation.message == "temporary user zhou.wen has no owner, purpose, valid_to"
    assert violation.message_zh == "zhou.wen 缺少责任人、用途、截止日期"


@pytest.mark.parametrize(("last", "found"), [(89, []), (90, ["temporary-too-long:zhou.wen"])])
def test_without_a_first_day_the_days_from_today_on_count(last: int, found: list[str]) -> None:
    assert ids(declare(users=[temporary(valid_to=days(last))])) == found


def test_a_temporary_user_who_has_ended_is_left_alone() -> None:
    assert ids(declare(users=[temporary(owner=None, valid_to=days(-1))])) == []


@pytest.mark.parametrize(
    ("controllers", "found"),
    [
        (("ma.li",), []),
        (("wu.lan", "ma.li"), []),
        (("wu.lan",), ["emergency:emergency/controllers"]),
        (("emergency", "ma.li"), ["emergency:emergency/controllers"]),
        ((), ["emergency:emergency"]),
    ],
)
def test_an_emergency_user_is_watched_by_somebody_else(controllers: Sequence[str], found: list[str]) -> None:
    account = user("emergency", kind=UserType.EMERGENCY, status=Status.LOCKED, department=None)
    account = replace(account, owner="wu.lan", controllers=tuple(controllers), max_hours=8)
    assert ids(declare(users=[account])) == found


# --- movers and leavers -----------------------------------------------------------------------------


def mover(*items: Assignment, grace: int = 30) -> Access:
    moved = replace(user("ren.yi", position="buyer", assignments=items), position_since=days(-60))
    roles = [role("buyer", includes=["reader"]), role("reader"), role("keeper")]
    access = declare(users=[moved], roles=roles, positions=[position("buyer", "buyer")])
    return replace(access, policy=Policy(mover_grace=timedelta(days=grace)))


@pytest.mark.parametrize(
    "item",
    [
        assign("keeper", last=days(-1), request="REQ-1"),
        assign("keeper", first=days(-60), request="REQ-1"),
        assign("reader", request="REQ-1"),
    ],
    ids=["ended", "begun in the position", "brought by the position"],
)
def test_roles_that_do_not_come_from_an_earlier_position_stay(item: Assignment) -> None:
    assert ids(mover(item)) == []


def test_a_role_without_a_first_day_is_from_before() -> None:
    assert ids(mover(assign("keeper", request="REQ-1"))) == ["mover:ren.yi/keeper"]


def test_during_the_grace_nothing_is_said() -> None:
    assert ids(mover(assign("keeper", request="REQ-1"), grace=60)) == []


def test_who_has_left_is_named_in_every_place() -> None:
    document = edited(COMPANY, "users", "wu.lan", status="left", left_on="2026-10-31")
    document = edited(document, "users", "he.qi", deputy="wu.lan")
    document = edited(document, "users", "svc.wms", owner="wu.lan")
    document = edited(
        document, "users", "fire", name="F", type="emergency", owner="he.qi", controllers=["wu.lan"]
    )
    document = edited(document, "subsystems", "finance", key_users=["wu.lan", "lai.wen"])
    document = edited(document, "oversight", "audit", members=["ruan.ling", "wu.lan"], head="wu.lan")
    document = edited(
        document, "oversight", "office", title="Office", kind="operations", members=["wu.lan", "he.qi"]
    )
    document = edited(document, "functions", "PO", title="Purchase order")
    document = edited(
        document, "risks", "P", title="P", functions=["PO"], level="high", why="orders alone", owner="wu.lan"
    )
    document = edited(
        document, "mitigations", "m", rules=["sod/P"], users=["lin.tao"], control="c", owner="wu.lan",
        performer="wu.lan", valid_to="2026-12-31", evidence="e",
    )  # fmt: skip
    document = edited(
        document, "waivers", "w", reason="r", owner="wu.lan", limits=["lock"], users=["lin.tao"],
        valid_to="2026-12-31",
    )  # fmt: skip
    access = declared(document).access
    told = {violation.subject for violation in violations(access, "owner-left")}
    assert told == {
        f"{place}/wu.lan"
        for place in (
            "department/purchasing/manager", "subsystem/finance/key_user", "role/buyer/owner",
            "role/approver/owner", "user/he.qi/deputy", "user/svc.wms/owner", "user/fire/controller",
            "office/audit/head", "office/office/member", "risk/P/owner", "mitigation/m/owner",
            "mitigation/m/performer", "waiver/w/owner",
        )
    }  # fmt: skip


def test_what_has_ended_is_nobodys_task_any_more() -> None:
    access = replace(
        declare(users=[user("wu.lan", status=Status.LEFT)]),
        mitigations={"m": Mitigation("m", "c", "wu.lan", "wu.lan", frozenset(), days(-1), "e", AT)},
        waivers={"w": Waiver("w", "r", "wu.lan", frozenset(), frozenset(), days(-1), AT)},
    )
    assert list(charges(access, DAY)) == []


def test_every_kind_and_part_has_its_chinese_word() -> None:
    document = edited(COMPANY, "users", "he.qi", deputy="wu.lan")
    for charge in charges(declared(document).access, DAY):
        assert charge.part in PARTS_ZH
        assert charge.kind in KINDS_ZH
        assert charge.words_zh


def test_names_that_no_entry_has_are_passed_over() -> None:
    assert ids(declare(roles=[replace(role("buyer"), owner="nobody")])) == []


def test_on_the_last_day_somebody_is_still_there() -> None:
    assert ids(declare(users=[replace(user("ren.yi"), left_on=DAY)])) == []


# --- assignments ------------------------------------------------------------------------------------


def test_an_assignment_that_has_ended_needs_no_request() -> None:
    assert (
        ids(declare(users=[user(assignments=[assign("buyer", last=days(-1))])], roles=[role("buyer")])) == []
    )


@pytest.mark.parametrize(
    ("holder", "found"),
    [
        (user("a"), ["critical-endless:a/chief"]),
        (user("a", kind=UserType.SERVICE), ["service:a", "critical-endless:a/chief"]),
        (user("a", valid_to=days(400)), []),
        (
            replace(user("a", kind=UserType.EMERGENCY), owner="o", controllers=("c",), max_hours=8),
            [],
        ),
    ],
    ids=["without an end", "service", "the user ends", "emergency"],
)
def test_a_critical_role_ends_with_its_assignment_its_holder_or_its_use(
    holder: User, found: list[str]
) -> None:
    holder = replace(holder, assignments=(assign("chief", request="REQ-1"),))
    told = ids(declare(users=[holder], roles=[role("chief", risk=Risk.CRITICAL)]))
    assert sorted(told) == sorted(found)


def test_mitigations_waivers_and_temporary_users_are_announced_too() -> None:
    access = replace(
        declare(users=[temporary(valid_to=days(0))]),
        mitigations={"m": Mitigation("m", "c", "o", "p", frozenset(), days(30), "e", AT)},
        waivers={"w": Waiver("w", "r", "o", frozenset(), frozenset(), days(7), AT)},
    )
    assert ids(access) == ["ends-soon:mitigation/m", "ends-soon:user/zhou.wen", "ends-soon:waiver/w"]


def test_what_has_ended_already_is_not_announced() -> None:
    waiver = Waiver("w", "r", "o", frozenset(), frozenset(), days(-1), AT)
    assert ids(replace(declare(), waivers={"w": waiver})) == []


# --- identities -------------------------------------------------------------------------------------


def numbered(key: str, number: str, **more: object) -> User:
    return replace(user(key), employee_no=number, **more)  # type: ignore[arg-type]


def test_two_dedicated_users_with_one_number_are_one_person() -> None:
    assert ids(declare(users=[numbered("a", "A7"), numbered("b", " a7 ")])) == [
        "duplicate-person:a/b/employee"
    ]


def test_an_emergency_user_beside_ones_own_is_no_duplicate() -> None:
    account = replace(
        numbered("e", "A7", type=UserType.EMERGENCY), owner="o", controllers=("c",), max_hours=8
    )
    assert ids(declare(users=[numbered("a", "A7"), account])) == []


def test_who_comes_back_is_no_duplicate_of_who_left() -> None:
    left = numbered("a", "A7", status=Status.LEFT, left_on=days(-400))
    assert ids(declare(users=[left, numbered("b", "A7")])) == []


def test_generic_names_are_for_programs() -> None:
    service = replace(user("test.robot", kind=UserType.SERVICE), owner="wu.lan")
    assert ids(declare(users=[service, user("admin.zhou")])) == ["generic-login:admin.zhou"]


def test_services_may_share_a_login_across_targets() -> None:
    access = declare(users=[])
    target = access.targets["erp"]
    services = [
        replace(user(key, kind=UserType.SERVICE, logins=logins), owner="wu.lan")
        for key, logins in (("svc.a", {"erp": "IF"}), ("svc.b", {"wms": "if"}))
    ]
    whole = replace(
        access,
        targets={"erp": target, "wms": replace(target, name="wms")},
        users={item.key: item for item in services},
    )
    assert ids(whole) == []
