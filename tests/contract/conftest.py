"""The contract over each ERP in turn. A new connector adds its harness to ``ERPS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.contract import frappe, memory, odoo, scim, tryton, worklist
from tests.contract.company import Company, organisation
from tests.contract.harness import Guarded, Harness
from tests.support.access_files import AccessFiles

Making = Callable[[pytest.FixtureRequest], Harness]

ERPS: Mapping[str, Making] = {
    **memory.ERPS,
    **tryton.ERPS,
    **scim.ERPS,
    **worklist.ERPS,
    **odoo.ERPS,
    **odoo.WITH_ROLES,
    **frappe.ERPS,
}
SCOPED: Mapping[str, Making] = {
    **memory.ERPS,
    **tryton.ERPS,
    **worklist.ERPS,
    **odoo.ERPS,
    **odoo.WITH_ROLES,
    **frappe.SCOPED,
}
"""Those that know companies."""
IMPLYING: Mapping[str, Making] = {**memory.IMPLYING, **odoo.ERPS, **frappe.ERPS}
"""Those in which an entitlement brings another."""
GUARDED: Mapping[str, Callable[[pytest.FixtureRequest], Guarded]] = {**tryton.ERPS, **odoo.ERPS}
"""Those that let not everybody in, and not everybody write."""


@pytest.fixture(params=ERPS)
def harness(request: pytest.FixtureRequest) -> Harness:
    """An ERP with the means to change it by hand."""
    return ERPS[request.param](request)


@pytest.fixture
def company(harness: Harness, tmp_path: Path) -> Company:
    """An organisation of two roles, over each ERP in turn."""
    return company_over(harness, tmp_path)


@pytest.fixture(params=SCOPED)
def scoped_company(request: pytest.FixtureRequest, tmp_path: Path) -> Company:
    """The same over each ERP that knows companies."""
    return company_over(SCOPED[request.param](request), tmp_path)


@pytest.fixture(params=IMPLYING)
def implying_company(request: pytest.FixtureRequest, tmp_path: Path) -> Company:
    """The same over each ERP in which an entitlement brings another."""
    return company_over(IMPLYING[request.param](request), tmp_path)


@pytest.fixture(params=GUARDED)
def guarded(request: pytest.FixtureRequest) -> Guarded:
    """An ERP that lets not everybody in, and not everybody write."""
    return GUARDED[request.param](request)


@pytest.fixture
def guarded_company(guarded: Guarded, tmp_path: Path) -> Company:
    """The same over each ERP that has rights."""
    return company_over(guarded, tmp_path)


def company_over(harness: Harness, directory: Path) -> Company:
    """The organisation, for one ERP."""
    files = AccessFiles(directory / "access")
    files.write("organisation.yaml", organisation(harness))
    return Company(harness, files)
