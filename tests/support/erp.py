"""A real ERP for the tests: what an administrator does there by hand, in one line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

from demo.bootstrap import APPLY_LOGIN, PLAN_LOGIN, Catalogue, bootstrap
from demo.tryton_database import build_template, copy_database, set_admin_password
from demo.tryton_rpc import Client
from demo.tryton_server import TrytonServer, free_port
from erpsync.connectors.base import Connection
from erpsync.model import Location, Manage, Mode, Target

APPLY_PASSWORD = "apply-Secret-1"
PLAN_PASSWORD = "plan-Secret-1"
TEMPLATES = Path(__file__).parents[2] / ".erpsync"
SHANGHAI = ZoneInfo("Asia/Shanghai")
ENFORCE = Manage(Mode.ENFORCE, Mode.ENFORCE, Mode.ENFORCE, Mode.ENFORCE)

ROLES = {
    "Buyer": ["party.group_party_admin"],
    "Clerk": ["company.group_employee_admin"],
    "Planner": ["company.group_company_admin", "currency.group_currency_admin"],
    "Staff": [],
}
"""The roles of the ERP under test, with their groups."""
COMPANIES = ("Huaxin Castings", "Huaxin Trading")

_numbers = count(1)


def utc(*parts: int) -> datetime:
    """An instant, as the ERP keeps them."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@dataclass
class Erp:
    """A running ERP with an administrator's session, and the two logins of erpsync."""

    url: str
    admin: Client
    database: str = "erp"
    has_roles: bool = True
    _ids: dict[tuple[str, str], int] = field(default_factory=dict)

    # --- reaching it ------------------------------------------------------------------------------

    def connection(self, username: str = APPLY_LOGIN, **target: Any) -> Connection:
        """How erpsync would connect, with other values for the target where given."""
        password = PLAN_PASSWORD if username == PLAN_LOGIN else APPLY_PASSWORD
        return Connection(self.target(**target), username, password, SHANGHAI)

    def target(self, **values: Any) -> Target:
        """The target `erp`, everything enforced."""
        declared: dict[str, Any] = {
            "name": "erp",
            "connector": "tryton",
            "url": self.url,
            "username": "env:ERP_USERNAME",
            "password": "env:ERP_PASSWORD",
            "at": Location("access/erpsync.yaml", 4, 3),
            "database": self.database,
            "options": {} if self.has_roles else {"entitlements": "groups"},
            "manage": ENFORCE,
        }
        return Target(**(declared | values))

    # --- what an administrator does by hand -------------------------------------------------------

    def login(self, name: str) -> str:
        """A login that no other test has: accounts cannot be deleted, so tests share the ERP by name."""
        return f"{name}.{next(_numbers)}"

    def create(self, login: str, **values: Any) -> int:
        """Make an account; with a company module it gets no company unless one is given."""
        known = {"login": login, "name": login, "companies": [], "company": None} | values
        ids: list[int] = self.admin.call("model.res.user.create", [known], {})
        return ids[0]

    def write(self, user: int, **values: Any) -> None:
        """Change an account."""
        self.admin.call("model.res.user.write", [user], values, {})

    def give(self, user: int, role: str, first: datetime | None = None, last: datetime | None = None) -> None:
        """Give a role through the account, so that its groups follow. Instants are in UTC."""
        row = {"role": self.id("res.role", role), "from_date": first, "to_date": last}
        self.write(user, roles=[["create", [row]]])

    def add_row(self, user: int, role: str, **values: Any) -> int:
        """Make a role row without the account, so that its groups do not follow."""
        row = {"user": user, "role": self.id("res.role", role), **values}
        ids: list[int] = self.admin.call("model.res.user.role.create", [row], {})
        return ids[0]

    def change_row(self, row: int, **values: Any) -> None:
        """Change a role row without the account."""
        self.admin.call("model.res.user.role.write", [row], values, {})

    def role(self, name: str, *groups: str) -> int:
        """Make a role with the groups of these xml_ids."""
        ids = [self.id("res.group", group) for group in groups]
        made: list[int] = self.admin.call(
            "model.res.role.create", [{"name": name, "groups": [["add", ids]] if ids else []}], {}
        )
        return made[0]

    def sync_groups(self) -> None:
        """Run the ERP's daily job that makes groups follow the dates of roles."""
        domain = [["method", "=", "res.user|sync_roles"]]
        jobs = self.admin.call("model.ir.cron.search", domain, 0, None, None, {})
        self.admin.call("model.ir.cron.run_once", jobs, {})

    def read(self, login: str, *fields: str) -> dict[str, Any]:
        """What the ERP itself has of an account."""
        wanted = ["login", "name", "active", "groups", *fields]
        domain, context = [["login", "=", login]], {"active_test": False}
        (user,) = self.admin.call("model.res.user.search_read", domain, 0, None, None, wanted, context)
        return dict(user)

    def rows(self, user: int) -> list[dict[str, Any]]:
        """The role rows of an account, oldest first."""
        fields, order = ["role", "from_date", "to_date"], [["id", "ASC"]]
        domain = [["user", "=", user]]
        found: list[dict[str, Any]] = self.admin.call(
            "model.res.user.role.search_read", domain, 0, None, order, fields, {"active_test": False}
        )
        return found

    def groups(self, login: str) -> set[str]:
        """The xml_ids of the groups an account really has."""
        ids = self.read(login)["groups"]
        return {group["xml_id"] for group in self.admin.call("model.res.group.read", ids, ["xml_id"], {})}

    def id(self, model: str, name: str) -> int:
        """The id of a role, group, company or language, by its name, xml_id or code."""
        if (model, name) not in self._ids:
            key = {"res.group": "xml_id", "company.company": "party.", "ir.lang": "code"}.get(model, "name")
            wanted = ["party.name"] if key == "party." else [key]
            for record in self.admin.call(f"model.{model}.search_read", [], 0, None, None, wanted, {}):
                value = record["party."]["name"] if key == "party." else record[key]
                self._ids.setdefault((model, value), record["id"])
        return self._ids[model, name]

    def key_answers(self, key: str) -> int:
        """The status with which the ERP answers somebody who holds an application key."""
        headers = {"Authorization": f"bearer {key}"}
        return requests.get(
            f"{self.url}{self.database}/rest/model/res.user", headers=headers, timeout=60
        ).status_code


@contextmanager
def running(directory: Path, modules: tuple[str, ...], catalogue: Mapping[str, Any]) -> Iterator[Erp]:
    """Start a server of its own on a fresh copy of the template, set up as docs/tryton.md says."""
    template = build_template(TEMPLATES, modules, _quiet)
    database = copy_database(template, directory / "erp.sqlite")
    password = set_admin_password(database)
    with TrytonServer.start(database, free_port(), _quiet) as server:
        admin = Client(server.url, server.database).login("admin", password)
        bootstrap(admin, Catalogue(**catalogue), APPLY_PASSWORD, PLAN_PASSWORD, _quiet)
        yield Erp(server.url, admin, has_roles="user_role" in modules)


def _quiet(message: str) -> None:
    """Say nothing."""
