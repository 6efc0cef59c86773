"""YAML text → its entries and items with the comments that belong to each. Pure.

A comment on a line of its own belongs to what follows it, unless it stands deeper than that: then it
is the last of what is before it. A comment behind something belongs to that.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from erpsync.yaml_places import Child, Name, Place, UnfitError

_DOCUMENT = "---"
"""What may stand above everything: https://yaml.org/spec/1.1/#id905457."""


@dataclass(slots=True)
class Piece:
    """An entry of a mapping or an item of a list, and its comments.

    ``key`` is the key as it is written, None for an item. ``lead`` are the lines above it, blank ones
    included; ``beside`` is the comment behind it with the blanks before it; ``pieces`` are those of a
    value of whole lines, and ``foot`` the lines below them.
    """

    name: Name
    key: str | None
    place: Place
    parent_column: int
    lead: list[str]
    beside: str = ""
    pieces: list[Piece] = field(default_factory=list)
    foot: list[str] = field(default_factory=list)


class Reader:
    """Goes through a text once, from its first line to its last; its line breaks are line feeds.

    Raises:
        UnfitError: something stands where only comments are expected.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self._starts = [0]
        for line in self.lines[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._next = 0
        self._begin = next((n for n, line in enumerate(self.lines) if _is_content(line)), 0)

    def document(self, root: Place) -> tuple[list[Piece], list[str]]:
        """The pieces of the whole document, and the lines below them."""
        return self._pieces(root), self._until(len(self.lines))

    def line_of(self, index: int) -> int:
        """The number of the line in which a character stands, counted from 0."""
        return bisect_right(self._starts, index) - 1

    def _pieces(self, place: Place) -> list[Piece]:
        return [self._piece(place, name, child) for name, child in (place.children or {}).items()]

    def _piece(self, parent: Place, name: Name, child: Child) -> Piece:
        if parent.mapping:
            key: str | None = self.text[child.start : child.key_end]
            start, head = child.start, self.text.index(":", child.key_end) + 1
        else:
            start = self._dash(parent, child)
            key, head = None, start + 1
        line, place = self.line_of(start), child.place
        piece = Piece(name, key, place, parent.column, self._until(line))
        if place.in_block and place.children:
            self._block(piece, head, line)
        else:
            self._value(piece, head, line)
        return piece

    def _block(self, piece: Piece, head: int, line: int) -> None:
        if self.line_of(piece.place.start) > line:
            piece.beside = self._comment(head)
            self._next = line + 1
        piece.pieces = self._pieces(piece.place)
        piece.foot = self._foot(piece.place.column)

    def _value(self, piece: Piece, head: int, line: int) -> None:
        place = piece.place
        if place.start >= place.end and not place.block_text:
            piece.beside = self._comment(head)
            self._next = line + 1
            return
        first = self.line_of(place.start)
        if first > line:
            above = self._comment(head)
            self._next = line + 1
            piece.lead += [above.strip()] * bool(above) + [text for text in self._until(first) if text]
        if place.block_text:
            piece.beside = self._comment(place.start + len(place.style))
            self._next = self.line_of(place.end) + 1
        else:
            piece.beside = self._comment(place.end)
            self._next = self.line_of(place.end - 1) + 1

    def _dash(self, parent: Place, child: Child) -> int:
        number = self.line_of(child.start)
        while self.lines[number][parent.column : parent.column + 1] != "-":
            number -= 1
        return self._starts[number] + parent.column

    def _comment(self, index: int) -> str:
        """The comment on the rest of a line, with the blanks before it: at least two."""
        end = self.text.find("\n", index)
        rest = self.text[index : end if end >= 0 else len(self.text)].rstrip()
        comment = rest.lstrip()
        if comment and not comment.startswith("#"):
            raise UnfitError(f"something beside a value: {comment[:20]!r}")
        return " " * max(2, len(rest) - len(comment)) + comment if comment else ""

    def _until(self, line: int) -> list[str]:
        """The comments and blank lines up to a line."""
        found = [text.strip() for text in self.lines[self._next : line]]
        for number, text in enumerate(found, start=self._next):
            if text and not text.startswith("#") and (text != _DOCUMENT or number > self._begin):
                raise UnfitError(f"{text[:20]!r} outside any entry")
        self._next = max(self._next, line)
        return found

    def _foot(self, column: int) -> list[str]:
        """The lines that end a collection: comments at least as deep as it, and deeper than what follows."""
        stop = next(
            (n for n in range(self._next, len(self.lines)) if _is_content(self.lines[n])), len(self.lines)
        )
        following = _depth(self.lines[stop]) if stop < len(self.lines) else -1
        end = self._next
        for number in range(self._next, stop):
            depth = _depth(self.lines[number])
            if self.lines[number].strip():
                if depth < column or depth <= following:
                    break
                end = number + 1
        return self._until(end)


def comments(text: str, root: Place) -> Counter[str]:
    """Every comment of a text, and how often it is there.

    Args:
        text: a YAML document; its line breaks are line feeds.
        root: the value that it holds.
    """
    found: Counter[str] = Counter()
    begin = 0
    for start, end in (*_said(text, root), (len(text), len(text))):
        for line in text[begin:start].split("\n"):
            _, mark, words = line.partition("#")
            found.update([words.strip()] * bool(mark))
        begin = max(begin, end)
    return found


def _said(text: str, place: Place) -> Iterator[tuple[int, int]]:
    """Where keys and texts begin and end, from the first to the last: a ``#`` in them is no comment."""
    for child in (place.children or {}).values():
        yield child.start, child.key_end
        yield from _said(text, child.place)
    if place.block_text:
        yield place.start, place.start + len(place.style)
        # Behind what a block text begins with there may be a comment.
        yield text.find("\n", place.start), place.end
    elif place.children is None:
        yield place.start, place.end


def _is_content(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
