"""Requests to a SCIM service: who may write, what is sent, and what a refusal is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from erpsync.connectors.http import Http
from erpsync.connectors.scim.answers import ScimError
from erpsync.connectors.scim.profiles import PROFILES
from erpsync.connectors.scim.session import ScimSession, WriteSession
from erpsync.errors import TargetError
from tests.connectors.scim.stub import config, refusal, scim
from tests.support.http_server import Answer, Request, StubServer, html
from tests.support.scim_server import TOKEN, ScimServer


@pytest.fixture
def http(stub: StubServer) -> Iterator[Http]:
    """A session with the stub that waits for nothing."""
    with Http(stub.url, "target 'erp'", sleep=lambda _: None) as client:
        yield client


@pytest.fixture
def session(http: Http, stub: StubServer) -> WriteSession:
    """A session that can write."""
    return WriteSession(http, ScimServer(stub.url).connection(), PROFILES["generic"])


@pytest.fixture
def s4(http: Http, stub: StubServer) -> WriteSession:
    """A session that can write where that needs a CSRF token."""
    return WriteSession(http, ScimServer(stub.url).connection(), PROFILES["sap-s4hana-cloud"])


def header(request: Request, name: str) -> str | None:
    """What came in under a header, in any case."""
    return next((value for key, value in request.headers.items() if key.lower() == name.lower()), None)


# --- reading and writing ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_a_session_that_reads_refuses_every_method_that_writes(
    http: Http, stub: StubServer, method: str
) -> None:
    session = ScimSession(http, ScimServer(stub.url).connection(), PROFILES["generic"])
    with pytest.raises(AssertionError, match=f"{method} is not a method of this session"):
        session._send(method, "/Users", {})
    assert not hasattr(session, "write")
    assert stub.requests == []


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_nothing_is_ever_replaced_whole_or_deleted(session: WriteSession, method: str) -> None:
    with pytest.raises(AssertionError, match="is not a method of this session"):
        session.write(method, "/Users/1", {})


def test_a_question_goes_out_with_the_token_and_its_query_escaped(
    session: WriteSession, stub: StubServer
) -> None:
    stub.answers = [scim({"id": "1"})]
    assert session.get("/Users", filter='userName eq "a&b"', count=1) == {"id": "1"}
    (request,) = stub.requests
    assert request.path == "/Users?filter=userName%20eq%20%22a%26b%22&count=1"
    assert (request.verb, header(request, "Authorization")) == ("GET", f"Bearer {TOKEN}")


def test_a_write_goes_out_under_the_version_it_is_for(session: WriteSession, stub: StubServer) -> None:
    stub.answers = [Answer(204)]
    assert session.write("PATCH", "/Users/1", {"a": "静"}, 'W/"7"') == {}
    (request,) = stub.requests
    assert (request.verb, json.loads(request.body)) == ("PATCH", {"a": "静"})
    assert header(request, "If-Match") == 'W/"7"'
    assert header(request, "Content-Type") == "application/scim+json"
    assert header(request, "X-CSRF-Token") is None


def test_a_question_is_repeated_when_the_connection_breaks_and_a_write_is_not(
    session: WriteSession, stub: StubServer
) -> None:
    stub.answers = [Answer(broken=0), scim({})]
    session.get("/Users")
    stub.answers = [Answer(broken=0), scim({})]
    with pytest.raises(TargetError, match="the connection broke"):
        session.write("PATCH", "/Users/1", {})
    assert [request.verb for request in stub.requests] == ["GET", "GET", "PATCH"]


# --- refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            refusal(409, "chen.jing exists", "uniqueness"),
            "the value is taken by another one: chen.jing exists",
        ),
        (refusal(400, kind="mutability"), "the service does not let this be changed"),
        (refusal(400, "what?"), "the service does not understand the request: what?"),
        (refusal(403), "that is not allowed to the token of erpsync"),
        (refusal(412), "it was changed in the meantime"),
        (refusal(500, "oops"), "the service failed inside (HTTP 500): oops"),
        (refusal(400, "a", "brandNew"), "the service does not understand the request: a"),
        (html(404), "it is not there"),
    ],
)
def test_a_refusal_is_one_sentence(
    session: WriteSession, stub: StubServer, answer: Answer, message: str
) -> None:
    stub.answers = [answer, answer]
    with pytest.raises(ScimError) as read:
        session.get("/Users")
    with pytest.raises(ScimError) as written:
        session.write("PATCH", "/Users/1", {})
    assert read.value.message == written.value.message == message


def test_what_a_service_says_is_kept_without_addresses_and_secrets(
    session: WriteSession, stub: StubServer
) -> None:
    stub.answers = [refusal(400, "bad chen.jing@huaxin.example, token=abc123secret, 13800138000")]
    with pytest.raises(ScimError) as caught:
        session.get("/Users")
    assert caught.value.message.endswith(": bad [e-mail], token=[secret] [number]")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (refusal(401), "the token is not accepted"),
        (refusal(429), "the service asks for fewer requests"),
        (html(502), "the service cannot be reached behind its gateway"),
        (html(503), "the service is not available"),
        (html(504), "the service took too long and gave up"),
        (html(500), "unexpected answer: HTTP 500"),
        (html(418), "unexpected answer: HTTP 418"),
        (html(200), "the answer is not SCIM 2.0"),
        (Answer(200, b"[1]"), "the answer is not SCIM 2.0"),
        (Answer(200, b"[" * 100000), "the answer is not SCIM 2.0"),
    ],
)
def test_what_ends_the_target_is_said_with_a_hint(
    session: WriteSession, stub: StubServer, answer: Answer, message: str
) -> None:
    stub.default = lambda _: answer
    with pytest.raises(TargetError) as caught:
        session.get("/Users")
    assert (caught.value.message, caught.value.where) == (message, "target 'erp'")
    assert caught.value.hint
    assert TOKEN not in str(caught.value)


def test_half_a_character_becomes_one_that_can_be_written(session: WriteSession, stub: StubServer) -> None:
    stub.answers = [Answer(200, b'{"displayName": "a\\ud800b", "other": "\\uD83D\\uDE00"}')]
    assert session.get("/Users/1") == {"displayName": "a\ufffdb", "other": "😀"}


# --- the token against forged requests ----------------------------------------------------------------


FETCHED = {"X-CSRF-Token": "tok-1", "Set-Cookie": "sap-session=s1; Path=/"}


def test_a_write_that_needs_a_csrf_token_fetches_it_once_and_sends_the_cookie_with_it(
    s4: WriteSession, stub: StubServer
) -> None:
    stub.answers = [Answer(200, config().body, FETCHED), Answer(204), Answer(204)]
    s4.write("PATCH", "/Users/1", {})
    s4.write("PATCH", "/Users/2", {})
    fetch, *writes = stub.requests
    assert (fetch.verb, fetch.path, header(fetch, "X-CSRF-Token")) == (
        "GET",
        "/ServiceProviderConfig",
        "Fetch",
    )
    assert [header(write, "X-CSRF-Token") for write in writes] == ["tok-1", "tok-1"]
    assert [header(write, "Cookie") for write in writes] == ["sap-session=s1", "sap-session=s1"]


def test_a_csrf_token_that_ended_is_fetched_again_and_the_write_repeated(
    s4: WriteSession, stub: StubServer
) -> None:
    ended = refusal(403, "CSRF token validation failed", **{"x-csrf-token": "Required"})
    fetched = [Answer(200, config().body, {"X-CSRF-Token": token}) for token in ("tok-1", "tok-2")]
    stub.answers = [fetched[0], ended, fetched[1], Answer(204)]
    s4.write("PATCH", "/Users/1", {})
    assert [header(request, "X-CSRF-Token") for request in stub.requests] == [
        "Fetch",
        "tok-1",
        "Fetch",
        "tok-2",
    ]


def test_a_write_that_is_refused_for_its_token_again_is_refused(s4: WriteSession, stub: StubServer) -> None:
    ended = refusal(403, **{"x-csrf-token": "Required"})
    fetched = Answer(200, config().body, FETCHED)
    stub.answers = [fetched, ended, fetched, ended]
    with pytest.raises(ScimError, match="that is not allowed to the token of erpsync"):
        s4.write("PATCH", "/Users/1", {})


def test_a_csrf_token_that_cannot_be_fetched_writes_nothing(s4: WriteSession, stub: StubServer) -> None:
    stub.answers = [refusal(403)]
    with pytest.raises(ScimError):
        s4.write("PATCH", "/Users/1", {})
    assert [request.verb for request in stub.requests] == ["GET"]
