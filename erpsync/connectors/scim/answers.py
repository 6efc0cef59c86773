"""What a SCIM service answers: JSON, or a refusal in plain words (RFC 7644, section 3.12)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

from erpsync.connectors.json_answer import json_object_of
from erpsync.connectors.scim.messages import Json
from erpsync.errors import TargetError
from erpsync.redact import redact

TYPES = {
    "uniqueness": "the value is taken by another one",
    "mutability": "the service does not let this be changed",
    "invalidValue": "the service does not take the value",
    "invalidPath": "the service does not know the attribute",
    "noTarget": "what is to be changed is not there",
    "invalidFilter": "the service does not understand the filter",
    "invalidSyntax": "the service does not understand the request",
    "tooMany": "there is more than the service gives at once",
}
STATUSES = {
    400: "the service does not understand the request",
    403: "that is not allowed to the token of erpsync",
    404: "it is not there",
    405: "the service does not take that there",
    409: "it conflicts with another one",
    412: "it was changed in the meantime",
    413: "the request is too large for the service",
    501: "the service does not offer it",
}
ENDINGS = {
    401: (
        "the token is not accepted",
        "check what the target's credentials refer to, and whether it expired",
    ),
    429: ("the service asks for fewer requests", "set requests_per_minute for the target"),
    502: ("the service cannot be reached behind its gateway", "try again when it is less busy"),
    503: ("the service is not available", "try again when it is less busy"),
    504: ("the service took too long and gave up", "try again when it is less busy"),
}
"""What ends the whole target, not one request."""


class ScimError(Exception):
    """The service refused one request: its status, the kind of error, and words fit to be shown and kept."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.message = message

    @property
    def moved(self) -> bool:
        """Whether what was to be written was changed by somebody else, or is gone."""
        return self.status in (404, 412)


def content(response: requests.Response, where: str) -> Json:
    """The body of an answer that says yes; nothing where it has none.

    Raises:
        TargetError: it is not JSON.
    """
    if not response.content:
        return {}
    found = json_object_of(response.content)
    if found is None:
        raise not_scim(where)
    return found


def refusal(response: requests.Response, where: str) -> Exception:
    """What an answer that says no ends: the request, or the whole target."""
    status = response.status_code
    if status in ENDINGS:
        message, hint = ENDINGS[status]
        return TargetError(message, where=where, hint=hint)
    body = json_object_of(response.content)
    if body is None and status not in STATUSES:
        return TargetError(f"unexpected answer: HTTP {status}", where=where, hint="is this a SCIM service?")
    return refused(status, body or {})


def refused(status: int, body: Mapping[str, Any]) -> ScimError:
    """The refusal of one request, or of one operation among several."""
    kind, detail = str(body.get("scimType") or ""), str(body.get("detail") or "")
    words = TYPES.get(kind) or STATUSES.get(status) or f"the service failed inside (HTTP {status})"
    return ScimError(status, kind, redact(f"{words}: {detail}" if detail else words))


def not_scim(where: str) -> TargetError:
    """What somebody else's answer ends in."""
    return TargetError("the answer is not SCIM 2.0", where=where, hint="check the url of the target")
