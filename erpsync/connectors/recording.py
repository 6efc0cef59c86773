"""A recorded snapshot read account by account, so that a large one is never held whole."""

from __future__ import annotations

import json
import os
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple
from weakref import finalize

from erpsync.codec import Json, account_from_json
from erpsync.errors import RefusedError
from erpsync.model import Account, fold

CHUNK = 1 << 20
"""Bytes that are read at once."""
_BLANK = re.compile(r"[ \t\n\r]*")
"""What may stand between two tokens: https://www.rfc-editor.org/rfc/rfc8259#section-2."""


class Part(NamedTuple):
    """A member of the document, or one of its accounts (then ``key`` is empty), and which bytes it is."""

    key: str
    value: Json
    start: int
    size: int


def parts(file: Hashed) -> Iterator[Part]:
    """The members of a JSON document one by one; those of ``accounts`` come before it, which is empty then.

    Raises:
        ValueError: it is no JSON object, or ``accounts`` is no list.
    """
    text = _Text(file)
    text.expect("{")
    if text.next() == "}":
        text.expect("}")
    else:
        yield from _members(text)
    if text.next():
        raise ValueError("more than one document")


class Index(Mapping[str, Account]):
    """The accounts of a recording by folded login, each read from its file when it is asked for."""

    def __init__(self, path: Path, places: Mapping[str, tuple[int, int]]) -> None:
        """Take where in the file each account begins and how long it is, in bytes.

        Raises:
            OSError: the file cannot be opened.
        """
        self._path = path
        self._places = places
        self._file = os.open(path, os.O_RDONLY)
        finalize(self, os.close, self._file)

    def __getitem__(self, login: str) -> Account:
        start, size = self._places[login]
        try:
            account = account_from_json(json.loads(os.pread(self._file, size, start)))
        except (ValueError, TypeError, LookupError) as error:
            raise self._changed() from error
        if fold(account.login) != login:
            raise self._changed()
        return account

    def __contains__(self, login: object) -> bool:
        return login in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _changed(self) -> RefusedError:
        return RefusedError(
            "the file was changed while it was read", where=str(self._path), hint="run it again"
        )


def _members(text: _Text) -> Iterator[Part]:
    end = ","
    while end == ",":
        key, _, _ = text.value()
        if not isinstance(key, str) or not key:
            raise ValueError("a key that is none")
        text.expect(":")
        if key == "accounts":
            yield from _items(text)
            yield Part(key, [], 0, 0)
        else:
            yield Part(key, *text.value())
        end = text.expect(",}")


def _items(text: _Text) -> Iterator[Part]:
    text.expect("[")
    if text.next() == "]":
        text.expect("]")
        return
    end = ","
    while end == ",":
        yield Part("", *text.value())
        end = text.expect(",]")


def batched(found: Iterator[Part], most: int) -> Iterator[list[Part]]:
    """The same, so many at a time."""
    # itertools.batched comes with Python 3.12.
    while batch := list(islice(found, most)):
        yield batch


class Hashed:
    """A file with the digest of what was read of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._sha256 = sha256()

    def read(self, size: int) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self._sha256.update(data)
        return data

    def digest(self) -> bytes:
        """The digest of the file, once it was read to its end."""
        return self._sha256.digest()


class _Text:
    """The text of a file as far as it was read, and where in it we are, in characters and in bytes."""

    def __init__(self, file: Hashed) -> None:
        self.file = file
        self.decode = getincrementaldecoder("utf-8")().decode
        self.scan = json.JSONDecoder().raw_decode
        self.text = ""
        self.at = 0
        self.bytes = 0
        self.ended = False

    def next(self) -> str:
        """The next character that is no blank, which is not passed; empty at the end."""
        while True:
            found = _BLANK.match(self.text, self.at)
            assert found is not None
            self.bytes += found.end() - self.at
            self.at = found.end()
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def expect(self, one_of: str) -> str:
        """Pass the next character, which is one of these.

        Raises:
            ValueError: it is not.
        """
        found = self.next()
        if not found or found not in one_of:
            raise ValueError(f"none of {one_of} where one must be")
        self.at += 1
        self.bytes += 1
        return found

    def value(self) -> tuple[Json, int, int]:
        """Pass a value; it, and which bytes it is.

        Raises:
            ValueError: there is none.
        """
        self.next()
        while True:
            try:
                value, end = self.scan(self.text, self.at)
            except ValueError:
                if self.more():
                    continue
                raise
            # A number that the text ends with may go on.
            if end < len(self.text) or not self.more():
                break
        said = self.text[self.at : end]
        start, size = self.bytes, len(said) if said.isascii() else len(said.encode())
        self.at, self.bytes = end, start + size
        return value, start, size

    def more(self) -> bool:
        """Read on; whether there was more."""
        if self.ended:
            return False
        data = self.file.read(CHUNK)
        self.ended = not data
        self.text, self.at = self.text[self.at :] + self.decode(data, final=self.ended), 0
        return True
