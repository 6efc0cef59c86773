"""What the files of many commits declare of one user, each file read only once.

Between two commits hardly a file differs, so what was made of a file is kept by its object.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from erpsync.building import build
from erpsync.files import MAX_BYTES
from erpsync.forge.git import Git
from erpsync.forge.git_objects import blobs
from erpsync.forge.git_tree import entries_of
from erpsync.merge import SECTIONS, Merged, merge
from erpsync.model import Finding
from erpsync.proposal import Declared
from erpsync.schema import check_documents
from erpsync.yaml_tree import Map, parse

_KEPT = ("positions", "roles", "birthright")
"""What decides of the roles of a user, beside the user."""

Bad = set[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class States:
    """Reads the declared state of one user.

    Args:
        git: anywhere in the repository.
        folder: the access directory, from the top of the repository.
        shown: the access directory as people are told of it.
        keys: every key that the user has or had.
    """

    git: Git
    folder: str
    shown: Path
    keys: Collection[str]
    _read: dict[tuple[str, str], tuple[Map, Bad] | None] = field(default_factory=dict, repr=False)

    def at(self, commit: str) -> Declared | None:
        """The state of a commit, with no other user in it; None where the files cannot be relied on."""
        files = [
            (path, blob)
            for mode, blob, size, path in entries_of(self.git, commit, self.folder)
            if _is_read(mode, size, path)
        ]
        self._load(sorted(set(files) - self._read.keys()))
        documents, bad = [], set()
        for file in sorted(files, key=lambda file: file[0].split("/")):
            found = self._read[file]
            if found is None:
                return None
            documents.append(found[0])
            bad |= found[1]
        return self._declared(documents, bad)

    def nothing(self) -> Declared:
        """The state before the first commit."""
        return _only(Merged({}, frozenset()), ())

    def _load(self, files: Sequence[tuple[str, str]]) -> None:
        contents = blobs(self.git, [blob for _, blob in files])
        for path, blob in files:
            findings: list[Finding] = []
            data = contents.get(blob)
            document = None if data is None else parse(data, (self.shown / path).as_posix(), findings)
            self._read[path, blob] = (
                None if document is None or findings else (document, check_documents([document])[1])
            )

    def _declared(self, documents: Sequence[Map], bad: Bad) -> Declared | None:
        merged, twice = merge(documents, bad)
        if twice or any(("users", key) in bad for key in self.keys):
            return None
        declared = _only(merged, self.keys)
        positions = {user.position for user in declared.access.users.values()} - {None}
        return declared if positions <= declared.access.positions.keys() else None


def _only(merged: Merged, keys: Collection[str]) -> Declared:
    sections = {name: merged.sections.get(name, {}) if name in _KEPT else {} for name in SECTIONS}
    users = merged.sections.get("users", {})
    kept = Merged(
        {**sections, "users": {key: users[key] for key in keys if key in users}},
        merged.bad,
    )
    return Declared(build(kept, ""), kept)


def _is_read(mode: str, size: int, path: str) -> bool:
    """Whether it is an access file, by the rules of `erpsync.forge.git_tree.load_commit`."""
    hidden = any(part.startswith(".") for part in path.split("/"))
    return path.endswith(".yaml") and not hidden and mode != "120000" and size <= MAX_BYTES
