"""The files of an access directory: which are read, how large they may be, and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from erpsync.model import Finding, Location
from erpsync.yaml_tree import Map, parse

MAX_BYTES = 32 * 1024 * 1024
"""Largest access file: far more than 10,000 users with their assignments need."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read from an access directory: the documents that could be read, what is wrong, the digest.

    The digest is over the paths and bytes of all the files, so any edit, even of a comment, moves it.
    """

    documents: tuple[Map, ...]
    findings: tuple[Finding, ...]
    files: int
    digest: str


class File(NamedTuple):
    """One access file: its path below the access directory, how it is shown to people, its bytes."""

    path: str
    shown: str
    data: bytes


def load_directory(root: Path) -> Loaded:
    """Read every ``*.yaml`` file below a directory.

    Files and folders whose name begins with a dot are passed over. Whatever is wrong becomes a
    finding; a file with a finding may be missing from the documents. Locations name files as they
    are reached from where the command was called, so that an editor or a forge finds them.
    """
    return load_files(*read_directory(root))


def read_directory(root: Path) -> tuple[list[File], list[Finding]]:
    """The files of an access directory in the order of their paths, and what is wrong with reading them."""
    findings: list[Finding] = []
    return list(each_file(root, findings)), findings


def each_file(root: Path, findings: list[Finding]) -> Iterator[File]:
    """The same one after the other, so that no more than one has to be held."""
    for path in _yaml_files(root, findings):
        data = _read(path, findings)
        if data is not None:
            yield File(path.relative_to(root).as_posix(), path.as_posix(), data)


def load_files(files: Sequence[File], findings: list[Finding]) -> Loaded:
    """Parse files that were read, in the order of their paths.

    Args:
        files: wherever they come from.
        findings: what was wrong with reading them; what is wrong with their text is added.
    """
    parsed = (parse(file.data, file.shown, findings) for file in files)
    documents = tuple(document for document in parsed if document is not None)
    return Loaded(documents, tuple(findings), len(files), digest_of(files))


def digest_of(files: Sequence[File]) -> str:
    """The digest over the paths and bytes of files, in the order of their paths."""
    digest = Digest()
    for file in files:
        digest.add(file)
    return str(digest)


class Digest:
    """The digest over files that come one after the other, in the order of their paths."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()

    def add(self, file: File) -> None:
        """Go on with a file."""
        self._sha256.update(f"{file.path}\0{len(file.data)}\0".encode())
        self._sha256.update(file.data)

    def __str__(self) -> str:
        return f"sha256:{self._sha256.hexdigest()}"


def is_access_name(name: str) -> bool:
    """Whether a file of this name is meant to be read, rightly named or not."""
    return PurePosixPath(name).suffix.lower() in (".yaml", ".yml")


def wrong_name(name: str, place: Location) -> Finding | None:
    """What is wrong with the name of a file that is meant to be read."""
    if not name.isprintable():
        # Also a name that is not UTF-8, which Python shows by characters that cannot be printed.
        problem = "the file name has characters that cannot be shown"
        return Finding("file/name", problem, place, "rename the file")
    path = PurePosixPath(name)
    if path.suffix != ".yaml":
        return Finding("file/suffix", f"{name!r} would not be read", place, f"rename it to {path.stem}.yaml")
    return None


def _yaml_files(folder: Path, findings: list[Finding]) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        problem = f"the folder cannot be read: {error.strerror}"
        findings.append(Finding("file/unreadable", problem, Location(folder.as_posix(), 1, 1)))
        return
    for path in entries:
        if path.name.startswith("."):
            continue
        place = Location(path.as_posix(), 1, 1)
        if path.is_symlink():
            # A link could bring in a file that no reviewer of this directory ever saw.
            problem = "symbolic links are not followed"
            findings.append(Finding("file/symlink", problem, place, "put the file itself here"))
        elif path.is_dir():
            yield from _yaml_files(path, findings)
        elif not is_access_name(path.name):
            continue
        elif finding := wrong_name(path.name, place):
            findings.append(finding)
        elif not path.is_file():
            findings.append(Finding("file/unreadable", "not a regular file", place))
        else:
            yield path


def _read(path: Path, findings: list[Finding]) -> bytes | None:
    start = Location(path.as_posix(), 1, 1)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            problem = f"the file has {size / 1e6:.0f} MB, the limit is {MAX_BYTES / 1e6:.0f} MB"
            findings.append(Finding("file/size", problem, start, "split it into several files"))
            return None
        return path.read_bytes()
    except OSError as error:
        findings.append(Finding("file/unreadable", f"cannot be read: {error.strerror}", start))
        return None
