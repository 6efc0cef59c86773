"""A real SCIM service under the contract; its accounts hold groups or entitlements. It has no scope."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date

import pytest

from erpsync.connectors.base import Reader, Writer
from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim import options as options_module
from erpsync.connectors.scim.profiles import PROFILES
from erpsync.model import Target
from tests.contract.company import this_day
from tests.contract.harness import Undemanding
from tests.support import s4hana_cloud as s4hana
from tests.support.scim_server import ScimServer


def able(request: pytest.FixtureRequest) -> ScimHarness:
    """A service that can do everything."""
    return ScimHarness(request.getfixturevalue("scim_server"))


def plain(request: pytest.FixtureRequest) -> ScimHarness:
    """A service that can do as little as may be."""
    return ScimHarness(request.getfixturevalue("plain_scim_server"))


def second(request: pytest.FixtureRequest) -> ScimHarness:
    """A service that others wrote."""
    return ScimHarness(request.getfixturevalue("second_scim_server"))


def with_entitlements(request: pytest.FixtureRequest) -> ScimHarness:
    """A service whose Users have entitlements."""
    options = {"profile": "infor-os", "known": "Buyer, Clerk"}
    return ScimHarness(request.getfixturevalue("scim_server"), options)


def s4hana_cloud(request: pytest.FixtureRequest) -> ScimHarness:
    """A service with SAP's extensions; erpsync has to pass the guard."""
    cloud: s4hana.Cloud = request.getfixturevalue("s4hana_cloud")
    return ScimHarness(cloud.server, s4hana.OPTIONS, s4hana.BUSINESS_ROLES, door=cloud.door)


ERPS = {
    "scim": able,
    "scim without bulk, filter, sort and etag": plain,
    "another scim": second,
    "scim as S/4HANA Cloud has it": s4hana_cloud,
    "scim with entitlements": with_entitlements,
}


@dataclass
class ScimHarness(Undemanding):
    """A running service."""

    server: ScimServer
    options: Mapping[str, str] = field(default_factory=dict)
    entitlements: tuple[str, str] = ("Buyer", "Clerk")
    companies: tuple[str, ...] = ()
    implied: tuple[str, str] | None = None
    door: ScimServer | None = None
    """Where erpsync reaches it, if not where its administrators do."""

    def login(self, name: str) -> str:
        """A login that no other test has."""
        return self.server.login(name)

    def today(self) -> date:
        """Today."""
        return this_day()

    def target(self) -> Target:
        """The running server."""
        return (self.door or self.server).target(options=self.options)

    def reading(self) -> AbstractContextManager[Reader]:
        """A session that cannot write."""
        return ScimConnector.read((self.door or self.server).connection(options=self.options))

    def writing(self) -> AbstractContextManager[Writer]:
        """A session that can."""
        return ScimConnector.write((self.door or self.server).connection(options=self.options))

    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two resources a page."""
        profiles = {name: replace(profile, page=2) for name, profile in PROFILES.items()}
        monkeypatch.setattr(options_module, "PROFILES", profiles)

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
        pytest.fail("a SCIM service has no companies")
