"""JSON that an ERP answers: whatever it is, a value that can be kept, or an error."""

from __future__ import annotations

import pytest

from erpsync.connectors.json_answer import json_object_of, json_of


def test_half_a_character_becomes_one_that_text_can_hold() -> None:
    found = json_of(rb'{"\ud83d": ["a\udc00b", "\ud83d\ude00"]}')
    assert found == {"\ufffd": ["a\ufffdb", "😀"]}
    str(found).encode("utf-8")


def test_objects_become_what_the_hook_makes_of_them() -> None:
    assert json_of(b'{"a": {"b": 1}}', len) == 1
    assert json_of(rb'{"a": {"b": "\ud83d"}}', len) == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff", b"[" * 100_000])
def test_what_is_no_json_or_too_deep_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are those of the json module
        json_of(content)


def test_only_an_object_is_an_object() -> None:
    assert json_object_of(b'{"a": 1}') == {"a": 1}
    assert [json_object_of(content) for content in (b"", b"<html>", b"[1]", b"null", b"[" * 100_000)] == [
        None
    ] * 5
