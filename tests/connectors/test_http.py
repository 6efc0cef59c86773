"""Requests to one host: what is tried again, and in which words faults come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

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
    with Http(stub.url, "target 'erp'", sleep=slept.append) as client:
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


def test_a_redirect_is_not_followed(http: Http, stub: StubServer) -> None:
    stub.answers = [html(302, Location="https://elsewhere.example/")]
    with pytest.raises(TargetError, match=r"redirects to https://elsewhere\.example/, which is not followed"):
        post(http)
    assert len(stub.requests) == 1


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

    monkeypatch.setattr(http.session, "post", fail)
    with pytest.raises(TargetError, match=f"cannot reach {http.url}: {sentence}"):
        post(http, repeatable=False)


@pytest.mark.parametrize("url", ["http://erp.example/", "http://10.0.0.1:8000/", "http://127.0.0.1.example/"])
def test_a_password_is_never_sent_unencrypted_to_another_machine(url: str) -> None:
    with pytest.raises(TargetError, match="would send the password unencrypted") as caught:
        Http(url, "target 'erp'")
    assert caught.value.hint == "use https, or a tunnel on 127.0.0.1"


@pytest.mark.parametrize(
    "url", ["https://erp.example/", "http://localhost:8000", "http://[::1]:8000/", "http://127.0.0.1/"]
)
def test_https_and_this_machine_are_fine(url: str) -> None:
    with Http(url, "target 'erp'") as client:
        assert client.url == url.rstrip("/")


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:port/", "http://127.0.0.1:99999/"])
def test_an_address_that_is_none_ends_in_a_sentence(url: str, slept: list[float]) -> None:
    with (
        pytest.raises(TargetError, match="is not an address"),
        Http(url, "target 'erp'", sleep=slept.append) as client,
    ):
        post(client)


def test_credentials_of_a_netrc_file_do_not_replace_the_session(
    http: Http, stub: StubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    stub.answers = [OK]
    http.post("/", b"", {"Authorization": "Session key"}, repeatable=False)
    assert stub.requests[0].headers["Authorization"] == "Session key"
