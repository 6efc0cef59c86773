"""People are renamed, leave and come back; strangers are left alone."""

from __future__ import annotations

from tests.contract.company import Company, user


def test_a_renamed_user_keeps_the_account(company: Company) -> None:
    old, new = company.harness.login("wang.li"), company.harness.login("chen.li")
    company.declare(user(old))
    company.settle()
    company.declare(user(new, f", previously: [{old}]"))
    with company.harness.reading() as reader:
        renames = reader.capabilities.renames
    assert company.drift() == ({new: ["update login"]} if renames else {})
    company.settle()
    with company.harness.reading() as reader:
        assert list(reader.snapshot([old, new]).accounts) == [new if renames else old]


def test_a_renamed_user_also_loses_and_gets_what_the_new_work_asks_for(company: Company) -> None:
    harness = company.harness
    old, new = harness.login("wang.fang"), harness.login("chen.fang")
    buyer, clerk = harness.entitlements
    harness.make(old)
    harness.give(old, clerk)
    company.declare(user(new, f", previously: [{old}]", name="陈芳"))
    # Where a login cannot be changed, people do that in the ERP.
    told = [words for words in company.drift()[new] if words != "update login"]
    assert told == [f"revoke {clerk}", "update name", f"grant {buyer}"]
    company.settle()


def test_a_user_who_left_and_comes_back_has_what_is_declared_and_nothing_else(company: Company) -> None:
    harness = company.harness
    login, (_, clerk) = harness.login("boomerang"), harness.entitlements
    company.declare(user(login))
    company.settle()
    company.declare(user(login, ", status: left"))
    company.settle()
    harness.give(login, clerk)
    company.declare(user(login, ", email: back@huaxin.example", name="陈静静"))
    company.settle()


def test_an_account_that_git_does_not_know_is_never_touched(company: Company) -> None:
    harness = company.harness
    stranger = harness.login("stranger")
    harness.make(stranger)
    harness.give(stranger, harness.entitlements[0])
    with harness.reading() as reader:
        before = reader.snapshot([stranger])
    company.declare(user(harness.login("known")))
    company.settle()
    with harness.reading() as reader:
        assert reader.snapshot([stranger]) == before
