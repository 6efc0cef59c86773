"""Answers over HTTP: how large they may be, and where they may not lead."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import requests

from erpsync.connectors import http as module
from erpsync.connectors.http import Http
from erpsync.errors import TargetError
from tests.support.http_server import Answer, StubServer, html

OK = Answer(body=b"fine")


@pytest.fixture
def http(stub: StubServer) -> Iterator[Http]:
    """A client of the stub that waits in no time."""
    with Http(stub.url, "target 'erp'", sleep=lambda _: None) as client:
        yield client


def post(http: Http) -> requests.Response:
    """Send something."""
    return http.post("/erp/rpc/", b"body", {}, repeatable=True)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://elsewhere.example:8443/login?token=secret", "https://elsewhere.example:8443"),
        ("https://somebody:secret@elsewhere.example/", "https://elsewhere.example"),
        ("/secret", "another address"),
        ("http://[secret", "another address"),
    ],
)
def test_a_redirect_is_not_followed_and_shows_no_more_than_the_host(
    http: Http, stub: StubServer, location: str, shown: str
) -> None:
    stub.answers = [html(302, Location=location)]
    with pytest.raises(TargetError) as caught:
        post(http)
    assert caught.value.message == f"{http.url} redirects to {shown}, which is not followed"
    assert len(stub.requests) == 1


@pytest.mark.parametrize("status", [200, 302, 500])
def test_an_answer_that_is_too_large_is_refused(
    http: Http, stub: StubServer, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(module, "ANSWER_BYTES", 2**20)
    # Hardly larger, so that the server gets rid of all of it.
    stub.answers = [html(status, "secret".ljust(2**20 + 1)), OK]
    with pytest.raises(TargetError, match="the answer is larger than 1 MB") as caught:
        post(http)
    assert "secret" not in str(caught.value)
    assert len(stub.requests) == 1


def test_an_answer_of_just_the_size_allowed_is_read(
    http: Http, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_BYTES", 2**20)
    stub.answers = [Answer(body=b"x" * 2**20)]
    assert len(post(http).content) == 2**20


def test_an_answer_that_unpacks_to_a_huge_one_does_not_eat_the_memory(
    http: Http, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_BYTES", 2**20)
    stub.answers = [Answer(body=gzip.compress(bytes(64 * 2**20)), headers={"Content-Encoding": "gzip"})]
    tracemalloc.start()
    try:
        with pytest.raises(TargetError, match="the answer is larger than 1 MB"):
            post(http)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * 2**20


def test_a_packed_answer_is_unpacked(http: Http, stub: StubServer) -> None:
    stub.answers = [Answer(body=gzip.compress(b"fine"), headers={"Content-Encoding": "gzip"})]
    assert post(http).content == b"fine"


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "beginning",
    [
        HEAD + b"Content-Length: 100000\r\n\r\nhalf of",
        HEAD + b"\r\nwithout an end",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n",
        HEAD + b"Server: ",
        b"HTTP/1.1 200 ",
    ],
    ids=["body", "body without length", "chunk", "head", "first line"],
)
def test_an_answer_that_drips_is_given_up_and_not_asked_for_again(stub: StubServer, beginning: bytes) -> None:
    stub.answers = [Answer(dripping=beginning), OK]
    with (
        Http(stub.url, "target 'erp'", answer_seconds=0.1) as client,
        pytest.raises(TargetError, match=r"was not complete within 0\.1 s") as caught,
    ):
        post(client)
    assert caught.value.where == "target 'erp'"
    assert caught.value.hint
    assert caught.value.__cause__ is None
    assert len(stub.requests) == 1


def test_an_answer_that_does_not_come_at_all_is_given_up_at_the_deadline(stub: StubServer) -> None:
    late = threading.Event()
    stub.answers = [Answer(wait=late), OK]
    with Http(stub.url, "target 'erp'", answer_seconds=0.05) as client:
        try:
            with pytest.raises(TargetError, match="was not complete within"):
                post(client)
        finally:
            late.set()


def test_a_deadline_is_for_each_answer_and_not_for_all_of_them(stub: StubServer) -> None:
    stub.default = lambda _: OK
    now = iter(range(0, 10**6, 10))
    with Http(stub.url, "target 'erp'", answer_seconds=1000, clock=lambda: next(now)) as client:
        for _ in range(200):
            assert post(client).content == b"fine"


def test_an_answer_that_comes_steadily_is_given_up_at_the_deadline_too(stub: StubServer) -> None:
    stub.answers = [Answer(body=b"x" * 100_000)]
    now = iter(range(0, 10**6, 10))
    with (
        Http(stub.url, "target 'erp'", answer_seconds=25, clock=lambda: next(now)) as client,
        pytest.raises(TargetError, match="was not complete within 25 s"),
    ):
        post(client)


def test_an_answer_in_chunks_is_read_whole(stub: StubServer) -> None:
    raw = b"4\r\nfine\r\n0\r\n\r\n"
    stub.answers = [Answer(dripping=HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + raw)]
    with Http(stub.url, "target 'erp'") as client:
        assert post(client).content == b"fine"


def test_a_redirect_to_a_very_long_address_is_told_in_short(http: Http, stub: StubServer) -> None:
    stub.answers = [html(302, Location="https://" + "a" * 20_000 + ".example/")]
    with pytest.raises(TargetError, match="redirects to") as caught:
        post(http)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("seconds", [60, -3600, 0])
def test_how_far_the_clock_of_the_host_is_ahead_is_told_by_its_last_answer(
    http: Http, stub: StubServer, seconds: int
) -> None:
    then = datetime.now(UTC) + timedelta(seconds=seconds)
    stub.answers = [Answer(body=b"fine", headers={"Date": format_datetime(then, usegmt=True)})]
    post(http)
    assert abs((http.ahead or timedelta()) - timedelta(seconds=seconds)) < timedelta(seconds=30)


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_without_a_time_nothing_is_told_of_the_clock(
    http: Http, stub: StubServer, headers: dict[str, str]
) -> None:
    stub.answers = [Answer(body=b"fine", headers=headers)]
    post(http)
    assert http.ahead is None
