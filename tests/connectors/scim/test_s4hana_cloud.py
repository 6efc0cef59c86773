"""The ways of SAP S/4HANA Cloud: a real service with SAP's extensions, behind a guard of CSRF tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from erpsync.connectors.base import Status, Writer
from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim.profiles import SAP_EXTENSION
from erpsync.model import Account
from tests.support import scim_server as scim
from tests.support.edits import creation, edit, grants, write
from tests.support.http_server import Answer, Request, StubServer, html
from tests.support.scim_server import ScimServer

USER, GROUP = f"{SAP_EXTENSION}:User", f"{SAP_EXTENSION}:Group"
FORWARDED = ("Authorization", "Content-Type", "If-Match")


def extension(urn: str, *attributes: str) -> dict[str, Any]:
    """A schema of texts."""
    texts = [{"name": name, "type": "string", "multiValued": False, "required": False} for name in attributes]
    schema = "urn:ietf:params:scim:schemas:core:2.0:Schema"
    return {"schemas": [schema], "id": urn, "name": urn, "attributes": texts}


@pytest.fixture(scope="module")
def s4(scim_server: ScimServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """A service with SAP's extensions of users and groups."""
    schemas = scim_server.all("/Schemas")
    schemas += [extension(USER, "validFrom", "validTo", "loginTime", "userUuid")]
    schemas += [extension(GROUP, "type", "supportedOperations")]
    kinds = scim_server.all("/ResourceTypes")
    for kind, urn in (("User", USER), ("Group", GROUP)):
        (found,) = [item for item in kinds if item["id"] == kind]
        found.setdefault("schemaExtensions", []).append({"schema": urn, "required": False})
    with scim.running(tmp_path_factory.mktemp("s4"), schema=schemas, resource_type=kinds) as started:
        for name, granting in (("BROL_BUYER", True), ("BROL_CLERK", True), ("BUGR_OFFICE", False)):
            values = {
                "type": "authorization" if granting else "userGroup",
                "supportedOperations": "readWrite",
            }
            started.group(name, **{GROUP: values})
        yield started


@pytest.fixture
def guarded(s4: ScimServer, stub: StubServer) -> StubServer:
    """What stands before the service: no write without the token that was fetched."""

    def answer(request: Request) -> Answer:
        headers = {name.lower(): value for name, value in request.headers.items()}
        token = headers.get("x-csrf-token")
        if request.verb != "GET" and (token, headers.get("cookie")) != ("tok-1", "sap-session=s1"):
            return html(403, "CSRF token validation failed", **{"x-csrf-token": "Required"})
        kept = {name: headers[name.lower()] for name in FORWARDED if name.lower() in headers}
        found = requests.request(
            request.verb, s4.url + request.path, data=request.body, headers=kept, timeout=60
        )
        fetched = (
            {"X-CSRF-Token": "tok-1", "Set-Cookie": "sap-session=s1; Path=/"} if token == "Fetch" else {}
        )
        return Answer(found.status_code, found.content, {"Content-Type": scim.MEDIA_TYPE, **fetched})

    stub.default = answer
    return stub


@pytest.fixture
def writer(guarded: StubServer) -> Iterator[Writer]:
    """A session that can write."""
    options = {"profile": "sap-s4hana-cloud"}
    with ScimConnector.write(ScimServer(guarded.url.rstrip("/")).connection(options=options)) as opened:
        yield opened


def account(writer: Writer, login: str) -> Account:
    """One account."""
    return writer.snapshot([login]).accounts[login]


def test_business_roles_are_the_catalogue_and_user_groups_are_not(writer: Writer) -> None:
    assert writer.catalogue().entitlements == {"BROL_BUYER", "BROL_CLERK"}


def test_an_account_is_made_changed_and_locked_through_the_guard(s4: ScimServer, writer: Writer) -> None:
    login = s4.login("cloud")
    wanted = Account(login, "陈静", "chen.jing@huaxin.example", grants=grants("BROL_BUYER"))
    (outcome,) = writer.apply([creation(writer, wanted)])
    assert outcome.status is Status.DONE
    assert account(writer, login) == wanted
    assert write(writer, login, active=False, grants=grants("BROL_CLERK")).status is Status.DONE
    assert account(writer, login).grants == grants("BROL_CLERK")
    assert not account(writer, login).active


def test_a_user_group_is_neither_shown_nor_taken_away(s4: ScimServer, writer: Writer) -> None:
    login = s4.login("office")
    number = s4.create(login)
    s4.give(login, "BUGR_OFFICE")
    assert account(writer, login).grants == ()
    write(writer, login, grants=grants("BROL_BUYER"))
    assert number in s4.members("BUGR_OFFICE")


def test_an_account_whose_days_are_over_is_not_active_and_its_days_go_when_it_is_to_be(
    s4: ScimServer, writer: Writer
) -> None:
    login = s4.login("over")
    s4.create(login, **{USER: {"validFrom": "2020-01-01", "validTo": "2020-12-31"}})
    assert not account(writer, login).active
    assert write(writer, login, active=True).status is Status.DONE
    assert account(writer, login).active
    assert s4.read(login)[USER] == {"validFrom": "2020-01-01"}


def test_a_login_of_the_person_is_no_change_of_the_account(s4: ScimServer, writer: Writer) -> None:
    login = s4.login("at.work")
    s4.create(login, **{USER: {"userUuid": "4f1c"}})
    planned = edit(account(writer, login), writer, name="From git")
    s4.change(login, f"{USER}:loginTime", "2026-06-15T04:00:00Z")
    (outcome,) = writer.apply([planned])
    assert outcome.status is Status.DONE
