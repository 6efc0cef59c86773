"""Several requests as one, where a service offers that (RFC 7644, section 3.7)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from erpsync.connectors.base import Outcome, Status
from erpsync.connectors.scim import ScimConnector
from erpsync.errors import TargetError
from tests.connectors.scim.stub import config, page, refusal, routes, scim
from tests.support.edits import grants, write
from tests.support.http_server import Answer, Request, StubServer
from tests.support.scim_server import ScimServer

USER = {"id": "1", "userName": "chen.jing", "meta": {"version": 'W/"7"'}}
GROUPS = page({"id": "b", "displayName": "Buyer"}, {"id": "c", "displayName": "Clerk"})
OK = {"method": "PATCH", "status": "200"}


def outcome(stub: StubServer, answer: Answer, most: int = 10, size: int = 0) -> Outcome:
    """What becomes of an account that is given a name and two groups."""

    def users(request: Request) -> Answer:
        return page(USER) if "?" in request.path else scim(USER)

    bulk = {"supported": True, "maxOperations": most, "maxPayloadSize": size}
    stub.default = routes(
        ServiceProviderConfig=config(bulk=bulk, etag={"supported": True}),
        Users=lambda request: users(request) if request.verb == "GET" else Answer(204),
        Groups=lambda request: GROUPS if request.verb == "GET" else Answer(204),
        Bulk=answer,
    )
    with ScimConnector.write(ScimServer(stub.url).connection()) as writer:
        return write(writer, "chen.jing", name="陈静", grants=grants("Buyer", "Clerk"))


def writes(stub: StubServer) -> list[str]:
    """What was written to."""
    return [request.path for request in stub.requests if request.verb != "GET"]


def answered(*operations: Any) -> Answer:
    """What a service says to each operation."""
    return scim({"Operations": operations})


def test_an_account_is_one_request_that_stops_at_the_first_refusal(stub: StubServer) -> None:
    assert outcome(stub, answered(OK, OK, OK)).status is Status.DONE
    (request,) = [request for request in stub.requests if request.path == "/Bulk"]
    body = json.loads(request.body)
    assert body["failOnErrors"] == 1
    assert [(item["method"], item["path"], item.get("version")) for item in body["Operations"]] == [
        ("PATCH", "/Users/1", 'W/"7"'), ("PATCH", "/Groups/b", None), ("PATCH", "/Groups/c", None),
    ]  # fmt: skip
    assert writes(stub) == ["/Bulk"]


@pytest.mark.parametrize(("most", "size"), [(2, 0), (10, 100)])
def test_what_is_more_than_a_service_takes_at_once_goes_one_by_one(
    stub: StubServer, most: int, size: int
) -> None:
    assert outcome(stub, refusal(413), most, size).status is Status.DONE
    assert writes(stub) == ["/Users/1", "/Groups/b", "/Groups/c"]


def test_a_refused_operation_is_said_with_what_was_done_before(stub: StubServer) -> None:
    error = {"method": "PATCH", "status": "403", "response": {"status": "403", "detail": "not this one"}}
    found = outcome(stub, answered(OK, error))
    assert found.status is Status.FAILED
    assert found.message == (
        "give Buyer: that is not allowed to the token of erpsync: not this one "
        "(done before that: change the account)"
    )


def test_a_version_that_no_longer_holds_has_moved(stub: StubServer) -> None:
    found = outcome(stub, answered({"status": {"code": "412"}}))
    assert (found.status, found.message) == (
        Status.MOVED, "change the account: it was changed in the meantime",
    )  # fmt: skip


def test_an_operation_that_is_not_answered_for_is_not_taken_as_done(stub: StubServer) -> None:
    found = outcome(stub, answered(OK))
    assert found.status is Status.FAILED
    assert found.message.startswith("give Buyer: the service did not say what became of it")


def test_a_refused_bulk_fails_the_account(stub: StubServer) -> None:
    found = outcome(stub, refusal(400, "too much", "tooMany"))
    assert found.status is Status.FAILED
    assert found.message == "change the account: there is more than the service gives at once: too much"


@pytest.mark.parametrize("body", [{}, {"Operations": [7]}, {"Operations": [{"status": "fine"}]}])
def test_an_answer_that_is_none_ends_the_target(stub: StubServer, body: Any) -> None:
    with pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"):
        outcome(stub, scim(body))
