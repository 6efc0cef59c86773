"""``python -m bench``: measure, print a table, keep the figures."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from bench.hotspots import profile
from bench.measure import (
    COMMANDS,
    PLAN_CHANGED,
    PLAN_SAME,
    VALIDATE,
    CommandFailedError,
    Figures,
    measure,
    medians,
)

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / ".erpsync" / "bench" / "results.json"
REACH = Figures(cpu=0, peak=250, ratio=6)
"""What validate + plan should stay within: peak in MB, CPU as a multiple of the parse."""
SUMS = {
    "validate + plan, nothing changed": (VALIDATE, PLAN_SAME),
    "validate + plan, 1 % changed": (VALIDATE, PLAN_CHANGED),
    "plan alone, which validates too": (PLAN_SAME,),
}


def main() -> int:
    """Measure every size; 1 if a command fails, 0 whatever the figures."""
    options = _options()
    if options.what == "sod":
        # Imported late: no child could show a smaller peak than a process that has loaded erpsync.
        from bench.sod import SIZES, measure_sod, table

        print(table(measure_sod(options.users or SIZES, options.runs)))
        return 0
    if options.what == "connectors":
        from bench.connectors import installed, measure_connector
        from bench.connectors import table as connector_table

        count = (options.users or [10_000])[0]
        subjects = installed()
        costs = {subject.name: measure_connector(subject, count) for subject in subjects}
        print(connector_table(costs, {subject.name: subject.answers for subject in subjects}))
        return 0
    if options.what == "roles":
        from bench import roles

        print(roles.table(roles.measure_roles(options.users or roles.SIZES)))
        return 0
    results: dict[str, object] = {}
    for users in options.users or [10_000]:
        place = _generate(users)
        if options.what == "profile":
            return profile(place)
        try:
            rounds = measure(place, options.runs)
        except CommandFailedError as error:
            print(error, file=sys.stderr)
            return 1
        commands = {command.name: medians(rounds, (command,)) for command in COMMANDS}
        sums = {name: medians(rounds, parts) for name, parts in SUMS.items()}
        print(_table(users, options.runs, commands, sums))
        results[str(users)] = {name: figures._asdict() for name, figures in (commands | sums).items()}
    about = {"python": platform.python_version(), "cpus": os.cpu_count(), "runs": options.runs}
    RESULTS.write_text(json.dumps({**about, "users": results}, indent=2) + "\n", encoding="utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    kinds = ["measure", "profile", "sod", "connectors", "roles"]
    parser.add_argument("what", nargs="?", choices=kinds, default="measure")
    parser.add_argument("--users", type=int, nargs="+", help="sizes of the company")
    parser.add_argument("--runs", type=int, default=5, help="how often each command is measured")
    return parser.parse_args()


def _generate(users: int) -> Path:
    # In a process of its own, so that this one stays small; measure.py says why.
    command = [sys.executable, "-m", "bench.generate", str(users)]
    made = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Path(made.stdout.strip())


def _table(users: int, runs: int, commands: dict[str, Figures], sums: dict[str, Figures]) -> str:
    line = "{:<36}{:>8}{:>10}{:>12}".format
    lines = [f"{users:,} users, median of {runs}", "", line("", "CPU s", "peak MB", "× parse")]
    lines += [line(name, *_shown(figures)) for name, figures in commands.items()]
    lines += ["", line("", "CPU s", "peak MB", "× parse") + "   reach"]
    for name, figures in sums.items():
        met = figures.ratio <= REACH.ratio and figures.peak <= REACH.peak
        verdict = f"   ≤ {REACH.ratio:g} × parse, ≤ {REACH.peak:g} MB: {'met' if met else 'not met'}"
        lines.append(line(name, *_shown(figures)) + verdict)
    return "\n".join(lines) + "\n"


def _shown(figures: Figures) -> tuple[str, str, str]:
    return f"{figures.cpu:.3f}", f"{figures.peak:.0f}", f"{figures.ratio:.2f}"


if __name__ == "__main__":
    sys.exit(main())
