"""What a service says it can do is obeyed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from erpsync.connectors.http import Http
from erpsync.connectors.scim.discovery import Service, canonical_values, discover, endpoints
from erpsync.connectors.scim.messages import GROUP, USER
from erpsync.connectors.scim.profiles import PROFILES
from erpsync.connectors.scim.session import ScimSession
from erpsync.errors import TargetError
from tests.connectors.scim.stub import config, page, refusal, routes, scim
from tests.support.http_server import StubServer, html
from tests.support.scim_server import ScimServer


@pytest.fixture
def session(stub: StubServer) -> Iterator[ScimSession]:
    """A session with the stub."""
    with Http(stub.url, "target 'erp'", sleep=lambda _: None) as http:
        yield ScimSession(http, ScimServer(stub.url).connection(), PROFILES["generic"])


def test_a_service_that_says_nothing_can_do_nothing(session: ScimSession, stub: StubServer) -> None:
    stub.default = routes(ServiceProviderConfig=scim({}))
    assert discover(session) == Service(
        stub.url.rstrip("/"), patch=False, filter=False, sort=False, etag=False, most=0, bulk=0,
        bulk_bytes=0,
    )  # fmt: skip


def test_what_it_says_is_taken(session: ScimSession, stub: StubServer) -> None:
    yes = {"supported": True}
    bulk, listing = {**yes, "maxOperations": 20, "maxPayloadSize": 999}, {**yes, "maxResults": 50}
    meta = {"location": "https://tenant.example/scim/ServiceProviderConfig"}
    stub.default = routes(
        ServiceProviderConfig=config(bulk=bulk, filter=listing, sort=yes, etag=yes, meta=meta)
    )
    found = discover(session)
    assert (found.patch, found.filter, found.sort, found.etag) == (True, True, True, True)
    assert (found.most, found.bulk, found.bulk_bytes) == (50, 20, 999)
    assert found.location == meta["location"]


def test_bulk_that_is_not_supported_takes_nothing(session: ScimSession, stub: StubServer) -> None:
    bulk = {"supported": False, "maxOperations": 20}
    stub.default = routes(ServiceProviderConfig=config(bulk=bulk))
    assert discover(session).bulk == 0


def test_endpoints_are_below_the_url_however_the_service_writes_them(
    session: ScimSession, stub: StubServer
) -> None:
    kinds = [{"schema": USER, "endpoint": f"{stub.url}People"}, {"schema": GROUP, "endpoint": "Teams/"}]
    stub.default = routes(ResourceTypes=page(*kinds))
    assert endpoints(session) == {USER: "/People", GROUP: "/Teams"}


def test_the_schema_tells_which_roles_there_are(session: ScimSession, stub: StubServer) -> None:
    value = {"name": "value", "canonicalValues": ["Buyer", "Clerk"]}
    attributes = [
        {"name": "roles", "subAttributes": [{"name": "display"}, value]},
        {"name": "entitlements"},
    ]
    stub.default = routes(Schemas=scim({"id": USER, "attributes": attributes}))
    assert canonical_values(session, "roles") == {"Buyer", "Clerk"}
    assert canonical_values(session, "entitlements") == frozenset()


@pytest.mark.parametrize("answer", [refusal(404), refusal(403), refusal(501, "not offered")])
def test_what_is_not_described_is_not_known(session: ScimSession, stub: StubServer, answer: Any) -> None:
    stub.default = routes(ResourceTypes=answer, Schemas=answer)
    assert (endpoints(session), canonical_values(session, "roles")) == ({}, frozenset())


def test_what_cannot_be_read_for_another_reason_is_an_error(session: ScimSession, stub: StubServer) -> None:
    stub.default = routes(ResourceTypes=refusal(500, "oops"))
    with pytest.raises(TargetError, match="/ResourceTypes cannot be read: the service failed inside"):
        endpoints(session)


def test_an_address_where_no_service_describes_itself_is_an_error(
    session: ScimSession, stub: StubServer
) -> None:
    stub.default = lambda _: html(404)
    with pytest.raises(TargetError, match="the service does not describe itself: it is not there") as caught:
        discover(session)
    assert "docs/scim.md" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "answers",
    [
        {"ServiceProviderConfig": scim({"patch": "yes"})},
        {"ServiceProviderConfig": config(filter={"maxResults": "many"})},
        {"ServiceProviderConfig": config(meta=["x"])},
    ],
)
def test_a_description_that_is_none_is_an_error(
    session: ScimSession, stub: StubServer, answers: dict[str, Any]
) -> None:
    stub.default = routes(**answers)
    with pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"):
        discover(session)


@pytest.mark.parametrize("kinds", [page({"schema": USER}), page("User")])
def test_endpoints_that_are_none_are_an_error(session: ScimSession, stub: StubServer, kinds: Any) -> None:
    stub.default = routes(ResourceTypes=kinds)
    with pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"):
        endpoints(session)


@pytest.mark.parametrize("attribute", [7, {"nameless": 1}])
def test_a_schema_that_is_none_is_an_error(session: ScimSession, stub: StubServer, attribute: Any) -> None:
    stub.default = routes(Schemas=scim({"id": USER, "attributes": [attribute]}))
    with pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"):
        canonical_values(session, "roles")
