"""``erpsync drift``: what the ERP has that nobody declared."""

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
    paint_stdout,
    target_option,
)
from erpsync.errors import ExitCode


@click.command()
@access_option
@target_option
@as_of_option
@live_option
@format_option("text", "markdown", "json")
def drift(
    access_dir: Path,
    target_names: tuple[str, ...],
    as_of: date | None,
    live_file: Path | None,
    output_format: str,
) -> int:
    """Report where the live ERP differs from the access files. Exit code 3 if it does.

    Every difference of a declared user counts, also those that erpsync may not mend itself;
    unmanaged accounts count if the target's settings say so.
    """
    from erpsync.plan import dump
    from erpsync.render import markdown, text

    made = make_plan_of(access_dir, target_names, as_of, live_file)
    match output_format:
        case "json":
            emit(dump(made))
        case "markdown":
            emit(markdown.render_drift(made))
        case _:
            emit(text.render_drift(made, paint_stdout()))
    return ExitCode.CHANGES if made.drift else ExitCode.DONE
