"""Findings of the policy in ``validate`` and ``plan``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from erpsync.model import Account, Grant
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp
from tests.support.policies import FILES, holder

VENDORS, PAYMENTS = Grant("Clerk"), Grant("Planner")
BOTH = holder("chen.jing", "keeper", "payer")


def policy(access: AccessFiles, response: str = "block", extra: str = "") -> AccessFiles:
    access.write("policy.yaml", FILES.replace(": block", f": {response}") + extra)
    access.users(BOTH)
    return access


# --- validate -----------------------------------------------------------------------------------------


def test_a_conflict_that_the_policy_refuses_is_an_error_at_its_place(
    erpsync: Command, access: AccessFiles
) -> None:
    ran = erpsync("validate", "--access", policy(access))
    assert ran.code == 4
    first = ran.out.splitlines()[0]
    assert "people.yaml:2:" in first
    assert ": error: chen.jing (陈静) can pay a supplier he made up" in first
    assert first.endswith("[sod/P01]")
    assert "1 error (" in ran.out


def test_a_warning_is_told_and_refuses_nothing(erpsync: Command, access: AccessFiles) -> None:
    ran = erpsync("validate", "--access", policy(access, "warn"))
    assert ran.code == 0
    assert ": warning: chen.jing" in ran.out


def test_what_is_recorded_is_counted_in_one_line(erpsync: Command, access: AccessFiles) -> None:
    ran = erpsync("validate", "--access", policy(access, "record"))
    assert ran.code == 0
    valid, recorded = ran.out.splitlines()
    assert ": valid (" in valid
    assert recorded.startswith("policy: ")
    assert recorded.endswith(" recorded: erpsync check shows them")


def test_what_is_made_up_for_is_counted_too(erpsync: Command, access: AccessFiles) -> None:
    waiver = (
        'waivers:\n  W1: {reason: year end, owner: wu.lan, rules: ["sod/*", "lifecycle/*", "scope/*"], '
        "users: [chen.jing], valid_to: 9999-12-31}\n"
    )
    ran = erpsync("validate", "--access", policy(access, extra=waiver))
    assert ran.code == 0
    assert " made up for: erpsync check shows them\n" in ran.out


def test_files_that_are_wrong_are_mended_first(erpsync: Command, access: AccessFiles) -> None:
    policy(access).users(BOTH, holder("lin.tao", "keepr"))
    ran = erpsync("validate", "--access", access)
    assert ran.code == 4
    assert "reference/unknown" in ran.out
    assert "sod/P01" not in ran.out


def test_a_company_without_a_policy_is_held_against_no_rule(
    erpsync: Command, access: AccessFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    from erpsync.cli import findings

    monkeypatch.delattr(findings, "declared_findings")
    access.users(holder("chen.jing", "purchasing.buyer"))
    assert erpsync("validate", "--access", access).out.count("\n") == 1


@pytest.mark.parametrize("output_format", ["json", "github", "sarif"])
def test_machines_are_told_too(erpsync: Command, access: AccessFiles, output_format: str) -> None:
    ran = erpsync("validate", "--access", policy(access), "--format", output_format)
    assert ran.code == 4
    assert "sod/P01" in ran.out
    if output_format == "json":
        counts = json.loads(ran.out)["counts"]
        assert counts["errors"] == 1
        assert set(counts) >= {"record", "made_up", "known"}


def test_validate_leaves_out_what_a_baseline_knows(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    file = tmp_path / "base.json"
    erpsync("check", "--access", policy(access), "--format", "json", "-o", file)
    ran = erpsync("validate", "--access", access, "--baseline", file)
    assert ran.code == 0
    assert "known from the baseline: erpsync check shows them" in ran.out
    access.users(BOTH, holder("lin.tao", "keeper", "payer", name="林涛"))
    assert erpsync("validate", "--access", access, "--baseline", file).code == 4


# --- plan ---------------------------------------------------------------------------------------------


@pytest.fixture
def declared(access: AccessFiles, memory: MemoryErp) -> AccessFiles:
    """Who may do both, in files that refuse it; the ERP has the user with one of them."""
    memory.put(Account("wu.lan", "吴兰", active=False))
    memory.put(Account("chen.jing", "陈静", grants=(VENDORS,)))
    return policy(access)


def test_a_plan_that_brings_a_conflict_is_shown_and_refused(
    erpsync: Command, declared: AccessFiles, tmp_path: Path
) -> None:
    ran = erpsync("plan", "--access", declared, "-o", tmp_path / "plan.json")
    assert ran.code == 4
    assert "+ grant Planner" in ran.out
    assert "Policy: 1 new high-risk conflict\n" in ran.out
    assert "Introduced:" in ran.out
    assert "Saved" not in ran.out
    assert "the policy refuses 1 of the new findings:\n  sod/P01:chen.jing" in ran.err


def test_a_plan_that_was_refused_is_not_applied_either(
    erpsync: Command, declared: AccessFiles, memory: MemoryErp, tmp_path: Path
) -> None:
    erpsync("plan", "--access", declared, "-o", tmp_path / "plan.json")
    ran = erpsync("apply", tmp_path / "plan.json", "--access", declared)
    assert ran.code == 4
    assert "the policy refuses 1 of the new findings" in ran.err
    assert memory.accounts["chen.jing"].grants == (VENDORS,)


def test_a_conflict_that_is_there_already_refuses_no_plan(
    erpsync: Command, declared: AccessFiles, memory: MemoryErp
) -> None:
    memory.put(Account("chen.jing", "陈", grants=(VENDORS, PAYMENTS)))
    ran = erpsync("plan", "--access", declared)
    assert ran.code == 0
    assert ran.out.endswith("Policy: 1 there before\n")


def test_a_plan_says_which_conflict_it_ends(
    erpsync: Command, declared: AccessFiles, memory: MemoryErp
) -> None:
    memory.put(Account("chen.jing", "陈静", grants=(VENDORS, PAYMENTS)))
    declared.users(holder("chen.jing", "keeper"))
    ran = erpsync("plan", "--access", declared)
    assert ran.code == 0
    assert "Policy: 1 resolved\n" in ran.out


def test_a_plan_as_markdown_says_it_above_the_accounts(erpsync: Command, declared: AccessFiles) -> None:
    ran = erpsync("plan", "--access", declared, "--format", "markdown")
    assert ran.code == 4
    assert ran.out.index("#### Policy: 1 new high-risk conflict") < ran.out.index("**erp: ")


def test_a_plan_as_json_stays_the_document_itself(erpsync: Command, declared: AccessFiles) -> None:
    ran = erpsync("plan", "--access", declared, "--format", "json")
    assert ran.code == 4
    assert json.loads(ran.out)["format"] == "erpsync-plan/1"


def test_without_risks_a_plan_says_nothing_of_them(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    assert "Policy" not in erpsync("plan", "--access", company).out
