"""New YAML text, written the way people write access files. Pure.

A section and an entry of it stand in block style, one key a line; what is inside an entry stands
on one line where it fits. Texts that any YAML parser could read as something else are quoted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

Value = Any
"""What can be written: texts, and mappings and lists of them."""

WIDTH = 100
"""Longest line, in characters, that a collection is written on."""

_PLAIN = re.compile(r"[^\W\d_][\w .@/()（）、。·:+-]*|\d{4}-\d\d-\d\d")
"""Texts that stand without quotes and mean the same to every YAML parser: words, and days."""
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
"""Words that some parsers read as something else than a text."""


def scalar(text: str) -> str:
    """A text, in double quotes where it needs them."""
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS
    if plain and ": " not in text and not text.endswith((":", " ")):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() or char == "\u3000" else _escape(char) for char in quoted)


def _escape(char: str) -> str:
    """A character that cannot be seen, or ends a line in YAML: https://yaml.org/spec/1.1/#id872840."""
    return f"\\U{ord(char):08x}"


def inline(value: Value) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    return scalar(value)


def fits(value: Value, column: int) -> bool:
    """Whether a value may stand on one line that has so many characters already.

    Any text may; a collection if the line does not get too long and no mapping is inside it.
    """
    if not isinstance(value, Mapping | list | tuple):
        return True
    held = value.values() if isinstance(value, Mapping) else value
    flat = all(not isinstance(item, Mapping) for item in held)
    return not value or (flat and column + len(inline(value)) <= WIDTH)


def entry(key: str, value: Value, indent: int) -> list[str]:
    """The lines of a key with its value, from a column on; a mapping stands in block style."""
    start = f"{' ' * indent}{scalar(key)}:"
    if value and isinstance(value, Mapping):
        return [start, *block(value, indent + 2)]
    return _held(start, value, indent)


def item(value: Value, indent: int) -> list[str]:
    """The lines of an item of a list, whose dash stands in a column."""
    if not value or not isinstance(value, Mapping):
        return [f"{' ' * indent}- {inline(value)}"]
    lines = block(value, indent + 2)
    return [f"{' ' * indent}- {lines[0].lstrip()}", *lines[1:]]


def block(value: Value, indent: int) -> list[str]:
    """The lines of a collection in block style, from a column on."""
    if isinstance(value, Mapping):
        pairs = ((f"{' ' * indent}{scalar(key)}:", held) for key, held in value.items())
        return [line for start, held in pairs for line in _held(start, held, indent)]
    return [line for held in value for line in item(held, indent)]


def _held(start: str, value: Value, indent: int) -> list[str]:
    """The lines of a key whose value stands beside it if it fits."""
    if fits(value, len(start) + 1):
        return [f"{start} {inline(value)}"]
    return [start, *block(value, indent + 2)]
