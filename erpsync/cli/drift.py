"""``erpsync drift``: what the ERP has that nobody declared; and the two answers to it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import (
    access_option,
    as_of_option,
    cache_option,
    emit,
    format_option,
    live_option,
    paint_stdout,
    refuse_excess,
    remembering,
    state_option,
    target_option,
    to_plan,
    write_file,
)
from erpsync.cli.reading import must_be_whole
from erpsync.cli.sharding import plan_of_shard, shard_option
from erpsync.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from erpsync.shards import Part


@click.command()
@access_option
@target_option
@as_of_option
@live_option
@shard_option
@state_option
@cache_option
@format_option("text", "markdown", "json")
@click.option("--adopt", is_flag=True, help="Write into the access files what the ERP has.")
@click.option("--request", metavar="REQ", help="With --adopt: the request behind new assignments.")
@click.option(
    "--revert", "revert_file", type=click.Path(path_type=Path), metavar="FILE",
    help="Save the plan that undoes the drift, for erpsync apply FILE.",
)  # fmt: skip
def drift(
    access_dir: Path,
    target_names: tuple[str, ...],
    as_of: date | None,
    live_file: Path | None,
    shard: Part | None,
    state_dir: Path,
    no_cache: bool,
    output_format: str,
    adopt: bool,
    request: str | None,
    revert_file: Path | None,
) -> int:
    """Report where the live ERP differs from the access files. Exit code 3 if it does.

    Every difference of a declared user counts, also those that erpsync may not mend itself;
    unmanaged accounts count if the target's settings say so. A target that cannot be read is named with
    the reason, and the exit code is 1.

    Drift has two answers. --adopt keeps what the ERP has: it writes the access files, for a pull
    request. --revert undoes it: it saves the plan. The ERP itself is never changed by this command.

    With --shard only a part is told; the N parts add up to the whole.
    """
    _refuse_mixed(adopt, request, revert_file, output_format, shard)
    if adopt:
        return _adopt(access_dir, target_names, as_of, live_file, state_dir, request, output_format)
    from erpsync.plan import dump_pieces
    from erpsync.render import markdown, text

    with remembering(state_dir, no_cache=no_cache) as memory:
        access = to_plan(access_dir, state_dir, memory)
        _, made = plan_of_shard(access, access_dir, target_names, as_of, live_file, shard, memory)
    if revert_file and not made.empty:
        write_file(revert_file, dump_pieces(made))
    match output_format:
        case "json":
            emit(dump_pieces(made))
        case "markdown":
            emit(markdown.render_drift(made))
        case _:
            emit(text.render_drift(made, paint_stdout()))
    if revert_file:
        _tell_revert(revert_file, empty=made.empty, drift=made.drift)
    must_be_whole(made)
    if revert_file:
        refuse_excess(made)
    return ExitCode.CHANGES if made.drift else ExitCode.DONE


def _refuse_mixed(
    adopt: bool, request: str | None, revert_file: Path | None, output_format: str, shard: Part | None
) -> None:
    """Refuse options that do not go together.

    Raises:
        UsageError: there are some.
    """
    if adopt and revert_file:
        raise UsageError("--adopt keeps the drift and --revert undoes it", hint="choose one of them")
    if request and not adopt:
        raise UsageError("--request is for the assignments that --adopt writes", hint="add --adopt")
    if adopt and output_format == "json":
        raise UsageError("what is adopted is told as text or markdown", hint="--format markdown")
    if adopt and shard:
        raise UsageError("--adopt is for one job, which writes the files", hint="leave out --shard")


def _adopt(
    access_dir: Path,
    target_names: tuple[str, ...],
    as_of: date | None,
    live_file: Path | None,
    state_dir: Path,
    request: str | None,
    output_format: str,
) -> int:
    from erpsync.cli.adopting import adopt_drift
    from erpsync.render.adoption import render_markdown, render_text

    told = adopt_drift(access_dir, target_names, as_of, live_file, state_dir, request)
    emit(render_markdown(told) if output_format == "markdown" else render_text(told, paint_stdout()))
    return ExitCode.CHANGES if told.drift else ExitCode.DONE


def _tell_revert(file: Path, *, empty: bool, drift: bool) -> None:
    """Say on stderr what to do with the plan, so that it is never part of JSON or Markdown."""
    if not empty:
        click.echo(f"Saved. To undo the drift, review it, then: erpsync apply {file}", err=True)
    elif drift:
        click.echo("Nothing saved: erpsync may undo none of it, see why above.", err=True)
