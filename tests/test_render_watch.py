"""The issue of the morning: drift, and what begins or ends soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from erpsync.agenda import Event
from erpsync.model import Account
from erpsync.plan import Plan
from erpsync.proposal import ACCOUNT
from erpsync.render.page import LIMIT, size
from erpsync.render.watch import SHOWN, render_watch
from tests.builders import AT, TODAY, declare, role, user
from tests.rendered_values import HARMFUL, plan_of, target

NONE = plan_of(target("erp"))
SOME = replace(NONE, targets=(replace(NONE.targets[0], unmanaged=(Account("x"),), unmanaged_is_drift=True),))
PEOPLE = declare(
    users=[user(name="陈静")],
    roles=[replace(role("planner", "Planner"), title="Planner", title_zh="计划员")],
)


def events(count: int = 1, what: str = "planner", *, ends: bool = False) -> list[Event]:
    return [Event(TODAY + timedelta(days=n), "chen.jing", what, ends, AT) for n in range(count)]


def watch(plan: Plan = NONE, count: int = 0, lang: str = "en") -> str:
    return render_watch(plan, events(count), PEOPLE, 14, lang)


@pytest.mark.parametrize(("lang", "word"), [("en", "Nothing."), ("zh", "无。")])
def test_without_drift_and_days_it_says_so(lang: str, word: str) -> None:
    text = watch(lang=lang)
    assert text.endswith(f"{word}\n")
    assert "drift: revert" not in text


def test_drift_comes_with_what_to_do_about_it() -> None:
    assert "`drift: revert`" in watch(SOME)
    assert "`erpsync drift --adopt`" in watch(SOME)


@pytest.mark.parametrize(
    ("what", "ends", "lang", "line"),
    [
        ("planner", False, "en", "Planner begins"),
        ("planner", True, "en", "Planner ends after this day"),
        ("planner", False, "zh", "计划员 开始生效"),
        (ACCOUNT, True, "zh", "账号 当日到期"),
        (ACCOUNT, False, "en", "the identity begins"),
    ],
)
def test_a_day_is_told_with_who_and_what(what: str, ends: bool, lang: str, line: str) -> None:
    text = render_watch(NONE, events(1, what, ends=ends), PEOPLE, 14, lang)
    assert f"- {TODAY}: 陈静 (chen.jing): {line}\n" in text


def test_a_role_without_a_chinese_title_has_its_own() -> None:
    people = replace(PEOPLE, roles={"planner": replace(PEOPLE.roles["planner"], title_zh=None)})
    assert "Planner 开始生效" in render_watch(NONE, events(1), people, 14, "zh")


def test_of_very_many_days_the_rest_is_counted() -> None:
    text = watch(count=SHOWN + 3)
    assert text.count(" begins\n") == SHOWN
    assert text.endswith("- and 3 more\n")


def test_it_is_never_longer_than_an_issue_may_be() -> None:
    long = declare(users=[user(name="陈" * 5000)], roles=[replace(role("planner"), title="计" * 5000)])
    unknown = tuple(Account(f"somebody.unknown.{n}", "x") for n in range(3000))
    plan = replace(SOME, targets=(replace(SOME.targets[0], unmanaged=unknown),))
    text = render_watch(plan, events(SHOWN + 50), long, 14)
    assert size(text) <= LIMIT
    assert "left out" in text
    assert text.count(" begins\n") == SHOWN


@pytest.mark.parametrize("harmful", HARMFUL)
def test_names_and_titles_do_no_harm(harmful: str) -> None:
    people = declare(users=[user(name=harmful)], roles=[replace(role("planner"), title=harmful)])
    line = render_watch(NONE, [Event(date(2026, 1, 1), "chen.jing", "planner", False, AT)], people, 14)
    assert not {"\x1b", "\u202e", "\u200b\u200b"} & set(line)
    assert "<img" not in line
    assert "@admin" not in line
    assert "[link](" not in line
