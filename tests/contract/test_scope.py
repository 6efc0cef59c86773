"""The data that an account may touch."""

from __future__ import annotations

from tests.contract.company import Company, user


def test_scope_is_set_changed_by_hand_and_put_back(scoped_company: Company) -> None:
    company, harness = scoped_company, scoped_company.harness
    login = harness.login("scoped")
    company.declare(user(login, ", scope: {company: all}"))
    company.settle()
    with harness.reading() as reader:
        assert reader.snapshot([login]).accounts[login].scope == {"company": tuple(sorted(harness.companies))}
    harness.set_companies(login)
    assert company.drift() == {login: ["rescope company"]}
    company.settle()
