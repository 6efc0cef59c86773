"""What the writer does to a real SCIM service, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from erpsync.connectors.base import Edit, Outcome, Status
from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim.writer import ScimWriter
from erpsync.errors import TargetError
from erpsync.model import Account
from tests.connectors.scim.stub import config, page, refusal, routes, scim
from tests.support.edits import creation, edit, grants, write
from tests.support.http_server import Answer, Request, StubServer
from tests.support.scim_server import ScimServer


def live(writer: ScimWriter, login: str) -> Account:
    """An account as it is."""
    return writer.snapshot([login]).accounts[login]


def one(writer: ScimWriter, planned: Edit) -> Outcome:
    """The outcome of one edit."""
    (outcome,) = writer.apply([planned])
    return outcome


# --- what is written reads back -----------------------------------------------------------------------


def test_a_new_account_reads_back_as_it_was_written(either: ScimServer, writer: ScimWriter) -> None:
    wanted = Account(
        either.login("new"), "陈静", "chen.jing@huaxin.example", "zh_CN", grants=grants("Buyer", "Clerk")
    )
    assert one(writer, creation(writer, wanted)) == Outcome(wanted.login, Status.DONE)
    assert live(writer, wanted.login) == wanted
    assert either.id(wanted.login) in either.members("Buyer") & either.members("Clerk")


def test_everything_of_an_account_is_changed(either: ScimServer, writer: ScimWriter) -> None:
    login, renamed = either.login("wang.li"), either.login("chen.li")
    number = either.create(login, emails=[{"value": "old@huaxin.example", "primary": True}])
    either.give(login, "Clerk")
    wanted = Account(renamed, "陈丽", "chen.li@huaxin.example", "en", grants=grants("Buyer"))
    values = {"name": wanted.name, "email": wanted.email, "language": wanted.language}
    assert write(writer, login, login=renamed, grants=wanted.grants, **values).status is Status.DONE
    assert live(writer, renamed) == wanted
    assert either.id(renamed) == number


def test_an_account_is_locked_and_stays_there(either: ScimServer, writer: ScimWriter) -> None:
    login = either.login("leaver")
    either.create(login)
    either.give(login, "Buyer")
    assert write(writer, login, active=False, grants=()).status is Status.DONE
    assert either.read(login)["active"] is False
    assert live(writer, login) == Account(login, login, active=False)


def test_an_account_is_unlocked_and_loses_what_it_is_not_to_have(
    either: ScimServer, writer: ScimWriter
) -> None:
    login = either.login("back")
    either.create(login, active=False)
    either.give(login, "Clerk")
    assert write(writer, login, active=True, grants=grants("Buyer")).status is Status.DONE
    assert live(writer, login) == Account(login, login, grants=grants("Buyer"))


def test_the_other_members_of_a_group_stay(either: ScimServer, writer: ScimWriter) -> None:
    stays, goes = either.login("stays"), either.login("goes")
    for login in (stays, goes):
        either.create(login)
        either.give(login, "Planner")
    before = either.members("Planner")
    write(writer, goes, grants=())
    assert before - either.members("Planner") == {either.id(goes)}


def test_roles_of_the_user_itself_are_given_and_taken(scim_server: ScimServer) -> None:
    login = scim_server.login("roles")
    scim_server.create(login, roles=[{"value": "Clerk"}, {"value": "Planner"}])
    options = {"entitlements": "roles", "known": "Buyer"}
    with ScimConnector.write(scim_server.connection(options=options)) as writer:
        assert write(writer, login, grants=grants("Buyer", "Planner")).status is Status.DONE
        assert live(writer, login).grants == grants("Buyer", "Planner")
        new = Account(scim_server.login("new.roles"), grants=grants("Buyer"))
        assert one(writer, creation(writer, new)).status is Status.DONE
        assert live(writer, new.login).grants == grants("Buyer")
    assert sorted(item["value"] for item in scim_server.read(login)["roles"]) == ["Buyer", "Planner"]


# --- accounts that moved ------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [{"name": "From git"}, {"grants": grants("Buyer")}, {"active": False}])
def test_an_account_changed_since_it_was_read_is_not_written(
    either: ScimServer, writer: ScimWriter, after: dict[str, Any]
) -> None:
    login = either.login("changed")
    either.create(login)
    planned = edit(live(writer, login), writer, **after)
    either.change(login, "displayName", "By hand")
    assert one(writer, planned) == Outcome(login, Status.MOVED, "it was changed in the meantime")
    assert live(writer, login) == Account(login, "By hand")


def test_an_account_that_changes_just_before_the_write_is_saved_by_its_version(
    scim_server: ScimServer, scim_writer: ScimWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = scim_server.login("raced")
    scim_server.create(login)
    planned = edit(live(scim_writer, login), scim_writer, name="From git", grants=grants("Buyer"))
    look = scim_writer.user

    def looked(number: str) -> Account:
        found = look(number)
        scim_server.change(login, "displayName", "By hand")
        return found

    monkeypatch.setattr(scim_writer, "user", looked)
    outcome = one(scim_writer, planned)
    assert (outcome.status, outcome.message[:18]) == (Status.MOVED, "change the account")
    assert live(scim_writer, login) == Account(login, "By hand")


def test_a_version_that_changed_without_a_value_does_not_stop_the_write(
    scim_server: ScimServer, scim_writer: ScimWriter
) -> None:
    login = scim_server.login("touched")
    scim_server.create(login)
    planned = edit(live(scim_writer, login), scim_writer, name="From git")
    scim_server.change(login, "title", "Not managed by erpsync")
    assert one(scim_writer, planned).status is Status.DONE


def test_an_account_that_is_gone_has_moved(either: ScimServer, writer: ScimWriter) -> None:
    login = either.login("gone")
    number = either.create(login)
    planned = edit(live(writer, login), writer, name="From git")
    either.delete(f"/Users/{number}")
    assert one(writer, planned).status is Status.MOVED


def test_a_group_that_is_gone_fails_and_nothing_is_written(either: ScimServer, writer: ScimWriter) -> None:
    login, name = either.login("member"), either.login("Short-lived")
    either.create(login)
    number = either.group(name)
    planned = edit(live(writer, login), writer, name="From git", grants=grants(name))
    either.delete(f"/Groups/{number}")
    outcome = one(writer, planned)
    assert outcome == Outcome(login, Status.FAILED, f"there is no group {name!r} any more")
    assert live(writer, login).name == login


# --- refusals -----------------------------------------------------------------------------------------


def test_a_login_that_is_taken_fails_and_does_not_stop_the_others(
    either: ScimServer, writer: ScimWriter
) -> None:
    taken, login, other = (either.login(name) for name in ("taken", "renamed", "other"))
    for name in (taken, login, other):
        either.create(name)
    planned = [
        edit(live(writer, login), writer, login=taken, grants=grants("Buyer")),
        edit(live(writer, other), writer, name="From git"),
    ]
    first, second = writer.apply(planned)
    assert first.status is Status.FAILED
    assert first.message.startswith("change the account: the value is taken by another one")
    assert second == Outcome(other, Status.DONE)
    assert live(writer, login) == Account(login, login)


def test_a_new_account_whose_login_is_taken_fails_and_nothing_is_given(
    either: ScimServer, writer: ScimWriter
) -> None:
    login = either.login("taken")
    number = either.create(login)
    outcome = one(writer, creation(writer, Account(login, grants=grants("Buyer"))))
    assert (outcome.status, outcome.message[:18]) == (Status.FAILED, "create the account")
    assert number not in either.members("Buyer")


def test_a_session_that_reads_has_no_way_to_write(scim_server: ScimServer) -> None:
    with ScimConnector.read(scim_server.connection()) as reader:
        assert not hasattr(reader, "apply")


# --- strange services ---------------------------------------------------------------------------------


USER = {"id": "1", "userName": "chen.jing", "displayName": "陈静"}
BUYER, CLERK = {"id": "b", "displayName": "Buyer"}, {"id": "c", "displayName": "Clerk"}


def serve(stub: StubServer, features: dict[str, Any] | None = None, **answers: Any) -> None:
    """A service with one account and two groups, and what the test says of the rest."""

    def users(request: Request) -> Answer:
        if request.verb != "GET":
            return Answer(204)
        return page(USER) if request.path.startswith("/Users?") else scim(USER)

    def groups(request: Request) -> Answer:
        return page(BUYER, CLERK) if request.verb == "GET" else Answer(204)

    known: dict[str, Any] = {
        "Users": users,
        "Groups": groups,
        "ServiceProviderConfig": config(**(features or {})),
    }
    stub.default = routes(**(known | answers))


def written(stub: StubServer, **after: Any) -> Outcome:
    """The outcome of changing the one account."""
    with ScimConnector.write(ScimServer(stub.url).connection()) as writer:
        return write(writer, "chen.jing", **after)


def test_a_token_that_may_only_read_fails_and_says_so(stub: StubServer) -> None:
    serve(stub, Users=lambda request: refusal(403) if request.verb == "PATCH" else (
        page(USER) if "?" in request.path else scim(USER)))  # fmt: skip
    outcome = written(stub, name="From git")
    assert outcome.status is Status.FAILED
    assert outcome.message == "change the account: that is not allowed to the token of erpsync"


def test_an_account_that_goes_just_before_the_write_has_moved(stub: StubServer) -> None:
    serve(stub, Users=lambda request: refusal(404) if request.verb == "PATCH" else (
        page(USER) if "?" in request.path else scim(USER)))  # fmt: skip
    assert written(stub, name="From git").status is Status.MOVED


def test_a_group_that_goes_just_before_the_write_fails_the_account(stub: StubServer) -> None:
    serve(stub, Groups=lambda request: page(BUYER) if request.verb == "GET" else refusal(404))
    outcome = written(stub, grants=grants("Buyer"))
    assert outcome == Outcome("chen.jing", Status.FAILED, "give Buyer: it is not there")


def test_what_was_done_before_a_refusal_is_said(stub: StubServer) -> None:
    def groups(request: Request) -> Answer:
        if request.verb == "GET":
            return page(BUYER, CLERK)
        return refusal(403, "not this one") if request.path == "/Groups/c" else Answer(204)

    serve(stub, Groups=groups)
    outcome = written(stub, name="From git", grants=grants("Buyer", "Clerk"))
    assert outcome.status is Status.FAILED
    assert outcome.message == (
        "give Clerk: that is not allowed to the token of erpsync: not this one "
        "(done before that: change the account, give Buyer)"
    )


def test_a_look_before_the_write_that_fails_fails_the_account(stub: StubServer) -> None:
    serve(stub, Users=lambda request: page(USER) if "?" in request.path else refusal(500, "oops"))
    outcome = written(stub, name="From git")
    assert outcome == Outcome("chen.jing", Status.FAILED, "the service failed inside (HTTP 500): oops")


def test_a_service_without_patch_can_be_read_and_not_written(stub: StubServer) -> None:
    serve(stub, {"patch": {"supported": False}})
    connection = ScimServer(stub.url).connection()
    with ScimConnector.read(connection) as reader:
        assert reader.snapshot().accounts.keys() == {"chen.jing"}
    with pytest.raises(TargetError, match="the service does not offer PATCH"):
        ScimConnector.write(connection).__enter__()


def test_a_service_without_versions_is_written_without_a_condition(stub: StubServer) -> None:
    versioned = {**USER, "meta": {"version": 'W/"1"'}}
    serve(stub, Users=lambda request: page(versioned) if "?" in request.path else scim(versioned))
    assert written(stub, name="From git").status is Status.DONE
    assert [request.headers.get("If-Match") for request in stub.requests if request.verb == "PATCH"] == [None]


def test_a_new_account_without_an_id_is_an_answer_of_somebody_else(stub: StubServer) -> None:
    serve(stub, Users=lambda request: page() if request.verb == "GET" else scim({}, 201))
    with (
        ScimConnector.write(ScimServer(stub.url).connection()) as writer,
        pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"),
    ):
        list(writer.apply([creation(writer, Account("new"))]))
