"""Live holdings: whose accounts are, which roles they amount to, and what git does not bring."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from erpsync.model import Access, Account, Function, Grant, SodRisk, User
from erpsync.policy.base import Facts, LiveTarget, evaluate
from erpsync.policy.live import SOD_LIVE, accounts_of, live_holdings
from erpsync.policy.live_target import live_target
from tests.builders import CAN, ERP, TODAY, assign, role, snapshot, user
from tests.support.policies import KEEPER, PAYER, VENDOR_AND_PAY, both, company, keeper

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
VENDORS, PAYMENTS = Grant("Vendors"), Grant("Payments")


def account(*grants: Grant, login: str = "chen.jing", active: bool = True) -> Account:
    return Account(login, active=active, grants=grants)


def read(access: Access, *accounts: Account) -> LiveTarget:
    return live_target(access, access.targets[ERP], snapshot(*accounts), CAN, TODAY, {})


def held(access: Access, *accounts: Account, key: str = "chen.jing") -> list[str]:
    source = live_holdings(access, TODAY, accounts_of({ERP: read(access, *accounts)}))
    user = access.users[key]
    found = [item.role for item in source.holdings(user)]
    assert set(source.roles(user)) == set(found)
    return found


def ids(access: Access, *accounts: Account) -> list[str]:
    facts = Facts(access, TODAY, {ERP: read(access, *accounts)})
    return [item.id for item in evaluate(facts, [SOD_LIVE])]


# --- whose an account is ------------------------------------------------------------------------------


def test_an_account_is_its_users_by_login_by_case_and_by_an_earlier_login() -> None:
    access = company(
        user("chen.jing", logins={ERP: "HQ7"}), user("lin.tao"), user("wu.lan", previously=["wu.l"])
    )
    target = read(access, account(login="chen.jing"), account(login="Lin.Tao"), account(login="wu.l"))
    assert target.owners == {"chen.jing": "chen.jing", "lin.tao": "lin.tao", "wu.l": "wu.lan"}


def test_what_nobody_declared_is_nobodys() -> None:
    assert read(company(keeper()), account(login="stranger")).owners == {}


def test_what_the_erp_says_of_accounts_is_kept() -> None:
    access = company(keeper())
    live = snapshot(account(), protected={"admin": "built in"})
    target = live_target(access, access.targets[ERP], live, CAN, TODAY, {"chen.jing": YESTERDAY})
    assert (target.builtin, target.last_login) == ({"admin": "built in"}, {"chen.jing": YESTERDAY})


# --- which roles are held -----------------------------------------------------------------------------


def test_a_role_is_held_when_everything_that_it_grants_is() -> None:
    access = company(user("chen.jing"), roles=(role("one", "A"), role("two", "A", "B"), role("none")))
    assert held(access, account(Grant("A"))) == ["one"]
    assert held(access, account(Grant("A"), Grant("B"))) == ["one", "two"]
    assert held(access, account()) == []


def test_what_included_roles_grant_belongs_to_a_role() -> None:
    access = company(user("chen.jing"), roles=(role("lead", "A", includes=["one"]), role("one", "B")))
    assert held(access, account(Grant("A"))) == []
    assert held(access, account(Grant("A"), Grant("B"))) == ["lead", "one"]


def test_a_locked_account_holds_nothing() -> None:
    assert held(company(keeper()), account(VENDORS, active=False)) == []


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        (None, TODAY, True),
        (TODAY, None, True),
        (TOMORROW, None, False),
        (None, YESTERDAY, False),
        (datetime(2026, 11, 20, 7, tzinfo=UTC), datetime(2026, 11, 20, 9, tzinfo=UTC), True),
    ],
)
def test_only_what_holds_on_the_day_counts(first: date | None, last: date | None, holds: bool) -> None:
    found = held(company(keeper()), account(Grant("Vendors", first, last)))
    assert found == (["keeper"] if holds else [])


def test_a_role_is_held_as_long_as_the_first_of_what_it_grants_that_ends() -> None:
    access = company(user("chen.jing"), roles=(role("two", "A", "B"),))
    live = read(access, account(Grant("A", None, TOMORROW), Grant("A", None, TODAY), Grant("B")))
    source = live_holdings(access, TODAY, accounts_of({ERP: live}))
    (holding,) = source.holdings(access.users["chen.jing"])
    assert (holding.first, holding.last, holding.via) == (TODAY, TOMORROW, "live in erp")


# --- what git does not bring --------------------------------------------------------------------------


def test_a_conflict_that_was_made_by_hand_is_found() -> None:
    access = company(keeper())
    facts = Facts(access, TODAY, {ERP: read(access, account(VENDORS, PAYMENTS))})
    (found,) = evaluate(facts, [SOD_LIVE])
    assert (found.id, found.blocks, found.controls) == (
        "sod-live/P01:chen.jing",
        True,
        ("SOX:ITGC-SoD",),
    )
    assert "PAY by payer (live in erp)" in found.violation.message
    assert "between roles" in found.violation.message
    assert "payer（实际持有于 erp）" in found.violation.message_zh
    assert found.violation.hint is not None
    assert "in the ERP" in found.violation.hint


def test_what_git_brings_is_told_there_and_not_again() -> None:
    assert ids(company(both()), account(VENDORS, PAYMENTS)) == []


def test_what_git_brings_only_later_is_new_today() -> None:
    later = user("chen.jing", assignments=[assign("keeper"), assign("payer", TOMORROW)])
    assert ids(company(later), account(VENDORS, PAYMENTS)) == ["sod-live/P01:chen.jing"]


def test_halves_in_two_targets_are_one_conflict() -> None:
    access = company(keeper(), roles=(KEEPER, replace(PAYER, entitlements={"bank": ("Payments",)})))
    access = replace(access, targets={**access.targets, "bank": replace(access.targets[ERP], name="bank")})
    bank = live_target(access, access.targets["bank"], snapshot(account(PAYMENTS)), CAN, TODAY, {})
    facts = Facts(access, TODAY, {ERP: read(access, account(VENDORS)), "bank": bank})
    assert [item.id for item in evaluate(facts, [SOD_LIVE])] == ["sod-live/P01:chen.jing"]


def test_without_a_target_nothing_is_found() -> None:
    assert list(evaluate(Facts(company(both()), TODAY), [SOD_LIVE])) == []


CRITICAL = SodRisk(
    "C1", "Payments", (("PAY",),), VENDOR_AND_PAY.level, "can pay", VENDOR_AND_PAY.at, max_holders=1
)


def payers(*users: User) -> Access:
    access = company(*users, risk=CRITICAL)
    return replace(access, functions={**access.functions, "PAY": Function("PAY", "Pay", CRITICAL.at)})


def test_who_may_is_counted_with_those_that_git_names() -> None:
    one = user("lin.tao", assignments=[assign("payer")])
    by_hand = account(PAYMENTS)
    assert ids(payers(one, user("chen.jing")), by_hand) == ["sod-live/C1:chen.jing"]
    assert ids(payers(user("lin.tao"), user("chen.jing")), by_hand) == []
