"""Tryton's JSON-RPC against a server that answers as told: sessions, types, every refusal a sentence."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from erpsync.connectors.http import Http
from erpsync.connectors.tryton.rpc import Rpc, RpcError, WriteRpc
from erpsync.errors import TargetError
from erpsync.redact import MOST
from tests.support.http_server import Answer, StubServer, error, html, result

LOGIN = result([7, "key", None])


@pytest.fixture
def http(stub: StubServer) -> Iterator[Http]:
    """A client of the stub that waits in no time."""
    with Http(stub.url, "target 'erp'", sleep=lambda _: None) as client:
        yield client


@pytest.fixture
def rpc(http: Http, stub: StubServer) -> WriteRpc:
    """A session; the login is no longer among the requests."""
    stub.answers = [LOGIN]
    session = WriteRpc(http, "erp", "erpsync", "secret")
    stub.requests.clear()
    return session


def read(rpc: Rpc) -> Any:
    """Call a method that reads."""
    return rpc.call("model.res.user.read", [1], ["login"], {})


# --- logging in ---------------------------------------------------------------------------------------


def test_the_login_is_sent_once_and_the_session_after_it(http: Http, stub: StubServer) -> None:
    stub.answers = [LOGIN, result([])]
    read(Rpc(http, "erp", "erpsync", "secret"))
    login, call = stub.requests
    assert json.loads(login.body)["params"] == ["erpsync", {"password": "secret"}, "en"]
    assert "Authorization" not in login.headers
    assert call.headers["Authorization"] == "Session " + base64.b64encode(b"erpsync:7:key").decode()
    assert b"secret" not in call.body


def test_the_name_of_the_database_is_escaped_in_the_path(http: Http, stub: StubServer) -> None:
    stub.answers = [LOGIN]
    Rpc(http, "华鑫/../erp", "erpsync", "secret")
    assert stub.requests[0].path == "/%E5%8D%8E%E9%91%AB%2F..%2Ferp/rpc/"


def test_a_login_and_password_in_chinese_are_sent_as_they_are(http: Http, stub: StubServer) -> None:
    stub.answers = [LOGIN, result([])]
    read(Rpc(http, "erp", "管理员", "密码"))
    assert json.loads(stub.requests[0].body)["params"][:2] == ["管理员", {"password": "密码"}]
    token = stub.requests[1].headers["Authorization"].removeprefix("Session ")
    assert base64.b64decode(token).decode() == "管理员:7:key"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (html(401), "wrong username or password"),
        (html(404), "there is no database 'erp'"),
        (html(429), "the ERP refuses logins for a while after wrong passwords"),
        (html(500), "unexpected answer: HTTP 500"),
        (html(200), "the answer is not Tryton's JSON-RPC"),
        (Answer(body=b"[]"), "the answer is not Tryton's JSON-RPC"),
        (Answer(body=b"{}"), "the answer is not Tryton's JSON-RPC"),
        (Answer(body=b'{"result": null}'), "the answer is not Tryton's JSON-RPC"),
        (Answer(body=b'{"error": {"code": -32601}}'), "the answer is not Tryton's JSON-RPC"),
        (Answer(body=b'{"error": null}'), "the answer is not Tryton's JSON-RPC"),
        (result(None), "the answer is not Tryton's JSON-RPC"),
        (Answer(body=b"[" * 100_000), "the answer is not Tryton's JSON-RPC"),
        (result({"__class__": "datetime", "year": "none"}), "the answer is not Tryton's JSON-RPC"),
        (result({"__class__": "datetime", "year": 2**70}), "the answer is not Tryton's JSON-RPC"),
        (result({"__class__": "datetime", "secret": 1}), "the answer is not Tryton's JSON-RPC"),
        (
            error("LoginException", ["sms", "Code for erpsync", "char"]),
            "the login asks for more than a password",
        ),
        (error("'res.user'", ""), "database 'erp' is not served there"),
    ],
)
def test_a_login_that_fails_says_why(http: Http, stub: StubServer, answer: Answer, sentence: str) -> None:
    stub.answers = [answer]
    with pytest.raises(TargetError) as caught:
        Rpc(http, "erp", "erpsync", "secret")
    assert caught.value.message == sentence
    assert caught.value.where == "target 'erp'"
    assert caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_login_is_not_sent_twice_when_the_connection_breaks(http: Http, stub: StubServer) -> None:
    stub.answers = [Answer(broken=0), LOGIN]
    with pytest.raises(TargetError, match="the connection broke"):
        Rpc(http, "erp", "erpsync", "secret")


# --- calling ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "the session was ended by the ERP"),
        (403, "model.res.user.read is not allowed to 'erpsync'"),
        (413, "the request is too large for the ERP"),
        (503, "the database of the ERP is locked by somebody else"),
        (504, "the ERP took too long and gave up"),
        (418, "unexpected answer: HTTP 418"),
    ],
)
def test_every_status_is_one_sentence(rpc: WriteRpc, stub: StubServer, status: int, sentence: str) -> None:
    stub.default = lambda _: html(status)
    with pytest.raises(TargetError, match=sentence) as caught:
        read(rpc)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (error("UserError", ["Not allowed.", "Within groups: Sync", None]), "UserError",
         "Not allowed. Within groups: Sync"),
        (error("UserError", ["Only this.", "", None]), "UserError", "Only this."),
        (error("UserWarning", ["name", "Are you sure?", ""]), "UserWarning", "Are you sure?"),
        (error("ConcurrencyException", "It was modified"), "ConcurrencyException", "It was modified"),
        (error("'nope'", "Traceback"), "Fault", "the ERP failed inside: 'nope'"),
        (error("alone"), "Fault", "the ERP failed inside: alone"),
        (error("UserError"), "UserError", ""),
        (error("UserError", "In one piece."), "UserError", "In one piece."),
        (error("UserError", [None, 7]), "UserError", "7"),
        (error("UserError", ["用户 chen.jing@huaxin.example 已存在", "电话 13800138000"]), "UserError",
         "用户 [e-mail] 已存在 电话 [number]"),
        (error("UserWarning", ["name", "Session 4f1c2d3e4f5a6b7c"]), "UserWarning", "Session [secret]"),
        (error("ConcurrencyException", "by erp@huaxin.example"), "ConcurrencyException", "by [e-mail]"),
        (error("no such key: 13800138000", ""), "Fault", "the ERP failed inside: no such key: [number]"),
    ],
)  # fmt: skip
def test_every_refusal_comes_with_the_words_of_the_erp(
    rpc: WriteRpc, stub: StubServer, answer: Answer, kind: str, message: str
) -> None:
    stub.answers = [answer]
    with pytest.raises(RpcError) as caught:
        read(rpc)
    assert (caught.value.kind, caught.value.message) == (kind, message)
    assert caught.value.moved is (kind == "ConcurrencyException")


@pytest.mark.parametrize("answer", [error("UserError", ["No. " * 10_000]), error("No. " * 10_000)])
def test_a_refusal_of_many_words_is_cut(rpc: WriteRpc, stub: StubServer, answer: Answer) -> None:
    stub.answers = [answer]
    with pytest.raises(RpcError) as caught:
        read(rpc)
    assert len(caught.value.message) == MOST


def test_a_read_is_repeated_and_a_write_is_not(rpc: WriteRpc, stub: StubServer) -> None:
    stub.answers = [Answer(broken=0), result(["read"]), Answer(broken=0), result(["written"])]
    assert read(rpc) == ["read"]
    with pytest.raises(TargetError, match="the connection broke"):
        rpc.write("model.res.user.write", [1], {}, {})
    assert [request.method for request in stub.requests] == [
        "model.res.user.read", "model.res.user.read", "model.res.user.write",
    ]  # fmt: skip


def test_a_request_has_exactly_the_three_keys_that_tryton_wants(rpc: WriteRpc, stub: StubServer) -> None:
    stub.answers = [result([])]
    read(rpc)
    assert json.loads(stub.requests[0].body).keys() == {"id", "method", "params"}


@pytest.mark.parametrize(
    "method", ["common.db.login", "model.res.user.write", "model.ir.cron.run_once", "read_all"]
)
def test_a_reader_refuses_every_method_it_does_not_know(rpc: WriteRpc, stub: StubServer, method: str) -> None:
    with pytest.raises(AssertionError, match="is not a method that reads"):
        rpc.call(method)
    assert stub.requests == []


@pytest.mark.parametrize(
    "answer", [html(401), error("UserError", ["No.", "", None]), Answer(broken=0), result(None)]
)
def test_closing_never_fails(rpc: WriteRpc, stub: StubServer, answer: Answer) -> None:
    stub.answers = [answer]
    rpc.close()
    assert stub.requests[0].method == "common.db.logout"


# --- types --------------------------------------------------------------------------------------------


def test_an_instant_is_sent_in_utc(rpc: WriteRpc, stub: StubServer) -> None:
    stub.answers = [result(None)]
    rpc.write("m", datetime(2030, 1, 10, 0, 0, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert json.loads(stub.requests[0].body)["params"] == [
        {"__class__": "datetime", "year": 2030, "month": 1, "day": 9, "hour": 16, "minute": 0, "second": 1,
         "microsecond": 0},
    ]  # fmt: skip


def test_an_instant_comes_back_as_it_was_sent(rpc: WriteRpc, stub: StubServer) -> None:
    instant = datetime(2030, 1, 10, 12, 30, 1, 5, tzinfo=UTC)
    stub.default = lambda request: result(json.loads(request.body)["params"][0])
    assert rpc.write("echo", instant) == instant


def test_half_a_character_comes_as_a_replacement(rpc: WriteRpc, stub: StubServer) -> None:
    stub.answers = [result([{"login": "a\ud800", "name": "陈静😀", "tags": {"\udc00": ["x"]}}])]
    assert read(rpc) == [{"login": "a\ufffd", "name": "陈静😀", "tags": {"\ufffd": ["x"]}}]


def test_other_types_of_tryton_are_left_as_they_come(rpc: WriteRpc, stub: StubServer) -> None:
    stub.answers = [result([{"__class__": "Decimal", "decimal": "0.01"}])]
    assert read(rpc) == [{"__class__": "Decimal", "decimal": "0.01"}]


def test_a_read_that_is_answered_without_a_list_is_no_answer(rpc: WriteRpc, stub: StubServer) -> None:
    stub.answers = [result(None)]
    with pytest.raises(TargetError, match="not Tryton's JSON-RPC"):
        read(rpc)


def test_the_answer_to_another_call_is_no_answer(rpc: WriteRpc, stub: StubServer) -> None:
    stub.answers = [Answer(body=b'{"id": 4711, "result": []}')]
    with pytest.raises(TargetError, match="not Tryton's JSON-RPC"):
        read(rpc)


def test_a_value_that_tryton_has_no_type_for_is_a_fault_of_ours(rpc: WriteRpc, stub: StubServer) -> None:
    with pytest.raises(TypeError, match="cannot be sent: date"):
        rpc.write("m", date(2030, 1, 1))
    assert stub.requests == []
