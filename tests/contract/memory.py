"""The ERP in memory under the contract: it holds the contract itself to account."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date

import pytest

from erpsync.connectors.base import Reader, Writer
from erpsync.model import Account, Grant, Location, Target, fold
from tests.contract.company import this_day
from tests.contract.harness import Undemanding
from tests.support.erp import ENFORCE
from tests.support.memory import DATES_AND_COMPANIES, MemoryErp


def erp(_request: pytest.FixtureRequest) -> MemoryHarness:
    """An ERP that knows dates and companies."""
    return MemoryHarness(MemoryErp())


def implying(_request: pytest.FixtureRequest) -> MemoryHarness:
    """An ERP in which one entitlement brings another, and leaves it behind when it is taken away."""
    can = replace(DATES_AND_COMPANIES, implies=True, validity=False)
    implies = {"Planner": frozenset({"Staff"})}
    return MemoryHarness(MemoryErp(capabilities=can, implies=implies), implied=("Planner", "Staff"))


IMPLYING = {"memory with implied entitlements": implying}
ERPS = {"memory": erp, **IMPLYING}


@dataclass
class MemoryHarness(Undemanding):
    """An ERP in memory."""

    erp: MemoryErp
    entitlements: tuple[str, str] = ("Buyer", "Clerk")
    companies: tuple[str, ...] = ("Huaxin Castings", "Huaxin Trading")
    implied: tuple[str, str] | None = None

    def login(self, name: str) -> str:
        """Nobody else is there."""
        return name

    def today(self) -> date:
        """Today."""
        return this_day()

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

    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """There are no pages."""

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
