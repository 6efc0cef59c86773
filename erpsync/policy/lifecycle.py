"""What every type of user must have, so that somebody answers for it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.model import Risk, User, UserType
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.people import listed, listed_zh, present

WORDS_ZH = {
    "owner": "责任人",
    "purpose": "用途",
    "valid_to": "截止日期",
    "controllers": "监督人",
    "max_hours": "使用时限",
}


def _of(facts: Facts, kind: UserType) -> Iterator[User]:
    return (user for user in present(facts.access, facts.as_of) if user.type is kind)


def _lacking(user: User, *keys: str) -> Iterator[Violation]:
    lacks = [key for key in keys if not getattr(user, key)]
    if lacks:
        yield Violation(
            user.key,
            f"{user.type} user {user.key} has no {listed(lacks)}",
            f"{user.key} 缺少{listed_zh([WORDS_ZH[key] for key in lacks])}",
            user.at,
            (user.key,),
            "write it into the user's entry",
            "在该用户条目中补充",
        )


def _temporary(facts: Facts) -> Iterator[Violation]:
    for user in _of(facts, UserType.TEMPORARY):
        yield from _lacking(user, "owner", "purpose", "valid_to")


def _too_long(facts: Facts) -> Iterator[Violation]:
    longest = facts.access.policy.temporary_max.days
    for user in _of(facts, UserType.TEMPORARY):
        if user.valid_to is None:
            continue
        # Where no first day is declared, at least the days from today on count.
        days = (user.valid_to - (user.valid_from or facts.as_of)).days + 1
        if days > longest:
            yield Violation(
                user.key,
                f"temporary user {user.key} lasts {days} days, at most {longest} are allowed",
                f"临时用户 {user.key} 有效期为 {days} 天，上限为 {longest} 天",
                user.at,
                (user.key,),
                "end it earlier; who stays longer is prolonged by a new request",
                "缩短有效期；需要延长时重新申请",
            )


def _service(facts: Facts) -> Iterator[Violation]:
    for user in _of(facts, UserType.SERVICE):
        yield from _lacking(user, "owner")
        if user.position is not None:
            yield Violation(
                f"{user.key}/position",
                f"service user {user.key} has position {user.position}, but no program has a job",
                f"服务账号 {user.key} 设置了岗位 {user.position}，程序不应有岗位",
                user.position_at or user.at,
                (user.key,),
                "assign it the roles that the program needs, each with a reason",
                "改为逐项授权所需角色并注明理由",
            )


def _emergency(facts: Facts) -> Iterator[Violation]:
    for user in _of(facts, UserType.EMERGENCY):
        yield from _lacking(user, "owner", "controllers", "max_hours")
        others = set(user.controllers) - {user.key, user.owner}
        if user.controllers and (user.key in user.controllers or not others):
            yield Violation(
                f"{user.key}/controllers",
                f"emergency user {user.key} is controlled by itself or by its owner alone",
                f"应急账号 {user.key} 仅由其自身或责任人监督",
                user.at,
                (user.key,),
                "name a controller who neither uses it nor answers for it",
                "指定既不使用也不负责该账号的监督人",
            )


RULES = (
    Rule(
        id="lifecycle/temporary",
        title="Temporary users are answered for",
        title_zh="临时用户要素齐全",
        level=Risk.HIGH,
        why="A login for an outside person that nobody answers for, and that nobody knows the use "
        "of, is never closed.",
        example="The consultant's login works two years after the project, because nobody "
        "remembers what it was for.",
        mend="Write the owner, the purpose and the last day into the entry, or let it end.",
        controls=("ISO27001:A.5.16", "GB/T22239:8.1.8", "NIST800-53:AC-2(2)"),
        check=_temporary,
    ),
    Rule(
        id="lifecycle/temporary-too-long",
        title="Temporary users are temporary",
        title_zh="临时用户期限过长",
        level=Risk.MEDIUM,
        why="An end that lies years ahead is no end; the need is to be looked at again while "
        "people remember it.",
        example="A login for three weeks of support is given until 2030, to save the next request.",
        mend="End it within policy.temporary_max; ask again if it is still needed then.",
        controls=("ISO27001:A.5.16", "NIST800-53:AC-2(2)"),
        check=_too_long,
    ),
    Rule(
        id="lifecycle/service",
        title="Service users belong to somebody and have no job",
        title_zh="服务账号须有责任人且无岗位",
        level=Risk.MEDIUM,
        why="A program has no job. A position gives it more than it needs, and changes it when the "
        "job changes.",
        example="An interface that has the position of a clerk can suddenly pay, because clerks now may.",
        mend="Name an owner; replace the position by assignments of what the program needs.",
        controls=("ISO27001:A.5.16", "ISO27001:A.8.2", "NIST800-53:AC-6"),
        check=_service,
    ),
    Rule(
        id="lifecycle/emergency",
        title="Emergency users are watched",
        title_zh="应急账号须受监督",
        level=Risk.HIGH,
        why="An emergency login can do nearly everything, so somebody else must look at each use, "
        "and each use must end.",
        example="The owner of the emergency login opens it, uses it and reviews the record of it himself.",
        mend="Name controllers other than the owner, and write max_hours.",
        controls=("ISO27001:A.8.2", "SOX:ITGC-Privileged", "NIST800-53:AC-2(2)"),
        check=_emergency,
    ),
)
