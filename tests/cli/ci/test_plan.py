"""``erpsync ci plan``: a pull request is checked, planned, and told in one comment."""

from __future__ import annotations

import json

import pytest

from erpsync.render.page import LIMIT
from tests.support.company_repository import (
    BUYERS,
    ORGANISATION_FILE,
    SETTINGS_FILE,
    chen,
    planner,
)
from tests.support.github_http import Fault, problem
from tests.support.memory import MemoryErp, broken
from tests.support.pipeline import Pipeline
from tests.support.repositories import git


@pytest.fixture
def proposed(pipeline: Pipeline) -> int:
    """A pull request that gives chen.jing the role of a planner."""
    return pipeline.repository.propose({BUYERS: planner()}, author="ma-li")


def test_the_comment_says_what_changes_who_must_approve_and_what_the_erp_will_see(
    pipeline: Pipeline, proposed: int
) -> None:
    ran = pipeline.plan(proposed)
    assert (ran.code, ran.err) == (0, "")
    (comment,) = pipeline.repository.comments(proposed)
    assert comment.startswith("<!-- erpsync plan -->\n")
    assert "Planner" in comment
    assert "@wu-lan" not in comment
    assert "key user of" in comment
    assert "1 user gains access" in comment
    assert "told at https://github.example/" in ran.out


def test_a_second_run_writes_the_same_comment_anew(pipeline: Pipeline, proposed: int) -> None:
    pipeline.plan(proposed)
    pipeline.repository.push_more(proposed, {BUYERS: chen(", status: locked")})
    pipeline.plan(proposed)
    (comment,) = pipeline.repository.comments(proposed)
    assert "locked" in comment
    assert "Planner" not in comment


def test_the_summary_of_the_job_says_the_same_as_the_comment(pipeline: Pipeline, proposed: int) -> None:
    pipeline.plan(proposed)
    summaries = sorted(pipeline.repository.folder.glob("job-*-summary.md"))
    assert summaries[-1].read_text("utf-8") == pipeline.repository.comments(proposed)[0]


def test_the_plan_is_kept_for_the_merge(pipeline: Pipeline, proposed: int) -> None:
    pipeline.plan(proposed)
    (kept,) = pipeline.repository.server.state.artifacts
    assert kept["name"] == "erpsync-plan"
    assert kept["workflow_run"]["head_sha"] == pipeline.repository.tip("change")


def test_the_status_says_which_approvals_are_missing(pipeline: Pipeline, proposed: int) -> None:
    pipeline.plan(proposed)
    state, words = pipeline.repository.status(proposed) or ("", "")
    assert state == "pending"
    assert words == "0 of 2 given; missing: head of purchasing; key user of materials"


def test_missing_approvals_do_not_fail_the_job(pipeline: Pipeline, proposed: int) -> None:
    assert pipeline.plan(proposed).code == 0


def test_what_needs_no_approval_is_green_at_once(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: chen(", status: locked")})
    pipeline.plan(number)
    assert pipeline.repository.status(number) == ("success", "no approval is needed")


def test_a_status_of_very_many_approvals_is_short_enough_for_the_forge(pipeline: Pipeline) -> None:
    text = pipeline.repository.read(ORGANISATION_FILE)
    for n in range(20):
        text = text.replace("departments:\n", f"departments:\n  d{n}: {{title: D, manager: wu.lan}}\n")
    pipeline.repository.push({ORGANISATION_FILE: text})
    people = "".join(f"  p{n}: {{name: 员工, department: d{n}, type: dedicated}}\n" for n in range(20))
    number = pipeline.repository.propose({"access/users/more.yaml": f"users:\n{people}"})
    assert pipeline.plan(number).code == 0
    state, words = pipeline.repository.status(number) or ("", "")
    assert (state, len(words)) == ("pending", 140)


def test_invalid_files_are_told_at_their_lines_and_in_the_comment(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: "users:\n  chen.jing: {nome: 陈静}\n"})
    ran = pipeline.plan(number)
    assert ran.code == 4
    assert f"::error file={BUYERS},line=2" in ran.out
    assert f"{BUYERS}:2" in pipeline.repository.comments(number)[0]
    assert pipeline.repository.status(number) is None


def test_an_erp_that_is_gone_is_told_in_the_comment(
    pipeline: Pipeline, proposed: int, memory: MemoryErp
) -> None:
    memory.on_read[memory.reads + 1] = broken
    ran = pipeline.plan(proposed)
    assert ran.code == 1
    assert "the ERP is gone" in pipeline.repository.comments(proposed)[0]
    assert not pipeline.repository.server.state.artifacts


def test_a_base_that_is_not_valid_is_told_in_the_comment(pipeline: Pipeline) -> None:
    pipeline.repository.push({BUYERS: "users:\n  chen.jing: {nome: 陈静}\n"})
    number = pipeline.repository.propose({BUYERS: chen()})
    assert pipeline.plan(number).code == 4
    assert "the base are not valid" in pipeline.repository.comments(number)[0]
    assert pipeline.repository.status(number) is None


def test_a_plan_over_a_limit_is_refused_once_it_was_told(pipeline: Pipeline) -> None:
    text = pipeline.repository.read(SETTINGS_FILE) + "    limits: {grant_high: {count: 0}}\n"
    number = pipeline.repository.propose({SETTINGS_FILE: text, BUYERS: planner()})
    ran = pipeline.plan(number)
    assert ran.code == 4
    assert "the plan goes over a limit" in ran.err
    assert "limit" in pipeline.repository.comments(number)[0]


def test_a_pull_request_that_moved_on_is_left_to_the_newer_job(pipeline: Pipeline, proposed: int) -> None:
    job = pipeline.repository.checkout_trial(proposed)
    pipeline.repository.push_more(proposed, {BUYERS: chen(", status: locked")})
    ran = pipeline.run(job, proposed, "ci", "plan")
    assert ran.code == 5
    assert "is not what is checked out" in ran.err
    assert pipeline.repository.comments(proposed) == []
    assert pipeline.repository.status(proposed) is None


def test_a_checkout_of_the_branch_itself_is_planned_as_well(pipeline: Pipeline, proposed: int) -> None:
    pipeline.repository.push({"README.md": "Access\n"})
    job = pipeline.repository.checkout("change")
    assert pipeline.run(job, proposed, "ci", "plan").code == 0
    assert "README" not in pipeline.repository.comments(proposed)[0]


def test_a_forge_that_takes_no_comment_fails_the_job_and_the_summary_has_it(
    pipeline: Pipeline, proposed: int
) -> None:
    fault = Fault(problem(403, "Resource not accessible by integration"), "POST", "comments")
    pipeline.repository.server.faults.append(fault)
    ran = pipeline.plan(proposed)
    assert ran.code == 1
    assert "pull-requests: write" in ran.err
    summaries = sorted(pipeline.repository.folder.glob("job-*-summary.md"))
    assert "Planner" in summaries[-1].read_text("utf-8")


def test_chinese_is_told_where_it_is_asked_for(pipeline: Pipeline, proposed: int) -> None:
    job = pipeline.repository.checkout_trial(proposed)
    assert pipeline.run(job, proposed, "ci", "plan", "--lang", "zh").code == 0
    assert "审批" in pipeline.repository.comments(proposed)[0]


# --- on a laptop ------------------------------------------------------------------------------------------

LAPTOP = {"GITHUB_ACTIONS": "", "GITHUB_TOKEN": "", "GITHUB_RUN_ID": "", "GITHUB_STEP_SUMMARY": ""}


def test_on_a_laptop_the_comment_is_printed_with_what_is_not_committed_yet(pipeline: Pipeline) -> None:
    job = pipeline.repository.checkout("main")
    (job / BUYERS).write_text(planner(), "utf-8")
    ran = pipeline.run(job, None, "ci", "plan", **LAPTOP)
    assert ran.code == 0
    assert "<!-- erpsync plan -->" in ran.out
    assert "Planner" in ran.out
    assert pipeline.repository.server.state.statuses == pipeline.repository.server.state.statuses[:1]


def test_on_a_laptop_findings_are_told_as_by_validate(pipeline: Pipeline) -> None:
    job = pipeline.repository.checkout("main")
    (job / BUYERS).write_text("users: {chen.jing: {nome: x}}\n", "utf-8")
    ran = pipeline.run(job, None, "ci", "plan", **LAPTOP)
    assert ran.code == 4
    assert f"{BUYERS}:1:" in ran.out
    assert "::error" not in ran.out


def test_the_base_can_be_named(pipeline: Pipeline) -> None:
    base = pipeline.repository.tip()
    pipeline.repository.push({BUYERS: planner()})
    job = pipeline.repository.checkout("main")
    without = pipeline.run(job, None, "ci", "plan", **LAPTOP)
    named = pipeline.run(job, None, "ci", "plan", "--base", base, **LAPTOP)
    assert "Who gains and who loses" in named.out
    assert "Who gains and who loses" not in without.out


def test_a_base_that_is_not_here_is_an_error_with_a_hint(pipeline: Pipeline) -> None:
    job = pipeline.repository.checkout("main")
    ran = pipeline.run(job, None, "ci", "plan", "--base", "f" * 40, **LAPTOP)
    assert ran.code == 1
    assert "fetch-depth: 0" in ran.out + ran.err


def test_without_a_main_branch_the_base_must_be_named(pipeline: Pipeline) -> None:
    job = pipeline.repository.checkout("main")
    git(job, "remote", "remove", "origin")
    git(job, "branch", "-q", "-D", "main")
    ran = pipeline.run(job, None, "ci", "plan", **LAPTOP)
    assert ran.code == 2
    assert "--base COMMIT" in ran.out + ran.err


def test_no_access_directory_is_wrong_usage(pipeline: Pipeline) -> None:
    job = pipeline.repository.checkout("main")
    ran = pipeline.run(job, None, "ci", "plan", "--access", "none", **LAPTOP)
    assert (ran.code, ran.err[:26]) == (2, "error: no directory 'none'")


def test_only_the_targets_that_are_named_are_planned(pipeline: Pipeline) -> None:
    text = pipeline.repository.read(SETTINGS_FILE)
    second = text[text.index("  erp:") :].replace("  erp:", "  test:")
    number = pipeline.repository.propose({SETTINGS_FILE: text + second, BUYERS: planner()})
    job = pipeline.repository.checkout_trial(number)
    assert pipeline.run(job, number, "ci", "plan").code == 4
    assert pipeline.run(job, number, "ci", "plan", "--target", "erp").code == 0
    assert pipeline.run(job, number, "ci", "plan", "--target", "test").code == 4


# --- very much --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [5000])
def test_a_huge_pull_request_gets_a_comment_that_the_forge_takes(pipeline: Pipeline, people: int) -> None:
    lines = (
        f"  p{n}: {{name: 员工{n}, department: purchasing, position: buyer, type: dedicated}}\n"
        for n in range(people)
    )
    number = pipeline.repository.propose({"access/users/more.yaml": "users:\n" + "".join(lines)})
    assert pipeline.plan(number).code == 0
    (comment,) = pipeline.repository.comments(number)
    assert len(comment.encode()) <= LIMIT
    assert comment.splitlines()[1].startswith("> ")
    (kept,) = pipeline.repository.server.state.artifacts
    assert kept["size_in_bytes"] > LIMIT
    assert json.loads((pipeline.repository.folder / f"job-{pipeline.repository.jobs}/plan.json").read_text())
