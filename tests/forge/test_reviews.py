"""Which reviews count: the last word of each reviewer, of the commit that would be merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.forge.base import Review, ReviewState
from erpsync.forge.reviews import approvals_of, standing_reviews, user_of
from erpsync.model import User
from tests.builders import user
from tests.support.fake_time import NOON

HEAD, OLDER = "a" * 40, "b" * 40
APPROVED, CHANGES = ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED
COMMENTED, DISMISSED = ReviewState.COMMENTED, ReviewState.DISMISSED
DECISIVE = [APPROVED, CHANGES, DISMISSED]


def person(key: str, **handles: str) -> User:
    """A user with handles at forges."""
    return replace(user(key), forge=handles)


USERS = {one.key: one for one in (person("wu.lan", github="WuLan"), person("lin.tao", github="lintao"))}


def review(state: ReviewState = APPROVED, minute: int = 0, by: str = "wulan", of: str = HEAD) -> Review:
    """A review, so many minutes past noon."""
    return Review(by, state, of, NOON + timedelta(minutes=minute))


def approvers(*reviews: Review, users: Mapping[str, User] = USERS) -> set[str]:
    """The users whose approval of the head stands."""
    return set(approvals_of(reviews, HEAD, users, "github"))


reviews_ = st.lists(
    st.builds(
        review,
        st.sampled_from(ReviewState),
        st.integers(0, 9),
        st.sampled_from(["wulan", "WuLan", "lintao", "stranger"]),
        st.sampled_from([HEAD, OLDER]),
    ),
    max_size=8,
)


def test_an_approval_of_the_head_counts_for_the_user_who_has_the_handle() -> None:
    found = approvals_of([review()], HEAD, USERS, "github")
    assert found == {"wu.lan": review()}


def test_nobody_approved_where_nobody_reviewed() -> None:
    assert approvers() == set()


@pytest.mark.parametrize("state", [CHANGES, COMMENTED, DISMISSED])
def test_no_other_review_is_an_approval(state: ReviewState) -> None:
    assert approvers(review(state)) == set()


def test_an_approval_of_an_earlier_commit_is_stale() -> None:
    assert approvers(review(of=OLDER)) == set()


def test_a_stale_approval_is_good_again_when_given_again() -> None:
    assert approvers(review(of=OLDER), review(minute=1)) == {"wu.lan"}


def test_an_approval_of_the_head_does_not_outlive_a_later_one_of_another_commit() -> None:
    assert approvers(review(), review(minute=1, of=OLDER)) == set()


def test_a_comment_takes_nothing_back() -> None:
    assert approvers(review(), review(COMMENTED, 1)) == {"wu.lan"}


def test_a_dismissed_review_does_not_bring_an_earlier_one_back() -> None:
    assert approvers(review(), review(DISMISSED, 1)) == set()


def test_two_people_decide_each_for_themselves() -> None:
    assert approvers(review(by="lintao"), review(CHANGES, 1)) == {"lin.tao"}


def test_handles_are_the_same_in_any_case() -> None:
    assert approvers(review(by="WULAN"), review(CHANGES, 1, by="wulan")) == set()
    assert approvers(review(by="WULAN")) == {"wu.lan"}


def test_a_handle_that_nobody_has_is_nobodys() -> None:
    assert approvers(review(by="stranger")) == set()


def test_a_handle_that_two_users_claim_is_nobodys() -> None:
    users = {**USERS, "he.qi": person("he.qi", github="WULAN")}
    assert approvers(review(), review(by="lintao"), users=users) == {"lin.tao"}
    assert user_of("wulan", users, "github") is None


def test_a_handle_at_another_forge_does_not_count() -> None:
    users = {"wu.lan": person("wu.lan", gitlab="wulan"), "he.qi": person("he.qi")}
    assert approvers(review(), users=users) == set()


def test_a_user_is_found_by_handle_in_any_case() -> None:
    assert user_of("wuLAN", USERS, "github") == "wu.lan"


@pytest.mark.parametrize("handle", ["stranger", "", "wu.lan"])
def test_a_handle_that_no_user_has_finds_none(handle: str) -> None:
    assert user_of(handle, {**USERS, "he.qi": person("he.qi")}, "github") is None


@pytest.mark.parametrize("first", DECISIVE)
@pytest.mark.parametrize("second", DECISIVE)
def test_the_later_of_two_decides_in_whatever_order_they_come(
    first: ReviewState, second: ReviewState
) -> None:
    for order in permutations([review(first), review(second, 1)]):
        assert approvers(*order) == ({"wu.lan"} if second is APPROVED else set())


@pytest.mark.parametrize("other", [CHANGES, DISMISSED])
def test_in_the_same_second_an_approval_does_not_win(other: ReviewState) -> None:
    for order in permutations([review(), review(other)]):
        assert approvers(*order) == set()


@given(reviews_, st.sampled_from(DECISIVE), st.sampled_from([HEAD, OLDER]))
def test_a_later_decision_of_the_same_person_always_decides(
    reviews: list[Review], state: ReviewState, commit: str
) -> None:
    last = review(state, 10, by="wulan", of=commit)
    assert standing_reviews([last, *reviews])["wulan"] == last
    assert ("wu.lan" in approvers(last, *reviews)) == (state is APPROVED and commit == HEAD)


@given(reviews_.flatmap(lambda made: st.tuples(st.just(made), st.permutations(made))))
def test_the_order_in_which_reviews_come_does_not_matter(
    case: tuple[list[Review], list[Review]],
) -> None:
    made, shuffled = case
    assert approvers(*made) == approvers(*shuffled)


@given(reviews_)
def test_comments_change_nothing(reviews: list[Review]) -> None:
    assert approvers(*reviews) == approvers(*(one for one in reviews if one.state is not COMMENTED))


@given(reviews_)
def test_everybody_who_approved_said_so_of_the_head(reviews: list[Review]) -> None:
    for key, found in approvals_of(reviews, HEAD, USERS, "github").items():
        assert found in reviews
        assert (found.state, found.commit) == (APPROVED, HEAD)
        assert USERS[key].forge["github"].casefold() == found.reviewer.casefold()
