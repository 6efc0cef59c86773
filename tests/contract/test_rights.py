"""Who is not let in, and who may not write: it is said in plain words, and nothing is written."""

from __future__ import annotations

import pytest

from erpsync.apply import apply
from erpsync.connectors.base import Status
from erpsync.errors import ErpsyncError
from tests.contract.company import Company, user
from tests.contract.harness import Guarded


def test_a_wrong_password_is_told_without_showing_it(guarded: Guarded) -> None:
    with pytest.raises(ErpsyncError) as raised, guarded.wrong_password() as reader:
        reader.snapshot()
    assert "not-the-Password-1" not in str(raised.value)
    assert raised.value.hint


def test_whoever_may_only_read_writes_nothing_and_each_account_says_why(
    guarded_company: Company, guarded: Guarded
) -> None:
    new, known = guarded.login("new"), guarded.login("known")
    guarded.make(known)
    guarded_company.declare(user(new), user(known))
    plan = guarded_company.plan()
    with guarded.writing_without_rights() as writer:
        result = apply(plan, guarded.target(), writer, guarded.today())
    assert {outcome.status for outcome in result.outcomes} == {Status.FAILED}
    assert all(outcome.message for outcome in result.outcomes)
    assert guarded_company.drift().keys() == {new, known}
