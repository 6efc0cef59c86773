"""Many records in big pages, a few by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.connectors.frappe import listing
from erpsync.connectors.frappe.listing import NAMES_BYTES, by_address, read_all
from erpsync.connectors.frappe.session import FrappeSession
from erpsync.connectors.http import Http
from erpsync.errors import TargetError
from tests.connectors.frappe.stub import KEY, SECRET, StubSite, answer, user_row
from tests.support.http_server import StubServer


@pytest.fixture
def session(stub: StubServer) -> Iterator[FrappeSession]:
    """A session with the stub."""
    with Http(stub.url, "target 'erp'", sleep=lambda _: None) as client:
        yield FrappeSession(client, KEY, SECRET)


@pytest.mark.parametrize("users", [0, 1, 3, 4, 5])
def test_a_page_begins_after_the_last_name_of_the_one_before(
    session: FrappeSession, stub: StubServer, monkeypatch: pytest.MonkeyPatch, users: int
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    StubSite(stub, {"User": [user_row(f"{number}@huaxin.example") for number in range(users)]})
    told: list[int] = []
    found = [row["name"] for row in read_all(session, "User", ["name"], told=told.append)]
    assert found == [f"{number}@huaxin.example" for number in range(users)]
    assert len(stub.requests) == users // 2 + 1
    assert told[-1] == users


def test_a_list_that_does_not_go_on_is_an_error(
    session: FrappeSession, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    stub.default = lambda _: answer({"data": [{"name": "a"}, {"name": "b"}]})
    with pytest.raises(TargetError, match="the answer is not Frappe's"):
        list(read_all(session, "User", ["name"]))


@given(st.lists(st.text(min_size=1, max_size=140)))
def test_names_are_cut_into_addresses_and_none_is_lost(names: list[str]) -> None:
    found = list(by_address(names))
    assert [name for some in found for name in some] == names
    assert all(found)


def test_no_address_is_longer_than_gunicorn_takes() -> None:
    names = [f"chen.jing{number}@huaxin.example" for number in range(500)]
    assert all(len(some) * 45 < NAMES_BYTES * 1.2 for some in by_address(names))
    assert max(map(len, by_address(names))) > 30
