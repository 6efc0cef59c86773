"""Who changed an account of Tryton last, from what every record keeps: who made it, who wrote it, when.

https://docs.tryton.org/latest/server/ref/models.html (ModelStorage: create_uid, write_uid and dates).
A role that was taken away leaves nothing of its own; where it went through the user, that was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from erpsync.connectors.tryton.rpc import Rpc
from erpsync.model import LastChange, fold

MOST = 1000
"""Accounts asked about; with more drift than that nobody asks who did it one by one."""
PAGE = 500
FIELDS = ["create_uid", "create_date", "write_uid", "write_date"]

_Touch = tuple[datetime, int]
"""When, and the id of the user who did it."""


def read_last_changes(rpc: Rpc, users: Sequence[int], *, roles: bool) -> dict[str, LastChange]:
    """The last change of the first `MOST` of these users or of their roles, by folded login.

    Args:
        rpc: a session that reads.
        users: ids of users.
        roles: whether the module for roles is there.

    Raises:
        RpcError, TargetError: it cannot be read.
    """
    asked = list(users[:MOST])
    records = list(_read(rpc, "res.user", asked, ["login", *FIELDS]))
    newest = {record["id"]: _touch(record) for record in records}
    if roles:
        ids = rpc.call("model.res.user.role.search", [["user", "in", asked]], 0, None, None, {})
        for row in _read(rpc, "res.user.role", ids, ["user", *FIELDS]):
            newest[row["user"]] = max(filter(None, (newest[row["user"]], _touch(row))), default=None)
    names = _names(rpc, {touch[1] for touch in newest.values() if touch})
    logins = {record["id"]: fold(record["login"]) for record in records}
    return {
        logins[user]: LastChange(names.get(touch[1], f"user {touch[1]}"), touch[0])
        for user, touch in newest.items()
        if touch
    }


def _touch(record: Mapping[str, Any]) -> _Touch | None:
    """When a record was last written, or made."""
    kind = "write" if record["write_date"] else "create"
    when, who = record[f"{kind}_date"], record[f"{kind}_uid"]
    return None if when is None or who is None else (when, who)


def _names(rpc: Rpc, users: Iterable[int]) -> dict[int, str]:
    """The names of users with their logins, in one call."""
    records = rpc.call("model.res.user.read", sorted(users), ["name", "login"], {})
    return {
        record["id"]: f"{record['name']} ({record['login']})" if record["name"] else record["login"]
        for record in records
    }


def _read(rpc: Rpc, model: str, ids: Sequence[int], fields: list[str]) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), PAGE):
        yield from rpc.call(f"model.{model}.read", list(ids[start : start + PAGE]), fields, {})
