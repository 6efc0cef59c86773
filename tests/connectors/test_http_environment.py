"""What HTTP takes from the environment: proxies and certificate authorities, no credentials."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from erpsync.connectors.http import Http
from erpsync.errors import TargetError


class Network(requests.adapters.BaseAdapter):
    """Notes with which settings a request would go out, and lets none go."""

    def __init__(self) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {}
        self.headers: Mapping[str, str] = {}

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        self.settings, self.headers = settings, request.headers
        raise requests.ConnectionError

    def close(self) -> None:
        """Nothing is open."""


def sent(url: str, *, insecure: bool = False) -> Network:
    """What knows how a request to this address would go out."""
    with Http(url, "target 'erp'", insecure=insecure) as client:
        network = Network()
        client.session.mount(url, network)
        with pytest.raises(TargetError, match="the connection broke"):
            client.post("/", b"", {"Authorization": "Session key"}, repeatable=False)
    return network


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without settings of its own."""
    for name in (
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


@pytest.mark.parametrize("insecure", [False, True])
def test_certificates_are_always_verified(environment: pytest.MonkeyPatch, insecure: bool) -> None:
    assert sent("https://erp.example/", insecure=insecure).settings["verify"] is True


def test_certificate_authorities_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/huaxin.pem")
    assert sent("https://erp.example/").settings["verify"] == "/etc/ssl/huaxin.pem"


def test_a_file_of_certificate_authorities_that_is_not_there_is_said_so(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "gone.pem"))
    with (
        Http("https://127.0.0.1:1/", "target 'erp'") as client,
        pytest.raises(TargetError, match="the certificate authorities cannot be read") as caught,
    ):
        client.post("/", b"", {}, repeatable=False)
    assert "REQUESTS_CA_BUNDLE" in str(caught.value.hint)


@pytest.mark.parametrize("url", ["https://erp.example/", "http://erp.example/"])
def test_a_proxy_of_the_environment_is_used(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    environment.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert sent(url, insecure=True).settings["proxies"][url.partition(":")[0]] == "http://proxy.example:3128"


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://localhost:8000/", "http://[::1]/"])
def test_what_is_unencrypted_as_it_stays_on_this_machine_goes_to_no_proxy(
    environment: pytest.MonkeyPatch, url: str
) -> None:
    environment.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert sent(url).settings["proxies"] == {}


def test_credentials_of_a_netrc_file_do_not_replace_the_session(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine erp.example login somebody password else\n", encoding="utf-8")
    environment.setenv("NETRC", str(netrc))
    assert sent("https://erp.example/").headers["Authorization"] == "Session key"
