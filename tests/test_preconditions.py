"""What must hold before a plan is written, and before each account of it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

import pytest

from erpsync.connectors.base import Status
from erpsync.errors import ExitCode, RefusedError, StaleError
from erpsync.model import Account, Grant, Snapshot
from erpsync.preconditions import check, live_of, logins_of, state_of
from tests.support.memory import DATES_AND_COMPANIES, MemoryErp
from tests.test_apply import BUYER, TARGET, TODAY, change, erp_with, plan_of

OVER = "2 of 4 accounts would be locked; the limit `lock` is 1"


def test_a_plan_over_a_limit_is_refused_before_the_erp_is_even_read() -> None:
    erp = erp_with("a")
    plan = replace(plan_of(change(erp, "a", active=False)), excess=(OVER, "and another"))
    with pytest.raises(RefusedError) as caught:
        check(plan, TARGET, erp, TODAY)
    assert caught.value.message == f"the plan goes over a limit:\n  {OVER}\n  and another"
    assert caught.value.exit_code is ExitCode.REFUSED
    assert caught.value.hint
    assert (erp.reads, erp.written) == (0, [])


def test_only_the_accounts_of_the_plan_are_read() -> None:
    erp = erp_with("a", "b")
    asked: list[object] = []
    snapshot = erp.snapshot

    def asking(logins: Collection[str] | None = None) -> Snapshot:
        asked.append(logins)
        return snapshot(logins)

    erp.snapshot = asking  # type: ignore[method-assign]
    check(plan_of(change(erp, "a", grants=BUYER)), TARGET, erp, TODAY)
    assert asked == [frozenset({"a"})]


def test_nothing_to_do_still_asks_which_erp_is_there() -> None:
    with pytest.raises(StaleError):
        check(plan_of(instance="memory:2"), TARGET, MemoryErp(), TODAY)
    assert check(plan_of(), TARGET, MemoryErp(), TODAY) == ()


@pytest.mark.parametrize("protected", ["CHEN.JING", "chen.*"])
def test_a_protection_does_not_look_at_case(protected: str) -> None:
    erp = MemoryErp()
    erp.put(Account("Chen.Jing"))
    change_of = replace(change(erp, "chen.jing", grants=BUYER), login="chen.jing")
    with pytest.raises(RefusedError, match=r"chen\.jing must not be changed"):
        check(plan_of(change_of), replace(TARGET, protected=(protected,)), erp, TODAY)


# --- one account --------------------------------------------------------------------------------------


def test_an_account_is_looked_for_under_every_login_it_may_have() -> None:
    erp = erp_with("wang.li")
    renamed = change(erp, "wang.li", login="Wang.Li.Chen")
    assert logins_of([renamed, change(erp, "New")]) == {"wang.li", "wang.li.chen", "new"}


def test_an_account_is_found_before_and_after_it_is_renamed() -> None:
    erp = erp_with("wang.li")
    renamed = change(erp, "wang.li", login="wang.li.chen")
    old, new = Account("wang.li"), Account("wang.li.chen")
    assert live_of(renamed, Snapshot({"wang.li": old})) is old
    assert live_of(renamed, Snapshot({"wang.li.chen": new})) is new
    assert live_of(renamed, Snapshot({})) is None


def test_an_account_as_it_was_planned_from_may_be_written() -> None:
    erp = erp_with("a")
    assert state_of(change(erp, "a", grants=BUYER), erp.accounts["a"], TODAY, DATES_AND_COMPANIES) is None


def test_an_account_as_it_should_become_is_done_already() -> None:
    erp = erp_with("a")
    planned = change(erp, "a", grants=BUYER)
    begun = replace(planned.after, grants=(Grant("Buyer", date(2026, 1, 1)),))
    assert state_of(planned, begun, TODAY, DATES_AND_COMPANIES) is Status.ALREADY


def test_what_is_not_declared_of_a_new_account_is_as_the_erp_gives_it() -> None:
    erp = erp_with()
    planned = change(erp, "new", grants=BUYER)
    given = replace(planned.after, name="New", email="new@huaxin.example", language="en")
    assert state_of(planned, given, TODAY, DATES_AND_COMPANIES) is Status.ALREADY
    assert state_of(planned, replace(given, grants=()), TODAY, DATES_AND_COMPANIES) is Status.MOVED


@pytest.mark.parametrize("live", [None, Account("a", "by hand")])
def test_an_account_that_is_neither_has_moved(live: Account | None) -> None:
    erp = erp_with("a")
    planned = change(erp, "a", grants=BUYER)
    assert state_of(planned, live, TODAY, DATES_AND_COMPANIES) is Status.MOVED


def test_an_account_to_be_locked_that_is_gone_has_moved() -> None:
    erp = erp_with("a")
    assert state_of(change(erp, "a", active=False), None, TODAY, DATES_AND_COMPANIES) is Status.MOVED


def test_a_new_login_that_somebody_else_took_since_refuses_the_plan() -> None:
    erp = erp_with("chen.j")
    plan = plan_of(change(erp, "chen.j", login="chen.jing"))
    erp.put(Account("chen.jing", "Chen Jing"))
    with pytest.raises(StaleError, match=r"its new login chen\.jing was taken by somebody else"):
        check(plan, TARGET, erp, TODAY)


def test_an_account_only_unlocked_by_a_killed_run_is_still_to_do() -> None:
    erp = MemoryErp()
    erp.put(Account("chen.jing", "Chen", active=False))
    planned = change(erp, "chen.jing", active=True, name="Chen Jing", grants=BUYER)
    erp.put(Account("chen.jing", "Chen", grants=BUYER))
    assert check(plan_of(planned), TARGET, erp, TODAY) == (planned,)


def test_an_account_unlocked_and_edited_by_somebody_else_has_moved() -> None:
    erp = MemoryErp()
    erp.put(Account("chen.jing", "Chen", active=False))
    planned = change(erp, "chen.jing", active=True, name="Chen Jing")
    erp.put(Account("chen.jing", "Somebody"))
    with pytest.raises(StaleError):
        check(plan_of(planned), TARGET, erp, TODAY)
