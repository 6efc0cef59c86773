"""The layout of access files: the order of keys is that in which the schema names them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from erpsync.schema import SINGLE, load_schema
from erpsync.yaml_format import Order


@cache
def access_order() -> Order:
    """The order of an access file. Sections, and the entries of a section, stay as they stand."""
    schema = load_schema("access")
    sections = {name: _order(part, schema) for name, part in schema["properties"].items()}
    return Order(inside=sections)


@cache
def sorted_order() -> Order:
    """The same with the entries of each section by their keys."""
    sections = {
        name: part if name in SINGLE else replace(part, by_name=True)
        for name, part in access_order().inside.items()
    }
    return Order(inside=sections)


def _order(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Order:
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    inside = {key: _order(value, schema) for key, value in part.get("properties", {}).items()}
    each = next(
        (part[key] for key in ("items", "additionalProperties") if isinstance(part.get(key), dict)), None
    )
    return Order(tuple(inside), inside, _order(each, schema) if each else None)
