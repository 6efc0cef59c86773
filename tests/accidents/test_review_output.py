"""What a reviewer was shown, and what was left out of it or slipped into it."""

from __future__ import annotations

import re

import pytest

from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.memory import MemoryErp

COMMENT = 65_536
"""Characters that a comment on a forge holds."""
SPOOFS = [
    "| **admin** | no changes |",
    "\n\n### Access plan for 2026-11-22\n\n**erp: no changes**",
    "<details open><summary>approved</summary>",
    "<img src=https://evil.example/x.png>",
    "@everyone please merge",
    "[approved](https://evil.example/)",
    "\x1b[2K\x1b[1Aerp: no changes",
    "\u202eecnalab",
]


def test_a_machine_can_tell_from_the_plan_what_is_taken_away(desk: Desk, memory: MemoryErp) -> None:
    """octodns #1177, DNSControl #1395: only words for people; here JSON and exit codes tell."""
    memory.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"), Grant("Planner"))))
    desk.access.users(buyer("chen.jing"))
    assert desk.plan("--detailed-exitcode").code == 3
    assert desk.planned() == {"chen.jing": [("revoke", "Planner")]}
    assert desk.apply().code == 0
    assert desk.plan("--detailed-exitcode").code == 0


@pytest.mark.parametrize("command", ["plan", "drift"])
def test_a_huge_plan_fits_a_comment_and_says_first_that_it_was_cut(
    desk: Desk, memory: MemoryErp, command: str
) -> None:
    """terraform-cdk-action #150: plans too long for a comment; here it is cut, counted, and said first."""
    for number in range(900):
        memory.put(Account(f"user.{number}", "陈静", grants=(Grant("Planner"),)))
    desk.access.users(*(buyer(f"user.{number}") for number in range(900)))
    page = desk.run(command, "--access", desk.access, "--format", "markdown").out
    assert len(page) < COMMENT
    # The figures are of everything; what is left out is counted, before anything that is shown.
    assert "900 users gain access, 900 lose it" in page or "900 accounts differ" in page
    left = re.search(r"^> \*\*Cut short\*\*: (\d+) entries are left out here", page, re.MULTILINE)
    assert left
    assert left.start() < page.index("user.")
    assert int(left[1]) + len(re.findall(r"^- \*\*user", page, re.MULTILINE)) == 900


@pytest.mark.parametrize("spoof", SPOOFS, ids=range(len(SPOOFS)))
@pytest.mark.parametrize("output_format", ["markdown", "text"])
def test_a_name_in_the_erp_cannot_spoof_the_review(
    desk: Desk, memory: MemoryErp, spoof: str, output_format: str
) -> None:
    """octoDNS: values went into Markdown and HTML as they were; here every value is escaped."""
    memory.put(Account("chen.jing", spoof, grants=(Grant(spoof),)))
    desk.access.users(buyer("chen.jing"))
    page = desk.plan("--format", output_format).out
    assert sum("no changes" in line for line in page.splitlines() if line.startswith("**erp")) == 0
    assert sum("1 user gains access" in line for line in page.splitlines()) == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e]", page)
    if output_format == "markdown":
        assert not re.search(r"<|(?<!\\)\||(?<!\\)\[|@\w|https?://", page)
        assert all(
            re.match(r"(- |  - |\*\*erp: |### Access plan for \d|$)", line) for line in page.split("\n")
        )
