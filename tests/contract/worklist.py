"""An ERP without an API under the contract: what is applied is a work order, and a person carries it out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from erpsync.connectors.base import Connection, Edit, Outcome, Reader, Status, Writer
from erpsync.connectors.worklist.connector import WorklistConnector
from erpsync.connectors.worklist.reader import WorklistReader
from erpsync.model import Capabilities, Catalogue, Location, Snapshot, Target
from tests.contract.company import this_day
from tests.contract.harness import Undemanding
from tests.support.erp import COMPANIES, ENFORCE, SHANGHAI
from tests.support.worklist import handover
from tests.support.worklist_person import SEPARATOR, Desk, Entry

OPTIONS = {
    "system": "U8-001",
    "users_file": "users.csv",
    "login_column": "编码",
    "name_column": "姓名",
    "email_column": "邮箱",
    "active_column": "状态",
    "active_value": "启用",
    "inactive_value": "停用",
    "roles_file": "roles.csv",
    "role_column": "角色",
    "catalogue_file": "catalogue.csv",
    "catalogue_column": "角色名称",
    "scope_column": "公司",
    "scopes_file": "companies.csv",
    "scopes_column": "公司名称",
    "separator": SEPARATOR,
}


def by_hand(request: pytest.FixtureRequest) -> WorklistHarness:
    """Exports in a repository of its own, and a person who changes the ERP."""
    folder: Path = request.getfixturevalue("tmp_path")
    (folder / ".git").mkdir()
    desk = Desk(folder / "exports", ("Buyer", "Clerk"), COMPANIES)
    # An export that nobody is in, or nobody has a role in, would be refused as not whole.
    desk.users["peng.fei"] = Entry("peng.fei", "彭飞", roles={"Clerk"})
    desk.export()
    return WorklistHarness(desk, folder)


ERPS = {"worklist": by_hand}


@dataclass
class WorklistHarness(Undemanding):
    """An imaginary U8."""

    desk: Desk
    folder: Path
    entitlements: tuple[str, str] = ("Buyer", "Clerk")
    companies: tuple[str, ...] = COMPANIES
    implied: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self._numbers = count(1)

    def login(self, name: str) -> str:
        """Nobody else is there."""
        return name

    def today(self) -> date:
        """Today."""
        return this_day()

    def target(self) -> Target:
        """The exports."""
        at = Location(str(self.folder / "access" / "erpsync.yaml"), 4, 3)
        return Target("erp", "worklist", "file:exports", None, None, at, manage=ENFORCE, options=OPTIONS)

    def reading(self) -> AbstractContextManager[Reader]:
        """Somebody reads the exports."""
        return nullcontext(OnTheDesk(self))

    def writing(self) -> AbstractContextManager[Writer]:
        """Somebody writes work orders, and somebody carries them out."""
        return nullcontext(CarriedOut(self))

    def orders(self) -> Path:
        """A place for the next work order."""
        return self.folder / "orders" / str(next(self._numbers))

    def small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An export has no pages."""

    # --- by hand ------------------------------------------------------------------------------------

    def make(self, login: str) -> None:
        """In the ERP itself, which is exported afterwards."""
        self.desk.users[login] = Entry(login, login)
        self.desk.export()

    def set_active(self, login: str, *, active: bool) -> None:
        """In the ERP itself."""
        self.desk.users[login].active = active
        self.desk.export()

    def rename(self, login: str, name: str) -> None:
        """In the ERP itself."""
        self.desk.users[login].name = name
        self.desk.export()

    def give(self, login: str, entitlement: str) -> None:
        """In the ERP itself."""
        self.desk.users[login].roles.add(entitlement)
        self.desk.export()

    def take(self, login: str, entitlement: str) -> None:
        """In the ERP itself."""
        self.desk.users[login].roles.remove(entitlement)
        self.desk.export()

    def set_companies(self, login: str, *names: str) -> None:
        """In the ERP itself."""
        self.desk.users[login].companies = names
        self.desk.export()


class OnTheDesk:
    """Reads the export that is there now. What it hands over is done at once, so it is not deferred."""

    def __init__(self, harness: WorklistHarness) -> None:
        self.harness = harness

    def _export(self) -> WorklistReader:
        connection = _connection(self.harness)
        with WorklistConnector.read(connection) as reader:
            return reader

    @property
    def capabilities(self) -> Capabilities:
        """Those of the export."""
        return replace(self._export().capabilities, deferred=False)

    def instance(self) -> str:
        """The system."""
        return self._export().instance()

    def catalogue(self) -> Catalogue:
        """What can be granted."""
        return self._export().catalogue()

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """The accounts as the newest export has them."""
        return self._export().snapshot(logins)


class CarriedOut(OnTheDesk):
    """Hands over what is to be written, and lets the person do it before anybody looks again."""

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write the work order, carry it out from the paper, and say that it is done."""
        folder = self.harness.orders()
        papers = handover([edit.change for edit in edits], folder)
        with WorklistConnector.write(replace(_connection(self.harness), handover=papers)) as writer:
            outcomes = list(writer.apply(edits))
        if outcomes:
            self.harness.desk.carry_out(folder / "work-order-erp.xlsx")
        for outcome in outcomes:
            assert outcome.status is Status.HANDED_OVER
            yield Outcome(outcome.login, Status.DONE)


def _connection(harness: WorklistHarness) -> Connection:
    return Connection(harness.target(), "", "", SHANGHAI)
