"""``erpsync apply``: do exactly what a saved plan shows."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import access_option, emit, paint_stdout, progress_bar, today
from erpsync.errors import ErpsyncError, ExitCode, StaleError

if TYPE_CHECKING:
    from erpsync.apply import Result
    from erpsync.model import Access
    from erpsync.plan import Plan, TargetPlan


@click.command()
@click.argument("plan_file", type=click.Path(path_type=Path))
@access_option
def apply(plan_file: Path, access_dir: Path) -> int:
    """Carry out a saved plan: exactly what it shows, or nothing.

    The plan is refused (exit code 5) when the access files, the day or any account it touches have
    moved since it was made. After a broken run, apply the same plan again: what was already done
    is found out by reading.
    """
    from erpsync.access import load_valid
    from erpsync.plan import load, verify
    from erpsync.render.text import render_results

    try:
        plan = load(plan_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ErpsyncError(f"cannot be read: {why}", where=str(plan_file)) from error
    access = load_valid(access_dir)
    verify(plan, access_digest=access.digest, today=today(access), now=datetime.now(UTC))
    results = _apply_all(plan, access)
    emit(render_results(results, paint_stdout()))
    worst = max((result.exit_code for result in results), default=ExitCode.DONE)
    if worst:
        click.echo("Not everything was done. When the cause is mended, apply the same plan again.", err=True)
    return worst


def _apply_all(plan: Plan, access: Access) -> list[Result]:
    """One target after the other; what stops one before its first write stops the run."""
    results: list[Result] = []
    for target_plan in plan.targets:
        try:
            results.append(_apply(target_plan, plan, access))
        except ErpsyncError:
            if results:
                from erpsync.render.text import render_results

                emit(render_results(results, paint_stdout()))
            raise
    return results


def _apply(target_plan: TargetPlan, plan: Plan, access: Access) -> Result:
    from erpsync.apply import Result
    from erpsync.apply import apply as carry_out
    from erpsync.connectors.registry import connect, find_connector

    if not target_plan.accounts:
        return Result(target_plan.target, ())
    target = access.targets.get(target_plan.target)
    if target is None:
        raise StaleError(f"target {target_plan.target!r} is no longer declared", hint="make a new plan")
    connector = find_connector(target)
    with progress_bar() as progress, connector.write(connect(target, access.timezone, progress)) as writer:
        return carry_out(target_plan, target, writer, plan.as_of, progress)
