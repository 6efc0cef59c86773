"""Logging in as the target says, and what is told when that fails."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from erpsync.connectors.base import Connection
from erpsync.connectors.odoo.connector import session_to
from erpsync.connectors.odoo.session import Session
from erpsync.errors import TargetError
from tests.connectors.odoo.fake import target
from tests.support.erp import SHANGHAI
from tests.support.http_server import Answer, StubServer, result

NO_DATABASE = Answer(body=json.dumps({
    "id": "this call",
    "error": {"code": 200, "data": {"name": "odoo.exceptions.AccessError", "message": "Database not found."}},
}).encode())  # fmt: skip


def connection(stub: StubServer, **options: str) -> Connection:
    return Connection(replace(target(**options), url=stub.url), "erpsync", "s3cret-Password", SHANGHAI)


def refused(stub: StubServer, **options: str) -> TargetError:
    """How it ends if nobody is let in."""
    with pytest.raises(TargetError) as raised, session_to(Session, connection(stub, **options)):
        pytest.fail("somebody was let in")
    return raised.value


def test_a_refusal_at_login_ends_the_target_and_says_where_to_look(stub: StubServer) -> None:
    stub.answers = [NO_DATABASE]
    error = refused(stub)
    assert error.message == "Database not found"
    assert error.where == "target 'erp'"
    assert error.hint == "check `database:` of the target"


def test_a_refusal_of_a_key_at_login_is_told_alike(stub: StubServer) -> None:
    stub.answers = [result({"server_version_info": [18, 0, 0, "final", 0, ""]}), NO_DATABASE]
    assert refused(stub, authentication="key").message == "Database not found"


# --- whose key it is --------------------------------------------------------------------------------

NINETEEN = result({"server_version_info": [19, 0, 0, "final", 0, ""]})


def told(value: object) -> Answer:
    return Answer(body=json.dumps(value).encode())


def test_a_key_of_the_username_lets_in_over_json_2(stub: StubServer) -> None:
    stub.answers = [NINETEEN, told({"lang": "en_US", "uid": 7}), told([{"id": 7, "login": "Erpsync"}])]
    with session_to(Session, connection(stub, authentication="key")) as session:
        assert session.version == 19
    assert stub.requests[1].path == "/json/2/res.users/context_get"
    assert json.loads(stub.requests[2].body)["domain"] == [["id", "=", 7]]


@pytest.mark.parametrize(("users", "whose"), [([{"id": 2, "login": "boss"}], "boss"), ([], "nobody")])
def test_a_key_of_somebody_else_is_refused(stub: StubServer, users: list[object], whose: str) -> None:
    stub.answers = [NINETEEN, told({"uid": 2}), told(users)]
    error = refused(stub, authentication="key")
    assert error.message == f"the key is of {whose}, not of erpsync"
    assert error.hint == "check what the target's credentials refer to"


@pytest.mark.parametrize("answer", [[], {}, {"uid": "2"}])
def test_an_answer_that_does_not_tell_whose_key_it_is_is_none_of_odoo(
    stub: StubServer, answer: object
) -> None:
    stub.answers = [NINETEEN, told(answer)]
    assert refused(stub, authentication="key").message == "the answer is not Odoo's"
