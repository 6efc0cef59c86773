"""Strict YAML: texts stay texts, and every value knows where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from erpsync.files import load_directory
from erpsync.model import Finding, Location
from erpsync.yaml_tree import Map, Node, Seq, parse


def read(text: str) -> Map:
    findings: list[Finding] = []
    document = parse(text.encode(), "a.yaml", findings)
    assert findings == []
    assert document is not None
    return document


# --- what the words of YAML become ------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    ["no", "NO", "Yes", "on", "off", "true", "False", "~", "null", "Null", "007", "0o7", "0x1F", "1e3",
     ".inf", ".nan", "1_000", "12:30:45", "2026-01-01", "1.10", "-", "=", "陈静", "a#b", "a:b"],
)  # fmt: skip
def test_word_stays_the_text_that_was_written(word: str) -> None:
    if word == "-":
        word = "--"
    document = read(f"{word}: x\nvalue: {word}\nlist: [{word}]\n")
    assert document == {word: "x", "value": word, "list": [word]}
    assert all(type(key) is str for key in document)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('"007"', "007"),
        ("'it''s'", "it's"),
        ('"line\\nbreak"', "line\nbreak"),
        ("|\n  one\n  two\n", "one\ntwo\n"),
        (">-\n  one\n  two\n", "one two"),
        ('""', ""),
        ('"\\u9648"', "陈"),
        ("one\n  two", "one two"),
    ],
)
def test_every_style_of_scalar_is_read(written: str, text: str) -> None:
    assert read(f"value: {written}\n") == {"value": text}


def test_value_that_is_not_there_is_none_and_an_empty_text_is_not() -> None:
    assert read('missing:\nempty: ""\nlist:\n  -\n  - ""\n') == {
        "missing": None,
        "empty": "",
        "list": [None, ""],
    }


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "---\n# x\n"])
def test_file_without_content_is_fine(text: str) -> None:
    findings: list[Finding] = []
    assert parse(text.encode(), "a.yaml", findings) is None
    assert findings == []


def test_markers_of_one_document_are_fine() -> None:
    assert read("%YAML 1.2\n---\na: b\n...\n") == {"a": "b"}


def test_line_endings_of_windows_are_fine() -> None:
    document = read("a: b\r\nc:\r\n  d: e\r\n")
    assert document == {"a": "b", "c": {"d": "e"}}
    assert document["c"].key_at("d") == Location("a.yaml", 3, 3)


def test_same_text_is_kept_once() -> None:
    document = read("a: purchasing department\nb: purchasing department\n")
    assert document["a"] is document["b"]


# --- places -----------------------------------------------------------------------------------------

PLACES = """\
users:
  陈静: {name:  "a b", tags: [x, {y: z}]}
  lin.tao:
    name: 林涛
"""


def test_every_part_knows_where_it_stands() -> None:
    document = read(PLACES)
    users = document["users"]
    tags = users["陈静"]["tags"]
    assert {
        "document": document.at,
        "users": document.key_at("users"),
        "its value": document.value_at("users"),
        "key": users.key_at("陈静"),
        "mapping": users["陈静"].at,
        "value": users["陈静"].value_at("name"),
        "list": tags.at,
        "item": tags.item_at(0),
        "inner": tags[1].value_at("y"),
        "last": users["lin.tao"].value_at("name"),
    } == {
        name: Location("a.yaml", line, column)
        for name, line, column in [
            ("document", 1, 1),
            ("users", 1, 1),
            ("its value", 2, 3),
            ("key", 2, 3),
            ("mapping", 2, 7),
            ("value", 2, 15),
            ("list", 2, 28),
            ("item", 2, 29),
            ("inner", 2, 36),
            ("last", 4, 11),
        ]
    }


def test_entries_come_with_the_places_of_keys_and_items() -> None:
    document = read("a: 1\nb: [x, y]\n")
    assert [(key, value, at.line) for key, value, at in document.entries()] == [
        ("a", "1", 1),
        ("b", ["x", "y"], 2),
    ]
    assert [(item, at.column) for item, at in document["b"].entries()] == [("x", 5), ("y", 8)]


def test_places_stay_right_after_a_key_that_was_refused() -> None:
    findings: list[Finding] = []
    text = b"a: 1\na: {x: [2]}\n? [k]\n: {y: 3}\nb: 4\n"
    document = parse(text, "a.yaml", findings)
    assert document == {"a": "1", "b": "4"}
    assert document.value_at("b") == Location("a.yaml", 5, 4)
    assert [finding.rule for finding in findings] == ["yaml/duplicate-key", "yaml/key"]


# --- any nested texts -------------------------------------------------------------------------------

words = st.text(
    st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs"))
    | st.sampled_from(" -:#?,[]{}&*!|>'\"%@`"),
    min_size=1,
    max_size=12,
)
multiline = st.text(st.sampled_from("ab \n\t\x85\u2028\ufeff\U0001f600\x1b\0"), max_size=8)
leaves = words | multiline | st.sampled_from(["no", "007", "1e3", "~", "null", "=", "<<", "2026-01-01", ""])
keys = leaves.filter(lambda key: key != "<<")
nested = st.dictionaries(
    keys,
    st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(nested, st.sampled_from([None, True, False]), st.booleans())
def test_dumped_texts_are_read_back_the_same(
    value: dict[str, Node], flow: bool | None, unicode_allowed: bool
) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=unicode_allowed)
    # PyYAML writes this line break as it is between single quotes, where reading folds it to a blank.
    assume("\x85" not in text)
    assert read(text) == value


@given(nested)
def test_every_place_points_at_the_very_text(value: dict[str, Node]) -> None:
    text = yaml.safe_dump(value, default_flow_style=False, allow_unicode=True, width=10_000)
    # YAML counts these as line ends too, as PyYAML writes them; an editor may not.
    check_places(read(text), text.replace("\x85", "\n").replace("\u2028", "\n").split("\n"))


def check_places(node: Node, lines: list[str]) -> None:
    entries: list[tuple[Node, Location]] = []
    if isinstance(node, Map):
        for key, value, at in node.entries():
            entries += [(key, at), (value, node.value_at(key))]
            assert at == node.key_at(key)
    elif isinstance(node, Seq):
        entries += node.entries()
    for value, at in entries:
        here = lines[at.line - 1][at.column - 1 :]
        if isinstance(value, str):
            assert here.startswith(("'", '"', "? ", "|", ">", value.split("\n")[0]))
        elif value:
            assert value.at == at
        check_places(value, lines)


@given(
    st.binary(max_size=60)
    | st.text(st.sampled_from("ab:- \n\t[]{}?&*!|>'\"#%<~,"), max_size=40).map(str.encode)
)
def test_no_bytes_at_all_end_in_anything_but_a_mapping_or_a_finding(data: bytes) -> None:
    findings: list[Finding] = []
    document = parse(data, "a.yaml", findings)
    assert document is None or isinstance(document, Map)
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"\xc2\x85") + 2
    assert all(1 <= finding.at.line <= lines and finding.at.column >= 1 for finding in findings)


# --- a directory ------------------------------------------------------------------------------------


def fill(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    root = fill(tmp_path / "access", {"b.yaml": "b: 1", "a/z.yaml": "z: 1", "c.yaml": "", "a.yaml": "a: 1"})
    assert [list(document) for document in load_directory(root).documents] == [["z"], ["a"], ["b"]]


def test_locations_name_files_as_they_are_reached_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "repo" / "access", {"users/a.yaml": "a: 1"})
    for here, root, name in [
        ("repo", "access", "access/users/a.yaml"),
        (".", "repo/access", "repo/access/users/a.yaml"),
        ("repo/access", ".", "users/a.yaml"),
        ("repo/access/users", "..", "../users/a.yaml"),
    ]:
        monkeypatch.chdir(tmp_path / here)
        (document,) = load_directory(Path(root)).documents
        assert document.at.file == name


def test_digest_is_that_of_names_and_bytes_wherever_the_directory_stands(tmp_path: Path) -> None:
    files = {"a.yaml": "a: 1", "users/b.yaml": "b: 1", "notes.txt": "not read"}
    one, other = fill(tmp_path / "one", files), fill(tmp_path / "other", files | {"notes.txt": "differs"})
    assert load_directory(one).digest == load_directory(other).digest


@pytest.mark.parametrize(
    "files",
    [
        {"a.yaml": "a: 1 # comment", "b.yaml": "b: 1"},
        {"a.yaml": "a: 1", "c.yaml": "b: 1"},
        {"a.yaml": "a: 1"},
        {"a.yaml": "a: 1b: 1", "b.yaml": ""},
        {"a.yaml": "a: 1", "b.yaml": "b: 1", "c.yaml": ""},
    ],
)
def test_digest_moves_with_any_edit(tmp_path: Path, files: dict[str, str]) -> None:
    before = load_directory(fill(tmp_path / "one", {"a.yaml": "a: 1", "b.yaml": "b: 1"}))
    assert load_directory(fill(tmp_path / "other", files)).digest != before.digest


def test_file_that_cannot_be_parsed_still_counts_in_the_digest(tmp_path: Path) -> None:
    one = load_directory(fill(tmp_path / "one", {"a.yaml": "a: [1"}))
    other = load_directory(fill(tmp_path / "other", {"a.yaml": "a: [2"}))
    assert one.documents == ()
    assert one.digest != other.digest
