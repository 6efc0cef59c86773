"""Frappe users → Snapshot: users, their roles and their permissions, each in one call for all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from erpsync.connectors.base import Connection, twins
from erpsync.connectors.checks import Check, Purpose
from erpsync.connectors.frappe.answers import FrappeError, Json, not_frappe
from erpsync.connectors.frappe.checks import look_around
from erpsync.connectors.frappe.directory import catalogue_of, read_directory
from erpsync.connectors.frappe.listing import by_address, read_all
from erpsync.connectors.frappe.objections import objections
from erpsync.connectors.frappe.options import options_of
from erpsync.connectors.frappe.rows import read_rows
from erpsync.connectors.frappe.session import TIME_ZONE, VERSIONS, Filters, FrappeSession
from erpsync.connectors.frappe.trace import LAST_USED, read_last_changes, read_last_logins
from erpsync.connectors.frappe.users import FIELDS, Terms, read_user
from erpsync.errors import TargetError
from erpsync.model import Account, Capabilities, Catalogue, LastChange, Snapshot, fold

_Answer = TypeVar("_Answer")

SYSTEM_MANAGER = "System Manager"
OLDEST = 14
BATCH = 25
"""A write of one user takes a second or so: a batch is written in half a minute, and then it is known."""
FEW = 200
"""More accounts than these are read with all the others: that costs less than asking for them by name."""
STANDARD = {
    "administrator": "Frappe's own administrator",
    "guest": "Frappe's own account of whoever is not logged in",
}


class FrappeReader:
    """Reads accounts, their roles and profiles, and what they may touch."""

    def __init__(
        self,
        session: FrappeSession,
        connection: Connection,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.session = session
        self.where = session.where
        self.progress = connection.progress
        self.clock = clock or (lambda: datetime.now(UTC))
        self.options = options_of(connection.target)
        self._version = self._read(self._major)
        self._own = self._read(self._myself)
        self._known: Terms | None = None

    @property
    def capabilities(self) -> Capabilities:
        """Frappe has no days of a grant; the e-mail address is the login, which people rename."""
        kinds = frozenset(self.options.scopes)
        return Capabilities(
            validity=False,
            scopes=kinds,
            attributes=frozenset({"name", "language"}),
            implies=True,
            batch=BATCH,
            unbounded=kinds,
            renames=False,
        )

    @property
    def terms(self) -> Terms:
        """What accounts are read and written by; asked of the site once."""
        if self._known is None:
            directory = self._read(lambda: read_directory(self.session, self.options))
            self._known = Terms(self.options, directory, self._version)
        return self._known

    def instance(self) -> str:
        """When the site was installed, as a digest."""
        return self.terms.directory.instance

    def catalogue(self) -> Catalogue:
        """Roles, role profiles and module profiles; the values of scopes; languages."""
        return catalogue_of(self.terms.directory, self.options)

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """Every account, or those with the given folded logins."""
        if logins is not None and not logins:
            return Snapshot({}, self._protected())
        accounts: dict[str, Account] = {}
        for account in self._read(lambda: self._accounts(logins)):
            login = fold(account.login)
            if login in accounts:
                raise twins(accounts[login], account, self.where, "delete one of them in the ERP")
            if logins is None or login in logins:
                accounts[login] = account
        return Snapshot(accounts, self._protected())

    def _accounts(self, logins: Collection[str] | None) -> list[Account]:
        users = list(self._selected("User", "name", FIELDS, logins=logins))
        if not users:
            return []
        rows_of = read_rows(partial(self._selected, logins=logins), self.terms)
        return [read_user(user, rows_of(user), self.terms) for user in users]

    def objections(self, account: Account) -> Iterable[str]:
        """Why Frappe, or erpsync for Frappe, would not have an account so."""
        return objections(account, self.terms)

    def checks(self, purpose: Purpose) -> Iterable[Check]:
        """Version, clock, the account of erpsync, and keys of disabled users."""
        about = (self.session, self._own, self._version, self.options, self.session.http.ahead, purpose)
        return self._read(lambda: list(look_around(*about)))

    def last_changes(self, logins: Collection[str]) -> Mapping[str, LastChange]:
        """Who changed these accounts last, by the versions that Frappe keeps."""
        try:
            return read_last_changes(self.session, sorted(logins), self.zone())
        except (FrappeError, TargetError, KeyError, TypeError, ValueError):
            return {}

    def last_logins(self, logins: Collection[str]) -> Mapping[str, date | None]:
        """The day of the last login with a password. Of accounts with an API key Frappe does not tell."""
        return self._read(
            lambda: read_last_logins(
                self._selected("User", "name", ["name", *LAST_USED], logins=logins), logins
            )
        )

    # --- used by the writer too -------------------------------------------------------------------

    def zone(self) -> ZoneInfo:
        """The time zone in which the site writes its times.

        Raises:
            FrappeError, TargetError: it cannot be read.
        """
        answer = self.session.call(TIME_ZONE)
        name = answer.get("time_zone") if isinstance(answer, dict) else None
        try:
            return ZoneInfo(name or "UTC")
        except (ValueError, TypeError, OSError, LookupError):
            raise not_frappe(self.where) from None

    # --- requests ---------------------------------------------------------------------------------

    def _read(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask; every refusal, and every answer of another form, ends the target. A part is never all."""
        try:
            return ask()
        except FrappeError as error:
            hint = "see docs/frappe.md for the rights that erpsync needs" if _rights(error) else None
            raise TargetError(f"cannot be read: {error.message}", where=self.where, hint=hint) from error
        except (AttributeError, KeyError, TypeError, ValueError):
            raise not_frappe(self.where) from None

    def _major(self) -> int:
        """The major version of the framework. Asking for it also proves that the key is accepted."""
        found = self.session.call(VERSIONS)["frappe"]["version"]
        major = int(re.split(r"\D", found, maxsplit=1)[0])
        if major < OLDEST:
            hint = f"erpsync knows Frappe from version {OLDEST} on"
            raise TargetError(f"the site runs Frappe {found}", where=self.where, hint=hint)
        return major

    def _myself(self) -> str:
        """The login that the key belongs to, if it may see everything.

        Without the role System Manager users are listed without their roles, and told that a change is
        done which is not; with User Permissions of its own it would see less than there is.

        Raises:
            TargetError: it may not.
        """
        mine = self.session.list("User", ["name", "roles.role"], [["api_key", "=", self.session.key]])
        if not any(row["role"] == SYSTEM_MANAGER for row in mine):
            raise TargetError(
                f"the account of erpsync is not a {SYSTEM_MANAGER} itself: to others Frappe shows users "
                "without their roles, and says yes to changes that it does not make",
                where=self.where,
                hint="see docs/frappe.md for the account that erpsync needs",
            )
        name: str = mine[0]["name"]
        if self.session.list("User Permission", ["name"], [["user", "=", name]], limit_page_length=1):
            raise TargetError(
                "the account of erpsync has User Permissions, with which it does not see everything",
                where=self.where,
                hint="delete the User Permissions of that account in the ERP",
            )
        return name

    def _selected(
        self,
        doctype: str,
        field: str,
        fields: Sequence[str],
        filters: Filters = (),
        parent: str | None = None,
        *,
        logins: Collection[str] | None,
    ) -> Iterator[Json]:
        """The records of these folded logins, and perhaps others; or all."""
        if logins is None or len(logins) > FEW:
            what = {"User": "reading accounts"}.get(doctype, f"reading {doctype.lower()}s")
            yield from read_all(
                self.session,
                doctype,
                fields,
                filters,
                parent=parent,
                told=lambda done: self.progress(what, done, 0),
            )
            return
        for some in by_address(sorted(logins)):
            condition = [*filters, [field, "in", some]]
            yield from read_all(self.session, doctype, fields, condition, parent=parent)

    def _protected(self) -> dict[str, str]:
        return {**STANDARD, fold(self._own): "the login of erpsync itself"}


def _rights(error: FrappeError) -> bool:
    return error.kind == "PermissionError"
