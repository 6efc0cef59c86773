"""The comment after apply: what was done, what was not, and how to go on."""

from __future__ import annotations

import pytest

from erpsync.apply import Result
from erpsync.connectors.base import Outcome, Status
from erpsync.errors import StaleError
from erpsync.render.comment import MARKER, RESULT_MARKER
from erpsync.render.page import LIMIT, size
from erpsync.render.result_comment import render_result
from erpsync.run import Run
from tests.comment_values import FULL
from tests.golden import FOLDER, check_golden
from tests.rendered_values import results

RUN = Run("20261120T083000Z-a1b2c3", "wulan", "runner-1", FULL)
DONE = Result("erp", (Outcome("chen.jing", Status.DONE), Outcome("lin.tao", Status.ALREADY)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_result_is_as_in_the_golden_file(lang: str) -> None:
    name = "comment_result.md" if lang == "en" else "comment_result_zh.md"
    check_golden(FOLDER / name, render_result(results(), RUN, lang=lang))


def test_result_has_a_marker_of_its_own_so_that_what_was_approved_stays() -> None:
    page = render_result([DONE], RUN)
    assert page.startswith(f"{RESULT_MARKER}\n### Applied\n")
    assert MARKER not in page


def test_what_is_done_is_counted_and_can_be_undone() -> None:
    page = render_result([DONE], RUN)
    assert "**erp**: 1 done, 1 already as planned" in page
    assert "`erpsync rollback 20261120T083000Z-a1b2c3`" in page
    assert "run the job again" not in page
    assert "Not done" not in page


def test_what_is_not_done_is_listed_with_why_and_how_to_go_on() -> None:
    page = render_result(results(), RUN)
    assert "### Not everything was applied" in page
    assert "- ma.li: not tried\n" in page
    assert "- he.qi: failed: the ERP says: " in page
    assert "When the cause is mended, run the job again" in page


def test_run_and_job_stand_at_the_end() -> None:
    foot = render_result([DONE], RUN).splitlines()[-1]
    assert foot == f"run {RUN.id} by wulan · [the journal of the run]({FULL})"
    assert "journal" not in render_result([DONE], Run("1", "x", "y"))


def test_run_that_wrote_everything_but_could_not_end_says_so() -> None:
    page = render_result([Result("erp", DONE.outcomes, "the journal is full")], RUN)
    assert "### Applied, but the run could not end as it should" in page
    assert "> stopped: the journal is full" in page


def test_nothing_to_do_is_told_and_nothing_can_be_undone() -> None:
    page = render_result([Result("erp", ())], RUN)
    assert "**erp**: nothing to do" in page
    assert "rollback" not in page


def test_refusal_before_the_first_write_is_told() -> None:
    page = render_result([], RUN, failure=StaleError("the plan is for yesterday", hint="make a new plan"))
    assert "### Not everything was applied" in page
    assert "> the plan is for yesterday\n" in page
    assert "> hint: make a new plan\n" in page
    assert "run the job again" in page


def test_id_of_a_run_cannot_break_out_of_the_command() -> None:
    page = render_result([DONE], Run("1`; rm -rf <b>", "x", "y"))
    assert "`erpsync rollback 1rm-rfb`" in page


def test_result_of_70000_accounts_fits_and_says_that_it_was_cut() -> None:
    outcomes = tuple(Outcome(f"user.{n:05}", Status.FAILED, "the ERP said no") for n in range(70_000))
    page = render_result([Result("erp", outcomes)], RUN)
    assert size(page) <= LIMIT
    assert "Cut short" in page.splitlines()[1]
    assert "70000 failed" in page
    assert page.splitlines()[-1].startswith("run 2026")


@pytest.mark.parametrize(
    ("lang", "title"), [("en", "Handed over, not done yet"), ("zh", "已下达工作单，尚未完成")]
)
def test_what_was_handed_over_to_people_is_not_called_applied(lang: str, title: str) -> None:
    order = Result("u8", (Outcome("chen.jing", Status.HANDED_OVER, "line 1 of work order u8-1"),))
    page = render_result([order], RUN, lang=lang)
    assert f"### {title}\n" in page
    assert "erpsync rollback" not in page
    assert "chen.jing" not in page


def test_what_failed_comes_before_what_was_handed_over() -> None:
    order = Result("u8", (Outcome("chen.jing", Status.HANDED_OVER),))
    assert "### Not everything was applied" in render_result([order, *results()], RUN)
