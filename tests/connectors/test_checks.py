"""What the rights of a login and the clock of an ERP come to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from erpsync.connectors.checks import NAMED, Check, Needed, Purpose, Right, Verdict, clock, judge, named

READ = Right("read users", Needed.ALWAYS, held=True)
WRITE = Right("write users", Needed.TO_APPLY, held=True)
NO_WRITE = Right("write users", Needed.TO_APPLY, held=False)
POWER = Right("make administrators", Needed.NEVER, held=True)


def verdicts(purpose: Purpose, *rights: Right) -> list[tuple[Verdict, str]]:
    return [(check.verdict, check.message) for check in judge(rights, purpose, "see the page")]


def test_a_login_that_plans_and_can_write_is_a_failure() -> None:
    assert verdicts(Purpose.PLAN, READ, WRITE) == [
        (Verdict.FAIL, "may write users: not needed to plan"),
        (Verdict.OK, "may read users"),
    ]


def test_a_login_that_plans_and_can_only_read_is_well() -> None:
    assert verdicts(Purpose.PLAN, READ, NO_WRITE) == [
        (Verdict.OK, "may read users"),
        (Verdict.OK, "may not write users"),
    ]


def test_a_login_that_applies_needs_to_write() -> None:
    assert verdicts(Purpose.APPLY, READ, NO_WRITE)[0] == (
        Verdict.FAIL,
        "may not write users: needed to apply",
    )
    assert verdicts(Purpose.APPLY, READ, WRITE) == [(Verdict.OK, "may read users, write users")]


@pytest.mark.parametrize("purpose", Purpose)
def test_what_nothing_needs_is_a_failure_for_either_login(purpose: Purpose) -> None:
    (check,) = judge([POWER], purpose, "see the page")
    assert check.verdict is Verdict.FAIL
    assert check.hint == "take the right away; see the page"


def test_what_the_erp_does_not_tell_is_not_known_and_never_well() -> None:
    (check,) = judge([Right("write users", Needed.TO_APPLY, None)], Purpose.PLAN, "see the page")
    assert check == Check(
        "rights", Verdict.UNKNOWN, "whether it may write users cannot be told", "see the page"
    )


def test_many_names_are_counted() -> None:
    text = named([f"m{number}" for number in range(NAMED + 5)])
    assert text.endswith(f"m{NAMED - 1}, and 5 more")


@pytest.mark.parametrize(
    ("ahead", "verdict", "words"),
    [
        (None, Verdict.UNKNOWN, "does not tell"),
        (timedelta(seconds=-59), Verdict.OK, "agrees"),
        (timedelta(minutes=-7), Verdict.WARN, "7 min behind"),
        (timedelta(hours=8), Verdict.WARN, "480 min ahead of"),
    ],
)
def test_clocks_that_differ_by_minutes_are_a_warning(
    ahead: timedelta | None, verdict: Verdict, words: str
) -> None:
    check = clock(ahead)
    assert check.verdict is verdict
    assert words in check.message
