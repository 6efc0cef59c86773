"""Entitlements that bring others: shown with what they bring, and no residue when they go."""

from __future__ import annotations

import pytest

from tests.contract.company import Company, user


@pytest.fixture
def company(implying_company: Company) -> Company:
    """A company with a role for the entitlement that brings another."""
    head, _ = _pair(implying_company)
    role = f"title: Head, subsystem: materials, owner: owner, entitlements: {{erp: [{head}]}}"
    implying_company.files.write("implied.yaml", f"roles: {{head: {{{role}}}}}\n")
    return implying_company


@pytest.fixture
def pair(company: Company) -> tuple[str, str]:
    """An entitlement and one that comes with it."""
    return _pair(company)


def _pair(company: Company) -> tuple[str, str]:
    assert company.harness.implied
    return company.harness.implied


HEAD = ", assignments: [{role: head, reason: leads}]"


def test_what_comes_with_an_entitlement_is_planned_and_then_nothing_differs(
    company: Company, pair: tuple[str, str]
) -> None:
    login = company.harness.login("head")
    company.declare(user(login, HEAD))
    assert {f"grant {name}" for name in pair} <= set(company.drift()[login])
    company.settle()


def test_what_came_with_an_entitlement_goes_with_it(company: Company, pair: tuple[str, str]) -> None:
    login = company.harness.login("residue")
    company.declare(user(login, HEAD))
    company.settle()
    company.declare(user(login))
    assert {f"revoke {name}" for name in pair} <= set(company.drift()[login])
    company.settle()


def test_what_stayed_behind_when_it_was_taken_by_hand_is_taken_too(
    company: Company, pair: tuple[str, str]
) -> None:
    harness, (_, brought) = company.harness, pair
    login = harness.login("left-over")
    company.declare(user(login))
    company.settle()
    harness.give(login, pair[0])
    harness.take(login, pair[0])
    assert company.drift() == ({login: [f"revoke {brought}"]} if harness.leaves_residue else {})
    company.settle()
