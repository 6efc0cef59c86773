"""Reads that failed, and were taken for an answer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from erpsync.connectors import http
from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.erp import Erp
from tests.support.fault_proxy import FaultProxy, Schedule
from tests.support.faults import FAULTS, Fault
from tests.support.memory import MemoryErp, broken

SPOILED = [fault for fault in FAULTS if fault.name in ("half JSON", "JSON of no use", "500 before")]


@pytest.mark.parametrize("fault", SPOILED, ids=lambda fault: fault.name)
def test_a_failed_read_is_not_an_empty_system(
    real: Desk, erp: Erp, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    """peribolos: a listing failed and the run went on; here a read is repeated, or ends the target."""
    monkeypatch.setattr(http, "BACK_OFF_SECONDS", 0)
    login = erp.login("chen.jing")
    erp.give(erp.create(login, name="陈静"), "Buyer")
    real.access.users(buyer(login))
    looking = ("drift", "--access", real.access)
    proxy.arm()
    whole = real.run(*looking)
    requests = [call.number for call in proxy.calls if call.method != "common.db.logout"]
    assert len(requests) > 5
    for broken_one in requests:
        proxy.arm(_at(broken_one, fault))
        ran = real.run(*looking)
        assert proxy.calls[broken_one - 1].fault
        # Either the read was repeated and is whole, or there is nothing to be read at all.
        assert ran == whole or (ran.code, ran.out) == (1, "")


def _at(number: int, fault: Fault) -> Schedule:
    return lambda call: fault if call.number == number else None


def unexpected() -> None:
    """A fault that nobody thought of."""
    raise LookupError


@pytest.mark.parametrize("output_format", ["text", "markdown", "json"])
@pytest.mark.parametrize("fault", [broken, unexpected])
@pytest.mark.parametrize("step", ["instance", "catalogue", "snapshot"])
def test_a_failed_plan_does_not_read_as_no_changes(
    desk: Desk,
    memory: MemoryErp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    fault: Callable[[], None],
    output_format: str,
) -> None:
    """IAMbic: a return inside finally made a failed plan read as no changes; here it shows nothing."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(memory, step, lambda *_: fault())
    ran = desk.plan("--format", output_format)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("error: ")
    assert not desk.file.exists()


def test_an_outage_is_not_drift_and_not_the_absence_of_drift(desk: Desk, memory: MemoryErp) -> None:
    """ldap2pg: one exit code for drift and for errors; here 3 is drift and 1 is an error."""
    desk.access.users(buyer("chen.jing"))
    assert desk.drift() == 3
    memory.on_read[memory.reads + 1] = broken
    assert desk.drift() == 1


@pytest.mark.parametrize("read", [1, 2, 3])
def test_a_failed_read_never_widens_what_is_taken_away(desk: Desk, memory: MemoryErp, read: int) -> None:
    """peribolos: who was to be spared could not be read, so was not spared; here nothing is written then."""
    people = ("chen.jing", "lin.tao", "wang.li")
    for login in people:
        memory.put(Account(login, "陈静", grants=(Grant("Buyer"),)))
    memory.protected = {"lin.tao": "an administrator of the ERP"}
    desk.access.users(*(buyer(login, more=", status: left") for login in people))
    desk.plan()
    assert desk.planned().keys() == {"chen.jing", "wang.li"}
    spared = memory.accounts["lin.tao"]

    memory.on_read[memory.reads + read] = broken
    assert desk.apply().code == (1 if read == 1 else 6)
    assert memory.accounts["lin.tao"] == spared
    # Read 1 checks the plan, 2 looks again just before writing, 3 reads back.
    assert memory.written == ([] if read < 3 else ["chen.jing", "wang.li"])
