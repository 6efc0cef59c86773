"""What a forge is: where changes are proposed, reviewed and merged.

Three narrow protocols, so that each command gets no more power than it needs: planning reads and
comments, checking approvals reads and sets a status, the scheduled run keeps one issue. Plain git
has no comments or issues; it is a `ReviewSource` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from erpsync.errors import ErpsyncError


class ForgeError(ErpsyncError):
    """The forge cannot be reached, refuses, or answers what it should not."""


class ReviewState(StrEnum):
    """What a review says."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes requested"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Review:
    """One review: by which handle, of which commit, when."""

    reviewer: str
    state: ReviewState
    commit: str
    at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A proposed change: commits by their full hash, people by their handle."""

    number: int
    title: str
    author: str
    head: str
    head_ref: str
    base: str
    base_ref: str
    url: str
    merged_as: str | None = None
    merged_by: str | None = None
    merged_at: datetime | None = None


class CheckState(StrEnum):
    """How a check of a commit stands."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


class ReviewSource(Protocol):
    """Says who reviewed what."""

    handles: str
    """The key under a user's ``forge:`` that holds the handle here, such as ``github``."""

    def pull_request(self, number: int) -> PullRequest:
        """A pull request by its number.

        Raises:
            ForgeError: as for every method here, when the forge cannot be reached or refuses.
        """

    def pull_request_of(self, commit: str) -> PullRequest | None:
        """The pull request whose merge made a commit of the base branch; None if there is none.

        Raises:
            ForgeError: also when several say so, since the approvals of one are not those of another.
        """

    def writers(self, number: int) -> Sequence[str]:
        """The handles of those who wrote the commits of a pull request, as far as they have one."""

    def reviews(self, number: int) -> Sequence[Review]:
        """All reviews of a pull request, oldest first."""


class Discussion(Protocol):
    """Tells the people of a pull request, and keeps one issue for what is found between them."""

    def put_comment(self, number: int, marker: str, body: str) -> str:
        """Write the one comment that contains a marker, or write it anew; returns its address.

        Only a comment of our own is ever taken for it. A body without the marker gets it in front.
        """

    def put_issue(self, marker: str, title: str, body: str) -> str:
        """Open the one issue that contains a marker, or update and reopen it; returns its address."""

    def close_issue(self, marker: str, comment: str) -> None:
        """Close the issue that contains a marker, if one is open."""

    def open_pull_request(self, branch: str, base: str, title: str, body: str) -> str:
        """Propose a branch that was pushed, or update what was proposed from it; returns its address."""


class Checks(Protocol):
    """Sets the status of a commit, and fetches what an earlier job left for a later one."""

    def set_status(self, commit: str, name: str, state: CheckState, summary: str, url: str = "") -> None:
        """Set the named status of a commit."""

    def artifact(self, commit: str, name: str) -> bytes | None:
        """The newest file of a name that a job on a commit kept; None if there is none.

        What a job of a fork kept does not count: its author writes the job too.
        """


class Forge(ReviewSource, Discussion, Checks, Protocol):
    """All that a forge does for erpsync."""
