"""Accounts: the same type for the desired and for the live side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from erpsync.model.basic import When


@dataclass(frozen=True, slots=True)
class Grant:
    """One entitlement of an account and the time it holds; both ends are inclusive."""

    entitlement: str
    valid_from: When = None
    valid_to: When = None

    @property
    def order(self) -> tuple[str, str, str]:
        """Sort key: by entitlement, then by time."""
        return (self.entitlement, str(self.valid_from or ""), str(self.valid_to or ""))


@dataclass(frozen=True, slots=True)
class Account:
    """A login in one target and everything about it that erpsync manages.

    ``scope`` maps a kind (such as company) to the sorted names the account may touch; a kind that is
    missing means none. ``grants`` are sorted. An attribute that is None is not declared, so not
    compared. ``version`` is the connector's own memory of what it read (ids, timestamps); nobody
    else looks at it and it takes no part in comparing.
    """

    login: str
    name: str | None = None
    email: str | None = None
    language: str | None = None
    active: bool = True
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    version: object = field(default=None, compare=False, repr=False)


def fold(login: str) -> str:
    """The form under which a login is looked up: logins that differ only in case are the same.

    Some ERPs keep ``Alice`` beside ``alice``; erpsync never creates such a pair and matches either.
    """
    return login.casefold()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The accounts of one target by folded login; ``protected`` says why some must never be changed."""

    accounts: Mapping[str, Account]
    protected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed an account in the ERP last, as the ERP knows that person, and when."""

    by: str
    at: datetime

    def __str__(self) -> str:
        return f"{self.by} on {self.at:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What exists in a target to be granted: entitlements, values of each scope kind, languages.

    ``fixed`` are entitlements that accounts can be seen to have but that erpsync cannot give or take;
    each maps to the reason why. ``implies`` has, by entitlement, everything that comes with it, however
    deep: who is granted one holds those too, and loses none of them while it is held.
    """

    entitlements: frozenset[str]
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    fixed: Mapping[str, str] = field(default_factory=dict)
    implies: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Description:
    """What the ERP knows of the person behind an account, as it calls it."""

    department: str | None = None
    position: str | None = None
    employee_no: str | None = None


@dataclass(frozen=True, slots=True)
class Descriptions:
    """What an ERP tells beyond access: of people, by folded login; titles of entitlements, by name."""

    people: Mapping[str, Description] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


EVERYBODY = ""
"""In permissions, the name of no entitlement at all: what whoever can log in may do."""


ALL_ATTRIBUTES = frozenset({"name", "email", "language"})
"""What can be told of an account beside its login."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an ERP can do by itself. What it cannot, erpsync does or the plan says so."""

    validity: bool
    """Grants have their own first and last day in the ERP."""
    scopes: frozenset[str] = frozenset()
    """The kinds of scope the ERP knows."""
    attributes: frozenset[str] = ALL_ATTRIBUTES
    """What it tells of an account beside its login; the rest is not compared."""
    deferred: bool = False
    """Nothing is written by erpsync: changes are handed over to people, all at once, and proved later."""
    implies: bool = False
    """Its entitlements bring others, as `Catalogue.implies` tells."""
    batch: int | None = None
    """How many accounts are checked, written and read back together, if not as many as usual."""
    together: bool = False
    """All of a batch is written before its first answer: none is left unheard, however many refuse."""
    unbounded: frozenset[str] = frozenset()
    """The kinds of scope of which the ERP itself knows `all`, whatever comes later; there it is one value."""
    renames: bool = True
    """A login can be changed. Where not, the account is kept under the one it has, and people rename it."""
