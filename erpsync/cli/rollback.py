"""``erpsync rollback``: a plan that puts the accounts of a run back as they were."""

from __future__ import annotations

from pathlib import Path

import click

from erpsync.cli.common import (
    access_option,
    emit,
    open_reader,
    output_option,
    paint_stdout,
    refuse_excess,
    sealed,
    state_option,
    today,
    write_file,
)
from erpsync.errors import ExitCode, StaleError


@click.command()
@click.argument("run_id", metavar="RUN")
@access_option
@state_option
@output_option("Save the plan here, for erpsync apply FILE.")
def rollback(run_id: str, access_dir: Path, state_dir: Path, output: Path | None) -> int:
    """Plan to put the accounts that a RUN wrote back as they were before it.

    Nothing is changed until the plan is applied. Accounts that the run created are locked, since
    accounts are never deleted. Git still says what it said: change it too, or the next plan does
    again what was rolled back.
    """
    from erpsync.access import load_valid
    from erpsync.connectors.base import implied_by
    from erpsync.plan import dump, load
    from erpsync.render.text import render_plan
    from erpsync.resolve import resolver
    from erpsync.rollback import invert
    from erpsync.shared_journal import PULL
    from erpsync.state import saved_plan

    access = load_valid(access_dir)
    done = load(saved_plan(state_dir, run_id, PULL if access.shared_journal else ""))
    day = today(access)
    plans = []
    for target_plan in done.targets:
        target = access.targets.get(target_plan.target)
        if target is None:
            raise StaleError(f"target {target_plan.target!r} is no longer declared")
        with open_reader(access, target) as reader:
            if reader.instance() != target_plan.instance:
                raise StaleError(f"the ERP of target {target.name!r} is not the one the run wrote to")
            can = reader.capabilities
            prepared = resolver(access, target.name, day, validity=can.validity, implies=implied_by(reader))
            if access.shared_journal and not has_end(state_dir, target.name, run_id):
                click.echo(f"The record of run {run_id} in {target.name} has no end here; {PULL}.", err=True)
            written = written_by(state_dir, target.name, run_id)
            plans.append(invert(target_plan, written, reader.snapshot(), can, prepared, run_id))
    made = sealed(plans, access, access_dir, day)
    if output:
        write_file(output, dump(made))
    emit(render_plan(made, paint_stdout()))
    refuse_excess(made)
    if output and not made.empty:
        emit(f"\nSaved. To do exactly this: erpsync apply {output}\n")
    return ExitCode.DONE


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
