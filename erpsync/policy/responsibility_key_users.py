"""Key users: enough of them, not too many of one department, and people. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.model import Risk, User, UserType
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.people import listed, listed_zh, works


def _minimum(facts: Facts) -> Iterator[Violation]:
    access, fewest = facts.access, facts.access.policy.key_users_minimum
    for subsystem in access.subsystems.values():
        users = [access.users[key] for key in subsystem.key_users if key in access.users]
        there = [user for user in users if works(user, facts.as_of)]
        if not subsystem.key_users or len(there) >= fewest or any(_deputised(user, facts) for user in there):
            continue
        yield Violation(
            subsystem.key,
            f"{subsystem.key} has {_count(len(there))} at work and nobody in their place; "
            f"{fewest} are needed, or one with a deputy",
            f"{subsystem.key} 仅有 {len(there)} 名在岗关键用户且无代理人，至少需要 {fewest} "
            "名或一名有代理人的关键用户",
            subsystem.at,
            subsystem.key_users,
            "name another key user, or a deputy of the one there is",
            "增加关键用户，或为现有关键用户指定代理人",
        )


def _count(number: int) -> str:
    return f"{number} key user" + ("s" if number != 1 else "")


def _deputised(user: User, facts: Facts) -> bool:
    deputy = facts.access.users.get(user.deputy or "")
    return deputy is not None and works(deputy, facts.as_of)


def _maximum(facts: Facts) -> Iterator[Violation]:
    access, most = facts.access, facts.access.policy.key_users_maximum
    for subsystem in access.subsystems.values():
        by_department: dict[str, list[str]] = {}
        for key in subsystem.key_users:
            department = access.users[key].department if key in access.users else None
            if department is not None:
                by_department.setdefault(department, []).append(key)
        for department, keys in by_department.items():
            if len(keys) > most:
                yield Violation(
                    f"{subsystem.key}/{department}",
                    f"{subsystem.key} has {len(keys)} key users of {department}, {most} may be: "
                    f"{listed(keys)}",
                    f"{subsystem.key} 在 {department} 有 {len(keys)} 名关键用户，上限为 {most} 名："
                    f"{listed_zh(keys)}",
                    subsystem.at,
                    tuple(keys),
                    "keep those who know it best; the limit counts by department",
                    "保留最熟悉业务的人员；上限按部门计算",
                )


def _named(facts: Facts) -> Iterator[Violation]:
    users = facts.access.users
    for subsystem in facts.access.subsystems.values():
        nobody = [key for key in subsystem.key_users if key in users and users[key].type in _NO_PEOPLE]
        if not subsystem.key_users:
            yield Violation(
                subsystem.key,
                f"nobody is named as key user of {subsystem.key}",
                f"{subsystem.key} 没有具名的关键用户",
                subsystem.at,
                (),
                "name people: a whole group checks nothing",
                "写明具体人员，不能笼统写作全体用户",
            )
        elif nobody:
            yield Violation(
                subsystem.key,
                f"key users of {subsystem.key} are people, but not {listed(nobody)}",
                f"{subsystem.key} 的关键用户须为自然人，{listed_zh(nobody)} 不是",
                subsystem.at,
                tuple(nobody),
                "name people in their place",
                "改为具体人员",
            )


_NO_PEOPLE = (UserType.SERVICE, UserType.EMERGENCY)


RULES = (
    Rule(
        id="responsibility/key-users-minimum",
        title="Key users are not alone",
        title_zh="关键用户须有备份",
        level=Risk.MEDIUM,
        why="When the one person who knows a subsystem is away, nobody can say whether a request is right.",
        example="Sales has one key user and nobody in her place; in her leave requests are approved unread.",
        mend="Name a second key user, or a deputy of the first.",
        controls=("ISO27001:A.5.2", "F0:key-user-backup"),
        check=_minimum,
    ),
    Rule(
        id="responsibility/key-users-maximum",
        title="Few key users of one department",
        title_zh="部门关键用户人数上限",
        level=Risk.LOW,
        why="Where everybody is a key user, each relies on the others. The limit is one of "
        "departments, not of subsystems.",
        example="Five of the eight clerks of a department are its key users, and none of them "
        "feels responsible.",
        mend="Keep one or two of each department.",
        controls=("F0:key-users", "ISO27001:A.5.2"),
        check=_maximum,
    ),
    Rule(
        id="responsibility/key-users-named",
        title="Key users are named people",
        title_zh="关键用户须具名",
        level=Risk.MEDIUM,
        why="A group does not check a request; a person does, and can be asked about it afterwards.",
        example="The regulation says that all users of the office system are its key users, so nobody is.",
        mend="Name the people.",
        controls=("F0:key-users", "ISO27001:A.5.2"),
        check=_named,
    ),
)
