"""An ERP for chaos alone: what it holds is looked at as a whole, again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from demo.tryton_database import MINIMAL
from tests.chaos.people import KINDS, Make
from tests.chaos.rewind import Rewind
from tests.chaos.scenario import Scenario, prepare, small_batches
from tests.support.erp import COMPANIES, ROLES, Erp, running
from tests.support.fault_proxy import FaultProxy

Prepare = Callable[..., Scenario]


@pytest.fixture(scope="package")
def quiet_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where that ERP keeps its database."""
    return tmp_path_factory.mktemp("quiet-erp")


@pytest.fixture(scope="package")
def quiet_erp(quiet_place: Path) -> Iterator[Erp]:
    """An ERP with few accounts."""
    with running(quiet_place, MINIMAL, {"companies": COMPANIES, "roles": ROLES}) as started:
        yield started


@pytest.fixture(scope="package")
def proxy(quiet_erp: Erp) -> Iterator[FaultProxy]:
    """Between erpsync and that ERP."""
    with FaultProxy(quiet_erp.url) as started:
        yield started


@pytest.fixture
def scenario(quiet_erp: Erp, proxy: FaultProxy, credentials: None, tmp_path: Path) -> Iterator[Prepare]:
    """Makes a plan for so many accounts of their own, to be applied in small batches."""
    numbers = count(1)

    def make(accounts: int, kinds: tuple[Make, ...] = KINDS) -> Scenario:
        return prepare(quiet_erp, proxy, tmp_path / str(next(numbers)), accounts, kinds)

    with small_batches():
        yield make


@pytest.fixture
def rewind(quiet_place: Path, scenario: Prepare) -> Rewind:
    """A plan of every kind of change, that can be had again and again."""
    return Rewind(scenario(len(KINDS)), quiet_place / "erp.sqlite")
