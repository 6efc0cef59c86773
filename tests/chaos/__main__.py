"""``python -m tests.chaos``: every fault and every kind of kill, at requests chosen at random or at all."""

# ruff: noqa: T201 - its output is for people

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random

from demo.bootstrap import APPLY_LOGIN
from demo.tryton_database import MINIMAL
from tests.chaos.faulty import Verdict, at_request, survive, weather
from tests.chaos.killing import kill_again_and_again, kill_once
from tests.chaos.scenario import Scenario, prepare, small_batches
from tests.support.erp import APPLY_PASSWORD, COMPANIES, ROLES, running
from tests.support.fault_proxy import FaultProxy, Moment
from tests.support.faults import FAULTS, Fault

RUNS_AN_ERP = 40
"""Accounts cannot be deleted, so that an ERP gets slower; a new one takes three seconds."""
SHOWN = 5
"""Most problems told of one run."""

Trial = Callable[[Scenario], Verdict]


@dataclass
class Row:
    """What became of all runs with one fault."""

    name: str
    runs: int = 0
    converged: int = 0
    wrong: int = 0
    told: list[str] = field(default_factory=list)

    def take(self, verdict: Verdict) -> None:
        """Count one run."""
        self.runs += 1
        self.converged += not verdict.left
        self.wrong += bool(verdict.wrong)
        self.told += [f"{self.name}: {problem}" for problem in (*verdict.wrong, *verdict.left)][:SHOWN]

    def __str__(self) -> str:
        return f"{self.name:<26} {self.runs:>6} {self.converged:>10} {self.wrong:>15}"


def main() -> int:
    """Run all trials; 1 if any outcome was wrong or anything did not converge."""
    options = _options()
    os.environ |= {"ERP_USERNAME": APPLY_LOGIN, "ERP_PASSWORD": APPLY_PASSWORD}
    rows: dict[str, Row] = {}
    with tempfile.TemporaryDirectory() as place, small_batches():
        requests = _requests(Path(place) / "count", options.accounts)
        print(f"{options.accounts} accounts a plan, {requests} requests a run, seed {options.seed}")
        trials = _trials(Random(options.seed), requests, options)
        chosen = [trial for trial in trials if trial[0].startswith(options.only)]
        for number, part in enumerate(_parts(chosen)):
            for name, trial, scenario in _prepared(part, Path(place) / str(number), options.accounts):
                rows.setdefault(name, Row(name)).take(trial(scenario))
                print(f"\r{sum(row.runs for row in rows.values())} runs", end="", file=sys.stderr)
    print(f"\n{'fault':<26} {'runs':>6} {'converged':>10} {'wrong outcomes':>15}")
    print(*rows.values(), sep="\n")
    print(*(problem for row in rows.values() for problem in row.told), sep="\n")
    return int(any(row.wrong or row.converged < row.runs for row in rows.values()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="runs for each fault (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="decides which requests (default: %(default)s)")
    parser.add_argument("--accounts", type=int, default=25, help="changes in a plan (default: %(default)s)")
    parser.add_argument("--every", action="store_true", help="every fault at every request; takes hours")
    parser.add_argument("--only", default="", help="only the faults whose name begins so")
    return parser.parse_args()


def _trials(random: Random, requests: int, options: argparse.Namespace) -> Iterator[tuple[str, Trial]]:
    def points() -> list[int]:
        everywhere = range(1, requests + 1)
        return list(everywhere) if options.every else random.choices(everywhere, k=options.rounds)

    for fault in FAULTS:
        for number in points():
            yield fault.name, _faulty(fault, number)
    for moment in Moment:
        for number in points():
            yield f"killed: {moment.name.lower()}", _killing(moment, number)
    for _ in range(options.rounds):
        yield "killed at every write", lambda scenario: kill_again_and_again(scenario)[0]
        yield "storm", lambda scenario: weather(scenario, random, 0.08)


def _faulty(fault: Fault, number: int) -> Trial:
    def trial(scenario: Scenario) -> Verdict:
        verdict = survive(scenario, at_request(number, fault), again=bool(number % 2))
        return _where(verdict, number)

    return trial


def _killing(moment: Moment, number: int) -> Trial:
    return lambda scenario: _where(kill_once(scenario, moment, number)[0], number)


def _where(verdict: Verdict, number: int) -> Verdict:
    at = f"at request {number}: "
    return Verdict([at + text for text in verdict.wrong], [at + text for text in verdict.left])


def _parts(trials: list[tuple[str, Trial]]) -> Iterator[list[tuple[str, Trial]]]:
    left = iter(trials)
    while part := list(islice(left, RUNS_AN_ERP)):
        yield part


def _prepared(
    trials: list[tuple[str, Trial]], place: Path, accounts: int
) -> Iterator[tuple[str, Trial, Scenario]]:
    """Trials, each with a plan of its own on an ERP that they share."""
    with _started(place) as make:
        for name, trial in trials:
            yield name, trial, make(accounts)


@contextmanager
def _started(place: Path) -> Iterator[Callable[[int], Scenario]]:
    place.mkdir()
    with (
        running(place, MINIMAL, {"companies": COMPANIES, "roles": ROLES}) as erp,
        FaultProxy(erp.url) as proxy,
    ):
        yield lambda accounts: prepare(erp, proxy, place / erp.login("run"), accounts)


def _requests(place: Path, accounts: int) -> int:
    """How many requests a run makes when nothing goes wrong."""
    with _started(place) as make:
        scenario = make(accounts)
        scenario.apply()
        return len(scenario.calls)


if __name__ == "__main__":
    sys.exit(main())
