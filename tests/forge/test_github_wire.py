"""One request and its answer: how large, how slow, and in which words faults come."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
import requests
from requests.adapters import HTTPAdapter

from erpsync.forge.base import ForgeError
from erpsync.forge.github_wire import BrokenError, Received, Wire
from tests.support.github_http import Fault
from tests.support.github_server import GitHubServer
from tests.support.http_server import Answer

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A client without a token."""
    client = Wire("github huaxin/access")
    yield client
    client.close()


def ask(wire: Wire, server: GitHubServer, answer: Answer, most: int = 2**20) -> Received:
    """Send something that is answered as told."""
    server.faults = [Fault(answer)]
    return wire.exchange("GET", f"{server.url}/user", {}, most=most)


def test_an_answer_is_status_headers_in_any_case_and_body(wire: Wire, server: GitHubServer) -> None:
    got = ask(wire, server, Answer(418, b"short and stout", {"X-Test": "yes"}))
    assert (got.status, got.headers["x-TEST"], got.body) == (418, "yes", b"short and stout")


def test_a_redirect_is_an_answer_and_its_page_counts_for_the_size(wire: Wire, server: GitHubServer) -> None:
    there = {"Location": "https://elsewhere.example/"}
    assert ask(wire, server, Answer(302, b"x" * 8, there), most=8).status == 302
    with pytest.raises(ForgeError, match="the answer of GitHub is larger than"):
        ask(wire, server, Answer(302, b"x" * 9, there), most=8)


def test_an_answer_that_unpacks_to_more_is_refused(wire: Wire, server: GitHubServer) -> None:
    packed = Answer(body=gzip.compress(bytes(2**20 + 1)), headers={"Content-Encoding": "gzip"})
    with pytest.raises(ForgeError, match="the answer of GitHub is larger than 1 MB") as caught:
        ask(wire, server, packed)
    assert caught.value.hint


@pytest.mark.parametrize("beginning", [HEAD + b"Content-Length: 100000\r\n\r\nhalf of", HEAD + b"Server: "])
def test_an_answer_that_drips_is_given_up(server: GitHubServer, beginning: bytes) -> None:
    wire = Wire("github huaxin/access", answer_seconds=0.1)
    with pytest.raises(ForgeError, match=r"was not complete within 0\.1 s"):
        ask(wire, server, Answer(dripping=beginning))
    wire.close()


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (requests.exceptions.SSLError("secret"), ForgeError, "its certificate cannot be verified"),
        (requests.exceptions.ProxyError("secret"), ForgeError, "the proxy does not let it through"),
        (requests.ReadTimeout("secret"), BrokenError, "no whole answer came"),
        (requests.ConnectionError("secret"), BrokenError, "no whole answer came"),
        (requests.exceptions.ContentDecodingError("secret"), BrokenError, "no whole answer came"),
        (requests.exceptions.InvalidURL("secret"), ForgeError, "its address cannot be read"),
        (UnicodeError("secret"), ForgeError, "its address cannot be read"),
        (OSError("secret"), ForgeError, "the certificate authorities cannot be read"),
    ],
)
def test_faults_are_told_in_our_words(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[ForgeError], said: str
) -> None:
    def fail(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(HTTPAdapter, "send", fail)
    with pytest.raises(ForgeError, match=f"cannot reach GitHub: {said}") as caught:
        wire.exchange("GET", "https://api.github.example/user", {"Authorization": "Bearer secret"})
    assert type(caught.value) is kind
    assert "secret" not in str(caught.value)
    assert caught.value.hint
    assert caught.value.__cause__ is None


def test_the_environment_says_which_proxy_and_authorities_to_use(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: dict[str, object] = {}

    def fail(*args: object, **options: object) -> None:
        used.update(options)
        raise requests.ConnectionError

    monkeypatch.setattr(HTTPAdapter, "send", fail)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.huaxin.example:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/huaxin.pem")
    with pytest.raises(BrokenError):
        wire.exchange("GET", "https://api.github.example/user", {})
    assert used["proxies"] == {"https": "http://proxy.huaxin.example:3128"}
    assert used["verify"] == "/etc/huaxin.pem"
    assert used["timeout"] == (10.0, 30.0)
