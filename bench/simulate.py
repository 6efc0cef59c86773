"""What a run would cost that this machine cannot make: ``python -m bench simulate``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.model import CHANGED_SHARE, JOINERS_SHARE, KINDS, RUNNER, World, breaks, bytes_of, job, measured
from bench.results import FILE, read
from bench.tables import as_markdown, plain

USERS, TARGETS = 1_000_000, 50
SHARDS = (1, 10, 50, 200)
Tables = Sequence[tuple[Sequence[str], Sequence[tuple[str, ...]]]]


def main(arguments: list[str]) -> int:
    """Print the tables; always 0."""
    parser = argparse.ArgumentParser(prog="python -m bench simulate")
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--targets", type=int, default=TARGETS)
    parser.add_argument("--shards", type=int, nargs="+", default=list(SHARDS))
    parser.add_argument("--results", type=Path, default=FILE, help="the figures of make bench")
    options = parser.parse_args(arguments)
    document = read(options.results)
    world = World(options.users, options.targets)
    print(f"{_title(document, world)}\n")
    for head, rows in tables(document, world, options.shards):
        print(plain(head, iter(rows)))
    return 0


def markdown(document: Mapping[str, Any]) -> str:
    """The tables for the documentation."""
    world = World(USERS, TARGETS)
    parts = [as_markdown(head, iter(rows)) for head, rows in tables(document, world, SHARDS)]
    return "\n".join([f"{_title(document, world)}\n", *parts])


def tables(document: Mapping[str, Any], world: World, shards: Sequence[int]) -> Tables:
    """Each ERP under its own limits, the costliest job by number of shards, and what breaks first."""
    kinds = ("one target", "calls to plan", "plan", "1 % changed, calls", "1 % changed", "0.1 % new")
    jobs = ("shards", "targets a job", "each read", "calls to plan", "CPU", "memory", "plan", "apply")
    limits = ("in one job, with so many targets", "breaks at users")
    return (
        (kinds, list(_kinds(world))),
        (jobs, list(_jobs(document, world, shards))),
        (limits, [(what, f"{users:,}") for what, users in breaks(world.targets, measured(document))]),
    )


def _title(document: Mapping[str, Any], world: World) -> str:
    size = bytes_of(document, world.users) / 1e9
    return (
        f"{world.users:,} users in {world.targets} targets: {world.files:,} files, {size:.1f} GB of YAML, "
        f"{world.accounts:,.0f} accounts in each target; a job has {RUNNER.memory / 1000:.0f} GB and "
        f"{RUNNER.seconds / 3600:.0f} hours"
    )


def _kinds(world: World) -> Iterator[tuple[str, ...]]:
    changed, joined = world.accounts * CHANGED_SHARE, world.accounts * JOINERS_SHARE
    for erp in KINDS:
        yield (
            erp.name,
            f"{erp.read_calls(world.accounts):,}",
            lasting(erp.read_time(world.accounts)),
            f"{erp.write_calls(changed):,}",
            lasting(erp.change_time(changed)),
            lasting(erp.create_time(joined)),
        )


def _jobs(document: Mapping[str, Any], world: World, shards: Sequence[int]) -> Iterator[tuple[str, ...]]:
    costs = measured(document)
    for count in shards:
        found = job(world, count, costs)
        yield (
            str(count),
            f"{found.targets:.0f}",
            f"{found.reads:.0f} ×",
            f"{found.plan_calls:,}",
            lasting(found.cpu),
            f"{found.memory / 1000:.1f} GB",
            lasting(found.plan_seconds),
            lasting(found.apply_seconds),
        )


def lasting(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3.4 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
