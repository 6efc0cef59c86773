"""Strict YAML the quick way, for files that are as they should be: nearly all of them.

The events of the C parser cost what they cost; a builder can only save on what it does with each. So
this one keeps only those places that declared values keep, looks for what is not allowed in the bytes
as a whole, and reports nothing: at whatever is out of the ordinary it gives up. The file is then read
by `erpsync.yaml_tree`, which says what is wrong with it and where. Both build the same from any file
that this one takes; a property test holds them to it.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out

from erpsync.yaml_tree import MAX_DEPTH, Node

Places: TypeAlias = Sequence[int]
"""Lines and columns from 0, each as ``line << 32 | column``."""
Next: TypeAlias = Callable[[], Any]
"""Gives the next event."""

PLACED = 2
"""Mappings so deep and higher keep the places of their keys: sections, their entries, and each entry."""
_INDICATOR = re.compile(rb"[&*!]")
"""What an anchor, an alias or a tag begins with: https://yaml.org/spec/1.1/#c-indicator."""

_SCALAR, _MAP, _SEQ = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
_MAP_END, _SEQ_END = yaml.MappingEndEvent, yaml.SequenceEndEvent


class PlacedMap(dict[str, Node]):
    """A mapping near the top, with the place of each of its keys in their order."""

    __slots__ = ("places",)
    places: Places


class PlacedList(list[Node]):
    """A sequence, with the place of each of its items that is a collection."""

    __slots__ = ("places",)
    places: Places


class _OddError(Exception):
    """Something that is not in every file."""


def read(data: bytes) -> PlacedMap | None:
    """The top mapping of a file that is as it should be, or None."""
    if _may_be_odd(data):
        return None
    try:
        data.decode("utf-8")
        return _document(CParser(data).get_event)
    except (_OddError, UnicodeDecodeError, yaml.YAMLError):
        return None


def _may_be_odd(data: bytes) -> bool:
    """Whether there may be a byte order mark, a merge key, an anchor, an alias or a tag.

    None of the last three begins right behind a letter or a figure.
    """
    if data[:1] in (b"\xef", b"\xff", b"\xfe") or b"<<" in data:
        return True
    if b"&" not in data and b"*" not in data and b"!" not in data:
        return False
    starts = (found.start() for found in _INDICATOR.finditer(data))
    return any(not data[max(start - 1, 0) : start].isalnum() for start in starts)


def _document(next_event: Next) -> PlacedMap:
    kinds = [type(next_event()) for _ in range(3)]
    if kinds != [yaml.StreamStartEvent, yaml.DocumentStartEvent, _MAP]:
        raise _OddError
    top = _placed(next_event, 0)
    if type(next_event()) is not yaml.DocumentEndEvent or type(next_event()) is not yaml.StreamEndEvent:
        raise _OddError
    return top


# In the loops below nothing is called or looked up that need not be: each event costs less than a
# microsecond, so that one call more for each would add a tenth to the whole.


def _placed(next_event: Next, depth: int) -> PlacedMap:
    """A mapping near the top, whose beginning was seen."""
    found, places = PlacedMap(), array("Q")
    place = places.append
    while (kind := type(event := next_event())) is _SCALAR:
        mark = event.start_mark
        place(mark.line << 32 | mark.column)
        key = event.value
        kind = type(event := next_event())
        if kind is _SCALAR:
            found[key] = event.value or (event.value if event.style else None)
        elif kind is _MAP:
            inner = _placed if depth < PLACED else _mapping
            found[key] = inner(next_event, depth + 1)
        else:
            found[key] = _sequence(kind, next_event, depth + 1)
    # A key that stands there twice leaves fewer entries than were read.
    if kind is not _MAP_END or len(places) != len(found) or "" in found:
        raise _OddError
    found.places = places
    return found


def _mapping(next_event: Next, depth: int) -> dict[str, Node]:
    """A mapping whose beginning was seen."""
    if depth >= MAX_DEPTH:
        raise _OddError
    found: dict[str, Node] = {}
    size = 0
    while (kind := type(event := next_event())) is _SCALAR:
        key = event.value
        size += 1
        kind = type(event := next_event())
        if kind is _SCALAR:
            found[key] = event.value or (event.value if event.style else None)
        elif kind is _MAP:
            found[key] = _mapping(next_event, depth + 1)
        else:
            found[key] = _sequence(kind, next_event, depth + 1)
    if kind is not _MAP_END or size != len(found) or "" in found:
        raise _OddError
    return found


def _sequence(kind: type, next_event: Next, depth: int) -> PlacedList:
    """A sequence whose beginning was seen, if that was one."""
    if kind is not _SEQ or depth >= MAX_DEPTH:
        raise _OddError
    found, places = PlacedList(), []
    while (kind := type(event := next_event())) is not _SEQ_END:
        if kind is _SCALAR:
            found.append(event.value or (event.value if event.style else None))
            continue
        mark = event.start_mark
        places.append(mark.line << 32 | mark.column)
        if kind is _MAP:
            found.append(_mapping(next_event, depth + 1))
        else:
            found.append(_sequence(kind, next_event, depth + 1))
    found.places = places
    return found
