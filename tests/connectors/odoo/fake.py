"""A small Odoo behind a wire, for what the connector sends: it answers reads, and keeps what is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from erpsync.connectors.base import Connection, Edit, Outcome
from erpsync.connectors.http import Http
from erpsync.connectors.odoo.answers import OdooError
from erpsync.connectors.odoo.session import WriteSession
from erpsync.connectors.odoo.wires import Call
from erpsync.connectors.odoo.writer import OdooWriter
from erpsync.diff import compare
from erpsync.model import Account, AccountChange, Location, Target
from tests.support.erp import ENFORCE, SHANGHAI

INTERNAL, PORTAL, SETTINGS, MULTI_COMPANY, INBOX = 1, 10, 4, 5, 6
SALESMAN, ALL_LEADS, BY_HAND = 20, 21, 30
BUYING, FILING = 40, 41
"""Groups, and the groups of two roles."""
EAST, WEST, CLOSED = 1, 2, 3
TODAY = datetime(2026, 11, 28, 4, tzinfo=UTC)

EXTERNAL = {
    ("base", "group_user"): INTERNAL,
    ("base", "group_portal"): PORTAL,
    ("base", "group_system"): SETTINGS,
    ("base", "group_multi_company"): MULTI_COMPANY,
    ("mail", "group_mail_notification_type_inbox"): INBOX,
    ("sales_team", "group_sale_salesman"): SALESMAN,
    ("sales_team", "group_sale_salesman_all_leads"): ALL_LEADS,
}
BRINGS = {SALESMAN: [INTERNAL], ALL_LEADS: [SALESMAN], BUYING: [INTERNAL, BY_HAND], FILING: [INTERNAL]}
ROLES = {BUYING: "Buying", FILING: "Filing"}


class FakeOdoo:
    """Tables that are read, and the calls that write."""

    def __init__(self, version: int = 18, *, with_roles: bool = False) -> None:
        self.version = version
        self.now, self.zone = TODAY, SHANGHAI
        self.asked: list[Call] = []
        self.written: list[Call] = []
        self.may: Callable[[str, str], bool] = lambda _model, _operation: True
        self.refuse: Callable[[Call], OdooError | None] = lambda _: None
        self.users: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        names = [(module, name, "res.groups", number) for (module, name), number in EXTERNAL.items()]
        names += [("base", "user_root", "res.users", 1)]
        names += [("base_user_role", "model_res_users_role_line", "ir.model", 9)] * with_roles
        groups = {**EXTERNAL, ("", "Night Shift"): BY_HAND}
        self.tables: dict[str, list[dict[str, Any]]] = {
            "ir.model.data": [
                {"id": row, "module": module, "name": name, "model": model, "res_id": number}
                for row, (module, name, model, number) in enumerate(names)
            ],
            "res.groups": [
                {"id": number, "full_name": name, "implied_ids": BRINGS.get(number, []), "role_id": []}
                for (_, name), number in groups.items()
            ]
            + [
                {
                    "id": group,
                    "full_name": f"Roles / {name}",
                    "implied_ids": BRINGS[group],
                    "role_id": [row],
                }
                for row, (group, name) in enumerate(ROLES.items(), start=1)
                if with_roles
            ],
            "res.company": [
                {"id": number, "name": name, "active": number != CLOSED, "create_date": "2026-01-02"}
                for number, name in ((EAST, "East"), (WEST, "West"), (CLOSED, "Closed"))
            ],
            "res.lang": [{"id": 1, "code": "zh_CN"}],
            "res.users": self.users,
            "res.users.role.line": self.lines,
        }

    def user(self, login: str, *groups: int, companies: tuple[int, ...] = (EAST,), **more: Any) -> None:
        """Let there be a user."""
        field = "all_group_ids" if self.version >= 19 else "groups_id"
        known = {
            "id": 100 + len(self.users),
            "login": login,
            "name": login,
            "email": False,
            "lang": "zh_CN",
            "active": True,
            "company_id": companies[0],
            "company_ids": list(companies),
            field: list(groups),
        }
        self.users.append(known | more)

    def send(self, call: Call, *, repeatable: bool) -> Any:
        """Answer a call."""
        self.asked.append(call)
        refused = self.refuse(call)
        if refused:
            raise refused
        if call.method == "has_access":
            return self.may(call.model, call.named["operation"])
        if call.method != "search_read":
            assert not repeatable
            self.written.append(call)
            return True
        assert repeatable
        rows = [row for row in self.tables[call.model] if _fits(row, call.named["domain"])]
        return [
            {name: row.get(name) for name in ("id", *call.named["fields"])}
            for row in rows[: call.named["limit"]]
        ]

    def close(self) -> None:
        """Nothing to close."""

    def writer(self, **options: str) -> OdooWriter:
        """A writer of it."""
        known = target(**options)
        session = WriteSession(self, Http(known.url, "target 'erp'"), "erpsync")
        return OdooWriter(session, Connection(known, "erpsync", "secret", self.zone), lambda: self.now)


def target(**options: str) -> Target:
    """The target, everything enforced."""
    return Target(
        "erp", "odoo", "http://127.0.0.1:9/", "env:U", "env:P", Location("access/erpsync.yaml", 4, 3),
        database="erp", options=options, manage=ENFORCE,
    )  # fmt: skip


def _fits(row: dict[str, Any], domain: list[Any]) -> bool:
    """Whether a user fits the conditions on ids and exact logins; any case is left to the connector."""
    for field, how, value in (condition for condition in domain if len(condition) == 3):
        if field in ("id", "login") and how == "in" and row[field] not in value:
            return False
        if how == ">" and row[field] <= value:
            return False
    return True


def edit(before: Account | None, after: Account) -> Edit:
    """A change of an account that is as it was when it was planned."""
    login = after.login if before is None else before.login
    return Edit(AccountChange(login, login, before, after, "", tuple(compare(before, after))), before)


def apply(writer: OdooWriter, *edits: Edit) -> list[Outcome]:
    """Write, and all answers."""
    return list(writer.apply(edits))
