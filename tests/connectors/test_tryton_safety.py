"""What the Tryton writer does not do: overwrite, stop at the first refusal, exceed its rights."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from demo.bootstrap import PLAN_LOGIN
from erpsync.connectors.base import Status
from erpsync.connectors.tryton.connector import TrytonConnector
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.model import Account, Grant
from tests.support.edits import creation, edit, grants, write
from tests.support.erp import COMPANIES, Erp, utc

DAY = timedelta(days=1)
BUYER_GROUP, CLERK_GROUP = "party.group_party_admin", "company.group_employee_admin"
CASTINGS, TRADING = COMPANIES

Read = Callable[[str], Account]


# --- accounts that moved ------------------------------------------------------------------------------


def test_an_account_changed_since_it_was_read_is_not_written(
    erp: Erp, writer: TrytonWriter, account: Read
) -> None:
    login = erp.login("changed")
    user = erp.create(login)
    planned = edit(writer.snapshot([login]).accounts[login], writer, name="From git", grants=grants("Buyer"))
    erp.write(user, email="by.hand@huaxin.example")
    (outcome,) = writer.apply([planned])
    assert outcome.status is Status.MOVED
    assert account(login) == Account(login, login, "by.hand@huaxin.example")


def test_an_account_whose_role_row_changed_is_not_written(
    erp: Erp, writer: TrytonWriter, account: Read
) -> None:
    login = erp.login("row.changed")
    user = erp.create(login)
    erp.give(user, "Buyer")
    planned = edit(writer.snapshot([login]).accounts[login], writer, grants=())
    erp.change_row(erp.rows(user)[0]["id"], to_date=utc(2040, 1, 31, 15, 59, 59))
    (outcome,) = writer.apply([planned])
    assert outcome.status is Status.MOVED
    assert account(login).grants == (Grant("Buyer", None, date(2040, 1, 31)),)


def test_trap_18_a_row_handed_to_somebody_else_is_not_deleted(erp: Erp, writer: TrytonWriter) -> None:
    login, other = erp.login("giver"), erp.create(erp.login("taker"))
    user = erp.create(login)
    erp.give(user, "Buyer")
    planned = edit(writer.snapshot([login]).accounts[login], writer, grants=())
    erp.change_row(erp.rows(user)[0]["id"], user=other)
    (outcome,) = writer.apply([planned])
    assert outcome.status is Status.MOVED
    assert len(erp.rows(other)) == 1


def test_a_row_added_since_the_account_was_read_is_not_deleted(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("row.added")
    user = erp.create(login)
    erp.give(user, "Buyer")
    planned = edit(writer.snapshot([login]).accounts[login], writer, grants=())
    added = erp.add_row(user, "Clerk")
    list(writer.apply([planned]))
    assert added in [row["id"] for row in erp.rows(user)]


# --- batches ------------------------------------------------------------------------------------------


def test_one_account_that_is_refused_does_not_stop_the_others(
    erp: Erp, writer: TrytonWriter, account: Read
) -> None:
    logins = [erp.login("batch") for _ in range(5)]
    for login in logins:
        erp.create(login)
    taken = erp.login("taken")
    erp.create(taken)
    live = writer.snapshot(logins).accounts
    edits = [edit(live[login], writer, grants=grants("Buyer")) for login in logins]
    edits[2] = edit(live[logins[2]], writer, login=taken)
    outcomes = list(writer.apply(edits))
    assert [outcome.status.name for outcome in outcomes] == ["DONE", "DONE", "FAILED", "DONE", "DONE"]
    assert [account(login).grants for login in logins] == [
        grants("Buyer"), grants("Buyer"), (), grants("Buyer"), grants("Buyer"),
    ]  # fmt: skip


def test_one_account_that_cannot_be_created_does_not_stop_the_others(erp: Erp, writer: TrytonWriter) -> None:
    taken = erp.login("taken")
    erp.create(taken)
    wanted = [Account(login, login) for login in (erp.login("one"), taken, erp.login("two"))]
    outcomes = list(writer.apply([creation(writer, item) for item in wanted]))
    assert [outcome.status.name for outcome in outcomes] == ["DONE", "FAILED", "DONE"]


def test_accounts_are_written_in_order_whatever_is_done_to_them(erp: Erp, writer: TrytonWriter) -> None:
    locked, back, old = erp.login("locked"), erp.login("back"), erp.login("old")
    erp.create(locked)
    erp.write(erp.create(back), active=False)
    erp.create(old)
    live = writer.snapshot([locked, back, old]).accounts
    edits = [
        edit(live[locked], writer, active=False),
        edit(live[back], writer, active=True, name="Back"),
        creation(writer, Account(erp.login("new"), "New")),
        edit(live[old], writer, name="Old"),
    ]
    outcomes = list(writer.apply(edits))
    assert [outcome.login for outcome in outcomes] == [item.change.login for item in edits]
    assert {outcome.status for outcome in outcomes} == {Status.DONE}


def test_nothing_to_write_calls_nothing(writer: TrytonWriter) -> None:
    assert list(writer.apply([])) == []


# --- what the ERP forbids -----------------------------------------------------------------------------


def test_a_login_that_may_only_read_fails_and_changes_nothing(erp: Erp, account: Read) -> None:
    login = erp.login("untouched")
    erp.create(login)
    before = account(login)
    with TrytonConnector.write(erp.connection(PLAN_LOGIN)) as powerless:
        outcome = write(powerless, login, name="Changed", grants=grants("Buyer"))
    assert outcome.status is Status.FAILED
    assert 'not allowed to access "User' in outcome.message
    assert account(login) == before


@pytest.mark.parametrize("who", ["administrator", "erpsync itself"])
def test_the_erp_itself_guards_administrators_and_erpsync(erp: Erp, writer: TrytonWriter, who: str) -> None:
    login = "erpsync"
    if who == "administrator":
        login = erp.login("boss")
        erp.create(login, administrator=True)
    assert write(writer, login, name="Changed").status is Status.FAILED
    assert erp.read(login)["name"] == login


def test_erpsync_cannot_make_an_administrator(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("climber")
    user = erp.create(login)
    with pytest.raises(Exception, match="not allowed"):
        writer.rpc.write("model.res.user.write", [user], {"administrator": True}, {})
