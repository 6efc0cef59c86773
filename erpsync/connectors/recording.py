"""A recorded snapshot read account by account, so that a large one is never held whole."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from erpsync.codec import Json

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


def parts(file: BinaryIO) -> Iterator[Part]:
    """The members of a JSON document one by one; of the member ``accounts`` its items.

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
        raise ValueError


def _members(text: _Text) -> Iterator[Part]:
    end = ","
    while end == ",":
        key, _, _ = text.value()
        if not isinstance(key, str):
            raise ValueError
        text.expect(":")
        if key == "accounts":
            yield from _items(text)
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


class _Text:
    """The text of a file as far as it was read, and where in it we are, in characters and in bytes."""

    def __init__(self, file: BinaryIO) -> None:
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
            raise ValueError
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
