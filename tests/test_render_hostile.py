"""What a value could do to a comment: nothing. Comments are read as a forge reads them.

The shape of a comment (all elements, without their text) must be the same whatever the values are, so
no value opens or ends a link, a table cell, a list or a piece of HTML.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.apply import Result
from erpsync.approvals import Requirement, Verdict
from erpsync.connectors.base import Outcome, Status
from erpsync.errors import TargetError
from erpsync.model import (
    Access,
    Account,
    Approver,
    Change,
    ChangeKind,
    Finding,
    Grant,
    HeldBack,
    Location,
    Reason,
    Risk,
    Role,
    Subsystem,
    Way,
)
from erpsync.plan import Plan, TargetPlan
from erpsync.proposal import EntryChange, Proposal, Proposed
from erpsync.render.comment import MARKER, RESULT_MARKER, render_comment, render_failure, render_invalid
from erpsync.render.page import LIMIT, size
from erpsync.render.result_comment import render_result
from erpsync.review import Reviewed
from erpsync.run import Run
from tests.builders import declare, user
from tests.comment_values import FULL, UNTIL
from tests.rendered_values import HARMFUL, change, plan_of
from tests.support.page_reader import hidden_characters, read_page, references

DETAILS = "<details>\n<summary>Show the accounts</summary>"
WORSE = (
    "]( https://evil.example \"x\")",
    "[x]: https://evil.example",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "<a@evil.example>",
    "</summary></details><script>alert(1)</script>",
    "<!-- erpsync: access plan -->",
    "-->",
    "&#64;admin &lt;b&gt; &commat;admin &num;1",
    "\\|\\\\| a |\\",
    "` ``` ~~~",
    "***bold*** __x__ ~~y~~",
    "- item\n1. item\n> quote\n# title\n---\n***\n    code",
    "mailto:a@evil.example xmpp:a@evil.example ftp://evil.example",
    "x @\u2060admin @\u00adadmin @admin＠admin",
    "\u202egpj.exe \u2067x\u2069 \ufeff \u200d \U000e0041",
    "\ud800 \udcff \x00 \x7f \x85 \u2028",
    "{user} {0} {} %s $HOME $(id) ${{ secrets.X }}",
    "GH-1 gh-2 #1 org/repo#3 @org/team",
    "| --- | --- |",
    *"*_`|\\<&@#[]!\n\t \u3000\u200b\u00a0",
)  # fmt: skip


def poisoned_access(text: str) -> Access:
    """Declared values whose every text is the given one."""
    person = replace(user(text, name=text), forge={"github": text})
    role = Role(text, text, Location(text, 1, 1), title_zh=text, risk=Risk.HIGH, subsystem=text, owner=text)
    area = Subsystem(text, role.at, text, text, text, text, (text,))
    return replace(declare(users=[person], roles=[role]), subsystems={text: area})


def poisoned_review(text: str) -> Reviewed:
    at = Location(text, 7, 1)
    values = ((f"x{text}",), (f"y{text}", text))
    changes = (
        Proposed(
            text, ChangeKind.GRANT, at, text, after=(UNTIL,), way=Way.POSITION, reason=text, request=text
        ),
        Proposed(f"other {text}", ChangeKind.RESCOPE, at, f"kind {text}", *values),
        Proposed(f"third {text}", ChangeKind.UPDATE, at, f"key {text}", *values),
        Proposed(f"fourth {text}", ChangeKind.LOCK, at, "", (f"was {text}",), (f"is {text}",)),
    )
    entries = (
        EntryChange(f"section {text}", text, f"what {text}", at),
        EntryChange("roles", text, "added", at),
    )
    need = Requirement(Approver.KEY_USER, text, (text,), f"why {text}", changes, entries, (text,))
    verdicts = (Verdict(need, ()), Verdict(replace(need, people=(text, f"p {text}")), (text,)))
    return Reviewed(Proposal(changes, entries), verdicts)


def poisoned_plan(text: str) -> Plan:
    # A plan has a digest, so it cannot hold half a character.
    text = text.encode("utf-8", "replace").decode()
    reason = Reason(f"assignment {text}", Location(f"access/{text}.yaml", 1, 2), text, text)
    before = Account(f"login {text}", "name", scope={"company": ("A",)}, grants=(Grant("Sale"),))
    after = replace(before, name=f"n{text}", scope={"company": (f"c{text}",)}, grants=(Grant(f"g{text}"),))
    held = HeldBack("held", text, text, (Change(ChangeKind.GRANT, text, after=(Grant(text),)),))
    drifted = change(f"stranger {text}", before, after, Risk.LOW, reason)
    target = TargetPlan(
        text,
        "tryton",
        "instance",
        (drifted,),
        (held,),
        (Account(text, None),),
        unmanaged_is_drift=False,
        excess=(text,),
    )
    return replace(plan_of(target), commit=f"c{text}", tool=f"erpsync {text}")


def comment(text: str, lang: str = "en") -> str:
    access = poisoned_access(text)
    return render_comment(poisoned_review(text), poisoned_plan(text), access, access, lang=lang, full=FULL)


def invalid(text: str) -> str:
    return render_invalid([Finding(text, text, Location(text, 1, 1), f"hint {text}")])


def failure(text: str) -> str:
    # An error's words are lines; what a value brings into them must not be more than lines.
    line = " ".join(f"x {text}".split())
    return render_failure(TargetError(line, where=f"target {line}", hint=f"do {line}"))


def result(text: str) -> str:
    outcomes = (Outcome(text, Status.FAILED, f"m {text}"), Outcome(text, Status.DONE))
    run = Run(f"1{text}", f"by {text}", "host")
    return render_result([Result(text, outcomes, f"s {text}")], run)


PAGES: dict[str, Callable[[str], str]] = {
    "comment": comment,
    "comment in Chinese": lambda text: comment(text, "zh"),
    "invalid": invalid,
    "failure": failure,
    "result": result,
}
EVERY_PAGE = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())


def check(page: Callable[[str], str], text: str) -> None:
    shown = page(text)
    read, plain = read_page(shown), read_page(page("plain"))
    assert read.shape == plain.shape
    assert read.links == plain.links
    assert read.html == plain.html
    assert references(read) == []
    assert hidden_characters(shown) == set()
    assert size(shown) <= LIMIT


@EVERY_PAGE
@pytest.mark.parametrize("text", [*HARMFUL, *WORSE])
def test_hostile_value_changes_nothing_but_the_text(page: Callable[[str], str], text: str) -> None:
    check(page, text)


@EVERY_PAGE
@given(text=st.text(min_size=1, max_size=30))
def test_no_value_at_all_changes_anything_but_the_text(page: Callable[[str], str], text: str) -> None:
    check(page, text)


PIECES = [*"@#1a|\\`*_[]()<>!&;:/~\n -+=.{}$陈\u202e\u200b", "www.", "http", "GH-"]


@EVERY_PAGE
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
def test_no_mixture_of_what_means_something_does_anything(
    page: Callable[[str], str], pieces: list[str]
) -> None:
    check(page, "".join(pieces))


@EVERY_PAGE
def test_the_only_links_and_html_are_those_of_the_comment_itself(page: Callable[[str], str]) -> None:
    read = read_page(page("plain"))
    assert set(read.links) <= {FULL}
    chinese = DETAILS.replace("Show the accounts", "显示账号明细")
    assert set(read.html) <= {MARKER, RESULT_MARKER, DETAILS, chinese, "</details>"}
    assert "image" not in read.shape


def test_reader_sees_what_it_looks_for() -> None:
    bad = read_page(
        "[a](https://x.example) www.x.example ![i](j) <b> @admin GH-1 a@b.example | https://y.example\n\n<p>\n"
    )
    assert bad.links == ("https://x.example", "https://y.example")
    assert bad.html == ("<b>", "<p>")
    assert "image" in bad.shape
    assert {"www.", "@a", "GH-1", "a@b"} <= set(references(bad))
    assert hidden_characters("a\u202e\x1b\u200b\n") == {"\u202e", "\x1b"}
