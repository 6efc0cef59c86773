"""Why a user has what: every kind of way, and every state it can be in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from erpsync.access import load_valid
from erpsync.explain import explain_user
from erpsync.model import Account, Capabilities, Grant
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import MemoryErp

DAY = date(2026, 11, 22)


def explain(access: AccessFiles, user: str, erp: MemoryErp | None, day: date = DAY) -> list[str]:
    """The lines of an explanation, without the place each names."""
    declared = load_valid(access.path)
    text = explain_user(declared, declared.targets["erp"], declared.users[user], day, erp)
    root = str(access.path.parent)
    return [line.replace(f"{root}/", "") for line in text.splitlines() if line]


def erp_with(*accounts: Account) -> MemoryErp:
    """An ERP with these accounts."""
    erp = MemoryErp()
    for account in accounts:
        erp.put(account)
    return erp


def test_a_position_is_a_way(access: AccessFiles) -> None:
    access.users(buyer("chen.jing"))
    lines = explain(access, "chen.jing", erp_with(Account("chen.jing", grants=(Grant("Buyer"),))))
    assert lines == [
        "chen.jing (陈静): dedicated, buyer, purchasing; is active (access/people.yaml:2)",
        "in erp as chen.jing: account active",
        "  ✓ Buyer",
        "      position buyer (access/people.yaml:2)",
    ]


def test_a_birthright_rule_is_a_way(access: AccessFiles) -> None:
    rule = "{title: All, when: {type: [dedicated]}, roles: [purchasing.buyer]}"
    access.write("birthright.yaml", f"birthright:\n  everyone: {rule}\n")
    lines = explain(access, "wu.lan", erp_with(Account("wu.lan", grants=(Grant("Buyer"),))))
    assert lines[2:] == ["  ✓ Buyer", "      birthright rule everyone (access/birthright.yaml:2)"]


def test_an_assignment_is_a_way_with_its_dates_and_request(access: AccessFiles) -> None:
    assign(access, "purchasing.planner", "valid_from: 2026-11-01, valid_to: 2026-12-31, request: REQ-7")
    held = Grant("Planner", None, date(2026, 12, 31))
    lines = explain(access, "chen.jing", erp_with(Account("chen.jing", grants=(held,))))
    assert lines[2:] == [
        "  ✓ Planner",
        "      assignment from 2026-11-01 until 2026-12-31, REQ-7 (access/people.yaml:2)",
    ]


def test_an_included_role_shows_the_chain(access: AccessFiles) -> None:
    assign(access, "purchasing.lead", "request: REQ-8")
    lines = explain(access, "chen.jing", None)
    assert (
        "      assignment through purchasing.lead → purchasing.buyer, REQ-8 (access/people.yaml:2)" in lines
    )


def test_every_way_to_the_same_grant_is_shown(access: AccessFiles) -> None:
    access.users(buyer("chen.jing", more=", assignments: [{role: purchasing.buyer, reason: also}]"))
    lines = explain(access, "chen.jing", None)
    assert lines[2:] == [
        "  ✓ Buyer",
        "      position buyer (access/people.yaml:2)",
        "      assignment (access/people.yaml:2)",
    ]


@pytest.mark.parametrize(
    ("dates", "state"),
    [("valid_to: 2026-10-31", "ended: "), ("valid_from: 2027-01-01, valid_to: 2027-12-31", "not yet: ")],
)
def test_a_way_that_is_closed_says_so(access: AccessFiles, dates: str, state: str) -> None:
    assign(access, "purchasing.planner", dates)
    lines = explain(access, "chen.jing", erp_with(Account("chen.jing")))
    assert lines[3].strip().startswith(f"{state}assignment ")


@pytest.mark.parametrize(
    ("held", "mark"),
    [
        ((), "  ✗ Buyer  [the target does not have it]"),
        ((Grant("Buyer"),), "  ✓ Buyer"),
        ((Grant("Buyer", None, date(2026, 11, 21)),), "  ✗ Buyer  [the target does not have it]"),
    ],
)
def test_whether_the_target_really_has_a_grant(
    access: AccessFiles, held: tuple[Grant, ...], mark: str
) -> None:
    access.users(buyer("chen.jing"))
    assert mark in explain(access, "chen.jing", erp_with(Account("chen.jing", grants=held)))


def test_what_nothing_in_git_grants_is_pointed_out(access: AccessFiles) -> None:
    lines = explain(access, "wu.lan", erp_with(Account("wu.lan", grants=(Grant("Planner"),))))
    assert lines[2:] == [
        "  ✗ Planner  [the target has it, it should not]",
        "      nothing in git grants it",
    ]


def test_the_grants_of_who_left_should_not_be_there(access: AccessFiles) -> None:
    access.users(buyer("chen.jing", more=", status: left"))
    lines = explain(access, "chen.jing", erp_with(Account("chen.jing", grants=(Grant("Buyer"),))))
    assert "has left" in lines[0]
    assert lines[2] == "  ✗ Buyer  [the target has it, it should not]"


def test_a_locked_account_says_so(access: AccessFiles) -> None:
    access.users(buyer("chen.jing", more=", status: locked"))
    lines = explain(access, "chen.jing", erp_with(Account("chen.jing", active=False)))
    assert "is locked" in lines[0]
    assert lines[1] == "in erp as chen.jing: account locked"


def test_an_account_that_is_not_there_says_so(access: AccessFiles) -> None:
    lines = explain(access, "wu.lan", erp_with())
    assert lines[1:] == ["in erp as wu.lan: account does not exist", "  no grants"]


def test_an_account_still_under_its_earlier_login_is_found(access: AccessFiles) -> None:
    access.users(buyer("chen.jing", more=", previously: [wang.jing]"))
    lines = explain(access, "chen.jing", erp_with(Account("wang.jing", grants=(Grant("Buyer"),))))
    assert "does not exist" not in lines[1]
    assert lines[2] == "  ✓ Buyer"


def test_a_grant_with_other_dates_than_declared_is_not_as_it_should_be(access: AccessFiles) -> None:
    assign(access, "purchasing.planner", "valid_to: 2026-12-31")
    lines = explain(access, "chen.jing", erp_with(Account("chen.jing", grants=(Grant("Planner"),))))
    assert lines[2].startswith("  ✗ Planner")


def test_offline_leaves_open_what_the_target_has(access: AccessFiles) -> None:
    assign(access, "purchasing.planner", "valid_to: 2026-10-31")
    lines = explain(access, "chen.jing", None)
    assert lines[1:3] == ["in erp as chen.jing: account not asked", "  · Planner  [not now]"]


def test_a_target_without_dates_has_no_grant_that_begins_later(access: AccessFiles) -> None:
    assign(access, "purchasing.planner", "valid_from: 2027-01-01")
    erp = erp_with(Account("chen.jing"))
    erp.capabilities = Capabilities(validity=False)
    assert "  · Planner  [not now]" in explain(access, "chen.jing", erp)


def test_names_from_the_erp_cannot_paint_the_terminal(access: AccessFiles) -> None:
    lines = explain(access, "wu.lan", erp_with(Account("wu.lan", grants=(Grant("\x1b[2J\u202eeveil"),))))
    assert not any("\x1b" in line or "\u202e" in line for line in lines)


def test_colours_follow_the_marks(access: AccessFiles) -> None:
    access.users(buyer("chen.jing"))
    declared = load_valid(access.path)
    used: list[str] = []
    erp = erp_with(Account("chen.jing", grants=(Grant("Buyer"), Grant("Clerk"))))

    def paint(text: str, style: str) -> str:
        used.append(style)
        return text

    explain_user(declared, declared.targets["erp"], declared.users["chen.jing"], DAY, erp, paint)
    assert used == ["green", "red"]


def assign(access: AccessFiles, role: str, more: str) -> Path:
    """Declare chen.jing with one assignment and nothing else."""
    item = f"{{role: {role}, reason: needed, {more}}}"
    return access.users(
        f"chen.jing: {{name: 陈静, department: purchasing, type: dedicated, assignments: [{item}]}}"
    )


def test_what_comes_with_an_entitlement_names_it(access: AccessFiles) -> None:
    access.users(buyer("chen.jing"))
    erp = MemoryErp(implies={"Buyer": frozenset({"Staff"})})
    erp.capabilities = Capabilities(validity=True, implies=True)
    erp.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"),)))
    lines = explain(access, "chen.jing", erp)
    assert any("comes with Buyer, position buyer" in line for line in lines), lines
