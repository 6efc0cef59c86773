"""YAML text → where every key and value begins and ends in it, to the character. Pure.

Beside `erpsync.yaml_tree`, which knows where values begin, for findings; edits must also know where
they end, and how they are written. Built from the same events, for they cost a fraction of nodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out

from erpsync.yaml_tree import MAX_DEPTH

_HEADER = re.compile(r"[|>][0-9+-]*")
"""What a block text begins with: https://yaml.org/spec/1.1/#id926836."""
_BLANK_END = re.compile(r"(?:\r?\n[ \t]*)*\Z")
"""The blank lines behind a block text, which the parser counts as part of it."""

Name = str | int
"""The key of an entry, or the index of an item."""


@dataclass(slots=True)
class Place:
    """A value and where it stands: index of its first character, index after its last, column.

    ``text`` is what a scalar says, None where nothing is written; ``style`` is its quote, or for a
    block text what it begins with, such as ``|-``. ``children`` are the entries of a mapping or the
    items of a list.
    """

    start: int
    end: int
    column: int
    mapping: bool = False
    flow: bool = False
    text: str | None = None
    style: str = ""
    children: dict[Name, Child] | None = None

    @property
    def collection(self) -> bool:
        """Whether it is a mapping or a list."""
        return self.children is not None

    @property
    def in_block(self) -> bool:
        """Whether it is a collection of whole lines."""
        return self.children is not None and not self.flow

    @property
    def block_text(self) -> bool:
        """Whether it is a text on lines of its own."""
        return self.style.startswith(("|", ">"))

    @property
    def ends_in_block_text(self) -> bool:
        """Whether its last line is that of a text whose line breaks count."""
        if self.in_block and self.children:
            return list(self.children.values())[-1].place.ends_in_block_text
        return self.block_text and "-" not in self.style

    @property
    def value(self) -> Any:
        """The value itself: texts, None, and dicts and lists of them."""
        if self.children is None:
            return self.text
        if self.mapping:
            return {name: child.place.value for name, child in self.children.items()}
        return [child.place.value for child in self.children.values()]

    def find(self, path: tuple[Name, ...]) -> Place | None:
        """The value at a path, or None if the last part of it is not there.

        Raises:
            KeyError: an earlier part is not there.
        """
        place = self
        for depth, part in enumerate(path, start=1):
            child = (place.children or {}).get(part)
            if child is None:
                if depth < len(path) or (place.children is None and place.text is not None):
                    raise KeyError(".".join(map(str, path)))
                return None
            place = child.place
        return place


@dataclass(slots=True)
class Child:
    """An entry or an item: where its key, or the value of an item, begins; where the key ends; the value."""

    start: int
    key_end: int
    place: Place


class UnfitError(ValueError):
    """The text has something in it that access files must not have."""


def places(text: str) -> Place | None:
    """The value that a YAML document holds, or None if it holds nothing.

    Raises:
        UnfitError: anchors, aliases, tags, duplicate keys, several documents.
        yaml.YAMLError: it is not YAML.
    """
    reader = _Reader(text)
    next_event: Callable[[], Any] = CParser(text).get_event
    documents = 0
    while (event := next_event()) is not None:
        documents += type(event) is yaml.DocumentStartEvent
        if documents > 1:
            raise UnfitError("a second document")
        if isinstance(event, yaml.NodeEvent | yaml.CollectionEndEvent):
            reader.take(event)
    root = reader.root
    return None if root is None or (not root.collection and root.text is None) else root


@dataclass(slots=True)
class _Reader:
    """Puts events together; a stack of its own, so that deep nesting is no recursion."""

    text: str
    root: Place | None = None
    open: list[tuple[Place, dict[Name, Child]]] = field(default_factory=list)
    keys: list[tuple[str, int, int] | None] = field(default_factory=list)

    def take(self, event: Any) -> None:
        """Take the next event that is about a value."""
        kind: Any = type(event)
        if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            self._close(event.end_mark.index)
            return
        if kind is yaml.AliasEvent or event.anchor is not None or event.tag is not None:
            raise UnfitError("an anchor, an alias or a tag")
        start, end = event.start_mark.index, event.end_mark.index
        if kind is not yaml.ScalarEvent:
            if len(self.open) >= MAX_DEPTH:
                raise UnfitError(f"more than {MAX_DEPTH} levels of nesting")
            flow, mapping = bool(event.flow_style), kind is yaml.MappingStartEvent
            place = Place(start, end, event.start_mark.column, mapping, flow, children={})
        elif self.open and self.open[-1][0].mapping and self.keys[-1] is None:
            self.keys[-1] = (event.value, start, end)
            return
        else:
            style = event.style or ""
            if style in ("|", ">"):
                style, end = self._block_text(start, end)
            value = event.value if event.value or style else None
            place = Place(start, end, event.start_mark.column, text=value, style=style)
        self._add(place)
        if place.children is not None:
            self.open.append((place, place.children))
            self.keys.append(None)

    def _add(self, place: Place) -> None:
        if not self.open:
            self.root = place
            return
        parent, children = self.open[-1]
        if not parent.mapping:
            children[len(children)] = Child(place.start, place.start, place)
            return
        key = self.keys[-1]
        if key is None:
            raise UnfitError("a collection as a key")
        name, start, end = key
        if name in children:
            raise UnfitError(f"the key {name!r} twice")
        children[name] = Child(start, end, place)
        self.keys[-1] = None

    def _close(self, end: int) -> None:
        place, children = self.open.pop()
        self.keys.pop()
        # The parser's own mark of the end of a block lies behind the blank lines and comments after it.
        place.end = end if place.flow else list(children.values())[-1].place.end

    def _block_text(self, start: int, end: int) -> tuple[str, int]:
        """What a block text begins with, and where it really ends."""
        raw = self.text[start:end]
        header = _HEADER.match(raw)
        blank = _BLANK_END.search(raw)
        assert header is not None
        assert blank is not None
        if "+" in header[0]:  # blank lines are part of what the text says
            return header[0], start + len(raw.removesuffix("\n").removesuffix("\r"))
        return header[0], start + blank.start()
