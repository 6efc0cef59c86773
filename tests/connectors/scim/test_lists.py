"""Accounts by their logins, in as few requests as a service and a session allow."""

from __future__ import annotations

import json
from itertools import count

import pytest

from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim.lists import LOGINS_A_CALL, Lists
from tests.connectors.scim.stub import config, page, refusal, routes
from tests.support.http_server import Answer, Request, StubServer, html
from tests.support.scim_server import ScimServer

LOGINS = [f"user.{number}" for number in range(LOGINS_A_CALL + 5)]


def serve(stub: StubServer, search: Answer | None) -> None:
    """A service with so many accounts; it searches, or answers to that as the test says."""
    everybody = page(*({"id": login, "userName": login} for login in LOGINS))

    def users(request: Request) -> Answer:
        return search if search and request.path.endswith("/.search") else everybody

    stub.default = routes(ServiceProviderConfig=config(filter={"supported": True}), Users=users)


def asked(stub: StubServer) -> list[str]:
    """How Users were asked for."""
    found = [request for request in stub.requests if request.path.startswith("/Users")]
    return [f"{request.verb} {request.path.partition('?')[0]}" for request in found]


def test_a_session_that_writes_asks_for_many_at_once(stub: StubServer) -> None:
    serve(stub, None)
    with ScimConnector.write(ScimServer(stub.url).connection()) as writer:
        assert writer.snapshot(LOGINS).accounts.keys() == set(LOGINS)
    assert asked(stub) == ["POST /Users/.search"]
    (request,) = [request for request in stub.requests if request.verb == "POST"]
    body = json.loads(request.body)
    assert body["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]
    assert body["filter"].count(" or ") == len(LOGINS) - 1
    assert (body["startIndex"], body["count"]) == (1, 200)


def test_a_session_that_only_reads_never_posts(stub: StubServer) -> None:
    serve(stub, None)
    with ScimConnector.read(ScimServer(stub.url).connection()) as reader:
        assert reader.snapshot(LOGINS).accounts.keys() == set(LOGINS)
        assert reader.session.search("/Users", startIndex=1, count=1)["totalResults"] == len(LOGINS)
    assert {request.verb for request in stub.requests} == {"GET"}


@pytest.mark.parametrize(
    "answer", [refusal(404), html(405), refusal(501), refusal(400, "too long", "invalidFilter"), refusal(413)]
)
def test_a_service_that_does_not_search_is_asked_in_the_address_and_not_to_search_again(
    stub: StubServer, answer: Answer
) -> None:
    serve(stub, answer)
    with ScimConnector.write(ScimServer(stub.url).connection()) as writer:
        for _ in range(2):
            assert writer.snapshot(LOGINS).accounts.keys() == set(LOGINS)
    assert asked(stub) == ["POST /Users/.search", *["GET /Users"] * 4]


def test_a_service_that_searches_slowly_is_asked_for_fewer_at_once(stub: StubServer) -> None:
    serve(stub, None)
    hours = count(step=3600)
    with ScimConnector.write(ScimServer(stub.url).connection()) as writer:
        read = writer.lists
        lists = Lists(read.session, read.service, 80, read._progress, lambda: float(next(hours)))
        for _ in range(2):
            lists.users(LOGINS)
    # All in one; then as few as an address would take.
    asked_for = [json.loads(request.body)["filter"].count("userName") for request in searches(stub)]
    assert asked_for == [25, 20, 5]


def searches(stub: StubServer) -> list[Request]:
    """The requests that searched."""
    return [request for request in stub.requests if request.verb == "POST"]
