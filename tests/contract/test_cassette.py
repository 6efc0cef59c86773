"""What is recorded of an ERP, and that only the same requests replay it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.contract import cassette as cassettes
from tests.contract.cassette import Cassette, recording, replaying
from tests.contract.recorded import RECORD, as_told, stages
from tests.support.http_server import Answer, StubServer, html, result

KEY = 'k3y/of "erpsync"+tail'
TEST = "test_the_loop"


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where cassettes are kept."""
    monkeypatch.setattr(cassettes, "CASSETTES", tmp_path)
    return tmp_path


@pytest.fixture
def erp() -> Iterator[StubServer]:
    """A server that is recorded."""
    with StubServer() as server:
        yield server


def call(url: str, *args: Any, number: int = 1, path: str = "/jsonrpc") -> requests.Response:
    """A call over JSON-RPC."""
    body = {"jsonrpc": "2.0", "id": number, "method": "call", "params": {"args": list(args)}}
    return requests.post(url + path, json=body, timeout=60)


def record(erp: StubServer, *calls: str) -> Cassette:
    """Record calls, each answered with its own name."""
    made = Cassette("erp-1", {"today": "2026-11-28"})
    erp.default = lambda request: Answer(
        body=json.dumps(
            {"jsonrpc": "2.0", "id": 1, "result": json.loads(request.body)["params"]["args"]}
        ).encode()
    )
    with recording(made, TEST, erp.url, as_told) as url:
        for name in calls:
            call(url, name)
    return Cassette.open("erp-1")


def texts(folder: Path) -> str:
    """All that was kept."""
    return "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.json"))


def assert_hidden(folder: Path) -> None:
    """Nothing of the key was kept, however it was written."""
    assert "***" in texts(folder)
    assert "k3y" not in texts(folder)
    assert "tail" not in texts(folder)


# --- secrets ----------------------------------------------------------------------------------------


def test_a_key_in_a_list_is_not_kept_and_reaches_the_erp(erp: StubServer, kept: Path) -> None:
    erp.answers = [result(7), result([{"id": 7, "note": f"made with {KEY}", KEY: 1}])]
    with recording(Cassette("erp-1"), TEST, erp.url, as_told, {KEY}) as url:
        call(url, "erp", "erpsync", KEY, {})
        told = call(url, "erp", 7, KEY, "res.users", "read", [[7]], {})
    assert KEY in told.json()["result"][0]
    assert KEY in json.loads(erp.requests[1].body)["params"]["args"]
    assert_hidden(kept)


@pytest.mark.parametrize(
    "body", [{"key": KEY}, {"data": json.dumps({"key": KEY})}], ids=["form", "JSON in it"]
)
def test_a_key_in_an_address_a_form_or_a_page_is_not_kept(
    erp: StubServer, kept: Path, body: dict[str, str]
) -> None:
    # The page is cut in the middle of the key.
    erp.answers = [html(200, "x" * 1994 + KEY)]
    with recording(Cassette("erp-1"), TEST, erp.url, as_told, {KEY}) as url:
        requests.post(url + "/users", params={"key": KEY}, data=body, timeout=60)
    assert_hidden(kept)


def test_a_key_that_another_one_begins_with_leaves_no_rest(erp: StubServer, kept: Path) -> None:
    erp.answers = [result(1)]
    with recording(Cassette("erp-1"), TEST, erp.url, as_told, {KEY, KEY + "-second"}) as url:
        call(url, KEY + "-second")
    assert "second" not in texts(kept)


def test_another_key_replays_the_same(erp: StubServer) -> None:
    erp.answers = [result(7)]
    with recording(Cassette("erp-1", {"today": "2026-11-28"}), TEST, erp.url, as_told, {KEY}) as url:
        call(url, "erp", KEY)
    with replaying(Cassette.open("erp-1"), TEST, {"no-Secret"}) as url:
        assert call(url, "erp", "no-Secret").json()["result"] == 7


def test_what_goes_by_its_name_is_not_kept(erp: StubServer, kept: Path) -> None:
    erp.answers = [result([{"api_secret": KEY}])]
    with recording(Cassette("erp-1"), TEST, erp.url, as_told) as url:
        call(url, {"password": KEY})
    assert_hidden(kept)


def test_secrets_of_the_environment_are_hidden_and_no_settings(
    erp: StubServer, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"URL": erp.url, "USERNAME": "admin", "PASSWORD": "admin", "API_KEY": KEY, "DATABASE": "erp"}
    for name, value in settings.items():
        monkeypatch.setenv(f"ERPSYNC_TEST_SOME_{name}", value)
    monkeypatch.setenv(RECORD, "1")
    erp.answers = [result("admin")]
    (stage,) = stages("some", secrets={"another-Secret"}).values()
    with stage(TEST) as entered:
        assert entered.settings == {"DATABASE": "erp"}
        call(entered.url, "admin", KEY, "another-Secret")
    assert_hidden(kept)
    assert "another-Secret" not in texts(kept)
    assert '"args": ["admin", "***", "***"]' in texts(kept)


def test_a_secret_like_other_text_cannot_be_recorded_with(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"URL": "http://127.0.0.1:9", "USERNAME": "admin", "PASSWORD": "buyer"}.items():
        monkeypatch.setenv(f"ERPSYNC_TEST_SOME_{name}", value)
    monkeypatch.setenv(RECORD, "1")
    with pytest.raises(ValueError, match="ERPSYNC_TEST_SOME_PASSWORD is too short to record with"):
        stages("some")


# --- replaying --------------------------------------------------------------------------------------


def test_the_same_requests_get_the_same_answers_in_the_number_of_the_call(erp: StubServer) -> None:
    made = record(erp, "first", "second")
    with replaying(made, TEST) as url:
        answers = [call(url, name, number=number).json() for name, number in (("first", 8), ("second", 9))]
    assert answers == [
        {"jsonrpc": "2.0", "id": 8, "result": ["first"]},
        {"jsonrpc": "2.0", "id": 9, "result": ["second"]},
    ]


@pytest.mark.parametrize("then", ["2026-11-29 08:01:02", "2027-01-01T00:00:00.123"])
def test_moments_are_no_difference(erp: StubServer, then: str) -> None:
    made = record(erp, "since 2026-11-28 09:00:00")
    with replaying(made, TEST) as url:
        assert call(url, f"since {then}").status_code == 200


def test_days_are_a_difference(erp: StubServer) -> None:
    made = record(erp, "since 2026-11-28")
    with pytest.raises(AssertionError, match="not as recorded"), replaying(made, TEST) as url:
        call(url, "since 2026-11-29")


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (("second", "first"), r"(?s)asked: .*second.*recorded: .*first"),
        (("first", "other"), r"(?s)asked: .*other.*recorded: .*second"),
        (("first", "second", "third"), r"(?s)asked: .*third.*recorded: null"),
    ],
    ids=["wrong order", "another request", "one too many"],
)
def test_other_requests_fail_and_are_shown(erp: StubServer, asked: tuple[str, ...], shown: str) -> None:
    made = record(erp, "first", "second")
    with pytest.raises(AssertionError, match=shown), replaying(made, TEST) as url:
        assert [call(url, name).status_code for name in asked][-1] == 418


def test_a_request_that_is_not_made_fails_and_is_shown(erp: StubServer) -> None:
    made = record(erp, "first", "second")
    shown = r"1 recorded requests were not made, first: .*second"
    with pytest.raises(AssertionError, match=shown), replaying(made, TEST) as url:
        call(url, "first")


def test_another_path_or_method_is_another_request(erp: StubServer) -> None:
    made = record(erp, "first")
    with pytest.raises(AssertionError, match="not as recorded"), replaying(made, TEST) as url:
        call(url, "first", path="/json/2")
    with pytest.raises(AssertionError, match="not as recorded"), replaying(made, TEST) as url:
        requests.get(url + "/jsonrpc", timeout=60)
