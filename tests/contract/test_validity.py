"""Days of grants: kept by the ERP, or ended by erpsync."""

from __future__ import annotations

from tests.contract.company import DAY, Company, user


def test_validity_is_kept_from_day_to_day(company: Company) -> None:
    harness = company.harness
    login, (_, clerk) = harness.login("dated"), harness.entitlements
    days = f"valid_from: {harness.today() - DAY}, valid_to: {harness.today() + DAY}"
    company.declare(user(login, f", assignments: [{{role: clerk, reason: stands in, {days}}}]"))
    company.settle()
    with harness.reading() as reader:
        (grant,) = (
            item for item in reader.snapshot([login]).accounts[login].grants if item.entitlement == clerk
        )
        assert grant.valid_to == (harness.today() + DAY if reader.capabilities.validity else None)
    days = f"valid_from: {harness.today() - 2 * DAY}, valid_to: {harness.today() - DAY}"
    company.declare(user(login, f", assignments: [{{role: clerk, reason: stands in, {days}}}]"))
    assert company.drift() == {login: [f"revoke {clerk}"]}
    company.settle()


def test_a_grant_that_begins_later_gives_nothing_today(company: Company) -> None:
    harness = company.harness
    login, (buyer, clerk) = harness.login("later"), harness.entitlements
    days = f"valid_from: {harness.today() + 2 * DAY}"
    company.declare(user(login, f", assignments: [{{role: clerk, reason: starts soon, {days}}}]"))
    company.settle()
    with harness.reading() as reader:
        planned = [clerk] if reader.capabilities.validity else []
    assert company.held(login) == sorted([buyer, *planned])
