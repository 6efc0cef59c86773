"""A list is whole, or an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from erpsync.connectors.http import Http
from erpsync.connectors.scim.answers import ScimError
from erpsync.connectors.scim.listing import Resources, read_all
from erpsync.connectors.scim.profiles import PROFILES
from erpsync.connectors.scim.session import ScimSession
from erpsync.errors import TargetError
from tests.connectors.scim.stub import page, refusal, scim
from tests.support.http_server import Answer, Request, StubServer
from tests.support.scim_server import ScimServer


@pytest.fixture
def session(stub: StubServer) -> Iterator[ScimSession]:
    """A session with the stub."""
    with Http(stub.url, "target 'erp'", sleep=lambda _: None) as http:
        yield ScimSession(http, ScimServer(stub.url).connection(), PROFILES["generic"])


def user(number: int) -> dict[str, Any]:
    """A resource."""
    return {"id": str(number)}


def ids(session: ScimSession, size: int = 2) -> list[str]:
    """What is read."""
    return [item["id"] for item in read(session, size)]


def read(session: ScimSession, size: int = 2) -> Resources:
    """Read the list."""
    return read_all(session.get, session.where, "/Users", size, lambda *_: None)


def query(request: Request) -> dict[str, list[str]]:
    """What was asked for."""
    return parse_qs(urlsplit(request.path).query)


def serve(stub: StubServer, total: int, most: int) -> None:
    """Answer as a service with so many resources that gives at most so many at once."""

    def answer(request: Request) -> Answer:
        asked = query(request)
        start, count = int(asked["startIndex"][0]), int(asked["count"][0])
        numbers = range(start, min(total, start + min(count, most) - 1) + 1)
        return page(*map(user, numbers), total=total)

    stub.default = answer


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 5])
@pytest.mark.parametrize("most", [1, 2, 100])
def test_every_page_is_read_however_few_a_service_gives(
    session: ScimSession, stub: StubServer, total: int, most: int
) -> None:
    serve(stub, total, most)
    assert ids(session) == [str(number) for number in range(1, total + 1)]


def test_a_service_that_gives_everything_at_once_is_asked_once(
    session: ScimSession, stub: StubServer
) -> None:
    stub.answers = [page(user(1), user(2), user(3))]
    assert ids(session, 1) == ["1", "2", "3"]


def test_a_list_that_shifts_while_it_is_read_is_read_again(session: ScimSession, stub: StubServer) -> None:
    stub.answers = [page(user(1), user(2), total=3), page(user(2), total=3)]
    stub.answers += [page(user(1), user(2), total=3), page(user(3), total=3)]
    assert ids(session) == ["1", "2", "3"]


@pytest.mark.parametrize("second", [(), (user(1), user(2))])
def test_a_list_that_ends_too_early_is_an_error_and_not_a_shorter_list(
    session: ScimSession, stub: StubServer, second: tuple[dict[str, Any], ...]
) -> None:
    # The second page is empty, or the first one again: a service that does not know startIndex.
    first = page(user(1), user(2), total=3)
    stub.default = lambda request: first if query(request)["startIndex"] == ["1"] else page(*second, total=3)
    with pytest.raises(TargetError, match="/Users has 3 resources, but only 2 could be read"):
        ids(session)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"totalResults": "1"},
        {"totalResults": 1, "Resources": {}},
        {"totalResults": 1, "Resources": ["x"]},
        {"totalResults": 1, "Resources": [{"id": 7}]},
    ],
)
def test_an_answer_that_is_no_list_is_an_error(session: ScimSession, stub: StubServer, wrong: Any) -> None:
    stub.answers = [scim(wrong)]
    with pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"):
        ids(session)


def test_a_refused_page_is_an_error(session: ScimSession, stub: StubServer) -> None:
    stub.answers = [page(user(1), user(2), total=3), refusal(403)]
    with pytest.raises(ScimError):
        ids(session)


def test_it_tells_how_far_it_is(session: ScimSession, stub: StubServer) -> None:
    serve(stub, 3, 2)
    told: list[tuple[int, int]] = []
    read_all(session.get, session.where, "/Users", 2, lambda done, total: told.append((done, total)))
    assert told == [(2, 3), (3, 3)]
