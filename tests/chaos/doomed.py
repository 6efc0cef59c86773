"""``python -m tests.chaos.doomed``: erpsync that kills itself, as by kill -9, at one step of its journal.

Arguments: how many accounts a batch has, the `Step`, which append to the journal (from 1, or 0 for
none), then what erpsync gets.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from enum import Enum
from itertools import count
from pathlib import Path
from unittest.mock import patch

from erpsync import apply, journal
from erpsync.cli.main import main
from erpsync.codec import Json


class Step(Enum):
    """How far an append to the journal is."""

    BEFORE = "before"
    """Nothing of it is on disk."""
    TORN = "torn"
    """Half of its bytes are."""
    HEADLESS = "headless"
    """All of it is, and the head still names the entry before."""
    AFTER = "after"
    """All is, and nothing is done yet that it records."""


def doom(step: Step, number: int) -> None:
    """Let this append to the journal be the last thing that this process does."""
    append, numbers = journal.Journal.append, count(1)

    def doomed(self: journal.Journal, *events: Mapping[str, Json]) -> None:
        if next(numbers) != number:
            append(self, *events)
            return
        if step is Step.BEFORE:
            _die()
        size = self.path.stat().st_size
        if step is Step.AFTER:
            append(self, *events)
            _die()
        with patch.object(journal, "_write_head", lambda path, *_: _cut(path, size, step)):
            append(self, *events)

    journal.Journal.append = doomed  # type: ignore[method-assign]


def _cut(path: Path, before: int, step: Step) -> None:
    if step is Step.TORN:
        os.truncate(path, (before + path.stat().st_size) // 2)
    _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    apply.BATCH = int(sys.argv[1])
    doom(Step(sys.argv[2]), int(sys.argv[3]))
    del sys.argv[1:4]
    main()
