"""The files of an access directory: which are read, how large they may be, and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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


def load_directory(root: Path) -> Loaded:
    """Read every ``*.yaml`` file below a directory.

    Files and folders whose name begins with a dot are passed over. Whatever is wrong becomes a
    finding; a file with a finding may be missing from the documents. Locations name files as they
    are reached from where the command was called, so that an editor or a forge finds them.
    """
    documents: list[Map] = []
    findings: list[Finding] = []
    digest = hashlib.sha256()
    files = 0
    for path in _yaml_files(root, findings):
        files += 1
        data = _read(path, findings)
        if data is None:
            continue
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(data)}\0".encode())
        digest.update(data)
        document = parse(data, path.as_posix(), findings)
        if document is not None:
            documents.append(document)
    return Loaded(tuple(documents), tuple(findings), files, f"sha256:{digest.hexdigest()}")


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
        elif path.suffix.lower() not in (".yaml", ".yml"):
            continue
        elif not path.name.isprintable():
            # Also a name that is not UTF-8, which Python shows by characters that cannot be printed.
            problem = "the file name has characters that cannot be shown"
            findings.append(Finding("file/name", problem, place, "rename the file"))
        elif path.suffix != ".yaml":
            problem = f"{path.name!r} would not be read"
            findings.append(Finding("file/suffix", problem, place, f"rename it to {path.stem}.yaml"))
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
