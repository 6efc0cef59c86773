"""Which approvals are needed and given, on a terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from erpsync.approvals import Requirement, Verdict
from erpsync.forge.base import Review, ReviewState
from erpsync.model import Approver, ChangeKind
from erpsync.proposal import EntryChange, Proposal, Proposed
from erpsync.render.verdicts import SHOWN, render_verdicts
from erpsync.review import Reviewed
from tests.builders import AT, declare, user

PEOPLE = declare(users=[user("wu.lan", name="吴兰"), user("lin.tao", name="林涛")])
HEAD = Requirement(
    Approver.DEPARTMENT_HEAD,
    "purchasing",
    ("wu.lan",),
    changes=(Proposed("chen.jing", ChangeKind.CREATE, AT),),
)
KEY = Requirement(Approver.KEY_USER, "materials", ("lin.tao", "gone"), files=("README.md",))
REVIEW = Review("wu-lan", ReviewState.APPROVED, "a" * 40, datetime(2026, 11, 20, 9, 30, tzinfo=UTC))


def told(*verdicts: Verdict) -> str:
    return render_verdicts(Reviewed(Proposal((), ()), verdicts, None, {"wu.lan": REVIEW}), PEOPLE)


def test_nothing_is_needed() -> None:
    assert told() == "no approval is needed\n"


def test_given_and_missing_approvals_say_by_whom_or_whom_to_ask() -> None:
    assert told(Verdict(HEAD, ("wu.lan",)), Verdict(KEY, ())) == (
        "given   head of purchasing: wu.lan (吴兰) on 2026-11-20 09:30 UTC\n"
        "        for chen.jing\n"
        "missing key user of materials: ask lin.tao (林涛) or gone\n"
        "        for README.md\n"
        "2 approvals needed, 1 approval missing\n"
    )


def test_all_are_given() -> None:
    assert told(Verdict(HEAD, ("wu.lan",))).endswith("1 approval needed, all given\n")


def test_why_others_are_asked_is_told_and_that_nobody_can() -> None:
    alone = replace(HEAD, people=(), instead="wu.lan cannot, so the oversight office")
    assert told(Verdict(alone, ())).splitlines()[:2] == [
        "missing head of purchasing: nobody can give it",
        "        wu.lan cannot, so the oversight office",
    ]


def test_of_very_many_subjects_the_rest_is_counted() -> None:
    entries = tuple(EntryChange("roles", f"r{n}", "added", AT) for n in range(SHOWN + 2))
    line = told(Verdict(replace(HEAD, changes=(), entries=entries), ())).splitlines()[1]
    assert line.startswith("        for roles/r0, roles/r1, ")
    assert line.endswith(" and 2 more")


def test_what_the_files_hold_is_harmless() -> None:
    text = told(Verdict(replace(KEY, of="a\x1b[2J", files=("b\u202e\n.md",)), ()))
    assert not {"\x1b", "\u202e"} & set(text)
    assert len(text.splitlines()) == 3
