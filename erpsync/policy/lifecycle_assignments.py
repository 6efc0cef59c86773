"""Roles that are assigned: by which request, and until when. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from erpsync.model import Location, Risk, UserType
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.people import assigned, later, present
from erpsync.resolve import included


def _no_request(facts: Facts) -> Iterator[Violation]:
    for user in present(facts.access, facts.as_of):
        for item in user.assignments:
            if item.request is None and (item.valid_to is None or item.valid_to >= facts.as_of):
                yield Violation(
                    assigned(user, item),
                    f"{user.key} has {item.role} without a request",
                    f"{user.key} 的授权 {item.role} 没有申请单",
                    item.at,
                    (user.key,),
                    "write the number of the request, or take the role away",
                    "补充申请单编号，或收回该角色",
                )


def _endless(facts: Facts) -> Iterator[Violation]:
    """Emergency users are told apart: each use of theirs ends by max_hours."""
    roles = facts.access.roles
    for user in present(facts.access, facts.as_of):
        for item in user.assignments:
            critical = any(role.risk is Risk.CRITICAL for role in included(item.role, roles).values())
            ends = item.valid_to is not None or user.valid_to is not None
            if critical and not ends and user.type is not UserType.EMERGENCY:
                yield Violation(
                    assigned(user, item),
                    f"{user.key} has the critical role {item.role} without an end",
                    f"{user.key} 的关键角色 {item.role} 没有截止日期",
                    item.at,
                    (user.key,),
                    "write valid_to; what is needed longer is asked for again",
                    "填写 valid_to；到期后重新申请",
                )


class End(NamedTuple):
    """Something that ends: what it is called in both languages, the day, the place, and whose it is."""

    subject: str
    what: str
    what_zh: str
    day: date
    at: Location
    users: tuple[str, ...] = ()


def _soon(facts: Facts) -> Iterator[Violation]:
    last = later(facts.as_of, facts.access.policy.soon)
    for end in _ends(facts):
        if facts.as_of <= end.day <= last:
            yield Violation(
                end.subject,
                f"{end.what} ends on {end.day}",
                f"{end.what_zh}将于 {end.day} 到期",
                end.at,
                end.users,
                "ask for it again in time if it is still needed",
                "如仍需要，请提前重新申请",
            )


def _ends(facts: Facts) -> Iterator[End]:
    access = facts.access
    for user in present(access, facts.as_of):
        if user.type is UserType.TEMPORARY and user.valid_to:
            yield End(f"user/{user.key}", f"temporary user {user.key}", f"临时用户 {user.key} ",
                      user.valid_to, user.at, (user.key,))  # fmt: skip
        for item in user.assignments:
            if item.valid_to:
                yield End(assigned(user, item), f"{item.role} of {user.key}",
                          f"{user.key} 的角色 {item.role} ", item.valid_to, item.at, (user.key,))  # fmt: skip
    for key, mitigation in access.mitigations.items():
        yield End(f"mitigation/{key}", f"mitigation {key}", f"补偿控制 {key} ",
                  mitigation.valid_to, mitigation.at)  # fmt: skip
    for key, waiver in access.waivers.items():
        yield End(f"waiver/{key}", f"waiver {key}", f"豁免 {key} ", waiver.valid_to, waiver.at)


RULES = (
    Rule(
        id="lifecycle/no-request",
        title="Every assignment has its request",
        title_zh="授权须有申请单",
        level=Risk.MEDIUM,
        why="The request says who asked, and why; without it nobody can show that the role was "
        "wanted before it was given.",
        example="A clerk has a role beyond the job, and nobody remembers who asked for it.",
        mend="Write the number of the request into the assignment, or take the role away.",
        controls=("ISO27001:A.5.18", "SOX:ITGC-Provisioning", "NIST800-53:AC-2"),
        check=_no_request,
    ),
    Rule(
        id="lifecycle/critical-endless",
        title="Critical roles end",
        title_zh="关键角色须有期限",
        level=Risk.HIGH,
        why="What can do the most harm is to be given for a time, so that the need is shown again and again.",
        example="A role that creates companies was assigned for one reorganisation, and is still "
        "there years later.",
        mend="Write valid_to into the assignment.",
        controls=("ISO27001:A.8.2", "SOX:ITGC-Privileged", "NIST800-53:AC-6(7)"),
        check=_endless,
    ),
    Rule(
        id="lifecycle/ends-soon",
        title="What ends is announced",
        title_zh="即将到期",
        level=Risk.LOW,
        why="Access that ends unannounced stops work; a mitigation that ends unannounced opens a "
        "conflict again.",
        example="The stand-in's approval role ends on the day of the payment run, and nobody can approve.",
        mend="Ask again if it is still needed; otherwise there is nothing to do.",
        controls=("ISO27001:A.5.18", "NIST800-53:AC-2(2)"),
        check=_soon,
    ),
)
