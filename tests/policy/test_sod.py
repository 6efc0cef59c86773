"""Conflicts: persons, days, scopes, where they sit, and how many may have a risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.model import ALL, Access, Assignment, Birthright, Role, SodRisk, Status, User, UserType
from erpsync.policy.duties import rulebook
from erpsync.policy.sod import Conflict, Seat, over_limit, role_conflicts
from tests.builders import AT, TODAY, assign, role, user
from tests.policy.sod_companies import company, duty, found, function, sod_risk

BUYER, KEEPER, BOTH = duty("buyer", "PO"), duty("keeper", "GR"), duty("both", "PO", "GR")
LEAD, CHIEF = duty("lead", includes=("buyer", "keeper")), duty("chief", includes=("both",))
ROLES = (BUYER, KEEPER, BOTH, LEAD, CHIEF)
P05 = sod_risk("P05", "PO", "GR")
SOON = TODAY + timedelta(days=10)
Scope = Mapping[str, tuple[str, ...]]


def declare(*users: User, risks: Sequence[SodRisk] = (P05,), roles: Sequence[Role] = ROLES) -> Access:
    positions = {"buyer": ("buyer",), "storekeeper": ("buyer", "keeper")}
    return company(*users, roles=tuple(roles), risks=tuple(risks), positions=positions)


def holder(key: str, *roles: Assignment | str, number: str | None = None, **more: object) -> User:
    held = [assign(item) if isinstance(item, str) else item for item in roles]
    return replace(user(key, assignments=held), employee_no=number, **more)  # type: ignore[arg-type]


def the_one(access: Access) -> Conflict:
    (conflict,) = found(access)
    return conflict


# --- who ------------------------------------------------------------------------------------------------


def test_one_side_alone_is_no_conflict() -> None:
    assert found(declare(holder("chen.jing", "buyer"))) == []


def test_both_sides_are_one() -> None:
    conflict = the_one(declare(holder("chen.jing", "buyer", "keeper")))
    assert (conflict.person, conflict.users, conflict.risk) == ("chen.jing", ("chen.jing",), P05)
    assert [[item.role for item in side] for side in conflict.sides] == [["buyer"], ["keeper"]]
    assert conflict.spans == ((TODAY, date.max),)


@pytest.mark.parametrize("other", ["HX7", " HX7 ", "hx7"])
def test_users_with_one_employee_number_are_one_person(other: str) -> None:
    access = declare(holder("lin.tao", "buyer", number="HX7"), holder("a.lin", "keeper", number=other))
    conflict = the_one(access)
    assert (conflict.person, conflict.users) == ("a.lin", ("a.lin", "lin.tao"))


def test_users_without_a_number_are_each_a_person_of_their_own() -> None:
    assert found(declare(holder("lin.tao", "buyer"), holder("chen.jing", "keeper"))) == []
    assert (
        found(declare(holder("lin.tao", "buyer", number=""), holder("chen.jing", "keeper", number=" "))) == []
    )


def test_a_number_that_is_another_users_key_makes_them_no_person() -> None:
    assert found(declare(holder("lin.tao", "buyer", number="a"), holder("a", "keeper"))) == []


def test_who_has_left_has_no_conflict_and_who_is_locked_has() -> None:
    assert found(declare(holder("lin.tao", "both", status=Status.LEFT))) == []
    assert len(found(declare(holder("lin.tao", "both", status=Status.LOCKED)))) == 1


def test_functions_are_of_roles_so_roles_of_two_targets_conflict() -> None:
    roles = [
        replace(role("buyer", "Purchase", target="erp"), functions=("PO",)),
        replace(role("keeper", "Stock", target="wms"), functions=("GR",)),
    ]
    assert len(found(company(holder("lin.tao", "buyer", "keeper"), roles=tuple(roles), risks=(P05,)))) == 1


def test_one_function_of_a_side_is_enough() -> None:
    either = sod_risk("S05", "PO", "INV/GR")
    assert the_one(declare(holder("lin.tao", "both"), risks=[either])).risk == either


def test_every_side_of_three_must_be_there() -> None:
    three = sod_risk("X1", "PO", "GR", "PAY")
    payer = (*ROLES, duty("payer", "PAY"))
    assert found(declare(holder("lin.tao", "both"), risks=[three], roles=payer)) == []
    assert len(found(declare(holder("lin.tao", "both", "payer"), risks=[three], roles=payer))) == 1


def test_people_of_one_department_have_what_their_own_positions_bring() -> None:
    clerk = holder("chen.jing", position="buyer", position_at=AT)
    keeper = holder("lin.tao", position="storekeeper", position_at=AT)
    assert the_one(declare(clerk, keeper)).person == "lin.tao"


# --- when -----------------------------------------------------------------------------------------------


def test_the_days_are_those_on_which_both_sides_hold() -> None:
    first, last = assign("buyer", TODAY, SOON), assign("keeper", SOON - timedelta(days=2))
    conflict = the_one(declare(holder("lin.tao", first, last)))
    assert conflict.spans == ((SOON - timedelta(days=2), SOON),)


def test_sides_that_hold_on_different_days_are_no_conflict() -> None:
    first, last = assign("buyer", None, SOON), assign("keeper", SOON + timedelta(days=1))
    assert found(declare(holder("lin.tao", first, last))) == []


def test_what_has_ended_is_no_conflict_any_more() -> None:
    ended = assign("keeper", None, TODAY - timedelta(days=1))
    assert found(declare(holder("lin.tao", "buyer", ended))) == []


def test_a_holding_that_never_meets_the_other_side_is_not_named() -> None:
    later = assign("keeper", SOON + timedelta(days=1))
    access = declare(holder("lin.tao", assign("buyer", None, SOON), "keeper", later))
    assert [item.first for item in the_one(access).sides[1]] == [TODAY]


# --- where ----------------------------------------------------------------------------------------------


def two_logins(one: Scope, other: Scope, *kinds: str) -> Access:
    access = declare(
        holder("lin.tao", "buyer", number="1", scope=one), holder("lin2", "keeper", number="1", scope=other)
    )
    functions = {"PO": function("PO", "company", "warehouse"), "GR": function("GR", *kinds)}
    return replace(access, functions=functions)


CASTINGS: Scope = {"company": ("Castings",)}
TRADING: Scope = {"company": ("Trading",)}


def test_scopes_that_do_not_meet_keep_two_halves_apart() -> None:
    assert found(two_logins(CASTINGS, TRADING, "company")) == []


@pytest.mark.parametrize("other", [CASTINGS, {"company": (ALL,)}, {"company": ("Castings", "Trading")}, {}])
def test_scopes_that_meet_do_not(other: Scope) -> None:
    assert len(found(two_logins(CASTINGS, other, "company"))) == 1


def test_every_kind_of_scope_must_meet() -> None:
    one, other = {**CASTINGS, "warehouse": ("WH1",)}, {**CASTINGS, "warehouse": ("WH2",)}
    assert found(two_logins(one, other, "company", "warehouse")) == []
    assert len(found(two_logins(one, other, "company"))) == 1


def test_a_function_that_reaches_everywhere_meets_every_scope() -> None:
    assert len(found(two_logins(CASTINGS, TRADING))) == 1


def test_what_a_login_holds_elsewhere_adds_no_days_here() -> None:
    here, there = assign("keeper", TODAY, TODAY), assign("keeper", SOON, SOON)
    access = declare(
        holder("lin.tao", "buyer", number="1", scope=CASTINGS),
        holder("lin2", here, number="1", scope=CASTINGS),
        holder("lin3", there, number="1", scope=TRADING),
    )
    functions = {key: function(key, "company") for key in ("PO", "GR")}
    conflict = the_one(replace(access, functions=functions))
    assert (conflict.users, conflict.spans) == (("lin.tao", "lin2"), ((TODAY, TODAY),))


# --- seats ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "seat"),
    [
        (holder("lin.tao", "both"), Seat.ROLE),
        (holder("lin.tao", "chief"), Seat.ROLE),
        (holder("lin.tao", "lead"), Seat.COMPOSITE),
        (holder("lin.tao", position="storekeeper", position_at=AT), Seat.POSITION),
        (holder("lin.tao", "keeper", position="storekeeper", position_at=AT), Seat.POSITION),
        (holder("lin.tao", "buyer", "keeper"), Seat.BETWEEN),
        (holder("lin.tao", "keeper", position="buyer", position_at=AT), Seat.BETWEEN),
        (holder("lin.tao", assign("keeper", None, SOON), position="buyer", position_at=AT), Seat.STAND_IN),
        (holder("lin.tao", assign("keeper", None, SOON), "keeper", "buyer"), Seat.BETWEEN),
    ],
)
def test_a_conflict_sits_where_it_is_mended(person: User, seat: Seat) -> None:
    assert the_one(declare(person)).seat is seat


def test_a_birthright_rule_is_no_assignment_either() -> None:
    rule = Birthright("all", "All", ("keeper",), AT, types=frozenset({UserType.DEDICATED}))
    access = declare(holder("lin.tao", position="buyer", position_at=AT))
    assert the_one(replace(access, birthright={"all": rule})).seat is Seat.POSITION


def test_one_critical_function_sits_in_itself() -> None:
    assert the_one(declare(holder("lin.tao", "lead"), risks=[sod_risk("C1", "PO")])).seat is Seat.FUNCTION


# --- roles ----------------------------------------------------------------------------------------------


def test_a_role_that_brings_a_risk_is_named_once_at_the_innermost() -> None:
    access = declare()
    assert [key for key, _ in role_conflicts(access, rulebook(access))] == ["both", "lead"]


def test_a_critical_function_in_a_role_is_no_conflict_of_the_role() -> None:
    access = declare(risks=[sod_risk("C1", "PO")])
    assert list(role_conflicts(access, rulebook(access))) == []


def test_roles_that_include_each_other_are_all_named() -> None:
    access = declare(roles=(duty("a", "PO", includes=("b",)), duty("b", "GR", includes=("a",))))
    assert [key for key, _ in role_conflicts(access, rulebook(access))] == ["a", "b"]


# --- how many -------------------------------------------------------------------------------------------


def holders(*held: Assignment, most: int) -> list[tuple[str, date, date]]:
    users = [holder(f"u{number}", item) for number, item in enumerate(held)]
    counting = over_limit(found(declare(*users, risks=[sod_risk("C1", "PO", most=most)])))
    return [(item.person, first, last) for item in counting for first, last in item.spans]


def test_as_many_as_may_have_a_risk_are_no_finding() -> None:
    assert holders(assign("buyer"), assign("buyer"), most=2) == []


def test_all_who_have_it_count_when_they_are_too_many() -> None:
    assert [person for person, _, _ in holders(assign("buyer"), assign("buyer"), most=1)] == ["u0", "u1"]


def test_holders_one_after_the_other_are_never_too_many() -> None:
    after = SOON + timedelta(days=1)
    assert holders(assign("buyer", None, SOON), assign("buyer", after), most=1) == []


def test_only_the_days_with_too_many_count() -> None:
    assert holders(assign("buyer"), assign("buyer", SOON, SOON), most=1) == [
        ("u0", SOON, SOON),
        ("u1", SOON, SOON),
    ]


def test_who_is_not_there_on_a_crowded_day_does_not_count() -> None:
    later = SOON + timedelta(days=5)
    crowd = holders(assign("buyer", None, SOON), assign("buyer", None, SOON), assign("buyer", later), most=1)
    assert [person for person, _, _ in crowd] == ["u0", "u1"]
