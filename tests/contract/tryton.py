"""A real Tryton under the contract; with roles or, where its module is missing, with groups."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date

import pytest

from demo.bootstrap import APPLY_LOGIN, PLAN_LOGIN
from erpsync.connectors.base import Reader, Writer
from erpsync.connectors.tryton import TrytonConnector
from erpsync.connectors.tryton import reader as reader_module
from erpsync.connectors.tryton.reader import TrytonReader
from erpsync.connectors.tryton.rpc import Rpc, WriteRpc
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.model import Target
from tests.contract.company import this_day
from tests.contract.harness import Undemanding
from tests.support.erp import COMPANIES, Erp


def with_roles(request: pytest.FixtureRequest) -> TrytonHarness:
    """A Tryton whose roles have dates."""
    sessions = request.getfixturevalue("read_rpc"), request.getfixturevalue("write_rpc")
    return TrytonHarness(request.getfixturevalue("erp"), *sessions, ("Buyer", "Clerk"), COMPANIES)


def with_groups(request: pytest.FixtureRequest) -> TrytonHarness:
    """A Tryton without the module for roles."""
    groups = ("party.group_party_admin", "company.group_company_admin")
    sessions = request.getfixturevalue("groups_read_rpc"), request.getfixturevalue("groups_rpc")
    return TrytonHarness(request.getfixturevalue("groups_erp"), *sessions, groups, COMPANIES[:1])


ERPS = {"tryton with roles": with_roles, "tryton with groups": with_groups}


@dataclass
class TrytonHarness(Undemanding):
    """A running Tryton; its sessions are shared by all tests, since a login costs a third of a second."""

    erp: Erp
    read_rpc: Rpc
    write_rpc: WriteRpc
    entitlements: tuple[str, str]
    companies: tuple[str, ...]
    implied: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self._reader = TrytonReader(self.read_rpc, self.erp.connection(PLAN_LOGIN))
        self._writer = TrytonWriter(self.write_rpc, self.erp.connection(APPLY_LOGIN))

    def login(self, name: str) -> str:
        """A login that no other test has."""
        return self.erp.login(name)

    def today(self) -> date:
        """Today."""
        return this_day()

    def target(self) -> Target:
        """The running server."""
        return self.erp.target()

    def reading(self) -> AbstractContextManager[Reader]:
        """The login that plans."""
        return nullcontext(self._reader)

    def writing(self) -> AbstractContextManager[Writer]:
        """The login that applies."""
        return nullcontext(self._writer)

    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two accounts a call."""
        monkeypatch.setattr(reader_module, "PAGE", 2)

    def wrong_password(self) -> AbstractContextManager[Reader]:
        """The login that plans, with another password."""
        return TrytonConnector.read(replace(self.erp.connection(PLAN_LOGIN), password="not-the-Password-1"))

    def writing_without_rights(self) -> AbstractContextManager[Writer]:
        """The login that plans, in a session that can write."""
        return TrytonConnector.write(self.erp.connection(PLAN_LOGIN))

    def make(self, login: str) -> None:
        """As the administrator."""
        self.erp.create(login)

    def set_active(self, login: str, *, active: bool) -> None:
        """As the administrator."""
        self.erp.write(self._user(login), active=active)

    def rename(self, login: str, name: str) -> None:
        """As the administrator."""
        self.erp.write(self._user(login), name=name)

    def give(self, login: str, entitlement: str) -> None:
        """As the administrator."""
        if self.erp.has_roles:
            self.erp.give(self._user(login), entitlement)
        else:
            self._link_group(login, "add", entitlement)

    def take(self, login: str, entitlement: str) -> None:
        """As the administrator."""
        if not self.erp.has_roles:
            self._link_group(login, "remove", entitlement)
            return
        user, role = self._user(login), self.erp.id("res.role", entitlement)
        rows = [row["id"] for row in self.erp.rows(user) if row["role"] == role]
        # Without its last role Tryton leaves an account its groups; an administrator would see to that too.
        self.erp.write(user, roles=[["delete", rows]])
        if not self.erp.rows(user):
            self.erp.write(user, groups=[["remove", list(self.erp.read(login)["groups"])]])

    def set_companies(self, login: str, *names: str) -> None:
        """As the administrator."""
        user = self._user(login)
        had = self.erp.read(login, "companies")["companies"]
        ids = [self.erp.id("company.company", name) for name in names]
        # What is removed and added in one go is gone: Tryton looks for what is missing before it removes.
        gone, new = [one for one in had if one not in ids], [one for one in ids if one not in had]
        links = [["remove", gone]] * bool(gone) + [["add", new]] * bool(new)
        self.erp.write(user, companies=links, company=ids[0] if ids else None)

    def _user(self, login: str) -> int:
        return int(self.erp.read(login)["id"])

    def _link_group(self, login: str, how: str, group: str) -> None:
        self.erp.write(self._user(login), groups=[[how, [self.erp.id("res.group", group)]]])
