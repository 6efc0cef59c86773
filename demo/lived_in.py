"""The accounts of an ERP whose access was kept by hand: what access/ declares, minus years of neglect.

What went wrong with whom is a table, lived_in.yaml. This is the pure part, from the declared accounts
and that table to the accounts to be made; `demo.seed` makes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import yaml

from erpsync.model import ALL, Access, Account, Grant
from erpsync.resolve import resolver

TARGET = "erp"


@dataclass(frozen=True, slots=True)
class Deviation:
    """How an account differs from what is declared, as described in lived_in.yaml."""

    why: str
    missing: bool = False
    login: str | None = None
    name: str | None = None
    email: str | None = None
    language: str | None = None
    active: bool | None = None
    companies: Sequence[str] | None = None
    lacks: Sequence[str] = ()
    extra: Sequence[str] = ()
    no_end: Sequence[str] = ()
    ended: Mapping[str, date] = field(default_factory=dict)
    direct_groups: Sequence[str] = ()
    rest_key: bool = False


@dataclass(frozen=True, slots=True)
class LivedIn:
    """The deviations of declared users by their key, and the accounts that nobody owns by their login."""

    users: Mapping[str, Deviation]
    unowned: Mapping[str, Deviation]

    @classmethod
    def read(cls, file: Path) -> LivedIn:
        """Read the table. Raises TypeError when it has an entry that is not described there."""
        sections = yaml.safe_load(file.read_text("utf-8"))
        return cls(**{
            section: {key: Deviation(**entry) for key, entry in entries.items()}
            for section, entries in sections.items()
        })  # fmt: skip


@dataclass(frozen=True, slots=True)
class LivedAccount:
    """An account to be made: what erpsync would see, and what it would not."""

    account: Account
    ended: Mapping[str, date] = field(default_factory=dict)
    direct_groups: Sequence[str] = ()
    rest_key: bool = False


def lived_accounts(
    access: Access, table: LivedIn, companies: Sequence[str], as_of: date
) -> list[LivedAccount]:
    """Every account of the lived-in ERP, which has these companies.

    Entries of users who are not declared are passed over, so that access/ can be changed to try things out.
    """
    prepared = resolver(access, TARGET, as_of, validity=True)
    accounts: list[LivedAccount] = []
    for user in access.users.values():
        joins_later = user.valid_from is not None and user.valid_from > as_of
        deviation = table.users.get(user.key, Deviation("as declared"))
        if not joins_later and not deviation.missing:
            accounts.append(_lived(_everything(prepared.account(user), companies), deviation))
    for login, deviation in table.unowned.items():
        accounts.append(_lived(Account(login=login, name=login), deviation))
    return accounts


def _everything(account: Account, companies: Sequence[str]) -> Account:
    """Write the companies out for an account that has them all."""
    if account.scope.get("company") == (ALL,):
        return replace(account, scope={"company": tuple(companies)})
    return account


def _lived(account: Account, deviation: Deviation) -> LivedAccount:
    companies = deviation.companies
    lived = replace(
        account,
        login=deviation.login or account.login,
        name=deviation.name or account.name,
        email=deviation.email or account.email,
        language=deviation.language or account.language,
        active=account.active if deviation.active is None else deviation.active,
        scope=account.scope if companies is None else {"company": tuple(companies)},
        grants=tuple(_grants(account, deviation)),
    )
    return LivedAccount(lived, deviation.ended, deviation.direct_groups, deviation.rest_key)


def _grants(account: Account, deviation: Deviation) -> Iterator[Grant]:
    for grant in account.grants:
        if grant.entitlement in deviation.no_end:
            yield replace(grant, valid_to=None)
        elif grant.entitlement not in (*deviation.lacks, *deviation.extra, *deviation.ended):
            yield grant
    for role in deviation.extra:
        yield Grant(role)
