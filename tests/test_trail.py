"""Joining what git, forge and journal know of the roles of a user."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from erpsync.model import Access, ChangeKind, Location, Status, User, Way
from erpsync.proposal import Proposed
from erpsync.trail import GrantTrail, held_roles, trail_of
from erpsync.trail_history import Approval, History, Origin, Source, Step
from erpsync.trail_journal import Attempt, Evidence, attempts_of, evidence_in
from tests.builders import AT, TODAY, assign, declare, position, role, user

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PEOPLE = (
    replace(user("wu.lan", email="wu.lan@huaxin.example"), forge={"github": "WuLan-hx"}),
    replace(user("lin.tao"), forge={"github": "lintao"}),
    replace(user("ma.li"), forge={"github": "mali", "git": "keys"}),
    replace(user("ma.li2"), forge={"git": "keys"}),
)
ROLES = (role("buyer", "Buyer"), role("lead", "Clerk", includes=["buyer"]), role("planner", "Planner"))


def company(chen: User | None = None) -> Access:
    chen = chen or user(position="buyer", assignments=[assign("planner", last=TODAY, request="REQ-1")])
    return declare(users=[chen, *PEOPLE], roles=ROLES, positions=[position("buyer", "buyer")])


def step(kind: ChangeKind, commit: str, subject: str = "planner", **origin: Any) -> Step:
    change = Proposed("chen.jing", kind, AT, subject, way=Way.ASSIGNMENT)
    return Step(change, Origin(commit, NOON, "Merge", **origin))


def told(
    *steps: Step,
    wanted: str = "planner",
    access: Access | None = None,
    attempts: tuple[Attempt, ...] = (),
    order: tuple[str, ...] = (),
    evidence: dict[Source, dict[str, Evidence]] | None = None,
    whole: tuple[str, ...] = (),
) -> GrantTrail:
    """The trail of one role."""
    history = History(steps, order={commit: place for place, commit in enumerate(order)})
    trail = trail_of(
        "chen.jing", access or company(), TODAY, history, attempts, evidence=evidence or {},
        roles=[wanted], whole=whole,
    )  # fmt: skip
    (grant,) = trail.grants
    return grant


def approvals(*given: Approval, evidence: dict[Source, dict[str, Evidence]] | None = None) -> list[Any]:
    grant = told(step(ChangeKind.GRANT, "a1", approvals=given), evidence=evidence)
    return [(item.user, item.handle, item.source) for item in grant.steps[0].origin.approvals]


# --- how a role is held ---------------------------------------------------------------------------


def test_role_is_told_with_every_way_to_it() -> None:
    chen = user(position="buyer", assignments=[assign("buyer", request="REQ-7")])
    found = held_roles(chen, company(chen))["buyer"]
    assert [(held.via, held.way, held.reason, held.request) for held in found] == [
        ("position buyer", Way.POSITION, None, None),
        ("assignment", Way.ASSIGNMENT, "stands in", "REQ-7"),
    ]


def test_who_has_left_holds_nothing() -> None:
    assert held_roles(user(position="buyer", status=Status.LEFT), company()) == {}


def test_title_and_days_are_those_of_the_files() -> None:
    grant = told()
    assert (grant.title, grant.held[0].span) == ("Planner", (None, TODAY))


def test_role_that_no_file_has_any_more_is_told_by_its_key() -> None:
    assert (told(wanted="gone").title, told(wanted="gone").held) == ("gone", ())


def test_role_of_an_earlier_state_keeps_its_title_and_entitlements() -> None:
    history = History((step(ChangeKind.REVOKE, "a1", "old"),), {"old": role("old", "Old")})
    wrote = (attempt("r1", ("revoke", "Old")),)
    trail = trail_of("chen.jing", company(), TODAY, history, wrote, evidence={}, roles=["old"])
    assert (trail.grants[0].title, trail.grants[0].attempts) == ("Old", wrote)


def test_user_who_is_gone_has_no_name() -> None:
    trail = trail_of("gone", company(), TODAY, History(), (), evidence={}, roles=["planner"])
    assert (trail.name, trail.grants[0].held) == (None, ())


def test_without_git_there_are_runs_and_no_steps() -> None:
    wrote = (attempt("r1", ("grant", "Planner")),)
    trail = trail_of("chen.jing", company(), TODAY, None, wrote, evidence={}, roles=["planner"])
    assert (trail.grants[0].steps, trail.grants[0].attempts) == ((), wrote)


# --- which steps are told -------------------------------------------------------------------------

LIFE = (
    step(ChangeKind.GRANT, "a1"),
    step(ChangeKind.REVOKE, "a2"),
    step(ChangeKind.GRANT, "a3"),
    step(ChangeKind.RETIME, "a4"),
    step(ChangeKind.GRANT, "a5", "buyer"),
)


def commits(grant: GrantTrail) -> list[str]:
    return [item.origin.commit for item in grant.steps]


def test_role_that_is_held_is_told_since_it_was_last_given() -> None:
    grant = told(*LIFE)
    assert (commits(grant), grant.begins) == (["a3", "a4"], True)


def test_whole_life_of_a_role_is_told_when_asked_for() -> None:
    assert commits(told(*LIFE, whole=("planner",))) == ["a1", "a2", "a3", "a4"]


def test_role_that_was_lost_is_told_whole() -> None:
    assert commits(told(*LIFE, access=company(user()))) == ["a1", "a2", "a3", "a4"]


def test_role_whose_beginning_was_not_found_says_so() -> None:
    grant = told(step(ChangeKind.RETIME, "a4"))
    assert (commits(grant), grant.begins) == (["a4"], False)
    assert not told().begins


# --- approvals ------------------------------------------------------------------------------------


def claim(handle: str, user: str | None = None, source: Source = Source.TRAILER) -> Approval:
    return Approval(user, handle, None, source)


@pytest.mark.parametrize("handle", ["wu.lan", "Wu.Lan@Huaxin.example", "wulan-HX"])
def test_claimed_approver_is_known_by_key_address_and_handle(handle: str) -> None:
    assert approvals(claim(handle)) == [("wu.lan", handle, Source.TRAILER)]


@pytest.mark.parametrize("handle", ["Wu", "keys"])
def test_claimed_approver_whom_nobody_or_several_are_is_not_guessed(handle: str) -> None:
    assert approvals(claim(handle)) == [(None, handle, Source.TRAILER)]


def test_approver_is_told_once_from_the_strongest_source() -> None:
    given = ((("wu.lan", "WuLan-hx", NOON)),)
    evidence = {
        Source.JOURNAL: {"a1": Evidence(approvals=given)},
        Source.FORGE: {"a1": Evidence(approvals=(("wu.lan", "WuLan-hx", None), ("lin.tao", "lintao", NOON)))},
    }
    assert approvals(claim("wu.lan"), claim("Somebody"), claim("somebody"), evidence=evidence) == [
        ("wu.lan", "WuLan-hx", Source.JOURNAL),
        ("lin.tao", "lintao", Source.FORGE),
        (None, "Somebody", Source.TRAILER),
    ]


def test_journal_goes_before_forge_and_message() -> None:
    journal = Evidence(12, "https://git.huaxin.example/12", "chen.jing", "lintao")
    forge = Evidence(13, "https://git.huaxin.example/13", "other", "stranger")
    first = step(ChangeKind.GRANT, "a1", pull_request=14, merged_by="Chen Jing")
    grant = told(first, evidence={Source.JOURNAL: {"a1": journal}, Source.FORGE: {"a1": forge}})
    origin = grant.steps[0].origin
    assert (origin.pull_request, origin.pull_request_source) == (12, Source.JOURNAL)
    assert (origin.url, origin.proposed_by) == (journal.url, "chen.jing")
    assert origin.merged_by == "lin.tao"


def test_what_the_journal_does_not_know_is_left_as_git_tells_it() -> None:
    first = step(
        ChangeKind.GRANT, "a1", pull_request=14, pull_request_source=Source.TRAILER, merged_by="Chen Jing"
    )
    origin = told(first, evidence={Source.JOURNAL: {"a1": Evidence()}}).steps[0].origin
    assert (origin.pull_request, origin.pull_request_source) == (14, Source.TRAILER)
    assert (origin.merged_by, origin.proposed_by) == ("Chen Jing", None)


# --- runs -----------------------------------------------------------------------------------------


def attempt(run: str, *changes: tuple[str, str], commit: str | None = None, target: str = "erp") -> Attempt:
    return Attempt(run, NOON, target, "chen.jing", changes, commit=commit)


def test_runs_of_a_role_are_those_that_write_its_entitlements() -> None:
    wrote = (
        attempt("r1", ("grant", "Planner"), ("grant", "Buyer")),
        attempt("r2", ("grant", "Buyer")),
        attempt("r3", ("grant", "Planner"), target="crm"),
    )
    assert told(attempts=wrote).attempts == (attempt("r1", ("grant", "Planner")),)


def test_runs_of_a_role_are_those_of_the_roles_that_it_includes_too() -> None:
    wrote = (attempt("r1", ("grant", "Buyer")), attempt("r2", ("grant", "Clerk")))
    assert told(wanted="lead", attempts=wrote).attempts == wrote


def test_run_of_an_earlier_commit_belongs_to_an_earlier_grant() -> None:
    wrote = (
        attempt("r1", ("grant", "Planner"), commit="a1"),
        attempt("r2", ("grant", "Planner"), commit="a3"),
        attempt("r3", ("retime", "Planner"), commit="a4"),
        attempt("r4", ("grant", "Planner"), commit="elsewhere"),
        attempt("r5", ("grant", "Planner")),
    )
    order = ("a1", "a2", "a3", "a4")
    since = told(*LIFE, attempts=wrote, order=order)
    whole = told(*LIFE, attempts=wrote, order=order, whole=("planner",))
    assert [item.run for item in since.attempts] == ["r2", "r3", "r4", "r5"]
    assert [item.run for item in whole.attempts] == ["r1", "r2", "r3", "r4", "r5"]


@pytest.mark.parametrize(("commit", "followed"), [("a3", False), ("a4", True), ("a5", True), (None, False)])
def test_last_change_is_followed_by_a_run_of_its_commit_or_a_later_one(
    commit: str | None, followed: bool
) -> None:
    wrote = (attempt("r1", ("grant", "Planner"), commit=commit),)
    grant = told(*LIFE[:4], attempts=wrote, order=("a1", "a2", "a3", "a4", "a5"))
    assert (len(grant.attempts), grant.followed) == (1, followed)


# --- the journal ----------------------------------------------------------------------------------

APPROVED = {
    "commit": "a1",
    "pull_request": 12,
    "url": "https://git.huaxin.example/12",
    "author": "chen.jing",
    "merged_by": "lintao",
    "approvals": [
        {"user": "wu.lan", "handle": "WuLan-hx", "at": "2026-11-20T12:00:00+00:00", "commit": "b1"}
    ],
}


def entry(event: str, /, run: str = "r1", target: str = "erp", **more: Any) -> dict[str, Any]:
    return {"event": event, "run": run, "target": target, "at": "2026-11-20T12:00:00+00:00", **more}


BEGIN = entry(
    "begin",
    plan="sha256:1",
    commit="a1+",
    job="https://git.huaxin.example/job/1",
    by="wu.lan",
    approved=[APPROVED],
)
INTEND = entry(
    "intend",
    user="chen.jing",
    login="CJ0023",
    changes=[
        {"kind": "create", "subject": ""},
        {"kind": "grant", "subject": "Buyer"},
        {"kind": "rescope", "subject": "company"},
    ],
)
OUTCOME = entry("outcome", login="cj0023", status="failed", message="the ERP refuses")


def test_run_is_told_with_plan_job_commit_and_outcome() -> None:
    (found,) = attempts_of([BEGIN, INTEND, OUTCOME], ["Chen.Jing"])
    assert found == Attempt(
        run="r1",
        at=NOON,
        target="erp",
        login="CJ0023",
        changes=(("grant", "Buyer"),),
        by="wu.lan",
        plan="sha256:1",
        commit="a1",
        job="https://git.huaxin.example/job/1",
        status="failed",
        message="the ERP refuses",
        carries=frozenset({"a1"}),
    )


def test_run_without_an_outcome_has_none() -> None:
    (found,) = attempts_of([BEGIN, INTEND], ["chen.jing"])
    assert found.status is None


def test_entries_without_a_beginning_leave_open_what_it_would_say() -> None:
    (found,) = attempts_of([{**INTEND, "at": "yesterday"}], ["chen.jing"])
    assert (found.plan, found.commit, found.by, found.at, found.carries) == (
        None,
        None,
        None,
        None,
        frozenset(),
    )


def test_outcomes_of_others_and_of_other_targets_are_not_taken() -> None:
    others = [
        entry("outcome", login="wu.lan", status="done"),
        entry("outcome", target="crm", login="CJ0023", status="done"),
        entry("outcome", run="r2", login="CJ0023", status="done"),
        entry("intend", user="wu.lan", login="wu.lan", changes=[{"kind": "grant", "subject": "Buyer"}]),
        entry("end"),
    ]
    (found,) = attempts_of([BEGIN, INTEND, *others], ["chen.jing"])
    assert found.status is None


def test_earlier_keys_are_the_same_user() -> None:
    assert len(attempts_of([INTEND, {**INTEND, "run": "r2", "user": "jing"}], ["chen.jing", "jing"])) == 2


def test_run_that_changes_no_entitlement_is_not_told() -> None:
    lock = {**INTEND, "changes": [{"kind": "lock", "subject": ""}]}
    assert attempts_of([BEGIN, lock], ["chen.jing"]) == ()


def test_evidence_is_that_of_the_first_run_that_knows_of_a_commit() -> None:
    later = entry("begin", run="r2", approved=[{**APPROVED, "pull_request": 99}])
    assert evidence_in([entry("begin", run="r0"), BEGIN, INTEND, later]) == {
        "a1": Evidence(
            12, "https://git.huaxin.example/12", "chen.jing", "lintao", (("wu.lan", "WuLan-hx", NOON),)
        )
    }


def test_place_and_day_are_kept() -> None:
    chen = user(assignments=[replace(assign("planner", first=date(2027, 1, 1)), at=Location("a.yaml", 7, 3))])
    (held,) = held_roles(chen, company(chen))["planner"]
    assert (held.at, held.span) == (Location("a.yaml", 7, 3), (date(2027, 1, 1), None))
