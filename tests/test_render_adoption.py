"""Adopted drift in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from erpsync.adopt import Adoption, Difference
from erpsync.model import Account, Capabilities, Catalogue, Change, ChangeKind, Grant, LastChange, Location
from erpsync.render.adoption import Told, render_markdown, render_text
from erpsync.render.page import LIMIT, size
from tests.builders import Case, declare, make_target, snapshot

LAST = LastChange("何琪 (he.qi)", datetime(2026, 11, 20, 9, 14, tzinfo=UTC))


def holds(
    user: str, what: str = "Cashier", *, why_not: str = "", last: LastChange | None = None
) -> Difference:
    change = Change(ChangeKind.REVOKE, what, before=(Grant(what),))
    return Difference("erp", user, change, last, why_not)


def told(*differences: Difference, files: tuple[str, ...] = ("access/users.yaml",)) -> Told:
    """Drift of one target, which has a stranger too."""
    case = Case(
        declare(target=make_target(unmanaged_is_drift=True)),
        snapshot(Account("stranger")),
        Catalogue(frozenset()),
        Capabilities(validity=True),
    )
    places = {item.user: Location("access/users.yaml", 7, 3) for item in differences}
    adoption = Adoption(differences, {})
    return Told(date(2026, 11, 22), (case.target_plan(),), adoption, places, files, Path("access"))


def test_the_differences_of_a_user_stand_together_with_who_changed_them_and_when() -> None:
    text = render_text(
        told(holds("chen.jing", last=LAST), holds("chen.jing", "Buyer", last=LAST), holds("lin.tao"))
    )
    assert (
        "access/users.yaml:7  chen.jing in erp\n"
        "  + holds Cashier\n"
        "  + holds Buyer\n"
        "    changed there by 何琪 (he.qi) on 2026-11-20 09:14\n"
        "\n"
        "access/users.yaml:7  lin.tao in erp\n"
        "  + holds Cashier\n"
        "\n"
    ) in text


def test_where_everything_is_adopted_there_is_nothing_to_undo() -> None:
    assert "--revert" not in render_text(told(holds("chen.jing")))
    assert "--revert" in render_text(told(holds("chen.jing", why_not="no role")))


def test_of_a_value_it_is_told_what_git_said_before() -> None:
    change = Change(ChangeKind.UPDATE, "email", "b@huaxin.example", "a@huaxin.example")
    text = render_text(told(Difference("erp", "chen.jing", change)))
    assert "  + email is b@huaxin.example, declared a@huaxin.example before\n" in text


def test_colours_go_through_paint() -> None:
    text = render_text(
        told(holds("chen.jing"), holds("lin.tao", why_not="no role")), lambda text, _: f"<{text}>"
    )
    assert "<+ holds Cashier>" in text
    assert "<  lin.tao in erp holds Cashier: no role>" in text


def test_what_the_erp_says_is_no_markup_and_no_escape_sequence() -> None:
    last = LastChange("@he.qi\x1b[2J", LAST.at)
    page = render_markdown(told(holds("chen.jing", "<b>", last=last)))
    assert "<b>" not in page
    assert "@he.qi" not in page
    assert "\x1b" not in page + render_text(told(holds("chen.jing", last=last)))


def test_a_page_says_how_much_it_leaves_out() -> None:
    page = render_markdown(told(*(holds(f"user.{number}") for number in range(5000))))
    assert size(page) <= LIMIT
    assert "> **Cut short**: " in page
    assert "user.0" in page


def test_a_page_without_anything_adopted_has_only_what_is_left() -> None:
    page = render_markdown(told(holds("chen.jing", why_not="no role"), files=()))
    assert "Git says now" not in page
    assert (
        "Not adopted:\n\n- chen.jing in erp holds Cashier: no role\n- stranger in erp: git does not know it"
        in page
    )
