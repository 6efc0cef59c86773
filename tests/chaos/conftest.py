"""An ERP for chaos alone: what it holds is looked at as a whole, again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from demo.tryton_database import MINIMAL
from tests.chaos.people import KINDS, Make
from tests.chaos.scenario import Scenario, prepare, small_batches
from tests.support.erp import COMPANIES, ROLES, Erp, running
from tests.support.fault_proxy import FaultProxy

Prepare = Callable[..., Scenario]


@pytest.fixture(scope="package")
def quiet_erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    """An ERP with few accounts."""
    catalogue = {"companies": COMPANIES, "roles": ROLES}
    with running(tmp_path_factory.mktemp("quiet-erp"), MINIMAL, catalogue) as started:
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
