"""``erpsync plan``: what would change."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from erpsync.cli.common import (
    access_option,
    as_of_option,
    emit,
    format_option,
    live_option,
    make_plan_of,
    output_option,
    paint_stdout,
    refuse_excess,
    target_option,
    write_file,
)
from erpsync.errors import ExitCode


@click.command()
@access_option
@target_option
@as_of_option
@live_option
@format_option("text", "markdown", "json")
@output_option("Save the plan here, for erpsync apply FILE.")
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit code 3 if there are changes, 0 only if there are none."
)
def plan(
    access_dir: Path,
    target_names: tuple[str, ...],
    as_of: date | None,
    live_file: Path | None,
    output_format: str,
    output: Path | None,
    detailed_exitcode: bool,
) -> int:
    """Compare the access files with the live ERP and show what would change.

    Nothing is ever changed by a plan. What erpsync may not change (a manage mode, a protected
    account) is shown as held back.
    """
    from erpsync.plan import dump
    from erpsync.render import markdown, text

    made = make_plan_of(access_dir, target_names, as_of, live_file)
    if output:
        write_file(output, dump(made))
    match output_format:
        case "json":
            emit(dump(made))
        case "markdown":
            emit(markdown.render_plan(made))
        case _:
            emit(text.render_plan(made, paint_stdout()))
            if output and not made.empty and not made.excess:
                emit(f"\nSaved. To do exactly this: erpsync apply {output}\n")
    refuse_excess(made)
    return ExitCode.CHANGES if detailed_exitcode and not made.empty else ExitCode.DONE
