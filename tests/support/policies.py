"""A small company with one conflict of duties, as values and as access files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from erpsync.model import (
    Access,
    Function,
    Mitigation,
    OwnRule,
    Policy,
    Response,
    Risk,
    Role,
    SodRisk,
    User,
)
from erpsync.policy.base import PolicyFinding, Violation
from tests.builders import AT, assign, declare, role, user

VENDOR_AND_PAY = SodRisk(
    "P01", "Vendor and payment", (("VENDOR",), ("PAY",)), Risk.HIGH, "can pay a supplier he made up", AT,
    title_zh="供应商与付款", controls=("SOX:ITGC-SoD",),
)  # fmt: skip
KEEPER = replace(role("keeper", "Vendors"), functions=("VENDOR",))
PAYER = replace(role("payer", "Payments"), functions=("PAY",))


def company(
    *users: User,
    roles: tuple[Role, ...] = (KEEPER, PAYER),
    risk: SodRisk = VENDOR_AND_PAY,
    policy: Policy | None = None,
    rules: tuple[OwnRule, ...] = (),
    mitigations: tuple[Mitigation, ...] = (),
) -> Access:
    """Who keeps vendors must not pay; findings of high risks refuse unless the policy says otherwise."""
    return replace(
        declare(users=users, roles=roles),
        functions={key: Function(key, key.title(), AT) for key in ("VENDOR", "PAY")},
        risks={risk.key: risk},
        policy=policy or Policy(levels={Risk.HIGH: Response.BLOCK}),
        rules={rule.key: rule for rule in rules},
        mitigations={item.key: item for item in mitigations},
    )


def both(key: str = "chen.jing") -> User:
    """A user with both roles."""
    return user(key, assignments=[assign("keeper"), assign("payer")])


def keeper(key: str = "chen.jing") -> User:
    """A user with one of them."""
    return user(key, assignments=[assign("keeper")])


def own(when: str, message: str = "{key}", *, subject: str = "users", **more: object) -> OwnRule:
    """A rule of the company's own."""
    return replace(OwnRule("mine", "Mine", subject, when, message, AT), **more)  # type: ignore[arg-type]


def finding(
    subject: str = "chen.jing",
    *,
    rule: str = "sod/P01",
    response: Response = Response.BLOCK,
    level: Risk = Risk.HIGH,
    made_up: str | None = None,
    message: str = "can do both",
) -> PolicyFinding:
    """A finding as a rule would have it."""
    violation = Violation(subject, message, "两者皆可", AT, (subject,), "take one away", "收回其一")
    return PolicyFinding(
        rule, "Separation of duties", "职责分离", violation, level, response, ("SOX:ITGC-SoD",), made_up
    )


MITIGATED = Mitigation(
    "M1", "the ledger is looked at every month", "wu.lan", "lin.tao", frozenset({"chen.jing"}),
    date(2026, 12, 31), "REP-7", AT, risks=frozenset({"P01"}),
)  # fmt: skip

FILES = """\
functions:
  VENDOR: {title: Vendors, title_zh: 供应商主数据}
  PAY: {title: Payments, title_zh: 付款}
risks:
  P01:
    title: Vendor and payment
    functions: [VENDOR, PAY]
    level: high
    why: can pay a supplier he made up
roles:
  keeper:
    {title: Keeper, subsystem: materials, owner: wu.lan, functions: [VENDOR], entitlements: {erp: [Clerk]}}
  payer:
    {title: Payer, subsystem: materials, owner: wu.lan, functions: [PAY], entitlements: {erp: [Planner]}}
policy:
  responses: {"sod*": block}
"""
"""The same as a file beside those of `AccessFiles`."""


def holder(key: str, *roles: str, name: str = "陈静") -> str:
    """The declaration of a user with assigned roles."""
    given = ", ".join(f"{{role: {role}, reason: needs it}}" for role in roles)
    return f"{key}: {{name: {name}, department: purchasing, type: dedicated, assignments: [{given}]}}"
