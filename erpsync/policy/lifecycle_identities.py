"""One person, one user, one name. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from erpsync.model import Risk, User, UserType, fold
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.people import listed, listed_zh, present


def _duplicates(facts: Facts) -> Iterator[Violation]:
    people = [user for user in _by_key(facts) if user.type is UserType.DEDICATED]
    for what, what_zh, key in (("employee number", "工号", _number), ("e-mail address", "邮箱", _email)):
        first: dict[str, User] = {}
        for user in people:
            value = key(user)
            other = first.setdefault(value, user) if value else user
            if other is not user:
                yield Violation(
                    "/".join((other.key, user.key, what.partition(" ")[0])),
                    f"{user.key} and {other.key} have the same {what}",
                    f"{user.key} 与 {other.key} 的{what_zh}相同",
                    user.at,
                    (user.key, other.key),
                    "one person has one user: keep one entry, with logins for each target",
                    "一人一号：保留一个条目，用 logins 写明各系统登录名",
                )


def _by_key(facts: Facts) -> list[User]:
    """Sorted, so that of three alike the same pairs are told in every run."""
    return sorted(present(facts.access, facts.as_of), key=lambda user: user.key)


def _number(user: User) -> str:
    return (user.employee_no or "").strip().casefold()


def _email(user: User) -> str:
    return (user.email or "").casefold()


def _generic(facts: Facts) -> Iterator[Violation]:
    patterns = [pattern.casefold() for pattern in facts.access.policy.generic_names]
    for user in present(facts.access, facts.as_of):
        names = dict.fromkeys((user.key, *user.logins.values()))
        found = [name for name in names if any(fnmatchcase(name.casefold(), item) for item in patterns)]
        if found and user.type is UserType.DEDICATED:
            yield Violation(
                user.key,
                f"{listed(found)} names nobody, but is to be one person's own login",
                f"{listed_zh(found)} 是通用名称，不能作为专人专用账号",
                user.at,
                (user.key,),
                "give everybody a login of his own; a program gets a service user",
                "为每人设置个人账号；程序使用服务账号",
            )


def _shared(facts: Facts) -> Iterator[Violation]:
    """One login that different people have in different targets; in one target, reading refuses it."""
    first: dict[str, User] = {}
    for user in _by_key(facts):
        for login in dict.fromkeys(fold(user.login(target)) for target in facts.access.targets):
            other = first.setdefault(login, user)
            if other is not user and UserType.DEDICATED in (user.type, other.type):
                yield Violation(
                    "/".join((login, other.key, user.key)),
                    f"login {login} is that of {other.key} in one target and of {user.key} in another",
                    f"登录名 {login} 在不同系统中分属 {other.key} 与 {user.key}",
                    user.at,
                    (other.key, user.key),
                    "a login names one person everywhere",
                    "同一登录名在所有系统中只能对应一人",
                )


RULES = (
    Rule(
        id="lifecycle/duplicate-person",
        title="One person is one user",
        title_zh="同一人员重复建号",
        level=Risk.HIGH,
        why="Who has two users can do with both what neither may do alone, and leaves with only one of them.",
        example="Somebody was entered a second time after a change of department, with the same "
        "personnel number.",
        mend="Merge the two entries; the old key goes into previously.",
        controls=("ISO27001:A.5.16", "NIST800-53:IA-4", "GB/T22239:8.1.4.1"),
        check=_duplicates,
    ),
    Rule(
        id="lifecycle/generic-login",
        title="Logins name people",
        title_zh="通用账号",
        level=Risk.MEDIUM,
        why="What is done under a name that is nobody's was done by nobody.",
        example="Three people of the shift log in as user1; who booked the loss cannot be found out.",
        mend="Give each of them a login, or make it a service user if a program uses it.",
        controls=("ISO27001:A.5.16", "NIST800-53:AC-2(9)", "GB/T22239:8.1.4.2"),
        check=_generic,
    ),
    Rule(
        id="lifecycle/shared-login",
        title="A login is one person's everywhere",
        title_zh="登录名跨系统共用",
        level=Risk.MEDIUM,
        why="A record that names a login must lead to one person, in whatever ERP it was written.",
        example="ZW01 is one person in the ERP and another in the warehouse system; a review takes "
        "one for the other.",
        mend="Rename one of the two logins.",
        controls=("ISO27001:A.5.16", "NIST800-53:IA-4"),
        check=_shared,
    ),
)
