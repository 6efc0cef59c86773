"""What a user reads when a Tryton target is not as declared: one sentence, a place and a hint."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from erpsync.connectors.base import Connection
from erpsync.connectors.tryton.connector import TrytonConnector
from erpsync.errors import ErpsyncError, RefusedError, TargetError
from tests.support.erp import SHANGHAI, Erp
from tests.support.http_server import StubServer, error, html, result


def refusal(connection: Connection) -> ErpsyncError:
    """What opening the target for reading ends in."""
    with pytest.raises(ErpsyncError) as caught, TrytonConnector.read(connection):
        pass
    return caught.value


def test_nothing_listens_there(erp: Erp) -> None:
    with StubServer() as gone:
        pass
    found = refusal(erp.connection(url=gone.url))
    assert str(found) == (
        f"target 'erp': cannot reach {gone.url.rstrip('/')}: nothing listens there (connection refused)\n"
        "  hint: is the ERP running, and is the url right?"
    )


def test_a_wrong_password(erp: Erp) -> None:
    declared = erp.connection()
    found = refusal(Connection(declared.target, erp.login("nobody"), "wrong password", SHANGHAI))
    assert str(found) == (
        "target 'erp': wrong username or password\n  hint: check what the target's credentials refer to"
    )


def test_a_wrong_database(erp: Erp) -> None:
    found = refusal(erp.connection(database="other"))
    assert found.message in ("there is no database 'other'", "database 'other' is not served there")
    assert found.hint is not None
    assert "check `database:` of the target" in found.hint


def test_no_database(erp: Erp) -> None:
    found = refusal(erp.connection(database=None))
    assert isinstance(found, RefusedError)
    assert str(found) == "access/erpsync.yaml:4:3: a Tryton target needs `database:`"


def test_the_module_for_roles_is_missing(groups_erp: Erp) -> None:
    found = refusal(groups_erp.connection(options={}))
    assert isinstance(found, TargetError)
    assert found.message == "the module user_role is not activated, so the ERP has no roles"
    assert found.hint == "activate user_role in Tryton, or manage groups: options: {entitlements: groups}"


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"entitlement": "groups"}, "unknown option 'entitlement'", "did you mean 'entitlements'?"),
        ({"colour": "blue"}, "unknown option 'colour'", "known options: entitlements"),
        ({"entitlements": "rolls"}, "option 'entitlements' cannot be 'rolls'", "roles or groups"),
    ],
)
def test_an_option_that_does_not_exist(erp: Erp, options: dict[str, str], message: str, hint: str) -> None:
    found = refusal(erp.connection(options=options))
    assert isinstance(found, RefusedError)
    assert (found.message, found.hint) == (message, hint)


def test_groups_can_be_managed_where_there_are_roles(erp: Erp) -> None:
    with TrytonConnector.read(erp.connection(options={"entitlements": "groups"})) as reader:
        assert reader.capabilities.validity is False
        assert "party.group_party_admin" in reader.catalogue().entitlements


def test_too_many_wrong_passwords(erp: Erp, stub: StubServer) -> None:
    stub.answers = [html(429)]
    found = refusal(erp.connection(url=stub.url))
    assert found.message == "the ERP refuses logins for a while after wrong passwords"
    assert found.hint == "wait five minutes and try again"


def test_something_that_is_no_tryton(erp: Erp, stub: StubServer) -> None:
    stub.answers = [html(200, "<html>Welcome to nginx!</html>")]
    assert refusal(erp.connection(url=stub.url)).message == "the answer is not Tryton's JSON-RPC"


def test_an_address_that_redirects(erp: Erp, stub: StubServer) -> None:
    stub.answers = [html(308, Location="https://erp.example/erp/rpc/")]
    assert "which is not followed" in refusal(erp.connection(url=stub.url)).message


def test_an_address_without_encryption(erp: Erp) -> None:
    found = refusal(erp.connection(url="http://erp.example/"))
    assert found.message == "http://erp.example/ would send the password unencrypted"


def test_a_directory_that_may_not_be_read(erp: Erp, stub: StubServer) -> None:
    stub.answers = [result([7, "key", None]), error("UserError", ["You are not allowed.", "", None])]
    stub.default = lambda _: result(None)
    found = refusal(erp.connection(url=stub.url))
    assert found.message == "ir.module cannot be read: You are not allowed."
    assert found.hint == "see docs/tryton.md for the rights that erpsync needs"


@pytest.mark.parametrize("mode", [TrytonConnector.read, TrytonConnector.write])
def test_the_session_is_ended_also_after_a_fault(
    erp: Erp, stub: StubServer, mode: Callable[[Connection], object]
) -> None:
    stub.answers = [result([7, "key", None]), html(500)]
    stub.default = lambda _: result(None)
    with pytest.raises(TargetError, match="HTTP 500"), mode(erp.connection(url=stub.url)):  # type: ignore[attr-defined]
        pass
    assert stub.requests[-1].method == "common.db.logout"
