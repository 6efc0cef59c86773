"""The data that an account may touch."""

from __future__ import annotations

from erpsync.model import ALL
from tests.contract.company import Company, user


def test_scope_is_set_changed_by_hand_and_put_back(scoped_company: Company) -> None:
    company, harness = scoped_company, scoped_company.harness
    login = harness.login("scoped")
    company.declare(user(login, ", scope: {company: all}"))
    company.settle()
    with harness.reading() as reader:
        known = "company" in reader.capabilities.unbounded
        everything = (ALL,) if known else tuple(sorted(harness.companies))
        assert reader.snapshot([login]).accounts[login].scope == {"company": everything}
    # Where the ERP knows `all`, an account without any company would be one that may touch every one.
    harness.set_companies(login, *harness.companies[:-1])
    assert company.drift() == {login: ["rescope company"]}
    company.settle()


def test_an_account_of_one_company_is_not_one_of_all(scoped_company: Company) -> None:
    company, harness = scoped_company, scoped_company.harness
    login, one = harness.login("one-company"), harness.companies[0]
    company.declare(user(login, f", scope: {{company: [{one}]}}"))
    company.settle()
    with harness.reading() as reader:
        assert reader.snapshot([login]).accounts[login].scope == {"company": (one,)}
