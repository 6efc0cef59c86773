"""The merges that a run applies, each checked again: did it come by a pull request, with its approvals?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from erpsync.cli.reviewing import Repository, review_of, sides_of
from erpsync.errors import RefusedError

if TYPE_CHECKING:
    from erpsync.codec import Json
    from erpsync.forge.base import PullRequest, ReviewSource
    from erpsync.review import Reviewed


@dataclass(frozen=True, slots=True)
class Merge:
    """One commit of the main line, the pull request it came by, and what that proposed.

    ``undone`` says that a later commit has made all files again as they were before this one.
    """

    commit: str
    pull: PullRequest | None
    reviewed: Reviewed
    undone: bool = False

    @property
    def evidence(self) -> dict[str, Json]:
        """What a journal keeps of it: the pull request, its author, and each approval with its time."""
        pull = self.pull
        return {
            "commit": self.commit,
            # Without a forge there are no pull requests, and the number is a place on the main line.
            "pull_request": pull.number if pull and pull.url else None,
            "url": pull.url or None if pull else None,
            "author": self.reviewed.author or (pull.author if pull else None),
            "merged_by": pull.merged_by if pull else None,
            "approvals": [
                {"user": key, "handle": review.reviewer, "at": review.at.isoformat(), "commit": review.commit}
                for key, review in sorted(self.reviewed.given.items())
            ],
        }


def merges_since(
    repository: Repository, since: str | None, head: str, as_of: date, source: ReviewSource | None
) -> list[Merge]:
    """Every merge after a commit, oldest first, with the reviews that it rests on.

    One that was undone since and cannot be judged, such as one of files that were not valid, is
    passed over: nothing of it is left.

    Args:
        repository: of the access files, with its whole history.
        since: the last commit that was applied; None for the head alone.
        head: the commit to apply.
        as_of: the day on which absences are looked at.
        source: says who reviewed; None if there is no forge.

    Raises:
        RefusedError: the access files of a merge are not valid, or it is not what was approved.
        StaleError: a later commit was applied already.
    """
    from erpsync.forge.main_line import merged_since, undone

    commits = merged_since(repository.git, since, head)
    passed = undone(repository.git, since, commits)
    found = []
    for commit in commits:
        try:
            found.append(replace(_merge(repository, commit, as_of, source), undone=commit in passed))
        except RefusedError:
            if commit not in passed:
                raise
    return found


def _merge(repository: Repository, commit: str, as_of: date, source: ReviewSource | None) -> Merge:
    from erpsync.forge.git_tree import parents_of

    parents = parents_of(repository.git, commit)
    pull = source.pull_request_of(commit) if source else None
    # The first commit of all has nothing to be held against: it is its own base.
    base = parents[0] if parents else commit
    head = repository.at(commit)
    if head.errors:
        raise RefusedError("the access files are not valid", where=f"commit {commit[:12]}", hint=_MEND)
    reviewed = review_of(sides_of(repository, base, head, commit), as_of, pull, source)
    if pull and reviewed.verdicts:
        _must_be_what_was_approved(repository, commit, pull)
    return Merge(commit, pull, reviewed)


_MEND = (
    "make all files as they were before this commit, in a pull request of its own; then propose anew what "
    "is wanted"
)


def _must_be_what_was_approved(repository: Repository, commit: str, pull: PullRequest) -> None:
    """Refuse a commit that is more than the pull request merged: approvals are of the commit proposed."""
    from erpsync.forge.main_line import is_merge_of

    if not is_merge_of(repository.git, "origin", commit, pull.head):
        raise RefusedError(
            f"the merge of pull request {pull.number} is not what was approved there, which is "
            f"{pull.head[:12]}",
            where=f"commit {commit[:12]}",
            hint=_MEND,
        )


def refuse_unapproved(merges: Sequence[Merge]) -> None:
    """Refuse what lacks its approvals.

    Raises:
        RefusedError: an approval is missing; each is named with whom to ask.
    """
    lacking = [
        f"{_name(merge)}: {requirement.words}: {_whom(requirement.people)}"
        for merge in merges
        if not merge.undone
        for requirement in merge.reviewed.missing
    ]
    if lacking:
        raise RefusedError(
            "approvals are missing, so nothing was written:\n  " + "\n  ".join(lacking),
            hint=_MEND,
        )


def _name(merge: Merge) -> str:
    if merge.pull and merge.pull.url:
        return f"pull request {merge.pull.number}"
    return f"commit {merge.commit[:12]}" + ("" if merge.pull else " (no pull request)")


def _whom(people: Sequence[str]) -> str:
    return f"ask {' or '.join(people)}" if people else "nobody can give it"
