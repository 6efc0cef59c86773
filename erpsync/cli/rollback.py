"""``erpsync rollback``: a plan that puts the accounts of a run back as they were."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import (
    access_option,
    emit,
    output_option,
    paint_stdout,
    refuse_excess,
    state_option,
    today,
    write_file,
)
from erpsync.cli.reading import must_be_whole, plan_from, read_targets
from erpsync.errors import ExitCode, StaleError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from erpsync.connectors.base import Reader
    from erpsync.model import Access, Target
    from erpsync.plan import TargetPlan


@click.command()
@click.argument("run_id", metavar="RUN")
@access_option
@state_option
@output_option("Save the plan here, for erpsync apply FILE.")
def rollback(run_id: str, access_dir: Path, state_dir: Path, output: Path | None) -> int:
    """Plan to put the accounts that a RUN wrote back as they were before it.

    Nothing is changed until the plan is applied. Accounts that the run created are locked, since
    accounts are never deleted. Git still says what it said: change it too, or the next plan does
    again what was rolled back. A target that cannot be read is named, and the exit code is 1.
    """
    from erpsync.access import load_valid
    from erpsync.plan import dump, load
    from erpsync.render.text import render_plan
    from erpsync.shared_journal import PULL
    from erpsync.state import saved_plan

    access = load_valid(access_dir)
    done = load(saved_plan(state_dir, run_id, PULL if access.shared_journal else ""))
    day = today(access)
    plans = {target_plan.target: target_plan for target_plan in done.targets}
    for name in plans:
        if name not in access.targets:
            raise StaleError(f"target {name!r} is no longer declared")
        if access.shared_journal and not has_end(state_dir, name, run_id):
            click.echo(f"The record of run {run_id} in {name} has no end here; {PULL}.", err=True)

    def undo(target: Target, reader: Reader) -> TargetPlan:
        written = written_by(state_dir, target.name, run_id)
        return _undone(plans[target.name], written, access, day, reader, run_id)

    made = plan_from(read_targets(access, list(plans), None, undo), access, access_dir, day)
    if output:
        write_file(output, dump(made))
    emit(render_plan(made, paint_stdout()))
    must_be_whole(made)
    refuse_excess(made)
    if output and not made.empty:
        emit(f"\nSaved. To do exactly this: erpsync apply {output}\n")
    return ExitCode.DONE


def _undone(
    done: TargetPlan, written: Collection[str], access: Access, day: date, reader: Reader, run_id: str
) -> TargetPlan:
    """The plan that undoes one target of a run.

    Raises:
        StaleError: another ERP is behind the target now.
    """
    from erpsync.connectors.base import implied_by
    from erpsync.resolve import resolver
    from erpsync.rollback import invert

    if reader.instance() != done.instance:
        raise StaleError(f"the ERP of target {done.target!r} is not the one the run wrote to")
    can = reader.capabilities
    prepared = resolver(access, done.target, day, validity=can.validity, implies=implied_by(reader))
    return invert(done, written, reader.snapshot(), can, prepared, run_id)


def written_by(state_dir: Path, target: str, run_id: str) -> set[str]:
    """The logins that a run wrote, or may have written: those it had the intention to write."""
    from erpsync.connectors.base import Status
    from erpsync.journal import read_entries
    from erpsync.state import journals_of

    # Where the run had nothing to do there may be none.
    last = {
        entry["login"]: entry.get("status")
        for path in journals_of(state_dir, target, run_id)
        for entry in read_entries(path)
        if entry.get("run") == run_id and entry.get("event") in ("intend", "outcome")
    }
    untouched = (Status.NOT_TRIED, Status.ALREADY, Status.MOVED)
    return {login for login, status in last.items() if status not in untouched}


def has_end(state_dir: Path, target: str, run_id: str) -> bool:
    """Whether a run is recorded to its end; that of another machine may have gone on since it was brought."""
    from erpsync.journal import read_entries
    from erpsync.state import journals_of

    return any(
        entry.get("run") == run_id and entry.get("event") in ("end", "refused", "interrupted")
        for path in journals_of(state_dir, target, run_id)
        for entry in read_entries(path)
    )
