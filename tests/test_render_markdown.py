"""Markdown for a pull request: golden files, bounds, and nothing that a value could do to a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from erpsync.model import Account, Grant, Risk
from erpsync.plan import Plan
from erpsync.render.markdown import render_drift, render_plan
from erpsync.render.page import LIMIT, size
from tests.golden import FOLDER, check_golden
from tests.rendered_values import (
    BUYER,
    change,
    harmful_plan,
    large_plan,
    ordinary_plan,
    plan_of,
    target,
    unread_plan,
)

PAGES = {
    "plan.md": lambda: render_plan(ordinary_plan()),
    "drift.md": lambda: render_drift(ordinary_plan()),
    "unread_plan.md": lambda: render_plan(unread_plan()),
    "harmful_plan.md": lambda: render_plan(harmful_plan()),
}
RENDER = pytest.mark.parametrize("render", [render_plan, render_drift])


@pytest.mark.parametrize("name", PAGES)
def test_page_is_as_in_the_golden_file(name: str) -> None:
    check_golden(FOLDER / name, PAGES[name]())


@RENDER
def test_page_has_no_html_mention_or_link_that_a_value_brought(render: Callable[[Plan], str]) -> None:
    page = render(harmful_plan())
    assert "<" not in page
    assert not re.search(r"@\w", page)
    assert not re.search(r"https?://", page)
    assert not re.search(r"www\.", page)
    assert not re.search(r"(?<!\\)[`|\[\]]", page)


def test_page_has_no_html_mention_or_link_that_a_reason_brought() -> None:
    page = render_plan(unread_plan())
    assert "<" not in page
    assert not re.search(r"@\w|https?://|www\.", page)


@RENDER
def test_page_has_no_issue_reference_that_a_value_brought(render: Callable[[Plan], str]) -> None:
    # References are made from the text that is left once Markdown has taken its backslashes.
    shown = re.sub(r"\\([^\w\s])", r"\1", render(harmful_plan()))
    assert not re.search(r"#\d", shown)
    assert not re.search(r"\bGH-\d", shown)


@RENDER
def test_page_has_one_line_for_each_thing(render: Callable[[Plan], str]) -> None:
    page = render(harmful_plan())
    assert all(re.match(r"(- |  - |\*\*|### |$)", line) for line in page.split("\n"))


@RENDER
@pytest.mark.parametrize("accounts", [500, 20_000])
def test_page_fits_a_comment_and_says_that_it_was_cut(render: Callable[[Plan], str], accounts: int) -> None:
    page = render(large_plan(accounts))
    assert size(page) <= LIMIT
    left = re.search(r"Cut short\*\*: (\d+) entries are left out", page)
    assert left is not None
    entries = sum(line.startswith("- ") for line in page.splitlines())
    assert entries + int(left[1]) == 3 * accounts


@RENDER
def test_page_of_several_large_targets_fits_too(render: Callable[[Plan], str]) -> None:
    big = large_plan(400).targets[0]
    page = render(plan_of(*(replace(big, target=f"erp{n}") for n in range(20))))
    assert size(page) <= LIMIT
    assert all(f"**erp{n}: " in page for n in range(20))


def test_one_entry_larger_than_a_page_is_left_out_and_counted() -> None:
    huge = Account("chen.jing", "陈静", grants=tuple(Grant(f"{n:0500}") for n in range(200)))
    page = render_plan(plan_of(target("erp", change("chen.jing", None, huge, Risk.LOW, BUYER))))
    assert size(page) <= LIMIT
    assert "1 entries are left out" in page or "1 entry is left out" in page


def test_small_plan_is_not_cut() -> None:
    assert "Cut short" not in render_plan(ordinary_plan())


def test_riskiest_gain_comes_first() -> None:
    logins = re.findall(r"^- \*\*([\w.]+)", render_plan(ordinary_plan()), re.MULTILINE)
    assert logins[:2] == ["chen.jing", "lin.tao"]
