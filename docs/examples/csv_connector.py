"""A connector for an imaginary ERP that keeps its accounts in a CSV file, explained in docs/connectors.md.

The folder named by the option `folder` holds two files. `catalogue.csv` (kind,name) says what exists: the
installation's own name, its roles and its companies. `accounts.csv` (login,name,email,active,companies,roles)
has a row for each account, with `;` between companies and between roles.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from erpsync.connectors.base import Connection, Edit, Outcome, Status
from erpsync.connectors.checks import Check, Needed, Purpose, Right, judge
from erpsync.connectors.description import Ability, Description
from erpsync.errors import RefusedError, TargetError
from erpsync.model import Account, Capabilities, Catalogue, Grant, Snapshot, fold

Row = dict[str, str]
COLUMNS = ("login", "name", "email", "active", "companies", "roles")


class CsvReader:
    """Reads the files. It has no method that writes."""

    def __init__(self, folder: Path, where: str, own: str) -> None:
        self.folder = folder
        self.where = where
        self.own = own

    @property
    def capabilities(self) -> Capabilities:
        """This ERP knows companies, but no dates: erpsync ends a grant itself, on its day."""
        return Capabilities(validity=False, scopes=frozenset({"company"}))

    def instance(self) -> str:
        """The name that the installation has in its own catalogue."""
        return f"csv:{self._named('instance')[0]}"

    def catalogue(self) -> Catalogue:
        """The roles and companies that exist."""
        roles, companies = self._named("role"), self._named("company")
        return Catalogue(entitlements=frozenset(roles), scopes={"company": tuple(sorted(companies))})

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """All accounts, or those with these folded logins."""
        accounts = {fold(row["login"]): _account(row) for row in self.rows()}
        if logins is not None:
            accounts = {login: accounts[login] for login in logins if login in accounts}
        return Snapshot(accounts, protected={fold(self.own): "the login of erpsync itself"})

    def checks(self, purpose: Purpose) -> Iterator[Check]:
        """Whether the files can be replaced. The operating system is asked; nothing is tried."""
        rights = [
            Right("read the files", Needed.ALWAYS, held=True),
            Right("replace accounts.csv", Needed.TO_APPLY, held=os.access(self.folder, os.W_OK)),
        ]
        return judge(rights, purpose, "look at who owns the folder")

    def rows(self) -> list[Row]:
        """The accounts as the file has them."""
        return self._read("accounts.csv")

    def _named(self, kind: str) -> list[str]:
        return [row["name"] for row in self._read("catalogue.csv") if row["kind"] == kind]

    def _read(self, name: str) -> list[Row]:
        try:
            with (self.folder / name).open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
        except OSError as error:
            # Never an empty list: a read that failed must not look like an ERP without accounts.
            raise TargetError(f"{name} cannot be read: {error.strerror}", where=self.where) from error


class CsvWriter(CsvReader):
    """Writes accounts, one after the other."""

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Write each account, unless its row is no longer the one that was read."""
        for edit in edits:
            rows = {fold(row["login"]): row for row in self.rows()}
            before = edit.live.version if edit.live else None
            key = fold(edit.live.login if edit.live else edit.change.after.login)
            if rows.get(key) != before:
                yield Outcome(edit.change.login, Status.MOVED)
                continue
            rows[key] = _row(edit.change.after)
            self._write(list(rows.values()))
            yield Outcome(edit.change.login, Status.DONE)

    def _write(self, rows: Sequence[Row]) -> None:
        """Replace the file in one step, so that nobody ever reads half of it."""
        partial = self.folder / "accounts.partial"
        try:
            with partial.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, COLUMNS)
                writer.writeheader()
                writer.writerows(rows)
            partial.replace(self.folder / "accounts.csv")
        except OSError as error:
            raise TargetError(
                f"accounts.csv cannot be written: {error.strerror}", where=self.where
            ) from error


class CsvConnector:
    """The entry point: how this kind of ERP is opened, for reading or for writing."""

    describes = Description(
        title="an imaginary ERP",
        page="docs/connectors.md",
        reader=CsvReader,
        abilities={Ability.CREATE: True, Ability.LOCK: True, Ability.SCOPE: "company", Ability.DAYS: False},
    )

    @staticmethod
    @contextmanager
    def read(connection: Connection) -> Iterator[CsvReader]:
        """Open for reading."""
        yield CsvReader(_folder(connection), _where(connection), connection.username)

    @staticmethod
    @contextmanager
    def write(connection: Connection) -> Iterator[CsvWriter]:
        """Open for writing."""
        yield CsvWriter(_folder(connection), _where(connection), connection.username)


def _where(connection: Connection) -> str:
    return f"target {connection.target.name!r}"


def _folder(connection: Connection) -> Path:
    target = connection.target
    if set(target.options) != {"folder"}:
        raise RefusedError("a csv target needs `options: {folder: PATH}`, and no other", where=str(target.at))
    return Path(target.options["folder"])


def _account(row: Row) -> Account:
    """A row in erpsync's terms. `version` is the row itself: it is what must not have moved at the write."""
    return Account(
        login=row["login"],
        name=row["name"],
        email=row["email"] or None,
        active=row["active"] == "yes",
        scope={"company": _list(row["companies"])} if row["companies"] else {},
        grants=tuple(Grant(role) for role in _list(row["roles"])),
        version=row,
    )


def _row(account: Account) -> Row:
    return {
        "login": account.login,
        "name": account.name or "",
        "email": account.email or "",
        "active": "yes" if account.active else "no",
        "companies": ";".join(account.scope.get("company", ())),
        "roles": ";".join(grant.entitlement for grant in account.grants),
    }


def _list(text: str) -> tuple[str, ...]:
    return tuple(sorted(text.split(";"))) if text else ()
