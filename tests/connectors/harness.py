"""What the contract needs of an ERP besides its connector: to be changed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Protocol

from demo.bootstrap import APPLY_LOGIN, PLAN_LOGIN
from erpsync.connectors.base import Reader, Writer
from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.tryton.reader import TrytonReader
from erpsync.connectors.tryton.rpc import Rpc, WriteRpc
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.model import Account, Grant, Location, Target, fold
from tests.support.erp import ENFORCE, Erp
from tests.support.memory import MemoryErp
from tests.support.scim_server import ScimServer


class Harness(Protocol):
    """One real ERP under the contract. A new connector brings its own.

    ``entitlements`` are two that exist there; ``companies`` those of which an account may have any, or
    none where the ERP knows no companies.
    """

    entitlements: tuple[str, str]
    companies: tuple[str, ...]

    def login(self, name: str) -> str:
        """A login that nobody has."""

    def target(self) -> Target:
        """The ERP as a target, everything enforced."""

    def reading(self) -> AbstractContextManager[Reader]:
        """Log in for reading."""

    def writing(self) -> AbstractContextManager[Writer]:
        """Log in for writing."""

    def make(self, login: str) -> None:
        """By hand: make an active account that holds nothing."""

    def set_active(self, login: str, *, active: bool) -> None:
        """By hand: lock or unlock an account."""

    def rename(self, login: str, name: str) -> None:
        """By hand: give a person another name."""

    def give(self, login: str, entitlement: str) -> None:
        """By hand: give an entitlement without end."""

    def take(self, login: str, entitlement: str) -> None:
        """By hand: take an entitlement away."""

    def set_companies(self, login: str, *names: str) -> None:
        """By hand: let an account touch exactly these companies."""


@dataclass
class MemoryHarness:
    """The ERP in memory: it holds the contract itself to account."""

    erp: MemoryErp
    entitlements: tuple[str, str] = ("Buyer", "Clerk")
    companies: tuple[str, ...] = ("Huaxin Castings", "Huaxin Trading")

    def login(self, name: str) -> str:
        """Nobody else is there."""
        return name

    def target(self) -> Target:
        """A target with no address."""
        at = Location("access/erpsync.yaml", 4, 3)
        return Target("erp", "memory", "https://erp.example/", "env:U", "env:P", at, manage=ENFORCE)

    def reading(self) -> AbstractContextManager[Reader]:
        """The ERP itself."""
        return nullcontext(self.erp)

    def writing(self) -> AbstractContextManager[Writer]:
        """The ERP itself."""
        return nullcontext(self.erp)

    def make(self, login: str) -> None:
        """Put an account there."""
        self.erp.put(Account(login, login))

    def set_active(self, login: str, *, active: bool) -> None:
        """Change the account in place."""
        self._change(login, active=active)

    def rename(self, login: str, name: str) -> None:
        """Change the account in place."""
        self._change(login, name=name)

    def give(self, login: str, entitlement: str) -> None:
        """Change the account in place."""
        grants = {*self.erp.accounts[fold(login)].grants, Grant(entitlement)}
        self._change(login, grants=tuple(sorted(grants, key=lambda grant: grant.order)))

    def take(self, login: str, entitlement: str) -> None:
        """Change the account in place."""
        grants = self.erp.accounts[fold(login)].grants
        self._change(login, grants=tuple(grant for grant in grants if grant.entitlement != entitlement))

    def set_companies(self, login: str, *names: str) -> None:
        """Change the account in place."""
        self._change(login, scope={"company": names} if names else {})

    def _change(self, login: str, **values: object) -> None:
        self.erp.put(replace(self.erp.accounts[fold(login)], **values))  # type: ignore[arg-type]


@dataclass
class TrytonHarness:
    """A real Tryton; with roles or, where its module is missing, with groups."""

    erp: Erp
    read_rpc: Rpc
    write_rpc: WriteRpc
    entitlements: tuple[str, str]
    companies: tuple[str, ...]

    def __post_init__(self) -> None:
        self._reader = TrytonReader(self.read_rpc, self.erp.connection(PLAN_LOGIN))
        self._writer = TrytonWriter(self.write_rpc, self.erp.connection(APPLY_LOGIN))

    def login(self, name: str) -> str:
        """A login that no other test has."""
        return self.erp.login(name)

    def target(self) -> Target:
        """The running server."""
        return self.erp.target()

    def reading(self) -> AbstractContextManager[Reader]:
        """The login that plans."""
        return nullcontext(self._reader)

    def writing(self) -> AbstractContextManager[Writer]:
        """The login that applies."""
        return nullcontext(self._writer)

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
        had = list(self.erp.read(login, "companies")["companies"])
        ids = [self.erp.id("company.company", name) for name in names]
        links = [["remove", had]] * bool(had) + [["add", ids]] * bool(ids)
        self.erp.write(user, companies=links, company=ids[0] if ids else None)

    def _user(self, login: str) -> int:
        return int(self.erp.read(login)["id"])

    def _link_group(self, login: str, how: str, group: str) -> None:
        self.erp.write(self._user(login), groups=[[how, [self.erp.id("res.group", group)]]])


@dataclass
class ScimHarness:
    """A real SCIM service; its accounts hold groups or, with that option, entitlements. It has no scope."""

    server: ScimServer
    options: Mapping[str, str] = field(default_factory=dict)
    entitlements: tuple[str, str] = ("Buyer", "Clerk")
    companies: tuple[str, ...] = ()

    def login(self, name: str) -> str:
        """A login that no other test has."""
        return self.server.login(name)

    def target(self) -> Target:
        """The running server."""
        return self.server.target(options=self.options)

    def reading(self) -> AbstractContextManager[Reader]:
        """A session that cannot write."""
        return ScimConnector.read(self.server.connection(options=self.options))

    def writing(self) -> AbstractContextManager[Writer]:
        """A session that can."""
        return ScimConnector.write(self.server.connection(options=self.options))

    def make(self, login: str) -> None:
        """As the administrator."""
        self.server.create(login)

    def set_active(self, login: str, *, active: bool) -> None:
        """As the administrator."""
        self.server.change(login, "active", active)

    def rename(self, login: str, name: str) -> None:
        """As the administrator."""
        self.server.change(login, "displayName", name)

    def give(self, login: str, entitlement: str) -> None:
        """As the administrator."""
        if "known" not in self.options:
            self.server.give(login, entitlement)
            return
        operation = {"op": "add", "path": "entitlements", "value": [{"value": entitlement}]}
        self.server.patch(f"/Users/{self.server.id(login)}", operation)

    def take(self, login: str, entitlement: str) -> None:
        """As the administrator."""
        if "known" not in self.options:
            self.server.take(login, entitlement)
            return
        path = f'entitlements[value eq "{entitlement}"]'
        self.server.patch(f"/Users/{self.server.id(login)}", {"op": "remove", "path": path})

    def set_companies(self, login: str, *names: str) -> None:
        """There are none."""
        raise NotImplementedError
