"""The entry point of the Tryton connector."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from erpsync.connectors.base import Connection
from erpsync.connectors.http import http_to
from erpsync.connectors.tryton.reader import TrytonReader
from erpsync.connectors.tryton.rpc import Rpc, WriteRpc
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.errors import RefusedError

_Rpc = TypeVar("_Rpc", bound=Rpc)


class TrytonConnector:
    """Logs in to a Tryton server, for reading or for writing."""

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
