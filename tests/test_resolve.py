"""Declared state → accounts: dates, standing, chains of roles. The properties are in test_properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.model import Access, Account, Birthright, Grant, Risk, Role, Status, User, UserType
from erpsync.resolve import Resolver, included, resolver
from tests.builders import AT, ERP, TODAY, assign, declare, position, role, user

BUYER, APPROVER = role("buyer", "Purchase"), role("approver", "Purchase / Approval")
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def resolve(access: Access, as_of: date = TODAY, *, validity: bool = True) -> Resolver:
    return resolver(access, ERP, as_of, validity=validity)


def account(person: User, as_of: date = TODAY, *, validity: bool = True) -> Account:
    return resolve(declare(users=[person], roles=[BUYER, APPROVER]), as_of, validity=validity).account(person)


def grants(person: User, as_of: date = TODAY, *, validity: bool = True) -> tuple[Grant, ...]:
    return account(person, as_of, validity=validity).grants


# --- days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("validity", [True, False])
@pytest.mark.parametrize(
    ("as_of", "holds"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_assignment_holds_from_its_first_to_its_last_day(as_of: date, holds: bool, validity: bool) -> None:
    person = user(assignments=[assign("buyer", date(2026, 11, 1), date(2026, 12, 31))])
    assert account(person, as_of, validity=validity).active is holds
    assert bool(grants(person, as_of, validity=validity)) is holds


@pytest.mark.parametrize(
    ("as_of", "holds"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_user_has_access_from_the_first_to_the_last_day(as_of: date, holds: bool) -> None:
    person = user(valid_from=date(2026, 11, 1), valid_to=date(2026, 12, 31), assignments=[assign("buyer")])
    assert account(person, as_of).active is holds


def test_assignment_of_a_single_day_holds_on_that_day() -> None:
    assert grants(user(assignments=[assign("buyer", TODAY, TODAY)])) == (Grant("Purchase", None, TODAY),)


def test_begun_grant_is_open_at_its_beginning_and_keeps_its_end() -> None:
    assert grants(user(assignments=[assign("buyer", YESTERDAY, TOMORROW)])) == (
        Grant("Purchase", None, TOMORROW),
    )


def test_earlier_of_two_last_days_and_later_of_two_first_days_count() -> None:
    inner = (assign("buyer"), assign("approver", date(2026, 12, 1), date(2026, 12, 31)))
    outer = user(valid_from=YESTERDAY, valid_to=date(2027, 1, 31), assignments=inner)
    assert grants(outer) == (
        Grant("Purchase", None, date(2027, 1, 31)),
        Grant("Purchase / Approval", date(2026, 12, 1), date(2026, 12, 31)),
    )


def test_user_dates_bound_those_of_the_assignment() -> None:
    person = user(valid_to=TOMORROW, assignments=[assign("buyer", YESTERDAY, date(2027, 6, 30))])
    assert grants(person) == (Grant("Purchase", None, TOMORROW),)


def test_assignment_after_the_last_day_of_the_user_never_holds() -> None:
    late = assign("approver", date(2027, 2, 1), date(2027, 3, 31))
    person = user(valid_to=date(2026, 12, 31), assignments=[assign("buyer"), late])
    assert grants(person) == (Grant("Purchase", None, date(2026, 12, 31)),)


def test_assignment_before_the_first_day_of_the_user_never_holds() -> None:
    early = assign("approver", None, YESTERDAY)
    person = user(valid_from=TODAY, assignments=[assign("buyer"), early])
    assert grants(person) == (Grant("Purchase"),)


def test_overlapping_assignments_become_one_span() -> None:
    person = user(
        assignments=[
            assign("buyer", None, date(2026, 12, 10)),
            assign("buyer", date(2026, 12, 1), date(2026, 12, 31)),
        ]
    )
    assert grants(person) == (Grant("Purchase", None, date(2026, 12, 31)),)


def test_assignments_on_neighbouring_days_become_one_span() -> None:
    person = user(
        assignments=[assign("buyer", None, date(2026, 12, 10)), assign("buyer", date(2026, 12, 11))]
    )
    assert grants(person) == (Grant("Purchase"),)


def test_span_without_end_swallows_those_that_follow() -> None:
    person = user(assignments=[assign("buyer"), assign("buyer", TOMORROW, date(2027, 1, 1))])
    assert grants(person) == (Grant("Purchase"),)


def test_gap_of_one_day_keeps_two_spans() -> None:
    person = user(
        assignments=[assign("buyer", None, date(2026, 12, 10)), assign("buyer", date(2026, 12, 12))]
    )
    assert grants(person) == (
        Grant("Purchase", None, date(2026, 12, 10)),
        Grant("Purchase", date(2026, 12, 12)),
    )


def test_span_inside_another_adds_nothing() -> None:
    person = user(
        assignments=[
            assign("buyer", None, date(2027, 1, 1)),
            assign("buyer", date(2026, 12, 1), date(2026, 12, 2)),
        ]
    )
    assert grants(person) == (Grant("Purchase", None, date(2027, 1, 1)),)


def test_last_day_of_the_calendar_is_a_day_like_any_other() -> None:
    person = user(assignments=[assign("buyer", None, date.max), assign("buyer", TOMORROW)])
    assert grants(person) == (Grant("Purchase"),)


def test_first_day_of_the_calendar_is_a_day_like_any_other() -> None:
    person = user(assignments=[assign("buyer", date.min), assign("buyer", date.min, TOMORROW)])
    assert grants(person) == (Grant("Purchase"),)


def test_future_grant_is_written_ahead_where_the_erp_keeps_dates() -> None:
    person = user(assignments=[assign("buyer"), assign("approver", TOMORROW)])
    assert grants(person) == (Grant("Purchase"), Grant("Purchase / Approval", TOMORROW))


def test_future_grant_waits_for_its_day_where_the_erp_keeps_none() -> None:
    person = user(assignments=[assign("buyer"), assign("approver", TOMORROW)])
    assert grants(person, validity=False) == (Grant("Purchase"),)
    assert grants(person, TOMORROW, validity=False) == (Grant("Purchase"), Grant("Purchase / Approval"))


def test_account_with_nothing_for_today_waits_for_its_day() -> None:
    waiting = account(user(assignments=[assign("approver", TOMORROW)]))
    assert (waiting.active, waiting.grants) == (False, ())


# --- standing ---------------------------------------------------------------------------------------


def test_locked_user_keeps_grants_but_cannot_log_in() -> None:
    locked = account(user(status=Status.LOCKED, assignments=[assign("buyer")]))
    assert (locked.active, locked.grants) == (False, (Grant("Purchase"),))


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (user(status=Status.LEFT), "has left"),
        (user(valid_to=YESTERDAY), f"ended on {YESTERDAY}"),
        (user(valid_from=TOMORROW), f"begins on {TOMORROW}"),
    ],
)
def test_user_without_standing_has_no_grants_and_says_why(person: User, why: str) -> None:
    person = replace(person, assignments=(assign("buyer"),))
    standing = resolve(declare(users=[person], roles=[BUYER])).standing(person)
    assert (standing.active, standing.keeps_grants, standing.why) == (False, False, why)
    assert (account(person).active, account(person).grants) == (False, ())


def test_position_grants_nothing_after_the_last_day_of_the_user() -> None:
    person = user(position="buyer", valid_to=YESTERDAY)
    found = resolve(declare(users=[person], roles=[BUYER], positions=[position("buyer", "buyer")]))
    assert found.grants(person) == ()
    assert found.grants(replace(person, valid_to=None)) == (Grant("Purchase"),)


def test_locked_user_past_the_last_day_loses_the_grants() -> None:
    assert grants(user(status=Status.LOCKED, valid_to=YESTERDAY, assignments=[assign("buyer")])) == ()


def test_account_takes_the_login_of_the_target_and_the_attributes_of_the_user() -> None:
    person = user(
        logins={ERP: "CJ0023", "other": "x"},
        email="chen.jing@huaxin.example",
        language="zh_CN",
        scope={"company": ("Huaxin Trading",)},
        assignments=[assign("buyer")],
    )
    assert account(person) == Account(
        "CJ0023",
        "陈静",
        "chen.jing@huaxin.example",
        "zh_CN",
        active=True,
        scope={"company": ("Huaxin Trading",)},
        grants=(Grant("Purchase"),),
    )


# --- where roles come from --------------------------------------------------------------------------


def test_position_brings_its_roles() -> None:
    person = user(position="buyer")
    access = declare(users=[person], roles=[BUYER], positions=[position("buyer", "buyer")])
    assert resolve(access).account(person).grants == (Grant("Purchase"),)


@pytest.mark.parametrize(
    ("rule", "matches"),
    [
        (Birthright("all", "All", ("buyer",), AT), True),
        (Birthright("type", "Type", ("buyer",), AT, types=frozenset({"dedicated"})), True),
        (Birthright("type", "Type", ("buyer",), AT, types=frozenset({"service"})), False),
        (Birthright("dept", "Dept", ("buyer",), AT, departments=frozenset({"purchasing"})), True),
        (Birthright("dept", "Dept", ("buyer",), AT, departments=frozenset({"sales"})), False),
        (Birthright("pos", "Pos", ("buyer",), AT, positions=frozenset({"buyer"})), False),
        (
            Birthright(
                "both", "Both", ("buyer",), AT, frozenset({"dedicated"}), frozenset({"sales", "purchasing"})
            ),
            True,
        ),
        (
            Birthright("both", "Both", ("buyer",), AT, frozenset({"service"}), frozenset({"purchasing"})),
            False,
        ),
    ],
)
def test_birthright_rule_matches_who_meets_every_condition(rule: Birthright, matches: bool) -> None:
    person = user(kind=UserType.DEDICATED, department="purchasing")
    access = declare(users=[person], roles=[BUYER], birthright=[rule])
    assert bool(resolve(access).account(person).grants) is matches


def test_composite_role_brings_what_it_includes_by_the_shortest_chain() -> None:
    person = user(assignments=[assign("lead")])
    roles = [
        role("lead", "Report", includes=["clerk", "buyer"]),
        role("clerk", includes=["buyer"]),
        role("buyer", "Purchase", includes=["lead"]),
    ]
    ways = list(resolve(declare(users=[person], roles=roles)).entitled(person))
    assert [(way.entitlement, way.chain) for way in ways] == [
        ("Report", ("lead",)),
        ("Purchase", ("lead", "buyer")),
    ]


def test_role_that_includes_itself_is_walked_once() -> None:
    person = user(assignments=[assign("buyer")])
    access = declare(users=[person], roles=[role("buyer", "Purchase", includes=["buyer", "gone"])])
    assert resolve(access).account(person).grants == (Grant("Purchase"),)


def test_entitlements_of_another_target_do_not_count() -> None:
    person = user(assignments=[assign("buyer")])
    access = declare(users=[person], roles=[role("buyer", "Purchase", target="other")])
    assert resolve(access).account(person).grants == ()


def test_entitlement_is_as_risky_as_the_riskiest_role_that_grants_it() -> None:
    roles = [
        role("buyer", "Purchase", risk=Risk.LOW),
        role("approver", "Purchase", risk=Risk.CRITICAL),
        role("keeper", "Purchase", "Stock", risk=Risk.HIGH),
    ]
    for ordered in (roles, roles[::-1]):
        risks = resolve(declare(roles=ordered)).risks
        assert risks == {"Purchase": Risk.CRITICAL, "Stock": Risk.HIGH}


def test_reason_tells_the_way_the_chain_the_days_and_the_request() -> None:
    person = user(
        position="buyer", assignments=[assign("lead", YESTERDAY, TOMORROW, request="REQ-2026-0417")]
    )
    access = declare(
        users=[person],
        roles=[BUYER, role("lead", includes=["buyer"])],
        positions=[position("buyer", "buyer")],
        birthright=[Birthright("everybody", "Everybody", ("buyer",), AT)],
    )
    reasons = [way.reason for way in resolve(access).entitled(person)]
    assert [reason.text for reason in reasons] == [
        "position buyer",
        "birthright rule everybody",
        f"assignment through lead → buyer from {YESTERDAY} until {TOMORROW}",
    ]
    assert [(reason.role, reason.request, reason.at) for reason in reasons] == [
        ("buyer", None, AT),
        ("buyer", None, AT),
        ("lead", "REQ-2026-0417", AT),
    ]


@pytest.mark.parametrize(
    ("as_of", "on", "ended"),
    [(YESTERDAY, False, False), (TODAY, True, False), (TOMORROW, False, True)],
)
def test_way_is_open_on_its_days_and_ended_after_them(as_of: date, on: bool, ended: bool) -> None:
    person = user(assignments=[assign("buyer", TODAY, TODAY)])
    (way,) = resolve(declare(users=[person], roles=[BUYER])).entitled(person)
    assert (way.on(as_of), way.ended(as_of)) == (on, ended)


# --- all users --------------------------------------------------------------------------------------


def test_desired_accounts_are_keyed_by_folded_login_with_earlier_ones() -> None:
    renamed = user("Chen.Jing", previously=["Chen.J", "cj"], logins={ERP: "CJ0023"})
    desired = resolve(declare(users=[renamed, user("lin.tao")])).desired()
    assert set(desired.accounts) == {"cj0023", "lin.tao"}
    assert desired.users == {"cj0023": "Chen.Jing", "lin.tao": "lin.tao"}
    assert desired.earlier == {"cj0023": ("chen.jing", "chen.j", "cj")}


def test_included_roles_are_found_however_deep_and_once_each() -> None:
    roles = {
        item.key: item
        for item in (
            role("a", includes=["b", "c"]),
            role("b", includes=["c", "gone"]),
            role("c", includes=["a"]),
        )
    }
    assert list(included("b", roles)) == ["b", "c", "a"]
    assert included("gone", roles) == {}


# --- what comes with an entitlement -----------------------------------------------------------------


IMPLIES = {"Manager": frozenset({"Salesman", "User"}), "Salesman": frozenset({"User"})}


def brought(person: User, *roles_: Role, as_of: date = TODAY) -> dict[str, tuple[date | None, str]]:
    """The last day and the reason of each entitlement."""
    access = declare(users=[person], roles=roles_)
    found = resolver(access, ERP, as_of, validity=True, implies=IMPLIES)
    ends = {grant.entitlement: grant.valid_to for grant in found.grants(person)}
    return {way.entitlement: (ends[way.entitlement], way.reason.text) for way in found.entitled(person)}


def test_what_comes_with_an_entitlement_is_part_of_the_account_and_says_what_brings_it() -> None:
    person = user(assignments=[assign("head")])
    assert brought(person, role("head", "Manager")) == {
        "Manager": (None, "assignment"),
        "Salesman": (None, "comes with Manager, assignment"),
        "User": (None, "comes with Manager, assignment"),
    }


def test_what_a_role_grants_itself_does_not_come_with_something_else() -> None:
    person = user(assignments=[assign("head")])
    assert brought(person, role("head", "Manager", "User"))["User"] == (None, "assignment")


def test_what_comes_with_two_entitlements_holds_as_long_as_either_of_them() -> None:
    person = user(assignments=[assign("head", last=TOMORROW), assign("seller")])
    found = brought(person, role("head", "Manager"), role("seller", "Salesman"))
    assert {name: end for name, (end, _) in found.items()} == {
        "Manager": TOMORROW,
        "Salesman": None,
        "User": None,
    }


def test_what_comes_through_an_included_role_names_the_chain() -> None:
    person = user(assignments=[assign("all")])
    found = brought(person, role("all", includes=["seller"]), role("seller", "Salesman"))
    assert found["User"] == (None, "comes with Salesman, assignment through all → seller")
