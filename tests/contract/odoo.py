"""Odoo under the contract: the server that the environment names, or what one answered."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import ClassVar

import pytest

from erpsync.connectors.base import Reader, Writer
from erpsync.connectors.odoo import OdooConnector
from erpsync.connectors.odoo import reader as reader_module
from erpsync.connectors.odoo.connector import session_to
from erpsync.connectors.odoo.directory import GROUP_PREFIX
from erpsync.connectors.odoo.reader import OdooReader
from erpsync.connectors.odoo.session import Session, WriteSession
from erpsync.connectors.odoo.writer import OdooWriter
from erpsync.model import Target
from tests.contract.cassette import Json
from tests.contract.recorded import Stage, Staging, enter, stages
from tests.support.odoo_server import COMPANIES, PASSWORD, PLAN_LOGIN, ROLES_LOGIN, OdooServer

ADMINISTRATOR = (
    os.environ.get("ERPSYNC_TEST_ODOO_USERNAME", "admin"),
    os.environ.get("ERPSYNC_TEST_ODOO_PASSWORD", "admin"),
)


def needed(path: str, answer: Json) -> Json:
    """Of a login only who it is and what the server is: Odoo tells the web client much more."""
    if path != "/web/session/authenticate" or not isinstance(answer, dict) or "result" not in answer:
        return answer
    told = {name: answer["result"].get(name) for name in ("uid", "server_version_info")}
    return {**answer, "result": told}


def over(stage: Staging, kind: type[OdooHarness]) -> Callable[[pytest.FixtureRequest], OdooHarness]:
    """The harness over one way to run."""

    def made(request: pytest.FixtureRequest) -> OdooHarness:
        test = request.node.originalname
        entered = enter(stage(test), request)
        database = entered.settings.get("DATABASE", "erp")
        if entered.live:
            prepared(database)
        server = OdooServer(entered.url, database, *ADMINISTRATOR)
        server.sign_in()
        return kind(server, entered, test)

    return made


@cache
def prepared(database: str) -> None:
    """Make what the tests need, once; that is not recorded."""
    server = OdooServer(os.environ["ERPSYNC_TEST_ODOO_URL"], database, *ADMINISTRATOR)
    server.sign_in()
    server.prepare()


@dataclass
class OdooHarness:
    """An Odoo, or what one answered."""

    options: ClassVar[Mapping[str, str]] = {}

    server: OdooServer
    stage: Stage
    test: str
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
        return self.stage.login(name, self.test)

    def today(self) -> date:
        """Today, or the day on which it was recorded."""
        return self.stage.today

    def target(self) -> Target:
        """The running server."""
        return self.server.target(options=self.options)

    def reading(self) -> AbstractContextManager[Reader]:
        """The login that plans."""
        return OdooConnector.read(self.server.connection(PLAN_LOGIN, options=self.options))

    def writing(self) -> AbstractContextManager[Writer]:
        """The login that applies."""
        return OdooConnector.write(self.server.connection(options=self.options))

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


@dataclass
class OdooRolesHarness(OdooHarness):
    """The same with the roles of base_user_role, which have days; a role brings what an account needs."""

    options: ClassVar[Mapping[str, str]] = {"entitlements": "roles"}

    entitlements: tuple[str, str] = ("Buying", "Filing")
    implied: tuple[str, str] | None = None
    granted_to_all: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        with self.reading() as reader:
            assert isinstance(reader, OdooReader)
            internal = reader.directory.closure([self.server.ref("base.group_user")])
            self.ambient = frozenset(GROUP_PREFIX + reader.directory.group_name(group) for group in internal)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """The login that manages access: another one may not see roles."""
        connection = self.server.connection(ROLES_LOGIN, options=self.options)
        with session_to(Session, connection) as session:
            yield OdooReader(session, connection, self._noon)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """The same."""
        connection = self.server.connection(ROLES_LOGIN, options=self.options)
        with session_to(WriteSession, connection) as session:
            yield OdooWriter(session, connection, self._noon)

    def give(self, login: str, entitlement: str) -> None:
        """As the administrator."""
        line = {"role_id": self.server.role(entitlement)}
        self.server.write(login, role_line_ids=[[0, 0, line]])

    def take(self, login: str, entitlement: str) -> None:
        """As the administrator; without its last role Odoo would leave an account its groups."""
        user, role = self.server.id(login), self.server.role(entitlement)
        lines = self.server.find("res.users.role.line", [["user_id", "=", user]], ["role_id"])
        mine = [line["id"] for line in lines if line["role_id"][0] == role]
        rest = len(lines) > len(mine)
        groups = {} if rest else {self.server.group_field: [[6, 0, []]]}
        self.server.write(login, role_line_ids=[[2, line, 0] for line in mine], **groups)

    def _noon(self) -> datetime:
        """Roles hold or not by the day of the contract."""
        return datetime.combine(self.stage.today, time(4), UTC)


ROLES = "ERPSYNC_TEST_ODOO_ROLES"
"""Set where base_user_role is installed, so that roles are managed."""
ERPS: dict[str, Callable[[pytest.FixtureRequest], OdooHarness]] = {}
WITH_ROLES: dict[str, Callable[[pytest.FixtureRequest], OdooHarness]] = {}
for _name, _stage in stages("odoo", needed, {PASSWORD}).items():
    if "roles" in _name or ROLES in os.environ:
        WITH_ROLES[_name] = over(_stage, OdooRolesHarness)
    else:
        ERPS[_name] = over(_stage, OdooHarness)
