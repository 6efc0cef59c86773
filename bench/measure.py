"""What a command costs: CPU time and peak memory, as the kernel counted them for the child process.

This module imports little on purpose. A child begins as a copy of this process, and the kernel's peak
remembers that: no child can show a smaller peak than the process that started it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.company import AS_OF

# macOS counts in bytes, Linux in kibibytes.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


class Command(NamedTuple):
    """A command to measure, and the exit code that says it worked."""

    name: str
    arguments: tuple[str, ...]
    expected: int = 0


class Cost(NamedTuple):
    """What one run took."""

    cpu: float
    peak: float


class CommandFailedError(Exception):
    """A command did not end as it should."""


PARSE = Command("parse only", (str(Path(__file__).with_name("yardstick.py")), "access"))
_PLAN = ("-m", "erpsync", "plan", "--as-of", AS_OF.isoformat(), "--detailed-exitcode", "--live")
VALIDATE = Command("validate", ("-m", "erpsync", "validate"))
PLAN_SAME = Command("plan, nothing changed", (*_PLAN, "same.json"))
PLAN_CHANGED = Command("plan, 1 % changed", (*_PLAN, "changed.json"), expected=3)
HELP = Command("--help", ("-m", "erpsync", "--help"))
PYTHON = Command("python -c pass", ("-c", "pass"))
COMMANDS = (PARSE, VALIDATE, PLAN_SAME, PLAN_CHANGED, HELP, PYTHON)

# The yardstick stands between the others, so that a slow moment of the machine meets both.
_ROUND = (PARSE, VALIDATE, PARSE, PLAN_SAME, PARSE, PLAN_CHANGED, HELP, PYTHON)


class Figures(NamedTuple):
    """The medians of one command: CPU seconds, peak in MB, CPU as a multiple of the parse."""

    cpu: float
    peak: float
    ratio: float


Round = dict[str, Cost]
"""What each command cost in one round, by its name."""


def measure(place: Path, runs: int) -> list[Round]:
    """Run every command so many times in a generated company, after one time that does not count.

    Raises:
        CommandFailedError: a command did not end as it should.
    """
    return [_round(place) for _ in range(runs + 1)][1:]


def medians(rounds: Sequence[Round], commands: Sequence[Command]) -> Figures:
    """The medians of commands run one after the other; each ratio is to the parse of its own round."""
    cpu = [sum(costs[command.name].cpu for command in commands) for costs in rounds]
    parse = [costs[PARSE.name].cpu for costs in rounds]
    peak = median(max(costs[command.name].peak for command in commands) for costs in rounds)
    return Figures(median(cpu), peak, median(one / of for one, of in zip(cpu, parse, strict=True)))


def _round(place: Path) -> Round:
    found: dict[str, list[Cost]] = {}
    for command in _ROUND:
        found.setdefault(command.name, []).append(run(command, place))
    return {
        name: Cost(sum(cost.cpu for cost in costs) / len(costs), max(cost.peak for cost in costs))
        for name, costs in found.items()
    }


def run(command: Command, place: Path) -> Cost:
    """Run one command in a directory, its output thrown away.

    Raises:
        CommandFailedError: it ended with another exit code than expected.
    """
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, *command.arguments], cwd=place, stdout=subprocess.DEVNULL, stderr=complaints
        )
        # The resource usage of exactly this child and those it waited for, such as git.
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != command.expected:
            complaints.seek(0)
            raise CommandFailedError(
                f"{command.name}: exit code {process.returncode}, expected {command.expected}\n"
                + complaints.read().decode(errors="replace")
            )
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _PEAK_UNIT / 1e6)
