"""What the message of a merge says: the number of the pull request, and who approved. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime

from erpsync.trail_history import Approval, Source

_SUBJECTS = (
    re.compile(r"Merge pull request #(\d+)\b"),  # GitHub: a merge
    re.compile(r"Merge pull request '.*' \(#(\d+)\) from "),  # Gitea: a merge
    re.compile(r".*\(#(\d+)\)\Z"),  # GitHub, Gitea: squashed
)
_NUMBER = re.compile(r"(?:#|!|.*/)?(\d+)/?")
_PERSON = re.compile(
    r"(?P<name>[^<>]*?)\s*(?:<(?P<address>[^<>]*)>)?\s*[\[(]?(?P<at>\d{4}-\d\d-\d\d[T0-9:.+Z -]*)?[\])]?"
)


def pull_request_number(subject: str, trailers: Iterable[str]) -> int | None:
    """The number of the pull request that a commit of the main line came by; None if it does not say.

    Args:
        subject: the first line of its message.
        trailers: the values of its trailers ``Pull-request:``: a number or an address that ends in it.
    """
    named = [found[1] for value in trailers if (found := _NUMBER.fullmatch(value.strip()))]
    told = [found[1] for pattern in _SUBJECTS if (found := pattern.match(subject))]
    numbers = {int(number) for number in named or told}
    # Of two different numbers nobody knows which is right.
    return numbers.pop() if len(numbers) == 1 else None


def approvals_in(trailers: Iterable[str]) -> tuple[Approval, ...]:
    """The approvals that trailers such as ``Approved-by: Wu Lan <wu.lan@…> 2026-11-20`` claim."""
    return tuple(approval for value in trailers if (approval := _approval(value.strip())))


def _approval(value: str) -> Approval | None:
    found = _PERSON.fullmatch(value)
    if not found or not (found["address"] or found["name"]):
        return Approval(None, value, None, Source.TRAILER) if value else None
    handle = (found["address"] or found["name"]).strip()
    return Approval(None, handle, _time(found["at"]), Source.TRAILER)


def _time(text: str | None) -> date | None:
    """A day, or a day and a time; None where it is neither."""
    words = (text or "").strip()
    try:
        return date.fromisoformat(words) if len(words) == len("2026-01-01") else datetime.fromisoformat(words)
    except ValueError:
        return None
