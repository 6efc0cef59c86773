"""One layout: what the files say and every comment stay, and doing it twice is doing it once."""

from __future__ import annotations

from collections import Counter
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.yaml_edit import EditError
from erpsync.yaml_format import Order, formatted
from tests.support.yaml_documents import commented, data_of, documents

ITEM = Order(("role", "valid_to", "reason"))
USER = Order(
    ("name", "status", "scope", "roles", "assignments"), {"assignments": Order(each=ITEM), "scope": Order()}
)
ORDER = Order(inside={"users": Order(each=USER)})
SORTED = Order(inside={"users": Order(each=USER, by_name=True)})


def laid_out(text: str, order: Order = ORDER) -> str:
    return formatted(dedent(text), order)


def comments(text: str) -> Counter[str]:
    """Every comment, however far from what is before it."""
    return Counter("#" + line.partition("#")[2].rstrip() for line in text.splitlines() if "#" in line)


# --- the layout -------------------------------------------------------------------------------------


def test_keys_come_in_order_each_with_its_comments() -> None:
    assert laid_out("""\
        users:
          wu.lan:
            note: x
            # why
            status: active  # since May
            name: 吴岚
        """) == dedent("""\
        users:
          wu.lan:
            name: 吴岚
            # why
            status: active  # since May
            note: x
        """)


def test_every_level_is_two_columns_deep() -> None:
    assert laid_out("""\
        users:
            wu.lan:
               roles:
               - a
               -   b
               assignments:
                  -  reason: c
                     # which
                     role: d
        """) == dedent("""\
        users:
          wu.lan:
            roles:
              - a
              - b
            assignments:
              # which
              - role: d
                reason: c
        """)


def test_entries_stay_where_they_stand_unless_they_are_to_be_sorted() -> None:
    text = "users:\n  b: {name: 1}\n\n  # of a\n  a: {name: 2}\n"
    assert laid_out(text) == text
    assert laid_out(text, SORTED) == "users:\n  # of a\n  a: {name: 2}\n\n  b: {name: 1}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1 # why\n", "a: 1  # why\n"),
        ("a: 1     # aligned\n", "a: 1     # aligned\n"),
        ("\n\n\na: 1\n\n\n\nb: 2\n\n\n", "a: 1\n\nb: 2\n"),
        ("a: { b: 1,  c : 2 }\n", "a: {b: 1, c: 2}\n"),
        ("a: [\n  b, c\n]\n", "a: [b, c]\n"),
        ("a: [\n  b, # why\n  c\n]  # all\nd: 1\n", "a: [\n  b, # why\n  c\n]  # all\nd: 1\n"),
        ("a:\n  one\n  two\n", "a: one two\n"),
        ("a:   # one\n  # two\n  x  # three\n", "# one\n# two\na: x  # three\n"),
        ("a: |\n        b\n          c\n\n", "a: |\n  b\n    c\n"),
        ("a: |\n\n\n    b\n   \n    c\n", "a: |\n\n\n  b\n\n  c\n"),
        ("a: >\n \n    b\n", "a: >\n\n  b\n"),
        ("a: |\n   b", "a: |-\n  b\n"),
        ("a: >+  # why\n   b\n   c", "a: >-  # why\n  b\n  c\n"),
        ("a: |2\n   b", "a: |2-\n   b\n"),
        ("z:\n    a: |1\n      b\n", "z:\n  a: |1\n    b\n"),
        ("a: |+\n  b\n\n\nc: 1\n", "a: |+\n  b\n\n\nc: 1\n"),
        ("a:\r\n    b: 1 # why\r\n", "a:\r\n  b: 1  # why\r\n"),
        ("a:\r\n    b: |\r\n       c\r\n\r\n       d", "a:\r\n  b: |-\r\n    c\r\n\r\n    d\r\n"),
        ("a:\n  b: 1\r\nc: 2\n", "a:\n  b: 1\nc: 2\n"),
        ("a:\n  - b: 1\n    # end of the item\n  # end of the list\nc: 1\n# end\n",
         "a:\n  - b: 1\n    # end of the item\n  # end of the list\nc: 1\n# end\n"),
        ("a:\n- b\n# of c\nc: 1\n", "a:\n  - b\n# of c\nc: 1\n"),
        ("a:\n  -  # of b\n    b: 1\n", "a:\n  # of b\n  - b: 1\n"),
        ("---\na:   1\n", "---\na: 1\n"),
        ("{a: 1,   b: 2}\n", "a: 1\nb: 2\n"),
        ("# head\n\n{a: 1}\n# foot", "# head\n\na: 1\n# foot\n"),
        ("a:\nb: {}\nc:  []\nd: [ ]  # why\n", "a:\nb: {}\nc: []\nd: []  # why\n"),
        ("a: {\n  # none yet\n}  # why\nb: 1\n", "a: {\n  # none yet\n}  # why\nb: 1\n"),
        ("a: [#none yet\n]\n", "a: [#none yet\n]\n"),
        ("a: [b, [\n  # none yet\n]]\n", "a: [b, [\n  # none yet\n]]\n"),
        ("a: 'x'\nb: \"y\"\n", "a: 'x'\nb: \"y\"\n"),
        ("", ""),
        ("# only words\n", "# only words\n"),
    ],
)  # fmt: skip
def test_style(before: str, after: str) -> None:
    assert formatted(before, ORDER) == after


def test_value_that_is_too_long_for_a_line_is_put_on_several() -> None:
    words = ", ".join(f"word{number:04}" for number in range(14))
    after = formatted(f"a: {{b: [{words}], c: d}}  # why\n", ORDER)
    assert after.startswith("a:  # why\n  b:\n    - word0000\n    - word0001\n")
    assert after.endswith("  c: d\n")


# --- what is refused --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["a: [\n", "a: &x 1\n", "- a\n", "%YAML 1.1\n---\na: 1\n", "a: 1\n...\n", "a: 1\na: 2\n"]
)
def test_file_that_would_lose_something_is_refused(text: str) -> None:
    with pytest.raises(EditError, match=r"people\.yaml"):
        formatted(text, ORDER, "people.yaml")


@pytest.mark.parametrize("text", ["? a\n: b\n", "---\n{a: 1}\n"])
def test_valid_file_that_cannot_be_laid_out_says_what_to_write_instead(text: str) -> None:
    with pytest.raises(EditError) as error:
        formatted(text, ORDER)
    assert "one key a line" in (error.value.hint or "")


@pytest.mark.parametrize("text", ["{\n  # one\n  a: 1,\n  b: 2\n}\n", "{a: 1,  # one\n b: 2}\n"])
def test_comment_that_has_no_place_is_named(text: str) -> None:
    with pytest.raises(EditError, match=r"the comment 'one' would be lost") as error:
        formatted(text, ORDER, "people.yaml")
    assert (error.value.where, "outside of braces" in (error.value.hint or "")) == ("people.yaml", True)


# --- properties -------------------------------------------------------------------------------------


@given(documents())
def test_what_the_file_says_stays(text: str) -> None:
    assert data_of(formatted(text, ORDER)) == data_of(text)
    assert data_of(formatted(text, SORTED)) == data_of(text)


@given(
    documents(),
    st.sampled_from(["|", ">", "|+", ">2", "|-"]),
    st.sampled_from(["a", "\n\n  a", "a\n\n   b", "a\n"]),
)
def test_text_at_the_very_end_keeps_its_line_breaks(text: str, style: str, words: str) -> None:
    text = f"{text.rstrip()}\nz: {style}  # why\n  {words}".replace("\r", "")
    once = formatted(text, ORDER)
    assert data_of(once) == data_of(text)
    assert formatted(once, ORDER) == once


@given(commented())
def test_comment_anywhere_stays_or_is_refused(text: str) -> None:
    try:
        result = formatted(text, ORDER)
    except EditError:
        return
    assert comments(result) == comments(text)
    assert data_of(result) == data_of(text)


@given(documents())
def test_twice_is_once(text: str) -> None:
    for order in (ORDER, SORTED):
        once = formatted(text, order)
        assert formatted(once, order) == once


@given(documents())
def test_line_breaks_are_those_of_the_file(text: str) -> None:
    result = formatted(text, ORDER)
    assert result.count("\r\n") == (result.count("\n") if "\r\n" in text else 0)


@given(documents())
def test_no_comment_is_lost(text: str) -> None:
    assert comments(formatted(text, ORDER)) == comments(text)
    assert comments(formatted(text, SORTED)) == comments(text)
