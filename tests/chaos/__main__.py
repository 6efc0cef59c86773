"""``python -m tests.chaos``: every fault and every kind of kill, at moments chosen at random or at all."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from random import Random
from typing import TypeVar

from demo.bootstrap import APPLY_LOGIN
from demo.tryton_database import MINIMAL
from tests.chaos.faulty import Verdict, at_request, survive, weather
from tests.chaos.killing import Course, KillPoint, kill_again_and_again, kill_at
from tests.chaos.rewind import Rewind
from tests.chaos.scenario import BATCH, Scenario, prepare, small_batches
from tests.support.erp import APPLY_PASSWORD, COMPANIES, ROLES, running
from tests.support.fault_proxy import FaultProxy
from tests.support.faults import FAULTS, Fault

SHOWN = 5
"""Most problems told of one run."""

T = TypeVar("T")
Trial = Callable[[Scenario], Verdict]


@dataclass
class Row:
    """What became of all runs with one fault."""

    name: str
    runs: int = 0
    kills: int = 0
    converged: int = 0
    wrong: int = 0
    told: list[str] = field(default_factory=list)

    def take(self, verdict: Verdict) -> None:
        """Count one run."""
        self.runs += 1
        self.kills += verdict.kills
        self.converged += not verdict.left
        self.wrong += bool(verdict.wrong)
        self.told += [f"{self.name}: {problem}" for problem in (*verdict.wrong, *verdict.left)][:SHOWN]

    def __str__(self) -> str:
        return f"{self.name:<26} {self.runs:>6} {self.kills:>6} {self.converged:>10} {self.wrong:>15}"


def main() -> int:
    """Run all trials; 1 if any outcome was wrong or anything did not converge."""
    options = _options()
    os.environ |= {"ERP_USERNAME": APPLY_LOGIN, "ERP_PASSWORD": APPLY_PASSWORD}
    rows: dict[str, Row] = {}
    with (
        tempfile.TemporaryDirectory() as place,
        small_batches(options.batch),
        _prepared(Path(place), options.accounts) as rewind,
    ):
        course = Course.of(rewind.again())
        print(f"{options.accounts} accounts a plan, {options.batch} a batch, seed {options.seed}")
        print(f"a run: {course.requests} requests, {course.writes} writes, {course.appends} journal appends")
        for name, trial in _trials(Random(options.seed), course, options):
            if name.startswith(options.only):
                rows.setdefault(name, Row(name)).take(trial(rewind.again()))
                print(f"\r{sum(row.runs for row in rows.values())} runs", end="", file=sys.stderr)
    _tell(list(rows.values()))
    return int(any(row.wrong or row.converged < row.runs for row in rows.values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs for each fault (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="decides which moments (default: %(default)s)")
    parser.add_argument("--accounts", type=int, default=25, help="changes in a plan (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=BATCH, help="changes in a batch (default: %(default)s)")
    parser.add_argument(
        "--every", action="store_true", help="every fault at every request, kills at every append and write"
    )
    parser.add_argument("--only", default="", help="only the faults whose name begins so")
    return parser.parse_args()


def _trials(random: Random, course: Course, options: argparse.Namespace) -> Iterator[tuple[str, Trial]]:
    def chosen(points: Sequence[T]) -> Sequence[T]:
        return points if options.every else random.choices(points, k=options.rounds)

    for fault in FAULTS:
        for number in chosen(range(1, course.requests + 1)):
            yield fault.name, _faulty(fault, number)
    for name, points in groupby(course.kill_points, lambda point: point.name):
        for point in chosen(list(points)):
            yield name, _killing(point, options.batch)
    for _ in range(options.rounds):
        yield "killed at its first write", partial(kill_again_and_again, batch=options.batch)
        yield "storm", lambda scenario: weather(scenario, random, 0.08)


def _faulty(fault: Fault, number: int) -> Trial:
    def trial(scenario: Scenario) -> Verdict:
        verdict = survive(scenario, at_request(number, fault), again=bool(number % 2))
        return _where(verdict, f"request {number}")

    return trial


def _killing(point: KillPoint, batch: int) -> Trial:
    return lambda scenario: _where(kill_at(scenario, point, batch), str(point.number))


def _where(verdict: Verdict, place: str) -> Verdict:
    at = f"at {place}: "
    wrong, left = ([at + text for text in texts] for texts in (verdict.wrong, verdict.left))
    return Verdict(wrong, left, verdict.kills)


@contextmanager
def _prepared(place: Path, accounts: int) -> Iterator[Rewind]:
    """A plan on an ERP of its own that can be had as often as there are trials."""
    with (
        running(place, MINIMAL, {"companies": COMPANIES, "roles": ROLES}) as erp,
        FaultProxy(erp.url) as proxy,
    ):
        yield Rewind(prepare(erp, proxy, place / "run", accounts), place / "erp.sqlite")


def _tell(rows: Sequence[Row]) -> None:
    print(f"\n{'fault':<26} {'runs':>6} {'kills':>6} {'converged':>10} {'wrong outcomes':>15}")
    total = Row("all")
    for row in rows:
        print(row)
        for what in ("runs", "kills", "converged", "wrong"):
            setattr(total, what, getattr(total, what) + getattr(row, what))
    print(total)
    print(*(problem for row in rows for problem in row.told), sep="\n")


if __name__ == "__main__":
    sys.exit(main())
