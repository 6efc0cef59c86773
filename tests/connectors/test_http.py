"""Requests to one host: what is tried again, and in which words faults come."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from erpsync import __version__
from erpsync.connectors import http as module
from erpsync.connectors.http import Http
from erpsync.errors import TargetError
from tests.support.http_server import Answer, StubServer, html

OK = Answer(body=b"fine")


@pytest.fixture
def slept() -> list[float]:
    """How long the client waited between attempts."""
    return []


@pytest.fixture
def http(stub: StubServer, slept: list[float]) -> Iterator[Http]:
    """A client of the stub that waits in no time."""
    with Http(stub.url, "target 'erp'", sleep=slept.append, jitter=lambda: 1.0) as client:
        yield client


def post(http: Http, *, repeatable: bool = True) -> requests.Response:
    """Send something."""
    return http.post("/erp/rpc/", b"body", {"X-Test": "yes"}, repeatable=repeatable)


def test_a_request_carries_body_headers_and_the_name_of_the_tool(http: Http, stub: StubServer) -> None:
    stub.answers = [OK]
    assert post(http).content == b"fine"
    (request,) = stub.requests
    assert (request.path, request.body, request.headers["X-Test"]) == ("/erp/rpc/", b"body", "yes")
    assert request.headers["User-Agent"] == f"erpsync/{__version__}"


@pytest.mark.parametrize("fault", [html(502), html(503), html(504), Answer(broken=0)])
def test_what_may_be_repeated_is_tried_again(http: Http, stub: StubServer, fault: Answer) -> None:
    stub.answers = [fault, fault, OK]
    assert post(http).content == b"fine"
    assert len(stub.requests) == 3


def test_an_answer_that_breaks_off_is_read_again(http: Http, stub: StubServer) -> None:
    stub.answers = [Answer(body=b"half of it", broken=4), OK]
    assert post(http).content == b"fine"


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_error_is_not_repeated_after_a_write(http: Http, stub: StubServer, status: int) -> None:
    stub.answers = [html(status), OK]
    assert post(http, repeatable=False).status_code == status
    assert len(stub.requests) == 1


def test_a_broken_connection_is_not_repeated_after_a_write(http: Http, stub: StubServer) -> None:
    stub.answers = [Answer(broken=0), OK]
    with pytest.raises(TargetError, match="the connection broke") as caught:
        post(http, repeatable=False)
    assert caught.value.hint == "try again; what was done is found out by reading"
    assert len(stub.requests) == 1


def test_a_busy_server_did_nothing_so_a_write_is_tried_again(http: Http, stub: StubServer) -> None:
    stub.answers = [html(503), OK]
    assert post(http, repeatable=False).content == b"fine"


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_an_answer_that_will_not_change_is_not_asked_for_again(
    http: Http, stub: StubServer, status: int
) -> None:
    stub.answers = [html(status)]
    assert post(http).status_code == status
    assert len(stub.requests) == 1


def test_the_wait_doubles_from_attempt_to_attempt_and_ends(
    http: Http, stub: StubServer, slept: list[float]
) -> None:
    stub.default = lambda _: html(503)
    assert post(http).status_code == 503
    assert slept == [0.5, 1.0, 2.0]


def test_a_server_that_stays_broken_is_given_up(http: Http, stub: StubServer, slept: list[float]) -> None:
    stub.default = lambda _: Answer(broken=0)
    with pytest.raises(TargetError, match="the connection broke"):
        post(http)
    assert len(slept) == 3


def test_a_slow_answer_ends_in_a_sentence(
    http: Http, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_SECONDS", 0.05)
    late = threading.Event()
    stub.answers = [Answer(wait=late)]
    try:
        with pytest.raises(TargetError, match="no answer within") as caught:
            post(http, repeatable=False)
    finally:
        late.set()
    assert caught.value.hint == "the ERP may be busy; try again"


def test_too_many_requests_are_tried_again_when_the_erp_says_when(
    http: Http, stub: StubServer, slept: list[float]
) -> None:
    stub.answers = [html(429, **{"Retry-After": "7"}), OK]
    assert post(http, repeatable=False).content == b"fine"
    assert slept == [7]


def test_a_demand_to_wait_too_long_ends_at_once(http: Http, stub: StubServer, slept: list[float]) -> None:
    stub.answers = [html(503, **{"Retry-After": "3600"}), OK]
    with pytest.raises(TargetError, match="the ERP asks to wait 3600 s before the next request") as caught:
        post(http)
    assert caught.value.where == "target 'erp'"
    assert slept == []


def test_every_request_takes_from_the_budget_also_a_repeated_one(stub: StubServer) -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    sent: list[float] = []

    def answer(_: object) -> Answer:
        sent.append(now)
        return html(502) if len(sent) == 2 else OK

    stub.default = answer
    with Http(
        stub.url, "target 'erp'", requests_per_minute=6, sleep=sleep, clock=lambda: now, jitter=lambda: 1.0
    ) as client:
        for _ in range(3):
            post(client)
    assert sent == [0, 10, 20, 30]


def test_nothing_listening_is_said_so(slept: list[float]) -> None:
    with (
        StubServer() as gone,
        Http(gone.url, "target 'erp'", sleep=slept.append) as client,
    ):
        gone.close()
        with pytest.raises(TargetError, match="nothing listens there") as caught:
            post(client)
    assert caught.value.hint == "is the ERP running, and is the url right?"
    assert caught.value.where == "target 'erp'"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (requests.ConnectionError("HTTPSConnectionPool: Read timed out."), "no answer within 120 s"),
        (requests.exceptions.ProxyError("refused"), "the proxy does not let it through"),
        (requests.exceptions.InvalidURL("secret"), "the url is not an address"),
        (requests.exceptions.InvalidHeader("secret"), "the connection broke"),
        (OSError("invalid path: /secret"), "the certificate authorities cannot be read"),
        (requests.exceptions.SSLError("bad certificate"), "its certificate cannot be verified"),
        (requests.ConnectTimeout(), "no connection within 10 s"),
        (requests.ReadTimeout(), "no answer within 120 s"),
        (requests.ConnectionError("Failed to resolve 'erp.example'"), "the host name is not known"),
        (requests.ConnectionError("[Errno -2] Name or service not known"), "the host name is not known"),
        (requests.exceptions.ContentDecodingError("gzip"), "the connection broke"),
    ],
)
def test_every_fault_of_the_network_is_one_sentence(
    http: Http, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(http.session, "request", fail)
    with pytest.raises(TargetError, match=f"cannot reach {http.url}: {sentence}") as caught:
        post(http, repeatable=False)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_an_address_that_is_not_allowed_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(TargetError, match="would send the password unencrypted"):
        Http("http://erp.example/", "target 'erp'")


def test_an_unencrypted_address_is_used_where_the_network_is_trusted() -> None:
    with Http("http://erp.example/", "target 'erp'", insecure=True) as client:
        assert client.url == "http://erp.example"


def test_neither_the_body_nor_a_header_is_in_the_text_of_the_session(http: Http, stub: StubServer) -> None:
    stub.answers = [OK]
    http.post("/", b"secret", {"Authorization": "secret"}, repeatable=False)
    assert "secret" not in repr(http) + repr(vars(http))
