"""What Frappe's answers are in words: by the class of the exception, without tracebacks and HTML."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from erpsync.connectors.frappe.answers import FrappeError, content, messages, plain, refusal
from erpsync.errors import TargetError
from tests.connectors.frappe import stub

WHERE = "target 'erp'"


def response(body: bytes, status: int) -> requests.Response:
    """An answer that came in."""
    made = requests.Response()
    made.status_code = status
    made._content = body
    return made


def refused(kind: str, *told: str, status: int = 417) -> FrappeError:
    """A refusal of one request."""
    sent = stub.refusal(kind, *told, status=status)
    found = refusal(response(sent.body, sent.status), WHERE)
    assert isinstance(found, FrappeError)
    return found


@pytest.mark.parametrize(
    ("kind", "told", "words"),
    [
        ("LinkValidationError", ["Could not find Row #1: Role: No Such Role"],
         "something that it refers to is not there: Could not find Row #1: Role: No Such Role"),
        ("TimestampMismatchError", [], "it was changed in the meantime"),
        ("ValidationError", ["Throttled"], "the ERP refuses it: Throttled"),
        ("TypeError", [], "the ERP failed inside: TypeError"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_by_its_class_and_frappes_words(kind: str, told: list[str], words: str) -> None:
    assert refused(kind, *told).message == words


def test_a_traceback_is_never_shown() -> None:
    assert "Traceback" not in refused("TypeError", "Something broke").message
    assert "app.py" not in str(refused("TypeError", "Something broke"))


def test_html_in_messages_becomes_plain_text_and_no_control_characters_stay() -> None:
    told = 'Row #1: <strong>Role</strong> <a href="/app/x">A &amp; B</a>\x1b[31m\nred &lt;b&gt;'
    assert plain(told) == "Row #1: Role A & B [31m red <b>"


def test_who_is_named_in_a_refusal_is_not_shown() -> None:
    assert "chen.jing" not in refused("DuplicateEntryError", "User chen.jing@huaxin.example exists").message


@pytest.mark.parametrize(
    ("kind", "moved", "busy"),
    [
        ("TimestampMismatchError", True, False),
        ("DuplicateEntryError", True, False),
        ("DoesNotExistError", True, False),
        ("QueryDeadlockError", False, True),
        ("DocumentLockedError", False, True),
        ("QueryTimeoutError", False, True),
        ("ValidationError", False, False),
    ],
)
def test_some_refusals_say_that_it_moved_or_that_the_erp_is_busy(kind: str, moved: bool, busy: bool) -> None:
    assert (refused(kind).moved, refused(kind).busy) == (moved, busy)


def test_throttled_is_told_by_a_general_exception_and_its_word() -> None:
    assert refused("ValidationError", "Throttled").throttled
    assert not refused("ValidationError", "Something else").throttled


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b"{}", "the API key is not accepted"),
        (404, b"<html>does not exist</html>", "there is no such Frappe site"),
        (429, b"{}", "the site asks for fewer requests"),
        (502, b"<html>", "the site cannot be reached behind its gateway"),
        (503, b"{}", "the site is in maintenance, or not available"),
        (504, b"", "the site took too long and gave up"),
        (418, b"{}", "unexpected answer: HTTP 418"),
        (500, b'{"exc_type": 7}', "unexpected answer: HTTP 500"),
    ],
)
def test_some_refusals_end_the_whole_target(status: int, body: bytes, message: str) -> None:
    found = refusal(response(body, status), WHERE)
    assert isinstance(found, TargetError)
    assert (found.message, found.where) == (message, WHERE)
    assert found.hint


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b"[" * 10_000, b'"text"'])
def test_what_is_not_frappes_json_is_an_error(body: bytes) -> None:
    with pytest.raises(TargetError, match="the answer is not Frappe's"):
        content(response(body, 200), WHERE)


def test_half_a_character_becomes_a_replacement() -> None:
    assert content(response(b'{"data": "a\\ud800b"}', 200), WHERE) == {"data": "a\ufffdb"}


@pytest.mark.parametrize(
    "told", [None, 7, "no json", "{}", '["no json"]', "[7]", '["{}"]', '["{\\"message\\": 7}"]', '["[]"]']
)
def test_messages_of_another_form_are_none(told: Any) -> None:
    assert messages({"_server_messages": told}) == []


def test_messages_are_told_once() -> None:
    item = json.dumps({"message": "Adding System Manager"})
    assert messages({"_server_messages": json.dumps([item, item])}) == ["Adding System Manager"]
