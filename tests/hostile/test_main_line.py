"""What gets onto main in other ways than by a pull request that was approved as it is."""

from __future__ import annotations

import pytest

from tests.support.company_repository import BUYERS, chen, planner
from tests.support.memory import MemoryErp
from tests.support.pipeline import Pipeline
from tests.support.repositories import git

LATER = ", valid_from: 2099-01-01, valid_to: 2099-02-01"
XU = planner().replace("chen.jing:", "xu.wen:").replace("chen-jing", "xu-wen")


def holds(memory: MemoryErp) -> set[str]:
    return {grant.entitlement for grant in memory.accounts["chen.jing"].grants}


def test_a_commit_that_was_pushed_to_main_is_refused(pipeline: Pipeline, memory: MemoryErp) -> None:
    commit = pipeline.repository.push({BUYERS: planner()})
    ran = pipeline.apply()
    assert ran.code == 4
    assert f"commit {commit[:12]} (no pull request): head of purchasing: ask wu.lan" in ran.err
    assert holds(memory) == {"Buyer"}
    assert pipeline.repository.status_of(commit, "erpsync/apply") == (
        "failure",
        "approvals are missing, so nothing was written",
    )


@pytest.mark.parametrize("squash", [False, True], ids=["merge", "squash"])
def test_a_merge_into_which_more_was_put_is_refused(
    pipeline: Pipeline, memory: MemoryErp, squash: bool
) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.plan(number)
    pipeline.repository.approve(number, "wu-lan", "lin-tao", "ruan-ling")
    smuggled = {"access/users/new.yaml": XU.replace("REQ-7", f"REQ-8{LATER}")}
    pipeline.repository.merge(number, squash=squash, extra=smuggled)
    ran = pipeline.apply()
    assert ran.code == 4
    assert f"the merge of pull request {number} is not what was approved there" in ran.err
    assert holds(memory) == {"Buyer"}


def test_a_branch_that_main_moved_under_is_still_the_merge_that_was_approved(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.plan(number)
    pipeline.repository.approve(number, "wu-lan", "lin-tao")
    other = pipeline.repository.propose({"README.md": "Access\n"}, branch="other")
    pipeline.merged(other, "ruan-ling")
    pipeline.repository.merge(number)
    assert pipeline.apply().code == 0
    assert holds(memory) == {"Buyer", "Planner"}


def test_a_branch_from_before_that_takes_the_place_of_main_brings_nothing_back(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    old = pipeline.repository.push({BUYERS: chen()})
    number = pipeline.repository.propose({BUYERS: chen(", status: locked")})
    pipeline.merged(number)
    assert pipeline.apply().code == 0
    work = pipeline.repository.work
    git(work, "checkout", "-q", "-B", "main", old)
    git(work, "merge", "-q", "-s", "ours", "--no-ff", "-m", "Merge", "origin/main")
    git(work, "push", "-q", "origin", "main")
    ran = pipeline.apply("--drift", "revert")
    assert ran.code == 4
    assert "the main line does not go on from commit" in ran.err
    assert not memory.accounts["chen.jing"].active


def test_main_that_was_forced_back_brings_nothing_back(pipeline: Pipeline, memory: MemoryErp) -> None:
    old = pipeline.repository.tip()
    number = pipeline.repository.propose({BUYERS: chen(", status: locked")})
    pipeline.merged(number)
    assert pipeline.apply().code == 0
    git(pipeline.repository.bare, "update-ref", "refs/heads/main", old)
    ran = pipeline.apply("--drift", "revert")
    assert ran.code == 5
    assert "was applied already" in ran.err
    assert not memory.accounts["chen.jing"].active
