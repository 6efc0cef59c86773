"""Where two real services disagree: what each of them answers, and that erpsync makes the same of both.

One is scim2-server, in Python; the other is SCIMMY, in JavaScript.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from erpsync.connectors.base import Status
from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim.writer import ScimWriter
from tests.connectors.scim.test_writer import live
from tests.support.edits import grants, write
from tests.support.scim_server import MEDIA_TYPE, TOKEN, USERNAME, ScimServer

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture(params=["scim_server", "second_scim_server"])
def either(request: pytest.FixtureRequest) -> ScimServer:
    """Each of the two in turn."""
    server = request.getfixturevalue(request.param)
    assert isinstance(server, ScimServer)
    return server


@pytest.fixture
def writer(either: ScimServer) -> Iterator[ScimWriter]:
    """A session with it that can write."""
    with ScimConnector.write(either.connection()) as opened:
        yield opened


def raw(server: ScimServer, method: str, path: str, body: Any = None) -> requests.Response:
    """What a service really answers."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": MEDIA_TYPE}
    return requests.request(method, server.url + path, json=body, headers=headers, timeout=60)


def removal(server: ScimServer, login: str) -> dict[str, Any]:
    """Take somebody out of a group."""
    path = f'members[value eq "{server.id(login)}"]'
    return {"schemas": [PATCH], "Operations": [{"op": "remove", "path": path}]}


def test_one_says_which_groups_a_user_is_in_and_one_does_not(
    second_scim_server: ScimServer, either: ScimServer, writer: ScimWriter
) -> None:
    login = either.login("member")
    either.create(login)
    either.give(login, "Buyer")
    assert bool(either.read(login).get("groups")) == (either is second_scim_server)
    assert live(writer, login).grants == grants("Buyer")


def test_one_filters_logins_whatever_their_case_and_one_does_not(
    second_scim_server: ScimServer, either: ScimServer, writer: ScimWriter
) -> None:
    login = either.login("Chen.Jing")
    either.create(login)
    found = raw(either, "GET", f'/Users?filter=userName eq "{login.lower()}"').json()
    assert found["totalResults"] == (0 if either is second_scim_server else 1)
    assert live(writer, login.lower()).login == login


def test_both_refuse_a_login_that_differs_only_in_case_from_one_that_is_taken(
    either: ScimServer,
) -> None:
    login = either.login("Twin")
    either.create(login)
    answer = raw(either, "POST", "/Users", {"schemas": [USER], "userName": login.lower()})
    assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness")


def test_one_says_who_has_the_token_and_one_does_not(
    scim_server: ScimServer, second_scim_server: ScimServer
) -> None:
    assert raw(scim_server, "GET", "/Me").status_code == 501
    assert raw(second_scim_server, "GET", "/Me").json()["userName"] == USERNAME
    for server in (scim_server, second_scim_server):
        with ScimConnector.read(server.connection()) as reader:
            assert set(reader.snapshot(["nobody"]).protected) == {USERNAME}


def test_one_says_where_it_is_with_its_host_and_one_without(
    scim_server: ScimServer, second_scim_server: ScimServer
) -> None:
    at = "/ServiceProviderConfig"
    assert raw(scim_server, "GET", at).json()["meta"]["location"].startswith("http://")
    assert raw(second_scim_server, "GET", at).json()["meta"]["location"] == f"/scim{at}"
    with (
        ScimConnector.read(scim_server.connection()) as one,
        ScimConnector.read(second_scim_server.connection()) as other,
    ):
        assert one.instance() != other.instance()


def test_one_has_versions_and_one_has_not(
    scim_server: ScimServer, either: ScimServer, writer: ScimWriter
) -> None:
    login = either.login("versioned")
    either.create(login)
    assert ("version" in either.read(login)["meta"]) == (either is scim_server)
    assert write(writer, login, name="From git").status is Status.DONE


def test_one_answers_a_change_with_the_user_and_one_without_a_body(
    second_scim_server: ScimServer, either: ScimServer, writer: ScimWriter
) -> None:
    login = either.login("answered")
    operation = {"op": "replace", "path": "displayName", "value": "新名"}
    body = {"schemas": [PATCH], "Operations": [operation]}
    answer = raw(either, "PATCH", f"/Users/{either.create(login)}", body)
    assert answer.status_code == (200 if either is second_scim_server else 204)
    assert write(writer, login, name="From git").status is Status.DONE


def test_both_take_it_that_who_is_no_member_is_removed(either: ScimServer) -> None:
    login = either.login("stranger")
    either.create(login)
    answer = raw(either, "PATCH", f"/Groups/{either.group_id('Clerk')}", removal(either, login))
    assert (answer.status_code, answer.content) == (204, b"")


def test_one_gives_at_most_a_thousand_at_once_and_one_two_hundred(
    scim_server: ScimServer, second_scim_server: ScimServer
) -> None:
    with (
        ScimConnector.read(scim_server.connection()) as one,
        ScimConnector.read(second_scim_server.connection()) as other,
    ):
        assert (one.lists.page, other.lists.page) == (1000, 200)
