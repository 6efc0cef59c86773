"""``erpsync journal`` and ``erpsync history``: what was done, and the proof that the record is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from erpsync.cli.common import access_option, emit, state_option
from erpsync.errors import ErpsyncError, ExitCode, UsageError

if TYPE_CHECKING:
    from erpsync.shared_journal import Proof


@click.group()
def journal() -> None:
    """Read the record of every attempt to write, share it, or prove that it is whole."""


@journal.command()
@access_option
@state_option
@click.option("--remote", is_flag=True, help="Check the shared journals, whatever the access files say.")
def verify(access_dir: Path, state_dir: Path, remote: bool) -> int:
    """Find every entry that was changed, removed, reordered or cut off. Exit code 1 if there is one.

    With journal: remote in the settings the branch of shared journals is fetched and checked too:
    the journals on it, that no commit ever changed or removed what was there, and that it still
    holds what this checkout saw on it.
    """
    remote = remote or _is_shared(access_dir)
    problems = _verify_here(state_dir, required=not remote)
    if remote:
        problems += _verify_branch(access_dir, state_dir)
    return ExitCode.ERROR if problems else ExitCode.DONE


def _verify_here(state_dir: Path, *, required: bool) -> int:
    """Check and tell of the journals of this machine; how many problems there are."""
    from erpsync.journal import check, head_path, read_head, whole_lines
    from erpsync.render.words import plural
    from erpsync.state import head_paths, journal_paths

    paths = journal_paths(state_dir)
    removed = sorted(set(head_paths(state_dir)) - {head_path(path) for path in paths})
    if required and not removed:
        _required(paths, state_dir)
    for head in removed:
        emit(f"{head.with_suffix('')}: the journal was removed; its head is still there\n")
    bad = len(removed)
    for path in paths:
        entries = whole_lines(path.read_bytes())
        problems = check(entries, read_head(path))
        bad += len(problems)
        for problem in problems:
            emit(f"{path}:{problem.line}: {problem.message}\n")
        if not problems:
            emit(f"{path}: whole, {plural(len(entries), 'entry', 'entries')}\n")
    return bad


def _verify_branch(access_dir: Path, state_dir: Path) -> int:
    """Check and tell of the shared journals; how many problems there are."""
    from erpsync.forge.git_journal import BRANCH, GitJournal
    from erpsync.render.escape import plain
    from erpsync.render.words import plural
    from erpsync.shared_journal import prove

    proof = prove(state_dir, GitJournal(access_dir))
    for problem in proof.problems:
        emit(f"{plain(problem)}\n")
    if not proof.problems:
        emit(f"{BRANCH}: whole, {plural(proof.journals, 'journal')} in {plural(proof.commits, 'commit')}\n")
    _tell_unsent(proof)
    return len(proof.problems)


def _tell_unsent(proof: Proof) -> None:
    from erpsync.render.words import plural

    if proof.unsent:
        count = plural(len(proof.unsent), "file")
        click.echo(f"{count} of this machine not sent yet, or not to the end: erpsync journal push", err=True)


@journal.command()
@access_option
@state_option
def pull(access_dir: Path, state_dir: Path) -> int:
    """Bring the runs of all machines here, from the branch of shared journals.

    What is here already may only be the beginning of what is there, or the other way round.
    Nothing is overwritten: a journal or a plan that differs is an error that names it.
    """
    from erpsync.forge.git_journal import GitJournal
    from erpsync.render.words import plural
    from erpsync.shared_journal import pull as bring

    brought = bring(state_dir, GitJournal(access_dir))
    emit(f"{plural(len(brought), 'file')} brought\n")
    return ExitCode.DONE


@journal.command()
@access_option
@state_option
def push(access_dir: Path, state_dir: Path) -> int:
    """Send the runs of this machine that the branch of shared journals lacks.

    A run sends its own journal. This is for one that died before, or could not reach the remote.
    """
    from erpsync.forge.git_journal import GitJournal
    from erpsync.render.words import plural
    from erpsync.shared_journal import push as send

    sent = send(state_dir, GitJournal(access_dir))
    emit(f"{plural(len(sent), 'file')} sent\n")
    return ExitCode.DONE


@journal.command()
@access_option
@state_option
@click.option("--run", "run_id", metavar="RUN", help="Only this run.")
def show(access_dir: Path, state_dir: Path, run_id: str | None) -> int:
    """Show what was done, oldest first."""
    found = [entry for entry in _entries(state_dir, access_dir) if run_id in (None, entry.get("run"))]
    for entry in found:
        emit(_line(entry))
    if not found:
        _hint_at_others(access_dir)
    return ExitCode.DONE


@click.command()
@click.argument("user", metavar="USER")
@access_option
@state_option
def history(user: str, access_dir: Path, state_dir: Path) -> int:
    """Show everything that was ever done to the accounts of a USER, by key or login."""
    from erpsync.model import fold

    wanted = {fold(user)}
    entries = list(_entries(state_dir, access_dir))
    wanted |= {fold(entry["login"]) for entry in entries if fold(str(entry.get("user", ""))) in wanted}
    found = [entry for entry in entries if fold(str(entry.get("login", ""))) in wanted]
    if not found:
        emit(f"Nothing was done to {user}.\n")
        _hint_at_others(access_dir)
    for entry in found:
        emit(_line(entry))
    return ExitCode.DONE


def _required(paths: list[Path], state_dir: Path, hint: str | None = None) -> list[Path]:
    if not paths:
        raise ErpsyncError("there is no journal here yet", where=str(state_dir), hint=hint)
    return paths


def _entries(state_dir: Path, access_dir: Path) -> Iterator[dict[str, Any]]:
    """The entries of all journals, oldest first; those of one journal stay in their order."""
    from erpsync.state import journal_paths

    paths = journal_paths(state_dir)
    hint = None if paths else _elsewhere(access_dir)
    journals = [_entries_of(state_dir, path) for path in _required(paths, state_dir, hint)]
    return merge(*journals, key=lambda entry: str(entry.get("at", "")))


def _entries_of(state_dir: Path, path: Path) -> Iterator[dict[str, Any]]:
    from erpsync.journal import read_entries
    from erpsync.state import target_of

    target = target_of(state_dir, path)
    return ({**entry, "target": target} for entry in read_entries(path))


def _is_shared(access_dir: Path) -> bool:
    """Whether the access files, right or wrong, say that journals are shared; not so without any."""
    from erpsync.access import validate
    from erpsync.building import journal_is_shared

    with suppress(UsageError):
        return journal_is_shared(validate(access_dir).merged)
    return False


def _elsewhere(access_dir: Path) -> str | None:
    """What to do about runs of other machines, if journals are shared."""
    from erpsync.shared_journal import PULL

    return PULL if _is_shared(access_dir) else None


def _hint_at_others(access_dir: Path) -> None:
    hint = _elsewhere(access_dir)
    if hint:
        click.echo(f"hint: {hint}", err=True)


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
        case "emergency":
            approved = f"approved by {get('approver')}, by {get('by')} on {get('host')}"
            return f"emergency: {get('reason')}, {approved}"
        case "confirm":
            return f"an export is held against work order {get('order')}, by {get('by')} on {get('host')}"
        case "line":
            what = f"{get('kind')} {get('subject')}".strip()
            return f"{get('login')}: line {get('line')} of work order {get('order')}, {what}: {get('result')}"
        case "unlock":
            return f"the lock of run {get('held', {}).get('run')} is removed, by {get('by')} on {get('host')}"
        case _:
            return f"{get('event')}: {get('message', '')}"
