"""An access directory file by file: pages of users where all is well, documents of everything else.

A large company is nearly all users, and nearly all of them are as they should be. Those are packed as
soon as their file is read, so that no more than one file is held as YAML. Every other file becomes a
document in which each value knows its place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from erpsync.errors import ErpsyncError
from erpsync.files import Digest, File, each_file
from erpsync.mentions import AmissError
from erpsync.model import Finding
from erpsync.pages import Page, page_of
from erpsync.schema import check_documents, is_right
from erpsync.yaml_quick import PlacedMap, read
from erpsync.yaml_tree import Map, parse

_TOP = re.compile(rb"^[^\s#]", re.MULTILINE)
"""Where a line begins that is not indented: nearly always a section."""


@dataclass(slots=True)
class Sifted:
    """What was read of a directory. Pages and documents go by the number of their file."""

    pages: dict[int, Page] = field(default_factory=dict)
    documents: dict[int, Map] = field(default_factory=dict)
    bad: set[tuple[str, str]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    digest: str = ""

    def look_closer(self, numbers: Collection[int]) -> None:
        """Read the files of some pages again, as documents.

        Raises:
            ErpsyncError: one of them cannot be read, or is no longer what it was.
        """
        for number in numbers:
            page = self.pages.pop(number)
            self._document(number, page.file, _again(page))

    def _document(self, number: int, file: str, data: bytes) -> None:
        document = parse(data, file, self.findings)
        if document is not None:
            findings, bad = check_documents([document])
            self.findings += findings
            self.bad |= bad
            self.documents[number] = document

    def take(self, number: int, file: File) -> None:
        """Read one more file."""
        page = _page(file)
        if page is not None:
            self.pages[number] = page
        else:
            self._document(number, file.shown, file.data)


def sift(root: Path) -> Sifted:
    """Read every access file below a directory; whatever is wrong becomes a finding."""
    found = Sifted()
    digest = Digest()
    for number, file in enumerate(each_file(root, found.findings)):
        digest.add(file)
        found.take(number, file)
        found.files += 1
    found.digest = str(digest)
    return found


def _page(file: File) -> Page | None:
    """The users of a file that holds nothing else, if nothing in it is out of the ordinary."""
    # A look at the lines tells nearly always whether it is worth while to read it the quick way.
    if len(_TOP.findall(file.data, 0, 4096)) != 1:
        return None
    document = read(file.data)
    if document is None or set(document) != {"users"} or not is_right(document):
        return None
    users = document["users"]
    if not isinstance(users, PlacedMap):
        return None
    try:
        return page_of(users, file.shown, hashlib.sha256(file.data).digest())
    except AmissError:
        return None


def _again(page: Page) -> bytes:
    try:
        data = Path(page.file).read_bytes()
    except OSError as error:
        raise ErpsyncError(f"cannot be read: {error.strerror}", where=page.file) from error
    if hashlib.sha256(data).digest() != page.digest:
        raise ErpsyncError("the file was changed while it was read", where=page.file, hint="run it again")
    return data


def in_order(documents: Iterable[tuple[int, Map]]) -> list[Map]:
    """Documents in the order of their files."""
    return [document for _, document in sorted(documents, key=lambda item: item[0])]
