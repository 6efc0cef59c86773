"""Many accounts in a few requests, and still each of them by itself in what is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from erpsync.connectors.base import Edit, Outcome, Status
from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim.writer import ScimWriter
from erpsync.errors import TargetError
from erpsync.model import Account
from tests.connectors.scim.stub import config, page, refusal, routes, scim
from tests.support.edits import creation, edit, grants
from tests.support.http_server import Answer, Request, StubServer
from tests.support.scim_server import ScimServer

MEMBERS = 5


def edits(writer: ScimWriter, logins: Sequence[str], **after: Any) -> list[Edit]:
    """Edits that make the same of all these accounts."""
    accounts = writer.snapshot({login.casefold() for login in logins}).accounts
    return [edit(accounts[login.casefold()], writer, **after) for login in logins]


# --- with real services ---------------------------------------------------------------------------------


def test_changes_of_all_kinds_read_back_as_they_were_written(either: ScimServer, writer: ScimWriter) -> None:
    kinds = ("leaver", "mover", "back", "renamed")
    logins = {kind: [either.login(kind) for _ in range(3)] for kind in kinds}
    for kind, some in logins.items():
        for login in some:
            either.create(login, active=kind != "back")
            either.give(login, "Clerk")
    planned = [
        *edits(writer, logins["leaver"], active=False, grants=()),
        *edits(writer, logins["mover"], name="陈静", grants=grants("Buyer", "Planner")),
        *edits(writer, logins["back"], active=True, grants=grants("Buyer")),
        *(edits(writer, [old], login=f"new.{old}")[0] for old in logins["renamed"]),
        *(
            creation(writer, Account(either.login("new"), "新", grants=grants("Buyer", "Clerk")))
            for _ in range(3)
        ),
    ]
    assert {outcome.status for outcome in writer.apply(planned)} == {Status.DONE}
    wanted = {change.after.login: change.after for change, _ in planned}
    assert writer.snapshot(wanted).accounts == wanted


def test_only_those_fail_whose_fault_it_is(either: ScimServer, writer: ScimWriter) -> None:
    taken, renamed, moved, fine = (either.login(name) for name in ("taken", "renamed", "moved", "fine"))
    for login in (taken, renamed, moved, fine):
        either.create(login)
    planned = [
        *edits(writer, [renamed], login=taken, grants=grants("Buyer")),
        *edits(writer, [moved, fine], name="From git", grants=grants("Buyer")),
        creation(writer, Account(taken, grants=grants("Buyer"))),
    ]
    either.change(moved, "displayName", "By hand")
    found = [outcome.status for outcome in writer.apply(planned)]
    assert found == [Status.FAILED, Status.MOVED, Status.DONE, Status.FAILED]
    assert either.id(renamed) not in either.members("Buyer")
    assert writer.snapshot([moved]).accounts[moved] == Account(moved, "By hand")
    assert writer.snapshot([fine]).accounts[fine] == Account(fine, "From git", grants=grants("Buyer"))


def test_one_that_changes_just_before_the_write_is_saved_by_its_version(
    scim_server: ScimServer, scim_writer: ScimWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    raced, other = scim_server.login("raced"), scim_server.login("other")
    scim_server.create(raced)
    scim_server.create(other)
    planned = edits(scim_writer, [raced, other], name="From git", grants=grants("Buyer"))
    look = scim_writer.lists.users

    def looked(logins: Any) -> Any:
        found = look(logins)
        scim_server.change(raced, "displayName", "By hand")
        return found

    monkeypatch.setattr(scim_writer.lists, "users", looked)
    first, second = scim_writer.apply(planned)
    assert (first.status, second.status) == (Status.MOVED, Status.DONE)
    monkeypatch.undo()
    assert scim_writer.snapshot([raced]).accounts[raced] == Account(raced, "By hand")


def test_the_other_members_of_a_group_stay(either: ScimServer, writer: ScimWriter) -> None:
    stays, *go = (either.login(name) for name in ("stays", "goes", "goes"))
    for login in (stays, *go):
        either.create(login)
        either.give(login, "Planner")
    before = either.members("Planner")
    list(writer.apply(edits(writer, go, grants=())))
    assert before - either.members("Planner") == {either.id(login) for login in go}


# --- with strange ones ----------------------------------------------------------------------------------

Rule = Callable[[Request], Answer]


def people() -> list[dict[str, Any]]:
    """The Users of the service."""
    return [{"id": f"{n}", "userName": f"user.{n}", "displayName": f"User {n}"} for n in range(MEMBERS)]


def done(request: Request) -> Answer:
    """An answer to a bulk in which everything is done."""
    asked = json.loads(request.body)["Operations"]
    return scim({"Operations": [_done(item) for item in asked]})


def _done(item: dict[str, Any]) -> dict[str, Any]:
    made = f"/Users/made-{item.get('bulkId')}"
    at = made if item["method"] == "POST" else item["path"]
    return {"method": item["method"], "status": "200", "location": f"https://tenant.example/scim{at}"}


@pytest.fixture
def serve(stub: StubServer) -> Iterator[Callable[..., ScimWriter]]:
    """Opens a session with a service of a few Users and two Groups that does as the test says."""
    opened = []

    def serving(most: int = 100, size: int = 0, groups: Rule | None = None, bulk: Rule = done) -> ScimWriter:
        listed = page({"id": "b", "displayName": "Buyer"}, {"id": "c", "displayName": "Clerk"})

        def users(request: Request) -> Answer:
            if request.verb != "GET":
                return Answer(204)
            number = request.path.partition("?")[0].removeprefix("/Users").strip("/")
            return scim(people()[int(number)]) if number else page(*people())

        offered = {"supported": True, "maxOperations": most, "maxPayloadSize": size}
        stub.default = routes(
            ServiceProviderConfig=config(bulk=offered, etag={"supported": True}),
            Users=users,
            Groups=lambda request: (
                listed if request.verb == "GET" else (groups or (lambda _: Answer(204)))(request)
            ),
            Bulk=bulk,
        )
        context = ScimConnector.write(ScimServer(stub.url).connection())
        opened.append(context)
        return context.__enter__()

    yield serving
    for context in opened:
        context.__exit__(None, None, None)


def everybody(writer: ScimWriter, **after: Any) -> list[Outcome]:
    """The outcomes of making the same of all."""
    return list(writer.apply(edits(writer, [user["userName"] for user in people()], **after)))


def writes(stub: StubServer) -> list[tuple[str, str]]:
    """What was written, and to what."""
    return [(request.verb, request.path) for request in stub.requests if request.verb != "GET"]


def operations(request: Request) -> list[dict[str, Any]]:
    """What one request asks for."""
    found = json.loads(request.body)["Operations"]
    assert isinstance(found, list)
    return found


def test_the_same_grant_for_all_is_one_request(stub: StubServer, serve: Callable[..., ScimWriter]) -> None:
    assert {outcome.status for outcome in everybody(serve(), grants=grants("Buyer"))} == {Status.DONE}
    assert writes(stub) == [("PATCH", "/Groups/b")]
    (operation,) = operations(stub.requests[-1])
    assert operation == {"op": "add", "path": "members", "value": [{"value": f"{n}"} for n in range(MEMBERS)]}


def test_without_bulk_the_same_grant_for_all_is_one_request_too(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    writer = serve(most=0)
    assert writer.service.bulk == 0
    assert {outcome.status for outcome in everybody(writer, grants=grants("Buyer", "Clerk"))} == {Status.DONE}
    assert writes(stub) == [("PATCH", "/Groups/b"), ("PATCH", "/Groups/c")]


def test_without_bulk_a_user_is_looked_at_just_before_it_is_changed(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    everybody(serve(most=0), name="Same")
    asked = [(request.verb, request.path) for request in stub.requests if request.path.startswith("/Users/")]
    assert asked == [(verb, f"/Users/{n}") for n in range(MEMBERS) for verb in ("GET", "PATCH")]


def test_what_takes_goes_out_before_what_gives(stub: StubServer, serve: Callable[..., ScimWriter]) -> None:
    writer = serve()
    lives = [Account(user["userName"], user["displayName"]) for user in people()]
    list(
        writer.apply(
            edits(writer, [live.login for live in lives], active=False, grants=grants("Buyer", "Clerk"))
        )
    )
    sent = [
        [item["path"] for item in operations(request)] for request in stub.requests if request.path == "/Bulk"
    ]
    assert sent == [[f"/Users/{n}" for n in range(MEMBERS)], ["/Groups/b", "/Groups/c"]]


def test_no_more_goes_out_at_once_than_the_service_takes(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    assert {outcome.status for outcome in everybody(serve(2), name="Same")} == {Status.DONE}
    assert writes(stub) == [("POST", "/Bulk"), ("POST", "/Bulk"), ("PATCH", "/Users/4")]


def test_nothing_larger_goes_out_at_once_than_the_service_takes(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    assert {outcome.status for outcome in everybody(serve(size=2000), name="同" * 20)} == {Status.DONE}
    sent = [len(request.body) for request in stub.requests if request.path == "/Bulk"]
    assert len(sent) > 1
    assert max(sent) <= 2000


def test_a_bulk_that_is_too_large_all_the_same_is_halved(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    def bulk(request: Request) -> Answer:
        return refusal(413) if len(operations(request)) > 2 else done(request)

    assert {outcome.status for outcome in everybody(serve(bulk=bulk), name="Same")} == {Status.DONE}


def test_a_bulk_that_is_refused_fails_all_in_it(serve: Callable[..., ScimWriter]) -> None:
    found = everybody(serve(bulk=lambda _: refusal(400, "no", "tooMany")), name="Same")
    assert {outcome.status for outcome in found} == {Status.FAILED}


def test_a_member_that_a_group_does_not_take_is_found_among_many(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    def groups(request: Request) -> Answer:
        return refusal(400, "not this one", "invalidValue") if b'"3"' in request.body else Answer(204)

    found = everybody(serve(groups=groups), grants=grants("Buyer"))
    assert [outcome.status is Status.DONE for outcome in found] == [True, True, True, False, True]
    assert found[3].message == "give Buyer: the service does not take the value: not this one"


def test_a_group_that_may_not_be_changed_is_not_tried_for_each(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    found = everybody(serve(groups=lambda _: refusal(403)), grants=grants("Buyer"))
    assert {outcome.status for outcome in found} == {Status.FAILED}
    assert len(writes(stub)) == 1


def test_a_group_that_takes_nobody_is_given_up_after_a_few(
    stub: StubServer, serve: Callable[..., ScimWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("erpsync.connectors.scim.together.MOST_REFUSED", 1)
    found = everybody(serve(groups=lambda _: refusal(400)), grants=grants("Buyer"))
    assert {outcome.status for outcome in found} == {Status.FAILED}
    assert len(writes(stub)) < 2 * MEMBERS - 1


def test_who_was_refused_one_thing_gets_nothing_of_what_comes_after(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    def bulk(request: Request) -> Answer:
        answers = json.loads(done(request).body)["Operations"]
        answers[0] = {"method": "PATCH", "status": "400"}
        return scim({"Operations": answers})

    found = everybody(serve(bulk=bulk), name="Same", grants=grants("Buyer"))
    assert [outcome.status is Status.DONE for outcome in found] == [False, *[True] * (MEMBERS - 1)]
    assert b'"0"' not in stub.requests[-1].body


def test_those_of_a_new_account_are_given_to_its_new_id(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    writer = serve()
    made = [creation(writer, Account(f"new.{n}", grants=grants("Buyer"))) for n in range(2)]
    assert {outcome.status for outcome in writer.apply(made)} == {Status.DONE}
    (operation,) = operations(stub.requests[-1])
    assert operation["value"] == [{"value": "made-new0"}, {"value": "made-new1"}]


def test_a_new_account_whose_place_is_not_told_ends_the_target(serve: Callable[..., ScimWriter]) -> None:
    writer = serve(bulk=lambda _: scim({"Operations": [{"status": "201"}, {"status": "201"}]}))
    with pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"):
        list(writer.apply([creation(writer, Account(f"new.{n}")) for n in range(2)]))


def test_answers_about_other_accounts_end_the_target(serve: Callable[..., ScimWriter]) -> None:
    def bulk(request: Request) -> Answer:
        return scim({"Operations": json.loads(done(request).body)["Operations"][::-1]})

    with pytest.raises(TargetError, match=r"the answer is not SCIM 2\.0"):
        everybody(serve(bulk=bulk), name="Same")


def test_what_is_certain_is_told_before_a_broken_connection_ends_the_target(
    stub: StubServer, serve: Callable[..., ScimWriter]
) -> None:
    def bulk(request: Request) -> Answer:
        if "/Groups/b" in str(operations(request)):
            return Answer(504)
        answers = json.loads(done(request).body)["Operations"]
        answers[0] = {"method": "PATCH", "status": "400"}
        return scim({"Operations": answers})

    writer = serve(bulk=bulk)
    planned = edits(
        writer, [user["userName"] for user in people()], name="Same", grants=grants("Buyer", "Clerk")
    )
    outcomes = writer.apply(planned)
    first = next(outcomes)
    assert (first.login, first.status) == ("user.0", Status.FAILED)
    with pytest.raises(TargetError, match="took too long"):
        next(outcomes)
