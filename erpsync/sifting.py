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
from functools import cache, partial
from pathlib import Path

from erpsync.errors import ErpsyncError
from erpsync.files import Digest, File, each_file
from erpsync.mentions import AmissError, Mentions, from_plain, mentions
from erpsync.model import Finding
from erpsync.pages import FORGETFUL, Memory, Page, packed_users
from erpsync.schema import check_documents, is_right, schema_text
from erpsync.yaml_quick import PlacedMap, read
from erpsync.yaml_tree import Map, parse

_TOP = re.compile(rb"^[^\s#]", re.MULTILINE)
"""Where a line begins that is not indented: nearly always a section."""


@dataclass(slots=True)
class Sifted:
    """What was read of a directory. Pages and documents go by the number of their file.

    ``memory`` may know the pages of files that are as they were in an earlier run.
    """

    memory: Memory = FORGETFUL
    pages: dict[int, Page] = field(default_factory=dict)
    documents: dict[int, Map] = field(default_factory=dict)
    bad: set[tuple[str, str]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    digest: str = ""

    def take(self, number: int, file: File) -> None:
        """Read one more file."""
        page = _page(file, self.memory)
        if page is not None:
            self.pages[number] = page
        else:
            self._document(number, file.shown, file.data)

    def look_closer(self, numbers: Collection[int]) -> None:
        """Read the files of some pages again, as documents.

        Raises:
            ErpsyncError: one of them cannot be read, or is no longer what it was.
        """
        for number in numbers:
            page = self.pages.pop(number)
            self._document(number, page.file, _again(page.file, page.digest))

    def _document(self, number: int, file: str, data: bytes) -> None:
        document = parse(data, file, self.findings)
        if document is not None:
            findings, bad = check_documents([document])
            self.findings += findings
            self.bad |= bad
            self.documents[number] = document


def sift(root: Path, memory: Memory = FORGETFUL) -> Sifted:
    """Read every access file below a directory; whatever is wrong becomes a finding."""
    found = Sifted(memory)
    digest = Digest()
    for number, file in enumerate(each_file(root, found.findings)):
        digest.add(file)
        found.take(number, file)
        found.files += 1
    found.digest = str(digest)
    paths = {page.path for page in found.pages.values()}
    for kind in (FACTS, PACKED):
        memory.keep_only(kind, paths)
    return found


FACTS, PACKED = "facts", "packed"
"""What is remembered of a page: what must be looked at in every run; and the users, which seldom must."""


def _page(file: File, memory: Memory) -> Page | None:
    """The users of a file that holds nothing else, if nothing in it is out of the ordinary."""
    digest = hashlib.sha256(file.data).digest()
    made_from = digest + _schema_digest()
    known = memory.recall(FACTS, file.path, made_from)
    if known is not None:
        keys, plain = known
        load = partial(_recalled, file.path, file.shown, digest, memory)
        return Page(file.shown, file.path, digest, keys, from_plain(plain), load)
    users = _users(file.data)
    mentioned = _mentions(users)
    if users is None or mentioned is None:
        return None
    keys, packed = tuple(users), packed_users(users)
    memory.keep(FACTS, file.path, made_from, (keys, mentioned.plain))
    memory.keep(PACKED, file.path, made_from, packed)
    return Page(file.shown, file.path, digest, keys, mentioned, lambda: packed)


def _users(data: bytes) -> PlacedMap | None:
    """The users of a file, if it can be read the quick way, holds only those, and is as the schema says."""
    # A look at the first lines tells nearly always whether that is worth trying.
    if len(_TOP.findall(data, 0, 4096)) != 1:
        return None
    document = read(data)
    if document is None or set(document) != {"users"} or not is_right(document):
        return None
    users = document["users"]
    return users if isinstance(users, PlacedMap) else None


def _mentions(users: PlacedMap | None) -> Mentions | None:
    try:
        return None if users is None else mentions(users)
    except AmissError:
        return None


def _recalled(path: str, shown: str, digest: bytes, memory: Memory) -> bytes:
    """The packed users of a page whose facts were remembered; read again if those were lost."""
    packed = memory.recall(PACKED, path, digest + _schema_digest())
    return packed if packed is not None else packed_users(_users(_again(shown, digest)))


@cache
def _schema_digest() -> bytes:
    return hashlib.sha256(schema_text("access").encode()).digest()


def _again(shown: str, digest: bytes) -> bytes:
    try:
        data = Path(shown).read_bytes()
    except OSError as error:
        raise ErpsyncError(f"cannot be read: {error.strerror}", where=shown) from error
    if hashlib.sha256(data).digest() != digest:
        raise ErpsyncError("the file was changed while it was read", where=shown, hint="run it again")
    return data


def in_order(documents: Iterable[tuple[int, Map]]) -> list[Map]:
    """Documents in the order of their files."""
    return [document for _, document in sorted(documents, key=lambda item: item[0])]
