"""Bounds of roles: who may change sensitive data, for which data a role is, how many hold it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from erpsync.model import Risk, UserType
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.holdings import Holding
from erpsync.policy.people import closures, everybody, held, listed, listed_zh


def _sensitive(facts: Facts) -> Iterator[Violation]:
    access, brings = facts.access, closures(facts.access)
    writing = {
        key for key, role in access.roles.items() if role.sensitive and role.sensitive_access == "write"
    }
    outside = (UserType.TEMPORARY, UserType.SERVICE)
    for user, holdings in held(access, facts.as_of, lambda user: user.type in outside):
        for role, at in {item.role: item.at for item in holdings if brings[item.role] & writing}.items():
            classes = sorted({access.roles[key].sensitive or "" for key in brings[role] & writing})
            yield Violation(
                f"{user.key}/{role}",
                f"{user.type} user {user.key} can change {listed(classes)} data by {role}",
                f"{user.key} 可通过角色 {role} 修改敏感数据（{listed_zh(classes)}）",
                at,
                (user.key,),
                "give a role that only reads, or let an employee do the work",
                "改用只读角色，或由员工操作",
            )


def _scope(facts: Facts) -> Iterator[Violation]:
    access, brings = facts.access, closures(facts.access)
    if not any(user.scope for user in access.users.values()):
        return
    granting = {key for key, role in access.roles.items() if any(role.entitlements.values())}
    for user, holdings in held(access, facts.as_of, lambda user: not user.scope):
        if any(brings[item.role] & granting for item in holdings):
            yield Violation(
                user.key,
                f"{user.key} has roles but no scope, so the files do not say for which data",
                f"{user.key} 已有角色但未写明数据范围",
                user.at,
                (user.key,),
                "write the scope; everything is the word all",
                "写明 scope；全部范围写作 all",
            )


def _too_many(facts: Facts) -> Iterator[Violation]:
    access, brings = facts.access, closures(facts.access)
    limited = [role for role in access.roles.values() if role.max_holders is not None]
    holdings = (
        [item for _, items in held(access, facts.as_of, everybody) for item in items] if limited else []
    )
    for role in limited:
        having = [item for item in holdings if role.key in brings[item.role]]
        # One finding a holder: so a change that adds another one brings a finding that was not there.
        for holding, day, count in _crowded(having, role.max_holders or 0):
            yield Violation(
                f"{role.key}/{holding.user}",
                f"{holding.user} is one of {count} who have {role.key} on {day}; {role.max_holders} may",
                f"{day} 有 {count} 人持有角色 {role.key}（上限 {role.max_holders} 人），"
                f"{holding.user} 为其中之一",
                holding.at,
                (holding.user,),
                "take it from some of them, or raise max_holders in a reviewed change",
                "收回部分人员的角色，或经审批后调整 max_holders",
            )


def _crowded(having: Sequence[Holding], most: int) -> Iterator[tuple[Holding, date, int]]:
    """Each user who holds a role on a day on which too many do, the first such day, and how many they are."""
    told: set[str] = set()
    for day in sorted({item.first for item in having}):
        there = {item.user: item for item in having if item.first <= day <= item.last}
        if len(there) > most:
            yield from ((item, day, len(there)) for user, item in there.items() if user not in told)
            told |= there.keys()


RULES = (
    Rule(
        id="gates/sensitive",
        title="Sensitive data is changed by employees",
        title_zh="敏感数据写权限",
        level=Risk.HIGH,
        why="Recipes, pay, books and prices are changed by those who answer for them, not by "
        "outsiders or programs.",
        example="The consultant who only wanted to look at prices can change them.",
        mend="Give a role with sensitive_access: read.",
        controls=("ISO27001:A.5.12", "ISO27001:A.8.3", "F3:data-permission"),
        check=_sensitive,
    ),
    Rule(
        id="gates/max-holders",
        title="Few people hold what few may",
        title_zh="角色持有人数超限",
        level=Risk.HIGH,
        why="A role that was made for two people protects nothing when ten have it.",
        example="The role that opens periods was meant for the chief accountant and her deputy; "
        "five have it.",
        mend="Take it from those who do not need it.",
        controls=("ISO27001:A.8.2", "SOX:ITGC-Privileged", "NIST800-53:AC-6(5)"),
        check=_too_many,
    ),
    Rule(
        id="scope/absent",
        title="The scope is written out",
        title_zh="未写明数据范围",
        level=Risk.MEDIUM,
        why="What is not said is decided by the ERP, and an ERP may take no scope for every scope.",
        example="A clerk of one company sees the ledgers of all, because nobody said which.",
        mend="Write the scope into the entry; everything is the word all, so that a reviewer sees it.",
        controls=("ISO27001:A.8.3", "NIST800-53:AC-6", "F0:2.2"),
        check=_scope,
    ),
)
