"""``erpsync sod``."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer

POLICY = """\
functions:
  PO: {title: Purchase order}
  PLAN: {title: Plan of demand}
  PAY: {title: Payment}
risks:
  X1:
    title: Plans and orders
    title_zh: 计划并采购
    functions: [PO, PLAN]
    level: high
    why: can order for nothing
  X2: {title: Orders and pays, functions: [PO, PAY], level: critical, why: can pay friends, response: block}
"""
ROLES = """\
roles:
  purchasing.orders: {title: Orders, subsystem: materials, owner: wu.lan, functions: [PO]}
  purchasing.plans: {title: Plans, subsystem: materials, owner: wu.lan, functions: [PLAN]}
  purchasing.pays: {title: Pays, subsystem: materials, owner: wu.lan, functions: [PAY]}
"""


@pytest.fixture
def company(access: AccessFiles) -> AccessFiles:
    """lin.tao orders and plans; chen.jing orders, until the end of the year."""
    access.write("policies.yaml", POLICY)
    access.write("duties.yaml", ROLES)
    orders = "{role: purchasing.orders, reason: orders, valid_to: 2026-12-31}"
    plans = "{role: purchasing.plans, reason: plans}"
    access.users(
        buyer("lin.tao", "林涛", f", assignments: [{orders}, {plans}]"),
        buyer("chen.jing", more=f", assignments: [{orders}]"),
    )
    return access


DAY = ("--as-of", "2026-11-20")


def test_all_conflicts_are_listed(erpsync: Command, company: AccessFiles) -> None:
    ran = erpsync("sod", "list", "--access", company, *DAY)
    assert (ran.code, ran.err) == (0, "")
    assert "X1 high: lin.tao (林涛) can order for nothing: PO by purchasing.orders" in ran.out
    assert ran.out.endswith("1 conflict: 1 not made up for, 0 blocking\n")


def test_they_are_listed_in_chinese(erpsync: Command, company: AccessFiles) -> None:
    ran = erpsync("sod", "list", "--lang", "zh", "--access", company, *DAY)
    assert "X1 高: lin.tao（林涛）计划并采购：" in ran.out


def test_they_are_listed_for_machines(erpsync: Command, company: AccessFiles) -> None:
    ran = erpsync("sod", "list", "--format", "json", "--access", company, *DAY)
    assert [item["id"] for item in json.loads(ran.out)["conflicts"]] == ["sod/X1:lin.tao"]


def test_after_the_last_day_of_one_side_there_is_none(erpsync: Command, company: AccessFiles) -> None:
    ran = erpsync("sod", "list", "--access", company, "--as-of", "2027-01-01")
    assert ran.out == "0 conflicts: 0 not made up for, 0 blocking\n"


def test_one_is_explained(erpsync: Command, company: AccessFiles) -> None:
    ran = erpsync("sod", "explain", "林涛", "X1", "--access", company, *DAY)
    assert ran.code == 0
    assert ran.out.startswith("lin.tao (林涛): can order for nothing, until 2026-12-31\n")
    assert f"PLAN ← purchasing.plans ← assignment ({company}/people.yaml:2)" in ran.out


def test_a_risk_that_is_not_declared_is_wrong_usage(erpsync: Command, company: AccessFiles) -> None:
    ran = erpsync("sod", "explain", "lin.tao", "X3", "--access", company)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "error: no risk 'X3' is declared\n  hint: risks: X1, X2\n"


def test_where_no_risk_is_declared_at_all_the_section_is_named(erpsync: Command, access: AccessFiles) -> None:
    ran = erpsync("sod", "explain", "wu.lan", "X3", "--access", access)
    assert ran.err == "error: no risk 'X3' is declared\n  hint: declare it under risks:\n"


def test_what_a_role_would_bring_is_told_without_being_refused(
    erpsync: Command, company: AccessFiles
) -> None:
    ran = erpsync(
        "sod", "what-if", "chen.jing", "--grant", "purchasing.plans",
        "--from", "2026-12-01", "--to", "2027-01-31", "--access", company, *DAY,
    )  # fmt: skip
    assert ran.code == 0
    assert "  + X1 high, from 2026-12-01 until 2026-12-31: chen.jing" in ran.out


def test_what_the_policy_would_block_is_refused(erpsync: Command, company: AccessFiles) -> None:
    ran = erpsync("sod", "what-if", "chen.jing", "--grant", "purchasing.pays", "--access", company, *DAY)
    assert ran.code == 4
    assert ran.out.endswith("refused: the policy blocks what it would bring\n")


def test_what_would_end_is_told(erpsync: Command, company: AccessFiles) -> None:
    ran = erpsync("sod", "what-if", "lin.tao", "--revoke", "purchasing.plans", "--access", company, *DAY)
    assert ran.code == 0
    assert ran.out.startswith("lin.tao (林涛): brings 0 conflicts, ends 1\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("--grant", "purchasing.plan"),
            "error: no role 'purchasing.plan' is declared\n  hint: did you mean",
        ),
        (
            ("--revoke", "purchasing.buyer"),
            "error: role 'purchasing.buyer' is not assigned to 'lin.tao'\n  hint: ",
        ),
        (
            ("--from", "2026-12-02", "--to", "2026-12-01"),
            "error: --to 2026-12-01 is before --from 2026-12-02",
        ),
    ],
)
def test_what_cannot_be_given_or_taken_is_wrong_usage(
    erpsync: Command, company: AccessFiles, arguments: tuple[str, ...], complaint: str
) -> None:
    ran = erpsync("sod", "what-if", "lin.tao", *arguments, "--access", company, *DAY)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(complaint)


def test_today_is_that_of_the_company(erpsync: Command, company: AccessFiles) -> None:
    company.users(buyer("lin.tao", "林涛"))
    assert erpsync("sod", "list", "--access", company).code == 0
