"""What a Frappe site has to be granted: roles, profiles, the values of scopes, languages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from erpsync.connectors.frappe.answers import FrappeError, Json
from erpsync.connectors.frappe.options import Options
from erpsync.connectors.frappe.session import FrappeSession
from erpsync.errors import TargetError
from erpsync.model import ALL, Catalogue

AUTOMATIC = frozenset({"All", "Guest", "Desk User", "Administrator"})
"""Frappe gives these by itself, and takes no notice of rows that say so."""
PROFILE = "profile:"
MODULES = "modules:"
CHINESE = "zh"
"""Frappe's code of what the files, like most ERPs, call zh_CN."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Roles with whether they are disabled, profiles with what they bring, and the rest that can be granted.

    ``profiles`` has the roles of each role profile, ``modules`` the modules that each module profile hides.
    ``built`` says when the first roles of the site were made.
    """

    roles: Mapping[str, bool]
    profiles: Mapping[str, frozenset[str]]
    modules: Mapping[str, frozenset[str]]
    scopes: Mapping[str, tuple[str, ...]]
    languages: frozenset[str]
    built: tuple[str, ...]

    @property
    def instance(self) -> str:
        """A name of the site, by the moment at which it was installed.

        Frappe has no identifier of a site. A copy of one cannot be told from the original.
        """
        return f"frappe:{hashlib.sha256(repr(self.built).encode()).hexdigest()[:16]}"


def read_directory(session: FrappeSession, options: Options) -> Directory:
    """Read what can be granted, in one call a kind of thing.

    Raises:
        FrappeError, TargetError: some of it cannot be read.
    """
    roles = session.list("Role", ["name", "disabled", "creation"])
    languages = session.list("Language", ["name"], [["enabled", "=", 1]])
    module_profiles: Iterable[Json] = ()
    if options.module_profiles:
        module_profiles = session.list("Module Profile", ["name", "block_modules.module"])
    return Directory(
        roles={row["name"]: bool(row["disabled"]) for row in roles},
        profiles=_grouped(session.list("Role Profile", ["name", "roles.role"]), "role"),
        modules=_grouped(module_profiles, "module"),
        scopes={kind: _values(session, doctype) for kind, doctype in options.scopes.items()},
        languages=frozenset(language_of(row["name"]) for row in languages),
        built=tuple(sorted(str(row["creation"]) for row in roles if row["name"] in AUTOMATIC)),
    )


def catalogue_of(directory: Directory, options: Options) -> Catalogue:
    """The directory in the words of erpsync. A role profile brings its roles."""
    fixed = {name: "the role is disabled in the ERP" for name, off in directory.roles.items() if off}
    fixed |= dict.fromkeys(AUTOMATIC, "Frappe gives it by itself")
    fixed |= dict.fromkeys(options.unmanaged_roles, "not managed: ERPNext gives and takes it by itself")
    profiles = {PROFILE + name: roles - fixed.keys() for name, roles in directory.profiles.items()}
    modules = {MODULES + name for name in directory.modules}
    return Catalogue(
        entitlements=frozenset((directory.roles.keys() | profiles.keys() | modules) - fixed.keys()),
        scopes=directory.scopes,
        languages=directory.languages,
        fixed=fixed,
        implies={name: roles for name, roles in profiles.items() if roles},
    )


def language_of(code: str) -> str:
    """A language of Frappe as the files have it: `zh-TW` → `zh_TW`, `zh` → `zh_CN`."""
    return "zh_CN" if code == CHINESE else code.replace("-", "_")


def code_of(language: str) -> str:
    """The inverse of `language_of`."""
    return CHINESE if language == "zh_CN" else language.replace("_", "-")


def _grouped(rows: Iterable[Json], field: str) -> dict[str, frozenset[str]]:
    """Rows of records joined with those of a child table, by record; one without any has a row of nothing."""
    found: dict[str, set[str]] = {}
    for row in rows:
        values = found.setdefault(row["name"], set())
        if row.get(field):
            values.add(row[field])
    return {name: frozenset(values) for name, values in found.items()}


def _values(session: FrappeSession, doctype: str) -> tuple[str, ...]:
    try:
        rows = session.list(doctype, ["name"])
    except FrappeError as error:
        raise TargetError(
            f"{doctype} cannot be read: {error.message}",
            where=session.where,
            hint="give the account of erpsync a role that may read it, or take it out of `scopes`",
        ) from error
    return tuple(sorted(row["name"] for row in rows if row["name"] != ALL))
