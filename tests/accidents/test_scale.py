"""Work that grew with everything there is, and not with what changes."""

from __future__ import annotations

from collections.abc import Collection
from unittest.mock import patch

from erpsync.model import Account, Grant, Snapshot
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.erp import Erp
from tests.support.fault_proxy import FaultProxy
from tests.support.memory import MemoryErp


def test_a_plan_does_not_ask_once_for_each_account(real: Desk, erp: Erp, proxy: FaultProxy) -> None:
    """safe-settings #559: one call an object met the rate limit; here calls do not grow with accounts."""
    real.access.users(buyer(erp.login("chen.jing")))

    def calls() -> list[str]:
        proxy.arm()
        assert real.plan().code == 0
        return [call.method for call in proxy.calls]

    few = calls()
    erp.admin.call(
        "model.res.user.create",
        [{"login": erp.login("many"), "name": "Many", "companies": [], "company": None} for _ in range(60)],
        {},
    )
    assert calls() == few


def test_applying_one_change_reads_one_account(desk: Desk, memory: MemoryErp) -> None:
    """octodns #1166: 50,000 zones were read for one; here apply reads only what it changes."""
    people = [f"user.{number}" for number in range(300)]
    for login in people:
        memory.put(Account(login, "陈静", grants=(Grant("Buyer"),)))
    desk.access.users(*map(buyer, [*people, "chen.jing"]))
    desk.plan()
    asked: list[Collection[str] | None] = []
    read = MemoryErp.snapshot

    def reading(erp: MemoryErp, logins: Collection[str] | None = None) -> Snapshot:
        asked.append(logins)
        return read(erp, logins)

    with patch.object(MemoryErp, "snapshot", reading):
        assert desk.apply().code == 0
    assert asked == [frozenset({"chen.jing"})] * 3
