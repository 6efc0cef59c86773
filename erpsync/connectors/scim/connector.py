"""The entry point of the SCIM connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from erpsync.connectors.base import Connection
from erpsync.connectors.description import Ability, Description
from erpsync.connectors.http import http_to
from erpsync.connectors.scim.options import options_of
from erpsync.connectors.scim.reader import ScimReader
from erpsync.connectors.scim.session import ScimSession, WriteSession
from erpsync.connectors.scim.writer import ScimWriter

_Session = TypeVar("_Session", bound=ScimSession)


class ScimConnector:
    """Reaches a SCIM service, for reading or for writing. There is no login: each request has the token."""

    describes = Description(
        title="SCIM 2.0 services",
        page="docs/scim.md",
        reader=ScimReader,
        abilities={
            Ability.CREATE: "where the service takes PATCH and POST",
            Ability.LOCK: "where the service takes PATCH",
            Ability.ATTRIBUTES: "login, name, email, language",
            Ability.SCOPE: False,
            Ability.DAYS: False,
            Ability.ACCOUNT_DAYS: "read in profiles that have them; none is ever set",
            Ability.IMPLIES: False,
            Ability.VERSIONS: "by ETags, where the service has them; else values are compared",
            Ability.BATCH: "where the service takes bulk",
            Ability.DELETE: False,
        },
    )

    @staticmethod
    @contextmanager
    def read(connection: Connection) -> Iterator[ScimReader]:
        """Open a session that cannot write."""
        with _session(ScimSession, connection) as session:
            yield ScimReader(session, connection)

    @staticmethod
    @contextmanager
    def write(connection: Connection) -> Iterator[ScimWriter]:
        """Open a session that can write."""
        with _session(WriteSession, connection) as session:
            yield ScimWriter(session, connection)


@contextmanager
def _session(kind: type[_Session], connection: Connection) -> Iterator[_Session]:
    profile = options_of(connection.target).profile
    with http_to(connection.target, profile.per_minute) as http:
        yield kind(http, connection, profile)
