"""Sessions with the ERP, opened once: a login costs a third of a second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from demo.bootstrap import PLAN_LOGIN
from erpsync.connectors.base import Connection
from erpsync.connectors.tryton.reader import TrytonReader
from erpsync.connectors.tryton.rpc import Rpc, WriteRpc
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.model import Account
from tests.support.erp import Erp

ReaderOf = Callable[..., TrytonReader]


@pytest.fixture
def reader(erp: Erp, read_rpc: Rpc) -> ReaderOf:
    """Makes a reader; it reads the directory of roles, groups and companies when it is made."""

    def made(clock: Callable[[], datetime] | None = None, **connection: Any) -> TrytonReader:
        return TrytonReader(read_rpc, _connection(erp, PLAN_LOGIN, connection), clock)

    return made


@pytest.fixture
def writer(erp: Erp, write_rpc: WriteRpc) -> TrytonWriter:
    """A writer for the ERP with roles."""
    return TrytonWriter(write_rpc, erp.connection())


@pytest.fixture
def groups_writer(groups_erp: Erp, groups_rpc: WriteRpc) -> TrytonWriter:
    """A writer for the ERP without roles, where the groups themselves are managed."""
    return TrytonWriter(groups_rpc, groups_erp.connection())


@pytest.fixture
def account(reader: ReaderOf) -> Callable[[str], Account]:
    """Reads one account as erpsync sees it."""

    made = reader()
    return lambda login: made.snapshot([login]).accounts[login]


def _connection(erp: Erp, login: str, changes: dict[str, Any]) -> Connection:
    return Connection(**{**_fields(erp.connection(login)), **changes})


def _fields(connection: Connection) -> dict[str, Any]:
    return {name: getattr(connection, name) for name in connection.__dataclass_fields__}
