"""YAML text in the one layout of access files, with every comment kept. Pure.

Two columns for each level, the keys of an entry in the order of the schema, one blank line where there
were more. What people chose stays: the order of entries, flow or block style where it fits, quotes.
The result is read again by the strict reader, and must say exactly what the text said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from erpsync.yaml_comments import Piece, Reader, comments
from erpsync.yaml_edit import EditError, holds
from erpsync.yaml_places import Child, Name, Place, UnfitError, places
from erpsync.yaml_write import scalar

INDENT = 2
WIDTH = 120
"""Longest line, in characters, on which a value in flow style stays."""


@dataclass(frozen=True, slots=True)
class Order:
    """In which order the keys of a mapping stand, and those of the values in it.

    ``keys`` come in this order, and before all others. ``inside`` has the order of the value of a key,
    ``each`` that of every other value and of items. ``by_name`` sorts all keys by name.
    """

    keys: Sequence[str] = ()
    inside: Mapping[str, Order] = field(default_factory=dict)
    each: Order | None = None
    by_name: bool = False

    def of(self, name: Name) -> Order:
        """The order of a value."""
        return self.inside.get(str(name)) or self.each or _NO_ORDER

    def rank(self, name: Name) -> tuple[int, str]:
        """The sort key of a key; keys of the same rank stay as they stand."""
        if self.by_name:
            return 0, str(name)
        return (self.keys.index(str(name)) if name in self.keys else len(self.keys)), ""


_NO_ORDER = Order()


def formatted(text: str, order: Order, name: str = "the file") -> str:
    """The text in the layout of access files; what is in it is the same.

    Its line breaks are those of most lines of the text.

    Args:
        text: a YAML document; may be empty.
        order: of the keys at the top of it.
        name: what the file is called in an error.

    Raises:
        EditError: it is not an access file, or has something that would be lost.
    """
    plain = text.replace("\r\n", "\n")
    hint = "erpsync validate tells where"
    try:
        root = places(plain)
    except UnfitError as error:
        raise EditError(f"cannot be laid out: it has {error}", where=name, hint=hint) from error
    except yaml.YAMLError as error:
        raise EditError("the file is not valid YAML", where=name, hint=hint) from error
    if root is None or not root.children:
        return text
    if not root.mapping or not holds(plain, root.value, name):
        raise EditError("cannot be laid out: it is no access file", where=name, hint=hint)
    hint = "write it in block style, one key a line, and try again"
    try:
        result = _Layouter(plain).document(root, order)
    except UnfitError as error:
        raise EditError(f"cannot be laid out: it has {error}", where=name, hint=hint) from error
    if not holds(result, root.value, name):
        raise EditError("cannot be laid out without changing what it says", where=name, hint=hint)
    before, after = comments(plain, root), _comments(result)
    if before != after:
        hint = "write it on a line of its own, outside of braces"
        raise EditError(f"the comment {min(before - after or after)!r} would be lost", where=name, hint=hint)
    return result.replace("\n", "\r\n") if text.count("\r\n") * 2 > text.count("\n") else result


def _comments(text: str) -> Counter[str]:
    root = places(text)
    assert root is not None
    return comments(text, root)


class _Layouter:
    """Writes the pieces of a text anew."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.reader = Reader(text)

    def document(self, root: Place, order: Order) -> str:
        if root.flow:
            pieces, foot = [*self._flow_pieces(root, order)], self.text[root.end :].strip().split("\n")
            lead = [line.strip() for line in self.text[: root.start].split("\n")[:-1]]
            if any(line and not line.startswith("#") for line in (*lead, *foot)):
                raise UnfitError("something outside its one mapping")
            pieces[0].lead = lead
        else:
            pieces, foot = self.reader.document(root)
        below = _no_blank_runs(foot)
        lines = [*self._collection(pieces, 0, order), *(below[:-1] if below[-1:] == [""] else below)]
        return "\n".join(lines).lstrip("\n") + "\n"

    # --- whole lines ------------------------------------------------------------------------------

    def _collection(self, pieces: Sequence[Piece], indent: int, order: Order) -> Iterator[str]:
        ordered = sorted(pieces, key=lambda piece: order.rank(piece.name))
        apart = len(pieces) > 1 and all(piece.lead[:1] == [""] for piece in pieces[1:])
        for number, piece in enumerate(ordered):
            above, own = self._piece(piece, indent, order.of(piece.name))
            lead = _no_blank_runs([*piece.lead, *above])
            if not number:
                lead = lead[1:] if lead[:1] == [""] and piece is not pieces[0] else lead
            elif apart and lead[:1] != [""]:
                lead = ["", *lead]
            yield from _indented(lead, indent)
            yield from own

    def _piece(self, piece: Piece, indent: int, order: Order) -> tuple[list[str], list[str]]:
        """The comments that have to stand above a piece beside its own, and its lines."""
        head = " " * indent + ("-" if piece.key is None else f"{piece.key}:")
        if not piece.pieces:
            return self._value(piece, head, indent, order)
        below = [
            *self._collection(piece.pieces, indent + INDENT, order),
            *_indented(_no_blank_runs(piece.foot), indent + INDENT),
        ]
        if piece.key is not None:
            return [], [head + piece.beside, *below]
        first = next(number for number, line in enumerate(below) if not _is_lead(line))
        above = [piece.beside.strip()] * bool(piece.beside) + [line.strip() for line in below[:first]]
        return above, [f"{head} {below[first].lstrip()}", *below[first + 1 :]]

    def _value(self, piece: Piece, head: str, indent: int, order: Order) -> tuple[list[str], list[str]]:
        place, beside = piece.place, piece.beside
        raw = self.text[place.start : place.end]
        if place.block_text:
            return [], [f"{head} {_style(place)}{beside}", *self._block_text(piece, indent)]
        if place.collection and "\n" in raw and "#" in raw:
            first, *rest = raw.split("\n")
            return [], [f"{head} {first}", *(line.rstrip() for line in rest[:-1]), rest[-1] + beside]
        if not place.children:
            written = self._scalar(place)
            return [], [f"{head} {written}{beside}" if written else head + beside]
        line = f"{head} {self._inline(place, order)}"
        if len(line) <= WIDTH:
            return [], [line + beside]
        piece.pieces = [*self._flow_pieces(place, order)]
        return self._piece(piece, indent, order)

    def _block_text(self, piece: Piece, indent: int) -> Iterator[str]:
        place, lines = piece.place, self.reader.lines
        first, last = self.reader.line_of(place.start) + 1, self.reader.line_of(place.end)
        body = lines[first : last + 1]
        old = next((len(line) - len(line.lstrip(" ")) for line in body if line.strip(" ")), 0)
        if re.search(r"\d", place.style):
            # The figure counts from the column of what the text is in.
            old, new = piece.parent_column, indent
        else:
            new = indent + INDENT
        for line in body:
            yield " " * new + line[old:] if line[old:].strip("\n") else ""

    # --- on one line ------------------------------------------------------------------------------

    def _flow_pieces(self, place: Place, order: Order) -> Iterator[Piece]:
        """The entries of a value in flow style as pieces of whole lines."""
        for name, child in self._sorted(place, order):
            key = self.text[child.start : child.key_end] if place.mapping else None
            yield Piece(name, key, child.place, place.column, [])

    def _sorted(self, place: Place, order: Order) -> list[tuple[Name, Child]]:
        children = list((place.children or {}).items())
        return sorted(children, key=lambda item: order.rank(item[0])) if place.mapping else children

    def _inline(self, place: Place, order: Order) -> str:
        if place.children is None:
            return self._scalar(place)
        if not place.mapping:
            parts: Iterable[str] = (
                self._inline(child.place, order.of(name)) for name, child in place.children.items()
            )
            return f"[{', '.join(parts)}]"
        parts = (
            f"{self.text[child.start : child.key_end]}: {self._inline(child.place, order.of(name))}"
            for name, child in self._sorted(place, order)
        )
        return "{" + ", ".join(parts) + "}"

    def _scalar(self, place: Place) -> str:
        """A text as it is written; on one line if it was on several."""
        if place.children is not None:
            return "{}" if place.mapping else "[]"
        raw = self.text[place.start : place.end]
        return scalar(place.text or "") if "\n" in raw else raw


def _style(place: Place) -> str:
    """What a block text begins with, so that a line break put at the end of the file does not join it."""
    if not place.text or place.text.endswith("\n") or "-" in place.style:
        return place.style
    return place.style.replace("+", "") + "-"


def _is_lead(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _indented(lines: Iterable[str], indent: int) -> Iterator[str]:
    return (" " * indent + line if line else "" for line in lines)


def _no_blank_runs(lines: Sequence[str]) -> list[str]:
    return [line for number, line in enumerate(lines) if line or not number or lines[number - 1]]
