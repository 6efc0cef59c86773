"""Somebody who has a work order on the desk and does in the ERP what is written there, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import load_workbook

from erpsync.connectors.worklist.order_xlsx import TITLES
from erpsync.connectors.worklist.steps import ATTRIBUTES, NONE
from tests.support.worklist import text_of

SEPARATOR = "、"
ARROW = " → "


@dataclass
class Entry:
    """What the ERP has of a user."""

    login: str
    name: str
    email: str = ""
    active: bool = True
    companies: tuple[str, ...] = ()
    roles: set[str] = field(default_factory=set)


@dataclass
class Desk:
    """An ERP that only people can change, and the folder that it is exported to after every change."""

    folder: Path
    roles: tuple[str, ...]
    companies: tuple[str, ...]
    users: dict[str, Entry] = field(default_factory=dict)

    def export(self) -> None:
        """Write the files as Chinese Windows does."""
        users = sorted(self.users.values(), key=lambda user: user.login)
        files = {
            "users": [["编码", "姓名", "邮箱", "状态", "公司"], *map(_row, users)],
            "roles": [
                ["编码", "角色"],
                *([user.login, role] for user in users for role in sorted(user.roles)),
            ],
            "catalogue": [["角色名称"], *([role] for role in self.roles)],
            "companies": [["公司名称"], *([company] for company in self.companies)],
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, lines in files.items():
            (self.folder / f"{name}.csv").write_bytes(text_of(lines).encode("gb18030"))

    def carry_out(self, order: Path) -> None:
        """Do every line of a work order, in its order, from what is printed there."""
        lines = list(load_workbook(order).worksheets[0].iter_rows(values_only=True))
        for _, login, name, step, what, *_ in lines[lines.index(TITLES) + 1 :]:
            word = str(step).partition(" ")[0]
            STEPS[word](self, str(login), str(name or ""), str(what or ""))
        self.export()

    def _create(self, login: str, name: str, what: str) -> None:
        assert login not in self.users
        last = what.split(", ")[-1]
        self.users[login] = Entry(login, name, last if "@" in last else "")

    def _disable(self, login: str, _name: str, _what: str) -> None:
        self.users[login].active = False

    def _enable(self, login: str, _name: str, _what: str) -> None:
        self.users[login].active = True

    def _grant(self, login: str, _name: str, what: str) -> None:
        assert what in self.roles
        self.users[login].roles.add(what)

    def _revoke(self, login: str, _name: str, what: str) -> None:
        self.users[login].roles.remove(what)

    def _update(self, login: str, _name: str, what: str) -> None:
        label, _, change = what.partition(": ")
        before, after = change.split(ARROW)
        attribute = {text: name for name, text in ATTRIBUTES.items()}[label]
        user = self.users.pop(login)
        assert (getattr(user, attribute) or NONE) == before
        setattr(user, attribute, "" if after == NONE else after)
        self.users[user.login] = user

    def _rescope(self, login: str, _name: str, what: str) -> None:
        kind, _, change = what.partition(": ")
        assert kind == "company"
        after = change.split(ARROW)[1]
        self.users[login].companies = () if after == NONE else tuple(after.split(", "))


STEPS: dict[str, Callable[[Desk, str, str, str], None]] = {
    "新建用户": Desk._create,
    "停用": Desk._disable,
    "启用": Desk._enable,
    "授予角色": Desk._grant,
    "收回角色": Desk._revoke,
    "修改资料": Desk._update,
    "修改授权范围": Desk._rescope,
}


def _row(user: Entry) -> list[str]:
    state = "启用" if user.active else "停用"
    return [user.login, user.name, user.email, state, SEPARATOR.join(user.companies)]
