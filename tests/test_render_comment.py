"""The comment of a pull request: golden files, what stands where, bounds, and that it grows in step."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from erpsync.errors import ErpsyncError, TargetError, UsageError
from erpsync.model import Account, Finding, Grant, Location, Risk
from erpsync.plan import Plan
from erpsync.proposal import Proposal
from erpsync.render import escape
from erpsync.render.comment import (
    MARKER,
    MOST_FINDINGS,
    MOST_LINES,
    RESULT_MARKER,
    render_comment,
    render_failure,
    render_invalid,
    safe_address,
)
from erpsync.render.page import LIMIT, size
from erpsync.review import Reviewed
from tests.comment_values import FULL, base, head, many, plan, reviewed
from tests.golden import FOLDER, check_golden
from tests.rendered_values import change, findings, large_plan, plan_of, target, unread_plan

NOTHING = Proposal((), ())
FAILURE = TargetError("cannot be reached", where="target erp", hint="is it up?")


def comment(seen: Reviewed | None = None, made: Plan | None = None, **more: Any) -> str:
    return render_comment(seen or reviewed(), made or plan(), base(), head(), **{"full": FULL, **more})


PAGES: dict[str, Callable[[], str]] = {
    "comment.md": comment,
    "comment_zh.md": lambda: comment(lang="zh"),
    "comment_targets.md": lambda: comment(reviewed(NOTHING, ()), unread_plan()),
    "comment_targets_zh.md": lambda: comment(reviewed(NOTHING, ()), unread_plan(), lang="zh"),
    "comment_nothing.md": lambda: comment(reviewed(NOTHING, ()), plan_of(target("erp"))),
    "comment_invalid.md": lambda: render_invalid(findings(), full=FULL),
    "comment_failure.md": lambda: render_failure(FAILURE),
}


@pytest.mark.parametrize("name", PAGES)
def test_comment_is_as_in_the_golden_file(name: str) -> None:
    check_golden(FOLDER / name, PAGES[name]())


@pytest.mark.parametrize("name", PAGES)
def test_marker_is_the_first_line_and_stands_once(name: str) -> None:
    page = PAGES[name]()
    assert page.startswith(f"{MARKER}\n")
    assert page.count(MARKER) == 1
    assert RESULT_MARKER not in page


def test_marker_can_be_chosen() -> None:
    assert comment(marker="<!-- mine -->").startswith("<!-- mine -->\n### ")


def test_headline_is_the_first_visible_line_of_a_whole_comment() -> None:
    assert comment().splitlines()[1].startswith("### ")
    assert "Cut short" not in comment()


def test_language_without_words_is_wrong_usage() -> None:
    with pytest.raises(UsageError):
        comment(lang="fr")


# --- what stands where ----------------------------------------------------------------------------------


def test_sections_stand_in_the_order_of_reading() -> None:
    titles = re.findall(r"^#### (\w+)", comment(), re.MULTILINE)
    assert titles == ["Who", "What", "Approvals", "Refused", "What", "Not"]


def test_changes_that_the_proposal_does_not_explain_stand_under_their_own_heading() -> None:
    ours, others = comment().split("#### Not from this pull request")
    assert "grant Purchase Approver" in ours
    assert "revoke Hand-made" not in ours
    assert "revoke Hand-made" in others
    assert "- **lin.tao" in others


def test_without_drift_there_is_no_heading_for_it() -> None:
    made = plan()
    ours = replace(made.targets[0], accounts=made.targets[0].accounts[1:2])
    assert "Not from this pull request" not in comment(made=replace(made, targets=(ours,)))


def test_within_the_limits_there_is_no_word_of_them() -> None:
    assert "over a limit" in comment()
    assert "over a limit" not in comment(made=plan_of(target("erp")))


def test_nothing_to_do_says_why_and_shows_no_empty_section() -> None:
    page = comment(reviewed(NOTHING, ()), plan_of(target("erp")))
    assert "### Nothing changes: the files differ only in comments and layout" in page
    assert "Who gains" not in page
    assert "What else" not in page
    assert "<details>" not in page


def test_change_of_other_files_alone_is_told_so() -> None:
    assert "### No access changes: only files outside" in comment(reviewed(NOTHING))


def test_what_only_begins_later_is_told_so() -> None:
    later = "Nothing changes today; what begins or ends later"
    assert later in comment(made=plan_of(target("erp")))
    assert later not in comment()
    assert later not in comment(reviewed(NOTHING, ()), plan_of(target("erp")))


def test_without_a_live_plan_the_rest_is_told() -> None:
    page = render_comment(reviewed(), None, base(), head())
    assert "No live plan was made" in page
    assert "陈静" in page
    assert "---\n" not in page.split("|---")[-1]


def test_footer_says_what_it_was_made_from() -> None:
    foot = comment().splitlines()[-1]
    for part in ("commit 0123456789ab ", "as of 2026-11-20", "expires 2026-11-21 08.30 UTC", "erpsync 0.0.0"):
        assert part in foot
    assert re.search(r"plan sha256:[0-9a-f]{64} ", foot)
    assert foot.endswith(f"[the full plan]({FULL})")
    assert "commit" not in comment(made=replace(plan(), commit=None)).splitlines()[-1]


def test_user_with_many_changes_is_told_in_several_entries() -> None:
    one = many(2).changes[0]
    proposal = Proposal(tuple(replace(one, subject=f"role.{n}") for n in range(MOST_LINES + 1)), ())
    page = comment(reviewed(proposal))
    assert page.count("- **user.00000** (user.00000)\n") == 2
    assert page.count("  - gains ") == MOST_LINES + 1


def test_account_with_many_changes_is_shown_in_several_entries() -> None:
    grants = tuple(Grant(f"Grant {number:03}") for number in range(MOST_LINES))
    made = plan_of(target("erp", change("new", None, Account("new", None, grants=grants), Risk.LOW)))
    assert comment(made=made).count("- **new**, low risk\n") == 2


# --- addresses --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "artifact access-plan", "https://" + "x" * 3000, "HTTPS//x", "//evil.example"],
)
def test_what_is_no_address_of_the_web_is_shown_as_words(address: str) -> None:
    assert safe_address(address) is None
    assert "](" not in comment(full=address)
    assert "the full plan (" in comment(full=address)


def test_address_cannot_end_the_link_it_stands_in() -> None:
    assert safe_address("https://x.example/a?b=1&c=%20#d") == "https://x.example/a?b=1&c=%20%23d"
    assert safe_address("https://x/)[y](z) <b>|\n\"'") == "https://x/%29%5By%5D%28z%29%20%3Cb%3E%7C%0A%22%27"


# --- bounds -------------------------------------------------------------------------------------------------


def fits(page: str) -> bool:
    counts = (len(page), len(page.encode()), len(page.encode("utf-16-le")) // 2)
    return size(page) <= LIMIT and max(counts) < 65_536


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_70000_changes_fit_and_the_first_visible_line_says_what_is_left_out(lang: str) -> None:
    page = comment(reviewed(many(70_000)), lang=lang)
    assert fits(page)
    first = page.splitlines()[1]
    found = re.fullmatch(r"> \*\*(?:Cut short|内容过长)\*\*\D*(\d+)\D.*\((https://\S+)\)[^)]*", first)
    assert found is not None
    assert found[2] == FULL
    shown = page.count("- **user.")
    # Of the live plan there are four entries more.
    assert 35_000 <= shown + int(found[1]) <= 35_004


def test_a_plan_of_20000_accounts_fits_and_leaves_room_for_what_is_approved() -> None:
    page = comment(made=large_plan(20_000))
    assert fits(page)
    assert "Cut short" in page.splitlines()[1]
    assert "gains *Purchase approver* until 2026-12-31" in page
    assert "key user of Materials" in page
    assert page.count("</details>") == page.count("<details>")


def test_cut_comment_keeps_every_approval_and_its_end() -> None:
    page = comment(reviewed(many(5000)))
    assert "key user of Materials" in page
    assert "#### What will change in the ERP" in page
    assert page.splitlines()[-1].startswith("commit ")


def test_cut_says_where_everything_is_also_without_an_address() -> None:
    assert "All of them: the full plan." in comment(reviewed(many(5000)), full="").splitlines()[1]


def test_values_of_any_length_fit() -> None:
    long = "\U000e0001&#@" * 50_000
    one = replace(many(2).changes[0], user=long, subject=long, reason=long, request=long)
    proposal = Proposal(tuple(replace(one, user=f"{n}{long}", subject=f"{n}{long}") for n in range(9)), ())
    seen = replace(reviewed(proposal), given={})
    page = comment(seen, replace(plan(), tool=long, commit=long), full=long)
    assert fits(page)
    assert page.splitlines()[-1]


def test_work_grows_in_step_with_the_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    plain = escape.plain

    def counted(text: str) -> str:
        nonlocal calls
        calls += 1
        return plain(text)

    monkeypatch.setattr(escape, "plain", counted)
    counts = []
    for number in (2000, 4000):
        calls = 0
        comment(reviewed(many(number)))
        counts.append(calls)
    assert counts[1] <= 2 * counts[0]


# --- files that are not valid, plans that could not be made -------------------------------------------------


def test_invalid_files_show_the_findings_and_nothing_else() -> None:
    page = render_invalid(findings())
    assert "### The access files are not valid: 4 findings. Nothing was planned." in page
    assert "- **error** access/users/purchasing.yaml:12: unknown key 'emial'" in page
    assert "####" not in page
    assert "1 finding." in render_invalid(findings()[:1])


def test_many_findings_are_cut_and_counted() -> None:
    found = [Finding("rule", f"finding {n}", Location("a.yaml", n, 1)) for n in range(MOST_FINDINGS + 1)]
    page = render_invalid(found)
    assert page.count("- **error** ") == MOST_FINDINGS
    assert "… and 1 more finding." in page
    assert "more finding" not in render_invalid(found[1:])


def test_findings_of_any_length_fit() -> None:
    found = [Finding("r" * 9000, "陈" * 9000, Location("x" * 9000, 1, 1), "h" * 9000)] * 5000
    assert fits(render_invalid(found))


def test_failure_says_what_happened_where_and_what_to_do() -> None:
    page = render_failure(FAILURE)
    assert "### The plan could not be made" in page
    assert "> target erp: cannot be reached\n" in page
    assert "> hint: is it up?\n" in page
    assert fits(render_failure(ErpsyncError("陈\n" * 100_000)))
