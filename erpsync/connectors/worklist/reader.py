"""The reader of a worklist: the ERP as its export has it, read once and whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from erpsync.connectors.checks import Check, Purpose
from erpsync.connectors.worklist.checks import look_around
from erpsync.connectors.worklist.mapping import Sheets, accounts_of, catalogue_of, descriptions_of
from erpsync.connectors.worklist.options import Listing, Options, Source
from erpsync.connectors.worklist.place import inside
from erpsync.errors import TargetError
from erpsync.model import Account, Capabilities, Catalogue, Descriptions, Snapshot, Target
from erpsync.table import Content, Table, format_of, read_content, read_table

CLOCKS_DIFFER = timedelta(minutes=10)
"""How far ahead the clock of the machine may be that wrote the export."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was read. ``written`` is the time of its oldest file, ``files`` are name and digest of each.

    ``formats`` say by name what each file is, for people.
    """

    accounts: Mapping[str, Account]
    catalogue: Catalogue
    descriptions: Descriptions
    written: datetime
    files: Mapping[str, str]
    formats: Mapping[str, str]


def paths_in(folder: Path, options: Options, target: Target) -> dict[str, Path]:
    """Where the files are that the options name.

    Raises:
        RefusedError: an option names a file outside the folder.
    """
    return {source.file: inside(folder, source.file, target) for source in options.sources}


def read_export(paths: Mapping[str, Path], options: Options, now: datetime | None = None) -> Export:
    """Read every file of an export.

    Args:
        paths: where the files are, by the names that the options have for them.
        options: what is in them.
        now: the clock.

    Raises:
        TargetError: a file is missing, too old, or not as it should be.
    """
    contents = {name: read_content(path) for name, path in paths.items()}
    for content in contents.values():
        _refuse_stale(content, options.max_age, now or datetime.now(UTC))
    sheets = Sheets(
        users=_table(options.users, contents, options),
        roles=_table(options.roles, contents, options) if options.roles else None,
        catalogue=_listing(options.catalogue, contents, options),
        scopes=_listing(options.scopes, contents, options),
    )
    accounts = accounts_of(sheets, options)
    return Export(
        accounts=accounts,
        catalogue=catalogue_of(sheets, accounts.values(), options),
        descriptions=descriptions_of(sheets, options),
        written=min(content.written for content in contents.values()),
        files={name: content.digest for name, content in contents.items()},
        formats={name: format_of(content, options.encodings) for name, content in contents.items()},
    )


def _table(source: Source, contents: Mapping[str, Content], options: Options) -> Table:
    content = contents[source.file]
    return read_table(content, source.sheet, options.header, options.delimiter, options.encodings)


def _listing(listing: Listing | None, contents: Mapping[str, Content], options: Options) -> Table | None:
    return _table(listing.source, contents, options) if listing else None


def _refuse_stale(content: Content, max_age: timedelta, now: datetime) -> None:
    age = now - content.written
    if age > max_age:
        raise TargetError(
            f"the export is of {content.written:%Y-%m-%d %H:%M} UTC, "
            f"older than the {max_age // timedelta(hours=1)} hours it may be",
            where=content.name,
            hint="export it again; max_age in the options says how old it may be",
        )
    if age < -CLOCKS_DIFFER:
        raise TargetError(
            f"the export is of {content.written:%Y-%m-%d %H:%M} UTC, which is still to come",
            where=content.name,
            hint="set the clock of the machine that writes it",
        )


class WorklistReader:
    """Answers from one export. It has no method that writes."""

    def __init__(self, export: Export, options: Options, database: str | None) -> None:
        self.export = export
        self.options = options
        self._database = database

    @property
    def capabilities(self) -> Capabilities:
        """What the columns show. Dates of grants are not: erpsync ends a grant itself, on its day."""
        return Capabilities(
            validity=False,
            scopes=frozenset({self.options.scope_kind} if self.options.scope_column else ()),
            attributes=frozenset({"name", "email"} if self.options.email else {"name"}),
            deferred=True,
        )

    def instance(self) -> str:
        """The system that the options name, and the database: an export does not say where it is from."""
        database = f"/{self._database}" if self._database else ""
        return f"worklist:{self.options.system}{database}"

    def catalogue(self) -> Catalogue:
        """The roles and values of the scope that are held or listed."""
        return self.export.catalogue

    def descriptions(self) -> Descriptions:
        """Department, job and personnel number, where the options name columns for them."""
        return self.export.descriptions

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """All accounts of the export, or those with these folded logins."""
        accounts = self.export.accounts
        if logins is not None:
            accounts = {login: accounts[login] for login in logins if login in accounts}
        return Snapshot(accounts)

    def checks(self, purpose: Purpose) -> Iterator[Check]:  # noqa: ARG002 - nobody can write an export
        """What the export has, how old it is, and what it cannot tell."""
        return look_around(self.export, self.options, datetime.now(UTC))
