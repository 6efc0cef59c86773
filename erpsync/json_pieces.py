"""JSON in pieces, so that the text of a large document is never there as a whole. Pure.

The pieces joined are what `json.dumps` would give with the same settings, to the byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True)
class Items:
    """A list whose items, plain values, are made when they are written, each time anew."""

    make: Callable[[], Iterable[Json]]


def compact(value: Json) -> Iterator[str]:
    """The canonical form: see `erpsync.codec.canonical`."""
    if isinstance(value, Items):
        yield from _enclosed("[", (iter([_compact(item)]) for item in value.make()), "]", ",", "")
    elif isinstance(value, dict) and _holds_items(value):
        members = (_member(key, ":", compact(value[key])) for key in sorted(value))
        yield from _enclosed("{", members, "}", ",", "")
    elif isinstance(value, list) and any(map(_holds_items, value)):
        yield from _enclosed("[", (compact(item) for item in value), "]", ",", "")
    else:
        yield _compact(value)


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def pretty(value: Json, margin: str = "\n") -> Iterator[str]:
    """The form for people: keys sorted, two blanks a level.

    Args:
        value: what to write.
        margin: the line break and the indentation of the line that it begins in.
    """
    inner = margin + "  "
    if isinstance(value, Items):
        items = (iter([_pretty(item, inner)]) for item in value.make())
        yield from _enclosed("[", items, "]", "," + inner, margin)
    elif isinstance(value, dict) and _holds_items(value):
        members = (_member(key, ": ", pretty(value[key], inner)) for key in sorted(value))
        yield from _enclosed("{", members, "}", "," + inner, margin)
    elif isinstance(value, list) and any(map(_holds_items, value)):
        yield from _enclosed("[", (pretty(item, inner) for item in value), "]", "," + inner, margin)
    else:
        yield _pretty(value, margin)


def _pretty(value: Json, margin: str) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2)
    # Within texts a line break is written as \n, so each of these begins a line.
    return text.replace("\n", margin)


def _holds_items(value: Json) -> bool:
    """Whether there are `Items` in a value, so that it cannot be written at once."""
    if isinstance(value, dict):
        return any(map(_holds_items, value.values()))
    return isinstance(value, Items) or (isinstance(value, list) and any(map(_holds_items, value)))


def _member(key: str, colon: str, value: Iterator[str]) -> Iterator[str]:
    yield json.dumps(key, ensure_ascii=False) + colon
    yield from value


def _enclosed(
    opening: str, parts: Iterable[Iterator[str]], closing: str, between: str, margin: str
) -> Iterator[str]:
    """Parts in brackets; brackets with nothing in between stand on one line."""
    before = opening + between[1:]
    for part in parts:
        yield before
        yield from part
        before = between
    yield opening + closing if before != between else margin + closing
