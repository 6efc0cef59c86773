"""``erpsync approvals``: which approvals a change needs, and which were given."""

from __future__ import annotations

import pytest

from tests.support.company_repository import BUYERS, chen, planner
from tests.support.memory import MemoryErp
from tests.support.pipeline import Pipeline

LAPTOP = {"GITHUB_ACTIONS": "", "GITHUB_TOKEN": "", "GITHUB_RUN_ID": "", "GITHUB_STEP_SUMMARY": ""}


@pytest.fixture
def proposed(pipeline: Pipeline) -> int:
    """A pull request that gives chen.jing the role of a planner."""
    return pipeline.repository.propose({BUYERS: planner()}, author="ma-li")


def test_missing_approvals_are_named_with_whom_to_ask(pipeline: Pipeline, proposed: int) -> None:
    ran = pipeline.approvals(proposed)
    assert ran.code == 4
    assert "missing head of purchasing: ask wu.lan (吴兰)\n        for chen.jing\n" in ran.out
    assert "missing key user of materials: ask lin.tao (林涛)" in ran.out
    assert ran.out.endswith("2 approvals needed, 2 approvals missing\n")


def test_given_approvals_are_named_with_when(pipeline: Pipeline, proposed: int) -> None:
    pipeline.repository.approve(proposed, "wu-lan", "lin-tao")
    ran = pipeline.approvals(proposed)
    assert ran.code == 0
    assert "given   head of purchasing: wu.lan (吴兰) on 2026-11-02 08:" in ran.out
    assert pipeline.repository.status(proposed) == ("success", "2 approvals given, none missing")


def test_a_dismissed_approval_counts_no_more(pipeline: Pipeline, proposed: int) -> None:
    state = pipeline.repository.server.state
    review = state.review(proposed, "wu-lan")
    state.review(proposed, "lin-tao")
    assert pipeline.approvals(proposed).code == 0
    state.dismiss(proposed, review)
    assert pipeline.approvals(proposed).code == 4
    assert pipeline.repository.status(proposed) == ("pending", "1 of 2 given; missing: head of purchasing")


def test_who_asks_for_changes_after_all_approves_no_more(pipeline: Pipeline, proposed: int) -> None:
    state = pipeline.repository.server.state
    pipeline.repository.approve(proposed, "wu-lan", "lin-tao")
    state.review(proposed, "wu-lan", "CHANGES_REQUESTED")
    state.review(proposed, "lin-tao", "COMMENTED")
    ran = pipeline.approvals(proposed)
    assert "missing head of purchasing" in ran.out
    assert "given   key user of materials" in ran.out


def test_people_are_called_as_the_base_calls_them(pipeline: Pipeline) -> None:
    text = pipeline.repository.read("access/users/people.yaml").replace("吴兰", "林涛")
    number = pipeline.repository.propose({"access/users/people.yaml": text, BUYERS: planner()})
    assert "wu.lan (吴兰)" in pipeline.approvals(number).out


def test_the_erp_is_not_asked(pipeline: Pipeline, proposed: int, memory: MemoryErp) -> None:
    reads = memory.reads
    pipeline.approvals(proposed)
    assert memory.reads == reads


def test_what_needs_none_says_so(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: chen(", status: locked")})
    ran = pipeline.approvals(number)
    assert (ran.code, ran.out) == (0, "no approval is needed\n")
    assert pipeline.repository.status(number) == ("success", "no approval is needed")


def test_invalid_files_get_no_status(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: "users: {chen.jing: {nome: x}}\n"})
    assert pipeline.approvals(number).code == 4
    assert pipeline.repository.status(number) is None


def test_a_pull_request_can_be_named_without_a_job(pipeline: Pipeline, proposed: int) -> None:
    job = pipeline.repository.checkout("change")
    ran = pipeline.run(job, None, "approvals", "--pull-request", proposed, GITHUB_ACTIONS="")
    assert ran.code == 4
    assert pipeline.repository.status(proposed) is not None


def test_on_a_laptop_it_says_what_will_be_needed(pipeline: Pipeline) -> None:
    job = pipeline.repository.checkout("main")
    (job / BUYERS).write_text(planner(), "utf-8")
    ran = pipeline.run(job, None, "approvals", **LAPTOP)
    assert ran.code == 4
    assert "missing key user of materials: ask lin.tao (林涛)" in ran.out


def test_absences_are_looked_at_on_the_day_that_is_named(pipeline: Pipeline) -> None:
    people = pipeline.repository.read("access/users/people.yaml").replace(
        "林涛,", "林涛, deputy: he.qi, away: [{valid_from: 2026-12-01, valid_to: 2026-12-24}],"
    )
    pipeline.repository.push({"access/users/people.yaml": people})
    job = pipeline.repository.checkout("main")
    (job / BUYERS).write_text(planner(), "utf-8")
    away = pipeline.run(job, None, "approvals", "--as-of", "2026-12-10", **LAPTOP)
    back = pipeline.run(job, None, "approvals", "--as-of", "2026-12-25", **LAPTOP)
    assert "ask lin.tao (林涛) or he.qi (何琪)" in away.out
    assert "he.qi" not in back.out
