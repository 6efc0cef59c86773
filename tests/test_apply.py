"""Carrying out the plan of one target, with every way it can go wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync import apply as module
from erpsync.apply import MOST_FAILURES, MOST_FAILURES_IN_A_ROW, ErrorBudget, Result, apply
from erpsync.codec import fingerprint
from erpsync.connectors.base import Edit, Outcome, Status
from erpsync.diff import compare, settle
from erpsync.errors import ErpsyncError, ExitCode, RefusedError, StaleError, TargetError
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


def test_a_connector_may_name_the_size_of_a_batch() -> None:
    erp = erp_with("a", "b", "c")
    erp.capabilities = replace(erp.capabilities, batch=2)
    told: list[int] = []
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in "abc"))
    apply(plan, TARGET, erp, TODAY, lambda _what, done, _total: told.append(done))
    assert told == [0, 2, 3]


class Clerks(MemoryErp):
    """An ERP in which people do what they are told, later."""

    def __init__(self) -> None:
        super().__init__(capabilities=replace(MemoryErp.capabilities, deferred=True))
        self.orders: list[list[str]] = []

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        self.orders.append([edit.change.login for edit in edits])
        yield from (Outcome(edit.change.login, Status.HANDED_OVER, "line 1") for edit in edits)


def test_what_is_handed_over_to_people_is_neither_done_nor_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    erp = Clerks()
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in "abc"))
    events: list[dict[str, Any]] = []
    result = apply(plan, TARGET, erp, TODAY, record=events.extend)
    assert result.outcomes == tuple(Outcome(login, Status.HANDED_OVER, "line 1") for login in "abc")
    assert (result.exit_code, result.stopped) == (ExitCode.DONE, None)
    assert erp.orders == [["a", "b", "c"]], "one order, whatever the size of a batch"
    assert [event["event"] for event in events] == ["intend"] * 3 + ["outcome"] * 3


def test_a_connector_that_writes_by_itself_cannot_hand_over() -> None:
    erp = Clerks()
    erp.capabilities = replace(erp.capabilities, deferred=False)
    result = run(erp, plan_of(change(erp, "a", grants=BUYER)))
    assert (statuses(result), result.exit_code) == ({"a": Status.FAILED}, ExitCode.PARTIAL)


def test_what_people_did_already_is_not_handed_over_again() -> None:
    erp = Clerks()
    plan = plan_of(change(erp, "a", grants=BUYER), change(erp, "b", grants=BUYER))
    erp.put(Account("a", grants=BUYER))
    assert statuses(run(erp, plan)) == {"a": Status.ALREADY, "b": Status.HANDED_OVER}


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


# --- too many failures --------------------------------------------------------------------------------

FAILED, DONE = Outcome("a", Status.FAILED), Outcome("a", Status.DONE)


def spent_after(*outcomes: Outcome) -> int | None:
    """After how many outcomes the budget is spent; None if it is not."""
    budget = ErrorBudget()
    for number, outcome in enumerate(outcomes, start=1):
        budget.take(outcome)
        if budget.spent:
            return number
    return None


def test_five_failures_in_a_row_are_enough() -> None:
    assert MOST_FAILURES_IN_A_ROW == 5
    assert spent_after(*[FAILED] * 4, DONE, *[FAILED] * 4) is None
    assert spent_after(DONE, *[FAILED] * 6) == 6


def test_ten_failures_in_all_are_enough() -> None:
    assert MOST_FAILURES == 10
    assert spent_after(*[FAILED, DONE] * 9) is None
    assert spent_after(*[FAILED, DONE] * 12) == 19


@pytest.mark.parametrize("status", Status)
def test_only_what_failed_or_moved_is_a_failure(status: Status) -> None:
    failure = status in (Status.FAILED, Status.MOVED)
    assert (spent_after(*[Outcome("a", status)] * 5) is not None) is failure


def many(number: int) -> tuple[MemoryErp, list[str], TargetPlan]:
    """An ERP with so many accounts, their logins, and a plan that changes all of them."""
    logins = [f"user.{index:03}" for index in range(number)]
    erp = erp_with(*logins)
    return erp, logins, plan_of(*(change(erp, login, grants=BUYER) for login in logins))


@pytest.mark.parametrize("batch", [3, 100])
@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.PRETEND])
def test_after_five_failures_in_a_row_nothing_more_is_tried(
    fault: Fault, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    erp, logins, plan = many(300)
    erp.faults = dict.fromkeys(logins[2:], fault)
    result = run(erp, plan)
    assert erp.written == logins[:2]
    # An ERP that pretends is found out by reading back, so at the end of a batch.
    most = 5 if fault is Fault.REFUSE else batch + 4
    assert result.count(Status.DONE) == 2
    assert 5 <= result.count(Status.FAILED) <= most
    assert result.count(Status.NOT_TRIED) == 300 - 2 - result.count(Status.FAILED)
    assert result.stopped is not None
    assert result.exit_code is ExitCode.PARTIAL


def test_who_has_no_answer_is_untried_if_still_as_before_and_else_it_is_told_what_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    erp, logins, _ = many(8)
    renamed = change(erp, logins[6], login="renamed")
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in (*logins[:6], logins[7])), renamed)
    erp.faults = dict.fromkeys(logins, Fault.REFUSE)
    write = erp.apply

    def half_done(edits: Sequence[Edit]) -> Iterator[Outcome]:
        erp.put(replace(erp.accounts[logins[7]], name="Half done"))
        return write(edits)

    monkeypatch.setattr(erp, "apply", half_done)
    untried, half, kept = run(erp, plan).outcomes[5:]
    assert (untried.status, kept.status) == (Status.NOT_TRIED, Status.NOT_TRIED)
    assert half.status is Status.FAILED
    assert half.message.startswith("it is neither as it was nor as planned; still to do: ")


def test_of_what_is_written_together_every_answer_is_heard_though_five_were_enough() -> None:
    erp, logins, plan = many(8)
    erp.capabilities = replace(erp.capabilities, batch=8, together=True)
    erp.faults = dict.fromkeys(logins[2:], Fault.REFUSE)
    result = run(erp, plan)
    assert (result.count(Status.FAILED), result.count(Status.NOT_TRIED)) == (6, 0)


@pytest.mark.parametrize("batch", [3, 100])
def test_after_ten_failures_in_all_nothing_more_is_tried(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", batch)
    erp, logins, plan = many(30)
    erp.faults = dict.fromkeys(logins[::2], Fault.REFUSE)
    result = run(erp, plan)
    assert erp.written == logins[1:19:2]
    assert (result.count(Status.DONE), result.count(Status.FAILED)) == (9, 10)
    assert {outcome.login for outcome in result.outcomes if outcome.status is Status.NOT_TRIED} == set(
        logins[19:]
    )
    assert result.stopped == "10 accounts failed, which is enough to stop"


def test_nine_failures_apart_stop_nobody() -> None:
    erp, logins, plan = many(30)
    erp.faults = dict.fromkeys(logins[:18:2], Fault.REFUSE)
    result = run(erp, plan)
    assert (result.count(Status.DONE), result.count(Status.FAILED)) == (21, 9)
    assert result.stopped is None


def test_what_was_not_tried_is_done_by_the_same_plan_later() -> None:
    erp, logins, plan = many(12)
    erp.faults = dict.fromkeys(logins, Fault.REFUSE)
    assert run(erp, plan).count(Status.NOT_TRIED) == 7
    erp.faults.clear()
    assert run(erp, plan).count(Status.DONE) == 12


# --- what is recorded ---------------------------------------------------------------------------------


def recorded(erp: MemoryErp, plan: TargetPlan) -> list[dict[str, Any]]:
    """Carry a plan out; the events of it."""
    events: list[dict[str, Any]] = []
    apply(plan, TARGET, erp, TODAY, record=events.extend)
    return events


def test_each_account_is_intended_and_then_has_an_outcome() -> None:
    erp = erp_with("a", "b")
    plan = plan_of(change(erp, "a", active=False, grants=BUYER), change(erp, "b", grants=BUYER))
    erp.faults["b"] = Fault.REFUSE
    told = [(event["event"], event["login"]) for event in recorded(erp, plan)]
    assert told == [("intend", "a"), ("intend", "b"), ("outcome", "a"), ("outcome", "b")]


def test_an_intention_says_what_is_to_change_and_from_which_state() -> None:
    erp = erp_with("a")
    planned = change(erp, "a", active=False, grants=BUYER)
    intention, outcome = recorded(erp, plan_of(planned))
    assert intention == {
        "event": "intend",
        "user": "a",
        "login": "a",
        "before": planned.fingerprint,
        "changes": [
            {"kind": "lock", "subject": "", "risk": "low"},
            {"kind": "grant", "subject": "Buyer", "risk": "low"},
        ],
    }
    assert outcome == {"event": "outcome", "login": "a", "status": "done"}


def test_an_outcome_says_why_it_is_not_done() -> None:
    erp = erp_with("a")
    erp.faults["a"] = Fault.REFUSE
    outcome = recorded(erp, plan_of(change(erp, "a", grants=BUYER)))[-1]
    assert (outcome["status"], outcome["message"]) == ("failed", "the ERP says no")


def test_intentions_are_recorded_before_the_write_and_outcomes_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "BATCH", 2)
    erp = erp_with("a", "b", "c")
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in "abc"))
    events: list[dict[str, Any]] = []
    known: list[tuple[set[str], set[str]]] = []
    write = erp.apply

    def looking(edits: Sequence[Edit]) -> Iterator[Outcome]:
        logins = {kind: {e["login"] for e in events if e["event"] == kind} for kind in ("intend", "outcome")}
        known.append((logins["intend"], logins["outcome"]))
        return write(edits)

    erp.apply = looking  # type: ignore[method-assign]
    apply(plan, TARGET, erp, TODAY, record=events.extend)
    assert known == [({"a", "b"}, set()), ({"a", "b", "c"}, {"a", "b"})]


def test_where_an_intention_cannot_be_recorded_nothing_is_written() -> None:
    erp = erp_with("a")

    def full(_: object) -> None:
        raise ErpsyncError("the journal cannot be written")

    with contextlib.suppress(ErpsyncError):
        apply(plan_of(change(erp, "a", grants=BUYER)), TARGET, erp, TODAY, record=full)
    assert erp.written == []


def test_a_journal_that_fails_in_the_middle_ends_the_run_with_a_summary(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "BATCH", 1)
    erp = erp_with("a", "b", "c")
    plan = plan_of(*(change(erp, login, grants=BUYER) for login in "abc"))
    events: list[dict[str, Any]] = []

    def soon_full(more: Sequence[dict[str, Any]]) -> None:
        if len(events) + len(more) > 2:
            raise ErpsyncError("the journal cannot be written")
        events.extend(more)

    result = apply(plan, TARGET, erp, TODAY, record=soon_full)
    assert erp.written == ["a"]
    assert statuses(result)["a"] is Status.DONE
    assert statuses(result)["c"] is Status.NOT_TRIED
    assert result.stopped == "the journal cannot be written"
    assert result.exit_code is ExitCode.PARTIAL


def test_an_account_that_moved_is_recorded_without_any_intention_to_write_it() -> None:
    erp = erp_with("a", "b")
    plan = plan_of(change(erp, "a", grants=BUYER), change(erp, "b", grants=BUYER))
    erp.on_read[2] = lambda: erp.put(Account("a", "by hand"))
    events = recorded(erp, plan)
    assert [(event["event"], event["login"]) for event in events] == [
        ("outcome", "a"),
        ("intend", "b"),
        ("outcome", "b"),
    ]
    assert events[0]["status"] == Status.MOVED.value


def test_accounts_that_moved_one_after_the_other_are_enough_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 10)
    erp, logins, plan = many(30)

    def by_hand() -> None:
        for login in logins:
            erp.put(Account(login, "by hand"))

    erp.on_read[2] = by_hand
    result = run(erp, plan)
    assert erp.written == []
    assert result.count(Status.NOT_TRIED) >= 20


def test_values_of_attributes_are_never_recorded() -> None:
    erp = MemoryErp()
    erp.put(Account("a", "旧名", email="old@huaxin.example"))
    after = {"name": "新名", "email": "new@huaxin.example", "grants": BUYER}
    plan = plan_of(change(erp, "a", **after), change(erp, "b", **after))
    erp.faults["a"] = Fault.PRETEND
    text = str(recorded(erp, plan))
    assert "update" in text
    for value in ("旧名", "新名", "old@", "new@"):
        assert value not in text


def test_an_account_that_becomes_protected_during_the_run_is_left_alone() -> None:
    erp = erp_with("wu.lan")
    plan = plan_of(change(erp, "wu.lan", grants=BUYER))
    erp.on_read[2] = lambda: erp.protected.update({"wu.lan": "an administrator of the ERP"})
    result = run(erp, plan)
    assert result.outcomes == (Outcome("wu.lan", Status.MOVED, "an administrator of the ERP"),)
    assert erp.written == []


def test_an_account_whose_new_login_somebody_takes_during_the_run_is_left_alone() -> None:
    erp = erp_with("wu.lan")
    plan = plan_of(change(erp, "wu.lan", login="wu.lan.2", grants=BUYER))
    erp.on_read[2] = lambda: erp.put(Account("WU.LAN.2", "Wu Lan the second"))
    result = run(erp, plan)
    why = "its new login wu.lan.2 was taken by somebody else"
    assert result.outcomes == (Outcome("wu.lan", Status.MOVED, why),)
    assert erp.written == []
