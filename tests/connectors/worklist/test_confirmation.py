"""What an export says of each line."""

from __future__ import annotations

import pytest

from erpsync.connectors.worklist.confirmation import Verdict, judge
from erpsync.connectors.worklist.steps import lines_of
from erpsync.model import Account, AccountChange, Change, ChangeKind, Grant, Snapshot, fold
from tests.support.worklist import joiner, leaver

BUYER, CLERK = Grant("Buyer"), Grant("Clerk")


def verdicts(change: AccountChange, *live: Account) -> list[str]:
    """What became of each line of one account."""
    accounts = Snapshot({fold(account.login): account for account in live})
    return [item.verdict.value for item in judge(lines_of([change]), accounts)]


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ([Account("chen.jing", "陈静", grants=(BUYER,))], ["done", "done"]),
        ([Account("CHEN.JING", "陈静", grants=(BUYER,))], ["different", "done"]),
        ([Account("chen.jing", "陈静")], ["done", "missing"]),
        ([Account("chen.jing", "陈静", grants=(CLERK,))], ["done", "missing"]),
        ([Account("chen.jing", "陈晶", grants=(BUYER,))], ["different", "done"]),
        ([Account("chen.jing", "陈静", active=False, grants=(BUYER,))], ["different", "done"]),
        ([], ["missing", "missing"]),
    ],
)
def test_a_joiner(live: list[Account], expected: list[str]) -> None:
    assert verdicts(joiner(), *live) == expected


@pytest.mark.parametrize(
    ("live", "expected"),
    [
        ([Account("peng.fei", "彭飞", active=False)], ["done", "done"]),
        ([Account("peng.fei", "彭飞", active=False, grants=(BUYER,))], ["done", "missing"]),
        ([Account("peng.fei", "彭飞")], ["missing", "done"]),
        ([], ["different", "different"]),
    ],
)
def test_a_leaver(live: list[Account], expected: list[str]) -> None:
    assert verdicts(leaver(), *live) == expected


@pytest.mark.parametrize(
    ("company", "verdict"),
    [("华信贸易", Verdict.DONE), ("华信铸造", Verdict.MISSING), ("华信机械", Verdict.DIFFERENT)],
)
def test_a_scope_is_done_missing_or_another_one(company: str, verdict: Verdict) -> None:
    before = Account("chen.jing", scope={"company": ("华信铸造",)})
    after = Account("chen.jing", scope={"company": ("华信贸易",)})
    change = Change(ChangeKind.RESCOPE, "company", ("华信铸造",), ("华信贸易",))
    whole = AccountChange("chen.jing", "chen.jing", before, after, "f", (change,))
    assert verdicts(whole, Account("chen.jing", scope={"company": (company,)})) == [verdict]


@pytest.mark.parametrize(("login", "verdict"), [("chen.jing", "done"), ("cj1", "missing")])
def test_a_renamed_account_is_found_under_either_login(login: str, verdict: str) -> None:
    change = Change(ChangeKind.UPDATE, "login", "cj1", "chen.jing")
    whole = AccountChange("chen.jing", "chen.jing", Account("cj1"), Account("chen.jing"), "f", (change,))
    assert verdicts(whole, Account(login)) == [verdict]
