"""Odoo as in the contract: the server that the environment names, or what one answered."""

from __future__ import annotations

import pytest

from tests.contract import odoo as contract
from tests.contract.odoo import OdooHarness


@pytest.fixture(params=contract.ERPS)
def odoo(request: pytest.FixtureRequest) -> OdooHarness:
    """An Odoo whose groups are managed."""
    return contract.ERPS[request.param](request)


@pytest.fixture(params=contract.WITH_ROLES)
def odoo_with_roles(request: pytest.FixtureRequest) -> OdooHarness:
    """An Odoo whose roles are managed."""
    return contract.WITH_ROLES[request.param](request)
