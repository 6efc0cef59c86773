"""Which users and accounts are not as they should be, and need to be looked at one by one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from erpsync.catalogue import check_user
from erpsync.gaps import NONE, Tally, tally
from erpsync.likeness import LENGTH, alike, live_likeness, wanted_likeness
from erpsync.model import Account, Capabilities, Catalogue, Snapshot, User, fold
from erpsync.pages import Page, Roster
from erpsync.resolve import Resolver


class UnfitError(Exception):
    """The target lacks something that a user needs; what, is for the check of the catalogue to say."""


class Wanted(NamedTuple):
    """What the accounts of a page's users are to be like: folded logins, and their likenesses in a row.

    ``counted`` are the fields of the `Tally` of the users.
    """

    logins: tuple[str, ...]
    likenesses: bytes
    counted: tuple[Any, ...]


def unlike(
    resolver: Resolver, roster: Roster, live: Snapshot, catalogue: Catalogue, can: Capabilities
) -> tuple[Collection[str], Collection[str], Tally]:
    """The keys of users whose account is not as it should be, and the folded logins of all other accounts.

    Beside them, how often users need what the target cannot do.

    The logins are those of accounts that nobody's account is known to be like: also unmanaged ones.

    Raises:
        UnfitError: the target lacks something that a user needs.
    """
    found = {login: live_likeness(account, resolver.as_of, can) for login, account in live.accounts.items()}
    users: list[str] = []
    counted = NONE
    for page in roster.pages:
        wanted = _wanted(page, resolver, catalogue, can)
        users += _unlike(page, wanted, found)
        counted += Tally(*wanted.counted)
    return users, found.keys(), counted


def _unlike(page: Page, wanted: Wanted, found: dict[str, bytes]) -> Iterator[str]:
    """The users of a page whose account is not like it should be; who has such a one is taken out."""
    for number, (key, login) in enumerate(zip(page.keys, wanted.logins, strict=True)):
        live = found.get(login)
        start = number * LENGTH
        if live is not None and alike(wanted.likenesses[start : start + LENGTH], live):
            del found[login]
        else:
            yield key


def _wanted(page: Page, resolver: Resolver, catalogue: Catalogue, can: Capabilities) -> Wanted:
    target, only = resolver.target, len(resolver.access.targets) == 1
    logins: list[str] = []
    likenesses = bytearray()
    holders: list[tuple[User, Account]] = []
    for user in page.unpacked():
        if any(check_user(user, target, catalogue, only=only)):
            raise UnfitError
        account = resolver.account(user)
        logins.append(fold(account.login))
        likenesses += wanted_likeness(account, catalogue, can)
        holders.append((user, account))
    counted = tally(holders, resolver, can)
    return Wanted(tuple(logins), bytes(likenesses), (counted.limited, counted.scopes, counted.attributes))
