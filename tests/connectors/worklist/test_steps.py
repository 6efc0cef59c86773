"""The lines of a work order in words."""

from __future__ import annotations

from datetime import date

import pytest

from erpsync.connectors.worklist.steps import Line, lines_of, order_number, printable, row_of
from erpsync.model import Account, AccountChange, Change, ChangeKind, Grant, Reason
from tests.support.worklist import PLAN, joiner, leaver

BEFORE = Account("cj1", "陈静", "a@huaxin.example")
AFTER = Account("chen.jing", "陈静", "b@huaxin.example")


def what(change: Change) -> tuple[str, str]:
    """Step and content of a change to an account that is there."""
    row = row_of(Line(1, AccountChange("chen.jing", "chen.jing", BEFORE, AFTER, "f", (change,)), change), {})
    return row.step, row.what


def test_every_step_of_a_plan_has_a_number() -> None:
    lines = lines_of([leaver(), joiner()])
    assert [(line.number, line.account.login, line.change.kind) for line in lines] == [
        (1, "peng.fei", ChangeKind.LOCK),
        (2, "peng.fei", ChangeKind.REVOKE),
        (3, "chen.jing", ChangeKind.CREATE),
        (4, "chen.jing", ChangeKind.GRANT),
    ]


def test_the_number_of_an_order_comes_from_target_and_plan() -> None:
    assert order_number("u8", PLAN) == "u8-3f3f3f3f3f3f"


@pytest.mark.parametrize(
    ("change", "step", "content"),
    [
        (Change(ChangeKind.LOCK), "停用 Disable", ""),
        (Change(ChangeKind.UNLOCK), "启用 Enable", ""),
        (Change(ChangeKind.GRANT, "采购员"), "授予角色 Grant role", "采购员"),
        (Change(ChangeKind.REVOKE, "采购员"), "收回角色 Revoke role", "采购员"),
        (Change(ChangeKind.CREATE), "新建用户 Create user", "chen.jing, 陈静, b@huaxin.example"),
        (
            Change(ChangeKind.UPDATE, "email", "a@huaxin.example", None),
            "修改资料 Change details",
            "邮箱 e-mail: a@huaxin.example → （空 none）",
        ),
        (
            Change(ChangeKind.RESCOPE, "company", (), ("华信贸易", "华信铸造")),
            "修改授权范围 Change scope",
            "company: （空 none） → 华信贸易, 华信铸造",
        ),
        (
            Change(
                ChangeKind.RETIME, "采购员", (Grant("采购员"),), (Grant("采购员", None, date(2026, 12, 31)),)
            ),
            "修改有效期 Change dates",
            "采购员: – → –2026-12-31",
        ),
    ],
)
def test_each_kind_of_step_has_words(change: Change, step: str, content: str) -> None:
    assert what(change) == (step, content)


def test_the_erps_own_words_come_first() -> None:
    (line, _) = lines_of([joiner()])
    assert row_of(line, {ChangeKind.CREATE: "增加操作员"}).step == "增加操作员"


def test_a_rename_is_done_under_the_login_that_is_still_there() -> None:
    change = Change(ChangeKind.UPDATE, "login", "cj1", "chen.jing")
    row = row_of(Line(1, AccountChange("chen.jing", "chen.jing", BEFORE, AFTER, "f", (change,)), change), {})
    assert (row.login, row.what) == ("cj1", "账号 login: cj1 → chen.jing")


def test_what_follows_a_rename_is_done_under_the_new_login_and_name() -> None:
    changes = (
        Change(ChangeKind.REVOKE, "Clerk"),
        Change(ChangeKind.UPDATE, "login", "cj1", "chen.jing"),
        Change(ChangeKind.UPDATE, "name", "陈静", "陈晶"),
        Change(ChangeKind.GRANT, "Buyer"),
    )
    after = Account("chen.jing", "陈晶", "a@huaxin.example")
    rows = [
        row_of(line, {})
        for line in lines_of([AccountChange("chen.jing", "chen.jing", BEFORE, after, "f", changes)])
    ]
    assert [(row.login, row.name) for row in rows] == [
        ("cj1", "陈静"), ("cj1", "陈静"), ("chen.jing", "陈静"), ("chen.jing", "陈晶"),
    ]  # fmt: skip


def test_reasons_and_requests_are_told_once() -> None:
    reasons = (Reason("stands in", request="REQ-1"), Reason("stands in", request="REQ-1"), Reason("by rule"))
    change = Change(ChangeKind.GRANT, "采购员", reasons=reasons)
    row = row_of(Line(1, AccountChange("chen.jing", "chen.jing", BEFORE, AFTER, "f", (change,)), change), {})
    assert (row.reason, row.request) == ("stands in; by rule", "REQ-1")


def test_what_cannot_be_seen_is_written_out() -> None:
    assert printable("陈静") == "陈静"
    assert printable("a\u202eb\nc\x1b") == r"a\u202eb\u000ac\u001b"
    assert printable("a\u3000b") == "a\u3000b"
