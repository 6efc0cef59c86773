"""Which reviews count: the last word of each reviewer, about the very commit that would be merged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from erpsync.forge.base import Review, ReviewState
from erpsync.model import User


def standing_reviews(reviews: Iterable[Review]) -> dict[str, Review]:
    """The last decisive review of each reviewer, by folded handle; a mere comment decides nothing.

    Args:
        reviews: all of a pull request, in any order.
    """
    last: dict[str, Review] = {}
    for review in sorted(reviews, key=_order):
        if review.state is not ReviewState.COMMENTED:
            last[review.reviewer.casefold()] = review
    return last


def approvals_of(
    reviews: Iterable[Review], head: str, users: Mapping[str, User], handles: str
) -> dict[str, Review]:
    """The users whose approval of a commit stands, with the review.

    An approval of an earlier commit is stale: what was pushed since nobody has seen. A handle that
    several users claim, or none, belongs to nobody.

    Args:
        reviews: all of a pull request.
        head: the commit that would be merged.
        users: the declared users of the base.
        handles: the key under ``forge:`` that holds the handle.
    """
    owners = _owners(users, handles)
    return {
        owners[handle]: review
        for handle, review in standing_reviews(reviews).items()
        if review.state is ReviewState.APPROVED and review.commit == head and handle in owners
    }


def user_of(handle: str, users: Mapping[str, User], handles: str) -> str | None:
    """The one user who has a handle; None if there is none, or more than one."""
    return _owners(users, handles).get(handle.casefold())


def _order(review: Review) -> tuple[datetime, bool, str]:
    """By time; of two in the same second the one that is no approval counts as the later one."""
    return review.at, review.state is not ReviewState.APPROVED, review.commit


def _owners(users: Mapping[str, User], handles: str) -> dict[str, str]:
    """The user of each folded handle that exactly one user claims."""
    claims: dict[str, list[str]] = {}
    for user in users.values():
        if handles in user.forge:
            claims.setdefault(user.forge[handles].casefold(), []).append(user.key)
    return {handle: keys[0] for handle, keys in claims.items() if len(keys) == 1}
