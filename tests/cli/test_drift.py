"""``erpsync drift``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from erpsync.model import Account, Grant
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp


@pytest.fixture
def clean(company: AccessFiles, memory: MemoryErp) -> MemoryErp:
    """An ERP that is as declared."""
    memory.put(Account("wu.lan", "吴兰", active=False))
    memory.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"),)))
    return memory


def test_no_drift_ends_with_0(erpsync: Command, company: AccessFiles, clean: MemoryErp) -> None:
    ran = erpsync("drift", "--access", company)
    assert ran.code == 0
    assert ran.out.endswith("erp: no drift\n")


def test_drift_ends_with_3_and_names_who_and_what(
    erpsync: Command, company: AccessFiles, clean: MemoryErp
) -> None:
    clean.put(Account("chen.jing", "陈静", grants=(Grant("Buyer"), Grant("Planner"))))
    ran = erpsync("drift", "--access", company)
    assert ran.code == 3
    assert "erp: 1 account differs" in ran.out
    assert "chen.jing (陈静)" in ran.out
    assert "holds Planner" in ran.out
    assert clean.written == []


def test_what_may_only_be_observed_is_drift_too(
    erpsync: Command, company: AccessFiles, clean: MemoryErp
) -> None:
    company.settings(manage="{entitlements: observe}")
    clean.put(Account("chen.jing", "陈静"))
    assert erpsync("drift", "--access", company).code == 3


@pytest.mark.parametrize(("accounts", "code"), [("report", 0), ("drift", 3)])
def test_unknown_accounts_are_drift_where_the_target_says_so(
    erpsync: Command, company: AccessFiles, clean: MemoryErp, accounts: str, code: int
) -> None:
    settings = (company.path / "erpsync.yaml").read_text(encoding="utf-8")
    wanted = f"{{accounts: {accounts}}}"
    company.write("erpsync.yaml", settings.replace('{accounts: report, ignore: ["*"]}', wanted))
    clean.put(Account("stranger", "Stranger"))
    ran = erpsync("drift", "--access", company)
    assert ran.code == code
    assert "stranger (Stranger): active, holds nothing" in ran.out


@pytest.mark.parametrize(("output_format", "start"), [("markdown", "### Access drift for "), ("json", "{")])
def test_drift_for_forges_and_machines(
    erpsync: Command, company: AccessFiles, clean: MemoryErp, output_format: str, start: str
) -> None:
    clean.put(Account("chen.jing", "陈静"))
    ran = erpsync("drift", "--access", company, "--format", output_format)
    assert ran.code == 3
    assert ran.out.startswith(start)
    if output_format == "json":
        assert json.loads(ran.out)["targets"][0]["accounts"][0]["login"] == "chen.jing"


def test_drift_of_a_recorded_target(erpsync: Command, company: AccessFiles, live_file: Path) -> None:
    ran = erpsync("drift", "--access", company, "--live", live_file, "--as-of", "2026-11-22")
    assert ran.code == 3
    assert ran.out.startswith("Drift for 2026-11-22")
