"""Files that said two things, and tools that did both."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given

from erpsync.model import ChangeKind
from tests.accidents.conftest import Desk
from tests.builders import Case
from tests.strategies import cases
from tests.support.access_files import buyer
from tests.support.memory import MemoryErp


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (buyer("chen.jing", more=", status: left"), "'chen.jing'"),
        (buyer("Chen.Jing"), "'Chen.Jing'"),
        (buyer("wang.li", more=", logins: {erp: chen.jing}"), "login 'chen.jing' in target 'erp' belongs to"),
        (buyer("wang.li", more=", previously: [chen.jing]"), "'chen.jing' is still a user of its own"),
    ],
    ids=["the same user", "in another case", "the same login", "an earlier key"],
)
def test_two_sections_that_disagree_about_a_person_are_an_error(
    desk: Desk, memory: MemoryErp, second: str, words: str
) -> None:
    """kubernetes/test-infra #21434: two sections disagreed; here it is an error that names both."""
    first = desk.access.users(buyer("chen.jing"))
    desk.access.write("more.yaml", f"users:\n  {second}\n")
    reads = memory.reads
    ran = desk.plan()
    assert (ran.code, ran.out) == (4, "")
    assert words in ran.err
    assert (first.name in ran.err, "more.yaml" in ran.err) == (True, True)
    # The ERP was not even asked.
    assert memory.reads == reads


@given(cases())
def test_nothing_is_taken_away_and_given_back_in_one_run(case: Case) -> None:
    """kubernetes/test-infra #21434: removed and added again; here one account has one desired value."""
    accounts = case.diff().accounts
    assert max(Counter(change.login for change in accounts).values(), default=1) == 1
    for account in accounts:
        subjects = Counter(
            change.subject for change in account.changes if change.kind is not ChangeKind.UPDATE
        )
        subjects.pop("", None)
        assert all(count == 1 for count in subjects.values())
        assert not (account.has(ChangeKind.LOCK) and account.has(ChangeKind.UNLOCK, ChangeKind.CREATE))
