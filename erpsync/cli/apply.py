"""``erpsync apply``: do exactly what a saved plan shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import access_option, emit, paint_stdout, state_option, today
from erpsync.cli.findings import planned, refuse_conflicts
from erpsync.cli.recording import Places, carry_out_plan
from erpsync.errors import ErpsyncError, ExitCode, UsageError

if TYPE_CHECKING:
    from erpsync.model import Access
    from erpsync.plan import Plan
    from erpsync.run import Run


@click.command()
@click.argument("plan_file", type=click.Path(path_type=Path))
@access_option
@state_option
@click.option(
    "--output",
    "-o",
    "orders",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Put work orders here too. They are kept in the state directory in any case.",
)
@click.option(
    "--confirm",
    "export",
    type=click.Path(path_type=Path),
    metavar="EXPORT",
    help="Write nothing: find in a new export of a worklist target what was done of this plan's work order.",
)
@click.option(
    "--target",
    "target_name",
    metavar="NAME",
    help="With --confirm: whose export it is, if the plan was handed over for several targets.",
)
def apply(
    plan_file: Path,
    access_dir: Path,
    state_dir: Path,
    orders: Path | None,
    export: Path | None,
    target_name: str | None,
) -> int:
    """Carry out a saved plan: exactly what it shows, or nothing.

    The plan is refused (exit code 5) when the access files, the day or any account it touches have
    moved since it was made. One target that is refused or cannot be reached stops no other; then the
    exit code is 6. After a broken run, apply the same plan again: what was already done
    is found out by reading. What is about to be written is recorded in the journal before, and
    what became of it after; the plan is kept, for erpsync rollback. What the policy refuses is not
    applied either, whatever plan it stands in.

    For a target whose connector is worklist a work order is written instead, which is done by
    people. With --confirm each line of it is recorded as done, different or missing (exit code 6
    if not all are done).
    """
    from erpsync.access import load_valid
    from erpsync.apply import Result
    from erpsync.plan import load, verify
    from erpsync.render.text import render_results
    from erpsync.run import this_run

    plan = load(_read(plan_file))
    access = load_valid(access_dir)
    places = Places(access_dir, state_dir, orders)
    if export:
        from erpsync.cli.confirming import confirm

        return confirm(plan, access, export, this_run(), places, target_name)
    if target_name:
        raise UsageError("--target goes with --confirm; a plan is applied whole")
    verify(plan, access_digest=access.digest, today=today(access), now=datetime.now(UTC))
    if plan.empty:
        # Nothing is written, so there is nothing to keep a record of.
        emit(render_results([Result(target.target, ()) for target in plan.targets], paint_stdout()))
        return _lacking(plan)
    refuse_conflicts(planned(access, plan))
    return carry_out_and_tell(plan, access, this_run(), places)


def _read(plan_file: Path) -> str:
    try:
        return plan_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ErpsyncError(f"cannot be read: {why}", where=str(plan_file)) from error


def _lacking(plan: Plan) -> ExitCode:
    """Say what the plan is not for, though its run was."""
    if not plan.unread:
        return ExitCode.DONE
    from erpsync.render.escape import plain

    names = ", ".join(plain(item.target) for item in plan.unread)
    click.echo(f"The plan has nothing of {names}, which could not be read: make a new plan for it.", err=True)
    return ExitCode.PARTIAL


def carry_out_and_tell(plan: Plan, access: Access, run: Run, places: Places) -> ExitCode:
    """Carry out a plan, print what becomes of each target and the run's id, and return the exit code.

    Raises:
        ErpsyncError: what stopped targets before their first write; the others were told.
    """
    from erpsync.connectors.base import Status
    from erpsync.render.text import render_results
    from erpsync.state import plan_path

    worst = _lacking(plan)
    for result in carry_out_plan(plan, access, run, places):
        emit(render_results([result], paint_stdout()))
        worst = max(worst, result.exit_code)
        if result.count(Status.HANDED_OVER):
            folder = places.orders or plan_path(places.state, run.id).parent
            click.echo(f"The work order of {result.target} is in {folder}; it is not done yet.", err=True)
    if worst is ExitCode.PARTIAL:
        click.echo("Not everything was done. When the cause is mended, apply the same plan again.", err=True)
    elif worst:
        click.echo("Everything was done, but the run could not end as it should.", err=True)
    click.echo(f"run {run.id}", err=True)
    return worst
