"""The application form (申请单): a pull request says who asks for what, and why. Markdown. Pure.

It has the fields of the paper form that it takes the place of, in English and Chinese. Empty it is the
template of pull requests; `erpsync request` fills it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from erpsync.access_requests import Asked, Why
from erpsync.model import Access, User
from erpsync.render.escape import Safe, short

FIELDS = (
    ("who", "申请人 Who"),
    ("number", "工号 Employee number"),
    ("department", "部门 Department"),
    ("duty", "岗位 Duty"),
    ("what", "申请事项 What is asked for"),
    ("roles", "角色 Roles"),
    ("scope", "数据范围 Scope"),
    ("period", "期限 Period"),
    ("reason", "申请理由 Reason"),
    ("request", "申请单号 Request number"),
    ("key_user", "关键用户 Key user"),
    ("head", "部门负责人 Department head"),
)
"""The fields of the form by their keys, as they are called."""
ABOUT = """\
<!--
权限申请单。请逐项填写;由 erpsync request 建立的申请会自动填好。
Application for access. Fill in every field; erpsync request fills them for you.
-->
"""
CHECKS = """\
- [ ] 权限仅限工作所需 No more access than the work needs
- [ ] 临时权限有截止日期 What is temporary has a last day
- [ ] 已查看评论中的计划与职责冲突 The plan and the conflicts in the comment were looked at
"""


def form(values: Mapping[str, Sequence[object]]) -> str:
    """The form; each field is a row with one or several values, which are escaped."""
    rows = [f"| {label} | {_cell(values.get(key, ()))} |" for key, label in FIELDS]
    head = "| 申请单 Application | |\n|---|---|\n"
    return f"{ABOUT}\n{head}" + "\n".join(rows) + f"\n\n{CHECKS}"


def _cell(values: Sequence[object]) -> str:
    return "<br>".join(value if isinstance(value, Safe) else short(str(value)) for value in values)


def filled(asked: Sequence[Asked], why: Why, base: Access, head: Access) -> str:
    """The form for what is asked for.

    Args:
        asked: what; for one person or several.
        why: why, and under which number.
        base: the declared state as it is: it says who approves.
        head: the declared state as it would be.
    """
    users = [head.users[item.user] for item in asked]
    roles = list(dict.fromkeys(role for item in asked for role in item.roles))
    subsystems = [head.roles[role].subsystem for role in roles if role in head.roles]
    departments = _each(user.department for user in users)
    return form(
        {
            "who": _each(f"{user.name} ({user.key})" for user in users),
            "number": _each(user.employee_no for user in users),
            "department": _each(_title(head.departments.get(key), key) for key in departments),
            "duty": _each(_title(head.positions.get(user.position or ""), user.position) for user in users),
            "what": _each(item.title for item in asked),
            "roles": _each(f"{_title(head.roles.get(role), role)} ({role})" for role in roles),
            "scope": _each(_scope(user) for user in users),
            "period": _each(_period(item) for item in asked),
            "reason": [why.reason],
            "request": [why.request] if why.request else [],
            "key_user": _each(
                _name(key, base)
                for subsystem in dict.fromkeys(subsystems)
                if subsystem and subsystem in base.subsystems
                for key in base.subsystems[subsystem].key_users
            ),
            "head": _each(
                _name(base.departments[key].manager, base) for key in departments if key in base.departments
            ),
        }
    )


def _each(values: Iterable[str | None]) -> list[str]:
    """Each value once, in the order in which they come."""
    return list(dict.fromkeys(value for value in values if value))


def _title(entry: object, key: str | None) -> str | None:
    return getattr(entry, "title_zh", None) or getattr(entry, "title", None) or key


def _name(key: str | None, access: Access) -> str | None:
    return f"{access.users[key].name} ({key})" if key and key in access.users else key


def _scope(user: User) -> str:
    return "; ".join(f"{kind}: {', '.join(values)}" for kind, values in user.scope.items())


def _period(item: Asked) -> str | None:
    if not (item.first or item.last):
        return None
    return f"{item.first or '…'} – {item.last or '…'}"
