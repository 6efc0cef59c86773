"""What the forge knows of changes of the main line: each pull request with the approvals that stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erpsync.forge.base import ReviewSource, ReviewState
from erpsync.forge.reviews import standing_reviews, user_of
from erpsync.model import User
from erpsync.trail_journal import Evidence


def reviewed(commits: Iterable[str], source: ReviewSource, users: Mapping[str, User]) -> dict[str, Evidence]:
    """What is known of commits of the main line, by their hash; one without a pull request is left out.

    Args:
        commits: to be asked about, one by one.
        source: the forge.
        users: the declared users of now, to tell whose handle it is.

    Raises:
        ForgeError: the forge cannot be reached or refuses.
    """
    found = {commit: _evidence(commit, source, users) for commit in dict.fromkeys(commits)}
    return {commit: evidence for commit, evidence in found.items() if evidence}


def _evidence(commit: str, source: ReviewSource, users: Mapping[str, User]) -> Evidence | None:
    pull = source.pull_request_of(commit)
    if pull is None:
        return None
    standing = standing_reviews(source.reviews(pull.number)).values()
    return Evidence(
        # Without a forge there are no pull requests, and the number is only a place on the main line.
        pull_request=pull.number if pull.url else None,
        url=pull.url or None,
        author=pull.author or None,
        merged_by=pull.merged_by,
        approvals=tuple(
            (user_of(review.reviewer, users, source.handles), review.reviewer, review.at)
            for review in standing
            if review.state is ReviewState.APPROVED and review.commit == pull.head
        ),
    )
