"""What a command costs: CPU time and peak memory, as the kernel counted them for the child process.

This module imports little on purpose. A child begins as a copy of this process, and the kernel's peak
remembers that: no child can show a smaller peak than the process that started it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from threading import Timer
from typing import NamedTuple

_NOT_AS_USED = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
"""What machines of developers set, and which would make Python compile every module again and again."""

# macOS counts in bytes, Linux in kibibytes.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


class Cost(NamedTuple):
    """What one run took: CPU seconds (user and system), and peak memory in MB of 1,000,000 bytes."""

    cpu: float
    peak: float

    def then(self, other: Cost) -> Cost:
        """What two runs took, one after the other."""
        return Cost(self.cpu + other.cpu, max(self.peak, other.peak))


class CommandFailedError(Exception):
    """A command did not end as it should."""


class TooSlowError(Exception):
    """A command was ended since it took too long."""


def run(
    command: Sequence[str],
    place: Path,
    expected: Collection[int] = (0,),
    timeout: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> Cost:
    """Run one command in a directory, its output thrown away.

    Args:
        command: the program and its arguments.
        place: the directory to run it in.
        expected: the exit codes that say it worked.
        timeout: seconds of wall time after which it is ended.
        environment: what it finds in its environment; that of this process if left out. Settings that slow
            Python down are taken out of it.

    Raises:
        CommandFailedError: it ended with another exit code than expected.
        TooSlowError: it had to be ended.
    """
    found = os.environ if environment is None else environment
    settings = {name: value for name, value in found.items() if name not in _NOT_AS_USED}
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            command,
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env=settings,
            start_new_session=True,
        )
        # With everything that it started.
        late = Timer(timeout or 0, os.killpg, (process.pid, signal.SIGKILL))
        if timeout:
            late.start()
        # The resource usage of exactly this child and those it waited for, such as git.
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:  # Ctrl-C reaches this process alone, since the child has a session of its own
            os.killpg(process.pid, signal.SIGKILL)
            raise
        ended_late = bool(timeout) and not late.is_alive()
        late.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if ended_late:
            raise TooSlowError(f"more than {timeout:.0f} s")
        if process.returncode not in expected:
            complaints.seek(0)
            raise CommandFailedError(
                f"{' '.join(command)}: exit code {process.returncode}, expected {expected}\n"
                + complaints.read().decode(errors="replace")
            )
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _PEAK_UNIT / 1e6)


def run_apart(
    command: Sequence[str],
    place: Path,
    expected: Collection[int],
    timeout: float | None,
    environment: Mapping[str, str],
) -> Cost:
    """The same from a small process, for one that has grown itself.

    Raises:
        CommandFailedError: it ended with another exit code than expected.
        TooSlowError: it had to be ended.
    """
    order = json.dumps([list(command), str(place), list(expected), timeout, dict(environment)])
    small = [sys.executable, "-m", "bench.process"]
    root = Path(__file__).parent.parent
    done = subprocess.run(small, cwd=root, input=order, stdout=subprocess.PIPE, text=True, check=True)
    kind, *values = json.loads(done.stdout)
    if kind == "cost":
        return Cost(*values)
    raise {"failed": CommandFailedError, "slow": TooSlowError}[kind](*values)


def _run_order() -> None:
    command, place, expected, timeout, environment = json.load(sys.stdin)
    try:
        told: list[object] = ["cost", *run(command, Path(place), expected, timeout, environment)]
    except CommandFailedError as error:
        told = ["failed", str(error)]
    except TooSlowError as error:
        told = ["slow", str(error)]
    print(json.dumps(told))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _run_order()
