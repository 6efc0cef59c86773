"""What separation of duties costs: ``python -m bench sod``.

The example company with any number of people: each has a position of one of its people, and five
assignments as in ``company.py``, nine of ten within the subsystem that the position works in. That makes
more conflicts than any company bears. All risks of ``access/policies`` are looked for. Nothing is read
or written, so that the comparison alone is measured.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import NamedTuple

from bench.company import ASSIGNMENTS, SEED
from erpsync.access import load_valid
from erpsync.model import Access, Assignment, User
from erpsync.policy.duties import rulebook
from erpsync.policy.holdings import declared
from erpsync.policy.sod import conflicts

SIZES = (1_000, 10_000, 100_000)
REACH = 10.0
"""CPU seconds within which 100,000 people should stay."""
AS_OF = date(2026, 11, 22)

_EXAMPLE = Path(__file__).parent.parent / "access"


class Figures(NamedTuple):
    """The median CPU seconds for a number of people, and what was found."""

    people: int
    cpu: float
    conflicts: int
    concerned: int


def main(arguments: list[str]) -> int:
    """Measure every size and print the table; always 0, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench sod")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="numbers of people")
    parser.add_argument("--runs", type=int, default=3, help="how often each size is measured")
    options = parser.parse_args(arguments)
    print(table(measure_sod(options.sizes, options.runs)))
    return 0


def measure_sod(sizes: Sequence[int], runs: int) -> list[Figures]:
    """Measure every size."""
    # As the command does it: looking for cycles again and again would be measured too.
    gc.set_threshold(200_000, 20, 50)
    example = load_valid(_EXAMPLE)
    return [_measure(_grown(example, size), runs) for size in sizes]


def table(figures: Sequence[Figures]) -> str:
    """The figures as text."""
    line = "{:>10}{:>10}{:>14}{:>12}{:>18}".format
    lines = ["separation of duties, nothing read", ""]
    lines.append(line("people", "CPU s", "µs a person", "conflicts", "people with one"))
    for item in figures:
        each = f"{item.cpu / item.people * 1e6:.1f}"
        verdict = ""
        if item.people == SIZES[-1]:
            verdict = f"   ≤ {REACH:g} s: {'met' if item.cpu <= REACH else 'not met'}"
        found = (f"{item.conflicts:,}", f"{item.concerned:,}")
        lines.append(line(f"{item.people:,}", f"{item.cpu:.3f}", each, *found) + verdict)
    return "\n".join(lines) + "\n"


def _measure(access: Access, runs: int) -> Figures:
    spent = []
    for _ in range(runs):
        begun = process_time()
        found = list(conflicts(access, rulebook(access), declared(access, AS_OF)))
        spent.append(process_time() - begun)
    return Figures(len(access.users), median(spent), len(found), len({item.person for item in found}))


def _grown(example: Access, people: int) -> Access:
    """The example company with so many people."""
    random = Random(SEED)
    by_subsystem: dict[str, list[str]] = {}
    for key, role in example.roles.items():
        by_subsystem.setdefault(role.subsystem or "", []).append(key)
    molds = [user for user in example.users.values() if user.position]
    users = (
        _user(molds[number % len(molds)], number, example, by_subsystem, random) for number in range(people)
    )
    return replace(example, users={user.key: user for user in users})


def _user(
    mold: User, number: int, example: Access, by_subsystem: Mapping[str, Sequence[str]], random: Random
) -> User:
    brought = example.positions[mold.position or ""].roles
    subsystem = example.roles[brought[0]].subsystem if brought else "oa"
    own = by_subsystem[subsystem or ""]
    everything = tuple(example.roles)
    given = tuple(
        _assignment(random.choice(own if random.random() < 0.9 else everything), mold, random)
        for _ in range(ASSIGNMENTS)
    )
    return replace(mold, key=f"{mold.key}.{number}", employee_no=f"{number:06}", assignments=given)


def _assignment(role: str, mold: User, random: Random) -> Assignment:
    first = AS_OF + timedelta(days=random.randrange(-500, 60))
    last = first + timedelta(days=random.choice((30, 180, 365, 730)))
    return Assignment(role, "benchmark", mold.at, first, last)
