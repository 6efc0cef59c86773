"""Where erpsync keeps what it did: journals, and the plan of every run that wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from erpsync.errors import ErpsyncError, UsageError

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")


def journal_path(state: Path, target: str, run: str | None = None) -> Path:
    """The journal of a target, or the one that a run has for itself there, as shared journals are kept."""
    folder = state / "journal"
    return folder / target / f"{run}.jsonl" if run else folder / f"{target}.jsonl"


def journal_paths(state: Path) -> list[Path]:
    """Every journal there is, of both kinds."""
    folder = state / "journal"
    return sorted(path for form in ("*.jsonl", "*/*.jsonl") for path in folder.glob(form) if path.is_file())


def head_paths(state: Path) -> list[Path]:
    """Every head of a journal, whether the journal is there or not."""
    folder = state / "journal"
    return sorted(path for form in ("*.jsonl.head", "*/*.jsonl.head") for path in folder.glob(form))


def target_of(state: Path, journal: Path) -> str:
    """Whose journal it is: the inverse of `journal_path`."""
    first, *rest = journal.relative_to(state / "journal").parts
    return first if rest else first.removesuffix(".jsonl")


def journals_of(state: Path, target: str, run: str) -> list[Path]:
    """The journals of a target in which a run may stand, of both kinds, as far as they are there."""
    return [
        path for path in (journal_path(state, target), journal_path(state, target, run)) if path.is_file()
    ]


def shared_run(path: str) -> str | None:
    """The run that a shared file is of; None if it is none of those that are shared.

    Args:
        path: relative to the state directory, or on the branch, which has the same names.
    """
    parts = path.split("/")
    match parts:
        case ["journal", target, name] if _SAFE.fullmatch(target) and name.endswith(".jsonl"):
            run = name.removesuffix(".jsonl")
        case ["runs", run, "plan.json"]:
            pass
        case _:
            return None
    return run if _SAFE.fullmatch(run) else None


def plan_path(state: Path, run: str) -> Path:
    """Where the plan of a run is kept."""
    return state / "runs" / run / "plan.json"


def save_plan(state: Path, run: str, text: str) -> Path:
    """Keep the plan of a run, before its first write; only its owner may read it.

    Raises:
        ErpsyncError: it cannot be kept, so nothing may be written.
    """
    path = plan_path(state, run)
    try:
        path.parent.mkdir(parents=True, mode=0o700)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
    except OSError as error:
        raise ErpsyncError(f"the plan cannot be kept: {error.strerror}", where=str(path)) from error
    return path


def saved_plan(state: Path, run: str, elsewhere: str = "") -> str:
    """The text of the plan of a run.

    Args:
        state: the state directory.
        run: its id.
        elsewhere: what to do about a run of another machine, for the hint.

    Raises:
        UsageError: there is no such run.
    """
    path = plan_path(state, run)
    if not _SAFE.fullmatch(run) or not path.is_file():
        known = ", ".join(list(runs(state))[-5:]) or "none"
        hint = "; ".join(part for part in (f"the last ones: {known}", elsewhere) if part)
        raise UsageError(f"no run {run!r} is known here", hint=hint)
    return path.read_text(encoding="utf-8")


def runs(state: Path) -> Iterator[str]:
    """The ids of all runs, oldest first."""
    folder = state / "runs"
    if folder.is_dir():
        yield from sorted(path.name for path in folder.iterdir())
