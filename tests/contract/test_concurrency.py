"""Somebody else changes the ERP between plan and apply."""

from __future__ import annotations

import pytest

from tests.contract.company import Company, user


def test_an_account_changed_between_plan_and_apply_is_not_overwritten(company: Company) -> None:
    login = company.harness.login("raced")
    company.harness.make(login)
    company.declare(user(login))
    plan = company.plan()
    company.harness.rename(login, "By hand")
    with pytest.raises(Exception, match="changed in the ERP since the plan was made"):
        company.apply(plan)
    with company.harness.reading() as reader:
        account = reader.snapshot([login]).accounts[login]
    assert account.name == "By hand"
    assert company.held(login) == []
