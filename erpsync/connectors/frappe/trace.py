"""Who changed a User of Frappe last, by the versions that Frappe keeps; and when it was used."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from erpsync.connectors.frappe.listing import by_address
from erpsync.connectors.frappe.session import Filters, FrappeSession
from erpsync.model import LastChange, fold

MOST = 500
"""Accounts asked about; with more drift than that nobody asks who did it one by one."""
VERSIONS_A_CALL = 2_000
LAST_USED = ("last_login", "last_active", "api_key")
_OURS = frozenset(
    {"roles", "role_profiles", "role_profile_name", "module_profile", "enabled", "first_name", "middle_name",
     "last_name", "language", "api_key"}
)  # fmt: skip
"""The fields of a User that a version must be about; most are about something else, such as a theme."""


def read_last_changes(session: FrappeSession, logins: Sequence[str], zone: ZoneInfo) -> dict[str, LastChange]:
    """The last change of what erpsync manages in the first `MOST` of these users, by folded login.

    Frappe writes no version where a user is made, so then it is the making. It writes none either for
    User Permissions, or where disabling a role takes it from everybody.

    Args:
        session: reads.
        logins: folded.
        zone: in which the site writes its times.

    Raises:
        FrappeError, TargetError: it cannot be read.
        KeyError, TypeError, ValueError: the answer is of another form.
    """
    found: dict[str, LastChange] = {}
    for some in by_address(logins[:MOST]):
        of_users: Filters = [["ref_doctype", "=", "User"], ["docname", "in", some]]
        versions = session.list(
            "Version", ["docname", "owner", "creation", "data"], of_users,
            order_by="creation desc", limit_page_length=VERSIONS_A_CALL,
        )  # fmt: skip
        for version in versions:
            login = fold(version["docname"])
            if login not in found and _OURS & set(_fields(version["data"])):
                found[login] = LastChange(version["owner"], instant(version["creation"], zone))
        for user in session.list("User", ["name", "owner", "creation"], [["name", "in", some]]):
            made = LastChange(user["owner"], instant(user["creation"], zone))
            found.setdefault(fold(user["name"]), made)
    return found


def read_last_logins(users: Iterable[Mapping[str, Any]], logins: Collection[str]) -> dict[str, date | None]:
    """The day on which users were last there, by folded login; None for never.

    Frappe does not note by whose key it was called last, so of an account with a key nobody can say that it
    is not used, and it is left out.

    Raises:
        KeyError, TypeError, ValueError: it is not a list of users.
    """
    found: dict[str, date | None] = {}
    for user in users:
        login = fold(user["name"])
        if login in logins and not user["api_key"]:
            seen = [datetime.fromisoformat(user[name]).date() for name in LAST_USED[:2] if user[name]]
            found[login] = max(seen, default=None)
    return found


def instant(written: str, zone: ZoneInfo) -> datetime:
    """A time as Frappe writes it, which is in the time zone of the site."""
    return datetime.fromisoformat(written).replace(tzinfo=zone)


def _fields(data: str) -> Iterator[str]:
    """The fields that a version says were changed; rows of child tables count for the table."""
    changes = json.loads(data)
    for kind in ("changed", "added", "removed", "row_changed"):
        for item in changes.get(kind) or ():
            yield item[0]
