"""A real Odoo under the contract, where the environment names one."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import count

import pytest

from erpsync.connectors.base import Reader, Writer
from erpsync.connectors.odoo import OdooConnector
from erpsync.connectors.odoo import reader as reader_module
from erpsync.model import Target
from tests.contract.company import this_day
from tests.support.odoo_server import COMPANIES, PLAN_LOGIN, OdooServer

URL = "ERPSYNC_TEST_ODOO_URL"
_numbers = count(1)


@cache
def server() -> OdooServer:
    """The Odoo that the environment names, prepared once."""
    named = OdooServer(
        os.environ[URL],
        os.environ.get("ERPSYNC_TEST_ODOO_DATABASE", "erp"),
        os.environ.get("ERPSYNC_TEST_ODOO_USERNAME", "admin"),
        os.environ.get("ERPSYNC_TEST_ODOO_PASSWORD", "admin"),
    )
    named.sign_in()
    named.prepare()
    return named


def live(_request: pytest.FixtureRequest) -> OdooHarness:
    """The Odoo that the environment names."""
    return OdooHarness(server())


ERPS = {"odoo": live} if URL in os.environ else {}


@dataclass
class OdooHarness:
    """A running Odoo."""

    server: OdooServer
    entitlements: tuple[str, str] = ("Buyer", "Clerk")
    companies: tuple[str, ...] = ()
    implied: tuple[str, str] | None = (
        "sales_team.group_sale_salesman_all_leads",
        "sales_team.group_sale_salesman",
    )
    required: str = f", scope: {{company: [{COMPANIES[0]}]}}"
    granted_to_all: tuple[str, ...] = ("base.group_user",)

    def __post_init__(self) -> None:
        with self.reading() as reader:
            catalogue = reader.catalogue()
        brought = catalogue.implies.get("base.group_user", frozenset())
        self.companies = catalogue.scopes["company"]
        # From version 19 on Odoo keeps what was given apart from what comes with it.
        self.leaves_residue = self.server.group_field == "groups_id"
        self.ambient = brought | {"base.group_user"}

    def login(self, name: str) -> str:
        """A login that no other test has, now or earlier: users stay in Odoo."""
        return f"{name}.{os.getpid()}.{next(_numbers)}"

    def today(self) -> date:
        """Today."""
        return this_day()

    def target(self) -> Target:
        """The running server."""
        return self.server.target()

    def reading(self) -> AbstractContextManager[Reader]:
        """The login that plans."""
        return OdooConnector.read(self.server.connection(PLAN_LOGIN))

    def writing(self) -> AbstractContextManager[Writer]:
        """The login that applies."""
        return OdooConnector.write(self.server.connection())

    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two accounts a call."""
        monkeypatch.setattr(reader_module, "PAGE", 2)

    def wrong_password(self) -> AbstractContextManager[Reader]:
        """The login that plans, with another password."""
        return OdooConnector.read(self.server.connection(PLAN_LOGIN, "not-the-Password-1"))

    def writing_without_rights(self) -> AbstractContextManager[Writer]:
        """The login that plans, in a session that can write."""
        return OdooConnector.write(self.server.connection(PLAN_LOGIN))

    def make(self, login: str) -> None:
        """As the administrator."""
        self.server.create(login, COMPANIES[0])

    def set_active(self, login: str, *, active: bool) -> None:
        """As the administrator."""
        self.server.write(login, active=active)

    def rename(self, login: str, name: str) -> None:
        """As the administrator."""
        self.server.write(login, name=name)

    def give(self, login: str, entitlement: str) -> None:
        """As the administrator."""
        self.server.write(login, **{self.server.group_field: [[4, self.server.group(entitlement), 0]]})

    def take(self, login: str, entitlement: str) -> None:
        """As the administrator; what came with it stays."""
        self.server.write(login, **{self.server.group_field: [[3, self.server.group(entitlement), 0]]})

    def set_companies(self, login: str, *names: str) -> None:
        """As the administrator; without a name, the one that nobody can be without."""
        ids = self.server.companies(*(names or COMPANIES[:1]))
        self.server.write(login, company_ids=[[6, 0, ids]], company_id=ids[0])
