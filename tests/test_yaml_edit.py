"""Edits of YAML text: what was asked for happens, and nothing else of the file moves."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from erpsync.yaml_edit import Append, Edit, EditError, Put, Remove, Rename, edit
from tests.support.yaml_documents import FIELDS, data_of, documents

USERS = dedent("""\
    # people
    users:
      # the head of the department
      wu.lan: {name: 吴兰, type: dedicated}

      chen.jing:  # buyer
        name: "陈静"   # as in her passport
        type: dedicated
        status: active   # since May
        assignments:
          # for the holidays
          - role: purchasing.approver
            reason: stands in
          - {role: purchasing.buyer, reason: helps}

      lin.tao:
        name: 林涛
        type: dedicated
    # roles follow
    roles: {}
    """)


def lines_of(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and those that came."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return old, new


def changed(*edits: Edit, text: str = USERS) -> tuple[list[str], list[str]]:
    old, new = lines_of(text, edit(text, edits))
    return [line.strip() for line in old], [line.strip() for line in new]


# --- a value is put in the place of another ---------------------------------------------------------


def test_value_is_replaced_and_the_comment_beside_it_stays() -> None:
    assert changed(Put(("users", "chen.jing", "status"), "locked")) == (
        ["status: active   # since May"],
        ["status: locked   # since May"],
    )


def test_quoted_value_is_replaced_with_its_quotes() -> None:
    assert changed(Put(("users", "chen.jing", "name"), "陈静静"))[1] == [
        "name: 陈静静   # as in her passport"
    ]


def test_value_in_flow_style_is_replaced_where_it_stands() -> None:
    assert changed(Put(("users", "wu.lan", "name"), "a, b"))[1] == ['wu.lan: {name: "a, b", type: dedicated}']


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a:\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a:   # why\nb: 1\n", "x", "a: x   # why\nb: 1\n"),
        ("a:\nb: 1\n", {"c": "x"}, "a: {c: x}\nb: 1\n"),
        ("a: |  # why\n  one\n   two\n\n\nb: 1\n", "x", "a: x  # why\n\n\nb: 1\n"),
        ("a: >-\n  one\n  # no comment\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a: |+\n  one\n\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a: |2\n   one\n", "x", "a: x\n"),
        ("a: |-\n  one", "x", "a: x"),
        ("a: one\n  two  # why\nb: 1\n", "x", "a: x  # why\nb: 1\n"),
        ("a:\n  one\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a: 'it''s'\n", "x", "a: x\n"),
        ("a:  # see: b\n  - one\n  - two\nb: 1\n", "x", "a: x  # see: b\nb: 1\n"),
        ("a:\n- one\n- two # why\nb: 1\n", ["x", "z"], "a: [x, z] # why\nb: 1\n"),
        ("a:\n  c: 1\n\nb: 1\n", {"d": "x"}, "a: {d: x}\n\nb: 1\n"),
        ("a: {c: 1,\n    d: 2}  # why\n", "x", "a: x  # why\n"),
        ("a: []\n", "x", "a: x\n"),
        ('"a": 1\n', "x", '"a": x\n'),
        ("'a' : 1\n", "x", "'a' : x\n"),
        ("a: one", "x", "a: x"),
        ("a: one  # why\n", [{"b": "1"}, {"b": "2"}], "a:  # why\n  - b: \"1\"\n  - b: \"2\"\n"),
        ("a:  # why\n  - one\n", [{"b": "x"}], "a:  # why\n  - b: x\n"),
        ("a: |\n  one\nb: 1\n", [{"b": "x"}], "a:\n  - b: x\nb: 1\n"),
        ("a:", [{"b": "x"}], "a:\n  - b: x"),
        ("a: one\r\nb: 1\r\n", [{"b": "x"}], "a:\r\n  - b: x\r\nb: 1\r\n"),
        ("a: {}\n", {}, "a: {}\n"),
        ("a: 1\n", [], "a: []\n"),
    ],
)  # fmt: skip
def test_whatever_was_written_is_replaced(before: str, value: Any, after: str) -> None:
    assert edit(before, [Put(("a",), value)]) == after


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("a:\n  - one # why\n  - two\n", "x", "a:\n  - x # why\n  - two\n"),
        ("a:\n  - b: 1\n    c: 2\n  - two\n", "x", "a:\n  - x\n  - two\n"),
        ("a:\n  # - see\n  -\n    b: 1\n  - two\n", "x", "a:\n  # - see\n  - x\n  - two\n"),
        ("a:\n  -\n  - two\n", "x", "a:\n  - x\n  - two\n"),
        ("a:\n  -\n", {"b": {"c": "x"}}, "a:\n  - b: {c: x}\n"),
        ("a:\n  - one # why\n", {"b": {"c": "x"}, "d": "z"}, "a:\n  - b: {c: x} # why\n    d: z\n"),
        ("a: [one, two]\n", "x", "a: [x, two]\n"),
        ("a: [one, two]\n", {"b": "x"}, "a: [{b: x}, two]\n"),
        ("a:\n  - - one\n    - two\n", ["x"], "a:\n  - [x]\n"),
    ],
)  # fmt: skip
def test_item_is_replaced(before: str, value: Any, after: str) -> None:
    assert edit(before, [Put(("a", 0), value)]) == after


def test_value_that_is_empty_in_flow_style_is_put_behind_its_colon() -> None:
    assert edit('a: {"b":, c: 1}\n', [Put(("a", "b"), "x")]) == 'a: {"b": x, c: 1}\n'


def test_value_too_long_for_a_line_stands_below_its_key() -> None:
    long = [f"role.number.{n}.of.many" for n in range(6)]
    assert edit("a: 1\nb: 2\n", [Put(("a",), long)]).count("\n  - ") == 6


# --- something new is put in ------------------------------------------------------------------------


def test_new_key_stands_last() -> None:
    assert changed(Put(("users", "lin.tao", "status"), "locked")) == ([], ["status: locked"])


def test_new_key_stands_before_the_first_named_one_that_is_there() -> None:
    old, new = changed(Put(("users", "chen.jing", "email"), "c@x.example", before=("phone", "type", "name")))
    assert (old, new) == ([], ["email: c@x.example"]) or new == ['email: "c@x.example"']
    after = edit(USERS, [Put(("users", "chen.jing", "email"), "x", before=("phone", "type", "name"))])
    assert "passport\n    email: x\n    type:" in after


def test_new_key_stands_above_the_comment_of_the_one_it_stands_before() -> None:
    after = edit("a:\n  # of b\n  b: 1\n", [Put(("a", "c"), "x", before=("b",))])
    assert after == "a:\n  c: x\n  # of b\n  b: 1\n"


def test_new_first_key_of_an_item_stands_behind_the_dash() -> None:
    after = edit("a:\n  - b: 1\n", [Put(("a", 0, "c"), "x", before=("b",))])
    assert after == "a:\n  - c: x\n    b: 1\n"


def test_new_entry_is_set_apart_where_the_others_are() -> None:
    after = edit(USERS, [Put(("users", "he.qi"), {"name": "何琪", "type": "dedicated"})])
    assert "    type: dedicated\n\n  he.qi:\n    name: 何琪\n    type: dedicated\n# roles follow\n" in after


def test_new_first_entry_is_set_apart_where_the_others_are() -> None:
    after = edit(USERS, [Put(("users", "he.qi"), {"name": "何琪"}, before=("wu.lan",))])
    assert "users:\n  he.qi:\n    name: 何琪\n\n  # the head" in after


def test_new_entry_follows_directly_where_the_others_do() -> None:
    assert edit("a:\n  b: 1\n  c: 2\n", [Put(("a", "d"), "x")]) == "a:\n  b: 1\n  c: 2\n  d: x\n"


@pytest.mark.parametrize("empty", ["a:\n", "a: {}\n", "a: # none yet\n"])
def test_first_entry_of_an_empty_section_stands_in_block_style(empty: str) -> None:
    after = edit(empty, [Put(("a", "b"), {"c": "x", "d": {"e": "f"}})])
    assert after == empty.replace(" {}", "") + "  b:\n    c: x\n    d: {e: f}\n"


def test_item_is_added_to_a_list_in_its_style() -> None:
    new = {"role": "stock.keeper", "reason": "moves"}
    assert changed(Append(("users", "chen.jing", "assignments"), new))[1] == [
        "- role: stock.keeper",
        "reason: moves",
    ]
    assert edit("a: [b]  # why\n", [Append(("a",), "c")]) == "a: [b, c]  # why\n"
    assert edit("a: [\n  b, # why\n]\n", [Append(("a",), "c")]) == "a: [\n  b, c, # why\n]\n"


@pytest.mark.parametrize("before", ["b: 1\n", "b: 1\na:\n", "b: 1\na: []\n"])
def test_item_is_added_to_a_list_that_is_not_there(before: str) -> None:
    assert edit(before, [Append(("a",), "c")]) == "b: 1\na: [c]\n"


def test_entries_are_added_in_flow_style() -> None:
    assert edit("{a: {}}\n", [Put(("a", "b"), "x"), Put(("a", "c"), "z")]) == "{a: {b: x, c: z}}\n"
    assert edit("a: {b: {c: 1}}\n", [Put(("a", "b", "d"), "x")]) == "a: {b: {c: 1, d: x}}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a: x\n"),
        ("\n", "\na: x\n"),
        ("# only words\n", "# only words\n\na: x\n"),
        ("# only words", "# only words\n\na: x"),
        ("# only words\r\n", "# only words\r\n\r\na: x\r\n"),
    ],
)
def test_first_entry_of_a_file(before: str, after: str) -> None:
    assert edit(before, [Put(("a",), "x")]) == after


def test_last_line_without_a_line_break_gets_one_only_in_between() -> None:
    assert edit("a: 1", [Put(("b",), "x"), Put(("c",), "z")]) == "a: 1\nb: x\nc: z"


def test_crlf_is_kept() -> None:
    text = USERS.replace("\n", "\r\n")
    edits: list[Edit] = [
        Put(("users", "he.qi"), {"name": "何琪"}),
        Put(("users", "lin.tao", "status"), "locked"),
        Remove(("users", "chen.jing", "assignments", 0)),
    ]
    assert edit(text, edits) == edit(USERS, edits).replace("\n", "\r\n")


# --- something is taken away ------------------------------------------------------------------------


def test_entry_goes_with_the_comment_above_it_and_its_blank_line() -> None:
    after = edit(USERS, [Remove(("users", "wu.lan"))])
    assert after == USERS.replace(
        "  # the head of the department\n  wu.lan: {name: 吴兰, type: dedicated}\n\n", ""
    )


def test_last_entry_goes_with_the_blank_line_above_it() -> None:
    after = edit(USERS, [Remove(("users", "lin.tao"))])
    assert after == USERS.replace("\n  lin.tao:\n    name: 林涛\n    type: dedicated\n", "")


def test_comment_in_another_column_stays() -> None:
    assert edit("a:\n  b: 1\n    # of b\n  c: 2\n", [Remove(("a", "c"))]) == "a:\n  b: 1\n    # of b\n"


def test_text_that_looks_like_a_comment_stays() -> None:
    before = "a:\n  b: |\n  # this ends b\n  c: 2\n"
    assert edit(before, [Remove(("a", "c"))]) == "a:\n  b: |\n"
    block = "b: |\n # text\na: 1\n"
    assert edit(block, [Remove(("a",))]) == "b: |\n # text\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: [b, c, d]\n", "a: [c, d]\n"),
        ("a: {b: 1, c: 2}\n", "a: {c: 2}\n"),
        ("a:\n  b: 1\n  c: 2\n", "a:\n  c: 2\n"),
        ("a:\n  # why\n  - b\n  - c\n", "a:\n  - c\n"),
        ("z: 1\na: [b]\n", "z: 1\n"),
        ("z: 1\na:\n- b\n", "z: 1\n"),
        ("z: |-\n  1\na: [b]", "z: |-\n  1"),
        ("z: |\n  1\na: [b]", "z: |\n  1\n"),
        ("a: {b: 1}\n", ""),
        ("# words\n\na:\n  b: 1\n", "# words\n\n"),
        ("z: 1\na: [b]", "z: 1"),
    ],
)  # fmt: skip
def test_first_of_a_collection_goes(before: str, after: str) -> None:
    path = ("a", "b") if "b:" in before else ("a", 0)
    assert edit(before, [Remove(path)]) == after


def test_only_item_of_nested_collections_empties_them_all() -> None:
    assert edit("z: 1\na:\n  b:\n    - c: 1\n", [Remove(("a", "b", 0, "c"))]) == "z: 1\n"


def test_collection_that_gets_something_else_stays() -> None:
    edits: list[Edit] = [Remove(("a", "b")), Put(("a", "c"), "x")]
    assert edit("a:\n  b: 1\n", edits) == "a:\n  c: x\n"
    assert edit("a: {b: 1}\n", edits) == "a: {c: x}\n"
    assert edit("a: [b]\n", [Remove(("a", 0)), Append(("a",), "c")]) == "a: [c]\n"


def test_first_key_of_an_item_goes_and_the_next_stands_behind_the_dash() -> None:
    before = "a:\n  - b: 1 # of b\n    c: 2\n    d: 3\n"
    assert edit(before, [Remove(("a", 0, "b"))]) == "a:\n  - c: 2\n    d: 3\n"
    assert edit(before, [Remove(("a", 0, "b")), Remove(("a", 0, "c"))]) == "a:\n  - d: 3\n"


@pytest.mark.parametrize("gone", [(0, 1), (1, 2), (0, 2), (0, 1, 2)])
@pytest.mark.parametrize("text", ["z: 1\na: [b, c, d]\n", "z: 1\na:\n  - b\n  - c\n  - d\n"])
def test_several_items_go(text: str, gone: tuple[int, ...]) -> None:
    data = yaml.load(edit(text, [Remove(("a", index)) for index in gone]), yaml.BaseLoader)
    left = [item for index, item in enumerate("bcd") if index not in gone]
    assert data == ({"z": "1", "a": left} if left else {"z": "1"})


# --- an entry gets another key ----------------------------------------------------------------------


def test_key_is_renamed_and_what_stands_around_it_stays() -> None:
    assert changed(Rename(("users", "chen.jing"), "chen.jing2")) == (
        ["chen.jing:  # buyer"],
        ["chen.jing2:  # buyer"],
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('a: {"b": 1, c: 2}\n', "a: {x.y: 1, c: 2}\n"),
        ("a:\n  ? b\n  : 1\n", "a:\n  ? x.y\n  : 1\n"),
        ("a:\n  - z\n  # why\nb: 1\n", None),
    ],
)
def test_key_is_renamed_in_any_style(before: str, after: str | None) -> None:
    if after is None:
        with pytest.raises(EditError, match="no such place"):
            edit(before, [Rename(("a", 0), "x.y")])
    else:
        assert edit(before, [Rename(("a", "b"), "x.y")]) == after


def test_renamed_entry_may_be_edited_by_the_key_that_it_has() -> None:
    edits: list[Edit] = [Rename(("users",), "people"), Rename(("users", "lin.tao"), "lin"),
                         Put(("users", "lin.tao", "name"), "林"), Remove(("users", "wu.lan"))]  # fmt: skip
    data = data_of(edit(USERS, edits))
    assert data["people"]["lin"]["name"] == "林"
    assert list(data["people"]) == ["chen.jing", "lin"]


def test_key_that_is_taken_is_refused() -> None:
    with pytest.raises(EditError, match="there already"):
        edit(USERS, [Rename(("users", "lin.tao"), "wu.lan")])
    with pytest.raises(EditError, match="no such place"):
        edit("", [Rename(("users",), "x")])


# --- what cannot be done is refused -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\n",
        "a: *x\n",
        "a: !!str 1\n",
        "a: 1\na: 2\n",
        "a: 1\n---\nb: 2\n",
        "a: [\n",
        "? [a]\n: 1\n",
        "\ufeffa: 1\n",
        "a: \ud800\n",
        "[a]\n",
        "- a\n",
        "a\n",
        "<<: {a: 1}\n",
        "a: " + "[" * 5000 + "]" * 5000,
    ],
)
def test_file_that_erpsync_would_not_read_is_not_edited(text: str) -> None:
    with pytest.raises(EditError):
        edit(text, [Put(("b",), "x")])


@pytest.mark.parametrize(
    "wrong",
    [
        Put(("nobody", "status"), "locked"),
        Put(("users", "nobody", "status"), "locked"),
        Put(("users", "lin.tao", "name", "first"), "x"),
        Put(("users", "chen.jing", "assignments", 7), "x"),
        Put(("users", "chen.jing", "assignments", 7, "role"), "x"),
        Append(("users", "lin.tao", "name"), "x"),
        Append(("users",), "x"),
        Remove(("users", "nobody")),
        Remove(("users", "chen.jing", "assignments", 2)),
        Put(("users", "lin.tao", "note"), "\ud800"),
        Put(("users", "k" * 2000), "x"),
    ],
)
def test_place_that_is_not_there_is_refused(wrong: Edit) -> None:
    with pytest.raises(EditError):
        edit(USERS, [wrong])


def test_comment_that_would_lose_its_place_refuses() -> None:
    with pytest.raises(EditError, match="comment"):
        edit("a:\n  - b: 1\n    # of c\n    c: 2\n", [Remove(("a", 0, "b"))])


def test_all_keys_of_an_item_are_not_exchanged_for_others() -> None:
    with pytest.raises(EditError, match="dash"):
        edit("a:\n  - b: 1\n", [Remove(("a", 0, "b")), Put(("a", 0, "c"), "x")])


def test_first_of_an_empty_file_must_be_a_section() -> None:
    with pytest.raises(EditError, match="empty"):
        edit("", [Put(("a", "b"), "x")])


def test_two_edits_of_one_place_are_refused() -> None:
    with pytest.raises(EditError):
        edit("a: 1\n", [Put(("b",), "x"), Put(("b",), "y")])
    with pytest.raises(EditError, match="more than it says"):
        edit("a: {b}\n", [Put(("a", "b"), "x")])


def test_error_names_the_file() -> None:
    with pytest.raises(EditError, match=r"access/users\.yaml"):
        edit("a: [\n", [Put(("b",), "x")], "access/users.yaml")


def test_no_edit_changes_nothing() -> None:
    assert edit(USERS, []) == USERS


# --- new text ---------------------------------------------------------------------------------------

odd_texts = [
    "no", "Yes", "null", "~", "007", "1e3", "2026-11-01",
    "a: b", "a #b", "- a", "x:", "陈静", "'", "\\", "@a",
    "%a", "`", "&a", "*a", "!a", ">", "?", "{", "a,b",
]  # fmt: skip
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [*odd_texts, "|", '"', "\u2028", "\x85", "\x7f", "\ufeff", "a\nb", "\t"]
)
values = st.recursive(
    texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(texts.filter(lambda key: key not in ("", "<<")), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(texts)
def test_any_text_is_written_so_that_it_is_read_back(text: str) -> None:
    after = edit("a: 1\nb: [1]\n", [Put(("a",), text), Append(("b",), text)])
    assert yaml.load(after, yaml.BaseLoader) == {"a": text, "b": ["1", text]}
    if text:
        assert str(yaml.safe_load(after)["a"]) == text


@given(values)
def test_any_value_is_written_so_that_it_is_read_back(value: Any) -> None:
    after = edit("a:\n  b: 1\n", [Put(("a", "b"), value)])
    assert yaml.load(after, yaml.BaseLoader) == {"a": {"b": value}}


# --- whole documents --------------------------------------------------------------------------------


def entry_span(text: str, key: str) -> tuple[int, int]:
    """Where the lines of a user begin (with the comment above) and where those of the next one do."""
    node: Any = yaml.compose(text, yaml.BaseLoader)
    users = next(value for name, value in node.value if name.value == "users")
    starts = {name.value: _with_comment(text, name.start_mark.index) for name, _ in users.value}
    later = [
        name.start_mark.index for name, _ in node.value if name.start_mark.index > users.start_mark.index
    ]
    start = starts[key]
    return start, min([at for at in [*starts.values(), *later] if at > start], default=len(text))


def _with_comment(text: str, index: int) -> int:
    start = text.rfind("\n", 0, index) + 1
    above = text.rfind("\n", 0, start - 1) + 1
    return above if text[above:start].startswith("  # about the next") else start


@given(documents(), st.data())
def test_edit_inside_an_entry_touches_only_lines_of_that_entry(text: str, data: st.DataObject) -> None:
    users = data_of(text)["users"]
    key = data.draw(st.sampled_from(sorted(users)))
    name = data.draw(st.sampled_from(FIELDS))
    value = data.draw(
        st.sampled_from(["x", "no", ["a"], [{"role": "r", "reason": "a: b"}], {"company": ["A"]}])
    )
    after = edit(text, [Put(("users", key, name), value)])
    start, end = entry_span(text, key)
    assert after.startswith(text[:start])
    assert after.endswith(text[end:])
    users[key][name] = value
    assert data_of(after)["users"] == users


@given(documents(), st.data())
def test_entry_that_is_removed_leaves_all_other_lines(text: str, data: st.DataObject) -> None:
    users = data_of(text)["users"]
    key = data.draw(st.sampled_from(sorted(users)))
    after = edit(text, [Remove(("users", key))])
    expected = data_of(text)
    del expected["users"][key]
    if not expected["users"]:
        del expected["users"]
    assert data_of(after) == expected
    assert len(after) < len(text)
    for other in expected.get("users", ()):
        start, end = entry_span(text, other)
        assert text[start:end].strip() in after


@given(documents(), st.data())
def test_put_then_remove_gives_the_original_back(text: str, data: st.DataObject) -> None:
    users = data_of(text)["users"]
    before = tuple(data.draw(st.lists(st.sampled_from(sorted(users)), max_size=1)))
    value = data.draw(st.sampled_from(["x", ["a"], {"name": "新人", "assignments": [{"role": "r"}]}]))
    path = data.draw(
        st.sampled_from([("users", "xin.ren"), ("birthright",), ("users", sorted(users)[0], "new")])
    )
    put = edit(text, [Put(path, value, before if len(path) == 2 else ())])
    assert data_of(put) != data_of(text)
    assert edit(put, [Remove(path)]) == text


@given(documents(), st.data())
def test_several_edits_at_once_are_as_one_after_the_other(text: str, data: st.DataObject) -> None:
    users = data_of(text)["users"]
    keys = data.draw(st.lists(st.sampled_from(sorted(users)), unique=True, min_size=1))
    edits: list[Edit] = [Put(("users", key, "status"), "locked") for key in keys]
    edits.append(Put(("users", "xin.ren"), {"name": "新人"}))
    one_by_one = text
    for change in edits:
        one_by_one = edit(one_by_one, [change])
    assert edit(text, edits) == one_by_one
    assert json.dumps(data_of(one_by_one)).count("locked") >= len(keys)


def test_items_added_to_a_list_that_is_not_there_make_it_together() -> None:
    edits = [Append(("a", "b"), "x"), Append(("a", "b"), "z")]
    assert edit("a:\n  c: 1\n", edits) == "a:\n  c: 1\n  b: [x, z]\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [("a: [b, c]\n", "a: [x, z]\n"), ("a: [ b ]  # why\n", "a: [ x, z ]  # why\n")],
)
def test_all_items_of_a_list_in_flow_style_may_make_room_for_others(before: str, after: str) -> None:
    gone = [Remove(("a", index)) for index in range(before.count(",") + 1)]
    assert edit(before, [*gone, Append(("a",), "x"), Append(("a",), "z")]) == after
