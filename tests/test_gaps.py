"""What a target cannot do of what is declared, and who does it instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.gaps import Gap, GapKind, Instead, gaps_of
from erpsync.model import Assignment, Capabilities, Manage, Mode, Status, User
from erpsync.render.gaps import in_markdown, in_words
from erpsync.render.vocabulary import LANGUAGES, vocabulary
from erpsync.resolve import resolver
from tests.builders import ADDITIVE, ENFORCE, ERP, OBSERVE, TODAY, assign, declare, role, user

NO_DAYS = Capabilities(validity=False, scopes=frozenset({"company"}))
WITH_DAYS = replace(NO_DAYS, validity=True)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)
DAYS = Gap(GapKind.DAYS, Instead.ERPSYNC, 1)


def found(
    *users: User, can: Capabilities = NO_DAYS, manage: Manage = ENFORCE, changes: int = 0
) -> Iterable[Gap]:
    access = declare(users=users, roles=[role("buyer", "Buyer"), role("nothing")])
    prepared = resolver(access, ERP, TODAY, validity=can.validity)
    return list(gaps_of(prepared.desired(), prepared, can, manage, changes))


def given(first: date | None = None, last: date | None = None, key: str = "buyer") -> Assignment:
    return assign(key, first, last)


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        (given(), []),
        (given(YESTERDAY), []),
        (given(last=YESTERDAY), []),
        (given(last=TODAY), [DAYS]),
        (given(last=TOMORROW), [DAYS]),
        (given(TOMORROW), [DAYS]),
        (given(TOMORROW, TOMORROW), [DAYS]),
        (given(last=TOMORROW, key="nothing"), []),
    ],
)
def test_a_role_that_ends_or_begins_is_erpsyncs_where_the_erp_knows_no_days(
    assignment: Assignment, told: list[Gap]
) -> None:
    assert found(user(assignments=[assignment])) == told


def test_an_identity_that_ends_counts_with_each_of_its_roles() -> None:
    assert found(user(valid_to=TOMORROW, assignments=[given(), given(last=TODAY)])) == [
        Gap(GapKind.DAYS, Instead.ERPSYNC, 2)
    ]


def test_who_has_left_concerns_nobody() -> None:
    assert found(user(status=Status.LEFT, assignments=[given(last=TOMORROW)])) == []


def test_an_erp_with_days_has_no_gap() -> None:
    assert found(user(assignments=[given(last=TOMORROW)]), can=WITH_DAYS) == []


@pytest.mark.parametrize(
    ("can", "manage", "told"),
    [
        (NO_DAYS, ADDITIVE, [Gap(GapKind.DAYS, Instead.NOBODY, 1)]),
        (NO_DAYS, OBSERVE, []),
        (replace(NO_DAYS, deferred=True), ENFORCE, [Gap(GapKind.DAYS, Instead.PEOPLE, 1)]),
    ],
)
def test_who_ends_it_depends_on_what_erpsync_may_do(
    can: Capabilities, manage: Manage, told: list[Gap]
) -> None:
    assert found(user(assignments=[given(last=TOMORROW)]), can=can, manage=manage) == told


def test_a_scope_that_the_erp_does_not_know_is_told_with_how_many_have_it() -> None:
    scope = {"company": ("Huaxin Trading",), "warehouse": ("North",)}
    users = [user(key, assignments=[given()], scope=scope) for key in ("chen.jing", "lin.tao")]
    idle = user("peng.fei", scope=scope)
    told = [Gap(GapKind.SCOPE, Instead.NOBODY, 2, "warehouse")]
    assert found(*users, idle, can=WITH_DAYS) == told
    assert found(*users, can=WITH_DAYS, manage=replace(ENFORCE, scope=Mode.OBSERVE)) == []


def test_an_attribute_that_the_erp_does_not_tell_is_told_if_somebody_has_it() -> None:
    can = replace(WITH_DAYS, attributes=frozenset({"name"}))
    has = user(assignments=[given()], email="chen.jing@huaxin.example")
    assert found(has, can=can) == [Gap(GapKind.ATTRIBUTE, Instead.NOBODY, 1, "email")]
    assert found(has, can=can, manage=replace(ENFORCE, attributes=Mode.OBSERVE)) == []


def test_what_people_write_is_told_only_if_something_changes() -> None:
    can = replace(WITH_DAYS, deferred=True)
    assert found(can=can, changes=0) == []
    assert found(can=can, changes=5) == [Gap(GapKind.WRITING, Instead.PEOPLE, 5)]


EVERY = [
    Gap(GapKind.DAYS, Instead.ERPSYNC, 1),
    Gap(GapKind.DAYS, Instead.PEOPLE, 2),
    Gap(GapKind.DAYS, Instead.NOBODY, 3),
    Gap(GapKind.SCOPE, Instead.NOBODY, 1, "warehouse"),
    Gap(GapKind.ATTRIBUTE, Instead.NOBODY, 2, "email"),
    Gap(GapKind.WRITING, Instead.PEOPLE, 4),
]


@pytest.mark.parametrize("gap", EVERY)
@pytest.mark.parametrize("count", [1, 7])
def test_every_gap_has_words_in_every_language(gap: Gap, count: int) -> None:
    told = replace(gap, count=count)
    for text in (in_words(told), *(in_markdown(told, vocabulary(lang)) for lang in LANGUAGES)):
        assert str(count) in text
        assert gap.subject in text
        assert "{" not in text


def test_a_sentence_says_who_does_it_instead() -> None:
    assert in_words(DAYS) == (
        "1 role is given for a time, which the ERP cannot end: erpsync does, on the scheduled run"
    )
