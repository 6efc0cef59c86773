"""Values in comments: escaped unless they were, and of bounded length."""

from __future__ import annotations

import pytest

from erpsync.render.escape import LONGEST, Safe, fill, html, markdown, short
from tests.rendered_values import HARMFUL


def test_fill_escapes_every_value() -> None:
    assert fill("*{a}* {b}", a="*x*", b=3) == r"*\*x\** 3"


def test_fill_leaves_what_was_escaped_as_it_is() -> None:
    assert fill("({a})", a=fill("*{b}*", b="_x_")) == r"(*\_x\_*)"


def test_fill_does_not_read_placeholders_in_values() -> None:
    assert fill("{a} {b}", a="{b}", b="x") == r"\{b\} x"


@pytest.mark.parametrize("text", HARMFUL)
def test_short_value_is_shown_whole(text: str) -> None:
    assert short(text) == markdown(text)
    assert isinstance(short(text), Safe)


@pytest.mark.parametrize("text", ["x" * (LONGEST + 1), "\U000e0001" * LONGEST])
def test_long_value_is_cut_by_the_length_that_it_is_shown_with(text: str) -> None:
    shown = short(text)
    assert shown.endswith("…")
    assert len(shown.replace("\\\\", "\\")) == LONGEST


def test_blanks_at_the_ends_are_shown() -> None:
    assert short(" a b\u3000\u00a0") == "␠a b␠␠"
    assert short("  ") == "␠␠"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("- x", r"\- x"), ("=", r"\="), ("1. x", r"1\. x"), ("1)", r"1\)"), ("2026-11-20", None)],
)
def test_value_at_the_start_of_a_line_begins_no_list_and_no_title(text: str, shown: str | None) -> None:
    assert markdown(text) == (shown or text)


def test_value_of_just_the_greatest_length_is_whole() -> None:
    assert short("x" * LONGEST) == "x" * LONGEST


def test_html_value_has_no_tag_entity_mention_or_hidden_character() -> None:
    assert html('<b> & "q" @admin #1\x1b') == "&lt;b&gt; &amp; &quot;q&quot; @\u200badmin #\u200b1\\x1b"
