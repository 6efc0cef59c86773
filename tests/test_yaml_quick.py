"""The quick reader takes nothing that the strict one refuses, and builds the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from erpsync.model import Finding
from erpsync.yaml_quick import PlacedList, PlacedMap, read
from erpsync.yaml_tree import MAX_DEPTH, Map, Node, Seq, parse

HERE = Path(__file__).parent


def agree(data: bytes) -> PlacedMap | None:
    """Hold the two readers to each other; what the quick one read."""
    quick = read(data)
    if quick is not None:
        findings: list[Finding] = []
        strict = parse(data, "a.yaml", findings)
        assert findings == []
        assert strict is not None
        assert dict(quick) == dict(strict)
        _same_places(quick, strict)
    return quick


def _same_places(quick: Node, strict: Node) -> None:
    if isinstance(quick, PlacedMap):
        assert isinstance(strict, Map)
        assert list(quick.places) == list(strict.places)
        assert list(quick) == list(strict)
        for key, value in quick.items():
            _same_places(value, strict[key])
    elif isinstance(quick, PlacedList):
        assert isinstance(strict, Seq)
        places = [
            place for place, item in zip(strict.places, strict, strict=True) if isinstance(item, Map | Seq)
        ]
        assert list(quick.places) == places


PIECES = [*"&*!<#-:?,[]{}|>%@`'\" \n\t", "\n  ", "\n- ", ": ", "a", "b", "1", "é", "---", "...", "<<",
          "a: b\n", "\n    c: d", "- e", "\u2028",
          "\ufeff", "\x85", "a&b", "c!", "*x", "&x ", "!!str "]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("a: b\na: c\n")
@example("a: {b: c, b: d}\n")
@example("a: [{b: c, b: d}]\n")
@example("a: &x b\nc: *x\n")
@example("a: !!str b\n")
@example("<<: {a: b}\n")
@example("? a\n: b\n? [c]\n: d\n")
@example('"": b\n')
@example(": b\n")
@example("a: b\n---\nc: d\n")
@example("%YAML 1.1\n---\na: b\n...\n")
@example("a: R&D\nb: hello! you\n")
@example("[a]\n")
@example("a\n")
@example("")
def test_any_text_is_read_alike_or_left_to_the_strict_reader(text: str) -> None:
    agree(text.encode())


values = st.recursive(
    st.none() | st.text(max_size=8) | st.sampled_from(["no", "007", "2026-01-01", "R&D", "a: b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), values, max_size=4), st.booleans())
def test_any_values_are_read_alike(document: dict[str, Node], flow: bool) -> None:
    text = json.dumps(document) if flow else yaml.safe_dump(document, allow_unicode=True)
    agree(text.encode())


@pytest.mark.parametrize(
    "path",
    sorted(path for path in HERE.glob("bad_input/**/*.yaml") if path.is_file()),
    ids=lambda path: path.parent.name,
)
def test_bad_input_is_read_alike_or_left_to_the_strict_reader(path: Path) -> None:
    agree(path.read_bytes())


@pytest.mark.parametrize("path", sorted((HERE.parent / "access").rglob("*.yaml")), ids=lambda path: path.name)
def test_files_as_they_should_be_are_read_the_quick_way(path: Path) -> None:
    if "*" not in path.read_text(encoding="utf-8"):
        assert agree(path.read_bytes()) is not None


@pytest.mark.parametrize("data", [b"\xef\xbb\xbfa: b\n", "a: 陈\n".encode("gbk"), "a: b\n".encode("utf-16")])
def test_what_is_no_plain_utf8_is_left_to_the_strict_reader(data: bytes) -> None:
    assert read(data) is None


@pytest.mark.parametrize("opened", ["{a: ", "["])
def test_nesting_stops_where_the_strict_reader_stops(opened: str) -> None:
    closed = {"{a: ": "}", "[": "]"}[opened]
    depth = MAX_DEPTH - 1
    assert agree(f"a: {opened * depth}b{closed * depth}".encode()) is not None
    assert read(f"a: {opened * (depth + 1)}b{closed * (depth + 1)}".encode()) is None
