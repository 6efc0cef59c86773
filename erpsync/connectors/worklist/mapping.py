"""From the rows of an export to accounts and to what can be granted. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from erpsync.connectors.worklist.options import Options
from erpsync.errors import TargetError
from erpsync.model import Account, Catalogue, Description, Descriptions, Grant, fold
from erpsync.redact import redact
from erpsync.table import Table


@dataclass(frozen=True, slots=True)
class Sheets:
    """The tables of an export. ``roles`` is None where the roles stand beside the user."""

    users: Table
    roles: Table | None = None
    catalogue: Table | None = None
    scopes: Table | None = None


def accounts_of(sheets: Sheets, options: Options) -> dict[str, Account]:
    """The accounts, by folded login.

    Raises:
        TargetError: a column is missing, or a row does not say what it must.
    """
    beside = [options.email, options.scope_column, None if sheets.roles else options.role]
    columns = [options.login, options.name, options.active_column, *filter(None, beside)]
    held = _roles_by_login(sheets.roles, options) if sheets.roles else {}
    accounts: dict[str, Account] = {}
    seen: dict[str, int] = {}
    for number, cells in sheets.users.select(columns):
        where = sheets.users.at(number)
        values = dict(zip(columns, cells, strict=True))
        login = values[options.login]
        if not login:
            raise _empty(options.login, where)
        key = fold(login)
        if key in accounts:
            raise TargetError(
                f"{login!r} is there twice, first in line {seen[key]}", where=where,
                hint="export one row a user; roles of their own go into roles_file",
            )  # fmt: skip
        roles = _split(values[options.role], options) if sheets.roles is None else held.pop(key, ({}, ""))[0]
        scope = _split(values[options.scope_column], options) if options.scope_column else ()
        seen[key] = number
        accounts[key] = Account(
            login=login,
            name=values[options.name] or None,
            email=(values[options.email] or None) if options.email else None,
            active=_active(values[options.active_column], options, where),
            scope={options.scope_kind: tuple(sorted(set(scope)))} if scope else {},
            grants=tuple(Grant(role) for role in sorted(set(roles))),
        )
    _whole(sheets, held)
    return accounts


def descriptions_of(sheets: Sheets, options: Options) -> Descriptions:
    """What the export tells of the people behind logins, by folded login.

    Raises:
        TargetError: a column is missing.
    """
    names, columns = list(options.described), list(options.described.values())
    people: dict[str, Description] = {}
    for _, (login, *cells) in sheets.users.select([options.login, *columns]) if columns else ():
        told = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
        if told:
            people[fold(login)] = Description(**told)
    return Descriptions(people)


def _whole(sheets: Sheets, strangers: Mapping[str, tuple[object, str]]) -> None:
    """Refuse an export that cannot be the whole of one ERP: with it, plans would take or give at random."""
    for table, what in ((sheets.users, "user"), (sheets.roles, "role of a user")):
        if table is not None and not table.rows:
            raise TargetError(f"the export has no {what}", where=table.name, hint="export it again")
    for login, (_, where) in strangers.items():
        raise TargetError(
            f"{login!r} has a role, but is not among the users", where=where,
            hint="the two exports are not of the same time, or one is cut off: export both again",
        )  # fmt: skip


def _roles_by_login(table: Table, options: Options) -> dict[str, tuple[dict[str, None], str]]:
    """The roles of each folded login, and where the first stands."""
    held: dict[str, tuple[dict[str, None], str]] = {}
    for number, (login, roles) in table.select([options.role_login, options.role]):
        where = table.at(number)
        if not login or not roles:
            empty = options.role if login else options.role_login
            raise _empty(empty, where)
        held.setdefault(fold(login), ({}, where))[0].update(dict.fromkeys(_split(roles, options)))
    return held


def _empty(column: str, where: str) -> TargetError:
    return TargetError(
        f"the column {column!r} is empty", where=where,
        hint="fill it in; of cells that were merged only the first has a value, so take the merging off",
    )  # fmt: skip


def _active(value: str, options: Options, where: str) -> bool:
    if value in options.active:
        return True
    if value in options.inactive:
        return False
    # To take it for one of them would lock or unlock somebody by a typing error.
    known = ", ".join(repr(item) for item in sorted(options.active | options.inactive))
    raise TargetError(
        f"{options.active_column!r} is {redact(value, 60)!r}, expected one of {known}", where=where,
        hint="name every value in active_value or inactive_value, with | between them",
    )  # fmt: skip


def _split(text: str, options: Options) -> list[str]:
    parts = text.split(options.separator) if options.separator else [text]
    return [part.strip() for part in parts if part.strip()]


def catalogue_of(sheets: Sheets, accounts: Iterable[Account], options: Options) -> Catalogue:
    """What can be granted: all that somebody holds, and all that is listed.

    Raises:
        TargetError: a column is missing.
    """
    holders = list(accounts)
    roles = {grant.entitlement for account in holders for grant in account.grants}
    values = {name for account in holders for names in account.scope.values() for name in names}
    if sheets.catalogue and options.catalogue:
        roles |= _listed(sheets.catalogue, options.catalogue.column)
    if sheets.scopes and options.scopes:
        values |= _listed(sheets.scopes, options.scopes.column)
    scopes = {options.scope_kind: tuple(sorted(values))} if options.scope_column else {}
    return Catalogue(entitlements=frozenset(roles), scopes=scopes)


def _listed(table: Table, column: str) -> set[str]:
    return {name for _, (name,) in table.select([column]) if name}
