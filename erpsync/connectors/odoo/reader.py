"""Odoo accounts → Snapshot. Effective access counts: groups with all that come with them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from erpsync.connectors.base import Connection, twins
from erpsync.connectors.checks import Check, Purpose
from erpsync.connectors.odoo.answers import OdooError
from erpsync.connectors.odoo.checks import look_around
from erpsync.connectors.odoo.directory import (
    GROUP_PREFIX,
    USER_TYPES,
    Directory,
    read_directory,
    read_languages,
    records,
)
from erpsync.connectors.odoo.options import Options, options_of
from erpsync.connectors.odoo.session import Domain, Record, Session
from erpsync.errors import TargetError
from erpsync.model import Account, Capabilities, Catalogue, Descriptions, Grant, LastChange, Snapshot, fold

PAGE = 20_000
"""Accounts a call: Odoo takes 2.5 s for 10,000, whatever the pages, and may compute for 60 s."""
LOGINS_A_CONDITION = 100
"""Beyond that it is faster to read all logins than to look for each, whatever its case."""
DIRECT_GROUPS = 19
"""The first version that keeps what was given apart from what comes with it."""
BATCH = 1000
"""Accounts written together: equal changes of many are one call."""

FIELDS = ("login", "name", "email", "lang", "active", "company_id", "company_ids")
FROM_ROLES = "its groups come from roles of base_user_role; manage those: options: {entitlements: roles}"


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One ``res.users.role.line``; both days are inclusive."""

    id: int
    role: int
    first: date | None
    last: date | None

    def holds(self, day: date) -> bool:
        """Whether Odoo counts the role on a day."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Known:
    """What the connector remembers of an account it read: enough to write it exactly."""

    id: int
    groups: frozenset[int]
    company: int
    companies: frozenset[int]
    lines: tuple[RoleLine, ...]


class OdooReader:
    """Reads accounts, their groups or roles, and their companies."""

    def __init__(
        self, session: Session, connection: Connection, clock: Callable[[], datetime] | None = None
    ) -> None:
        self.session = session
        self.where = session.where
        self.progress = connection.progress
        self.clock = clock or (lambda: datetime.now(UTC))
        self.timezone = connection.timezone
        self.database = connection.target.database
        self.options: Options = options_of(connection.target)
        self.directory: Directory = read_directory(session, self.options.kind)

    @property
    def capabilities(self) -> Capabilities:
        """Roles have days, groups have none, but bring others."""
        roles = self.options.kind == "roles"
        return Capabilities(validity=roles, scopes=frozenset({"company"}), implies=not roles, batch=BATCH)

    def instance(self) -> str:
        """The name of the database, and when its first company was made.

        Odoo shows its identifier of a database to administrators only. A copy of the database under
        the same name cannot be told from the original.
        """
        told = f"{self.database}\n{self.directory.born}"
        return f"odoo:{hashlib.sha256(told.encode()).hexdigest()[:16]}"

    def catalogue(self) -> Catalogue:
        """Groups or roles, companies, languages."""
        return self.directory.catalogue(self._languages)

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """Every account but those of Odoo itself, or those with the given folded logins."""
        users = [user for user in self._users(logins) if user["id"] not in self.directory.built_in]
        lines = self._role_lines(None if logins is None else [user["id"] for user in users])
        accounts: dict[str, Account] = {}
        protected: dict[str, str] = {}
        for user in users:
            login = fold(str(user["login"]))
            if logins is not None and login not in logins:
                continue
            account = self._account(user, lines.get(user["id"], ()))
            if login in accounts:
                raise twins(accounts[login], account, self.where, "rename one of them in Odoo")
            accounts[login] = account
            if self.directory.system in self._groups(user):
                protected[login] = "an administrator of Odoo"
            elif lines.get(user["id"]) and self.options.kind == "groups":
                protected[login] = FROM_ROLES
        protected[fold(self.session.username)] = "the login of erpsync itself"
        return Snapshot(accounts, protected)

    def objections(self, account: Account) -> Iterator[str]:
        """Not one user type, no company, groups beside roles, or a role twice."""
        if not account.active:
            return
        names = [grant.entitlement for grant in account.grants]
        yield from _wrong_groups(names) if self.options.kind == "groups" else _wrong_roles(names)
        if not account.scope.get("company"):
            yield "has no company, and Odoo has no user without; declare scope: {company: [...]}, managed"

    def checks(self, purpose: Purpose) -> Iterator[Check]:
        """Whether Odoo and the login are as docs/odoo.md says."""
        return look_around(self.session, self.directory, purpose)

    def descriptions(self) -> Descriptions:
        """What people call groups."""
        return Descriptions(titles=self.directory.titles)

    def last_logins(self, logins: Collection[str]) -> Mapping[str, date | None]:
        """The day of the last login with a password; calls with a key are not counted by Odoo."""
        zone = self.timezone
        found: dict[str, date | None] = {}
        for user in self._some(logins, ("login", "login_date")):
            at = _instant(user["login_date"])
            found[fold(user["login"])] = at.astimezone(zone).date() if at else None
        return {login: day for login, day in found.items() if login in logins}

    def last_changes(self, logins: Collection[str]) -> Mapping[str, LastChange]:
        """Who wrote these users last. What was done from the side of a group does not count there."""
        try:
            users = self._some(logins, ("login", "write_uid", "write_date"))
            names = {
                user["id"]: str(user["login"])
                for user in self._read([["id", "in", [user["write_uid"] for user in users]]], ("login",))
            }
        except TargetError:
            return {}
        told = ((fold(user["login"]), user["write_uid"], _instant(user["write_date"])) for user in users)
        return {
            login: LastChange(names.get(by, f"user {by}"), at)
            for login, by, at in told
            if at is not None and login in logins
        }

    # --- accounts -----------------------------------------------------------------------------------

    def _account(self, user: Record, lines: Sequence[RoleLine]) -> Account:
        companies = frozenset(user["company_ids"])
        names = self.directory.companies
        grants = self._group_grants(user) if self.options.kind == "groups" else self._role_grants(user, lines)
        return Account(
            login=user["login"],
            name=user["name"],
            email=user["email"] or None,
            language=user["lang"] or None,
            active=bool(user["active"]),
            scope={"company": tuple(sorted(names.get(number, f"#{number}") for number in companies))}
            if companies
            else {},
            grants=tuple(sorted(grants, key=lambda grant: grant.order)),
            version=Known(user["id"], self._groups(user), user["company_id"], companies, tuple(lines)),
        )

    def _group_grants(self, user: Record) -> Iterator[Grant]:
        for group in self._groups(user) - self.directory.automatic:
            yield Grant(self.directory.group_name(group))

    def _role_grants(self, user: Record, lines: Sequence[RoleLine]) -> Iterator[Grant]:
        """Roles, and groups that no role of today accounts for.

        A role that should act now, but whose groups are not there, does not count: the module gives
        them when the user is written or its daily job runs. It acts by Odoo's day, which begins and ends
        later or earlier than the company's; a role that acts by either accounts for its groups.
        """
        groups, today, there = self._groups(user), self.today(), self.day_there()
        accounted: set[int] = set()
        for line in lines:
            brings = self.role_brings(line.role)
            if not line.holds(there) or brings <= groups:
                yield self.grant_of(line)
            if line.holds(there) or line.holds(today):
                accounted |= brings
        for group in groups - accounted - self.directory.automatic:
            yield Grant(GROUP_PREFIX + self.directory.group_name(group))

    def role_brings(self, role: int) -> frozenset[int]:
        """The groups that a role gives."""
        group = self.directory.role_groups.get(role)
        groups = frozenset() if group is None else self.directory.closure([group])
        return groups - self.directory.automatic

    def grant_of(self, line: RoleLine) -> Grant:
        """A role line as a grant."""
        return Grant(self.directory.roles.get(line.role, f"#{line.role}"), line.first, line.last)

    def today(self) -> date:
        """The day in the company's time zone."""
        return self.clock().astimezone(self.timezone).date()

    def day_there(self) -> date:
        """The day by which Odoo counts: it runs in UTC, wherever it is."""
        return self.clock().astimezone(UTC).date()

    # --- calls --------------------------------------------------------------------------------------

    def _groups(self, user: Record) -> frozenset[int]:
        return frozenset(user[self.group_field])

    @property
    def group_field(self) -> str:
        """The field with the groups that an account really has."""
        return "all_group_ids" if self.session.version >= DIRECT_GROUPS else "groups_id"

    @cached_property
    def _languages(self) -> frozenset[str]:
        """Read only for whoever asks what there is: apply does not."""
        return read_languages(self.session)

    def _users(self, logins: Collection[str] | None) -> Iterable[Record]:
        fields = (*FIELDS, self.group_field)
        return self._read([], fields) if logins is None else self._some(logins, fields)

    def _some(self, logins: Collection[str], fields: Sequence[str]) -> Collection[Record]:
        """The accounts with these folded logins, and perhaps others, each once.

        Odoo compares logins exactly, and most are written as they are folded. So many are asked for like
        that, and only the rest whatever their case.
        """
        if len(logins) <= LOGINS_A_CONDITION:
            return self._in_any_case(logins, fields)
        exact = self._read([["login", "in", sorted(logins)]], fields)
        rest = set(logins) - {fold(str(user["login"])) for user in exact}
        found = {user["id"]: user for user in exact}
        return (found | {user["id"]: user for user in self._in_any_case(rest, fields)}).values()

    def _in_any_case(self, logins: Collection[str], fields: Sequence[str]) -> list[Record]:
        """With letters of either case; for many, all logins are read and compared here."""
        if not logins:
            return []
        if len(logins) <= LOGINS_A_CONDITION:
            conditions = [["login", "=ilike", _pattern(login)] for login in sorted(logins)]
            return self._read(["|"] * (len(conditions) - 1) + conditions, fields)
        ids = [user["id"] for user in self._read([], ("login",)) if fold(str(user["login"])) in logins]
        return self._read([["id", "in", ids]], fields) if ids else []

    def _read(self, domain: Domain, fields: Sequence[str]) -> list[Record]:
        """Users by id, page by page: none is missed or read twice when others come or go meanwhile."""
        found: list[Record] = []
        while True:
            after = [["id", ">", found[-1]["id"]]] if found else []
            try:
                page = self.session.search_read("res.users", [*after, *domain], fields, PAGE)
            except OdooError as error:
                raise TargetError(f"accounts cannot be read: {error.message}", where=self.where) from error
            found += page
            self.progress("reading accounts", len(found), 0)
            if len(page) < PAGE:
                return found

    def _role_lines(self, users: list[int] | None) -> dict[int, list[RoleLine]]:
        """The role lines by user."""
        if not self.directory.has_roles:
            return {}
        domain: Domain = [] if users is None else [["user_id", "in", users]]
        fields = ["user_id", "role_id", "date_from", "date_to"]
        lines: dict[int, list[RoleLine]] = {}
        for row in records(self.session, "res.users.role.line", domain, fields):
            line = RoleLine(row["id"], row["role_id"], _day(row["date_from"]), _day(row["date_to"]))
            lines.setdefault(row["user_id"], []).append(line)
        return lines


def _wrong_groups(names: Sequence[str]) -> Iterator[str]:
    """More than one type of user, or groups without any.

    Who has no groups at all can do nothing: an account is left like that where entitlements are not
    managed yet, or where whoever left is not locked yet.
    """
    types = [name for name in USER_TYPES if name in names]
    if len(types) > 1:
        yield f"cannot be {' and '.join(types)} at once; Odoo has one type of user for each"
    if names and not types:
        yield f"has no type of user; a role must grant {USER_TYPES[0]}, or a group that brings it"


def _wrong_roles(names: Sequence[str]) -> Iterator[str]:
    """Groups beside roles, or one role for two periods, of which Odoo can keep only one."""
    groups = sum(name.startswith(GROUP_PREFIX) for name in names)
    if 0 < groups < len(names):
        yield "would have groups beside roles, which Odoo takes away; manage entitlements as enforce"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield (f"would have the role {name!r} for more than one period, and Odoo keeps one; "
               "declare one, or manage entitlements as enforce")  # fmt: skip


def _pattern(login: str) -> str:
    r"""A folded login for `=ilike`, where ``%``, ``_`` and ``\`` mean something.

    Databases fold few letters, so others match any letter; `ss` may be `ß`, which is only one.
    """
    escaped = login.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return "".join(char if char.isascii() else "_" for char in escaped).replace("ss", "%")


def _day(text: str | bool) -> date | None:
    """A date as Odoo writes it; false where there is none."""
    return date.fromisoformat(text) if isinstance(text, str) else None


def _instant(text: str | bool) -> datetime | None:
    """A time as Odoo writes it, in UTC; false where there is none."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if isinstance(text, str) else None
