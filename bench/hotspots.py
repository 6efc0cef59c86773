"""Where a plan spends its time: ``python -m bench profile``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import PLAN_SAME


def profile(place: Path) -> int:
    """Print the 40 functions in which a plan spends most time of its own; the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        stats = str(Path(folder) / "stats")
        code = subprocess.run(
            [sys.executable, "-m", "cProfile", "-o", stats, *PLAN_SAME.arguments], cwd=place, check=False
        ).returncode
        if code != PLAN_SAME.expected:
            return 1
        sys.stdout.flush()
        show = f"import pstats; pstats.Stats({stats!r}).sort_stats('tottime').print_stats(40)"
        return subprocess.run([sys.executable, "-c", show], check=False).returncode
