"""Text for a terminal: golden files, bounds, and nothing that a value could do to a screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest

from erpsync.apply import Result
from erpsync.connectors.base import Outcome, Status
from erpsync.model import Account, AccountChange, Change, ChangeKind, Grant, Location, Reason, Risk
from erpsync.plan import Plan
from erpsync.render.text import (
    SHOWN,
    bounded,
    no_paint,
    render_drift,
    render_findings,
    render_plan,
    render_results,
)
from erpsync.render.words import because, found, plural, sentence
from tests.golden import FOLDER, check_golden
from tests.rendered_values import (
    change,
    findings,
    harmful_findings,
    harmful_plan,
    large_plan,
    ordinary_plan,
    plan_of,
    results,
    target,
    unread_plan,
)

TEXTS = {
    "plan.txt": lambda: render_plan(ordinary_plan()),
    "drift.txt": lambda: render_drift(ordinary_plan()),
    "harmful_plan.txt": lambda: render_plan(harmful_plan()),
    "harmful_drift.txt": lambda: render_drift(harmful_plan()),
    "unread_plan.txt": lambda: render_plan(unread_plan()),
    "findings.txt": lambda: render_findings(findings()),
    "harmful_findings.txt": lambda: render_findings(harmful_findings()),
    "results.txt": lambda: render_results(results()),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_as_in_the_golden_file(name: str) -> None:
    check_golden(FOLDER / name, TEXTS[name]())


@pytest.mark.parametrize("name", TEXTS)
def test_no_control_format_or_bidirectional_character_reaches_the_screen(name: str) -> None:
    text = TEXTS[name]()
    categories = {unicodedata.category(char) for char in text.replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_each_value_stays_on_its_line() -> None:
    lines = render_findings(harmful_findings()).splitlines()
    assert len(lines) == 2 * len(harmful_findings())


def test_colours_are_asked_for_and_change_no_word() -> None:
    seen = []

    def paint(text: str, colour: str) -> str:
        seen.append(colour)
        return text

    for render in (render_plan, render_drift):
        assert render(ordinary_plan(), paint) == render(ordinary_plan(), no_paint)
    assert render_findings(findings(), paint) == render_findings(findings())
    assert render_results(results(), paint) == render_results(results())
    assert {"bold", "red", "green", "yellow", "bright_red", "bright_black"} <= set(seen)


@pytest.mark.parametrize("render", [render_plan, render_drift])
def test_long_lists_are_cut_and_say_how_much_is_left_out(render: Callable[[Plan], str]) -> None:
    text = render(large_plan(SHOWN + 34))
    assert text.count("… and 34 more, left out here; --format json has them all") == 3
    assert f"user.{SHOWN - 1:05}" in text
    assert f"user.{SHOWN:05}" not in text
    assert f"held.{SHOWN}:" not in text


def test_list_of_just_the_bound_is_whole() -> None:
    assert "left out" not in render_plan(large_plan(SHOWN))
    assert list(bounded(range(SHOWN))) == list(range(SHOWN))


def test_plan_without_changes_says_so() -> None:
    assert render_plan(plan_of(target("erp"))).splitlines()[-1] == "erp: no changes"
    assert render_drift(plan_of(target("erp"))).splitlines()[-1] == "erp: no drift"


def test_nothing_found_is_nothing_said() -> None:
    assert render_findings([]) == ""
    assert render_results([]) == ""


MEMBER = Account("a", "A", grants=(Grant("Sale"),))
GAIN = change("a", replace(MEMBER, grants=()), MEMBER, Risk.LOW)
LOSS = change("a", MEMBER, replace(MEMBER, grants=()), Risk.LOW)
LOCK = change("a", MEMBER, replace(MEMBER, active=False), Risk.LOW)
UPDATE = change("a", MEMBER, replace(MEMBER, name="B"), Risk.LOW)


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        ([GAIN], "1 user gains access"),
        ([GAIN] * 2, "2 users gain access"),
        ([LOSS], "1 user loses access"),
        ([LOSS] * 2, "2 users lose access"),
        ([LOCK], "1 user is locked"),
        ([LOCK] * 2, "2 users are locked"),
        ([UPDATE], "1 user updated"),
        ([GAIN, LOSS, LOCK, UPDATE], "1 user gains access, 1 loses it, 1 is locked, 1 other change"),
        ([GAIN, *[LOSS, LOCK, UPDATE] * 2], "1 user gains access, 2 lose it, 2 are locked, 2 other changes"),
    ],
)
def test_headline_says_what_happens_to_how_many(changes: list[AccountChange], headline: str) -> None:
    assert render_plan(plan_of(target("erp", *changes))).splitlines()[2] == f"erp: {headline}"


# --- words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "words"), [(0, "0 users"), (1, "1 user"), (2, "2 users")])
def test_plural(count: int, words: str) -> None:
    assert plural(count, "user") == words


def test_irregular_plural() -> None:
    assert (plural(1, "entry", "entries"), plural(2, "entry", "entries")) == ("1 entry", "2 entries")


@pytest.mark.parametrize(
    ("told", "done", "seen"),
    [
        (Change(ChangeKind.CREATE), "create the account", "has no account"),
        (Change(ChangeKind.LOCK), "lock the account", "can still log in"),
        (Change(ChangeKind.UNLOCK), "unlock the account", "is locked"),
        (Change(ChangeKind.GRANT, "Sale", after=(Grant("Sale"),)), "grant Sale", "lacks Sale"),
        (Change(ChangeKind.REVOKE, "Sale", before=(Grant("Sale"),)), "revoke Sale", "holds Sale"),
        (
            Change(ChangeKind.UPDATE, "email", None, "a@b.example"),
            "email: none → a@b.example",
            "email is none, declared a@b.example",
        ),
        (
            Change(ChangeKind.RESCOPE, "company", ("A", "B"), ()),
            "company: A, B → none",
            "company is A, B, declared none",
        ),
    ],
)
def test_change_is_told_as_what_is_done_and_as_what_is_found(told: Change, done: str, seen: str) -> None:
    assert (sentence(told), found(told)) == (done, seen)


def test_reason_names_request_and_place_where_it_has_them() -> None:
    assert because(Reason("position buyer")) == "position buyer"
    full = Reason("assignment", Location("access/a.yaml", 3, 5), "buyer", "REQ-1")
    assert because(full) == "assignment, REQ-1 (access/a.yaml:3)"


def test_what_was_handed_over_to_people_is_counted_and_not_called_done() -> None:
    order = Result(
        "u8", (Outcome("chen.jing", Status.HANDED_OVER, "line 1"), Outcome("he.qi", Status.FAILED, "no"))
    )
    assert render_results([order]) == (
        "u8: 1 failed, 1 handed over, not done yet\n"
        "  plan and drift go on showing it until the next export proves it done\n"
        "  he.qi: failed: no\n"
    )
