"""Who answers for what: the example company has exactly the weak spots that its regulation has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from erpsync.access import load_valid
from erpsync.model import Access, Oversight, Policy, Status, Subsystem, User, UserType
from erpsync.policy import responsibility, responsibility_key_users
from erpsync.policy.base import Facts, PolicyFinding, evaluate
from tests.builders import AT, declare
from tests.builders import user as make_user

RULES = (*responsibility.RULES, *responsibility_key_users.RULES)
DAY = date(2026, 11, 20)


@pytest.fixture(scope="module")
def company() -> Access:
    return load_valid(Path(__file__).parents[2] / "access")


def found(access: Access, day: date = DAY) -> tuple[PolicyFinding, ...]:
    return evaluate(Facts(access, day), RULES)


def ids(access: Access, rule: str = "") -> list[str]:
    return [finding.id for finding in found(access) if finding.rule.endswith(rule)]


# --- the example company ----------------------------------------------------------------------------


def test_the_example_company_has_exactly_the_weak_spots_of_its_regulation(company: Access) -> None:
    assert sorted(ids(company)) == [
        "responsibility/head-without-deputy:office/operations_office",
        "responsibility/key-users-minimum:sales",
        "responsibility/key-users-named:oa",
        "responsibility/oversees-himself:operations_office/he.qi",
        "responsibility/two-lines:decision",
        "responsibility/two-lines:oa",
    ]


def test_the_head_is_told_which_five_subsystems_he_administers(company: Access) -> None:
    (finding,) = (item for item in found(company) if item.rule == "responsibility/oversees-himself")
    assert "production, materials, finance, decision, oa" in finding.violation.message
    assert finding.violation.users == ("he.qi",)


def test_eleven_key_users_are_not_too_many_where_no_department_has_more_than_two(company: Access) -> None:
    assert len(company.subsystems["production"].key_users) == 11
    assert not ids(company, "key-users-maximum")
    strict = replace(company, policy=Policy(key_users_maximum=1))
    assert [item for item in ids(strict, "key-users-maximum") if ":production/" in item] == [
        f"responsibility/key-users-maximum:production/{department}"
        for department in ("assembly", "casting", "machining", "planning")
    ]


def test_a_deputy_of_the_one_key_user_is_enough(company: Access) -> None:
    users = dict(company.users)
    users["niu.li"] = replace(users["niu.li"], deputy="yan.song")
    assert "responsibility/key-users-minimum:sales" not in ids(replace(company, users=users))


# --- a small company --------------------------------------------------------------------------------


def access(*people: User, subsystem: Mapping[str, object] | None = None, **more: object) -> Access:
    whole = declare(users=[*people, make_user("wu.lan"), make_user("he.qi"), make_user("ma.li")])
    parts = {"business_admin": "wu.lan", "erp_admin": "he.qi", "key_users": ("wu.lan", "ma.li")}
    item = Subsystem("materials", AT, **{**parts, **(subsystem or {})})  # type: ignore[arg-type]
    return replace(whole, subsystems={"materials": item}, **more)  # type: ignore[arg-type]


def test_where_everything_is_in_order_nothing_is_found() -> None:
    assert ids(access()) == []


@pytest.mark.parametrize(
    ("part", "named"),
    [("business_admin", "materials/business_admin"), ("erp_admin", "materials/ERP_admin")],
)
def test_a_seat_that_nobody_has_is_found(part: str, named: str) -> None:
    assert ids(access(subsystem={part: None})) == [f"responsibility/answered-for:subsystem/{named}"]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (make_user("lin.tao", status=Status.LOCKED), "is locked"),
        (make_user("lin.tao", valid_from=DAY + timedelta(days=1)), "begins on 2026-11-21"),
    ],
)
def test_a_seat_whose_holder_cannot_act_is_found_with_the_reason(who: User, why: str) -> None:
    (finding,) = found(access(who, subsystem={"erp_admin": "lin.tao"}))
    assert finding.violation.message == f"lin.tao is ERP admin of subsystem materials, but cannot act: {why}"


def test_a_seat_of_somebody_who_has_left_is_for_the_rule_about_leavers() -> None:
    gone = make_user("lin.tao", status=Status.LEFT)
    assert ids(access(gone, subsystem={"erp_admin": "lin.tao"})) == []


def test_a_member_of_an_auditing_office_oversees_himself_too() -> None:
    office = Oversight("audit", "Audit", ("ma.li", "he.qi"), AT)
    assert ids(access(oversight={"audit": office})) == ["responsibility/oversees-himself:audit/he.qi"]


def test_a_member_of_an_office_of_operations_does_the_work_and_may() -> None:
    office = Oversight("operations", "Operations", ("he.qi",), AT)
    assert ids(access(operations={"operations": office})) == []


def test_an_office_oversees_only_what_it_is_said_to() -> None:
    office = Oversight("operations", "Operations", ("he.qi",), AT, head="he.qi", oversees=("sales",))
    assert ids(access(operations={"operations": office}), "oversees-himself") == []


def test_a_deputy_who_has_left_is_none() -> None:
    head = replace(make_user("lin.tao"), deputy="peng.fei")
    office = Oversight("audit", "Audit", ("lin.tao",), AT, head="lin.tao")
    gone = make_user("peng.fei", status=Status.LEFT)
    assert ids(access(head, gone, oversight={"audit": office})) == [
        "responsibility/head-without-deputy:office/audit"
    ]


def test_key_users_of_whom_nobody_knows_a_department_are_not_counted() -> None:
    services = [make_user(f"svc.{n}", kind=UserType.SERVICE, department=None) for n in range(3)]
    keys = ("wu.lan", "ma.li", *(item.key for item in services))
    (finding,) = found(access(*services, subsystem={"key_users": keys}))
    assert finding.id == "responsibility/key-users-named:materials"
    assert "svc.0, svc.1, svc.2" in finding.violation.message


def test_key_users_who_are_away_for_good_do_not_count() -> None:
    gone = [make_user(f"u{n}", status=Status.LOCKED) for n in range(2)]
    (finding,) = found(access(*gone, subsystem={"key_users": ("u0", "u1")}))
    assert finding.violation.message.startswith("materials has 0 key users at work")


def test_names_that_no_entry_has_are_passed_over() -> None:
    assert ids(access(subsystem={"erp_admin": "nobody", "key_users": ("nobody", "wu.lan", "ma.li")})) == []


# --- who leaves soon --------------------------------------------------------------------------------


def leaving(key: str, day: date) -> User:
    return replace(make_user(key), left_on=day)


def test_the_last_key_user_is_named_before_he_leaves() -> None:
    whole = access(leaving("lin.tao", DAY + timedelta(days=30)), subsystem={"key_users": ("lin.tao",)})
    (finding,) = (item for item in found(whole) if item.rule.endswith("last-one-leaves"))
    assert finding.violation.message == (
        "lin.tao leaves on 2026-12-20 and is the last key user of subsystem materials"
    )


def test_who_is_one_of_several_may_leave() -> None:
    whole = access(leaving("lin.tao", DAY), subsystem={"key_users": ("lin.tao", "wu.lan", "ma.li")})
    assert ids(whole, "last-one-leaves") == []


def test_two_who_both_leave_soon_are_both_the_last() -> None:
    people = [leaving(key, DAY + timedelta(days=3)) for key in ("lin.tao", "yin.hong")]
    whole = access(*people, subsystem={"key_users": ("lin.tao", "yin.hong")})
    assert len(ids(whole, "last-one-leaves")) == 2


def test_who_answers_for_nothing_leaves_unannounced() -> None:
    assert ids(access(leaving("lin.tao", DAY))) == []
