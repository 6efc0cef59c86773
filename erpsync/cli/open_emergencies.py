"""The emergencies that this machine knows of from its journals, and that git does not know yet."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.errors import ErpsyncError

if TYPE_CHECKING:
    from erpsync.model import Access, Emergency


def open_emergencies_in(state_dir: Path, declared: Collection[str]) -> list[Emergency]:
    """The emergencies in the journals of a state directory that are not among the declared ones.

    Raises:
        ErpsyncError: a journal cannot be read, or an emergency in it.
    """
    from erpsync.journal import entries_in
    from erpsync.open_emergencies import EVENT, open_emergencies
    from erpsync.state import journal_paths

    # A journal may be long, and an emergency is rare: only lines that may tell of one are read as JSON.
    mark = f'"{EVENT}"'.encode()
    lines = [line for path in journal_paths(state_dir) for line in _lines(path) if mark in line]
    return open_emergencies(entries_in(b"\n".join(lines)), declared)


def _lines(journal: Path) -> list[bytes]:
    try:
        return journal.read_bytes().split(b"\n")
    except OSError as error:
        message = f"the journal cannot be read: {error.strerror}"
        raise ErpsyncError(message, where=str(journal), hint="it may tell of an emergency") from error


def keep_locked(access: Access, state_dir: Path) -> Access:
    """The declared state with the users of open emergencies locked, which is told on stderr."""
    from erpsync.open_emergencies import with_locked
    from erpsync.render.escape import plain
    from erpsync.render.words import plural

    found = open_emergencies_in(state_dir, access.emergencies)
    for emergency in found:
        who = plural(len(emergency.users), "user")
        click.echo(f"emergency {plain(emergency.key)} is not merged yet; counted as locked: {who}", err=True)
    return with_locked(access, found)
