"""Carry out the plan of one target: check, write in batches, read back.

Each account is checked again just before it is written, by its values and by whatever version the
ERP keeps, and read back afterwards, since an ERP may say yes and do nothing. What is about to be
written is recorded before, and what became of it after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date

from erpsync.codec import Json
from erpsync.connectors.base import AS_MEANT, Edit, Outcome, Progress, Status, Writer, no_progress
from erpsync.diff import compare, settle
from erpsync.errors import ErpsyncError, ExitCode, TargetError
from erpsync.model import AccountChange, Snapshot, Target, fold
from erpsync.plan import TargetPlan
from erpsync.preconditions import (
    check,
    live_of,
    login_taken,
    logins_of,
    protection_of,
    reached,
    state_of,
)

BATCH = 100
"""Accounts a batch, where the connector names no other number."""
MOST_FAILURES = 10
MOST_FAILURES_IN_A_ROW = 5

Record = Callable[[Sequence[dict[str, Json]]], None]
"""Keeps events for good; when it returns, they are."""


def no_record(events: Sequence[dict[str, Json]]) -> None:
    """Keep nothing."""


def never() -> bool:
    """Nobody asks to stop."""
    return False


@dataclass(frozen=True, slots=True)
class Result:
    """What became of each account of a plan, in the plan's order, and what ended it early."""

    target: str
    outcomes: tuple[Outcome, ...]
    stopped: str | None = None

    def count(self, status: Status) -> int:
        """How many accounts ended so."""
        return sum(outcome.status is status for outcome in self.outcomes)

    @property
    def exit_code(self) -> ExitCode:
        """0 if nothing went wrong, 1 if only the run could not end as it should, else 6.

        What was handed over to people went as meant, though it is not done yet.
        """
        if not all(outcome.status in AS_MEANT for outcome in self.outcomes):
            return ExitCode.PARTIAL
        return ExitCode.ERROR if self.stopped else ExitCode.DONE


INTERRUPTED = "interrupted; no further account was begun"


def not_begun(plan: TargetPlan) -> Result:
    """What becomes of a target when somebody asked to stop before it was begun."""
    outcomes = tuple(Outcome(change.login, Status.NOT_TRIED) for change in plan.accounts)
    return Result(plan.target, outcomes, INTERRUPTED)


class ErrorBudget:
    """Counts failures, and says when there are too many to go on: one bad account stops nobody else."""

    def __init__(self) -> None:
        self.failures = 0
        self.in_a_row = 0
        self.spent = False

    def take(self, outcome: Outcome) -> None:
        """Count one outcome."""
        failed = outcome.status in (Status.FAILED, Status.MOVED)
        self.failures += failed
        self.in_a_row = self.in_a_row + 1 if failed else 0
        self.spent |= self.failures >= MOST_FAILURES or self.in_a_row >= MOST_FAILURES_IN_A_ROW


def apply(
    plan: TargetPlan,
    target: Target,
    writer: Writer,
    as_of: date,
    progress: Progress = no_progress,
    record: Record = no_record,
    asked_to_stop: Callable[[], bool] = never,
) -> Result:
    """Carry the plan out.

    Args:
        plan: what to do.
        target: where, with what is protected there.
        writer: the target.
        as_of: the day of the plan.
        progress: told how far it is.
        record: keeps what is about to be done and what was done.
        asked_to_stop: asked before each batch; nothing more is begun once it says yes.

    Raises:
        StaleError, RefusedError, TargetError: before the first write; nothing was changed.
    """
    todo = check(plan, target, writer, as_of)
    outcomes = {change.login: Outcome(change.login, Status.ALREADY) for change in plan.accounts}
    outcomes |= {change.login: Outcome(change.login, Status.NOT_TRIED) for change in todo}
    stopped: str | None = None
    batch: Sequence[AccountChange] = ()
    budget = ErrorBudget()
    # What people are to do is handed over whole.
    can = writer.capabilities
    size = max(len(todo), 1) if can.deferred else can.batch or BATCH
    try:
        for start in range(0, len(todo), size):
            if asked_to_stop():
                stopped = INTERRUPTED
                break
            progress("writing accounts", start, len(todo))
            batch = todo[start : start + size]
            for outcome in _write_batch(batch, target, writer, as_of, budget, record):
                outcomes[outcome.login] = outcome
            if budget.spent:
                stopped = f"{budget.failures} accounts failed, which is enough to stop"
                break
        progress("writing accounts", len(todo), len(todo))
    except (ErpsyncError, KeyboardInterrupt) as error:
        stopped = str(error) or "interrupted"
        for change in batch:
            if outcomes[change.login].status is Status.NOT_TRIED:
                why = "stopped while it was being written"
                outcomes[change.login] = Outcome(change.login, Status.UNKNOWN, why)
    return Result(plan.target, tuple(outcomes[change.login] for change in plan.accounts), stopped)


def _write_batch(
    changes: Sequence[AccountChange],
    target: Target,
    writer: Writer,
    as_of: date,
    budget: ErrorBudget,
    record: Record,
) -> Iterator[Outcome]:
    """One batch: read and check again, record, write, read back and compare, record."""
    before = writer.snapshot(logins_of(changes))
    edits: list[Edit] = []
    for change in changes:
        live = live_of(change, before)
        state = state_of(change, live, as_of, writer.capabilities)
        why = protection_of(change, target, before) or login_taken(change, before)
        if why is None and state is None:
            edits.append(Edit(change, live))
        else:
            outcome = (
                Outcome(change.login, Status.MOVED, why)
                if why
                else Outcome(change.login, state or Status.MOVED)
            )
            budget.take(outcome)
            record([_ending(outcome)])
            yield outcome
    record([_intention(edit.change) for edit in edits])
    # Only reading back tells what failed; until then the answers decide when to stop.
    answers = _written(writer, edits, copy(budget))
    after = writer.snapshot(logins_of(changes))
    outcomes = [_verified(change, answers.get(change.login), after, as_of, writer) for change, _ in edits]
    for outcome in outcomes:
        if outcome.status is not Status.NOT_TRIED:
            budget.take(outcome)
    record([_ending(outcome) for outcome in outcomes])
    yield from outcomes


def _written(writer: Writer, edits: Sequence[Edit], budget: ErrorBudget) -> dict[str, Outcome]:
    """Write, and collect what the ERP answers, until there are too many failures.

    When the connection breaks, reading back will tell what was done; so it does for accounts that
    were not answered for.
    """
    answers: dict[str, Outcome] = {}
    try:
        for outcome in writer.apply(edits):
            answers[outcome.login] = outcome
            budget.take(outcome)
            if budget.spent and not writer.capabilities.together:
                break
    except TargetError as error:
        for edit in edits:
            answers.setdefault(edit.change.login, Outcome(edit.change.login, Status.DONE, error.message))
    return answers


def _verified(
    change: AccountChange, answer: Outcome | None, after: Snapshot, as_of: date, writer: Writer
) -> Outcome:
    """What really became of an account, whatever the ERP answered.

    It may refuse what it has just done: when a gateway loses an answer and the call is repeated. What
    was handed over to people cannot be seen yet.
    """
    account = after.accounts.get(fold(change.after.login))
    settled = settle(account, as_of, writer.capabilities) if account else None
    if settled and reached(change, settled):
        return Outcome(change.login, Status.DONE)
    if answer is None:
        live = live_of(change, after)
        untouched = (settle(live, as_of, writer.capabilities) if live else None) == change.before
        if untouched:
            return Outcome(change.login, Status.NOT_TRIED)
        answer = Outcome(change.login, Status.DONE, "it is neither as it was nor as planned")
    if answer.status is Status.HANDED_OVER and not writer.capabilities.deferred:
        return Outcome(change.login, Status.FAILED, "the connector hands over what it should have done")
    if answer.status is not Status.DONE:
        return answer
    if settled is None:
        return Outcome(
            change.login, Status.FAILED, answer.message or "the account is not there after writing"
        )
    left = ", ".join(f"{item.kind} {item.subject}".strip() for item in compare(settled, change.after))
    why = answer.message or "the ERP accepted the change but did not make it"
    return Outcome(change.login, Status.FAILED, f"{why}; still to do: {left}")


def _intention(change: AccountChange) -> dict[str, Json]:
    """What is about to be done. Values of attributes are left out: they are about persons."""
    items = [{"kind": item.kind, "subject": item.subject, "risk": item.risk} for item in change.changes]
    who = {"user": change.user, "login": change.login, "before": change.fingerprint}
    return {"event": "intend", **who, "changes": items}


def _ending(outcome: Outcome) -> dict[str, Json]:
    event = {"event": "outcome", "login": outcome.login, "status": outcome.status.value}
    # The words are the ERP's: half a character in them must not keep the rest from being recorded.
    message = outcome.message.encode("utf-8", "backslashreplace").decode()
    return {**event, "message": message} if message else event
