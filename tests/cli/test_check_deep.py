"""``erpsync check --deep``: what roles really allow, asked of a real Tryton and of a recorded one."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.bootstrap import PLAN_LOGIN
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.erp import PLAN_PASSWORD
from tests.support.memory import MemoryErp

FUNCTIONS = """\
functions:
  VENDOR: {title: Supplier master, permissions: {tryton: [create party.party]}}
  CATEGORY: {title: Categories of parties, permissions: {tryton: [write party.category]}}
  EMP: {title: Employee master, permissions: {tryton: [write company.employee]}}
risks:
  X01: {title: Both, functions: [CATEGORY, EMP], level: high, why: can do both, response: block}
"""
BOTH = "lin.tao: {name: 林涛, department: purchasing, position: buyer, type: dedicated, assignments: [%s]}"
LEAD = "{role: purchasing.lead, reason: leads}"


@pytest.fixture
def governed(live_access: AccessFiles, monkeypatch: pytest.MonkeyPatch) -> AccessFiles:
    """Access files of the real ERP, read with the login that may only plan."""
    monkeypatch.setenv("ERP_USERNAME", PLAN_LOGIN)
    monkeypatch.setenv("ERP_PASSWORD", PLAN_PASSWORD)
    live_access.write("policies.yaml", FUNCTIONS)
    live_access.users(BOTH % LEAD)
    return live_access


def test_what_roles_really_allow_is_found_with_the_rights_of_a_plan(
    erpsync: Command, governed: AccessFiles
) -> None:
    ran = erpsync("check", "--access", governed, "--deep", "--only", "*deep*")
    assert (ran.code, ran.err) == (0, "")
    for told in (
        "buyer does not claim CATEGORY (Categories of parties), but grants it: write party.category in erp",
        "purchasing.lead does not claim EMP",
        "lin.tao (林涛) can do both",
    ):
        assert told in ran.out
    open_to_all = erpsync("check", "--access", governed, "--deep", "--only", "deep/open-to-all")
    assert "whoever can log in can do VENDOR (Supplier master)" in open_to_all.out


def test_without_deep_nothing_of_it_is_asked_or_found(erpsync: Command, governed: AccessFiles) -> None:
    ran = erpsync("check", "--access", governed, "--only", "*deep*")
    assert ran.code == 0
    assert "does not claim" not in ran.out


def test_a_deep_snapshot_tells_the_same_without_the_erp(
    erpsync: Command, governed: AccessFiles, tmp_path: Path
) -> None:
    file = tmp_path / "live.json"
    asked = erpsync("check", "--access", governed, "--deep", "--only", "*deep*", "--only", "sod*")
    assert erpsync("snapshot", "erp", "--access", governed, "--deep", "-o", file).code == 0
    governed.settings()
    told = erpsync(
        "check", "--access", governed, "--deep", "--live", file, "--only", "*deep*", "--only", "sod*"
    )
    assert (told.code, told.out) == (asked.code, asked.out)


def test_a_snapshot_without_permissions_is_refused(
    erpsync: Command, governed: AccessFiles, tmp_path: Path
) -> None:
    file = tmp_path / "live.json"
    assert erpsync("snapshot", "erp", "--access", governed, "-o", file).code == 0
    ran = erpsync("check", "--access", governed, "--deep", "--live", file)
    assert ran.code == 4
    assert "erpsync snapshot erp --deep" in ran.err


def test_a_connector_that_cannot_tell_is_refused(
    erpsync: Command, access: AccessFiles, memory: MemoryErp
) -> None:
    access.write("policies.yaml", FUNCTIONS)
    ran = erpsync("check", "--access", access, "--deep")
    assert ran.code == 4
    assert "cannot tell what entitlements really allow" in ran.err
    assert erpsync("snapshot", "erp", "--access", access, "--deep").code == 4


def test_functions_that_say_nothing_of_permissions_are_refused_as_nothing_would_be_found(
    erpsync: Command, access: AccessFiles, memory: MemoryErp
) -> None:
    ran = erpsync("check", "--access", access, "--deep")
    assert ran.code == 4
    assert "no function says which permissions of connector 'tryton' amount to it" in ran.err
