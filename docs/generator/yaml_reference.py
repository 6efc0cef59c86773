"""docs/yaml-reference.md, from the schema of the access files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from erpsync.references import CONDITIONS, REFERENCES
from erpsync.schema import load_schema
from generator.yaml_words import EXAMPLES, INTRO, NOTES

Schema = Mapping[str, Any]


def yaml_reference() -> str:
    """The page."""
    schema = load_schema("access")
    rule = schema["$defs"]["key"]["description"]
    parts = [INTRO.format(key_rule=rule[0].lower() + rule[1:]), _contents(schema)]
    for name, section in schema["properties"].items():
        parts.append(_section(name, section, schema))
    return "\n".join(parts)


def _contents(schema: Schema) -> str:
    rows = ["| section | what it holds |", "|---|---|"]
    for name, section in schema["properties"].items():
        description = _resolved(section, schema)["description"]
        rows.append(f"| [`{name}`](#{name}) | {description} |")
    return "\n".join([*rows, ""])


def _section(name: str, section: Schema, schema: Schema) -> str:
    section = _resolved(section, schema)
    entry = _resolved(section.get("additionalProperties") or section, schema)
    lines = [f"## {name}", "", section["description"], "", *_example(name)]
    if name in NOTES:
        lines += [NOTES[name]]
    if entry is not section:
        lines += [f"Each key names one {entry['title'][0].lower()}{entry['title'][1:]}.", ""]
    return "\n".join([*lines, *_tables(name, entry, schema)])


def _example(name: str) -> list[str]:
    return ["```yaml", *EXAMPLES[name].splitlines(), "```", ""]


def _tables(path: str, entry: Schema, schema: Schema) -> Iterator[str]:
    """The table of one mapping, and after it those of the mappings inside it, each under its path."""
    yield "| key | value | meaning |"
    yield "|---|---|---|"
    inner: list[tuple[str, Schema]] = []
    for key, raw in entry["properties"].items():
        value = _resolved(raw, schema)
        name = f"**`{key}`**" if key in entry.get("required", ()) else f"`{key}`"
        yield f"| {name} | {_type(path, key, value, schema)} | {_meaning(key, value, entry)} |"
        nested = _resolved(value.get("items", value), schema)
        if "properties" in nested:
            inner.append((f"{path}.{key}", nested))
    yield ""
    for inner_path, nested in inner:
        yield f"### {inner_path}"
        yield ""
        yield from _tables(inner_path, nested, schema)


def _meaning(key: str, value: Schema, entry: Schema) -> str:
    rules = [(_condition(rule["if"]["properties"]), rule) for rule in entry.get("allOf", ())]
    needed = [
        f"Required {word} {condition}."
        for condition, rule in rules
        for word, branch in (("if", "then"), ("unless", "else"))
        if key in rule.get(branch, {}).get("required", ())
    ]
    return " ".join([value["description"], *needed])


def _condition(properties: Schema) -> str:
    return " and ".join(
        f"`{key}` is {_or(value.get('enum', [value.get('const')]))}" for key, value in properties.items()
    )


def _or(values: list[str]) -> str:
    words = [f"`{value}`" for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _type(path: str, key: str, value: Schema, schema: Schema) -> str:
    if "oneOf" in value:
        return " or ".join(_type(path, key, _resolved(item, schema), schema) for item in value["oneOf"])
    match value.get("type"):
        case ["integer", "string"]:
            return "number"
        case "array":
            item = _resolved(value["items"], schema)
            return "list of mappings" if "properties" in item else f"list of {_type(path, key, item, schema)}"
        case "object" if "properties" in value:
            return f"mapping, see [below](#{f'{path}.{key}'.replace('.', '')})"
        case "object":
            inner = _resolved(value["additionalProperties"], schema)
            by = _referenced(path, key) or "name"
            return f"mapping by {by}: {_type('', '', inner, schema)}"
    return _text(path, key, value)


def _text(path: str, key: str, value: Schema) -> str:
    if "enum" in value:
        # Editors may read `true` where erpsync reads text, so the schema has both.
        return _or([item for item in value["enum"] if isinstance(item, str)])
    return _referenced(path, key) or ("date" if value.get("format") == "date" else "text")


def _referenced(path: str, key: str) -> str | None:
    """A link to the section whose entries a key names, if it names any."""
    known = {(where, name): other for where, name, other in REFERENCES}
    known[("users.assignments", "role")] = "roles"
    known |= {(f"{where}.when", name): other for where, name, other in CONDITIONS}
    other = known.get((path, key))
    return f"[{other.removesuffix('s')}](#{other})" if other else None


def _resolved(value: Any, schema: Schema) -> Schema:
    """A subschema with its reference followed; words beside the reference come first."""
    if "$ref" not in value:
        return value  # type: ignore[no-any-return]
    name = value["$ref"].removeprefix("#/$defs/")
    return {**schema["$defs"][name], **{key: item for key, item in value.items() if key != "$ref"}}
