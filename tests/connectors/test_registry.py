"""From a declared target to a connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.connectors.base import no_progress
from erpsync.connectors.registry import connect, find_connector
from erpsync.connectors.tryton import TrytonConnector
from erpsync.errors import ErpsyncError, RefusedError
from erpsync.model import Location, Target


def target(
    username: str = "env:ERP_USERNAME", password: str = "env:ERP_PASSWORD", connector: str = "tryton"
) -> Target:
    """A declared target."""
    at = Location("access/erpsync.yaml", 4, 3)
    return Target("erp", connector, "https://erp.example/", username, password, at)


def password(reference: str) -> str:
    """What a reference to a password leads to."""
    return connect(target("env:ERP_USERNAME", reference), "Asia/Shanghai", no_progress).password


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_USERNAME", "erpsync")
    monkeypatch.setenv("ERP_PASSWORD", "pass word")


def test_the_connector_is_found_by_its_name() -> None:
    assert find_connector(target()) is TrytonConnector


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("tritón", "did you mean 'tryton'?"),
        ("sap", "installed connectors: frappe, odoo, scim, tryton, worklist"),
    ],
)
def test_a_connector_that_is_not_installed_is_refused_with_a_hint(name: str, hint: str) -> None:
    with pytest.raises(RefusedError, match=f"target 'erp': no connector '{name}' is installed") as caught:
        find_connector(target(connector=name))
    assert (caught.value.hint, caught.value.where) == (hint, "access/erpsync.yaml:4:3")


def test_secrets_come_from_the_environment() -> None:
    connection = connect(target(), "Asia/Shanghai", no_progress)
    assert (connection.username, connection.password) == ("erpsync", "pass word")
    assert connection.timezone.key == "Asia/Shanghai"


@pytest.mark.parametrize("state", ["missing", "empty"])
def test_a_variable_that_is_not_set_is_named(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_PASSWORD", "") if state == "empty" else monkeypatch.delenv("ERP_PASSWORD")
    with pytest.raises(
        ErpsyncError, match="the password is expected in the environment variable ERP_PASSWORD"
    ) as caught:
        password("env:ERP_PASSWORD")
    assert caught.value.hint == "export ERP_PASSWORD=…"


@pytest.mark.parametrize("text", ["秘密 word", "秘密 word\n", "秘密 word\r\n"])
def test_a_file_holds_a_secret_with_or_without_a_line_break(text: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(text.encode())
    assert password(f"file:{file}") == "秘密 word"


def test_the_home_directory_may_be_written_as_a_tilde(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "password").write_text("at home", encoding="utf-8")
    assert password("file:~/password") == "at home"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "the password cannot be read from .*: No such file or directory"),
        (b"\xff\xfe", "the password cannot be read from .*: it is not UTF-8 text"),
        (b"\n", "the password is expected in .*, which is empty"),
    ],
)
def test_a_file_without_a_secret_is_named(content: bytes | None, sentence: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ErpsyncError, match=sentence) as caught:
        password(f"file:{file}")
    assert caught.value.where == "target 'erp'"


def test_a_target_that_needs_no_login_has_none() -> None:
    at = Location("access/erpsync.yaml", 4, 3)
    exported = Target("u8", "worklist", "file:exports", None, None, at)
    connection = connect(exported, "Asia/Shanghai", no_progress)
    assert (connection.username, connection.password) == ("", "")
