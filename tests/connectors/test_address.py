"""The address of an ERP: which one is allowed, and what of it may be shown."""

from __future__ import annotations

import pytest

from erpsync.connectors.address import checked, is_plain_loopback, origin
from erpsync.errors import TargetError


def refusal(url: str, *, insecure: bool = False) -> TargetError:
    """What an address that is not allowed ends in."""
    with pytest.raises(TargetError) as caught:
        checked(url, "target 'erp'", insecure=insecure)
    assert caught.value.where == "target 'erp'"
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "https://erp.example/",
        "https://erp.example:8443/tryton/",
        "https://erp.华鑫.example",
        "https://[2001:db8::1]/",
        "http://localhost:8000",
        "http://LOCALHOST/",
        "http://[::1]:8000/",
        "http://127.0.0.1/",
    ],
)
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert checked(url, "target 'erp'", insecure=False) == url.rstrip("/")


@pytest.mark.parametrize("url", ["http://erp.example/", "http://10.0.0.1:8000/", "http://127.0.0.1.example/"])
def test_a_password_is_sent_unencrypted_to_another_machine_only_when_allowed(url: str) -> None:
    found = refusal(url)
    assert found.message == f"{url} would send the password unencrypted"
    assert found.hint == "use https, or set `insecure: true` for the target if the network is trusted"
    assert checked(url, "target 'erp'", insecure=True) == url.rstrip("/")


@pytest.mark.parametrize("insecure", [False, True])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "erp.example",
        "ftp://127.0.0.1/secret",
        "https://",
        "https:///secret",
        "https://erp..example/",
        f"https://{'a' * 64}.example/",
        "http://[::1",
        "http://127.0.0.1:port/",
        "http://127.0.0.1:99999/",
        "https://somebody:secret/word@erp.example/",
        "https://somebody:secret#word@erp.example/",
        "http://127.0.0.1;secret.example/",
        "http://127.0.0.1\\.secret.example/",
        "http://127.0.0.1 .secret.example/",
    ],
)
def test_an_address_that_is_none_is_not_shown(url: str, insecure: bool) -> None:
    found = refusal(url, insecure=insecure)
    assert found.message == "the url is not an address"
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    "url",
    [
        "https://somebody:secret@erp.example/",
        "http://secret@erp.example/",
        "http://secret@127.0.0.1/",
        "https://@erp.example/",
    ],
)
def test_credentials_in_an_address_are_refused_and_not_shown(url: str) -> None:
    found = refusal(url)
    assert found.message == "the url holds a username or a password"
    assert "secret" not in str(found)


@pytest.mark.parametrize("url", ["https://erp.example/?key=secret", "http://erp.example/#secret"])
def test_what_follows_the_path_is_refused_and_not_shown(url: str) -> None:
    found = refusal(url)
    assert found.message == "the url goes on after its path"
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://127.0.0.1:8000/", True),
        ("https://127.0.0.1:8000/", False),
        ("http://erp.example/", False),
        ("http://[", False),
    ],
)
def test_plain_http_to_this_machine_is_known(url: str, plain: bool) -> None:
    assert is_plain_loopback(url) is plain


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://erp.example/path?query#fragment", "https://erp.example"),
        ("https://somebody:secret@erp.example:0/", "https://erp.example:0"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
        ("//erp.example/", None),
        ("/path", None),
        ("https://erp\x1b[31m.example/", None),
        ("javascript://erp.example/", None),
        ("https://[", None),
    ],
)
def test_the_origin_is_all_that_is_shown_of_a_foreign_address(url: str, shown: str | None) -> None:
    assert origin(url) == shown
