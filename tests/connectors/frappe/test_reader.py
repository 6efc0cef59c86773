"""Frappe users → Snapshot: how many calls, and what is refused. What a real site does is in test_traps_*."""

from __future__ import annotations

from typing import Any

import pytest

from erpsync.connectors.frappe import FrappeConnector
from erpsync.connectors.frappe.session import TIME_ZONE, VERSIONS
from erpsync.errors import TargetError
from erpsync.model import Account, Grant
from tests.connectors.frappe.stub import KEY, OWN, StubSite, refusal, role_row, user_row
from tests.support.http_server import StubServer


def large(stub: StubServer, users: int, roles: int = 4) -> StubSite:
    """A site of many users."""
    names = [f"user{number:05}@huaxin.example" for number in range(users)]
    held = [role_row(name, f"Role {number}") for name in names for number in range(roles)]
    return StubSite(stub, {
        "User": [user_row(OWN, api_key=KEY), *map(user_row, names)],
        "Has Role": [role_row(OWN, "System Manager"), *held],
    })  # fmt: skip


@pytest.mark.parametrize("users", [10, 10_000])
def test_all_accounts_are_read_in_three_calls_however_many_there_are(stub: StubServer, users: int) -> None:
    site = large(stub, users)
    site.rows["Company"] = [{"name": "华新商贸"}]
    with FrappeConnector.read(site.connection(scopes="Company")) as reader:
        reader.catalogue()
        before = len(stub.requests)
        assert before == 7  # of the site and of what can be granted, whatever the number of users
        found = reader.snapshot()
    assert len(found.accounts) == users + 1
    assert site.asked()[before:] == ["User", "Has Role", "User Permission"]


def test_a_few_accounts_are_asked_for_by_name_and_many_are_read_with_all_the_others(stub: StubServer) -> None:
    site = large(stub, 1_000)
    logins = [f"user{number:05}@huaxin.example" for number in range(1_000)]
    with FrappeConnector.read(site.connection()) as reader:
        reader.catalogue()
        before = len(stub.requests)
        assert reader.snapshot(logins[:25]).accounts.keys() == set(logins[:25])
        assert site.asked()[before:] == ["User", "Has Role"]
        before = len(stub.requests)
        assert reader.snapshot(logins[:900]).accounts.keys() == set(logins[:900])
        assert site.asked()[before:] == ["User", "Has Role"]


def test_nobody_is_asked_for_where_nobody_is_wanted(stub: StubServer) -> None:
    site = StubSite(stub)
    with FrappeConnector.read(site.connection()) as reader:
        before = len(stub.requests)
        assert reader.snapshot([]).accounts == {}
        assert reader.snapshot([]).protected[OWN] == "the login of erpsync itself"
    assert len(stub.requests) == before


def test_several_profiles_of_a_user_are_read_where_the_version_has_them(stub: StubServer) -> None:
    site = StubSite(stub, methods={VERSIONS: {"frappe": {"version": "16.0.0-dev"}}})
    site.rows["User"].append(user_row("a@huaxin.example"))
    site.rows["User Role Profile"] = [
        {"name": f"p{name}", "parent": "a@huaxin.example", "role_profile": name}
        for name in ("Selling", "Buying")
    ]
    with FrappeConnector.read(site.connection()) as reader:
        account = reader.snapshot(["a@huaxin.example"]).accounts["a@huaxin.example"]
        assert account.grants == (Grant("profile:Buying"), Grant("profile:Selling"))
        assert not list(reader.objections(account))


def test_a_version_that_is_too_old_is_refused(stub: StubServer) -> None:
    site = StubSite(stub, methods={VERSIONS: {"frappe": {"version": "13.58.1"}}})
    with (
        pytest.raises(TargetError, match=r"the site runs Frappe 13\.58\.1"),
        FrappeConnector.read(site.connection()),
    ):
        pass


def test_a_key_of_nobody_in_the_list_is_refused(stub: StubServer) -> None:
    site = StubSite(stub, {"User": [user_row(OWN)]})  # such as that of Administrator, who is not listed
    with (
        pytest.raises(TargetError, match="not a System Manager itself"),
        FrappeConnector.read(site.connection()),
    ):
        pass


@pytest.mark.parametrize(
    "versions", [None, {}, {"frappe": None}, {"frappe": {"version": None}}, {"frappe": {"version": "x"}}]
)
def test_an_answer_of_another_form_is_an_error(stub: StubServer, versions: Any) -> None:
    site = StubSite(stub, methods={VERSIONS: versions})
    with (
        pytest.raises(TargetError, match="the answer is not Frappe's"),
        FrappeConnector.read(site.connection()),
    ):
        pass


def test_a_user_of_another_form_is_an_error_and_never_left_out(stub: StubServer) -> None:
    site = StubSite(stub)
    site.rows["User"].append({"name": "a@huaxin.example"})
    with (
        FrappeConnector.read(site.connection()) as reader,
        pytest.raises(TargetError, match="is not Frappe's"),
    ):
        reader.snapshot()


def test_what_may_not_be_read_ends_the_target_with_where_to_look(stub: StubServer) -> None:
    site = StubSite(stub, methods={VERSIONS: refusal("PermissionError", "Not permitted", status=403)})
    with pytest.raises(TargetError) as raised, FrappeConnector.read(site.connection()):
        pass
    assert "that is not allowed to the account of erpsync: Not permitted" in raised.value.message
    assert "docs/frappe.md" in (raised.value.hint or "")


def test_a_doctype_that_may_not_be_read_names_itself(stub: StubServer) -> None:
    site = StubSite(stub)
    with (
        FrappeConnector.read(site.connection(scopes="Warehouse")) as reader,
        pytest.raises(TargetError, match="Warehouse cannot be read") as raised,
    ):
        reader.catalogue()
    assert "`scopes`" in (raised.value.hint or "")


def test_two_accounts_that_differ_only_in_case_are_an_error(stub: StubServer) -> None:
    site = StubSite(stub)
    site.rows["User"] += [user_row("a@huaxin.example"), user_row("A@huaxin.example")]
    with (
        FrappeConnector.read(site.connection()) as reader,
        pytest.raises(TargetError, match="differ only in case"),
    ):
        reader.snapshot()


def test_the_name_of_the_site_is_when_it_was_installed(stub: StubServer) -> None:
    site = StubSite(stub)
    with FrappeConnector.read(site.connection()) as reader:
        first = reader.instance()
    site.rows["Role"].append({"name": "采购员", "disabled": 0, "creation": "2026-11-20 10:00:00"})
    with FrappeConnector.read(site.connection()) as reader:
        assert reader.instance() == first  # what is made later is no other site
    site.rows["Role"][0]["creation"] = "2025-01-01 00:00:00"
    with FrappeConnector.read(site.connection()) as reader:
        assert reader.instance() != first


@pytest.mark.parametrize("zone", [None, "no text", {"time_zone": "Nowhere/Nothing"}, {"time_zone": "../etc"}])
def test_who_changed_it_last_is_left_out_where_it_cannot_be_read(stub: StubServer, zone: Any) -> None:
    site = StubSite(stub, methods={TIME_ZONE: zone})
    with FrappeConnector.read(site.connection()) as reader:
        assert reader.last_changes([OWN]) == {}


def test_an_account_that_can_do_without_an_objection_has_none(stub: StubServer) -> None:
    with FrappeConnector.read(StubSite(stub).connection()) as reader:
        account = Account("chen.jing@huaxin.example", "陈静", grants=(Grant("Sales User"),))
        assert not list(reader.objections(account))


def test_progress_is_told(stub: StubServer) -> None:
    site = large(stub, 30)
    connection = site.connection()
    told: list[tuple[str, int, int]] = []
    object.__setattr__(connection, "progress", lambda *what: told.append(what))
    with FrappeConnector.read(connection) as reader:
        reader.snapshot()
    assert ("reading accounts", 31, 0) in told
