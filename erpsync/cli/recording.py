"""Carry out a plan as every command must that writes: one writer a target, and every attempt recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from erpsync.cli.common import progress_bar
from erpsync.cli.reading import each_of, several
from erpsync.cli.stopping import stopping
from erpsync.errors import ErpsyncError, PartialError, StaleError

if TYPE_CHECKING:
    from erpsync.apply import Result
    from erpsync.codec import Json
    from erpsync.connectors.base import Handover
    from erpsync.lock import Lock
    from erpsync.model import Access, Target
    from erpsync.plan import Plan, TargetPlan
    from erpsync.run import Run


class Places(NamedTuple):
    """Where the access files are, where the state is kept, and where work orders go beside it."""

    access: Path
    state: Path
    orders: Path | None = None


class Append(Protocol):
    """Records events, in this order; when it returns, they are kept for good."""

    def __call__(self, *events: Mapping[str, Json]) -> None:
        """Record them."""


def carry_out_plan(plan: Plan, access: Access, run: Run, places: Places) -> Iterator[Result]:
    """Carry out a plan under the lock of each target, with every attempt in its journal.

    The plan is kept first, for erpsync rollback. A target is written when its result is asked for.
    What stops one before its first write stops no other: it is told when all have been tried.

    Args:
        plan: what to do; the caller has checked that it may be done now.
        access: the declared state that it was made from.
        run: who or what carries it out.
        places: where journals and locks are.

    Yields:
        What became of each target of the plan that has something to do, in the plan's order.

    Raises:
        PartialError: a target was refused or cannot be reached, and others were carried out.
        ErpsyncError: that was so of all of them, or nothing can be recorded.
    """
    from erpsync.apply import not_begun
    from erpsync.plan import dump
    from erpsync.state import save_plan

    save_plan(places.state, run.id, dump(plan))
    failed: list[tuple[str, ErpsyncError]] = []
    tried = [target_plan for target_plan in plan.targets if target_plan.accounts]
    with stopping() as asked:
        for target_plan in tried:
            try:
                result = (
                    not_begun(target_plan)
                    if asked()
                    else _locked(target_plan, plan, access, run, places, asked)
                )
            except ErpsyncError as error:
                failed.append((target_plan.target, error))
            else:
                yield result
    if failed:
        raise _failure(failed, others=len(failed) < len(tried))


def _locked(
    target_plan: TargetPlan, plan: Plan, access: Access, run: Run, places: Places, asked: Callable[[], bool]
) -> Result:
    """One target, under its lock."""
    result: Result | None = None
    try:
        with locked(declared(access, target_plan.target), run, places):
            result = carry_out_target(target_plan, plan, access, run, places, asked)
    except ErpsyncError as error:
        if result is None:
            raise
        # What was done is still told, though the lock could not be given back.
        return _stopped_also(result, error)
    return result


def _failure(failed: Sequence[tuple[str, ErpsyncError]], *, others: bool) -> ErpsyncError:
    """What stopped targets, once all have been tried."""
    if not others:
        return several(failed, "nothing was written")
    return PartialError(f"{len(failed)} of the targets were not written:\n  {each_of(failed)}")


def declared(access: Access, name: str) -> Target:
    """The target of a plan.

    Raises:
        StaleError: the access files no longer declare it.
    """
    if name not in access.targets:
        raise StaleError(f"target {name!r} is no longer declared", hint="make a new plan")
    return access.targets[name]


def locked(target: Target, run: Run, places: Places) -> Lock:
    """The right to be the only writer of a target."""
    from erpsync.forge.git_lock import lock_for
    from erpsync.lock import LockHolder

    holder = LockHolder.here(run.by, run.id)
    return lock_for(places.access, places.state, target.name, holder, shared=target.shared_lock)


@contextmanager
def open_journal(target: str, access: Access, run: Run, places: Places) -> Iterator[Append]:
    """The journal of a target, as the settings say: of this machine, or one that is sent to the others.

    Raises:
        ErpsyncError: it cannot be written, or what is there is not a sound journal.
    """
    from erpsync.forge.git_journal import GitJournal
    from erpsync.journal import Journal
    from erpsync.shared_journal import SharedJournal
    from erpsync.state import journal_path

    own = run.id if access.shared_journal else None
    with Journal(journal_path(places.state, target, own), run.id) as journal:
        if access.shared_journal:
            yield SharedJournal(journal, places.state, GitJournal(places.access)).append
        else:
            yield journal.append


def carry_out_target(
    target_plan: TargetPlan, plan: Plan, access: Access, run: Run, places: Places, asked: Callable[[], bool]
) -> Result:
    """Carry out what a plan has for one target, with every attempt in its journal.

    Args:
        target_plan: what to do there; the caller holds the lock of the target.
        plan: the plan that it is of, which the caller has kept.
        access: the declared state that it was made from.
        run: who or what carries it out.
        places: where the journal is.
        asked: whether somebody asked to stop; then no further batch is begun.

    Raises:
        ErpsyncError: the target was refused or cannot be reached, or nothing can be recorded; nothing was
            written.
    """
    with open_journal(target_plan.target, access, run, places) as append:
        handover = _handover(target_plan, plan, run, places)
        append(_begin(target_plan, plan, run, handover.plan))
        try:
            result = _carry_out(target_plan, plan, access, append, handover, asked)
        except (ErpsyncError, KeyboardInterrupt) as error:
            _record_failure(append, error)
            raise
        counts = {status.value: result.count(status) for status in {item.status for item in result.outcomes}}
        try:
            append({"event": "end", "counts": counts, "stopped": result.stopped})
        except ErpsyncError as error:
            # What was done is still told, though it could not be recorded.
            return _stopped_also(result, error)
    return result


def _stopped_also(result: Result, error: ErpsyncError) -> Result:
    """A result whose run could not end as it should, besides what stopped it before."""
    return replace(result, stopped="\n".join(filter(None, (result.stopped, str(error)))))


def _record_failure(append: Append, error: ErpsyncError | KeyboardInterrupt) -> None:
    """Record what ended a target; what ended it matters more than that it could not be recorded."""
    event = {"event": "interrupted", "message": "before its end"}
    if isinstance(error, ErpsyncError):
        # Only the first line: what follows names values of accounts, which are about persons.
        event = {"event": "refused", "message": error.message.splitlines()[0].rstrip(":")}
    try:
        append(event)
    except ErpsyncError as fault:
        if isinstance(error, ErpsyncError):
            error.add_hint(str(fault))


def _begin(target_plan: TargetPlan, plan: Plan, run: Run, plan_digest: str) -> dict[str, Json]:
    return {
        "event": "begin",
        "target": target_plan.target,
        "instance": target_plan.instance,
        "as_of": plan.as_of.isoformat(),
        "plan": plan_digest,
        "commit": plan.commit,
        "accounts": len(target_plan.accounts),
        "by": run.by,
        "host": run.host,
        "job": run.job,
        "approved": list(run.approved),
    }


def _handover(target_plan: TargetPlan, plan: Plan, run: Run, places: Places) -> Handover:
    """What work orders belong to, for a target whose changes are made by people."""
    from erpsync.connectors.base import Handover
    from erpsync.plan import digest_of_plan
    from erpsync.state import plan_path

    folders = [plan_path(places.state, run.id).parent, *([places.orders] if places.orders else [])]
    return Handover(run.id, digest_of_plan(plan), run.by, target_plan.accounts, tuple(folders))


def _carry_out(
    target_plan: TargetPlan,
    plan: Plan,
    access: Access,
    append: Append,
    handover: Handover,
    asked: Callable[[], bool],
) -> Result:
    from erpsync.apply import apply as carry_out
    from erpsync.connectors.registry import connect, find_connector

    target = declared(access, target_plan.target)
    connector = find_connector(target)
    with progress_bar() as progress:
        connection = replace(connect(target, access.timezone, progress), handover=handover)
        with connector.write(connection) as writer:
            day = plan.as_of
            return carry_out(
                target_plan, target, writer, day, progress, lambda events: append(*events), asked
            )
