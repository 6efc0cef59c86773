"""Which users and accounts are not as they should be, and need to be looked at one by one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, NamedTuple

from erpsync.catalogue import check_user
from erpsync.gaps import NONE, Tally, tally
from erpsync.likeness import LENGTH, alike, live_likeness, wanted_likeness
from erpsync.model import Account, Capabilities, Catalogue, Snapshot, User, fold
from erpsync.pages import Memory, Page, Roster
from erpsync.resolve import Resolver


class UnfitError(Exception):
    """The target lacks something that a user needs; what, is for the check of the catalogue to say."""


@dataclass(frozen=True, slots=True)
class Question:
    """What decides, beside a user, what the user's account is to be like."""

    resolver: Resolver
    catalogue: Catalogue
    capabilities: Capabilities

    @property
    def digest(self) -> bytes:
        """The same only where every user would be resolved alike."""
        resolver, catalogue = self.resolver, self.catalogue
        access = resolver.access
        rules = [
            (rule.key, rule.roles, sorted(rule.types), sorted(rule.departments), sorted(rule.positions))
            for rule in resolver.rules
        ]
        return digest_of(
            resolver.target,
            resolver.as_of,
            resolver.validity,
            len(access.targets) == 1,
            sorted(resolver.leaves.items()),
            rules,
            sorted((key, position.roles) for key, position in access.positions.items()),
            sorted((kind, tuple(names)) for kind, names in catalogue.scopes.items()),
            sorted(catalogue.languages),
            capabilities_told(self.capabilities),
        )


def capabilities_told(can: Capabilities) -> tuple[object, ...]:
    """All of an ERP's capabilities, the same in every run: none can be forgotten here."""
    values = ((item.name, getattr(can, item.name)) for item in fields(can))
    return tuple((name, sorted(value) if isinstance(value, frozenset) else value) for name, value in values)


def digest_of(*values: object) -> bytes:
    """A digest of values whose ``repr`` is the same in every run."""
    return sha256(repr(values).encode("utf-8", "surrogatepass")).digest()


class Wanted(NamedTuple):
    """What the accounts of a page's users are to be like: folded logins, and their likenesses in a row.

    ``counted`` are the fields of the `Tally` of the users.
    """

    logins: tuple[str, ...]
    likenesses: bytes
    counted: tuple[Any, ...]


def unlike(
    question: Question, roster: Roster, live: Snapshot, seen: bytes, memory: Memory
) -> tuple[Collection[str], Collection[str], Tally]:
    """The keys of users whose account is not as it should be, and the folded logins of all other accounts.

    Beside them, how often users need what the target cannot do.

    The logins are those of accounts that nobody's account is known to be like: also unmanaged ones.

    Args:
        question: what is resolved, and for what target.
        roster: the declared users.
        live: the accounts of the target.
        seen: what the accounts were read from, where that is known and never means others; else empty.
        memory: may know what accounts are like and should be like.

    Raises:
        UnfitError: the target lacks something that a user needs.
    """
    found = _found(question, live, seen, memory)
    kind, made_from = f"wanted-{question.resolver.target}", question.digest
    users: list[str] = []
    counted = NONE
    for page in roster.pages:
        known = memory.recall(kind, page.path, page.digest + made_from) if page.path else None
        wanted = Wanted(*known) if known else _wanted(page, question)
        if page.path and not known:
            memory.keep(kind, page.path, page.digest + made_from, tuple(wanted))
        users += _unlike(page, wanted, found)
        counted += Tally(*wanted.counted)
    memory.keep_only(kind, {page.path for page in roster.pages})
    return users, found.keys(), counted


def _found(question: Question, live: Snapshot, seen: bytes, memory: Memory) -> dict[str, bytes]:
    """What each live account is like, by folded login."""
    day, can = question.resolver.as_of, question.capabilities
    kind, made_from = f"live-{question.resolver.target}", digest_of(seen, day, capabilities_told(can))
    known = memory.recall(kind, _LIVE, made_from) if seen else None
    if known is None:
        likenesses = [live_likeness(account, day, can) for account in live.accounts.values()]
        known = tuple(live.accounts), b"".join(likenesses)
        if seen:
            memory.keep(kind, _LIVE, made_from, known)
    logins, row = known
    return {login: row[at * LENGTH : (at + 1) * LENGTH] for at, login in enumerate(logins)}


_LIVE = "accounts"


def _unlike(page: Page, wanted: Wanted, found: dict[str, bytes]) -> Iterator[str]:
    """The users of a page whose account is not like it should be; who has such a one is taken out."""
    for number, (key, login) in enumerate(zip(page.keys, wanted.logins, strict=True)):
        live = found.get(login)
        start = number * LENGTH
        if live is not None and alike(wanted.likenesses[start : start + LENGTH], live):
            del found[login]
        else:
            yield key


def _wanted(page: Page, question: Question) -> Wanted:
    resolver, catalogue = question.resolver, question.catalogue
    target, only = resolver.target, len(resolver.access.targets) == 1
    logins: list[str] = []
    likenesses: list[bytes] = []
    holders: list[tuple[User, Account]] = []
    for user in page.unpacked():
        if any(check_user(user, target, catalogue, only=only)):
            raise UnfitError
        account = resolver.account(user)
        logins.append(fold(account.login))
        likenesses.append(wanted_likeness(account, catalogue, question.capabilities))
        holders.append((user, account))
    counted = tally(holders, resolver, question.capabilities)
    return Wanted(tuple(logins), b"".join(likenesses), (counted.limited, counted.scopes, counted.attributes))
