"""Tryton accounts → Snapshot. Effective access counts: a role whose groups are missing is not held."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from erpsync.connectors.base import Connection, twins
from erpsync.connectors.checks import Check, Purpose
from erpsync.connectors.tryton.checks import look_around
from erpsync.connectors.tryton.days import first_day, last_day
from erpsync.connectors.tryton.directory import (
    ADMINISTRATOR,
    GROUP_PREFIX,
    Directory,
    entitlement_kind,
    read_directory,
)
from erpsync.connectors.tryton.permissions import by_entitlement, read_rights
from erpsync.connectors.tryton.rpc import Rpc, RpcError
from erpsync.connectors.tryton.trace import read_last_changes
from erpsync.errors import TargetError
from erpsync.model import Account, Capabilities, Catalogue, Grant, LastChange, Snapshot, fold

LOGINS_A_CALL = 100
PAGE = 2000
"""Accounts a call: smaller pages cost more in all, one call for everything holds up other users."""
ROOT = 0
"""Tryton's own inactive user, which nobody can log in as or change."""

FIELDS = ["login", "name", "email", "language", "active", "administrator", "groups", "_timestamp"]


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One ``res.user.role``; times are in UTC and both ends are inclusive."""

    id: int
    role: int
    first: datetime | None
    last: datetime | None
    timestamp: str

    def holds(self, now: datetime) -> bool:
        """Whether Tryton counts the role now."""
        return (self.first is None or self.first <= now) and (self.last is None or now <= self.last)


@dataclass(frozen=True, slots=True)
class Record:
    """What the connector remembers of an account it read: enough to write it, and only if it did not move."""

    id: int
    timestamp: str
    groups: frozenset[int]
    company: int | None
    companies: frozenset[int]
    rows: tuple[RoleRow, ...]


class TrytonReader:
    """Reads accounts, their roles or groups, and their companies."""

    def __init__(self, rpc: Rpc, connection: Connection, clock: Callable[[], datetime] | None = None) -> None:
        self.rpc = rpc
        self.timezone: ZoneInfo = connection.timezone
        self.progress = connection.progress
        self.clock = clock or (lambda: datetime.now(UTC))
        self.directory: Directory = read_directory(rpc, entitlement_kind(connection.target))

    @property
    def capabilities(self) -> Capabilities:
        """Roles have dates, groups have none; the company is a scope where that module is active."""
        scopes = frozenset() if self.directory.companies is None else frozenset({"company"})
        return Capabilities(validity=self.directory.kind == "roles", scopes=scopes)

    def instance(self) -> str:
        """When the first users of the database were made, which no two databases share.

        Tryton has no identifier of its own for a database. Its built-in users come from the template
        the database may have been copied from, so the first user made by people counts too; users
        cannot be deleted. A copy of a database in use cannot be told from the original.
        """
        first = self._call(
            "model.res.user.search", [["id", ">", 1]], 0, 1, [["id", "ASC"]], {"active_test": False}
        )
        made = [record["create_date"] for record in self._read("res.user", [0, 1, *first], ["create_date"])]
        return f"tryton:{hashlib.sha256(repr(made).encode()).hexdigest()[:16]}"

    def catalogue(self) -> Catalogue:
        """Roles or groups, companies, languages."""
        return self.directory.catalogue

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """Every account but Tryton's root, or those with the given folded logins."""
        users = list(self._pages("res.user", self._user_ids(logins), self._fields()))
        rows = self._role_rows(None if logins is None else [user["id"] for user in users])
        accounts: dict[str, Account] = {}
        protected: dict[str, str] = {}
        for user in users:
            account = self._account(user, rows.get(user["id"], ()))
            login = fold(account.login)
            if logins is not None and login not in logins:
                continue
            if login in accounts:
                raise twins(accounts[login], account, self.rpc.where, "rename one of them in the ERP")
            accounts[login] = account
            if user["administrator"]:
                protected[login] = "an administrator of the ERP"
        protected[fold(self.rpc.username)] = "the login of erpsync itself"
        return Snapshot(accounts, protected)

    def last_changes(self, logins: Collection[str]) -> Mapping[str, LastChange]:
        """Who changed these accounts or their roles last; nothing where Tryton does not let it be read."""
        try:
            return read_last_changes(self.rpc, self._user_ids(logins), roles=self.directory.kind == "roles")
        except (TargetError, RpcError):
            return {}

    def permissions(self) -> Mapping[str, frozenset[str]]:
        """What roles, groups and the administrator flag really allow."""
        return by_entitlement(self.directory, read_rights(self.rpc))

    def checks(self, purpose: Purpose) -> Iterator[Check]:
        """Version, clock, and what the login may do; asked of Tryton's own access rights."""
        return look_around(self.rpc, self.directory, purpose)

    def _fields(self) -> list[str]:
        company = [] if self.directory.companies is None else ["company", "companies"]
        return FIELDS + company

    def _account(self, user: Mapping[str, Any], rows: Sequence[RoleRow]) -> Account:
        groups = frozenset(user["groups"])
        companies = frozenset(user.get("companies", ()))
        names = self.directory.companies or {}
        grants = {*self._role_grants(rows, groups), *self._group_grants(rows, groups)}
        if user["administrator"]:
            grants.add(Grant(ADMINISTRATOR))
        return Account(
            login=user["login"],
            name=user["name"],
            email=user["email"] or None,
            language=self.directory.languages.get(user["language"]),
            active=bool(user["active"]),
            scope={"company": tuple(sorted(names.get(number, f"#{number}") for number in companies))}
            if companies
            else {},
            grants=tuple(sorted(grants, key=lambda grant: grant.order)),
            version=Record(
                user["id"], user["_timestamp"], groups, user.get("company"), companies, tuple(rows)
            ),
        )

    def _role_grants(self, rows: Iterable[RoleRow], groups: frozenset[int]) -> Iterator[Grant]:
        """The roles of an account. One that should act now, but whose groups are not there, does not count.

        Tryton gives the groups of a role when the account is written or when its daily job runs, so
        a role may stand there and grant nothing yet.
        """
        now = self.clock()
        for row in rows:
            if not row.holds(now) or self.directory.role_groups.get(row.role, frozenset()) <= groups:
                yield self.grant_of(row)

    def _group_grants(self, rows: Iterable[RoleRow], groups: frozenset[int]) -> Iterator[Grant]:
        """The groups of an account; where roles are managed, those that no role of today accounts for."""
        if self.directory.kind == "groups":
            for group in groups:
                yield Grant(self.group_name(group))
            return
        now = self.clock()
        held = [self.directory.role_groups.get(row.role, frozenset()) for row in rows if row.holds(now)]
        for group in groups.difference(*held):
            yield Grant(GROUP_PREFIX + self.group_name(group))

    def grant_of(self, row: RoleRow) -> Grant:
        """A role row in days of the company."""
        first, last = first_day(row.first, self.timezone), last_day(row.last, self.timezone)
        return Grant(self.role_name(row.role), first, last)

    def role_name(self, number: int) -> str:
        """The name of a role, also of one that no longer exists."""
        return self.directory.roles.get(number, f"#{number}")

    def group_name(self, number: int) -> str:
        """The name of a group, also of one that no longer exists."""
        return self.directory.groups.get(number, f"#{number}")

    # --- calls ------------------------------------------------------------------------------------

    def _user_ids(self, logins: Collection[str] | None) -> list[int]:
        """The ids of the accounts with these folded logins, or of all but Tryton's root.

        Tryton compares logins exactly, so case is left to `ilike`, a few at a time: databases limit
        how long a condition may be.
        """
        if logins is None:
            return [number for number in self._search("res.user", []) if number != ROOT]
        wanted = sorted(logins)
        found: set[int] = set()
        for start in range(0, len(wanted), LOGINS_A_CALL):
            some = wanted[start : start + LOGINS_A_CALL]
            found.update(
                self._search("res.user", ["OR", *[["login", "ilike", _pattern(login)] for login in some]])
            )
        return sorted(found - {ROOT})

    def _search(self, model: str, domain: list[Any]) -> list[int]:
        # Inactive users are hidden unless asked for.
        order = [["id", "ASC"]]
        return list(self._call(f"model.{model}.search", domain, 0, None, order, {"active_test": False}))

    def _read(self, model: str, ids: list[int], fields: list[str]) -> list[dict[str, Any]]:
        return list(self._call(f"model.{model}.read", ids, fields, {}))

    def _pages(self, model: str, ids: list[int], fields: list[str]) -> Iterator[dict[str, Any]]:
        """Read records in pages. One search and then reads: search_read of res.user is quadratic."""
        for start in range(0, len(ids), PAGE):
            self.progress("reading accounts", start, len(ids))
            yield from self._read(model, ids[start : start + PAGE], fields)
        self.progress("reading accounts", len(ids), len(ids))

    def _role_rows(self, users: list[int] | None) -> dict[int, list[RoleRow]]:
        """The role rows by user. Ids only: a dotted read fails as a whole over one dangling reference."""
        if self.directory.kind == "groups":
            return {}
        domain = [] if users is None else [["user", "in", users]]
        ids = self._search("res.user.role", domain)
        rows: dict[int, list[RoleRow]] = {}
        fields = ["user", "role", "from_date", "to_date", "_timestamp"]
        for start in range(0, len(ids), PAGE):
            for row in self._read("res.user.role", ids[start : start + PAGE], fields):
                item = RoleRow(row["id"], row["role"], row["from_date"], row["to_date"], row["_timestamp"])
                rows.setdefault(row["user"], []).append(item)
        return rows

    def _call(self, method: str, *params: Any) -> Any:
        try:
            return self.rpc.call(method, *params)
        except RpcError as error:
            raise TargetError(f"{method} failed: {error.message}", where=self.rpc.where) from error


def _pattern(login: str) -> str:
    """A folded login for `ilike`. SQLite knows the case of ASCII letters only, so others match any letter."""
    escaped = re.sub(r"([\\%_])", r"\\\1", login)
    return "".join(char if char.isascii() else "_" for char in escaped)
