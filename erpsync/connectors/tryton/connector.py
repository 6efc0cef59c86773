"""The entry point of the Tryton connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from erpsync.connectors.base import Connection
from erpsync.connectors.description import Ability, Description
from erpsync.connectors.http import http_to
from erpsync.connectors.tryton.reader import TrytonReader
from erpsync.connectors.tryton.rpc import Rpc, WriteRpc
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.errors import RefusedError

_Rpc = TypeVar("_Rpc", bound=Rpc)


class TrytonConnector:
    """Logs in to a Tryton server, for reading or for writing."""

    describes = Description(
        title="Tryton 8.2",
        page="docs/tryton.md",
        reader=TrytonReader,
        abilities={
            Ability.CREATE: True,
            Ability.LOCK: True,
            Ability.ATTRIBUTES: "login, name, email, language",
            Ability.SCOPE: "company, where its module is activated",
            Ability.DAYS: "of roles, where the module user_role is activated; groups have none",
            Ability.ACCOUNT_DAYS: False,
            Ability.IMPLIES: False,
            Ability.VERSIONS: "by time stamps",
            Ability.BATCH: True,
            Ability.DELETE: False,
        },
    )

    @staticmethod
    @contextmanager
    def read(connection: Connection) -> Iterator[TrytonReader]:
        """Log in for reading; the session cannot call a method that writes."""
        with _session(Rpc, connection) as rpc:
            yield TrytonReader(rpc, connection)

    @staticmethod
    @contextmanager
    def write(connection: Connection) -> Iterator[TrytonWriter]:
        """Log in for writing."""
        with _session(WriteRpc, connection) as rpc:
            yield TrytonWriter(rpc, connection)


@contextmanager
def _session(kind: type[_Rpc], connection: Connection) -> Iterator[_Rpc]:
    """Log in, and out again."""
    with http_to(connection.target) as http:
        rpc = kind(http, _database(connection), connection.username, connection.password)
        try:
            yield rpc
        finally:
            rpc.close()


def _database(connection: Connection) -> str:
    target = connection.target
    if target.database is None:
        raise RefusedError("a Tryton target needs `database:`", where=str(target.at))
    return target.database
