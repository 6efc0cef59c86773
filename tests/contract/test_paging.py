"""Accounts beyond one page: all of them are read, whichever are asked for."""

from __future__ import annotations

import pytest

from tests.contract.company import Company, user


def test_all_accounts_are_read_however_few_a_page_brings(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = company.harness
    logins = [harness.login(f"page{number}") for number in range(5)]
    company.declare(*map(user, logins))
    company.settle()
    with harness.reading() as reader:
        all_at_once = reader.snapshot()
    harness.small_pages(monkeypatch)
    with harness.reading() as reader:
        assert reader.snapshot() == all_at_once
        assert reader.snapshot(logins).accounts.keys() == set(logins)
    assert company.drift() == {}
