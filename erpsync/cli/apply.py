"""``erpsync apply``: do exactly what a saved plan shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from erpsync.cli.common import access_option, emit, paint_stdout, progress_bar, state_option, today
from erpsync.errors import ErpsyncError, ExitCode, StaleError

if TYPE_CHECKING:
    from erpsync.apply import Result
    from erpsync.journal import Journal
    from erpsync.lock import Lock
    from erpsync.model import Access, Target
    from erpsync.plan import Plan, TargetPlan
    from erpsync.run import Run


class Places(NamedTuple):
    """Where the access files are, and where the state is kept."""

    access: Path
    state: Path


@click.command()
@click.argument("plan_file", type=click.Path(path_type=Path))
@access_option
@state_option
def apply(plan_file: Path, access_dir: Path, state_dir: Path) -> int:
    """Carry out a saved plan: exactly what it shows, or nothing.

    The plan is refused (exit code 5) when the access files, the day or any account it touches have
    moved since it was made. After a broken run, apply the same plan again: what was already done
    is found out by reading. What is about to be written is recorded in the journal before, and
    what became of it after; the plan is kept, for erpsync rollback.
    """
    from erpsync.access import load_valid
    from erpsync.apply import Result
    from erpsync.plan import load, verify
    from erpsync.render.text import render_results
    from erpsync.run import this_run
    from erpsync.state import save_plan

    text = _read(plan_file)
    plan = load(text)
    access = load_valid(access_dir)
    verify(plan, access_digest=access.digest, today=today(access), now=datetime.now(UTC))
    if plan.empty:
        # Nothing is written, so there is nothing to keep a record of.
        emit(render_results([Result(target.target, ()) for target in plan.targets], paint_stdout()))
        return ExitCode.DONE
    run = this_run()
    save_plan(state_dir, run.id, text)
    results = _apply_all(plan, access, run, Places(access_dir, state_dir))
    emit(render_results(results, paint_stdout()))
    worst = max((result.exit_code for result in results), default=ExitCode.DONE)
    if worst:
        click.echo("Not everything was done. When the cause is mended, apply the same plan again.", err=True)
    click.echo(f"run {run.id}", err=True)
    return worst


def _read(plan_file: Path) -> str:
    try:
        return plan_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ErpsyncError(f"cannot be read: {why}", where=str(plan_file)) from error


def _apply_all(plan: Plan, access: Access, run: Run, places: Places) -> list[Result]:
    """One target after the other; what stops one before its first write stops the run."""
    results: list[Result] = []
    for target_plan in plan.targets:
        try:
            if target_plan.accounts:
                with locked(declared(access, target_plan.target), run, places):
                    results.append(_recorded(target_plan, plan, access, run, places.state))
        except ErpsyncError:
            if results:
                from erpsync.render.text import render_results

                emit(render_results(results, paint_stdout()))
            raise
    return results


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


def _recorded(target_plan: TargetPlan, plan: Plan, access: Access, run: Run, state_dir: Path) -> Result:
    """One target, with every attempt in its journal."""
    from erpsync.journal import Journal
    from erpsync.state import journal_path

    with Journal(journal_path(state_dir, target_plan.target), run.id) as journal:
        journal.append(_begin(target_plan, plan, run))
        try:
            result = _carry_out(target_plan, plan, access, journal)
        except ErpsyncError as error:
            # Only the first line: what follows names values of accounts, which are about persons.
            journal.append({"event": "refused", "message": error.message.splitlines()[0].rstrip(":")})
            raise
        counts = {status.value: result.count(status) for status in {item.status for item in result.outcomes}}
        try:
            journal.append({"event": "end", "counts": counts, "stopped": result.stopped})
        except ErpsyncError as error:
            # What was done is still told, though it could not be recorded.
            return replace(result, stopped=str(error))
    return result


def _begin(target_plan: TargetPlan, plan: Plan, run: Run) -> dict[str, object]:
    from erpsync.codec import digest
    from erpsync.plan import plan_to_json

    return {
        "event": "begin",
        "target": target_plan.target,
        "instance": target_plan.instance,
        "as_of": plan.as_of.isoformat(),
        "plan": digest(plan_to_json(plan)),
        "commit": plan.commit,
        "accounts": len(target_plan.accounts),
        "by": run.by,
        "host": run.host,
        "job": run.job,
    }


def _carry_out(target_plan: TargetPlan, plan: Plan, access: Access, journal: Journal) -> Result:
    from erpsync.apply import apply as carry_out
    from erpsync.connectors.registry import connect, find_connector

    target = declared(access, target_plan.target)
    connector = find_connector(target)
    with progress_bar() as progress, connector.write(connect(target, access.timezone, progress)) as writer:
        return carry_out(
            target_plan, target, writer, plan.as_of, progress, lambda events: journal.append(*events)
        )
