"""``erpsync plan``: what would change."""

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
    output_option,
    paint_stdout,
    refuse_excess,
    remembering,
    state_option,
    target_option,
    to_plan,
    write_file,
)
from erpsync.cli.findings import planned, refuse_conflicts
from erpsync.cli.reading import must_be_whole
from erpsync.cli.sharding import plan_of_shard, shard_option
from erpsync.errors import ExitCode

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
@output_option("Save the plan here, for erpsync apply FILE.")
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit code 3 if there are changes, 0 only if there are none."
)
def plan(
    access_dir: Path,
    target_names: tuple[str, ...],
    as_of: date | None,
    live_file: Path | None,
    shard: Part | None,
    state_dir: Path,
    no_cache: bool,
    output_format: str,
    output: Path | None,
    detailed_exitcode: bool,
) -> int:
    """Compare the access files with the live ERP and show what would change.

    Nothing is ever changed by a plan. What erpsync may not change (a manage mode, a protected
    account) is shown as held back. Exit code 4 if the plan goes over a limit, or brings about a
    conflict of duties that the policy refuses; one that was there before refuses nothing.

    Targets are read at once. One that cannot be read is named with the reason, and the exit code is 1;
    a plan that is saved names it too.

    With --shard the plan is one of N that add up to the whole. Limits and policy are held against all of
    the targets that the shard reads, and a plan that the policy refuses is not saved.
    """
    from erpsync.plan import dump_pieces
    from erpsync.render import markdown, policy, text

    with remembering(state_dir, no_cache=no_cache) as memory:
        access = to_plan(access_dir, state_dir, memory)
        whole, made = plan_of_shard(access, access_dir, target_names, as_of, live_file, shard, memory)
    conflicts = planned(access, whole)
    # Apply judges only what it is given, and what the policy refuses may stand in another shard.
    if output and not (shard and conflicts.blocking):
        write_file(output, dump_pieces(made))
    match output_format:
        case "json":
            emit(dump_pieces(made))
        case "markdown":
            emit(markdown.render_plan(made, policy.comparison_sections(conflicts)))
        case _:
            emit(text.render_plan(made, paint_stdout()))
            emit(policy.render_comparison(conflicts, paint_stdout()))
            if output and not (made.empty or made.excess or conflicts.blocking or made.unread):
                emit(f"\nSaved. To do exactly this: erpsync apply {output}\n")
    must_be_whole(made)
    refuse_excess(made)
    refuse_conflicts(conflicts)
    return ExitCode.CHANGES if detailed_exitcode and not made.empty else ExitCode.DONE
