"""One writer at a time per target: who holds a lock, and the lock among the runs of one machine."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Protocol, Self

from erpsync.codec import Json
from erpsync.errors import ErpsyncError, RefusedError

MAX_BYTES = 65536
"""Most that is read of what a lock says of its holder."""

_UNSAFE = re.compile(rb"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class LockHolder:
    """Who holds a lock: the person or account, the run, since when, and where it runs."""

    who: str
    run: str
    since: datetime
    host: str
    pid: int

    @classmethod
    def here(cls, who: str, run: str) -> Self:
        """This process, from now on."""
        return cls(who, run, datetime.now(UTC), platform.node(), os.getpid())

    def to_json(self) -> dict[str, Json]:
        """The holder as JSON values; the time as ISO 8601 with its offset."""
        return {
            "who": self.who,
            "run": self.run,
            "since": self.since.isoformat(),
            "host": self.host,
            "pid": self.pid,
        }

    @classmethod
    def from_json(cls, value: Json) -> Self:
        """The inverse of `to_json`, for what others wrote; keys it does not know are passed over.

        Raises:
            ValueError: it is not a holder.
        """
        if not isinstance(value, Mapping):
            raise ValueError("not an object")
        since = datetime.fromisoformat(_text(value, "since"))
        if since.utcoffset() is None:
            raise ValueError("since has no time zone")
        pid = value.get("pid")
        if type(pid) is not int:
            raise ValueError("pid is not a number")
        return cls(_text(value, "who"), _text(value, "run"), since, _text(value, "host"), pid)

    @classmethod
    def parse(cls, text: str | bytes) -> Self | None:
        """What the text of a lock says; None if it names no holder."""
        try:
            return cls.from_json(json.loads(text))
        except (ValueError, RecursionError):
            return None


def _text(value: Mapping[str, Json], key: str) -> str:
    text = value.get(key)
    # It is shown in messages: a line break in it could pass for a message of our own.
    if not isinstance(text, str) or not text.isprintable():
        raise ValueError(f"{key} is not a line of text")
    return text


class LockedError(RefusedError):
    """Somebody else is writing to the target.

    Args:
        target: what is locked.
        holder: who holds the lock, if it is known.
        hint: what to do.
        now: the time that the age of the lock is told by.
    """

    def __init__(
        self, target: str, holder: LockHolder | None, *, hint: str, now: datetime | None = None
    ) -> None:
        told = _told(holder, now or datetime.now(UTC)) if holder else "by another run"
        super().__init__(f"is locked {told}", where=f"target {target!r}", hint=hint)
        self.target = target
        self.holder = holder


def _told(holder: LockHolder, now: datetime) -> str:
    since = f"{holder.since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    age = age_in_words(holder.since, now)
    return (
        f"by {holder.who} since {since} ({age}), run {holder.run} on host {holder.host}, process {holder.pid}"
    )


def age_in_words(since: datetime, now: datetime) -> str:
    """``2 hours ago``: in the largest unit that has passed. A clock that is ahead is no reason to fail."""
    seconds = int((now - since).total_seconds())
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "less than a minute ago"


def unlock_command(target: str, run: str) -> str:
    """What removes the lock that a dead run left behind."""
    return shlex.join(["erpsync", "unlock", target, "--run", run])


def lock_name(target: str) -> str:
    """A target's name as one that any file system and git take: other characters as ``%2E``.

    Raises:
        ValueError: it is empty, or no text.
    """
    if not target:
        raise ValueError("a target has a name")
    return _UNSAFE.sub(lambda match: b"%%%02X" % match[0][0], target.encode()).decode()


class Lock(Protocol):
    """The right to be the only writer of a target, while the context lasts.

    Entering raises `LockedError` at once when somebody else holds it: nothing waits.
    """

    def __enter__(self) -> Self:
        """Take the lock."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back, if it is still one's own."""
        ...

    def break_lock(self, run: str) -> LockHolder:
        """Remove the lock that a dead run left behind, and say whose it was.

        Raises:
            RefusedError: there is no lock of that run to remove.
        """
        ...


class FileLock:
    """A lock among the runs of one machine: ``lock/TARGET.json`` below the state directory.

    The kernel gives the lock back when its process ends, however it ends; the text of the file only
    says who holds it. So the file stays, empty: were it removed, two runs could lock two files of
    the same name.
    """

    def __init__(self, state_dir: Path, target: str, holder: LockHolder) -> None:
        self.path = state_dir / "lock" / f"{lock_name(target)}.json"
        self.target = target
        self.holder = holder
        self._file: int | None = None

    def __enter__(self) -> Self:
        file = self._open()
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, json.dumps(self.holder.to_json()).encode(), 0)
        except OSError as error:
            os.close(file)
            raise self._fault(error) from error
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        file, self._file = self._file, None
        if file is not None:
            os.ftruncate(file, 0)
            os.close(file)

    def break_lock(self, run: str) -> NoReturn:
        """There is never anything to remove: a lock that is held has a living process."""
        os.close(self._open())
        raise RefusedError(
            f"run {run} holds no lock on this machine",
            where=f"target {self.target!r}",
            hint="a run that dies gives such a lock back by itself",
        )

    def _open(self) -> int:
        """The file, locked; closing it gives the lock back."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            raise self._fault(error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # The holder may not have written who it is yet.
            held = isinstance(error, BlockingIOError)
            holder = LockHolder.parse(os.pread(file, MAX_BYTES, 0)) if held else None
            os.close(file)
            if not held:
                raise self._fault(error) from error
            hint = "wait until that run has ended, or end its process: the lock goes with it"
            raise LockedError(self.target, holder, hint=hint) from error
        return file

    def _fault(self, error: OSError) -> ErpsyncError:
        return ErpsyncError(
            f"the lock cannot be taken: {error.strerror}",
            where=str(self.path),
            hint="is the directory writable, and on a disk that has file locks?",
        )
