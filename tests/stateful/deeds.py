"""What the ERP's own people do to an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from erpsync.model import Account, Grant
from tests.strategies import COMPANIES, ENTITLEMENTS

FIXED = "Hand-made"
"""What only people can give: in some runs erpsync cannot take it."""

Deed = Callable[[Account, date], Account]


def _regrant(account: Account, grant: Grant) -> Account:
    kept = [other for other in account.grants if other.entitlement != grant.entitlement]
    return replace(account, grants=tuple(sorted([*kept, grant], key=lambda grant: grant.order)))


def _give(name: str, first: int | None = None, last: int | None = None) -> Deed:
    def deed(account: Account, today: date) -> Account:
        begin = None if first is None else today + timedelta(days=first)
        end = None if last is None else today + timedelta(days=last)
        return _regrant(account, Grant(name, begin, end))

    return deed


DATED: Mapping[str, Deed] = {
    "give Stock for a while": _give("Stock", None, 3),
    "give Stock, over": _give("Stock", -9, -2),
    "give Purchase from today": _give("Purchase", 0, 4),
    "give Purchase later": _give("Purchase", 2, 5),
}
"""What is possible only where the ERP keeps dates."""

DEEDS: Mapping[str, Deed] = {
    **{f"give {name}": _give(name) for name in (*ENTITLEMENTS, FIXED)},
    **DATED,
    "take one": lambda account, _: replace(account, grants=account.grants[1:]),
    "take all": lambda account, _: replace(account, grants=()),
    "lock": lambda account, _: replace(account, active=False),
    "unlock": lambda account, _: replace(account, active=True),
    "lock, other name": lambda account, _: replace(account, active=False, name="Wu Lan"),
    "e-mail": lambda account, _: replace(account, email="other@huaxin.example"),
    "name": lambda account, _: replace(account, name="Wu Lan"),
    "scope": lambda account, _: replace(account, scope={"company": COMPANIES[:1]}),
    "no scope": lambda account, _: replace(account, scope={}),
    "login": lambda account, _: replace(account, login=f"{account.login}.x"),
    "nothing": lambda account, _: account,
}
ALL_DEEDS = (*DEEDS, "delete", "restore", "protect")
