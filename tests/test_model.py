"""The small promises of the values themselves."""

from __future__ import annotations

from datetime import date

import pytest

from erpsync.model import (
    Account,
    AccountChange,
    Change,
    ChangeKind,
    Finding,
    Grant,
    Location,
    Manage,
    Mode,
    Risk,
    Severity,
    fold,
)
from tests.builders import user


def test_location_reads_as_editors_take_it() -> None:
    assert str(Location("access/users.yaml", 3, 5)) == "access/users.yaml:3:5"


def test_findings_sort_by_place_and_then_by_rule() -> None:
    places = [Location("b", 1, 1), Location("a", 10, 1), Location("a", 2, 9), Location("a", 2, 3)]
    findings = [Finding(rule, "x", at) for at in places for rule in ("z", "y")]
    ordered = sorted(findings, key=lambda finding: finding.order)
    assert [(str(finding.at), finding.rule) for finding in ordered][:3] == [
        ("a:2:3", "y"),
        ("a:2:3", "z"),
        ("a:2:9", "y"),
    ]
    assert ordered[-1].at.file == "b"


def test_finding_is_an_error_unless_it_says_otherwise() -> None:
    assert Finding("rule", "x", Location("a", 1, 1)).severity is Severity.ERROR


def test_risks_rank_from_least_to_most_harm() -> None:
    assert sorted(Risk, key=lambda risk: risk.rank) == [Risk.LOW, Risk.MEDIUM, Risk.HIGH, Risk.CRITICAL]


def test_login_is_the_key_unless_the_target_has_another() -> None:
    person = user(logins={"erp": "CJ0023"})
    assert (person.login("erp"), person.login("wms")) == ("CJ0023", "chen.jing")


@pytest.mark.parametrize(("one", "other"), [("Chen.Jing", "chen.jing"), ("STRASSE", "straße")])
def test_logins_that_differ_only_in_case_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_kind_that_is_not_named_is_only_observed() -> None:
    assert Manage() == Manage(Mode.OBSERVE, Mode.OBSERVE, Mode.OBSERVE, Mode.OBSERVE)


def test_grants_sort_by_entitlement_and_then_by_time() -> None:
    grants = [Grant("B"), Grant("A", date(2026, 1, 2)), Grant("A"), Grant("A", None, date(2026, 1, 1))]
    assert sorted(grants, key=lambda grant: grant.order) == [grants[2], grants[3], grants[1], grants[0]]


def test_version_takes_no_part_in_comparing_and_is_not_shown() -> None:
    assert Account("a", version=1) == Account("a", version=2)
    assert "version" not in repr(Account("a", version=1))


def test_account_change_is_as_risky_as_its_riskiest_change() -> None:
    changes = (
        Change(ChangeKind.LOCK),
        Change(ChangeKind.REVOKE, "x", risk=Risk.HIGH),
        Change(ChangeKind.UPDATE),
    )
    change = AccountChange("a", "a", None, Account("a"), "", changes)
    assert change.risk is Risk.HIGH
    assert change.has(ChangeKind.GRANT, ChangeKind.LOCK)
    assert not change.has(ChangeKind.GRANT)
