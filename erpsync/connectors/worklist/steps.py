"""The lines of a work order: one for each step of a plan, numbered. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from erpsync.model import Account, AccountChange, Change, ChangeKind, Grant, Value

STEPS = {
    ChangeKind.CREATE: "新建用户 Create user",
    ChangeKind.LOCK: "停用 Disable",
    ChangeKind.UNLOCK: "启用 Enable",
    ChangeKind.GRANT: "授予角色 Grant role",
    ChangeKind.REVOKE: "收回角色 Revoke role",
    ChangeKind.RETIME: "修改有效期 Change dates",
    ChangeKind.RESCOPE: "修改授权范围 Change scope",
    ChangeKind.UPDATE: "修改资料 Change details",
}
ATTRIBUTES = {"login": "账号 login", "name": "姓名 name", "email": "邮箱 e-mail", "language": "语言 language"}
NONE = "（空 none）"


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a plan: its number among all steps of the target, the account, what changes there."""

    number: int
    account: AccountChange
    change: Change


@dataclass(frozen=True, slots=True)
class Row:
    """A line in words, as it is printed. Nothing in it can be anything but text of one line."""

    number: int
    login: str
    name: str
    step: str
    what: str
    reason: str
    request: str


@dataclass(frozen=True, slots=True)
class Order:
    """A work order. The number is the same whenever the same plan is handed over again."""

    number: str
    target: str
    system: str
    plan: str
    run: str
    by: str
    rows: tuple[Row, ...]


def order_number(target: str, plan: str) -> str:
    """The number of the work order of a plan, from the plan's digest."""
    return f"{target}-{plan.removeprefix('sha256:')[:12]}"


def lines_of(changes: Sequence[AccountChange]) -> tuple[Line, ...]:
    """Every step of a plan for one target, in its order. The numbers are the same for the same plan."""
    steps = ((account, change) for account in changes for change in account.changes)
    return tuple(Line(number, account, change) for number, (account, change) in enumerate(steps, start=1))


def row_of(line: Line, words: Mapping[ChangeKind, str]) -> Row:
    """A line in words.

    Args:
        line: the step.
        words: what the ERP itself calls a step; others are told in Chinese and English.
    """
    change, after = line.change, line.account.after
    login, name = _known_as(line)
    return Row(
        number=line.number,
        login=printable(login),
        name=printable(name or ""),
        step=printable(words.get(change.kind, STEPS[change.kind])),
        what=printable(_what(change, after)),
        reason=printable("; ".join(dict.fromkeys(reason.text for reason in change.reasons))),
        request=printable(_joined(reason.request for reason in change.reasons)),
    )


def _known_as(line: Line) -> tuple[str, str | None]:
    """The login and the name of an account when a line of it is done: the old ones until they are changed."""
    before, after = line.account.before, line.account.after
    if before is None:
        return after.login, after.name
    earlier = takewhile(lambda change: change is not line.change, line.account.changes)
    changed = {change.subject for change in earlier if change.kind is ChangeKind.UPDATE}
    return (
        after.login if "login" in changed else before.login,
        after.name if "name" in changed else before.name,
    )


def _what(change: Change, after: Account) -> str:
    match change.kind:
        case ChangeKind.CREATE:
            return _joined([after.login, after.name, after.email])
        case ChangeKind.LOCK | ChangeKind.UNLOCK:
            return ""
        case ChangeKind.UPDATE:
            label = ATTRIBUTES.get(change.subject, change.subject)
            return f"{label}: {change.before or NONE} → {change.after or NONE}"
        case ChangeKind.RESCOPE:
            return f"{change.subject}: {_listed(change.before)} → {_listed(change.after)}"
        case ChangeKind.RETIME:
            return f"{change.subject}: {_dates(change.before)} → {_dates(change.after)}"
        case _:
            return change.subject


def _joined(values: Iterable[str | None]) -> str:
    return ", ".join(dict.fromkeys(value for value in values if value))


def _listed(value: Value) -> str:
    return ", ".join(map(str, value or ())) or NONE


def _dates(value: Value) -> str:
    spans = [grant for grant in value or () if isinstance(grant, Grant)]
    return ", ".join(f"{span.valid_from or ''}–{span.valid_to or ''}" for span in spans)


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""Text of one line without characters that cannot be seen, which are written as ``\u202e``.

    A right-to-left mark could show one login as another; a control character cannot be in an XLSX file.
    """
    if text.isprintable():
        return text
    return "".join(f"\\u{ord(char):04x}" if unicodedata.category(char) in _UNSEEN else char for char in text)
