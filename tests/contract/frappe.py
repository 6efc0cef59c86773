"""Frappe under the contract, without scope or with companies: a real site, or what one answered.

How it is recorded: docs/frappe.md, at its end.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import pytest

from erpsync.connectors.base import Reader, Writer
from erpsync.connectors.frappe import FrappeConnector, listing
from erpsync.connectors.frappe.directory import PROFILE
from erpsync.connectors.frappe.users import FIELDS
from erpsync.model import Target
from tests.contract.cassette import Json
from tests.contract.recorded import Stage, Staging, enter, stages
from tests.support.frappe_site import COMPANIES, FrappeSite

KEY = "erpsync-contract"
"""The API key of the account that the contract is recorded with; it stands in addresses, and is no secret."""
OF_USERS = re.compile(r"/api/resource/(User|Has%20Role|User%20Permission|Block%20Module)\?")
OF_A_USER = re.compile(r"/api/resource/User(/[^?]*)?$")
USER_FIELDS = frozenset(
    {*FIELDS, "roles", "block_modules", "role_profiles", "send_welcome_email", "owner", "creation", "email"}
)
ROW_FIELDS = frozenset({"name", "role", "module", "role_profile"})


class Needed:
    """What is kept of an answer: of all the users on a site those of the test, and of a User what is read.

    ``mark`` stands in each name that the test made; none where the test is about everybody.
    """

    mark: str | None = None

    def __call__(self, path: str, answer: Json) -> Json:
        """The part of an answer that is needed."""
        data = answer.get("data") if isinstance(answer, dict) else None
        if isinstance(data, list) and OF_USERS.match(path) and self.mark:
            return {**answer, "data": [row for row in data if self._is_ours(row)]}
        if isinstance(data, dict) and OF_A_USER.match(path):
            user = {name: _rows(value) for name, value in data.items() if name in USER_FIELDS}
            return {**answer, "data": user}
        return answer

    def _is_ours(self, row: Mapping[str, str]) -> bool:
        whose = row.get("parent") or row.get("user") or row["name"]
        if "@" not in whose and whose != "Administrator":
            return True  # not a user, or of nobody in particular
        manager = row.get("role") == "System Manager"
        return (self.mark or "") in whose or whose.startswith(KEY) or manager


def _rows(value: Json) -> Json:
    if not isinstance(value, list):
        return value
    return [{name: told for name, told in row.items() if name in ROW_FIELDS} for row in value]


ABOUT_EVERYBODY = {"test_all_accounts_are_read_however_few_a_page_brings"}
NEEDED = Needed()
STAGES = stages("frappe", NEEDED)
"""The ways to run the contract, and all the other tests over a real Frappe."""


def site_of(staging: Staging, request: pytest.FixtureRequest) -> tuple[FrappeSite, Stage]:
    """The site for one test, with the day it is for."""
    test = request.node.originalname
    stage = enter(staging(test), request)
    NEEDED.mark = None if test in ABOUT_EVERYBODY else stage.login("", test)
    site, key, secret = stage.settings.get("SITE"), KEY, "no-Secret"
    if stage.live:
        key, secret = (os.environ[f"ERPSYNC_TEST_FRAPPE_{name}"] for name in ("USERNAME", "PASSWORD"))
        prepare(site, key, secret)
    return FrappeSite(stage.url, site, key, secret, lambda name: stage.login(name, test)), stage


@cache
def prepare(site: str | None, key: str, secret: str) -> None:
    """Make what the tests need, once; that is not recorded."""
    FrappeSite(os.environ["ERPSYNC_TEST_FRAPPE_URL"], site, key, secret).prepare()


def over(staging: Staging) -> Callable[[pytest.FixtureRequest], FrappeHarness]:
    """A site whose User Permissions are not managed."""
    return lambda request: FrappeHarness(*site_of(staging, request))


def with_companies(staging: Staging) -> Callable[[pytest.FixtureRequest], FrappeHarness]:
    """A site in which users may touch companies."""
    return lambda request: FrappeHarness(*site_of(staging, request), {"scopes": "Company"}, COMPANIES)


ERPS = {name: over(staging) for name, staging in STAGES.items()}
SCOPED = {f"{name} with companies": with_companies(staging) for name, staging in STAGES.items()}


@dataclass
class FrappeHarness:
    """A running site, or what one answered."""

    site: FrappeSite
    stage: Stage
    options: Mapping[str, str] = field(default_factory=dict)
    companies: tuple[str, ...] = ()
    entitlements: tuple[str, str] = ("Purchase User", "Sales User")
    implied: tuple[str, str] | None = (f"{PROFILE}Buying", "Report Manager")
    required: str = ""
    granted_to_all: tuple[str, ...] = ()
    ambient: frozenset[str] = frozenset()
    leaves_residue: bool = True

    def login(self, name: str) -> str:
        """A login that no other test has."""
        return self.site.login(name)

    def today(self) -> date:
        """Today, or the day on which it was recorded."""
        return self.stage.today

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
