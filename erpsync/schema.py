"""JSON Schema → located findings.

Two validators share the work. `jsonschema-rs` says yes to what is right, in microseconds;
`jsonschema` is asked only about an entry that is wrong, and its errors become sentences with a
place and a hint. A test holds the two to the same verdicts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from erpsync.model import Finding, Location
from erpsync.yaml_tree import Map, Node, Seq

SCHEMAS = ("access", "plan", "snapshot")


@cache
def load_schema(name: str) -> dict[str, Any]:
    """One of erpsync's own schemas, as plain JSON values.

    Args:
        name: one of `SCHEMAS`.
    """
    return json.loads(schema_text(name))  # type: ignore[no-any-return]


def schema_text(name: str) -> str:
    """The text of one of erpsync's own schemas."""
    inside = files("erpsync").joinpath("schemas", f"{name}.schema.json")
    if inside.is_file():
        return inside.read_text(encoding="utf-8")
    # In a checkout the schemas stand beside the package, where editors find them; the wheel has them inside.
    beside = Path(__file__).parent.parent / "schemas" / f"{name}.schema.json"
    return beside.read_text(encoding="utf-8")


@cache
def _fast() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(load_schema("access"), validate_formats=True)


def is_right(document: Mapping[str, Node]) -> bool:
    """Whether a document is as the schema of access files says."""
    return bool(_fast().is_valid(document))


def check_documents(documents: Iterable[Map]) -> tuple[list[Finding], set[tuple[str, str]]]:
    """Hold the documents of an access directory against the schema.

    Returns:
        The findings, and the (section, key) of every entry that has one: it must not be built.
    """
    findings: list[Finding] = []
    bad: set[tuple[str, str]] = set()
    for document in documents:
        if is_right(document):
            continue
        for section, entry, piece in _pieces(document):
            if not is_right(piece):
                bad.add((section, entry))
                findings += explain(piece, document)
    return list(dict.fromkeys(findings)), bad


SINGLE = ("settings", "policy")
"""The sections that are one entry each, not a mapping of entries."""


def _pieces(document: Map) -> Iterator[tuple[str, str, dict[str, Node]]]:
    """A document entry by entry, so that one wrong entry of 10,000 costs one explanation."""
    for section, entries in document.items():
        if isinstance(entries, Map) and entries and section not in SINGLE:
            for key, value in entries.items():
                yield section, key, {section: {key: value}}
        else:
            yield section, "", {section: entries}


@cache
def _explainer() -> Any:
    from jsonschema import Draft202012Validator, validators

    extend: Any = validators.extend  # it has no types
    strict = extend(Draft202012Validator, {"pattern": _pattern})
    return strict(load_schema("access"), format_checker=Draft202012Validator.FORMAT_CHECKER)


def _pattern(validator: Any, pattern: str, instance: Node, schema: Any) -> Iterator[Any]:  # noqa: ARG001
    """`pattern` as JSON Schema means it: ``$`` is the very end, while Python lets a line break follow it."""
    from jsonschema import ValidationError

    empty = instance == "" and "minLength" in schema
    if isinstance(instance, str) and not empty and not re.search(re.sub(r"\$$", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def explain(instance: Mapping[str, Node], document: Map) -> list[Finding]:
    """Every way in which a piece of a document breaks the schema, as findings placed in that document.

    There is at least one: a piece that is refused without a reason would be lost in silence.
    """
    findings: dict[tuple[Location, str], Finding] = {}
    for error in _explainer().iter_errors(instance):
        for finding in _findings_of(error, document):
            # A date that breaks both its pattern and its format is one mistake, not two.
            what = finding.rule if finding.rule == "schema/format" else finding.message
            findings.setdefault((finding.at, what), finding)
    if not findings:
        path = list(instance)[:1]
        _, place, _ = _locate(document, path)
        return [Finding("schema/value", f"something in {path[0]} does not fit the schema", place)]
    return list(findings.values())


def _findings_of(error: Any, document: Map) -> Iterator[Finding]:
    """The findings of one `jsonschema.ValidationError`, whose stubs make an optional of every field."""
    path = list(error.absolute_path)
    place, key_place, node = _locate(document, path)
    what = next((part for part in reversed(path) if isinstance(part, str)), "the file")
    match error.validator:
        case "additionalProperties":
            known = list(error.schema.get("properties", ()))
            for key in error.instance:
                if key not in known:
                    yield Finding("schema/unknown-key", f"unknown key {key!r} in {_entry(path)}",
                                  node.key_at(key), suggest(key, known, "known keys"))  # fmt: skip
        case "required":
            missing = [key for key in error.validator_value if key not in error.instance]
            # jsonschema reports each missing key as an error of its own; its message begins with the key.
            key = next(key for key in missing if error.message.startswith(repr(key)))
            yield Finding("schema/missing-key", f"{key!r} is missing in {_entry(path)}", key_place,
                          _describe(error.schema.get("properties", {}).get(key)))  # fmt: skip
        case "propertyNames":
            yield Finding("schema/key", f"{error.instance!r} cannot be a key", key_place)
        case "enum" | "const":
            values = error.schema.get("enum", [error.validator_value])
            # True is there for editors, which know truth values; the files are read as texts.
            allowed = list(
                dict.fromkeys(
                    str(value).lower() if value in (True, False) else str(value) for value in values
                )
            )
            message = f"{what}: expected {_one_of(allowed)}, found {_found(node)}"
            yield Finding("schema/choice", message, place, suggest(node, allowed, None))
        case "maxLength" if "propertyNames" in error.absolute_schema_path:
            message = f"{what}: a key longer than {error.validator_value} characters"
            at = _key_in(node, error, place)
            yield Finding("schema/key", message, at, error.schema.get("description"))
        case "pattern" if "propertyNames" in error.absolute_schema_path:
            yield Finding("schema/key", f"{error.instance!r} cannot be a key", _key_in(node, error, place),
                          "a key has letters, digits, dot, hyphen, underscore or @")  # fmt: skip
        case _:
            rule = f"schema/{_RULES.get(error.validator, 'value')}"
            yield Finding(rule, _wrong_value(error, what, node), place, error.schema.get("description"))


_RULES = {
    "type": "type",
    "format": "format",
    "pattern": "format",
    "uniqueItems": "duplicate",
    "minLength": "empty",
}


def _wrong_value(error: Any, what: str, node: Node) -> str:
    # What is hidden may be, or hold, a password: it must not reach a log.
    hidden = bool(error.schema.get("writeOnly"))
    found = ("a text" if isinstance(node, str) else _found(node)) if hidden else _found(node)
    match error.validator:
        case "type" if not hidden or error.validator_value == "object":
            return f"{what}: expected {_kind(error.validator_value)}, found {found}"
        case _ if hidden and what == "url":
            return f"{what}: not shown, as it may hold a password"
        case _ if hidden:
            return f"{what}: expected env:NAME or file:PATH, found something else (not shown)"
        case "uniqueItems":
            twice = next(item for item in node if node.count(item) > 1)
            return f"{what}: {twice!r} stands twice in the list"
        case "format":
            return f"{what}: {node!r} is not a day of the calendar (YYYY-MM-DD)"
        case "minLength" | "minItems" | "minProperties":
            return f"{what}: must not be empty"
        case "maxLength":
            return f"{what}: longer than {error.validator_value} characters"
        case _:
            return f"{what}: found {found}, which does not fit"


def _kind(types: str | list[str]) -> str:
    names = {"string": "a text", "object": "a mapping", "array": "a list", "integer": "a number"}
    # Several types are for editors, which know numbers and truth values; here everything is a text.
    return names[types] if isinstance(types, str) else names.get(types[0], "true or false")


def _entry(path: Sequence[str | int]) -> str:
    names = [part for part in path if isinstance(part, str)]
    match names:
        case []:
            return "the file"
        case [section]:
            return section
        case [section, key, *rest]:
            one = singular(section)
            return f"{one} {key!r}" + (f" ({'.'.join(rest)})" if rest else "")
    raise AssertionError(path)


def _key_in(node: Node, error: Any, place: Location) -> Location:
    return node.key_at(error.instance) if isinstance(node, Map) and error.instance in node else place


def _locate(document: Map, path: Sequence[str | int]) -> tuple[Location, Location, Node]:
    """Where a value stands, where its key stands, and the value."""
    node: Node = document
    place = key_place = document.at
    for part in path:
        if isinstance(node, Map):
            place, key_place = node.value_at(str(part)), node.key_at(str(part))
        elif isinstance(node, Seq):
            place = key_place = node.item_at(int(part))
        node = node[part]
        if node is None:
            place = key_place
    return place, key_place, node


def _found(node: Node) -> str:
    if node is None:
        return "nothing"
    if isinstance(node, dict):
        return "a mapping"
    if isinstance(node, list):
        return "a list"
    return repr(node if len(node) <= 60 else node[:57] + "...")


def _one_of(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} or {values[-1]}"


def _describe(schema: Mapping[str, Any] | None) -> str | None:
    return schema.get("description") if schema else None


def singular(section: str) -> str:
    """The word for one entry of a section: ``users`` gives ``user``, ``emergencies`` gives ``emergency``."""
    return f"{section[:-3]}y" if section.endswith("ies") else section.removesuffix("s")


def suggest(wrong: object, known: Iterable[str], label: str | None) -> str | None:
    """A hint with the nearest known word, or else, where ``label`` says what they are, the known ones."""
    known = sorted(known)
    if isinstance(wrong, str):
        folded = {word.casefold(): word for word in reversed(known)}
        near = get_close_matches(wrong.casefold(), folded, n=1, cutoff=0.6)
        if near:
            return f"did you mean {folded[near[0]]!r}?"
    if label and known:
        shown = ", ".join(known[:12]) + (f", … ({len(known)} in all)" if len(known) > 12 else "")
        return f"{label}: {shown}"
    return None
