"""Plans, findings and results for the golden files: ordinary ones, and ones made to do harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from erpsync.apply import Result
from erpsync.connectors.base import Outcome, Status
from erpsync.diff import compare
from erpsync.gaps import Gap, GapKind, Instead
from erpsync.model import (
    Account,
    AccountChange,
    Change,
    ChangeKind,
    Finding,
    Grant,
    HeldBack,
    Location,
    Reason,
    Risk,
    Severity,
)
from erpsync.plan import Plan, TargetPlan, Unread, make_plan
from tests.builders import DIGEST, NOW, TODAY

NEEDS = ("department_head:purchasing", "key_user:materials", "oversight", "owner:svc.wms")

HARMFUL = (
    "\x1b[31mred\x1b[0m",
    "bell\x07 back\x08 return\r line\nbreak tab\t",
    "right\u202eto\u2066left zero\u200bwidth",
    "<img src=x onerror=alert(1)> &amp; </details>",
    "# head **bold** _under_ `code` ~~gone~~ [link](http://evil.example)",
    "| a | b | \\| $x$ {y} ![i](j)",
    "@admin cc @org/team #1 GH-2 org/repo#3 www.evil.example https://evil.example a@evil.example",
    "::error file=x,line=1::injected",
    "%0A::warning::injected",
    "陈静 —  全角　空格",
)
"""Text that does harm somewhere, unless it is escaped there."""

AT = Location("access/users/purchasing.yaml", 12, 9)
BUYER = Reason("position buyer", AT, "purchasing.buyer")
STAND_IN = Reason(
    "assignment through purchasing.lead → purchasing.approver until 2026-12-31",
    AT,
    "purchasing.lead",
    "REQ-2026-0417",
)


def change(
    user: str,
    before: Account | None,
    after: Account,
    risk: Risk,
    *reasons: Reason,
    needs: tuple[str, ...] = (),
) -> AccountChange:
    changes = tuple(
        replace(item, risk=risk, reasons=reasons, approvals=needs) for item in compare(before, after)
    )
    return AccountChange(user, after.login, before, after, "sha256:" + "1" * 64, changes)


def target(name: str, *changes: AccountChange, held: int = 0, unmanaged: int = 0) -> TargetPlan:
    lock = Change(ChangeKind.LOCK, reasons=(BUYER,))
    revoke = Change(ChangeKind.REVOKE, "Sale", before=(Grant("Sale", None, date(2027, 1, 1)),))
    return TargetPlan(
        name,
        "tryton",
        "instance-1",
        changes,
        tuple(
            HeldBack(f"held.{n}", f"held.{n}", "accounts are managed as observe", (lock, revoke))
            for n in range(held)
        ),
        tuple(Account(f"nobody.{n}", None, active=n % 2 == 0) for n in range(unmanaged)),
        unmanaged_is_drift=True,
    )


def plan_of(*targets: TargetPlan) -> Plan:
    made = make_plan(targets, as_of=TODAY, now=NOW, access_digest=DIGEST, commit="0123456789abcdef0123")
    return replace(made, tool="erpsync 0.0.0")


def unread_plan() -> Plan:
    """A plan that lacks two targets, one for a harmful reason, and has one that cannot do everything."""
    unread = (
        Unread("crm", "the ERP lacks what the access files name:\n  access/roles.yaml:4:3: no Buyer", "wait"),
        Unread("zcrm", "\n".join(HARMFUL)),
    )
    gaps = (
        Gap(GapKind.DAYS, Instead.ERPSYNC, 3),
        Gap(GapKind.SCOPE, Instead.NOBODY, 1, "warehouse"),
        Gap(GapKind.ATTRIBUTE, Instead.NOBODY, 12, "email"),
        Gap(GapKind.WRITING, Instead.PEOPLE, 5),
    )
    return replace(plan_of(replace(target("erp"), gaps=gaps)), unread=unread)


def ordinary_plan() -> Plan:
    """One account for each thing that can happen."""
    member = Account(
        "chen.jing", "陈静", scope={"company": ("Huaxin Group",)}, grants=(Grant("Purchase"), Grant("Stock"))
    )
    gained = replace(
        member,
        email="chen.jing@huaxin.example",
        scope={"company": ("Huaxin Group", "Huaxin Trading")},
        grants=(
            Grant("Approval", None, date(2026, 12, 31)),
            Grant("Approval", date(2027, 3, 1), date(2027, 4, 30)),
            Grant("Purchase", datetime(2026, 12, 1, 9, 30, tzinfo=UTC)),
            Grant("Stock"),
        ),
    )
    joiner = Account("lin.tao", "林涛", scope={"company": ("Huaxin Group",)}, grants=(Grant("Purchase"),))
    leaver = Account("wu.lan", "wu.lan", grants=(Grant("Purchase"),))
    back = Account("he.qi", None, active=False)
    left = Reason("wu.lan has left", AT)
    return plan_of(
        target(
            "erp",
            change("wu.lan", leaver, replace(leaver, active=False, grants=()), Risk.LOW, left),
            change("gu.xin", replace(leaver, login="gu.xin"), Account("gu.xin", "wu.lan"), Risk.MEDIUM, left),
            change("chen.jing", member, gained, Risk.CRITICAL, BUYER, STAND_IN, needs=NEEDS),
            change("lin.tao", None, joiner, Risk.HIGH, BUYER),
            change("he.qi", back, replace(back, active=True, language="en"), Risk.LOW),
            change("renamed", replace(joiner, login="lin"), replace(joiner, login="lin.t"), Risk.LOW, left),
            held=2,
            unmanaged=2,
        ),
        target("wms"),
    )


def harmful_plan() -> Plan:
    """Every place that shows a value shows a harmful one."""
    changes, held, unmanaged = [], [], []
    for text in HARMFUL:
        reason = Reason(f"assignment {text}", Location(f"access/{text}.yaml", 1, 2), text, text)
        before = Account(f"login {text}", "name", scope={"company": ("A",)}, grants=(Grant("Sale"),))
        after = replace(before, name=text, email=text, scope={"company": (text,)}, grants=(Grant(text),))
        changes.append(change(text, before, after, Risk.HIGH, reason, needs=(f"role_owner:{text}",)))
        held.append(HeldBack(text, text, text, (Change(ChangeKind.GRANT, text, after=(Grant(text),)),)))
        unmanaged.append(Account(text, text, grants=(Grant(text),)))
    return plan_of(
        TargetPlan(
            "erp",
            "tryton",
            HARMFUL[0],
            tuple(changes),
            tuple(held),
            tuple(unmanaged),
            unmanaged_is_drift=False,
        )
    )


def large_plan(accounts: int) -> Plan:
    """More than can be shown."""
    many = [
        change(
            f"user.{n:05}",
            None,
            Account(f"user.{n:05}", f"用户{n}", grants=(Grant("Purchase"),)),
            Risk.MEDIUM,
            BUYER,
        )
        for n in range(accounts)
    ]
    return plan_of(target("erp", *many, held=accounts, unmanaged=accounts))


def findings() -> list[Finding]:
    """A finding of each severity, with and without a hint."""
    return [
        Finding("schema/unknown-key", "unknown key 'emial' in user 'chen.jing'", AT, "did you mean 'email'?"),
        Finding("reference/unknown", "no role 'byer' is declared", Location("access/a.yaml", 1, 1)),
        Finding("role/unused", "nobody has it", AT, severity=Severity.WARNING),
        Finding("role/note", "陈静 owns it", AT, "nothing to do", Severity.NOTE),
    ]


def harmful_findings() -> list[Finding]:
    """Findings whose every text is harmful."""
    return [
        Finding("schema/value", f"message {text}", Location(f"access/{text}.yaml", n + 1, 2), f"hint {text}")
        for n, text in enumerate(HARMFUL)
    ]


def results() -> list[Result]:
    """One result that is done, one that ended early, one that had nothing to do."""
    outcomes = [
        Outcome("chen.jing", Status.DONE),
        Outcome("lin.tao", Status.ALREADY),
        Outcome("wu.lan", Status.MOVED),
        Outcome("he.qi", Status.FAILED, "the ERP says: \x1b[31mno\x1b[0m\nand no again"),
        Outcome("gu\u202e.xin", Status.UNKNOWN, "stopped while it was being written"),
        Outcome("ma.li", Status.NOT_TRIED),
    ]
    return [
        Result("erp", tuple(outcomes[:2])),
        Result("wms", tuple(outcomes), "the connection was lost\n  hint: \x1b[2Jtry again"),
        Result("mes", ()),
    ]
