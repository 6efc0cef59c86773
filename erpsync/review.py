"""A pull request as its approval sees it: what it proposes, which approvals that needs, which stand. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from erpsync.access import Validated
from erpsync.approvals import Requirement, Verdict, judge, missing, required
from erpsync.forge.base import PullRequest, Review
from erpsync.forge.reviews import approvals_of, user_of
from erpsync.proposal import Declared, Proposal, propose


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is proposed and how its approvals stand; ``given`` maps users to their standing review."""

    proposal: Proposal
    verdicts: tuple[Verdict, ...]
    author: str | None = None
    given: Mapping[str, Review] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[Requirement, ...]:
        """The approvals that are needed and not given."""
        return missing(self.verdicts)


def review(
    base: Validated,
    head: Validated,
    as_of: date,
    *,
    pull: PullRequest | None = None,
    reviews: Iterable[Review] = (),
    writers: Iterable[str] = (),
    handles: str = "",
    files: Iterable[str] = (),
) -> Reviewed:
    """Compare two declared states and hold the reviews against what the rules of the base need.

    Args:
        base: what holds now; its rules and its people decide.
        head: what is proposed.
        as_of: the day on which absences are looked at.
        pull: the pull request, if there is one yet.
        reviews: all its reviews.
        writers: the handles of who wrote its commits: they cannot approve them either.
        handles: the key under a user's ``forge:`` that holds the handle of that forge.
        files: files outside the access directory that change too.
    """
    before, after = Declared(base.build(), base.merged), Declared(head.build(), head.merged)
    proposal = propose(before, after)
    users = before.access.users
    author = user_of(pull.author, users, handles) if pull else None
    found = (author, *(user_of(handle, users, handles) for handle in writers))
    wrote = {key for key in found if key is not None}
    given = approvals_of(reviews, pull.head, users, handles) if pull else {}
    needed = required(proposal, before.access, after.access, authors=wrote, as_of=as_of, files=files)
    return Reviewed(proposal, judge(needed, given.keys()), author, given)
