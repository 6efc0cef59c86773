"""Accounts as they are: what the fixtures of the rules leave open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.model import Access, Status, Target
from erpsync.policy import lifecycle_live
from erpsync.policy.base import Facts, LiveTarget, evaluate
from tests.builders import ERP, declare, make_target, user
from tests.support.rule_fixtures import live_target

DAY = date(2026, 11, 20)


def messages(access: Access, *targets: LiveTarget) -> list[str]:
    facts = Facts(access, DAY, {target.name: target for target in targets})
    return [finding.violation.message for finding in evaluate(facts, lifecycle_live.RULES)]


@pytest.mark.parametrize(("days", "hours"), [(0, None), (1, None), (2, 24), (3, 48), (10, 216)])
def test_hours_of_a_leaver_run_from_the_end_of_the_last_day(days: int, hours: int | None) -> None:
    left = replace(user("peng.fei", status=Status.LEFT), left_on=DAY - timedelta(days=days))
    found = messages(declare(users=[left]), live_target(ERP, {"peng.fei": {}}, declare(users=[left])))
    still = "peng.fei has left, but peng.fei in erp is still active"
    expected = f"{still}, {hours} hours after the last day; 24 are allowed"
    assert found == ([] if hours is None else [expected])


def test_a_leaver_without_a_day_is_told_at_once() -> None:
    access = declare(users=[user("peng.fei", status=Status.LEFT)])
    (found,) = messages(access, live_target(ERP, {"peng.fei": {}}, access))
    assert "on an unknown day" in found


def test_who_ended_by_validity_is_a_leaver_too() -> None:
    access = declare(users=[user("zhou.wen", valid_to=DAY - timedelta(days=5))])
    (found,) = messages(access, live_target(ERP, {"zhou.wen": {}}, access))
    assert "96 hours after the last day" in found


def test_an_account_of_the_erp_itself_that_a_user_answers_for_is_no_finding() -> None:
    access = declare(users=[user("admin")])
    assert messages(access, live_target(ERP, {"admin": {"builtin": "administrator"}}, access)) == []


def test_an_account_of_the_erp_itself_that_is_not_there_is_no_finding() -> None:
    target = LiveTarget(ERP, {}, {}, builtin={"admin": "administrator"})
    assert messages(declare(), target) == []


def test_accounts_of_which_the_erp_does_not_tell_are_not_called_dormant() -> None:
    access = declare(users=[user("ren.yi")])
    assert messages(access, live_target(ERP, {"ren.yi": {}}, access)) == []


def test_a_dormant_account_of_a_leaver_is_told_once() -> None:
    access = declare(users=[user("peng.fei", status=Status.LEFT)])
    told = {"peng.fei": {"last_login": date(2026, 1, 1)}}
    assert len(messages(access, live_target(ERP, told, access))) == 1


def test_an_unused_account_without_a_first_day_is_told() -> None:
    access = declare(users=[user("ren.yi")])
    (found,) = messages(access, live_target(ERP, {"ren.yi": {"last_login": None}}, access))
    assert found == "ren.yi in erp was never used"


@pytest.mark.parametrize(
    "target",
    [make_target(protected=["way-back"]), make_target(ignore=["Way-*"])],
    ids=["protected", "ignored"],
)
def test_an_account_that_the_settings_name_is_known(target: Target) -> None:
    live = live_target(ERP, {"Way-Back": {}}, declare())
    assert len(messages(declare(), live)) == 1
    assert messages(declare(target=target), live) == []


def test_days_at_the_end_of_the_calendar_are_days_like_others() -> None:
    far = replace(user("ren.yi", valid_from=date.max), position_since=date.max)
    access = declare(users=[far])
    (found,) = messages(access, live_target(ERP, {"ren.yi": {"last_login": date.max}}, access))
    assert found.startswith("ren.yi begins on 9999-12-31")
