"""Measures every tool at growing sizes, as far as it is done within the time, and erpsync beside it."""

from __future__ import annotations

import argparse
import math
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from bench.__main__ import generated
from bench.chart import PEERS
from bench.measure import ALONE, figures, measure
from bench.peers.ansible import Ansible
from bench.peers.database_roles import Ldap2Pg, PgBedrock
from bench.peers.octodns import OctoDns
from bench.peers.postgres import cluster
from bench.peers.terraform import Terraform
from bench.peers.tool import MissingError, Stage, Tool, User, Work, users_of
from bench.process import CommandFailedError, Cost, TooSlowError, run_apart
from bench.results import machine, read, write
from bench.tables import as_markdown, measured_on, plain

SIZES = (100, 1_000, 10_000)
TOOLS: tuple[Tool, ...] = (OctoDns(), Ldap2Pg(), PgBedrock(), Ansible(), Terraform())
LONG = 20.0
"""CPU seconds from which one run has to do."""
HEAD = ("", "users", "CPU s", "MB", "erpsync", "× erpsync", "one changed", "× erpsync, warm")
BEST = "the best of them"
REACHES = ((BEST, "cold", 4), ("octoDNS", "cold", 8), ("Terraform", "cold", 300), (BEST, "warm", 20))
"""How many times less erpsync should cost for 10,000 users, than what, and when."""


def main(arguments: list[str]) -> int:
    """Measure, print the table, and keep the figures where all sizes were measured; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench peers")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of users")
    parser.add_argument("--runs", type=int, default=3, help="how often each tool is run")
    parser.add_argument("--timeout", type=int, default=900, help="seconds after which a run is given up")
    parser.add_argument("--only", nargs="+", metavar="TOOL", help="only these tools")
    parser.add_argument("--output", type=Path, default=PEERS, help="where the figures are kept")
    options = parser.parse_args(arguments)
    tools = [tool for tool in TOOLS if not options.only or tool.name in options.only]
    document: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "erpsync": {str(size): _erpsync(size, options.runs) for size in options.sizes},
        "tools": {},
    }
    with cluster() as postgres:
        for tool in tools:
            print(f"{tool.name} ...", file=sys.stderr, flush=True)
            document["tools"][tool.name] = _measured(tool, options, postgres)
    if options.only and options.output.is_file():
        document["tools"] = read(options.output)["tools"] | document["tools"]
    write(options.output, document)
    print(plain(HEAD, rows(document)))
    for line in (*notes(document), *verdicts(document)):
        print(line)
    return 0


def _erpsync(size: int, runs: int) -> dict[str, Any]:
    """A plan by itself, which validates too: what the others do is one command as well."""
    plan = ALONE[1]
    rounds = list(measure(generated(size), runs, [plan]))
    cold, warm = (figures(plan, rounds, warm=when) for when in (False, True))
    return {"cold": cold._asdict(), "warm": warm._asdict()}


def _measured(tool: Tool, options: argparse.Namespace, postgres: Any) -> dict[str, Any]:
    """What a tool costs at each size, until it would take too long; or why it is left out."""
    found: dict[str, Any] = {"entry": tool.entry, "cold": {}, "warm": {}}
    try:
        found["version"] = tool.version()
        costs: list[tuple[int, float]] = []
        for size in sorted(options.sizes):
            if _expected(costs, size) > options.timeout:
                found["note"] = f"{size:,} users would take about {_expected(costs, size) / 60:.0f} minutes"
                break
            cold, warm = _measure_size(tool, users_of(size), postgres, options)
            costs.append((size, cold.cpu))
            found["cold"][str(size)], found["warm"][str(size)] = cold._asdict(), warm._asdict()
    except MissingError as error:
        found["note"] = str(error)
    except TooSlowError as error:
        found["note"] = f"{size:,} users took {error}"
    except CommandFailedError as error:
        # Not the command itself, which has a password in it.
        found["note"] = f"failed: {(str(error).splitlines()[1:] or ['it does not say why'])[-1]}"
    return found


def _expected(costs: Sequence[tuple[int, float]], size: int) -> float:
    """What a larger size will take, if it goes on growing as it did, but no slower than in step."""
    if not costs:
        return 0
    (last, cpu), power = costs[-1], 1.0
    if len(costs) > 1:
        before, less = costs[-2]
        power = max(1.0, math.log(cpu / less) / math.log(last / before))
    return cpu * math.pow(size / last, power)


def _measure_size(
    tool: Tool, users: Sequence[User], postgres: Any, options: argparse.Namespace
) -> tuple[Cost, Cost]:
    with tempfile.TemporaryDirectory(prefix="erpsync-bench-") as folder:
        place = Path(folder)
        work = tool.prepare(Stage(users, place, postgres))
        cold = _median(work, place, options)
        work.change_one()
        warm = _median(work, place, options)
        shutil.rmtree(place / "tmp", ignore_errors=True)
        return cold, warm


def _median(work: Work, place: Path, options: argparse.Namespace) -> Cost:
    environment = {**os.environ, **work.environment}
    costs: list[Cost] = []
    while len(costs) < options.runs and not (costs and costs[0].cpu > LONG):
        costs.append(run_apart(work.command, place, work.expected, options.timeout, environment))
    return Cost(median(cost.cpu for cost in costs), median(cost.peak for cost in costs))


def rows(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Cells of the comparison: each tool at each size, and how many times more it costs than erpsync."""
    for name, tool in document["tools"].items():
        title = f"{name} {tool.get('version', '')}".strip()
        for size, cold in tool["cold"].items():
            ours, warm = document["erpsync"][size], tool["warm"][size]
            yield (
                title, f"{int(size):,}", f"{cold['cpu']:.2f}", f"{cold['peak']:.0f}",
                f"{ours['cold']['cpu']:.2f}", f"{cold['cpu'] / ours['cold']['cpu']:.1f}",
                f"{warm['cpu']:.2f}", f"{warm['cpu'] / ours['warm']['cpu']:.1f}",
            )  # fmt: skip


def notes(document: Mapping[str, Any]) -> Iterator[str]:
    """What was not measured, and why."""
    for name, tool in document["tools"].items():
        if "note" in tool:
            yield f"{name}: {tool['note']}"


def verdicts(document: Mapping[str, Any]) -> Iterator[str]:
    """How the figures stand to what should be reached, for the largest size."""
    size = str(SIZES[-1])
    if size not in document["erpsync"]:
        return
    for what, when, least in REACHES:
        costs = {
            name: tool[when][size]["cpu"] for name, tool in document["tools"].items() if size in tool[when]
        }
        if what != BEST:
            costs = {name: cpu for name, cpu in costs.items() if name == what}
        if costs:
            name = min(costs, key=lambda item: costs[item])
            times = costs[name] / document["erpsync"][size][when]["cpu"]
            met = "met" if times >= least else "not met"
            yield f"{what} ({name}), {when}: {times:.1f} × erpsync, to reach ≥ {least} ×: {met}"


def markdown(document: Mapping[str, Any]) -> str:
    """The comparison for the documentation."""
    entries = [f"- {name}: {tool['entry']}" for name, tool in document["tools"].items()]
    told = [f"- {line}" for line in (*notes(document), *verdicts(document))]
    return "\n".join(
        [
            f"{measured_on(document)}.\n",
            as_markdown(HEAD, rows(document)),
            *told,
            "",
            "One entry is:\n",
            *entries,
            "",
        ]
    )
