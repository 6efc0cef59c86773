"""Requests to a Frappe site: who may write, what is sent, and what is tried again."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from erpsync.connectors.frappe.answers import FrappeError
from erpsync.connectors.frappe.session import ATTEMPTS, COUNT, FrappeSession, WriteSession
from erpsync.connectors.http import Http
from erpsync.errors import TargetError
from tests.connectors.frappe.stub import KEY, SECRET, answer, refusal
from tests.support.fake_time import FakeTime
from tests.support.http_server import StubServer, html


@pytest.fixture
def http(stub: StubServer) -> Iterator[Http]:
    """A session with the stub that waits for nothing."""
    with Http(stub.url, "target 'erp'", sleep=lambda _: None) as client:
        yield client


@pytest.fixture
def reading(http: Http) -> FrappeSession:
    """A session that can only read."""
    return FrappeSession(http, KEY, SECRET, "erp.test")


@pytest.fixture
def time() -> FakeTime:
    """What is waited for."""
    return FakeTime()


@pytest.fixture
def writing(http: Http, time: FakeTime) -> WriteSession:
    """A session that can write."""
    return WriteSession(http, KEY, SECRET, sleep=time.sleep)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_session_that_reads_refuses_every_method_that_writes(
    reading: FrappeSession, stub: StubServer, method: str
) -> None:
    with pytest.raises(AssertionError, match=f"{method} is not a method of this session"):
        reading._send(method, "/api/resource/User/a", {})
    assert not hasattr(reading, "change_user")
    assert stub.requests == []


@pytest.mark.parametrize("method", ["frappe.client.delete", "frappe.client.set_value", "login"])
def test_calls_that_are_not_known_to_read_are_refused(
    writing: WriteSession, stub: StubServer, method: str
) -> None:
    with pytest.raises(AssertionError, match="is not a method of this session"):
        writing.call(method)
    assert stub.requests == []


def test_nothing_but_users_and_permissions_is_ever_made(writing: WriteSession, stub: StubServer) -> None:
    with pytest.raises(AssertionError, match="only users and their permissions"):
        writing.insert([{"doctype": "Role", "role_name": "Buyer"}])
    assert not [name for name in dir(writing) if "delete" in name and "permission" not in name]
    assert stub.requests == []


def test_a_question_goes_out_with_key_and_site_and_asks_for_all_rows(
    reading: FrappeSession, stub: StubServer
) -> None:
    stub.answers = [answer({"data": [{"name": "a"}]})]
    assert reading.list("Has Role", ["name"], [["parent", "=", "陈&"]], parent="User") == [{"name": "a"}]
    (request,) = stub.requests
    assert request.path.startswith("/api/resource/Has%20Role?fields=%5B%22name%22%5D&limit_page_length=0&")
    assert "parent=User" in request.path
    assert request.headers["Authorization"] == f"token {KEY}:{SECRET}"
    assert request.headers["X-Frappe-Site-Name"] == "erp.test"


def test_cookies_that_come_with_an_answer_are_not_sent_back(reading: FrappeSession, stub: StubServer) -> None:
    stub.answers = [answer({"message": 1}, 200, {"Set-Cookie": "sid=Guest; Path=/"}), answer({"message": 2})]
    assert [reading.call(COUNT), reading.call(COUNT)] == [1, 2]
    assert "Cookie" not in stub.requests[1].headers


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": [7]}, {"data": {"name": "a"}}])
def test_a_list_of_another_form_is_an_error(
    reading: FrappeSession, stub: StubServer, body: dict[str, object]
) -> None:
    stub.answers = [answer(body)]
    with pytest.raises(TargetError, match="the answer is not Frappe's"):
        reading.list("User", ["name"])


def test_a_change_is_sent_to_the_user_with_its_name_escaped(writing: WriteSession, stub: StubServer) -> None:
    stub.answers = [answer({"data": {"name": "a/b@huaxin.example"}})]
    writing.change_user("a/b@huaxin.example", {"enabled": 0})
    (request,) = stub.requests
    assert (request.verb, request.path) == ("PUT", "/api/resource/User/a%2Fb%40huaxin.example")
    assert json.loads(request.body) == {"enabled": 0}


def test_a_change_without_the_user_in_its_answer_is_an_error(writing: WriteSession, stub: StubServer) -> None:
    stub.answers = [answer({"message": "ok"})]
    with pytest.raises(TargetError, match="the answer is not Frappe's"):
        writing.change_user("a@huaxin.example", {})


@pytest.mark.parametrize("kind", ["QueryDeadlockError", "QueryTimeoutError", "DocumentLockedError"])
def test_a_write_that_met_another_one_is_tried_again_after_longer_and_longer_waits(
    writing: WriteSession, stub: StubServer, time: FakeTime, kind: str
) -> None:
    stub.answers = [refusal(kind, status=500)] * 3 + [answer({"data": "ok"}, 202)]
    writing.delete_permission("8a1")
    assert len(time.waits) == 3
    assert all(low / 2 <= wait <= low for low, wait in zip((0.5, 1, 2), time.waits, strict=True))


def test_a_write_that_always_meets_another_one_is_given_up(writing: WriteSession, stub: StubServer) -> None:
    stub.default = lambda _: refusal("QueryDeadlockError", status=500)
    with pytest.raises(FrappeError, match="somebody else is writing at the same time"):
        writing.delete_permission("8a1")
    assert len(stub.requests) == ATTEMPTS


def test_a_write_that_is_refused_is_not_tried_again(writing: WriteSession, stub: StubServer) -> None:
    stub.answers = [refusal("TimestampMismatchError")]
    with pytest.raises(FrappeError):
        writing.change_user("a@huaxin.example", {})
    assert len(stub.requests) == 1


def test_a_site_in_maintenance_is_asked_again(writing: WriteSession, stub: StubServer) -> None:
    stub.answers = [refusal("SessionStopped", status=503), answer({"data": {}})]
    assert writing.change_user("a@huaxin.example", {}) == {"data": {}}


def test_a_limit_of_requests_is_waited_for(reading: FrappeSession, stub: StubServer) -> None:
    asked = {"Retry-After": "3"}
    stub.answers = [answer({"exc_type": "TooManyRequestsError"}, 429, asked), answer({"message": 4})]
    assert reading.call(COUNT) == 4


def test_a_page_of_a_proxy_is_told_as_what_it_is(reading: FrappeSession, stub: StubServer) -> None:
    stub.answers = [html(200)]
    with pytest.raises(TargetError, match="the answer is not Frappe's"):
        reading.call(COUNT)
