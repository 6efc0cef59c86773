"""Turning the plan of a run round: accounts come back as they were, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.apply import Result, apply
from erpsync.diff import settle
from erpsync.errors import ExitCode
from erpsync.model import (
    Account,
    AccountChange,
    Catalogue,
    ChangeKind,
    Grant,
    Limit,
    LimitKind,
    Manage,
    Reason,
    Risk,
    Waiver,
    fold,
)
from erpsync.plan import TargetPlan, dump, load, make_plan
from erpsync.rollback import invert
from tests.builders import (
    AT,
    CAN,
    DIGEST,
    ENFORCE,
    NOW,
    TODAY,
    Case,
    assign,
    declare,
    make_target,
    role,
    snapshot,
    user,
)
from tests.strategies import cases
from tests.support.memory import MemoryErp

RUN = "20261120T083000Z-abc123"


def erp_of(case: Case) -> MemoryErp:
    """An ERP with the live accounts of a case."""
    erp = MemoryErp(protected=dict(case.live.protected), capabilities=case.capabilities, name="instance-1")
    for account in case.live.accounts.values():
        erp.put(account)
    return erp


def carry_out(plan: TargetPlan, case: Case, erp: MemoryErp) -> Result:
    """Apply a plan on the day of the case."""
    return apply(plan, case.target, erp, case.as_of)


def turned(
    plan: TargetPlan, case: Case, erp: MemoryErp, written: Collection[str] | None = None
) -> TargetPlan:
    """The plan that undoes another one, of which all accounts were written if nothing else is said."""
    logins = {change.login for change in plan.accounts} if written is None else written
    return invert(plan, logins, erp.snapshot(), case.capabilities, case.resolver, RUN)


def settled(accounts: Collection[Account], case: Case) -> dict[str, Account]:
    """Accounts by folded login as they stand on the day of the case."""
    return {fold(account.login): settle(account, case.as_of, case.capabilities) for account in accounts}


BUYER = role("buyer", "Purchase")
APPROVER = role("approver", "Approval", risk=Risk.CRITICAL)
ROLES = Catalogue(frozenset({"Purchase", "Approval", "Stock"}), {"company": ("A", "B")})


def story(*live: Account, **protected: str) -> Case:
    """Three users, of whom two are buyers, one has to leave; and the accounts that are there."""
    access = declare(
        users=[
            user("chen.jing", assignments=[assign("buyer")], scope={"company": ("A",)}),
            user("lin.tao", assignments=[assign("buyer"), assign("approver")]),
            user("wu.lan"),
        ],
        roles=[BUYER, APPROVER],
        target=make_target(ENFORCE),
    )
    return Case(access, snapshot(*live, protected=protected), ROLES, CAN)


CHEN = Account("chen.jing", "Old name", scope={"company": ("B",)}, grants=(Grant("Stock"),))
WU = Account("wu.lan", "陈静", grants=(Grant("Purchase"),))


@pytest.fixture
def case() -> Case:
    """Chen Jing changes, Wu Lan is locked, Lin Tao is created."""
    return story(CHEN, WU)


# --- accounts come back -------------------------------------------------------------------------------


def test_accounts_come_back_as_they_were_and_created_ones_are_locked(case: Case) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    assert carry_out(turned(plan, case, erp), case, erp).exit_code is ExitCode.DONE
    assert erp.accounts["chen.jing"] == CHEN
    assert erp.accounts["wu.lan"] == WU
    assert (erp.accounts["lin.tao"].active, erp.accounts["lin.tao"].grants) == (False, ())


@given(cases())
def test_any_plan_that_was_applied_is_undone_whole(case: Case) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    assert carry_out(plan, case, erp).exit_code is ExitCode.DONE
    _assert_undone(plan, case, erp)


def _assert_undone(plan: TargetPlan, case: Case, erp: MemoryErp) -> None:
    undo = turned(plan, case, erp)
    assert undo.held == ()
    assert carry_out(undo, case, erp).exit_code is ExitCode.DONE
    created = {fold(change.after.login) for change in plan.accounts if change.before is None}
    before = settled(case.live.accounts.values(), case)
    after = settled(erp.accounts.values(), case)
    assert {login: account for login, account in after.items() if login not in created} == before
    for login in created:
        assert (after[login].active, after[login].grants) == (False, ())
    assert turned(plan, case, erp).accounts == ()


@given(cases(), st.integers(1, 5))
def test_on_a_later_day_accounts_come_back_as_they_would_be_by_then(case: Case, days: int) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    later = replace(case, as_of=case.as_of + timedelta(days=days))
    assert carry_out(turned(plan, later, erp), later, erp).exit_code is ExitCode.DONE
    after = settled(erp.accounts.values(), later)
    for login, account in settled(case.live.accounts.values(), later).items():
        assert after[login] == account


@given(cases(), st.data())
def test_only_accounts_that_were_written_are_touched(case: Case, data: st.DataObject) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    logins = sorted(change.login for change in plan.accounts)
    written = set(data.draw(st.lists(st.sampled_from(logins)))) if logins else set[str]()
    undo = turned(plan, case, erp, written)
    assert {change.user for change in undo.accounts} <= {
        change.user for change in plan.accounts if change.login in written
    }


def test_a_rename_is_turned_round() -> None:
    person = user("wang.li.chen", previously=["wang.li"], assignments=[assign("buyer")])
    access = declare(users=[person], roles=[BUYER], target=make_target())
    case = Case(access, snapshot(Account("wang.li", "陈静", grants=(Grant("Purchase"),))), ROLES, CAN)
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    assert set(erp.accounts) == {"wang.li.chen"}
    undo = turned(plan, case, erp)
    assert [(change.user, change.login) for change in undo.accounts] == [("wang.li.chen", "wang.li")]
    carry_out(undo, case, erp)
    assert set(erp.accounts) == {"wang.li"}


# --- what has nothing to undo -------------------------------------------------------------------------


def test_an_account_that_was_not_changed_after_all_is_left(case: Case) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    assert turned(plan, case, erp).accounts == ()


def test_an_account_that_is_gone_since_is_left(case: Case) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    del erp.accounts["chen.jing"]
    assert "chen.jing" not in {change.login for change in turned(plan, case, erp).accounts}


def test_accounts_unknown_to_git_are_no_part_of_it(case: Case) -> None:
    plan = replace(case.target_plan(), unmanaged=(Account("legacy-1"),))
    assert turned(plan, case, erp_of(case)).unmanaged == ()


# --- it is a plan like any other ----------------------------------------------------------------------


def undone(case: Case) -> TargetPlan:
    """The plan that undoes the one of this case."""
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    return turned(plan, case, erp)


def by_login(plan: TargetPlan) -> dict[str, AccountChange]:
    return {change.login: change for change in plan.accounts}


def test_every_change_says_which_run_it_undoes(case: Case) -> None:
    reasons = {item.reasons for change in undone(case).accounts for item in change.changes}
    assert reasons == {(Reason(f"as it was before run {RUN}"),)}


def test_taking_a_critical_entitlement_away_again_is_a_critical_change(case: Case) -> None:
    accounts = by_login(undone(case))
    assert accounts["lin.tao"].risk is Risk.CRITICAL
    assert accounts["wu.lan"].risk is Risk.MEDIUM


def test_giving_back_what_no_role_knows_is_of_high_risk(case: Case) -> None:
    (grant,) = (item for item in by_login(undone(case))["chen.jing"].changes if item.kind is ChangeKind.GRANT)
    assert (grant.subject, grant.risk) == ("Stock", Risk.HIGH)


def test_giving_back_companies_is_of_the_same_risk_as_giving_them(case: Case) -> None:
    (scope,) = (
        item for item in by_login(undone(case))["chen.jing"].changes if item.kind is ChangeKind.RESCOPE
    )
    assert scope.risk is Risk.MEDIUM


def test_it_is_saved_and_loaded_like_any_plan(case: Case) -> None:
    plan = make_plan([undone(case)], as_of=case.as_of, now=NOW, access_digest=DIGEST, commit=None)
    assert load(dump(plan)) == plan


def test_accounts_are_locked_before_anybody_gains(case: Case) -> None:
    ranks = [not change.has(ChangeKind.LOCK) for change in undone(case).accounts]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("how", ["target", "erp"])
def test_a_protected_account_is_held_back_and_the_others_are_not(case: Case, how: str) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    if how == "erp":
        erp.protected["chen.jing"] = "an administrator of the ERP"
    else:
        access = replace(case.access, targets={"erp": make_target(ENFORCE, protected=["chen.*"])})
        case = replace(case, access=access)
    undo = turned(plan, case, erp)
    assert [held.login for held in undo.held] == ["chen.jing"]
    assert undo.held[0].changes
    assert set(by_login(undo)) == {"wu.lan", "lin.tao"}
    assert carry_out(undo, case, erp).exit_code is ExitCode.DONE


def test_a_login_that_is_protected_now_is_not_taken_again() -> None:
    person = user("wang.li.chen", previously=["wang.li"], assignments=[assign("buyer")])
    access = declare(users=[person], roles=[BUYER], target=make_target())
    case = Case(access, snapshot(Account("wang.li", "陈静", grants=(Grant("Purchase"),))), ROLES, CAN)
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    access = replace(access, targets={"erp": make_target(ENFORCE, protected=["wang.li"])})
    undo = turned(plan, replace(case, access=access), erp)
    assert (len(undo.accounts), len(undo.held)) == (0, 1)


def test_a_protected_account_that_needs_nothing_is_not_told(case: Case) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    erp.protected["chen.jing"] = "an administrator of the ERP"
    assert turned(plan, case, erp).held == ()


# --- limits -------------------------------------------------------------------------------------------


def limited(case: Case, *waived: str) -> Case:
    """The case with a limit of no lock at all, from which these users are waived."""
    target = replace(case.target, limits={LimitKind.LOCK: Limit(count=0)})
    users = frozenset(waived)
    waiver = Waiver("back", "undo", "wu.lan", frozenset({LimitKind.LOCK}), users, TODAY, AT)
    return replace(case, access=replace(case.access, targets={"erp": target}, waivers={"back": waiver}))


def test_a_rollback_has_the_limits_of_any_plan(case: Case) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    undo = turned(plan, limited(case, "chen.jing"), erp)
    assert undo.population == 3
    assert undo.excess == ("1 of 3 accounts would be locked; the limit `lock` is 0",)
    assert turned(plan, limited(case, "lin.tao"), erp).excess == ()


def test_what_is_held_back_counts_towards_no_limit(case: Case) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    erp.protected["lin.tao"] = "an administrator of the ERP"
    assert turned(plan, limited(case), erp).excess == ()


def test_a_mode_that_only_observes_does_not_stop_a_rollback(case: Case) -> None:
    plan, erp = case.target_plan(), erp_of(case)
    carry_out(plan, case, erp)
    assert turned(plan, case.with_manage(Manage()), erp).accounts == turned(plan, case, erp).accounts
