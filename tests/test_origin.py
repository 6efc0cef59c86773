"""What of a live plan comes from a pull request, and what would be changed without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from erpsync.model import Access, Account, AccountChange, ChangeKind, Grant, Risk, Role, Status, User
from erpsync.origin import split
from erpsync.plan import TargetPlan
from erpsync.proposal import EntryChange
from tests.builders import AT, TODAY, assign, declare, role, user
from tests.rendered_values import change, plan_of, target

BUYER, PLANNER = role("buyer", "Buyer"), role("planner", "Planner")
CHEN = user(assignments=[assign("buyer")], name="陈静")
Told = dict[str, list[tuple[str, str]]]


def access(*users: User, roles: tuple[Role, ...] = (BUYER, PLANNER)) -> Access:
    return declare(users=users, roles=roles)


def holding(*entitlements: str, login: str = "chen.jing", active: bool = True) -> Account:
    grants = tuple(Grant(entitlement) for entitlement in entitlements)
    return Account(login, "陈静", active=active, grants=grants)


def told(
    base: Access, head: Access, *changes: AccountChange, entries: tuple[EntryChange, ...] = ()
) -> tuple[Told, Told]:
    plan = target("erp", *changes)
    ours, others = split(plan, entries, base, head, TODAY)
    return _told(ours), _told(others)


def _told(changes: tuple[AccountChange, ...]) -> Told:
    return {item.user: [(each.kind.value, each.subject) for each in item.changes] for item in changes}


def moving(before: Account | None, after: Account) -> AccountChange:
    return change("chen.jing", before, after, Risk.LOW)


def test_change_of_a_user_whose_files_changed_comes_from_the_proposal() -> None:
    more = replace(CHEN, assignments=(assign("buyer"), assign("planner")))
    got = told(access(CHEN), access(more), moving(holding("Buyer"), holding("Buyer", "Planner")))
    assert got == ({"chen.jing": [("grant", "Planner")]}, {})


def test_repair_of_what_somebody_changed_by_hand_does_not() -> None:
    got = told(access(CHEN), access(CHEN), moving(holding("Buyer", "Planner"), holding("Buyer")))
    assert got == ({}, {"chen.jing": [("revoke", "Planner")]})


def test_account_with_both_is_parted() -> None:
    more = replace(CHEN, assignments=(assign("buyer"), assign("planner")))
    got = told(access(CHEN), access(more), moving(holding("Hand-made"), holding("Buyer", "Planner")))
    assert got == (
        {"chen.jing": [("grant", "Planner")]},
        {"chen.jing": [("revoke", "Hand-made"), ("grant", "Buyer")]},
    )


def test_change_of_a_role_explains_the_accounts_of_its_holders() -> None:
    wider = (role("buyer", "Buyer", "Stock"), PLANNER)
    got = told(access(CHEN), access(CHEN, roles=wider), moving(holding("Buyer"), holding("Buyer", "Stock")))
    assert got == ({"chen.jing": [("grant", "Stock")]}, {})


def test_everything_of_a_new_user_comes_from_the_proposal() -> None:
    got = told(access(), access(CHEN), moving(holding("Hand-made"), holding("Buyer")))
    assert got == ({"chen.jing": [("revoke", "Hand-made"), ("grant", "Buyer")]}, {})


def test_renamed_user_is_compared_with_its_earlier_key() -> None:
    renamed = replace(CHEN, key="jing.chen", previously=("chen.jing",))
    item = replace(moving(holding("Hand-made"), holding(login="jing.chen")), user="jing.chen")
    ours, others = told(access(CHEN), access(renamed), item)
    assert (ours, others) == ({"jing.chen": [("update", "login")]}, {"jing.chen": [("revoke", "Hand-made")]})


def test_account_created_late_for_a_user_declared_before_is_not_from_the_proposal() -> None:
    got = told(access(CHEN), access(CHEN), moving(None, holding("Buyer")))
    assert got == ({}, {"chen.jing": [("create", ""), ("grant", "Buyer")]})


def test_lock_of_a_leaver_comes_from_the_proposal() -> None:
    left = replace(CHEN, status=Status.LEFT)
    got = told(access(CHEN), access(left), moving(holding("Buyer"), holding(active=False)))
    assert got == ({"chen.jing": [("lock", ""), ("revoke", "Buyer")]}, {})


def test_role_that_ends_by_its_date_is_not_from_the_proposal() -> None:
    ending = replace(CHEN, assignments=(assign("buyer", None, date(2026, 11, 19)),))
    got = told(access(ending), access(ending), moving(holding("Buyer"), holding(active=False)))
    assert got == ({}, {"chen.jing": [("lock", ""), ("revoke", "Buyer")]})


def test_new_dates_of_a_role_are_from_the_proposal() -> None:
    shorter = replace(CHEN, assignments=(assign("buyer", None, date(2026, 12, 31)),))
    after = replace(holding(), grants=(Grant("Buyer", None, date(2026, 12, 31)),))
    got = told(access(CHEN), access(shorter), moving(holding("Buyer"), after))
    assert got == ({"chen.jing": [("retime", "Buyer")]}, {})


@pytest.mark.parametrize("entry", [("targets", "erp"), ("settings", "timezone")])
def test_where_the_target_or_the_settings_change_all_comes_from_the_proposal(entry: tuple[str, str]) -> None:
    entries = (EntryChange(*entry, "changed", AT),)
    drifted = moving(holding("Buyer", "Planner"), holding("Buyer"))
    assert told(access(CHEN), access(CHEN), drifted, entries=entries) == (
        {"chen.jing": [("revoke", "Planner")]},
        {},
    )


def test_change_of_another_target_explains_nothing_here() -> None:
    drifted = moving(holding("Buyer", "Planner"), holding("Buyer"))
    entries = (EntryChange("targets", "wms", "changed", AT), EntryChange("roles", "buyer", "changed", AT))
    assert told(access(CHEN), access(CHEN), drifted, entries=entries)[0] == {}


def test_user_that_the_head_does_not_know_is_not_from_the_proposal() -> None:
    assert told(access(CHEN), access(), moving(holding("Buyer"), holding()))[0] == {}


def test_nothing_is_lost_and_nothing_told_twice() -> None:
    more = replace(CHEN, assignments=(assign("planner"),))
    plan: TargetPlan = plan_of(target("erp", moving(holding("Buyer", "X"), holding("Planner")))).targets[0]
    ours, others = split(plan, (), access(CHEN), access(more), TODAY)
    parted = [item for side in (ours, others) for account in side for item in account.changes]
    whole = list(plan.accounts[0].changes)
    assert sorted(parted, key=whole.index) == whole
    assert all(account.has(*ChangeKind) for account in (*ours, *others))


def test_what_comes_with_a_proposed_entitlement_comes_from_the_proposal() -> None:
    more = replace(CHEN, assignments=(assign("buyer"), assign("planner")))
    moved = moving(holding("Buyer"), holding("Buyer", "Planner", "Staff"))
    plan = replace(target("erp", moved), implies={"Planner": frozenset({"Staff"})})
    ours, others = split(plan, (), access(CHEN), access(more), TODAY)
    assert _told(ours) == {"chen.jing": [("grant", "Planner"), ("grant", "Staff")]}
    assert others == ()
