"""A small company over a real Frappe, with and without managed companies; what is written straight away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from erpsync.connectors.base import Edit, Outcome
from erpsync.connectors.frappe import FrappeConnector
from erpsync.diff import compare
from erpsync.model import Account, AccountChange, Grant, Snapshot
from tests.contract.frappe import STAGES, site_of
from tests.support.frappe_site import FrappeSite

Read = Callable[..., Account]
Write = Callable[..., list[Outcome]]


@pytest.fixture(params=STAGES)
def frappe_site(request: pytest.FixtureRequest) -> FrappeSite:
    """A real site, or what one answered."""
    return site_of(STAGES[request.param], request)[0]


@pytest.fixture
def read(frappe_site: FrappeSite) -> Read:
    """Reads one account, with options of the target."""

    def account(login: str, **options: str) -> Account:
        return snapshot(frappe_site, [login], **options).accounts[login]

    return account


@pytest.fixture
def write(frappe_site: FrappeSite) -> Write:
    """Writes accounts as they are to become, from those given or from what is there."""

    def outcomes(*afters: Account, live: Account | None = None, **options: str) -> list[Outcome]:
        with FrappeConnector.write(frappe_site.connection(**options)) as writer:
            there = writer.snapshot([after.login for after in afters]).accounts
            edits = [edit(live or there.get(after.login), after) for after in afters]
            return list(writer.apply(edits))

    return outcomes


def snapshot(site: FrappeSite, logins: Sequence[str] | None, **options: str) -> Snapshot:
    """What a session that cannot write reads."""
    with FrappeConnector.read(site.connection(**options)) as reader:
        return reader.snapshot(logins)


def edit(live: Account | None, after: Account) -> Edit:
    """An edit from a live account, or of a new one."""
    return Edit(AccountChange("user", after.login, live, after, "", tuple(compare(live, after))), live)


def holding(account: Account, *entitlements: str) -> Account:
    """The same account with other entitlements."""
    return replace(account, grants=tuple(map(Grant, sorted(entitlements))))


def held(account: Account) -> list[str]:
    """What an account holds."""
    return [grant.entitlement for grant in account.grants]
