"""GitHub's documented answers as values of ours; whatever is not as documented is an error. Pure.

https://docs.github.com/en/rest/pulls
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from erpsync.forge.base import ForgeError, PullRequest, Review, ReviewState

GHOST = "ghost"
"""GitHub's own stand-in for an account that was deleted."""
_STATES = {
    "APPROVED": ReviewState.APPROVED,
    "CHANGES_REQUESTED": ReviewState.CHANGES_REQUESTED,
    "COMMENTED": ReviewState.COMMENTED,
    "DISMISSED": ReviewState.DISMISSED,
}
_T = TypeVar("_T")


def strange(expected: str, where: str | None = None) -> ForgeError:
    """The error for an answer without what it must hold."""
    return ForgeError(
        f"GitHub's answer lacks {expected}",
        where=where,
        hint="is GITHUB_API_URL the address of a GitHub API? then this version of it is not supported",
    )


def part(entry: Any, key: str, kind: type[_T]) -> _T:
    """What an answer holds under a key.

    Raises:
        ForgeError: nothing, or something of another kind.
    """
    found = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(found, kind):
        raise strange(repr(key))
    return found


def instant(entry: Any, key: str) -> datetime:
    """A time such as ``2026-11-22T02:37:05Z``."""
    try:
        found = datetime.fromisoformat(part(entry, key, str))
    except ValueError:
        raise strange(f"a time in {key!r}") from None
    if found.tzinfo is None:
        raise strange(f"a time zone in {key!r}")
    return found


def login(entry: Any, key: str = "user") -> str:
    """The handle of the account under a key; that of the ghost if it is gone."""
    user = entry.get(key) if isinstance(entry, dict) else None
    return part(user, "login", str) if user is not None else GHOST


def is_bot(entry: Any) -> bool:
    """Whether an entry is the work of a program."""
    user = entry.get("user") if isinstance(entry, dict) else None
    return isinstance(user, dict) and user.get("type") == "Bot"


def is_merge(entry: Any, commit: str) -> bool:
    """Whether a pull request of a list was merged as a commit.

    An open one has the hash of a mere trial merge in ``merge_commit_sha``.
    """
    return (
        isinstance(entry, dict) and bool(entry.get("merged_at")) and entry.get("merge_commit_sha") == commit
    )


def pull_request(entry: Any) -> PullRequest:
    """One pull request, as it is answered alone.

    Raises:
        ForgeError: it is not as documented.
    """
    head, base = part(entry, "head", dict), part(entry, "base", dict)
    merged = entry.get("merged_at") is not None
    return PullRequest(
        number=part(entry, "number", int),
        title=part(entry, "title", str),
        author=login(entry),
        head=part(head, "sha", str),
        head_ref=part(head, "ref", str),
        base=part(base, "sha", str),
        base_ref=part(base, "ref", str),
        url=part(entry, "html_url", str),
        merged_as=part(entry, "merge_commit_sha", str) if merged else None,
        merged_by=login(entry, "merged_by") if merged else None,
        merged_at=instant(entry, "merged_at") if merged else None,
    )


def review(entry: Any) -> Review | None:
    """One review of a person; None for that of a program, and for one that is not sent off yet.

    Raises:
        ForgeError: it is not as documented.
    """
    said = part(entry, "state", str).upper()
    if said == "PENDING" or is_bot(entry):
        return None
    if said not in _STATES:
        raise strange("a known state of a review")
    return Review(
        reviewer=login(entry),
        state=_STATES[said],
        # Of no commit if it is gone: then the review is of no commit that could be merged.
        commit=part(entry, "commit_id", str) if entry.get("commit_id") else "",
        at=instant(entry, "submitted_at"),
        url=part(entry, "html_url", str),
    )
