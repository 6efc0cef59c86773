"""Carry out the plan of one target: check, write in batches, read back.

Everything is decided before the first write: one account that moved since the plan refuses the
plan. After that each account is checked again just before it is written, by its values and by
whatever version the ERP keeps, and read back afterwards, since an ERP may say yes and do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from erpsync.codec import Json, account_to_json, fingerprint
from erpsync.connectors.base import Edit, Outcome, Progress, Status, Writer, no_progress
from erpsync.diff import compare, settle
from erpsync.errors import ExitCode, RefusedError, StaleError, TargetError
from erpsync.model import Account, AccountChange, Capabilities, Snapshot, Target, fold
from erpsync.plan import TargetPlan
from erpsync.protection import protection

BATCH = 100
"""Accounts a batch: SQLite has one writer, and who waits for it longer than 30 s is sent away."""

MOVED_SHOWN = 20
"""Most accounts named when a plan is refused as stale."""


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
        """0 if the target is now as planned, else 6."""
        done = all(outcome.status in (Status.DONE, Status.ALREADY) for outcome in self.outcomes)
        return ExitCode.DONE if done else ExitCode.PARTIAL


def check(plan: TargetPlan, target: Target, writer: Writer, as_of: date) -> tuple[AccountChange, ...]:
    """Everything that must hold before the first write.

    Returns:
        The changes that are still to be made; those that an earlier run already made are left out.

    Raises:
        StaleError: the target is another one, or an account moved since the plan was made.
        RefusedError: an account is protected.
    """
    where = f"target {plan.target!r}"
    if writer.instance() != plan.instance:
        raise StaleError(
            "the ERP there is not the one the plan was made for", where=where, hint="make a new plan"
        )
    live = writer.snapshot(_logins(plan.accounts))
    _refuse_protected(plan, target, live)
    todo: list[AccountChange] = []
    moved: list[str] = []
    for change in plan.accounts:
        account = _live(change, live)
        state = _state(change, account, as_of, writer.capabilities)
        if state is Status.MOVED:
            moved.append(f"{change.login}: {_how_it_moved(change, account, as_of, writer.capabilities)}")
        elif state is None:
            todo.append(change)
    if moved:
        shown = moved[:MOVED_SHOWN] + [f"and {len(moved) - MOVED_SHOWN} more"] * (len(moved) > MOVED_SHOWN)
        raise StaleError(
            f"{len(moved)} of {len(plan.accounts)} accounts changed in the ERP since the plan was made, "
            "so nothing was written:\n  " + "\n  ".join(shown),
            where=where,
            hint="make a new plan",
        )
    return tuple(todo)


def _how_it_moved(change: AccountChange, live: Account | None, as_of: date, can: Capabilities) -> str:
    """What differs between the account the plan was made from and the account now, for people."""
    if live is None:
        return "is no longer there"
    if change.before is None:
        return "was created by somebody else"
    # Deep differences of two small documents are what deepdiff is for; deciding never rests on it.
    from deepdiff import DeepDiff

    told = (
        DeepDiff(_readable(change.before), _readable(settle(live, as_of, can))).pretty().replace("root", "")
    )
    return "; ".join(told.splitlines()) or "a grant that has ended was changed"


def _readable(account: Account) -> dict[str, Json]:
    """An account keyed so that a difference names the grant."""
    grants = {grant.entitlement: str(grant.valid_to or "without end") for grant in account.grants}
    return {**account_to_json(account), "grants": grants}


def apply(
    plan: TargetPlan,
    target: Target,
    writer: Writer,
    as_of: date,
    progress: Progress = no_progress,
) -> Result:
    """Carry the plan out.

    Raises:
        StaleError, RefusedError, TargetError: before the first write; nothing was changed.
    """
    todo = check(plan, target, writer, as_of)
    outcomes = {change.login: Outcome(change.login, Status.ALREADY) for change in plan.accounts}
    outcomes |= {change.login: Outcome(change.login, Status.NOT_TRIED) for change in todo}
    stopped: str | None = None
    batch: Sequence[AccountChange] = ()
    try:
        for start in range(0, len(todo), BATCH):
            progress("writing accounts", start, len(todo))
            batch = todo[start : start + BATCH]
            for outcome in _write_batch(batch, writer, as_of):
                outcomes[outcome.login] = outcome
        progress("writing accounts", len(todo), len(todo))
    except (TargetError, KeyboardInterrupt) as error:
        stopped = str(error) or "interrupted"
        for change in batch:
            if outcomes[change.login].status is Status.NOT_TRIED:
                outcomes[change.login] = Outcome(
                    change.login, Status.UNKNOWN, "stopped while it was being written"
                )
    return Result(plan.target, tuple(outcomes[change.login] for change in plan.accounts), stopped)


def _write_batch(changes: Sequence[AccountChange], writer: Writer, as_of: date) -> Iterator[Outcome]:
    """One batch: read and check again, write, read back and compare with what was planned."""
    before = writer.snapshot(_logins(changes))
    edits: list[Edit] = []
    for change in changes:
        live = _live(change, before)
        state = _state(change, live, as_of, writer.capabilities)
        if state is None:
            edits.append(Edit(change, live))
        else:
            yield Outcome(change.login, state)
    outcomes = _written(writer, edits)
    after = writer.snapshot(_logins(changes))
    for edit in edits:
        outcome = outcomes[edit.change.login]
        yield (
            _verified(edit.change, outcome, after, as_of, writer)
            if outcome.status is Status.DONE
            else outcome
        )


def _written(writer: Writer, edits: Sequence[Edit]) -> dict[str, Outcome]:
    """Write; when the connection breaks, reading back will tell what was done."""
    outcomes: dict[str, Outcome] = {}
    try:
        for outcome in writer.apply(edits):
            outcomes[outcome.login] = outcome
    except TargetError as error:
        for edit in edits:
            # Not known yet: reading back decides, and if that fails too the run ends there.
            outcomes.setdefault(edit.change.login, Outcome(edit.change.login, Status.DONE, error.message))
    return outcomes


def _verified(
    change: AccountChange, outcome: Outcome, after: Snapshot, as_of: date, writer: Writer
) -> Outcome:
    account = after.accounts.get(fold(change.after.login))
    if account is None:
        return Outcome(
            change.login, Status.FAILED, outcome.message or "the account is not there after writing"
        )
    settled = settle(account, as_of, writer.capabilities)
    left = [f"{item.kind} {item.subject}".strip() for item in compare(settled, change.after)]
    if left:
        why = outcome.message or "the ERP accepted the change but did not make it"
        return Outcome(change.login, Status.FAILED, f"{why}; still to do: {', '.join(left)}")
    return Outcome(change.login, Status.DONE)


def _logins(changes: Sequence[AccountChange]) -> frozenset[str]:
    befores = {fold(change.before.login) for change in changes if change.before}
    return frozenset(befores | {fold(change.after.login) for change in changes})


def _live(change: AccountChange, live: Snapshot) -> Account | None:
    """The account of a change; a rename that was already made is found under its new login."""
    old = live.accounts.get(fold(change.before.login)) if change.before else None
    return old or live.accounts.get(fold(change.after.login))


def _state(
    change: AccountChange, live: Account | None, as_of: date, capabilities: Capabilities
) -> Status | None:
    """None if the account is as it was planned from; else whether it is already done, or moved."""
    if fingerprint(live) == change.fingerprint:
        return None
    if live is not None and settle(live, as_of, capabilities) == change.after:
        return Status.ALREADY
    return Status.MOVED


def _refuse_protected(plan: TargetPlan, target: Target, live: Snapshot) -> None:
    for change in plan.accounts:
        for login in _logins([change]):
            why = protection(login, target, live)
            if why:
                raise RefusedError(
                    f"{change.login} must not be changed: {why}", where=f"target {plan.target!r}"
                )
