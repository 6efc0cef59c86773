"""Fills the ERP with the accounts of a company whose access was kept by hand, over RPC as administrator.

Which accounts those are is for `demo.lived_in` to say. Nobody gets a password: nobody is to log in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from demo.lived_in import LivedAccount, LivedIn, lived_accounts
from demo.tryton_rpc import Client
from erpsync.model import Access, Account, Grant

# SQLite has one writer, and whoever waits for it too long is sent away.
BATCH = 100


class SeedError(Exception):
    """The table names what this ERP does not have."""


@dataclass(frozen=True)
class Directory:
    """The ids of what accounts refer to, by name; groups by their xml_id."""

    roles: Mapping[str, int]
    groups: Mapping[str, int]
    companies: Mapping[str, int]
    languages: Mapping[str, int]

    @classmethod
    def read(cls, client: Client) -> Directory:
        """Read them from the ERP."""
        companies = _read_all(client, "company.company", ["party.name"])
        return cls(
            roles={role["name"]: role["id"] for role in _read_all(client, "res.role", ["name"])},
            groups={group["xml_id"]: group["id"] for group in _read_all(client, "res.group", ["xml_id"])},
            companies={company["party."]["name"]: company["id"] for company in companies},
            languages={lang["code"]: lang["id"] for lang in _read_all(client, "ir.lang", ["code"])},
        )


def seed(
    client: Client, access: Access, table: Path, as_of: date, report: Callable[[str], None]
) -> list[LivedAccount]:
    """Make the accounts of the lived-in ERP and return them.

    Raises SeedError, and RpcError when the ERP refuses.
    """
    directory = Directory.read(client)
    accounts = lived_accounts(access, LivedIn.read(table), tuple(directory.companies), as_of)
    try:
        _Seeder(client, directory, ZoneInfo(access.timezone)).make(accounts, report)
    except KeyError as error:
        raise SeedError(f"{table.name} or access/ names {error}, which the ERP does not have") from error
    return accounts


class _Seeder:
    def __init__(self, client: Client, directory: Directory, timezone: ZoneInfo) -> None:
        self._client = client
        self._directory = directory
        self._timezone = timezone

    def make(self, accounts: Sequence[LivedAccount], report: Callable[[str], None]) -> None:
        ids: dict[str, int] = {}
        for start in range(0, len(accounts), BATCH):
            report(f"Filling the ERP with the accounts of a lived-in company: {start} of {len(accounts)}")
            batch = accounts[start : start + BATCH]
            made = self._client.call("model.res.user.create", [self._values(lived) for lived in batch], {})
            ids |= zip((lived.account.login for lived in batch), made, strict=True)
        # Tryton cannot create an inactive account, and each write to an account makes its groups right:
        # so accounts are locked next, and what is to be wrong comes last.
        locked = [ids[lived.account.login] for lived in accounts if not lived.account.active]
        self._client.call("model.res.user.write", locked, {"active": False}, {})
        for lived in accounts:
            self._spoil(lived, ids[lived.account.login])

    def _values(self, lived: LivedAccount) -> dict[str, Any]:
        account = lived.account
        companies = [self._directory.companies[name] for name in account.scope.get("company", ())]
        grants = [*account.grants, *(Grant(role) for role in lived.ended)]
        return {
            "login": account.login,
            "name": account.name,
            "email": account.email,
            "language": self._language(account),
            "companies": [["add", companies]] if companies else [],
            "company": companies[0] if companies else None,
            "roles": [["create", [self._row(grant) for grant in grants]]] if grants else [],
        }

    def _language(self, account: Account) -> int | None:
        return None if account.language is None else self._directory.languages[account.language]

    def _row(self, grant: Grant) -> dict[str, Any]:
        return {
            "role": self._directory.roles[grant.entitlement],
            "from_date": self._instant(grant.valid_from, time(0, 0)),
            "to_date": self._instant(grant.valid_to, time(23, 59, 59)),
        }

    def _instant(self, day: date | None, at: time) -> datetime | None:
        """A time of a day in the company as Tryton keeps it: in UTC, without saying so."""
        if day is None:
            return None
        return datetime.combine(day, at, self._timezone).astimezone(UTC).replace(tzinfo=None)

    def _spoil(self, lived: LivedAccount, user: int) -> None:
        """Do what leaves the groups of an account at odds with its roles."""
        for role, day in lived.ended.items():
            self._end_without_effect(user, role, day)
        for xml_id in lived.direct_groups:
            group = self._directory.groups[xml_id]
            self._client.call("model.res.group.write", [group], {"users": [["add", [user]]]}, {})
        if lived.rest_key:
            key = {"user": user, "application": "rest"}
            self._client.call("model.res.user.application.create", [key], {})

    def _end_without_effect(self, user: int, role: str, day: date) -> None:
        """End a role in its own record, which leaves the groups to the daily job, which is not running."""
        domain = [["user", "=", user], ["role", "=", self._directory.roles[role]]]
        rows = self._client.call("model.res.user.role.search", domain, 0, None, None, {})
        end = self._instant(day, time(23, 59, 59))
        self._client.call("model.res.user.role.write", rows, {"to_date": end}, {})


def _read_all(client: Client, model: str, fields: list[str]) -> Iterable[dict[str, Any]]:
    records: list[dict[str, Any]] = client.call(f"model.{model}.search_read", [], 0, None, None, fields, {})
    return records
