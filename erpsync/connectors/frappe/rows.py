"""The rows that belong to users: roles, role profiles, hidden modules, permissions; each kind in one list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from erpsync.connectors.frappe.answers import Json
from erpsync.connectors.frappe.session import Filters
from erpsync.connectors.frappe.users import Permission, Rows, Terms, profiles_of

PERMISSION_FIELDS = ("name", "user", "allow", "for_value", "applicable_for")

_Row = Mapping[str, Any]
_ByUser = Mapping[str, Sequence[_Row]]


class Select(Protocol):
    """Reads the records of some doctype that belong to the users that are read."""

    def __call__(
        self,
        doctype: str,
        field: str,
        fields: Sequence[str],
        filters: Filters = (),
        parent: str | None = None,
    ) -> Iterator[Json]:
        """Read them; ``field`` has the user, ``parent`` is the doctype of users where it is a child table."""


def read_rows(select: Select, terms: Terms) -> Callable[[Json], Rows]:
    """Read all rows; what picks those of one user.

    Raises:
        FrappeError, TargetError: some cannot be read.
        KeyError: they are of another form.
    """
    roles = _child(select, "Has Role", "role")
    profiles = _child(select, "User Role Profile", "role_profile") if terms.several_profiles else {}
    hidden = _child(select, "Block Module", "module") if terms.options.module_profiles else {}
    permissions = _permissions(select, terms) if terms.options.scopes else {}

    def rows_of(user: Json) -> Rows:
        name = user["name"]
        return Rows(
            roles={row["role"]: row["name"] for row in roles.get(name, ())},
            profiles=profiles_of(user, profiles.get(name, ()), terms),
            hidden=frozenset(row["module"] for row in hidden.get(name, ())),
            permissions=tuple(permissions.get(name, ())),
        )

    return rows_of


def _child(select: Select, doctype: str, field: str) -> _ByUser:
    # Without `parent` Frappe refuses a child table; without the filter it mixes in other doctypes.
    ours: Filters = [["parenttype", "=", "User"]]
    return _by(select(doctype, "parent", ["name", "parent", field], ours, "User"), "parent")


def _permissions(select: Select, terms: Terms) -> dict[str, list[Permission]]:
    """The User Permissions by user. Those for doctypes that are not managed are left alone."""
    kinds = {doctype: kind for kind, doctype in terms.options.scopes.items()}
    managed: Filters = [["allow", "in", sorted(kinds)]]
    found = _by(select("User Permission", "user", PERMISSION_FIELDS, managed), "user")
    return {
        user: [
            Permission(row["name"], kinds[row["allow"]], row["for_value"], row.get("applicable_for") or None)
            for row in rows
        ]
        for user, rows in found.items()
    }


def _by(rows: Iterable[_Row], field: str) -> _ByUser:
    found: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row[field]].append(row)
    return found
