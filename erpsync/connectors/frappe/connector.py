"""The entry point of the Frappe connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from erpsync.connectors.base import Connection
from erpsync.connectors.description import Ability, Description
from erpsync.connectors.frappe.options import options_of
from erpsync.connectors.frappe.reader import FrappeReader
from erpsync.connectors.frappe.session import FrappeSession, WriteSession
from erpsync.connectors.frappe.writer import FrappeWriter
from erpsync.connectors.http import http_to

_Session = TypeVar("_Session", bound=FrappeSession)


class FrappeConnector:
    """Reaches a Frappe site, for reading or for writing. There is no login: each request has the key."""

    describes = Description(
        title="Frappe and ERPNext, tested with Frappe 15",
        page="docs/frappe.md",
        reader=FrappeReader,
        abilities={
            Ability.CREATE: "as many an hour as the site lets be made",
            Ability.LOCK: True,
            Ability.ATTRIBUTES: "name, language; the login is the e-mail address, which people change",
            Ability.SCOPE: "the doctypes that the target names, by User Permissions",
            Ability.DAYS: False,
            Ability.ACCOUNT_DAYS: False,
            Ability.IMPLIES: "role profiles bring their roles",
            Ability.VERSIONS: "by the time of the last change",
            Ability.BATCH: "new ones; changes one by one",
            Ability.DELETE: False,
        },
    )

    @staticmethod
    @contextmanager
    def read(connection: Connection) -> Iterator[FrappeReader]:
        """Open a session that cannot write."""
        with _session(FrappeSession, connection) as session:
            yield FrappeReader(session, connection)

    @staticmethod
    @contextmanager
    def write(connection: Connection) -> Iterator[FrappeWriter]:
        """Open a session that can write."""
        with _session(WriteSession, connection) as session:
            yield FrappeWriter(session, connection)


@contextmanager
def _session(kind: type[_Session], connection: Connection) -> Iterator[_Session]:
    site = options_of(connection.target).site
    with http_to(connection.target) as http:
        yield kind(http, connection.username, connection.password, site)
