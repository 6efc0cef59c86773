"""What Odoo answers, in words that can be shown: by the class of its exceptions, never with a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from erpsync.connectors.base import Connection
from erpsync.connectors.odoo import OdooConnector
from erpsync.errors import ErpsyncError, TargetError
from erpsync.model import Location, Target
from tests.support.erp import SHANGHAI
from tests.support.http_server import Answer, StubServer

LOGIN = {"uid": 7, "server_version_info": [18, 0, 0, "final", 0, ""]}
TRACEBACK = "Traceback (most recent call last): /opt/odoo/secret.py"


def connection(stub: StubServer, **values: Any) -> Connection:
    declared: dict[str, Any] = {
        "name": "erp", "connector": "odoo", "url": stub.url, "username": "env:U", "password": "env:P",
        "at": Location("access/erpsync.yaml", 4, 3), "database": "erp",
    }  # fmt: skip
    return Connection(Target(**(declared | values)), "erpsync-plan", "s3cret-Password", SHANGHAI)


def rpc(number: int, result: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode()


def fault(number: int, name: str, message: str, code: int = 200) -> bytes:
    data = {"name": name, "message": message, "debug": TRACEBACK, "arguments": [], "context": {}}
    error = {"code": code, "message": "Odoo Server Error", "data": data}
    return json.dumps({"jsonrpc": "2.0", "id": number, "error": error}).encode()


def refused(stub: StubServer, *answers: bytes, **target: Any) -> ErpsyncError:
    stub.answers = [Answer(body=answer) for answer in answers]
    with pytest.raises(ErpsyncError) as raised, OdooConnector.read(connection(stub, **target)) as reader:
        reader.snapshot()
    assert "s3cret-Password" not in str(raised.value)
    assert TRACEBACK not in str(raised.value)
    return raised.value


def test_wrong_password(stub: StubServer) -> None:
    error = refused(stub, fault(1, "odoo.exceptions.AccessDenied", "Access Denied"))
    assert error.message == "wrong username, password or key"


def test_second_factor(stub: StubServer) -> None:
    error = refused(stub, rpc(1, {**LOGIN, "uid": None}))
    assert error.message == "Odoo asks for a second factor"
    assert "key" in str(error.hint)


def test_unknown_database_without_the_address_of_the_database_server(stub: StubServer) -> None:
    words = 'connection to server at "10.1.2.3", port 5432 failed: database "nope" does not exist'
    error = refused(stub, fault(1, "psycopg2.OperationalError", words))
    assert error.message == "Odoo cannot open the database"
    assert "10.1.2.3" not in str(error)


def test_session_that_ended(stub: StubServer) -> None:
    ended = fault(2, "odoo.http.SessionExpiredException", "Session expired", 100)
    assert refused(stub, rpc(1, LOGIN), ended, rpc(3, None)).message == "the session was ended by Odoo"


def test_model_that_may_not_be_read(stub: StubServer) -> None:
    words = "You are not allowed to access 'Model Data' (ir.model.data) records."
    error = refused(stub, rpc(1, LOGIN), fault(2, "odoo.exceptions.AccessError", words), rpc(3, None))
    assert error.message == f"ir.model.data cannot be read: {words}"
    assert error.hint == "see docs/odoo.md for the rights that erpsync needs"


def test_fault_inside_odoo_shows_its_kind_only(stub: StubServer) -> None:
    inside = fault(2, "psycopg2.errors.UndefinedTable", "SELECT secret FROM nowhere")
    error = refused(stub, rpc(1, LOGIN), inside, rpc(3, None))
    assert error.message == "ir.model.data cannot be read: Odoo failed inside: UndefinedTable"


@pytest.mark.parametrize("answer", [b"<html>Login</html>", b"[]", b'{"id": 1}x', rpc(9, LOGIN), rpc(1, None)])
def test_answer_of_something_else(stub: StubServer, answer: bytes) -> None:
    assert refused(stub, answer).message == "the answer is not Odoo's"


def test_target_without_database(stub: StubServer) -> None:
    assert refused(stub, database=None).message == "an Odoo target needs `database:`"


def test_key_is_sent_over_json_2_where_the_server_has_it(stub: StubServer) -> None:
    version = rpc(0, {"server_version_info": [19, 0, 0, "final", 0, ""]})
    unknown = b'{"name": "werkzeug.exceptions.Unauthorized", "message": "no"}'
    stub.answers = [Answer(body=version), Answer(401, unknown)]
    with (
        pytest.raises(TargetError, match="the key is none"),
        OdooConnector.read(connection(stub, options={"authentication": "key"})) as reader,
    ):
        reader.snapshot()
    assert stub.requests[-1].path == "/json/2/res.users/context_get"


def test_key_is_sent_over_json_rpc_before(stub: StubServer) -> None:
    version = rpc(0, {"server_version_info": ["saas~17", 4, 0, "final", 0, ""]})
    stub.answers = [Answer(body=version), Answer(body=rpc(1, False))]
    with (
        pytest.raises(TargetError, match="wrong username or key"),
        OdooConnector.read(connection(stub, options={"authentication": "key"})) as reader,
    ):
        reader.snapshot()
    assert stub.requests[-1].path == "/jsonrpc"
