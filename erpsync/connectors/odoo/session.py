"""A session with Odoo that can only read, and one that also writes users.

Nothing is ever deleted, and no model but `res.users` is ever written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from erpsync.connectors.http import Http
from erpsync.connectors.odoo.answers import not_odoo
from erpsync.connectors.odoo.wires import Call, Wire

Record = dict[str, Any]
Domain = list[Any]

HAS_ACCESS = 18
"""The version in which `check_access_rights` became `has_access`."""
EVERYBODY = {"active_test": False, "lang": "en_US"}
"""The context of every read: records that are archived too, and names that do not depend on a language."""


class Session:
    """A session that can only read; it has no way to say another method."""

    def __init__(self, wire: Wire, http: Http, username: str) -> None:
        self.http = http
        self.where = http.where
        self.username = username
        self.version = wire.version
        self._wire = wire

    def search_read(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        limit: int | None = None,
    ) -> list[Record]:
        """Records in the order of their ids; references as plain ids.

        Raises:
            OdooError: Odoo refused this call.
            TargetError: Odoo cannot be reached, or ends the session.
        """
        asked = {"domain": domain, "fields": list(fields), "limit": limit, "order": "id", "load": None}
        call = Call(model, "search_read", None, {**asked, "context": EVERYBODY})
        records = self._wire.send(call, repeatable=True)
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise not_odoo(self.where)
        return records

    def may(self, model: str, operation: str) -> bool:
        """Whether the login may `read`, `create`, `write` or `unlink` records of a model.

        Raises:
            OdooError: Odoo refused this call.
            TargetError: Odoo cannot be reached, or ends the session.
        """
        if self.version >= HAS_ACCESS:
            call = Call(model, "has_access", [], {"operation": operation})
        else:
            named = {"operation": operation, "raise_exception": False}
            call = Call(model, "check_access_rights", None, named)
        return bool(self._wire.send(call, repeatable=True))


class WriteSession(Session):
    """A session that can also create and write users."""

    def create(self, values: Sequence[Record], *, invite: bool) -> None:
        """Create users, all of them or none.

        Args:
            values: of each.
            invite: whether Odoo sends each an invitation by mail.

        Raises:
            OdooError: Odoo refused this call; nothing was written.
            TargetError: Odoo cannot be reached, so that it is not known what happened.
        """
        context = {"lang": "en_US", **({} if invite else {"no_reset_password": True})}
        named = {"vals_list": list(values), "context": context}
        self._wire.send(Call("res.users", "create", None, named), repeatable=False)

    def write(self, ids: Sequence[int], values: Record) -> None:
        """Write the same values to some users, all of them or none.

        Raises:
            OdooError: Odoo refused this call; nothing was written.
            TargetError: Odoo cannot be reached, so that it is not known what happened.
        """
        named = {"vals": values, "context": {"lang": "en_US"}}
        self._wire.send(Call("res.users", "write", ids, named), repeatable=False)
