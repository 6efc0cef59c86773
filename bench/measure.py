"""The commands that are measured, cold and warm, in companies that `bench.generate` wrote.

Cold means that nothing of an earlier run is there; warm means that the same was run before, and that one
user has changed since. Like `bench.process`, this module imports little.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.process import Cost, run

AS_OF = "2026-06-15"
"""The day of `bench.company`, as written on the command line."""
DEPARTMENTS, USERS, POLICY = "departments", "users", "policy"
"""The layouts, by the directory that each lies in."""
_YARDSTICK = (str(Path(__file__).with_name("yardstick.py")), "access")
_ERPSYNC = ("-m", "erpsync")
_VALIDATE = (*_ERPSYNC, "validate", "--as-of", AS_OF)
_EXAMPLE = Path(__file__).parent.parent


class Case(NamedTuple):
    """Commands of erpsync that are run one after the other in a layout, and measured together."""

    name: str
    commands: tuple[tuple[str, ...], ...]
    layout: str = DEPARTMENTS


class Figures(NamedTuple):
    """The medians of a case: CPU seconds, peak in MB, CPU as a multiple of the parse of the same bytes."""

    cpu: float
    peak: float
    ratio: float


def _live(command: str, recording: str, *arguments: str) -> tuple[str, ...]:
    return (*_ERPSYNC, command, *arguments, "--as-of", AS_OF, "--live", f"../{recording}.json")


_PLAN = _live("plan", "same")
ALONE = (
    Case("validate", (_VALIDATE,)),
    Case("plan, nothing changed", (_PLAN,)),
    Case("plan, 1 % changed", (_live("plan", "changed"),)),
    Case("plan, all changed", (_live("plan", "all"),)),
    Case("explain one user", (_live("explain", "same", "{user}"),)),
    Case("check, all rules and risks", (_live("check", "same"),), POLICY),
)
TOGETHER = Case("validate + plan, nothing changed", (_VALIDATE, _PLAN))
WITH_POLICY = Case("the same, all risks", (_VALIDATE, _PLAN), POLICY)
FILE_A_USER = Case("the same, one file a user", (_VALIDATE, _PLAN), USERS)
CASES = (*ALONE, TOGETHER, WITH_POLICY, FILE_A_USER)
START = {
    "python -c pass": ("-c", "pass"),
    "erpsync --help": (*_ERPSYNC, "--help"),
    "erpsync validate, the example company": (*_ERPSYNC, "validate"),
}


class Round(NamedTuple):
    """What each case cost in one round, cold and warm, and the bare parse of each layout."""

    cold: Mapping[str, Cost]
    warm: Mapping[str, Cost]
    parse: Mapping[str, Cost]


def measure(place: Path, runs: int, cases: Sequence[Case] = CASES) -> Iterator[Round]:
    """Run cases so many times in a generated company.

    Raises:
        CommandFailedError: a command did not end as it should.
    """
    for _ in range(runs):
        cold: dict[str, Cost] = {}
        warm: dict[str, Cost] = {}
        parse: dict[str, list[Cost]] = {}
        for case in cases:
            layout = place / case.layout
            # The yardstick stands between the others, so that a slow moment of the machine meets both.
            parse.setdefault(case.layout, []).append(run([sys.executable, *_YARDSTICK], layout))
            shutil.rmtree(layout / ".erpsync", ignore_errors=True)
            cold[case.name] = _run(case, layout)
            with one_user_changed(layout):
                warm[case.name] = _run(case, layout)
        yield Round(
            cold,
            warm,
            {
                layout: Cost(median(cost.cpu for cost in costs), max(cost.peak for cost in costs))
                for layout, costs in parse.items()
            },
        )


def figures(case: Case, rounds: Sequence[Round], *, warm: bool) -> Figures:
    """The medians of a case; each ratio is to the parse of its own round."""
    costs = [(item.warm if warm else item.cold)[case.name] for item in rounds]
    ratios = [cost.cpu / item.parse[case.layout].cpu for cost, item in zip(costs, rounds, strict=True)]
    return Figures(median(cost.cpu for cost in costs), median(cost.peak for cost in costs), median(ratios))


def parse_figures(layout: str, rounds: Sequence[Round]) -> Figures:
    """The medians of the bare parse of a layout."""
    costs = [item.parse[layout] for item in rounds]
    return Figures(median(cost.cpu for cost in costs), median(cost.peak for cost in costs), 1.0)


def measure_start(runs: int) -> dict[str, Figures]:
    """What starting costs, and validating the example company; the ratio is to the bare interpreter."""
    found: dict[str, Figures] = {}
    for name, command in START.items():
        run([sys.executable, *command], _EXAMPLE)
        costs = [run([sys.executable, *command], _EXAMPLE) for _ in range(runs)]
        cpu = median(cost.cpu for cost in costs)
        bare = found["python -c pass"].cpu if found else cpu
        found[name] = Figures(cpu, median(cost.peak for cost in costs), cpu / bare)
    return found


_versions = count(1)


@contextmanager
def one_user_changed(layout: Path) -> Iterator[None]:
    """Change the e-mail address of the first user, each time to another one; afterwards all is as before."""
    file = _first_file(layout)
    text = file.read_text("utf-8")
    changed = re.sub(r"(?m)^(    email: [^@]+)", rf"\1.{next(_versions)}", text, count=1)
    assert changed != text, file
    file.write_text(changed, encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(text, encoding="utf-8")


def _first_file(layout: Path) -> Path:
    return next(iter(sorted((layout / "access" / "users").rglob("*.yaml"))))


def _first_user(layout: Path) -> str:
    found = re.search(r"(?m)^  ([^\s#:]+):$", _first_file(layout).read_text("utf-8"))
    assert found
    return found[1]


def _run(case: Case, layout: Path) -> Cost:
    user = _first_user(layout)
    total = Cost(0, 0)
    for command in case.commands:
        total = total.then(run([sys.executable, *(part.format(user=user) for part in command)], layout))
    return total
