"""``erpsync ci apply``: what was merged is carried out if it was approved, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from erpsync.connectors.base import Outcome, Status
from erpsync.model import Account, Grant
from tests.support.company_repository import (
    BUYERS,
    ORGANISATION,
    ORGANISATION_FILE,
    SETTINGS_FILE,
    chen,
    planner,
)
from tests.support.erp import SHANGHAI
from tests.support.github_http import Fault, problem
from tests.support.memory import Fault as ErpFault
from tests.support.memory import MemoryErp
from tests.support.pipeline import Pipeline
from tests.support.repositories import git

APPLIED = "refs/erpsync/applied"


def today_plus(days: int) -> str:
    return (datetime.now(SHANGHAI).date() + timedelta(days=days)).isoformat()


def entitlements(memory: MemoryErp, login: str = "chen.jing") -> set[str]:
    return {grant.entitlement for grant in memory.accounts[login].grants}


def by_hand(memory: MemoryErp, login: str = "wu.lan", entitlement: str = "Clerk") -> None:
    account = memory.accounts[login]
    memory.put(replace(account, grants=(*account.grants, Grant(entitlement))))


def applied(pipeline: Pipeline) -> str:
    return git(pipeline.repository.bare, "for-each-ref", "--format=%(objectname)", APPLIED)


@pytest.fixture
def approved(pipeline: Pipeline) -> int:
    """A pull request that gives chen.jing the role of a planner, merged with its approvals."""
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao")
    return number


# --- what was approved ------------------------------------------------------------------------------------


def test_what_was_approved_and_merged_is_carried_out(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    ran = pipeline.apply()
    assert (ran.code, ran.out) == (0, "erp: 1 done\n")
    assert entitlements(memory) == {"Buyer", "Planner"}
    main = pipeline.repository.tip()
    assert pipeline.repository.status_of(main, "erpsync/apply") == ("success", "applied")
    assert "### Applied" in pipeline.repository.comments(approved)[-1]
    assert applied(pipeline) == main


def test_a_squashed_merge_whose_branch_is_gone_is_carried_out(pipeline: Pipeline, memory: MemoryErp) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.plan(number)
    pipeline.repository.approve(number, "wu-lan", "lin-tao")
    head = pipeline.repository.tip("change")
    pipeline.repository.merge(number, squash=True)
    # The forge keeps what was proposed, as a ref that no clone has.
    git(pipeline.repository.bare, "update-ref", f"refs/pull/{number}/head", head)
    git(pipeline.repository.bare, "update-ref", "-d", "refs/heads/change")
    assert pipeline.apply().code == 0
    assert entitlements(memory) == {"Buyer", "Planner"}


def test_the_journal_keeps_who_approved_which_commit_and_when(
    pipeline: Pipeline, approved: int, own_state: Path
) -> None:
    pipeline.apply()
    lines = [
        json.loads(line)
        for path in own_state.rglob("*.jsonl")
        for line in path.read_text("utf-8").splitlines()
    ]
    found = [entry["approved"] for entry in lines if entry.get("event") == "begin"][-1]
    head = pipeline.repository.tip("change")
    assert [(one["pull_request"], one["author"], one["merged_by"]) for one in found] == [
        (approved, "ma-li", "he.qi")
    ]
    assert [(one["user"], one["handle"], one["commit"]) for one in found[0]["approvals"]] == [
        ("lin.tao", "lin-tao", head),
        ("wu.lan", "wu-lan", head),
    ]


def test_without_approvals_nothing_is_written_and_everybody_is_told(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    merged = pipeline.merged(number, "wu-lan")
    ran = pipeline.apply()
    assert ran.code == 4
    assert "approvals are missing, so nothing was written" in ran.err
    assert f"pull request {number}: key user of materials: ask lin.tao" in ran.err
    assert entitlements(memory) == {"Buyer"}
    assert pipeline.repository.status_of(merged, "erpsync/apply") == (
        "failure",
        "approvals are missing, so nothing was written",
    )
    assert "key user of materials" in pipeline.repository.comments(number)[-1]


def test_a_refusal_stands_until_it_is_mended_whatever_is_merged_later(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    first = pipeline.repository.propose({BUYERS: planner()}, author="ma-li", branch="first")
    pipeline.merged(first, "wu-lan")
    assert pipeline.apply().code == 4
    text = pipeline.repository.read("access/users/people.yaml").replace("name: 何琪", "name: 何其")
    second = pipeline.repository.propose({"access/users/people.yaml": text}, branch="second")
    pipeline.merged(second, "wu-lan", "ruan-ling")
    ran = pipeline.apply()
    assert ran.code == 4
    assert f"pull request {first}: key user of materials" in ran.err
    assert entitlements(memory) == {"Buyer"}


def test_undoing_the_merge_ends_the_refusal(pipeline: Pipeline, memory: MemoryErp) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    pipeline.merged(number)
    assert pipeline.apply().code == 4
    pipeline.repository.push({BUYERS: chen()})
    ran = pipeline.apply()
    assert ran.code == 0
    assert entitlements(memory) == {"Buyer"}
    assert applied(pipeline) == pipeline.repository.tip()


def test_files_that_are_not_valid_are_refused_until_they_are_as_before(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    pipeline.repository.push({BUYERS: "users: {chen.jing: {nome: x}}\n"})
    assert pipeline.apply().code == 4
    text = pipeline.repository.read(ORGANISATION_FILE)
    pipeline.repository.push({ORGANISATION_FILE: text.replace("Purchasing", "Buying")})
    pipeline.repository.push({BUYERS: planner()})
    ran = pipeline.apply()
    assert ran.code == 4
    assert "the access files are not valid" in ran.err
    pipeline.repository.push({BUYERS: chen(), ORGANISATION_FILE: text})
    assert pipeline.apply().code == 0
    assert entitlements(memory) == {"Buyer"}


# --- more than was approved -------------------------------------------------------------------------------


def test_what_the_approved_plan_does_not_show_is_refused_and_named(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    by_hand(memory)
    ran = pipeline.apply()
    assert ran.code == 5
    assert "more would change than was approved, so nothing was written" in ran.err
    assert "erp: wu.lan (吴兰): revoke Clerk" in ran.err
    assert entitlements(memory) == {"Buyer"}
    assert applied(pipeline) != pipeline.repository.tip()


def test_the_way_out_that_the_refusal_names_works(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    by_hand(memory)
    assert "drift: revert" in pipeline.apply().err
    assert pipeline.apply("--drift", "revert").code == 0
    assert entitlements(memory) == {"Buyer", "Planner"}
    assert entitlements(memory, "wu.lan") == set()
    assert applied(pipeline) == pipeline.repository.tip()


def test_without_a_kept_plan_nothing_more_is_done_than_nothing(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    pipeline.repository.server.state.artifacts.clear()
    ran = pipeline.apply()
    assert ran.code == 5
    assert "no plan was kept that could have been approved" in ran.err
    assert entitlements(memory) == {"Buyer"}


def test_a_plan_that_was_kept_elsewhere_can_be_named(
    pipeline: Pipeline, approved: int, memory: MemoryErp, tmp_path: Path
) -> None:
    kept = next(path for path in tmp_path.glob("job-*/plan.json"))
    pipeline.repository.server.state.artifacts.clear()
    assert pipeline.apply("--approved", kept).code == 0
    assert entitlements(memory) == {"Buyer", "Planner"}


def test_a_named_plan_that_is_not_there_is_an_error(pipeline: Pipeline, approved: int) -> None:
    ran = pipeline.apply("--approved", "none.json")
    assert ran.code == 1
    assert "an approved plan cannot be read" in ran.err


def test_of_very_many_new_changes_the_first_are_named_and_the_rest_is_counted(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    more = "".join(
        f"  b{n}: {{name: 员工{n}, department: purchasing, position: buyer, type: dedicated}}\n"
        for n in range(30)
    )
    number = pipeline.repository.propose({"access/users/more.yaml": f"users:\n{more}"}, author="ma-li")
    pipeline.repository.approve(number, "wu-lan", "ruan-ling")
    pipeline.repository.merge(number)
    ran = pipeline.apply()
    assert ran.code == 5
    assert "and 10 more" in ran.err


# --- again and again --------------------------------------------------------------------------------------


def test_a_run_that_broke_off_is_resumed_and_told_as_not_done(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    memory.faults["chen.jing"] = ErpFault.REFUSE
    ran = pipeline.apply()
    assert (ran.code, applied(pipeline) == pipeline.repository.tip()) == (6, False)
    main = pipeline.repository.tip()
    assert pipeline.repository.status_of(main, "erpsync/apply") == (
        "failure",
        "not everything was applied",
    )
    memory.faults.clear()
    assert pipeline.apply().code == 0
    assert entitlements(memory) == {"Buyer", "Planner"}
    assert pipeline.repository.status_of(main, "erpsync/apply") == ("success", "applied")


def test_what_is_handed_over_to_people_is_not_called_applied(
    pipeline: Pipeline, approved: int, memory: MemoryErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.capabilities = replace(memory.capabilities, deferred=True)
    monkeypatch.setattr(
        memory, "apply", lambda edits: (Outcome(edit.change.login, Status.HANDED_OVER) for edit in edits)
    )
    ran = pipeline.apply()
    assert (ran.code, entitlements(memory)) == (0, {"Buyer"})
    status = pipeline.repository.status_of(pipeline.repository.tip(), "erpsync/apply")
    assert status == ("success", "handed over, not done yet")
    assert "### Handed over, not done yet" in pipeline.repository.comments(approved)[-1]


def test_the_same_job_again_does_nothing_and_says_why(pipeline: Pipeline, approved: int) -> None:
    pipeline.apply()
    ran = pipeline.apply()
    assert (ran.code, ran.out) == (
        0,
        "Nothing to do: nothing was merged, no day has come, and the ERP is as declared.\n",
    )


def test_of_two_merges_both_are_checked_when_only_the_last_job_runs(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    first = pipeline.repository.propose({BUYERS: planner()}, author="ma-li", branch="first")
    pipeline.merged(first)
    text = pipeline.repository.read("access/users/people.yaml")
    renamed = text.replace("name: 何琪", "name: 何其")
    second = pipeline.repository.propose({"access/users/people.yaml": renamed}, branch="second")
    pipeline.merged(second, "ruan-ling", "wu-lan")
    ran = pipeline.apply()
    assert ran.code == 4
    assert f"pull request {first}" in ran.err
    assert entitlements(memory) == {"Buyer"}


def test_of_two_merges_both_are_carried_out_when_only_the_last_job_runs(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    text = pipeline.repository.read("access/users/people.yaml")
    locked = text.replace("何琪, ", "何琪, status: locked, ")
    second = pipeline.repository.propose({"access/users/people.yaml": locked}, branch="second")
    pipeline.merged(second)
    assert pipeline.apply().code == 0
    assert entitlements(memory) == {"Buyer", "Planner"}
    for number in (approved, second):
        assert "### Applied" in pipeline.repository.comments(number)[-1]


def test_an_older_job_that_is_run_again_does_not_bring_back_what_was(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    old = git(pipeline.repository.bare, "rev-parse", "main^")
    pipeline.apply()
    ran = pipeline.apply("--drift", "revert", of=old)
    assert ran.code == 5
    assert "was applied already" in ran.err
    assert entitlements(memory) == {"Buyer", "Planner"}
    assert applied(pipeline) == pipeline.repository.tip()


def test_two_runs_that_end_at_once_do_not_both_say_up_to_where(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    other = git(pipeline.repository.bare, "rev-parse", "main^2")

    def meanwhile() -> None:
        git(pipeline.repository.bare, "update-ref", APPLIED, other)

    memory.on_read[memory.reads + 1] = meanwhile
    ran = pipeline.apply()
    assert ran.code == 1
    assert "refs/erpsync/applied cannot be moved" in ran.err
    assert entitlements(memory) == {"Buyer", "Planner"}


def test_the_first_run_counts_from_the_commit_before_also_when_it_is_refused(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    git(pipeline.repository.bare, "update-ref", "-d", APPLIED)
    before = pipeline.repository.tip()
    pipeline.repository.push({BUYERS: planner()})
    assert pipeline.apply().code == 4
    assert applied(pipeline) == before
    pipeline.repository.push({"README.md": "Access\n"})
    assert "(no pull request): key user of materials" in pipeline.apply().err
    assert entitlements(memory) == {"Buyer"}


# --- what the calendar brings -----------------------------------------------------------------------------


def test_on_a_schedule_what_begins_today_is_done_and_drift_is_left(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    grant = memory.accounts["chen.jing"]
    by_hand(memory)
    pipeline.repository.push({BUYERS: planner(f", valid_from: {today_plus(0)}")})
    mark_as_applied(pipeline)
    ran = pipeline.apply()
    assert (ran.code, ran.out) == (0, "erp: 1 done\n")
    assert entitlements(memory) == {"Buyer", "Planner"}
    assert entitlements(memory, "wu.lan") == {"Clerk"}
    assert grant.active


def test_what_began_and_ended_since_the_last_run_is_taken_away(pipeline: Pipeline, memory: MemoryErp) -> None:
    pipeline.repository.push({BUYERS: planner(f", valid_from: {today_plus(-4)}, valid_to: {today_plus(-1)}")})
    mark_as_applied(pipeline)
    by_hand(memory, "chen.jing", "Planner")
    assert pipeline.apply().code == 0
    assert entitlements(memory) == {"Buyer"}


def test_a_day_that_came_long_ago_waits_for_since(pipeline: Pipeline, memory: MemoryErp) -> None:
    pipeline.repository.push({BUYERS: planner(f", valid_from: {today_plus(-30)}")})
    mark_as_applied(pipeline)
    ran = pipeline.apply()
    assert (ran.code, entitlements(memory)) == (0, {"Buyer"})
    assert "1 account differs from git" in ran.out
    assert pipeline.apply("--since", today_plus(-31)).code == 0
    assert entitlements(memory) == {"Buyer", "Planner"}


def test_a_green_run_that_left_drift_says_so(pipeline: Pipeline, memory: MemoryErp) -> None:
    by_hand(memory)
    ran = pipeline.apply()
    assert ran.code == 0
    assert ran.out.startswith("Nothing was merged and no day has come; 1 account differs from git")
    summary = pipeline.repository.folder / f"job-{pipeline.repository.jobs}-summary.md"
    assert "Nothing was merged and no day has come" in summary.read_text("utf-8")


def test_drift_is_undone_where_it_is_asked_for(pipeline: Pipeline, memory: MemoryErp) -> None:
    by_hand(memory)
    assert pipeline.apply("--drift", "revert").code == 0
    assert entitlements(memory, "wu.lan") == set()


def test_what_is_held_back_is_not_told_as_done(pipeline: Pipeline, memory: MemoryErp) -> None:
    text = pipeline.repository.read(SETTINGS_FILE).replace("entitlements: enforce", "entitlements: observe")
    number = pipeline.repository.propose({SETTINGS_FILE: text, BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao", "ruan-ling")
    ran = pipeline.apply()
    assert (ran.code, entitlements(memory)) == (0, {"Buyer"})
    assert "1 difference is held back by the settings of the target" in ran.out
    state, words = pipeline.repository.status_of(pipeline.repository.tip(), "erpsync/apply") or ("", "")
    assert (state, words[:17]) == ("success", "Nothing was done:")
    assert len(words) <= 140


def test_a_merge_that_changes_nothing_today_says_so(pipeline: Pipeline, memory: MemoryErp) -> None:
    number = pipeline.repository.propose({BUYERS: planner(f", valid_from: {today_plus(20)}")}, author="ma-li")
    memory.capabilities = replace(memory.capabilities, validity=False)
    pipeline.merged(number, "wu-lan", "lin-tao")
    ran = pipeline.apply()
    assert ran.code == 0
    assert "what was merged begins on a later day" in ran.out


def test_a_merge_of_other_files_says_that_nobody_may_do_more(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({"README.md": "Access\n"})
    pipeline.merged(number, "ruan-ling")
    assert "changes nothing of what a user may do today" in pipeline.apply().out


# --- where it runs ----------------------------------------------------------------------------------------


def test_files_that_are_not_committed_are_refused(pipeline: Pipeline, memory: MemoryErp) -> None:
    job = pipeline.repository.checkout("main")
    (job / BUYERS).write_text(planner(), "utf-8")
    ran = pipeline.run(job, None, "ci", "apply")
    assert ran.code == 4
    assert "the access files are not as a commit has them" in ran.err
    assert entitlements(memory) == {"Buyer"}


def test_without_a_forge_nobody_approved_anything(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    ran = pipeline.run(pipeline.repository.checkout("main"), None, "ci", "apply", GITHUB_TOKEN="")
    assert ran.code == 4
    assert "key user of materials" in ran.err
    assert entitlements(memory) == {"Buyer"}


def test_a_plan_over_a_limit_is_refused(pipeline: Pipeline, approved: int, memory: MemoryErp) -> None:
    for number in range(40):
        memory.put(Account(f"x{number}", "x"))
    text = pipeline.repository.read(SETTINGS_FILE) + "    limits: {grant_high: {count: 0}}\n"
    number = pipeline.repository.propose({SETTINGS_FILE: text}, author="ma-li", branch="limits")
    pipeline.plan(number)
    pipeline.repository.approve(number, "ruan-ling")
    pipeline.repository.merge(number)
    ran = pipeline.apply()
    assert (ran.code, entitlements(memory)) == (4, {"Buyer"})
    assert "the plan goes over a limit" in ran.err


def test_a_forge_that_is_gone_at_the_end_does_not_hide_why_the_run_was_refused(
    pipeline: Pipeline, approved: int, memory: MemoryErp
) -> None:
    by_hand(memory)
    pipeline.repository.server.faults.append(
        Fault(problem(403, "Resource not accessible by integration"), "POST", "statuses")
    )
    ran = pipeline.apply()
    assert ran.code == 5
    assert "more would change than was approved" in ran.err
    assert "statuses: write" in ran.err


def mark_as_applied(pipeline: Pipeline) -> None:
    """What an earlier run would have left: everything that was merged is applied."""
    git(pipeline.repository.bare, "update-ref", APPLIED, "main")


# --- other settings ---------------------------------------------------------------------------------------


def test_where_no_rule_asks_for_approvals_what_is_merged_is_carried_out(
    pipeline: Pipeline, memory: MemoryErp
) -> None:
    text = ORGANISATION[: ORGANISATION.index("approvals:")]
    number = pipeline.repository.propose({ORGANISATION_FILE: text}, author="ma-li")
    pipeline.merged(number, "ruan-ling")
    assert pipeline.apply().code == 0
    pipeline.repository.push({BUYERS: planner()})
    assert pipeline.apply().code == 0
    assert entitlements(memory) == {"Buyer", "Planner"}


def test_shared_journals_are_brought_before_anything_is_planned(
    pipeline: Pipeline, memory: MemoryErp, tmp_path: Path
) -> None:
    text = pipeline.repository.read(SETTINGS_FILE).replace("Shanghai}", "Shanghai, journal: remote}")
    number = pipeline.repository.propose({SETTINGS_FILE: text, BUYERS: planner()}, author="ma-li")
    pipeline.merged(number, "wu-lan", "lin-tao", "ruan-ling")
    assert pipeline.apply().code == 0
    fresh = tmp_path / "fresh"
    job = pipeline.repository.checkout("main")
    assert pipeline.run(job, None, "ci", "drift", ERPSYNC_STATE=str(fresh)).code == 0
    assert [path for path in fresh.rglob("*.jsonl") if "pull_request" in path.read_text("utf-8")]
