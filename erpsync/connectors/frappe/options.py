"""What a target says about its Frappe site, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from erpsync.errors import RefusedError
from erpsync.model import Target
from erpsync.schema import suggest

OPTIONS = ("site", "scopes", "unmanaged_roles", "module_profiles", "invite", "max_creates_per_hour")
ERPNEXT_ROLES = frozenset({"Employee", "Employee Self Service", "Customer", "Supplier"})
"""ERPNext gives and takes these by itself, when an employee or a contact is linked to a user."""
CREATES_PER_HOUR = 60
"""The default of Frappe's own limit, `throttle_user_limit` in the configuration of the site."""
NOT_A_SCOPE = frozenset({"employee", "user"})
"""ERPNext writes User Permissions for these by itself, or they would hide users."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a target.

    ``scopes`` has the doctypes whose User Permissions are managed, by the kind of scope they are in the
    files; ``unmanaged_roles`` are neither shown nor changed.
    """

    site: str | None
    scopes: Mapping[str, str]
    unmanaged_roles: frozenset[str]
    module_profiles: bool
    invite: bool
    creates_per_hour: int


def options_of(target: Target) -> Options:
    """Read the options of a target.

    Raises:
        RefusedError: it has one that this connector does not know, or a value that it does not take.
    """
    given, where = target.options, f"target {target.name!r}"
    for option in given:
        if option not in OPTIONS:
            hint = suggest(option, OPTIONS, "known options")
            raise RefusedError(f"unknown option {option!r}", where=where, hint=hint)
    unmanaged = given.get("unmanaged_roles")
    return Options(
        site=given.get("site"),
        scopes=_scopes(_names(given.get("scopes", "")), where),
        unmanaged_roles=ERPNEXT_ROLES if unmanaged is None else frozenset(_names(unmanaged)),
        module_profiles=_switch(given, "module_profiles", where),
        invite=_switch(given, "invite", where),
        creates_per_hour=_number(given, "max_creates_per_hour", where),
    )


def kind_of(doctype: str) -> str:
    """A doctype as a kind of scope: `Cost Center` → `cost_center`, as Frappe itself spells such names."""
    return doctype.lower().replace(" ", "_").replace("-", "_")


def _scopes(doctypes: list[str], where: str) -> dict[str, str]:
    found = {kind_of(doctype): doctype for doctype in doctypes}
    refused = sorted(found.keys() & NOT_A_SCOPE)
    if refused:
        raise RefusedError(
            f"option 'scopes' cannot have {found[refused[0]]}",
            where=where,
            hint="Frappe and ERPNext write those User Permissions by themselves; leave it out",
        )
    return found


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _switch(given: Mapping[str, str], option: str, where: str) -> bool:
    value = given.get(option, "false")
    if value not in ("true", "false"):
        raise RefusedError(f"option {option!r} cannot be {value!r}", where=where, hint="it is true or false")
    return value == "true"


def _number(given: Mapping[str, str], option: str, where: str) -> int:
    value = given.get(option, str(CREATES_PER_HOUR))
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 10**6):
        hint = "it is a number of users, such as 60"
        raise RefusedError(f"option {option!r} cannot be {value!r}", where=where, hint=hint)
    return int(value)
