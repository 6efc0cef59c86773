"""``--shard I/N``: what the commands have in common that can run as several jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from erpsync.cli.common import chosen_targets
from erpsync.cli.reading import plan_of

if TYPE_CHECKING:
    from erpsync.model import Access
    from erpsync.pages import Memory
    from erpsync.plan import Plan
    from erpsync.shards import Part

F = TypeVar("F", bound=Callable[..., Any])


class ShardType(click.ParamType["Part"]):
    """A shard as I/N."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Part:
        """The shard that was written."""
        from erpsync.shards import Part

        try:
            return Part.of(value)
        except ValueError:
            self.fail(f"{value!r} is no shard (such as 2/4: the second of four)", param, ctx)


def shard_option(command: F) -> F:
    """``--shard I/N``."""
    return click.option(
        "--shard", type=ShardType(), metavar="I/N",
        help="Only this shard of a run that is spread over N jobs, such as 2/4. All N add up to the whole.",
    )(command)  # fmt: skip


def plan_of_shard(
    access: Access,
    access_dir: Path,
    target_names: Sequence[str],
    as_of: date | None,
    live_file: Path | None,
    shard: Part | None,
    memory: Memory | None = None,
) -> tuple[Plan, Plan]:
    """The plan of the targets that a shard reads, whole, and the part of it that the shard keeps.

    Without a shard both are the plan of all targets. What is decided is decided on the first.
    """
    from erpsync.shards import part_of_plan, parts_of

    if shard is None:
        whole = plan_of(access, access_dir, target_names, as_of, live_file, memory)
        return whole, whole
    if live_file:
        whole = plan_of(access, access_dir, target_names, as_of, live_file, memory)
        parts = parts_of([target.target for target in whole.targets], shard)
    else:
        parts = parts_of([target.name for target in chosen_targets(access, target_names)], shard)
        whole = plan_of(access, access_dir, list(parts), as_of, live_file, memory)
    return whole, part_of_plan(whole, shard, parts, access.users)
