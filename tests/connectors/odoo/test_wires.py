"""What is sent to Odoo: over a session of its web client, with a key over JSON-RPC, and over JSON-2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from erpsync.connectors.http import Http
from erpsync.connectors.odoo.answers import OdooError
from erpsync.connectors.odoo.wires import Call, Cookie, Json2, Key, major_version
from erpsync.errors import TargetError
from tests.support.http_server import Answer, StubServer, result

LOGIN = result({"uid": 7, "server_version_info": [18, 0, 0, "final", 0, ""]})
READ = Call("res.users", "search_read", None, {"domain": [], "fields": ["login"]})
WRITE = Call("res.users", "write", [7, 8], {"vals": {"active": False}})
CREATE = Call("res.users", "create", None, {"vals_list": [{"login": "a"}], "context": {"lang": "en_US"}})


@pytest.fixture
def http(stub: StubServer) -> Iterator[Http]:
    with Http(stub.url, "target 'erp'") as session:
        yield session


def sent(stub: StubServer, number: int = -1) -> Any:
    return json.loads(stub.requests[number].body)


@pytest.fixture
def cookie(stub: StubServer, http: Http) -> Cookie:
    stub.answers = [LOGIN]
    return Cookie(http, "erp", "erpsync", "s3cret-Password")


# --- a session of the web client --------------------------------------------------------------------


def test_a_password_opens_a_session_in_the_database(stub: StubServer, cookie: Cookie) -> None:
    assert stub.requests[0].path == "/web/session/authenticate"
    assert sent(stub, 0)["params"] == {"db": "erp", "login": "erpsync", "password": "s3cret-Password"}
    assert cookie.version == 18


def test_a_call_of_a_session_names_model_and_method_in_its_path(stub: StubServer, cookie: Cookie) -> None:
    stub.answers = [result([{"id": 1}])]
    assert cookie.send(READ, repeatable=True) == [{"id": 1}]
    assert stub.requests[-1].path == "/web/dataset/call_kw/res.users/search_read"
    assert sent(stub)["params"]["args"] == []
    assert sent(stub)["params"]["kwargs"] == READ.named


def test_ids_come_first_and_the_values_of_new_records_at_their_place(
    stub: StubServer, cookie: Cookie
) -> None:
    stub.answers = [result(True), result([9])]
    cookie.send(WRITE, repeatable=False)
    assert sent(stub)["params"]["args"] == [[7, 8]]
    cookie.send(CREATE, repeatable=False)
    assert sent(stub)["params"]["args"] == [[{"login": "a"}]]
    assert sent(stub)["params"]["kwargs"] == {"context": {"lang": "en_US"}}


def test_nothing_is_a_result_too(stub: StubServer, cookie: Cookie) -> None:
    stub.answers = [Answer(body=b'{"jsonrpc": "2.0", "id": "this call"}')]
    assert cookie.send(WRITE, repeatable=False) is None


def test_a_session_is_ended_and_a_server_that_is_gone_by_then_is_no_fault(
    stub: StubServer, cookie: Cookie
) -> None:
    stub.answers = [result(None)]
    cookie.close()
    assert stub.requests[-1].path == "/web/session/destroy"
    stub.close()
    cookie.close()


def test_a_broken_read_is_tried_again_and_a_broken_write_is_not(
    stub: StubServer, cookie: Cookie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erpsync.connectors.http.BACK_OFF_SECONDS", 0)
    stub.answers = [Answer(broken=0), result([])]
    assert cookie.send(READ, repeatable=True) == []
    stub.answers = [Answer(broken=0), result(True)]
    with pytest.raises(TargetError, match="the connection broke"):
        cookie.send(WRITE, repeatable=False)
    assert len(stub.answers) == 1


def test_half_a_character_of_an_answer_is_replaced(stub: StubServer, cookie: Cookie) -> None:
    stub.answers = [
        Answer(body=b'{"id": "this call", "result": [{"name": "A\\ud800", "tags": ["\\udc00"]}]}')
    ]
    assert cookie.send(READ, repeatable=True) == [{"name": "A\ufffd", "tags": ["\ufffd"]}]


@pytest.mark.parametrize("told", ["no", {"message": "without data"}, {"data": {"message": "without name"}}])
def test_a_refusal_that_is_none_of_odoo(stub: StubServer, cookie: Cookie, told: Any) -> None:
    stub.answers = [Answer(body=json.dumps({"id": "this call", "error": told}).encode())]
    with pytest.raises(TargetError, match="the answer is not Odoo's"):
        cookie.send(READ, repeatable=True)


# --- the version ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("told", "version"), [(18, 18), ("saas~18", 18), ("19", 19)])
def test_the_version_is_the_first_number(stub: StubServer, http: Http, told: Any, version: int) -> None:
    stub.answers = [result({"server_version_info": [told, 0, 0, "final", 0, ""]})]
    assert major_version(http) == version


@pytest.mark.parametrize("told", [None, {}, {"server_version_info": []}, {"server_version_info": ["x"]}])
def test_a_version_that_is_not_told_is_an_error(stub: StubServer, http: Http, told: Any) -> None:
    stub.answers = [result(told)]
    with pytest.raises(TargetError, match="the answer is not Odoo's"):
        major_version(http)


# --- a key ------------------------------------------------------------------------------------------


def test_a_key_goes_with_each_call_over_json_rpc(stub: StubServer, http: Http) -> None:
    stub.answers = [result(7), result([])]
    wire = Key(http, 18, "erp", "erpsync", "the-key")
    assert wire.send(READ, repeatable=True) == []
    wire.close()
    assert {request.path for request in stub.requests} == {"/jsonrpc"}
    whole = ["erp", 7, "the-key", "res.users", "search_read", [], READ.named]
    assert sent(stub)["params"] == {"service": "object", "method": "execute_kw", "args": whole}


def test_a_key_is_the_bearer_of_each_request_of_json_2_and_arguments_have_names(
    stub: StubServer, http: Http
) -> None:
    stub.answers = [Answer(body=b"[]"), Answer(body=b"true"), Answer(body=b"[9]")]
    wire = Json2(http, 19, "erp", "the-key")
    assert wire.send(READ, repeatable=True) == []
    assert wire.send(WRITE, repeatable=False) is True
    assert wire.send(CREATE, repeatable=False) == [9]
    wire.close()
    assert [request.path for request in stub.requests] == [
        "/json/2/res.users/search_read", "/json/2/res.users/write", "/json/2/res.users/create",
    ]  # fmt: skip
    assert stub.requests[0].headers["Authorization"] == "bearer the-key"
    assert stub.requests[0].headers["X-Odoo-Database"] == "erp"
    assert sent(stub, 0) == READ.named
    assert sent(stub, 1) == {"ids": [7, 8], "vals": {"active": False}}
    assert sent(stub, 2) == CREATE.named


def test_a_refusal_of_json_2_is_told_by_its_name(stub: StubServer, http: Http) -> None:
    told = {"name": "odoo.exceptions.AccessError", "message": "not you", "debug": "Traceback"}
    stub.answers = [Answer(403, json.dumps(told).encode())]
    with pytest.raises(OdooError, match=r"^not you$") as raised:
        Json2(http, 19, "erp", "the-key").send(READ, repeatable=True)
    assert raised.value.forbidden
    assert not raised.value.gone


def test_a_key_that_has_ended_is_told_as_such(stub: StubServer, http: Http) -> None:
    stub.answers = [Answer(401, b'{"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid"}')]
    with pytest.raises(TargetError, match="the key is none, has ended") as raised:
        Json2(http, 19, "erp", "the-key").send(READ, repeatable=True)
    assert "the-key" not in str(raised.value)


def test_a_page_in_place_of_json_2_is_an_error(stub: StubServer, http: Http) -> None:
    stub.answers = [Answer(404, b"<html>Not found</html>"), Answer(200, b"<html>Log in</html>")]
    wire = Json2(http, 19, "erp", "the-key")
    for _ in range(2):
        with pytest.raises(TargetError, match="the answer is not Odoo's"):
            wire.send(READ, repeatable=True)
