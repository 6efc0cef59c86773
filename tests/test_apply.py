"""Carrying out the plan of one target, with every way it can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync import apply as module
from erpsync.apply import Result, apply
from erpsync.codec import fingerprint
from erpsync.connectors.base import Outcome, Status
from erpsync.diff import compare, settle
from erpsync.errors import ExitCode, RefusedError, StaleError, TargetError
from erpsync.model import Account, AccountChange, Grant, Location, Target
from erpsync.plan import TargetPlan
from erpsync.preconditions import MOVED_SHOWN, check
from tests.support.memory import Fault, MemoryErp, broken, interrupted

TODAY = date(2026, 11, 22)
TARGET = Target("erp", "memory", "https://erp.example/", "env:U", "env:P", Location("a.yaml", 1, 1))
BUYER = (Grant("Buyer"),)


def change(erp: MemoryErp, login: str, /, **after: Any) -> AccountChange:
    """A planned change of an account as it is now; of none, one that creates it."""
    live = erp.accounts.get(login)
    before = settle(live, TODAY, erp.capabilities) if live else None
    wanted = replace(before, **after) if before else Account(login, **after)
    return AccountChange(login, login, before, wanted, fingerprint(live), tuple(compare(before, wanted)))


def plan_of(*changes: AccountChange, instance: str = "memory:1") -> TargetPlan:
    """A plan of these changes."""
    return TargetPlan("erp", "memory", instance, changes, (), (), unmanaged_is_drift=False)


def run(erp: MemoryErp, plan: TargetPlan, target: Target = TARGET) -> Result:
    """Carry a plan out today."""
    return apply(plan, target, erp, TODAY)


def erp_with(*logins: str) -> MemoryErp:
    """An ERP with these accounts, which hold nothing."""
    erp = MemoryErp()
    for login in logins:
        erp.put(Account(login, login))
    return erp


def statuses(result: Result) -> dict[str, Status]:
    """How each account ended."""
    return {outcome.login: outcome.status for outcome in result.outcomes}


# --- what is done -------------------------------------------------------------------------------------


def test_a_plan_is_carried_out_in_its_order() -> None:
    erp = erp_with("wu.lan", "chen.jing")
    plan = plan_of(
        change(erp, "wu.lan", active=False), change(erp, "new"), change(erp, "chen.jing", grants=BUYER)
    )
    result = run(erp, plan)
    assert result.outcomes == tuple(Outcome(login, Status.DONE) for login in ("wu.lan", "new", "chen.jing"))
    assert erp.written == ["wu.lan", "new", "chen.jing"]
    assert erp.accounts["chen.jing"].grants == BUYER
    assert result.exit_code is ExitCode.DONE
    assert result.stopped is None


def test_an_empty_plan_writes_nothing() -> None:
    erp = erp_with("wu.lan")
    assert run(erp, plan_of()).outcomes == ()
    assert erp.written == []


def test_what_an_earlier_run_did_is_not_done_again() -> None:
    erp = erp_with("wu.lan", "chen.jing")
    plan = plan_of(change(erp, "wu.lan", grants=BUYER), change(erp, "chen.jing", grants=BUYER))
    run(erp, plan)
    result = run(erp, plan)
    assert statuses(result) == {"wu.lan": Status.ALREADY, "chen.jing": Status.ALREADY}
    assert result.exit_code is ExitCode.DONE
    assert erp.written == ["wu.lan", "chen.jing"]


def test_a_rename_that_was_already_made_is_found_under_the_new_login() -> None:
    erp = erp_with("wang.li")
    renamed = replace(change(erp, "wang.li", login="wang.li.chen"), login="wang.li.chen")
    plan = plan_of(renamed)
    assert statuses(run(erp, plan)) == {"wang.li.chen": Status.DONE}
    assert statuses(run(erp, plan)) == {"wang.li.chen": Status.ALREADY}


def test_progress_is_told_batch_by_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    erp = erp_with("a", "b", "c")
    told: list[tuple[str, int, int]] = []
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in "abc"))
    apply(plan, TARGET, erp, TODAY, lambda *step: told.append(step))
    assert told == [("writing accounts", 0, 3), ("writing accounts", 2, 3), ("writing accounts", 3, 3)]


def test_a_grant_that_ended_or_began_in_the_meantime_is_no_difference() -> None:
    erp = MemoryErp()
    erp.put(Account("a", "a", grants=(Grant("Clerk", None, date(2026, 1, 31)),)))
    plan = plan_of(change(erp, "a", grants=BUYER))
    erp.put(
        Account("a", "a", grants=(Grant("Buyer", date(2026, 11, 1)), Grant("Clerk", None, date(2026, 1, 31))))
    )
    assert statuses(run(erp, plan)) == {"a": Status.ALREADY}


# --- what must hold before the first write ------------------------------------------------------------


def test_another_erp_behind_the_address_refuses_the_plan() -> None:
    erp = erp_with("a")
    with pytest.raises(StaleError, match="the ERP there is not the one the plan was made for"):
        run(erp, plan_of(change(erp, "a", grants=BUYER), instance="memory:2"))
    assert erp.written == []


def test_an_account_that_moved_refuses_the_whole_plan_and_says_how() -> None:
    erp = erp_with("a", "b")
    plan = plan_of(change(erp, "a", grants=BUYER), change(erp, "b", grants=BUYER))
    erp.put(Account("b", "changed by hand"))
    with pytest.raises(StaleError) as caught:
        run(erp, plan)
    assert caught.value.message.startswith(
        "1 of 2 accounts changed in the ERP since the plan was made, so nothing was written:\n  b: "
    )
    assert '"changed by hand"' in caught.value.message
    assert (caught.value.where, caught.value.hint) == ("target 'erp'", "make a new plan")
    assert erp.written == []


def test_an_account_that_is_gone_refuses_the_plan() -> None:
    erp = erp_with("a")
    plan = plan_of(change(erp, "a", grants=BUYER))
    del erp.accounts["a"]
    with pytest.raises(StaleError, match="a: is no longer there"):
        run(erp, plan)


def test_an_account_that_somebody_else_made_refuses_the_plan() -> None:
    erp = MemoryErp()
    plan = plan_of(change(erp, "a", grants=BUYER))
    erp.put(Account("a", "made by hand"))
    with pytest.raises(StaleError, match="a: was created by somebody else"):
        run(erp, plan)
    assert erp.written == []


def test_a_change_that_only_history_shows_still_refuses_the_plan() -> None:
    erp = erp_with("a")
    plan = plan_of(change(erp, "a", grants=BUYER))
    erp.put(Account("a", "a", grants=(Grant("Clerk", None, date(2026, 1, 31)),)))
    with pytest.raises(StaleError, match="a: a grant that has ended was changed"):
        run(erp, plan)


def test_only_so_many_moved_accounts_are_named() -> None:
    logins = [f"user.{number:02}" for number in range(25)]
    erp = erp_with(*logins)
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in logins))
    erp.accounts.clear()
    with pytest.raises(StaleError) as caught:
        run(erp, plan)
    assert caught.value.message.count("is no longer there") == MOVED_SHOWN
    assert caught.value.message.endswith("\n  and 5 more")


@pytest.mark.parametrize("how", ["target", "erp"])
def test_a_protected_account_refuses_the_plan(how: str) -> None:
    erp = erp_with("a", "boss")
    plan = plan_of(change(erp, "a", grants=BUYER), change(erp, "boss", grants=BUYER))
    target = replace(TARGET, protected=("bo*",)) if how == "target" else TARGET
    erp.protected = {"boss": "an administrator of the ERP"} if how == "erp" else {}
    with pytest.raises(RefusedError, match="boss must not be changed"):
        run(erp, plan, target)
    assert erp.written == []


@pytest.mark.parametrize(("old", "new"), [("boss", "someone"), ("someone", "boss")])
def test_neither_side_of_a_rename_may_be_protected(old: str, new: str) -> None:
    erp = erp_with(old)
    with pytest.raises(RefusedError, match="protected by the target's settings"):
        run(erp, plan_of(change(erp, old, login=new)), replace(TARGET, protected=("boss",)))


def test_an_erp_that_cannot_be_read_ends_before_the_first_write() -> None:
    erp = erp_with("a")
    plan = plan_of(change(erp, "a", grants=BUYER))
    erp.on_read[1] = broken
    with pytest.raises(TargetError, match="the ERP is gone"):
        run(erp, plan)
    assert erp.written == []


def test_check_returns_what_is_left_to_do() -> None:
    erp = erp_with("a", "b")
    done, left = change(erp, "a", grants=BUYER), change(erp, "b", grants=BUYER)
    erp.put(done.after)
    assert check(plan_of(done, left), TARGET, erp, TODAY) == (left,)


# --- accounts that fail -------------------------------------------------------------------------------


def test_an_account_that_is_refused_does_not_stop_the_others() -> None:
    erp = erp_with("a", "b", "c")
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in "abc"))
    erp.faults["b"] = Fault.REFUSE
    result = run(erp, plan)
    assert statuses(result) == {"a": Status.DONE, "b": Status.FAILED, "c": Status.DONE}
    assert result.outcomes[1].message == "the ERP says no"
    assert result.exit_code is ExitCode.PARTIAL
    assert (result.count(Status.DONE), result.count(Status.FAILED)) == (2, 1)


def test_an_erp_that_says_yes_and_does_nothing_is_found_out() -> None:
    erp = erp_with("a")
    plan = plan_of(change(erp, "a", active=False, grants=BUYER))
    erp.faults["a"] = Fault.PRETEND
    (outcome,) = run(erp, plan).outcomes
    assert outcome == Outcome(
        "a",
        Status.FAILED,
        "the ERP accepted the change but did not make it; still to do: lock, grant Buyer",
    )


def test_an_account_that_is_not_there_after_creating_it_is_found_out() -> None:
    erp = MemoryErp(faults={"a": Fault.PRETEND})
    (outcome,) = run(erp, plan_of(change(erp, "a"))).outcomes
    assert outcome == Outcome("a", Status.FAILED, "the account is not there after writing")


def test_an_account_that_moves_after_the_check_is_not_overwritten() -> None:
    erp = erp_with("a", "b")
    plan = plan_of(change(erp, "a", grants=BUYER), change(erp, "b", grants=BUYER))
    by_hand = Account("a", "by hand")
    erp.on_read[2] = lambda: erp.put(by_hand)
    result = run(erp, plan)
    assert statuses(result) == {"a": Status.MOVED, "b": Status.DONE}
    assert erp.accounts["a"] == by_hand


def test_an_account_that_moves_while_it_is_written_is_not_overwritten() -> None:
    erp = erp_with("a", "b")
    plan = plan_of(change(erp, "a", grants=BUYER), change(erp, "b", grants=BUYER))
    write = erp._write

    def somebody_is_faster(*arguments: Any) -> Outcome:
        erp.put(erp.accounts["b"])
        return write(*arguments)

    erp._write = somebody_is_faster  # type: ignore[method-assign,assignment]
    result = run(erp, plan)
    assert statuses(result) == {"a": Status.DONE, "b": Status.MOVED}
    assert erp.accounts["b"].grants == ()


# --- runs that are cut short --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status"), [(Fault.BREAK_BEFORE, Status.FAILED), (Fault.BREAK_AFTER, Status.DONE)]
)
def test_after_a_broken_connection_reading_back_tells_what_was_done(fault: Fault, status: Status) -> None:
    erp = erp_with("a", "b", "c")
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in "abc"))
    erp.faults["b"] = fault
    result = run(erp, plan)
    assert statuses(result) == {"a": Status.DONE, "b": status, "c": Status.FAILED}
    assert result.outcomes[2].message == "the connection broke; still to do: grant Buyer"


def test_an_account_not_created_over_a_broken_connection_says_so() -> None:
    erp = MemoryErp(faults={"a": Fault.BREAK_BEFORE})
    (outcome,) = run(erp, plan_of(change(erp, "a"))).outcomes
    assert outcome == Outcome("a", Status.FAILED, "the connection broke")


@pytest.mark.parametrize(("stop", "words"), [(broken, "the ERP is gone"), (interrupted, "interrupted")])
def test_what_was_being_written_when_the_run_ended_is_not_known(
    stop: Callable[[], None], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", 1)
    erp = erp_with("a", "b", "c")
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in "abc"))
    # Read once to check, then before and after each batch: the fifth is to see whether b was done.
    erp.on_read[5] = stop
    result = run(erp, plan)
    assert statuses(result) == {"a": Status.DONE, "b": Status.UNKNOWN, "c": Status.NOT_TRIED}
    assert result.stopped == words
    assert result.exit_code is ExitCode.PARTIAL


@pytest.mark.parametrize("fault", [Fault.INTERRUPT_BEFORE, Fault.INTERRUPT_AFTER])
def test_ctrl_c_while_writing_ends_the_run_with_a_summary(fault: Fault) -> None:
    erp = erp_with("a", "b")
    plan = plan_of(change(erp, "a", grants=BUYER), change(erp, "b", grants=BUYER))
    erp.faults["a"] = fault
    result = run(erp, plan)
    assert statuses(result) == {"a": Status.UNKNOWN, "b": Status.UNKNOWN}
    assert result.stopped == "interrupted"


def test_what_had_moved_stays_told_when_the_run_ends_early() -> None:
    erp = erp_with("a", "b")
    plan = plan_of(change(erp, "a", grants=BUYER), change(erp, "b", grants=BUYER))
    erp.on_read = {2: lambda: erp.put(Account("a", "by hand")), 3: broken}
    assert statuses(run(erp, plan)) == {"a": Status.MOVED, "b": Status.UNKNOWN}


@given(
    faults=st.lists(
        st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(Fault), max_size=3), max_size=4
    ),
    reads=st.dictionaries(st.integers(1, 12), st.sampled_from([broken, interrupted]), max_size=3),
    batch=st.integers(1, 4),
)
def test_the_same_plan_converges_after_any_interruptions_and_writes_nothing_twice(
    faults: list[dict[str, Fault]], reads: dict[int, Callable[[], None]], batch: int
) -> None:
    erp = erp_with("a", "b", "c", "d")
    wanted: dict[str, dict[str, Any]] = {
        "a": {"active": False},
        "b": {"grants": BUYER},
        "c": {"name": "C"},
        "d": {"scope": {"company": ("X",)}},
        "e": {"grants": BUYER},
        "f": {},
    }
    plan = plan_of(*(change(erp, login, **after) for login, after in wanted.items()))
    erp.on_read = dict(reads)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BATCH", batch)
        for fault in faults:
            erp.faults = fault
            try:
                run(erp, plan)
            except (TargetError, KeyboardInterrupt):
                assert erp.on_read  # only a read may end it like this
        erp.faults, erp.on_read = {}, {}
        assert run(erp, plan).exit_code is ExitCode.DONE
    assert sorted(erp.written) == sorted(wanted)
    assert run(erp, plan).count(Status.ALREADY) == len(wanted)
