"""A real Frappe site, or what one answered, and what an administrator does there by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

import requests

from erpsync.connectors.base import Connection
from erpsync.model import Location, Target
from tests.support.erp import ENFORCE, SHANGHAI

COMPANIES = ("华新商贸", "华新物流", "华新铸造")
PROFILES = {"Buying": ("Purchase User", "Report Manager"), "Selling": ("Sales User",)}


@dataclass
class FrappeSite:
    """A site, reached with the key of a System Manager. ``naming`` makes names that no other test has."""

    url: str
    site: str | None
    key: str
    secret: str
    naming: Callable[[str], str] = str
    session: requests.Session = field(default_factory=requests.Session)

    # --- reaching it ------------------------------------------------------------------------------

    def target(self, **options: str) -> Target:
        """The target `erp`, everything enforced."""
        site = {"site": self.site} if self.site else {}
        at = Location("access/erpsync.yaml", 4, 3)
        target = Target("erp", "frappe", self.url, "env:ERP_USERNAME", "env:ERP_PASSWORD", at, manage=ENFORCE)
        return replace(target, options={"max_creates_per_hour": "100000", **site, **options})

    def connection(self, **options: str) -> Connection:
        """How erpsync would connect."""
        return Connection(self.target(**options), self.key, self.secret, SHANGHAI)

    def login(self, name: str) -> str:
        """A login that no other test has."""
        return f"{self.naming(name)}@huaxin.example"

    # --- what an administrator does by hand -------------------------------------------------------

    def prepare(self) -> None:
        """See to it that the companies and the role profiles of the tests are there."""
        if not self.found("DocType", "Company"):
            fields = [{"fieldname": "company_name", "fieldtype": "Data", "label": "Company", "reqd": 1}]
            rights = [{"role": "System Manager", "read": 1, "write": 1, "create": 1}]
            self.make(
                "DocType", name="Company", module="Core", custom=1, autoname="field:company_name",
                fields=fields, permissions=rights,
            )  # fmt: skip
        for company in COMPANIES:
            if not self.found("Company", company):
                self.make("Company", company_name=company)
        for profile, roles in PROFILES.items():
            if not self.found("Role Profile", profile):
                self.make("Role Profile", role_profile=profile, roles=[{"role": role} for role in roles])

    def found(self, doctype: str, name: str) -> bool:
        """Whether a document is there."""
        return bool(self.list(doctype, ["name"], [["name", "=", name]]))

    def make(self, doctype: str, **values: Any) -> dict[str, Any]:
        """Make a document."""
        return dict(self.call("POST", f"/api/resource/{doctype}", values)["data"])

    def make_user(self, login: str, **values: Any) -> dict[str, Any]:
        """Make a user who holds nothing, or what is given."""
        known = {"email": login, "first_name": login, "enabled": 1, "send_welcome_email": 0}
        return self.make("User", **{**known, **values})

    def read_user(self, login: str) -> dict[str, Any]:
        """A user as a whole document."""
        return dict(self.call("GET", f"/api/resource/User/{login}")["data"])

    def change_user(self, login: str, **values: Any) -> dict[str, Any]:
        """Change a user, whoever changed it before."""
        return dict(self.call("PUT", f"/api/resource/User/{login}", values)["data"])

    def set_roles(self, login: str, *roles: str) -> None:
        """Let a user have exactly these roles."""
        self.change_user(login, roles=[{"role": role} for role in roles])

    def roles(self, login: str) -> list[str]:
        """The roles that a user has."""
        return sorted(row["role"] for row in self.read_user(login)["roles"])

    def permissions(self, login: str, allow: str = "Company") -> list[dict[str, Any]]:
        """The User Permissions of a user for a doctype."""
        fields = ["name", "for_value", "applicable_for", "apply_to_all_doctypes"]
        return self.list("User Permission", fields, [["user", "=", login], ["allow", "=", allow]])

    def permit(self, login: str, value: str, allow: str = "Company", **values: Any) -> None:
        """Give a User Permission."""
        self.make("User Permission", user=login, allow=allow, for_value=value, **values)

    def list(
        self, doctype: str, fields: Sequence[str], filters: Sequence[Any], parent: str = ""
    ) -> list[dict[str, Any]]:
        """Records of a doctype; of a child table, with that of its parents."""
        query = f"fields={quote(json.dumps(fields))}&filters={quote(json.dumps(filters))}&limit_page_length=0"
        query += f"&parent={quote(parent)}" * bool(parent)
        return list(self.call("GET", f"/api/resource/{doctype}?{query}")["data"])

    def delete(self, doctype: str, name: str) -> None:
        """Delete a document."""
        self.call("DELETE", f"/api/resource/{doctype}/{name}")

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A request with the key; it must go well."""
        headers = {"Authorization": f"token {self.key}:{self.secret}"}
        if self.site:
            headers["X-Frappe-Site-Name"] = self.site
        answer = self.session.request(
            method, self.url.rstrip("/") + path, headers=headers, json=body, timeout=120
        )
        assert answer.ok, answer.text[-2000:]
        return dict(answer.json())
