"""``erpsync journal`` and ``erpsync history``: what was done, and the proof that the record is whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from erpsync.cli.common import emit, state_option
from erpsync.errors import ErpsyncError, ExitCode


@click.group()
def journal() -> None:
    """Read the record of every attempt to write, or prove that it is whole."""


@journal.command()
@state_option
def verify(state_dir: Path) -> int:
    """Find every entry that was changed, removed, reordered or cut off. Exit code 1 if there is one."""
    from erpsync.journal import check, read_head
    from erpsync.render.words import plural
    from erpsync.state import journal_paths

    bad = 0
    for path in _journals(journal_paths(state_dir), state_dir):
        lines = path.read_bytes().rpartition(b"\n")[0].split(b"\n")
        entries = [line for line in lines if line]
        problems = check(entries, read_head(path))
        bad += len(problems)
        for problem in problems:
            emit(f"{path}:{problem.line}: {problem.message}\n")
        if not problems:
            emit(f"{path}: whole, {plural(len(entries), 'entry', 'entries')}\n")
    return ExitCode.ERROR if bad else ExitCode.DONE


@journal.command()
@state_option
@click.option("--run", "run_id", metavar="RUN", help="Only this run.")
def show(state_dir: Path, run_id: str | None) -> int:
    """Show what was done, oldest first."""
    for entry in _entries(state_dir):
        if run_id in (None, entry.get("run")):
            emit(_line(entry))
    return ExitCode.DONE


@click.command()
@click.argument("user", metavar="USER")
@state_option
def history(user: str, state_dir: Path) -> int:
    """Show everything that was ever done to the accounts of a USER, by key or login."""
    from erpsync.model import fold

    wanted = {fold(user)}
    entries = list(_entries(state_dir))
    wanted |= {fold(entry["login"]) for entry in entries if fold(str(entry.get("user", ""))) in wanted}
    found = [entry for entry in entries if fold(str(entry.get("login", ""))) in wanted]
    if not found:
        emit(f"Nothing was done to {user}.\n")
    for entry in found:
        emit(_line(entry))
    return ExitCode.DONE


def _journals(paths: list[Path], state_dir: Path) -> list[Path]:
    if not paths:
        raise ErpsyncError("there is no journal here yet", where=str(state_dir))
    return paths


def _entries(state_dir: Path) -> Iterator[dict[str, Any]]:
    from erpsync.journal import read_entries
    from erpsync.state import journal_paths

    for path in _journals(journal_paths(state_dir), state_dir):
        for entry in read_entries(path):
            yield {**entry, "target": path.stem}


def _line(entry: dict[str, Any]) -> str:
    from erpsync.render.escape import plain

    at = str(entry.get("at", ""))[:19].replace("T", " ")
    return plain(f"{at}  {entry['target']}  {entry.get('run', '')}  {_words(entry)}") + "\n"


def _words(entry: dict[str, Any]) -> str:
    from erpsync.render.words import plural

    get = entry.get
    match get("event"):
        case "begin":
            commit = f", commit {entry['commit'][:12]}" if get("commit") else ""
            return f"begins: {plural(get('accounts', 0), 'account')}, by {get('by')} on {get('host')}{commit}"
        case "intend":
            changes = (f"{item['kind']} {item['subject']}".strip() for item in get("changes", ()))
            return f"{get('login')}: about to {', '.join(changes)}"
        case "outcome":
            return f"{get('login')}: {get('status')}" + (f": {entry['message']}" if get("message") else "")
        case "end":
            counts = (f"{count} {status}" for status, count in sorted(get("counts", {}).items()))
            return f"ends: {', '.join(counts)}" + (f"; stopped: {entry['stopped']}" if get("stopped") else "")
        case "unlock":
            return f"the lock of run {get('held', {}).get('run')} is removed, by {get('by')} on {get('host')}"
        case _:
            return f"{get('event')}: {get('message', '')}"
