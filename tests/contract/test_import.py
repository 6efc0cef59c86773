"""What every connector reads can be imported: what it has is declared, and nothing would change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from erpsync.connectors.base import descriptions
from erpsync.importing.importer import import_live
from erpsync.importing.proof import differing
from erpsync.importing.values import Ground
from erpsync.model import Status, fold
from tests.builders import declare
from tests.contract import frappe, memory, scim, tryton, worklist
from tests.contract.conftest import Making
from tests.contract.harness import Harness
from tests.importing.grounds import written

WHOLE: dict[str, Making] = {**memory.ERPS, **tryton.ERPS, **scim.ERPS, **worklist.ERPS, **frappe.ERPS}
"""Those of which everything was read, also where it was recorded."""


@pytest.fixture(params=WHOLE)
def whole(request: pytest.FixtureRequest) -> Harness:
    """An ERP that can be read as a whole."""
    return WHOLE[request.param](request)


def test_what_an_erp_has_is_imported_and_nothing_would_change(whole: Harness) -> None:
    buyer, clerk = whole.entitlements
    both, locked, idle = (whole.login(name) for name in ("both", "locked", "idle"))
    for login in (both, locked, idle):
        whole.make(login)
    whole.rename(both, "陈静")
    whole.give(both, buyer)
    whole.give(both, clerk)
    whole.give(locked, clerk)
    whole.set_active(locked, active=False)
    if whole.companies:
        whole.set_companies(both, whole.companies[0])

    ground = ground_of(whole)
    found = import_live(ground)
    access = written(found, ground)

    assert differing(ground, access).keys() & found.users.keys() == set()
    users = {fold(user.login(ground.target.name)): user for user in access.users.values()}
    assert users[fold(both)].name == "陈静"
    assert len(users[fold(both)].assignments) == 2
    assert users[fold(locked)].status is Status.LOCKED
    assert fold(idle) not in users
    assert idle.casefold() in {fold(item.login) for item in found.left_out}


def ground_of(erp: Harness) -> Ground:
    """The ERP, of which nothing is declared yet."""
    target = erp.target()
    access = replace(declare(target=target), targets={target.name: target})
    with erp.reading() as reader:
        return Ground(
            access,
            target,
            erp.today(),
            reader.snapshot(),
            reader.catalogue(),
            reader.capabilities,
            descriptions(reader),
        )
