"""Where a plan spends its time: ``python -m bench profile [USERS]``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.generate import generate
from bench.measure import DEPARTMENTS, TOGETHER


def main(arguments: list[str]) -> int:
    """Print the 40 functions in which a plan spends most time of its own; the exit code."""
    place = generate(int(arguments[0]) if arguments else 10_000) / DEPARTMENTS
    plan = TOGETHER.commands[-1]
    with tempfile.TemporaryDirectory() as folder:
        stats = str(Path(folder) / "stats")
        code = subprocess.run(
            [sys.executable, "-m", "cProfile", "-o", stats, *plan], cwd=place, check=False
        ).returncode
        if code:
            return 1
        sys.stdout.flush()
        show = f"import pstats; pstats.Stats({stats!r}).sort_stats('tottime').print_stats(40)"
        return subprocess.run([sys.executable, "-c", show], check=False).returncode
