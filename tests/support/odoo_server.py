"""A real Odoo that somebody named, and what an administrator does there by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import requests

from erpsync.connectors.base import Connection
from erpsync.model import Location, Target
from tests.support.erp import ENFORCE, SHANGHAI

COMPANIES = ("Huaxin Castings", "Huaxin Trading")
GROUPS = ("Buyer", "Clerk", "Planner")
ROLES = {"Buying": "Buyer", "Filing": "Clerk"}
PLAN_LOGIN, APPLY_LOGIN = "erpsync-plan", "erpsync-apply"
PASSWORD = "odoo-Secret-1"
ROLES_LOGIN = "erpsync-roles"
"""Roles of base_user_role are shown to those only who manage access rights."""
OWN_GROUPS = ("erpsync reads", "erpsync writes")
MAY_READ = ("ir.model.data", "res.users.role", "res.users.role.line")
"""What not every employee may read."""
MAY_WRITE = ("res.users", "res.partner")
OPERATIONS = ("read", "write", "create", "unlink")
GUARD = "erpsync changes neither itself nor administrators"


@dataclass
class OdooServer:
    """A running Odoo, with two companies, three groups, and two accounts for erpsync."""

    url: str
    database: str
    login: str
    password: str
    group_field: str = "groups_id"
    http: requests.Session = field(default_factory=requests.Session)
    _numbers: Any = field(default_factory=lambda: count(1))

    # --- reaching it ------------------------------------------------------------------------------

    def target(self, **values: Any) -> Target:
        """The target `erp`, everything enforced."""
        declared: dict[str, Any] = {
            "name": "erp",
            "connector": "odoo",
            "url": self.url,
            "username": "env:ERP_USERNAME",
            "password": "env:ERP_PASSWORD",
            "at": Location("access/erpsync.yaml", 4, 3),
            "database": self.database,
            "manage": ENFORCE,
        }
        return Target(**(declared | values))

    def connection(self, username: str = APPLY_LOGIN, password: str = PASSWORD, **target: Any) -> Connection:
        """How erpsync would connect, with other values for the target where given."""
        return Connection(self.target(**target), username, password, SHANGHAI)

    # --- as an administrator ------------------------------------------------------------------------

    def sign_in(self) -> None:
        """Log in as the administrator."""
        told = {"db": self.database, "login": self.login, "password": self.password}
        session = self._post("/web/session/authenticate", told)
        if int(session["server_version_info"][0]) >= 19:
            self.group_field = "group_ids"

    def prepare(self) -> None:
        """Make what the tests need, where it is not there yet."""
        for name in COMPANIES:
            self._one("res.company", [["name", "=", name]], {"name": name})
        for name in GROUPS:
            self._group(name)
        if self.find("ir.model", [["model", "=", "res.users.role"]]):
            for role, group in ROLES.items():
                brings = [self.ref("base.group_user"), self.group(group)]
                values = {"name": role, "implied_ids": [[6, 0, brings]]}
                self._one("res.users.role", [["name", "=", role]], values)
        reads, writes = (
            self._one("res.groups", [["name", "=", name]], {"name": name}) for name in OWN_GROUPS
        )
        for model in MAY_READ:
            self._allow(model, reads, "read")
        for model in MAY_WRITE:
            self._allow(model, writes, "read", "write", "create")
        group_user, settings = self.ref("base.group_user"), self.ref("base.group_system")
        self.account(PLAN_LOGIN, group_user, reads)
        self.account(APPLY_LOGIN, group_user, reads, writes)
        itself = self.id(APPLY_LOGIN)
        domain = [("id", "!=", itself), (self.group_field, "not in", [settings])]
        guard = {
            "name": GUARD,
            "model_id": self.find("ir.model", [["model", "=", "res.users"]])[0]["id"],
            "groups": [[6, 0, [writes]]],
            "domain_force": str(domain),
            "perm_read": False,
        }
        self._one("ir.rule", [["name", "=", GUARD]], guard)
        if self.find("ir.model", [["model", "=", "res.users.role"]]):
            self.account(ROLES_LOGIN, group_user, self.ref("base.group_erp_manager"),
                         self.ref("base.group_partner_manager"))  # fmt: skip

    def _group(self, name: str) -> int:
        return self._one("res.groups", [["name", "=", name]], {"name": name})

    def _allow(self, model: str, group: int, *operations: str) -> None:
        """Let a group do something with the records of a model, if there is such a model."""
        name = f"erpsync {' '.join(operations)}: {model}"
        for found in self.find("ir.model", [["model", "=", model]]):
            rights = {f"perm_{operation}": operation in operations for operation in OPERATIONS}
            values = {"name": name, "model_id": found["id"], "group_id": group, **rights}
            self._one("ir.model.access", [["name", "=", name]], values)

    def account(self, login: str, *groups: int) -> None:
        """An account for erpsync, in every company."""
        companies = [row["id"] for row in self.find("res.company", [])]
        values = {
            "name": login,
            "login": login,
            "email": f"{login}@huaxin.example",  # Odoo writes to people in the name of who changes them
            "password": PASSWORD,
            self.group_field: [[6, 0, list(groups)]],
            "company_ids": [[6, 0, companies]],
            "company_id": companies[0],
        }
        self._one("res.users", [["login", "=", login]], values)

    def ref(self, external: str) -> int:
        """The id behind an external id."""
        module, _, name = external.partition(".")
        domain = [["module", "=", module], ["name", "=", name]]
        return int(self.find("ir.model.data", domain, ["res_id"])[0]["res_id"])

    def group(self, name: str) -> int:
        """The id of a group, by external id or by name."""
        if "." in name:
            return self.ref(name)
        return int(self.find("res.groups", [["name", "=", name]])[0]["id"])

    def role(self, name: str) -> int:
        """The id of a role of base_user_role."""
        return int(self.find("res.users.role", [["name", "=", name]])[0]["id"])

    def create(self, login: str, *companies: str, **values: Any) -> int:
        """Make an internal user that holds nothing else."""
        ids = self.companies(*companies)
        known = {
            "login": login,
            "name": login,
            self.group_field: [[6, 0, [self.ref("base.group_user")]]],
            "company_ids": [[6, 0, ids]],
            "company_id": ids[0],
        }
        context = {"no_reset_password": True}
        return int(self.call("res.users", "create", {**known, **values}, context=context))

    def write(self, login: str, **values: Any) -> None:
        """Change a user."""
        self.call("res.users", "write", [self.id(login)], values)

    def companies(self, *names: str) -> list[int]:
        """The ids of companies."""
        return [self.find("res.company", [["name", "=", name]])[0]["id"] for name in names]

    def id(self, login: str) -> int:
        """The id of a user."""
        return int(self.read(login)["id"])

    def read(self, login: str, *fields: str) -> dict[str, Any]:
        """What Odoo itself has of a user."""
        return self.find("res.users", [["login", "=", login]], list(fields))[0]

    def find(self, model: str, domain: list[Any], fields: list[str] | None = None) -> list[dict[str, Any]]:
        """Records, archived ones too."""
        context = {"active_test": False, "lang": "en_US"}
        asked = {"domain": domain, "fields": fields or ["id"], "order": "id", "context": context}
        return list(self.call(model, "search_read", **asked))

    def call(self, model: str, method: str, *args: Any, **named: Any) -> Any:
        """Call a method; it must succeed."""
        params = {"model": model, "method": method, "args": list(args), "kwargs": named}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", params)

    def _one(self, model: str, domain: list[Any], values: dict[str, Any]) -> int:
        found = self.find(model, domain)
        return int(found[0]["id"] if found else self.call(model, "create", values))

    def _post(self, path: str, params: dict[str, Any]) -> Any:
        body = {"jsonrpc": "2.0", "method": "call", "id": next(self._numbers), "params": params}
        answer = self.http.post(self.url + path, json=body, timeout=120).json()
        assert "error" not in answer, answer["error"]["data"].get("message")
        return answer.get("result")
