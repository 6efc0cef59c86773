"""A User of Frappe with its rows → Account, and what the writer must know of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from erpsync.connectors.frappe.directory import AUTOMATIC, MODULES, PROFILE, Directory, language_of
from erpsync.connectors.frappe.options import Options
from erpsync.model import ALL, Account, Grant

FIELDS = (
    "name", "enabled", "first_name", "middle_name", "last_name", "language", "role_profile_name",
    "module_profile", "api_key", "modified",
)  # fmt: skip
LEFT_KEY = "API key (works though the account is locked)"
"""An entitlement that can be seen and taken, but not given: Frappe lets the key of a disabled user in."""


@dataclass(frozen=True, slots=True)
class Permission:
    """A User Permission: the value it allows; ``only`` names the doctype if it is for no other one."""

    row: str
    kind: str
    value: str
    only: str | None = None

    @property
    def label(self) -> str:
        """How the value is shown."""
        value = f"#{self.value}" if self.value == ALL else self.value
        return f"{value} (only {self.only})" if self.only else value


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that belong to one User: the names of rows by role and by role profile; and the rest."""

    roles: Mapping[str, str] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    permissions: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """What the connector remembers of an account it read: enough to write it, and only if it did not move."""

    name: str
    modified: str
    last_name: str
    rows: Rows


@dataclass(frozen=True, slots=True)
class Terms:
    """What a User is read and written by: the options, what the site has, and its major version."""

    options: Options
    directory: Directory
    version: int

    @property
    def several_profiles(self) -> bool:
        """Whether a user has a table of role profiles, instead of one."""
        return self.version >= 16


def read_user(user: Mapping[str, Any], rows: Rows, terms: Terms) -> Account:
    """The account, with a `Record` as its version.

    Raises:
        KeyError, TypeError: it is not a User.
    """
    names = [user.get(part) for part in ("first_name", "middle_name", "last_name")]
    active = bool(user["enabled"])
    held = {role for role in rows.roles if role not in AUTOMATIC | terms.options.unmanaged_roles}
    held |= {PROFILE + profile for profile in rows.profiles}
    held |= _modules(user, rows, terms)
    held |= set() if active or not user.get("api_key") else {LEFT_KEY}
    return Account(
        login=user["name"],
        name=" ".join(part for part in names if part) or None,
        language=language_of(user["language"]) if user.get("language") else None,
        active=active,
        scope={kind: scope_of(kind, rows.permissions) for kind in sorted(terms.options.scopes)},
        grants=tuple(map(Grant, sorted(held))),
        version=Record(user["name"], str(user["modified"]), user.get("last_name") or "", rows),
    )


def scope_of(kind: str, permissions: Iterable[Permission]) -> tuple[str, ...]:
    """The values of one kind that an account may touch: all of them, where nothing restricts it."""
    mine = [permission for permission in permissions if permission.kind == kind]
    if all(permission.only for permission in mine):
        return (ALL,)
    return tuple(sorted({permission.label for permission in mine}))


def record_of(account: Account | None) -> Record:
    """What the connector remembers of an account that it read."""
    assert account is not None
    assert isinstance(account.version, Record)
    return account.version


def read_document(user: Mapping[str, Any], before: Rows, terms: Terms) -> Account:
    """The account as a whole User document says it, with the scope that it had.

    Raises:
        KeyError, TypeError: it is not a User document.
    """
    rows = Rows(
        roles={row["role"]: row["name"] for row in user["roles"]},
        profiles=profiles_of(user, user.get("role_profiles") or (), terms),
        hidden=frozenset(row["module"] for row in user.get("block_modules") or ()),
        permissions=before.permissions,
    )
    return read_user(user, rows, terms)


def profiles_of(user: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], terms: Terms) -> dict[str, str]:
    """The role profiles of a user, with the names of their rows where they have rows."""
    if terms.several_profiles:
        return {row["role_profile"]: row["name"] for row in rows}
    # Cleared it is nothing in one release and an empty text in another.
    return {user["role_profile_name"]: ""} if user.get("role_profile_name") else {}


def _modules(user: Mapping[str, Any], rows: Rows, terms: Terms) -> set[str]:
    """The module profile that is in effect: a change of one reaches nobody until the user is saved."""
    profile = user.get("module_profile")
    if not profile or not terms.options.module_profiles:
        return set()
    in_effect = terms.directory.modules.get(profile) == rows.hidden
    return {MODULES + profile} if in_effect else set()
