"""A real Frappe under the contract, without scope or with companies."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date

import pytest

from erpsync.connectors.base import Reader, Writer
from erpsync.connectors.frappe import FrappeConnector, listing
from erpsync.connectors.frappe.directory import PROFILE
from erpsync.model import Target
from tests.contract.company import this_day
from tests.support.frappe_site import COMPANIES, FrappeSite


def frappe(request: pytest.FixtureRequest) -> FrappeHarness:
    """A site whose User Permissions are not managed."""
    return FrappeHarness(request.getfixturevalue("frappe_site"))


def with_companies(request: pytest.FixtureRequest) -> FrappeHarness:
    """A site in which users may touch companies."""
    return FrappeHarness(request.getfixturevalue("frappe_site"), {"scopes": "Company"}, COMPANIES)


ERPS = {"frappe": frappe}
SCOPED = {"frappe with companies": with_companies}
IMPLYING = {"frappe": frappe}


@dataclass
class FrappeHarness:
    """A running site."""

    site: FrappeSite
    options: Mapping[str, str] = field(default_factory=dict)
    companies: tuple[str, ...] = ()
    entitlements: tuple[str, str] = ("Purchase User", "Sales User")
    implied: tuple[str, str] | None = (f"{PROFILE}Buying", "Report Manager")

    def login(self, name: str) -> str:
        """A login that no other test has."""
        return self.site.login(name)

    def today(self) -> date:
        """Today."""
        return this_day()

    def target(self) -> Target:
        """The running site."""
        return self.site.target(**self.options)

    def reading(self) -> AbstractContextManager[Reader]:
        """A session that cannot write."""
        return FrappeConnector.read(self.site.connection(**self.options))

    def writing(self) -> AbstractContextManager[Writer]:
        """A session that can."""
        return FrappeConnector.write(self.site.connection(**self.options))

    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two rows a page."""
        monkeypatch.setattr(listing, "PAGE", 2)

    def make(self, login: str) -> None:
        """As an administrator."""
        self.site.make_user(login)

    def set_active(self, login: str, *, active: bool) -> None:
        """As an administrator."""
        self.site.change_user(login, enabled=int(active))

    def rename(self, login: str, name: str) -> None:
        """As an administrator."""
        self.site.change_user(login, first_name=name)

    def give(self, login: str, entitlement: str) -> None:
        """As an administrator."""
        if entitlement.startswith(PROFILE):
            self.site.change_user(login, role_profile_name=entitlement.removeprefix(PROFILE))
        else:
            self.site.set_roles(login, *self.site.roles(login), entitlement)

    def take(self, login: str, entitlement: str) -> None:
        """As an administrator: without its profile a user keeps the roles of it."""
        if entitlement.startswith(PROFILE):
            self.site.change_user(login, role_profile_name="")
        else:
            self.site.set_roles(login, *(role for role in self.site.roles(login) if role != entitlement))

    def set_companies(self, login: str, *names: str) -> None:
        """As an administrator: no name at all is every one."""
        for row in self.site.permissions(login):
            self.site.delete("User Permission", row["name"])
        for name in names:
            self.site.permit(login, name)
