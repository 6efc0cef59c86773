"""What Frappe answers: JSON, or a refusal in plain words.

A refusal has the class of an exception in ``exc_type``, which is all that is decided by. Its words come as
JSON in JSON, with HTML inside, in the language of the API user. Tracebacks in ``exc`` are never looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any

import requests

from erpsync.connectors.json_answer import json_object_of
from erpsync.errors import TargetError
from erpsync.redact import redact

Json = dict[str, Any]

KINDS = {
    "PermissionError": "that is not allowed to the account of erpsync",
    "DoesNotExistError": "it is not there",
    "DuplicateEntryError": "it is there already",
    "TimestampMismatchError": "it was changed in the meantime",
    "LinkValidationError": "something that it refers to is not there",
    "MandatoryError": "something is missing that Frappe asks for",
    "InvalidEmailAddressError": "Frappe does not take the e-mail address",
    "CharacterLengthExceededError": "a text is too long for Frappe",
    "LinkExistsError": "something else refers to it",
    "DocumentLockedError": "a background job of Frappe holds it",
    "QueryDeadlockError": "somebody else is writing at the same time",
    "QueryTimeoutError": "the database of the ERP is too slow",
}
BUSY = frozenset({"DocumentLockedError", "QueryDeadlockError", "QueryTimeoutError"})
"""Nothing was done, and a while later it may go well."""
THROTTLED = "Throttled"
"""Frappe's words when too many users were made within an hour; the exception is a general one."""
ENDINGS = {
    401: (
        "the API key is not accepted",
        "check what the target's credentials refer to: the username is the API key, the password its secret",
    ),
    429: ("the site asks for fewer requests", "set requests_per_minute for the target"),
    502: ("the site cannot be reached behind its gateway", "try again when it is less busy"),
    503: ("the site is in maintenance, or not available", "try again later"),
    504: ("the site took too long and gave up", "try again when it is less busy"),
}
"""What ends the whole target, not one request."""
_TAG = re.compile(r"<[^<>]*>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")


class FrappeError(Exception):
    """Frappe refused one request: the class of its exception, and words fit to be shown and kept."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message

    @property
    def moved(self) -> bool:
        """Whether what was to be written was changed by somebody else, or is gone, or is there already."""
        return self.kind in ("TimestampMismatchError", "DoesNotExistError", "DuplicateEntryError")

    @property
    def busy(self) -> bool:
        """Whether the same request may go well a while later."""
        return self.kind in BUSY

    @property
    def throttled(self) -> bool:
        """Whether too many users were made within an hour."""
        return self.kind == "ValidationError" and THROTTLED in self.message


def content(response: requests.Response, where: str) -> Json:
    """The body of an answer that says yes.

    Raises:
        TargetError: it is not Frappe's JSON.
    """
    found = json_object_of(response.content)
    if found is None:
        raise not_frappe(where)
    return found


def refusal(response: requests.Response, where: str) -> Exception:
    """What an answer that says no ends: the request, or the whole target."""
    status = response.status_code
    if status in ENDINGS:
        message, hint = ENDINGS[status]
        return TargetError(message, where=where, hint=hint)
    body = json_object_of(response.content)
    kind = None if body is None else body.get("exc_type")
    if body is not None and isinstance(kind, str):
        return refused(kind, body)
    if status == 404:
        hint = "check the url of the target, and `site` in its options"
        return TargetError("there is no such Frappe site", where=where, hint=hint)
    return TargetError(f"unexpected answer: HTTP {status}", where=where, hint="is this a Frappe site?")


def refused(kind: str, body: Mapping[str, Any]) -> FrappeError:
    """The refusal of one request."""
    words, told = KINDS.get(kind), "; ".join(messages(body))
    if words is None:
        words = "the ERP refuses it" if told else f"the ERP failed inside: {kind}"
    return FrappeError(kind, redact(f"{words}: {told}" if told else words))


def messages(body: Mapping[str, Any]) -> list[str]:
    """What Frappe tells people in an answer, a yes or a no, as plain text."""
    found: list[str] = []
    for item in _loaded(body.get("_server_messages"), list) or []:
        told = (_loaded(item, dict) or {}).get("message")
        text = plain(told) if isinstance(told, str) else ""
        if text and text not in found:
            found.append(text)
    return found


def plain(text: str) -> str:
    """Text of HTML: without tags and control characters."""
    return _CONTROL.sub(" ", unescape(_TAG.sub(" ", text))).strip()


def not_frappe(where: str) -> TargetError:
    """What somebody else's answer ends in."""
    return TargetError("the answer is not Frappe's", where=where, hint="check the url of the target")


def _loaded(text: object, kind: type) -> Any:
    """JSON that should hold a value of a type; None where it does not."""
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, kind) else None
