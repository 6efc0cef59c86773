"""Where erpsync keeps what it did: journals, and the plan of every run that wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from erpsync.errors import ErpsyncError, UsageError

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")


def journal_path(state: Path, target: str) -> Path:
    """The journal of a target."""
    return state / "journal" / f"{target}.jsonl"


def journal_paths(state: Path) -> list[Path]:
    """Every journal there is."""
    return sorted((state / "journal").glob("*.jsonl"))


def save_plan(state: Path, run: str, text: str) -> Path:
    """Keep the plan of a run, before its first write; only its owner may read it.

    Raises:
        ErpsyncError: it cannot be kept, so nothing may be written.
    """
    path = state / "runs" / run / "plan.json"
    try:
        path.parent.mkdir(parents=True, mode=0o700)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    except OSError as error:
        raise ErpsyncError(f"the plan cannot be kept: {error.strerror}", where=str(path)) from error
    return path


def saved_plan(state: Path, run: str) -> str:
    """The text of the plan of a run.

    Raises:
        UsageError: there is no such run.
    """
    path = state / "runs" / run / "plan.json"
    if not _SAFE.fullmatch(run) or not path.is_file():
        known = ", ".join(list(runs(state))[-5:]) or "none"
        raise UsageError(f"no run {run!r} is known here", hint=f"the last ones: {known}")
    return path.read_text(encoding="utf-8")


def runs(state: Path) -> Iterator[str]:
    """The ids of all runs, oldest first."""
    folder = state / "runs"
    if folder.is_dir():
        yield from sorted(path.name for path in folder.iterdir())
