"""What earlier runs worked out, kept in the state directory; whatever is not surely ours is ignored.

A cache decides what a plan shows, so it must not be possible to bring one along, say in a pull
request. Each file carries a seal made with a key that is kept apart, in the home directory of
whoever runs erpsync, and that no repository and no other machine knows. Without the right seal a
file is passed over as if it were not there; so is one of another version, one that is cut off, and
one that was made for anything else than what is asked. Nothing here ever raises because of a cache.

Files hold names of people and what they may do, so only their owner can read them. They hold no secret.
"""

from __future__ import annotations

import functools
import hmac
import marshal
import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any

from erpsync import __version__

SHELVES = 64
"""Files of each kind: so many, that one changed file of a company makes little anew, and no more."""
_KEY_SIZE = _SEAL_SIZE = 32
_LISTS = "names"
"""The kind of the lists of names that are of use, by kind."""

Shelf = dict[str, tuple[bytes, Any]]
"""Name of an entry → what it was made from, and what was made."""


class Cache:
    """Entries by kind and name, each good only for what it was made from.

    Args:
        folder: where the files are.
        key: makes and proves their seals.
    """

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = key
        self._shelves: dict[tuple[str, int], Shelf] = {}
        self._changed: set[tuple[str, int]] = set()
        self._alive: dict[str, Collection[str]] = {}
        # Targets are read at once, by threads that share what is remembered.
        self._lock = threading.Lock()

    def recall(self, kind: str, name: str, made_from: bytes) -> Any:
        """What was kept, or None if nothing was that is good for this."""
        with self._lock:
            found = self._shelf(kind, name).get(name)
        return found[1] if found is not None and found[0] == made_from else None

    def keep(self, kind: str, name: str, made_from: bytes, value: Any) -> None:
        """Keep something for later runs: texts, numbers, bytes, and tuples and lists and mappings of them."""
        with self._lock:
            self._shelf(kind, name)[name] = (made_from, value)
            self._changed.add((kind, _number(name)))

    def keep_only(self, kind: str, names: Collection[str]) -> None:
        """Say which entries of a kind are still of use.

        The others are dropped as their shelves are written, so that no more is kept than there is.
        """
        self._alive[kind] = names

    def save(self) -> None:
        """Write what is new, and take what is of no use any more off its shelf."""
        for kind, names in self._alive.items():
            self._drop_others(kind, names)
        with suppress(OSError):
            for folder in (self._folder.parent, self._folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # It holds names of people, and repositories that erpsync did not make do not ignore it.
            ignored = self._folder / ".gitignore"
            ignored.touch(mode=0o600)
            ignored.write_text("*\n", encoding="utf-8")
            for kind, number in sorted(self._changed):
                shelf = self._shelves[kind, number]
                alive = self._alive.get(kind)
                if alive is not None:
                    shelf = {name: entry for name, entry in shelf.items() if name in alive}
                self._write(kind, number, shelf)
        self._changed.clear()

    def _drop_others(self, kind: str, names: Collection[str]) -> None:
        """See to it that shelves with names that are gone are written anew, whether or not they were read."""
        listed = tuple(sorted(names))
        before = self.recall(_LISTS, kind, b"")
        if before == listed:
            return
        for gone in set(before or ()).difference(listed):
            self._shelf(kind, gone)
            self._changed.add((kind, _number(gone)))
        self.keep(_LISTS, kind, b"", listed)

    def _shelf(self, kind: str, name: str) -> Shelf:
        place = kind, _number(name)
        found = self._shelves.get(place)
        if found is None:
            found = self._shelves[place] = self._read(*place)
        return found

    def _read(self, kind: str, number: int) -> Shelf:
        try:
            data = self._path(kind, number).read_bytes()
        except OSError:
            return {}
        seal, body = data[:_SEAL_SIZE], memoryview(data)[_SEAL_SIZE:]
        if not hmac.compare_digest(seal, self._seal(kind, number, body)):
            return {}
        # The seal shows that this very version wrote it, for the same user, and that it is whole.
        return marshal.loads(body)  # type: ignore[no-any-return]  # noqa: S302

    def _write(self, kind: str, number: int, shelf: Shelf) -> None:
        body = marshal.dumps(shelf)
        handle, name = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(self._seal(kind, number, body))
                file.write(body)
            Path(name).replace(self._path(kind, number))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def _path(self, kind: str, number: int) -> Path:
        return self._folder / f"{kind}-{number:02}"

    def _seal(self, kind: str, number: int, body: bytes | memoryview) -> bytes:
        seal = blake2b(key=self._key, digest_size=_SEAL_SIZE)
        seal.update(f"{_maker()}\0{kind}\0{number}\0".encode())
        seal.update(body)
        return seal.digest()


@functools.cache
def _maker() -> str:
    """What writes and reads a file must be the same, to the last line of code."""
    code = sorted((path.as_posix(), path.stat()) for path in Path(__file__).parent.rglob("*.py"))
    stamps = [(name, status.st_size, status.st_mtime_ns) for name, status in code]
    return f"erpsync {__version__}, Python {sys.version}, {digest_of(stamps).hex()}"


def _number(name: str) -> int:
    return blake2b(name.encode("utf-8", "surrogateescape"), digest_size=1).digest()[0] % SHELVES


def open_cache(state: Path, environment: Mapping[str, str]) -> Cache | None:
    """The cache of a state directory; None where there is no key that only its owner can read."""
    key = _key(environment)
    return Cache(state / "cache", key) if key is not None else None


def _key(environment: Mapping[str, str]) -> bytes | None:
    home = environment.get("XDG_STATE_HOME") or environment.get("HOME")
    if not home:
        return None
    # https://specifications.freedesktop.org/basedir-spec/latest/
    folder = Path(home) if environment.get("XDG_STATE_HOME") else Path(home) / ".local" / "state"
    path = folder / "erpsync" / "cache.key"
    with suppress(OSError):
        if not path.exists():
            _make_key(path)
        return _read_key(path)
    return None


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_KEY_SIZE))
        # Of two runs that make a key at once, both go on with that of the first.
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _read_key(path: Path) -> bytes | None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        mine = status.st_uid == os.geteuid() and not status.st_mode & 0o077
        key = file.read(_KEY_SIZE + 1)
    return key if mine and len(key) == _KEY_SIZE else None


def digest_of(*values: object) -> bytes:
    """A digest of what something is made from: values whose ``repr`` is the same in every run."""
    return sha256(repr(values).encode("utf-8", "surrogatepass")).digest()
