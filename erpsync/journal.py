"""The record of every attempt to write: append-only JSON lines, each chained to the one before.

Before a write its intention is recorded and flushed to disk, after it the outcome; so whatever
moment a run is killed at, the journal says what may have happened. Each entry carries the digest of
the one before, so that a changed, removed or reordered entry shows; the head, a file beside the
journal, holds the last digest, so that entries cut off at the end show too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from erpsync.codec import Json, canonical, digest
from erpsync.errors import ErpsyncError

FIRST = "sha256:" + "0" * 64
"""What the first entry has in the place of the digest before it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a journal: at which line, and what."""

    line: int
    message: str


class Journal:
    """An open journal of one target. Use as a context manager; entries are on disk when a call returns.

    Args:
        path: the file; made if it is not there.
        run: identifies this run in every entry.
        now: the clock.

    Raises:
        ErpsyncError: it cannot be written, or what is there is not a sound journal.
    """

    def __init__(self, path: Path, run: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path
        self.run = run
        self._now = now
        try:
            make_folder(path)
            self._file: IO[bytes] = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        except OSError as error:
            raise ErpsyncError(f"the journal cannot be opened: {error.strerror}", where=str(path)) from error
        self._count, self._last = self._continue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def _continue(self) -> tuple[int, str]:
        """Find the end. A line that a killed run left half written is dropped: nothing was done after it."""
        data = self._file.read()
        torn = data.rpartition(b"\n")[2]
        entries = whole_lines(data)
        problems = check(entries, read_head(self.path))
        if problems:
            self._file.close()
            first = problems[0]
            raise ErpsyncError(
                f"the journal is not sound: {first.message}",
                where=f"{self.path}:{first.line}",
                hint="look at it with erpsync journal verify; nothing is written before it is explained",
            )
        if torn:
            self._file.truncate(len(data) - len(torn))
        self._file.seek(0, os.SEEK_END)
        last = json.loads(entries[-1])["hash"] if entries else FIRST
        if not entries:
            # From the first entry on there is a head, so that a head that is gone is missed.
            _write_head(self.path, 0, FIRST)
        return len(entries), last

    def append(self, *events: Mapping[str, Json]) -> None:
        """Record events, in this order, and flush them to the disk in one go."""
        lines = []
        for event in events:
            body = {
                "n": self._count + 1,
                "run": self.run,
                "at": self._now().isoformat(),
                **event,
                "prev": self._last,
            }
            self._last = digest(body)
            self._count += 1
            lines.append(canonical({**body, "hash": self._last}))
        try:
            self._file.write("".join(f"{line}\n" for line in lines).encode())
            self._file.flush()
            os.fsync(self._file.fileno())
            _write_head(self.path, self._count, self._last)
        except OSError as error:
            raise ErpsyncError(
                f"the journal cannot be written: {error.strerror}", where=str(self.path)
            ) from error


def head_path(path: Path) -> Path:
    """The file beside a journal that says how it ends."""
    return path.with_name(path.name + ".head")


def read_head(path: Path) -> tuple[int, str] | None:
    """How many entries a journal has and the digest of the last, as its head says; None without a head."""
    try:
        count, last = head_path(path).read_text(encoding="ascii").split()
        return int(count), last
    except (OSError, ValueError):
        return None


def _write_head(path: Path, count: int, last: str) -> None:
    _replace(head_path(path), f"{count} {last}\n".encode("ascii"))


def _replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read; whoever reads it meanwhile has the old one or the new."""
    new = path.with_name(path.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
    new.replace(path)


def make_folder(journal: Path) -> None:
    """Make the folder of a journal; folders that are made for journals are their owner's only.

    Raises:
        OSError: it cannot be made.
    """
    folder = journal.parent
    if folder.parent.name == "journal":  # a run's own journal lies one deeper
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def keep(path: Path, content: bytes) -> None:
    """Keep a sound journal that was written elsewhere, whole lines, with the head that belongs to it.

    Raises:
        ErpsyncError: it cannot be written.
    """
    entries = whole_lines(content)
    try:
        make_folder(path)
        # The head first: killed in between, the journal is found to be too short, and can be brought again.
        _write_head(path, len(entries), json.loads(entries[-1])["hash"] if entries else FIRST)
        _replace(path, content)
    except OSError as error:
        raise ErpsyncError(f"the journal cannot be kept: {error.strerror}", where=str(path)) from error


def whole_lines(content: bytes) -> list[bytes]:
    """The lines of a journal, without one at its end that is not whole yet."""
    return [line for line in content.rpartition(b"\n")[0].split(b"\n") if line]


def check(lines: Sequence[bytes], head: tuple[int, str] | None) -> list[Problem]:
    """Every way in which a journal is not as it was written; only its head may lag behind, after a kill."""
    problems, seen = check_chain(lines)
    if head is None:
        if lines:
            problems.append(Problem(len(lines) + 1, "the head, which says where the journal ends, is gone"))
    elif len(lines) < head[0]:
        problems.append(
            Problem(len(lines) + 1, f"the journal had {head[0]} entries, it has {len(lines)} now")
        )
    elif seen.get(head[0]) != head[1]:
        problems.append(
            Problem(head[0], "the journal was written anew: the entry is not the one its head names")
        )
    return problems


def check_chain(lines: Sequence[bytes]) -> tuple[list[Problem], dict[int, str]]:
    """What breaks the chain of a journal, and the digest that each of its entries claims, by number."""
    problems: list[Problem] = []
    last = FIRST
    seen = {0: FIRST}
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is None:
            problems.append(Problem(number, "the line is not an entry"))
            continue
        claimed = entry.pop("hash")
        if entry.get("prev") != last:
            problems.append(Problem(number, "an entry before this one was removed, added or moved"))
        if _digest(entry) != claimed:
            problems.append(Problem(number, "the entry was changed"))
        seen[number] = last = claimed
    return problems, seen


def _digest(entry: dict[str, Any]) -> str | None:
    try:
        return digest(entry)
    except UnicodeEncodeError:  # half a character, which erpsync never wrote
        return None


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and isinstance(entry.get("hash"), str) else None


def read_entries(path: Path) -> Iterator[dict[str, Any]]:
    """The entries of a journal, oldest first.

    Raises:
        ErpsyncError: there is none.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ErpsyncError(f"the journal cannot be read: {error.strerror}", where=str(path)) from error
    yield from entries_in(data)


def entries_in(content: bytes) -> Iterator[dict[str, Any]]:
    """The entries of the text of a journal, oldest first; what is none is passed over."""
    for line in content.split(b"\n"):
        entry = _entry(line) if line else None
        if entry is not None:
            yield entry
