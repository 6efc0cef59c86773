"""Words that somebody else wrote, made fit for messages and records: no person, no secret, no flood.

An ERP's refusal may quote what it refuses: an e-mail address, a phone number, a key. What has the form
of one is blanked; names of persons have no form, so they cannot be.
"""

from __future__ import annotations

import re

MOST = 500
"""The longest text that is kept, in characters."""

_SECRET, _EMAIL, _NUMBER = "[secret]", "[e-mail]", "[number]"

_BLANKED = (
    # user:password@ in an address
    (re.compile(r"(?<=://)[^\s/]*@"), f"{_SECRET}@"),
    # a header or a word with a token: Bearer 4f1c…
    (
        re.compile(r"\b(bearer|basic|session|token)(:? )(?=[\w.~+/=-]*[\d+/=])[\w.~+/=-]{8,}", re.IGNORECASE),
        rf"\1\2{_SECRET}",
    ),
    # password=…, "api_key": "…"
    (
        re.compile(
            r"""(password|passwd|pwd|secret|token|api[_-]?key)(["']?\s*(?:=\s*(?!…\Z)|:\s*(?=["'])))"""
            r"""(?:"[^"]*"|'[^']*'|\S+)""",
            re.IGNORECASE,
        ),
        rf"\1\2{_SECRET}",
    ),
    # What is not ASCII comes second: Chinese words stand beside an address without a blank.
    (re.compile(r"(?<![\w.%+-])[\w.%+-]+@[a-z0-9.-]*[a-z0-9]", re.IGNORECASE | re.ASCII), _EMAIL),
    (re.compile(r"(?<![\w.%+-])[\w.%+-]+[@＠]\w[\w.-]*"), _EMAIL),
    # keys and digests: long, with several digits. Before numbers, which would cut them in pieces.
    (re.compile(r"(?<![\w+/-])(?=(?:[a-z_+/-]*\d){3})[\w+/-]{32,}=*", re.IGNORECASE | re.ASCII), _SECRET),
    # With blanks or dashes between them only as phone numbers are written, since dates have those too.
    (
        re.compile(
            r"\d{7,}|\+\d{1,3}(?:[ -]?\d){6,}"
            r"|(?<!\d)1\d\d[ -]\d{4}[ -]\d{4}|(?<!\d)0\d{2,3}[ -]\d{3,4}[ -]?\d{3,4}"
        ),
        _NUMBER,
    ),
)


def redact(text: str, most: int = MOST) -> str:
    """Blank e-mail addresses, phone numbers and other long numbers, passwords and keys; cut what is left.

    Args:
        text: what an ERP said, in any language.
        most: characters at most.

    Returns:
        The text, its blanks marked as such. Doing it again changes nothing.
    """
    for pattern, blank in _BLANKED:
        text = pattern.sub(blank, text)
    return text if len(text) <= most else text[: most - 1] + "…"
