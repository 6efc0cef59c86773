"""What git says and what an account may do, read day by day in the plainest way.

Nothing here uses the resolver or the comparison of erpsync: it is what they are held against.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from erpsync.model import ALL, Access, Account, Capabilities, Status, User, fold
from tests.builders import ERP, TODAY
from tests.strategies import COMPANIES

LAST_DAY = TODAY + timedelta(days=25)
"""Where the clock of the test stops."""
FAR = date(2027, 6, 30)
"""Stands for every day later than any date of the test."""
DAYS = (*(TODAY + timedelta(days=days) for days in range(40)), FAR)

CONFLICT = ("Purchase", "Purchase / Approval")
"""Two entitlements that nobody should have on one day, unless git or people give both."""

Held = frozenset[tuple[str, date]]
"""What somebody may do on which days; in an ERP that keeps no dates, on one day that stands for all."""


def roles_on(access: Access, user: User, day: date) -> set[str]:
    """The roles a user has on a day, with those they include."""
    if user.status is Status.LEFT or not (user.valid_from or day) <= day <= (user.valid_to or day):
        return set()
    roles = set(access.positions[user.position].roles) if user.position else set()
    roles |= {key for rule in access.birthright.values() if rule.matches(user) for key in rule.roles}
    roles |= {
        item.role for item in user.assignments if (item.valid_from or day) <= day <= (item.valid_to or day)
    }
    reached: set[str] = set()
    while roles - reached:
        reached |= roles
        roles = {included for key in reached for included in access.roles[key].includes}
    return reached


def may(access: Access, user: User, day: date) -> set[str]:
    """The entitlements a user has on a day."""
    return {
        name for key in roles_on(access, user, day) for name in access.roles[key].entitlements.get(ERP, ())
    }


def declared(access: Access, user: User, today: date, can: Capabilities) -> Held:
    """What git gives a user, from today on."""
    if not can.validity:
        return frozenset((name, FAR) for name in may(access, user, today))
    return frozenset((name, day) for day in DAYS if day >= today for name in may(access, user, day))


def held(account: Account | None, today: date, can: Capabilities) -> Held:
    """What an account may do, from today on."""
    grants = account.grants if account else ()
    if not can.validity:
        return frozenset((grant.entitlement, FAR) for grant in grants)
    return frozenset(
        (grant.entitlement, day)
        for grant in grants
        for day in DAYS
        if day >= today and (grant.valid_from or day) <= day <= (grant.valid_to or day)
    )


def conflicts(what: Held) -> set[date]:
    """The days on which both halves of the conflict are held."""
    one, other = ({day for name, day in what if name == half} for half in CONFLICT)
    return one & other


def standing(account: Account, today: date) -> Account:
    """An account without what is over: ended grants, and the first days of begun ones."""
    grants = {
        replace(grant, valid_from=None if (grant.valid_from or today) <= today else grant.valid_from)
        for grant in account.grants
        if (grant.valid_to or today) >= today
    }
    return replace(account, grants=tuple(sorted(grants, key=lambda grant: grant.order)))


def logins_for(access: Access, user: User) -> list[str]:
    """The folded logins of a user's account: its own, or a key of now or earlier that is nobody's login."""
    login = fold(user.login(ERP))
    taken = {fold(other.login(ERP)) for other in access.users.values()}
    return [login, *(fold(key) for key in (user.key, *user.previously) if fold(key) not in taken)]


def match(access: Access, accounts: Mapping[str, Account], user: User) -> Account | None:
    """The account of a user."""
    found = (accounts[login] for login in logins_for(access, user) if login in accounts)
    return next(found, None)


def written_out(scope: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What a declared account may touch, with `all` as the names there are."""
    return {kind: COMPANIES if names == (ALL,) else names for kind, names in scope.items() if names}
