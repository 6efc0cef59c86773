"""What an account holds that has to be declared: not what is over, nor what comes by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from erpsync.diff import settle
from erpsync.importing.values import Ground
from erpsync.model import Account, Grant, When

WITHIN_A_DAY = "begins or ends within a day, and the files know whole days; correct it in the ERP"


def held(account: Account, ground: Ground) -> tuple[Grant, ...]:
    """The grants to be declared, sorted, each with the day on which it really began.

    Those that have ended are left out, and those that only come with another one.
    """
    settled = settle(account, ground.as_of, ground.capabilities).grants
    tops = _tops(settled, ground.catalogue.implies)
    if not ground.capabilities.validity:
        return tops
    began = _began(account.grants, ground.as_of)
    return tuple(
        grant
        if grant.valid_from
        else replace(grant, valid_from=began.get((grant.entitlement, grant.valid_to)))
        for grant in tops
    )


def ended(account: Account, ground: Ground) -> tuple[str, ...]:
    """The entitlements of grants that are over and that the account does not hold otherwise."""
    settled = {grant.entitlement for grant in settle(account, ground.as_of, ground.capabilities).grants}
    return tuple(sorted({grant.entitlement for grant in account.grants} - settled))


def why_not(grants: Iterable[Grant], ground: Ground) -> str:
    """Why grants cannot be declared, or nothing."""
    known = ground.catalogue.entitlements | ground.catalogue.fixed.keys()
    for grant in grants:
        if grant.entitlement not in known:
            return f"holds {grant.entitlement}, which nobody can be granted; take it away in the ERP"
        if isinstance(grant.valid_from, datetime) or isinstance(grant.valid_to, datetime):
            return f"{grant.entitlement} {WITHIN_A_DAY}"
    return ""


def _tops(grants: tuple[Grant, ...], implies: Mapping[str, frozenset[str]]) -> tuple[Grant, ...]:
    """The grants without those that another one brings for the same days; of a circle the first stays."""
    kept: dict[tuple[str, When, When], Grant] = {
        (grant.entitlement, grant.valid_from, grant.valid_to): grant for grant in grants
    }
    for grant in grants:
        span = (grant.valid_from, grant.valid_to)
        if (grant.entitlement, *span) in kept:
            for name in implies.get(grant.entitlement, ()):
                if name != grant.entitlement:
                    kept.pop((name, *span), None)
    return tuple(kept.values())


def _began(grants: Iterable[Grant], as_of: date) -> dict[tuple[str, When], date]:
    """The day on which each running grant began, where the ERP tells it; the earliest of several."""
    found: dict[tuple[str, When], date] = {}
    for grant in grants:
        first = _day(grant.valid_from)
        if first is not None and first <= as_of:
            key = (grant.entitlement, grant.valid_to)
            found[key] = min(first, found.get(key, first))
    return found


def _day(when: When) -> date | None:
    return when.date() if isinstance(when, datetime) else when
