"""What a real Frappe does that one would not think: roles and new users. Each test names one of these."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from erpsync.connectors.base import Status
from erpsync.connectors.frappe import FrappeConnector
from erpsync.connectors.frappe.reader import FrappeReader
from erpsync.model import Account, Grant
from tests.connectors.frappe.conftest import Read, Write, edit, held, holding
from tests.support.frappe_site import FrappeSite


@pytest.fixture
def reader(frappe_site: FrappeSite) -> Iterator[FrappeReader]:
    """A session that cannot write."""
    with FrappeConnector.read(frappe_site.connection()) as opened:
        yield opened


@pytest.fixture
def buyer(frappe_site: FrappeSite) -> str:
    """A user with a role."""
    login = frappe_site.login("buyer")
    frappe_site.make_user(login, roles=[{"role": "Purchase User"}])
    return login


def custom_role(site: FrappeSite, **values: Any) -> str:
    """Make a role that no other test has."""
    name = f"Reviewer {site.login('x').partition('@')[0]}"
    site.make("Role", role_name=name, **values)
    return name


def versions(site: FrappeSite, login: str) -> list[dict[str, Any]]:
    """What Frappe's history tells of a user, oldest first."""
    rows = site.list("Version", ["data", "creation"], [["ref_doctype", "=", "User"], ["docname", "=", login]])
    return [json.loads(row["data"]) for row in sorted(rows, key=lambda row: row["creation"])]


# --- roles ------------------------------------------------------------------------------------------


def test_a_kept_role_keeps_its_row_so_that_the_history_tells_only_what_changed(
    frappe_site: FrappeSite, buyer: str, read: Read, write: Write
) -> None:
    write(holding(read(buyer), "Purchase User", "Report Manager"))
    history = versions(frappe_site, buyer)[-1]
    assert [row[1]["role"] for row in history["added"]] == ["Report Manager"]
    assert history["removed"] == []


def test_a_user_changed_since_it_was_read_is_not_overwritten(
    frappe_site: FrappeSite, buyer: str, read: Read, write: Write
) -> None:
    live = read(buyer)
    frappe_site.change_user(buyer, first_name="By hand")
    (outcome,) = write(holding(live, "Sales User"), live=live)
    assert outcome.status is Status.MOVED
    assert frappe_site.roles(buyer) == ["Purchase User"]


def test_a_disabled_role_which_frappe_drops_without_a_word_is_told_before(
    frappe_site: FrappeSite, reader: FrappeReader
) -> None:
    role = custom_role(frappe_site, disabled=1)
    assert reader.catalogue().fixed[role] == "the role is disabled in the ERP"
    assert role not in reader.catalogue().entitlements


def test_a_role_that_frappe_drops_without_a_word_is_reported(
    frappe_site: FrappeSite, buyer: str, read: Read
) -> None:
    role = custom_role(frappe_site)
    live = read(buyer)
    with FrappeConnector.write(frappe_site.connection()) as writer:
        writer.catalogue()
        frappe_site.call("PUT", f"/api/resource/Role/{role}", {"disabled": 1})
        (outcome,) = writer.apply([edit(live, holding(live, "Purchase User", role))])
    assert outcome.status is Status.FAILED
    assert f"Frappe did not give {role}" in outcome.message


def test_disabling_a_role_takes_it_from_everybody_without_touching_the_user_and_is_seen(
    frappe_site: FrappeSite, buyer: str, read: Read
) -> None:
    role = custom_role(frappe_site)
    frappe_site.set_roles(buyer, "Purchase User", role)
    before = read(buyer), frappe_site.read_user(buyer)["modified"]
    frappe_site.call("PUT", f"/api/resource/Role/{role}", {"disabled": 1})
    assert held(before[0]) == sorted(["Purchase User", role])
    assert held(read(buyer)) == ["Purchase User"]
    assert frappe_site.read_user(buyer)["modified"] == before[1]


def test_automatic_roles_can_be_stored_without_effect_and_are_ignored(
    frappe_site: FrappeSite, buyer: str, read: Read, reader: FrappeReader
) -> None:
    frappe_site.set_roles(buyer, "Purchase User", "All", "Desk User")
    assert {"All", "Desk User"} <= set(frappe_site.roles(buyer))
    assert held(read(buyer)) == ["Purchase User"]
    assert {"All", "Guest", "Desk User", "Administrator"} <= reader.catalogue().fixed.keys()


def test_roles_that_erpnext_gives_are_neither_shown_nor_taken(
    frappe_site: FrappeSite, buyer: str, read: Read, write: Write
) -> None:
    role = custom_role(frappe_site)
    frappe_site.set_roles(buyer, "Purchase User", role)
    live = read(buyer, unmanaged_roles=f"Employee, {role}")
    assert held(live) == ["Purchase User"]
    (outcome,) = write(holding(live, "Sales User"), unmanaged_roles=f"Employee, {role}")
    assert outcome.status is Status.DONE
    assert frappe_site.roles(buyer) == sorted([role, "Sales User"])


def test_the_last_system_manager_is_not_taken_which_frappe_would_give_back_without_a_word(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    manager = frappe_site.login("last")
    frappe_site.make_user(manager, roles=[{"role": "System Manager"}])
    for after in (holding(read(manager)), replace(read(manager), active=False)):
        (outcome,) = write(after)
        assert outcome.status is Status.FAILED
        assert "make somebody else one first" in outcome.message
    second = frappe_site.login("second")
    frappe_site.make_user(second, roles=[{"role": "System Manager"}])
    assert [item.status for item in write(holding(read(manager)))] == [Status.DONE]
    frappe_site.set_roles(second)


# --- new users --------------------------------------------------------------------------------------


def test_nobody_gets_a_mail_unless_that_is_asked_for(frappe_site: FrappeSite, write: Write) -> None:
    login = frappe_site.login("unasked")
    (outcome,) = write(Account(login, "陈静", grants=(Grant("Sales User"),)))
    assert outcome.status is Status.DONE
    assert frappe_site.read_user(login)["send_welcome_email"] == 0
    assert not frappe_site.list("Email Queue Recipient", ["name"], [["recipient", "=", login]], "Email Queue")


def test_of_users_made_in_one_transaction_the_one_that_is_refused_stops_nobody_else(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    good, bad, also_good = (frappe_site.login(name) for name in ("one", "t:wo", "three"))
    bad = bad.replace("@huaxin.example", "@@huaxin")
    accounts = [
        Account(login, login.partition(".")[0], grants=(Grant("Sales User"),))
        for login in (good, bad, also_good)
    ]
    outcomes = write(*accounts)
    assert [item.status for item in outcomes] == [Status.DONE, Status.FAILED, Status.DONE]
    assert "does not take the e-mail address" in outcomes[1].message
    assert held(read(good)) == held(read(also_good)) == ["Sales User"]


def test_a_user_that_somebody_else_made_meanwhile_is_left_alone(
    frappe_site: FrappeSite, buyer: str, read: Read
) -> None:
    with FrappeConnector.write(frappe_site.connection()) as writer:
        (outcome,) = writer.apply([edit(None, Account(buyer, "Another", grants=(Grant("Sales User"),)))])
    assert outcome.status is Status.MOVED
    assert held(read(buyer)) == ["Purchase User"]


def test_a_name_is_kept_as_it_is_whatever_is_in_it(buyer: str, read: Read, write: Write) -> None:
    for name in ("陈静", "O'Neil & Söhne", "Two  blanks", "{{ 7*7 }}"):
        (outcome,) = write(replace(read(buyer), name=name))
        assert outcome.status is Status.DONE
        assert read(buyer).name == name


def test_a_name_with_brackets_which_frappe_rewrites_as_html_is_refused_before(
    frappe_site: FrappeSite, buyer: str, read: Read, reader: FrappeReader
) -> None:
    frappe_site.change_user(buyer, first_name="O'Neil & <b>Söhne</b>")
    assert read(buyer).name == "O'Neil &amp; <b>Söhne</b>"  # this is what is odd
    (why,) = reader.objections(replace(read(buyer), name="Söhne <3"))
    assert "< or >" in why


def test_a_last_name_stays_one_where_the_name_still_ends_with_it(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    login = frappe_site.login("married")
    frappe_site.make_user(login, first_name="Anna", last_name="Schmidt")
    write(replace(read(login), name="Anna Maria Schmidt"))
    user = frappe_site.read_user(login)
    assert (user["first_name"], user["last_name"]) == ("Anna Maria", "Schmidt")
    write(replace(read(login), name="Anna Wang"))
    assert (read(login).name, frappe_site.read_user(login).get("last_name") or "") == ("Anna Wang", "")


def test_chinese_is_zh_in_frappe_and_zh_cn_in_the_files(
    frappe_site: FrappeSite, buyer: str, read: Read, write: Write
) -> None:
    write(replace(read(buyer), language="zh_CN"))
    assert frappe_site.read_user(buyer)["language"] == "zh"
    assert read(buyer).language == "zh_CN"
