"""``python -m bench``: measure, print a table, keep the figures.

Each other word is a module with a ``main`` of its own; see bench/README.md.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
QUICK = ROOT / ".erpsync" / "bench" / "results.json"
"""Where the figures of a run with other sizes are kept, so that those of the documentation stay."""
WORDS = {
    "profile": "bench.hotspots",
    "sod": "bench.sod",
    "connectors": "bench.connectors",
    "roles": "bench.roles",
    "peers": "bench.peers.run",
    "live": "bench.live",
    "simulate": "bench.simulate",
}


def main(arguments: list[str]) -> int:
    """Run the word, or measure every size; the exit code."""
    # So that whoever ends it ends what it has started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if arguments and arguments[0] in WORDS:
        # Imported late: no child could show a smaller peak than a process that has loaded erpsync.
        code: int = import_module(WORDS[arguments[0]]).main(arguments[1:])
        return code
    return _measure(arguments)


def _measure(arguments: list[str]) -> int:
    """Measure every size; 1 if a command fails, 0 whatever the figures."""
    from bench import results, tables
    from bench.measure import CASES, TOGETHER, WITH_POLICY, measure, measure_start
    from bench.process import CommandFailedError

    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog=f"Or one of: {', '.join(WORDS)}."
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=list(results.SIZES), help="numbers of users")
    parser.add_argument("--runs", type=int, default=5, help="how often each command is measured")
    parser.add_argument(
        "--short", action="store_true", help="only what is to be reached: validate + plan, and with all risks"
    )
    parser.add_argument("--add", action="store_true", help="keep the other sizes that the output has")
    parser.add_argument("--output", type=Path, help="where the figures are kept")
    options = parser.parse_args(arguments)
    whole = tuple(sorted(options.sizes)) == results.SIZES
    output = options.output or (results.FILE if whole else QUICK)
    try:
        start = measure_start(options.runs)
        sizes: dict[str, Any] = results.read(output)["sizes"] if options.add else {}
        cases = (TOGETHER, WITH_POLICY) if options.short else CASES
        for size in sorted(options.sizes):
            place = generated(size)
            sizes[str(size)] = results.of_size(place, list(measure(place, options.runs, cases)))
            document = results.of_run(sizes, start)
            results.write(QUICK, document)  # what was measured is not lost, whatever happens next
            print(tables.of_size(document, size), flush=True)
    except CommandFailedError as error:
        print(error, file=sys.stderr)
        return 1
    document["connectors"] = _connectors()
    results.write(output, document)
    print(tables.of_rest(document))
    if whole:
        # In a process of its own for the same reason.
        subprocess.run([sys.executable, "-m", "bench.chart"], cwd=ROOT, check=True)
    return 0


def _connectors() -> dict[str, Any]:
    """What each connector sends and costs, measured in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "connectors.json"
        command = [sys.executable, "-m", "bench", "connectors", "--output", str(file)]
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        found: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return found


def generated(users: int) -> Path:
    """The directory of the company of a size; made in a process of its own, so that this one stays small."""
    command = [sys.executable, "-m", "bench.generate", str(users)]
    made = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return Path(made.stdout.strip())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
