"""The Tryton writer against a real Tryton."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from erpsync.connectors.base import Status
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.model import Account, Grant
from tests.support.edits import creation, grants, write
from tests.support.erp import COMPANIES, Erp, utc

DAY = timedelta(days=1)
BUYER_GROUP, CLERK_GROUP = "party.group_party_admin", "company.group_employee_admin"
CASTINGS, TRADING = COMPANIES

Read = Callable[[str], Account]


def row_times(erp: Erp, user: int) -> list[tuple[datetime | None, datetime | None]]:
    """When each role row of an account begins and ends, in UTC without saying so, as the ERP has it."""
    return [(row["from_date"], row["to_date"]) for row in erp.rows(user)]


# --- new accounts -------------------------------------------------------------------------------------


def test_an_account_is_created_with_everything_at_once(erp: Erp, writer: TrytonWriter, account: Read) -> None:
    wanted = Account(
        erp.login("chen.jing"), "陈静", "chen.jing@huaxin.example", "zh_CN",
        scope={"company": COMPANIES}, grants=(Grant("Buyer", None, date(2040, 1, 31)), Grant("Clerk")),
    )  # fmt: skip
    (outcome,) = writer.apply([creation(writer, wanted)])
    assert outcome.status is Status.DONE
    assert account(wanted.login) == wanted
    assert erp.groups(wanted.login) == {BUYER_GROUP, CLERK_GROUP}


def test_a_new_account_has_no_password(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("no.password")
    write(writer, login)
    assert erp.read(login, "password_hash")["password_hash"] is None


def test_trap_10_a_new_account_gets_no_company_where_there_is_only_one(
    groups_erp: Erp, groups_writer: TrytonWriter
) -> None:
    login = groups_erp.login("no.company")
    write(groups_writer, login)
    user = groups_erp.read(login, "companies", "company")
    assert (list(user["companies"]), user["company"]) == ([], None)


def test_where_there_are_no_companies_none_are_read_or_written(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("no.companies")
    writer.directory = replace(writer.directory, companies=None)
    assert write(writer, login, grants=grants("Buyer")).status is Status.DONE
    assert write(writer, login, name="Renamed").status is Status.DONE
    assert writer.capabilities.scopes == frozenset()
    assert writer.catalogue().scopes == {}
    assert writer.snapshot([login]).accounts[login].scope == {}


def test_groups_are_granted_and_revoked_where_there_are_no_roles(
    groups_erp: Erp, groups_writer: TrytonWriter
) -> None:
    login = groups_erp.login("grouped")
    assert write(groups_writer, login, grants=grants(BUYER_GROUP)).status is Status.DONE
    assert groups_erp.groups(login) == {BUYER_GROUP}
    assert write(groups_writer, login, grants=grants(CLERK_GROUP)).status is Status.DONE
    assert groups_erp.groups(login) == {CLERK_GROUP}


# --- existing accounts --------------------------------------------------------------------------------


def test_name_mail_and_language_are_written(erp: Erp, writer: TrytonWriter, account: Read) -> None:
    login = erp.login("wu.lan")
    erp.create(login, name="Wu Lan", email="old@huaxin.example")
    outcome = write(writer, login, name="吴兰", email="wu.lan@huaxin.example", language="zh_CN")
    assert outcome.status is Status.DONE
    assert account(login) == Account(login, "吴兰", "wu.lan@huaxin.example", "zh_CN")


def test_a_login_is_renamed_and_keeps_everything(erp: Erp, writer: TrytonWriter, account: Read) -> None:
    old, new = erp.login("wang.li"), erp.login("wang.li.chen")
    user = erp.create(old)
    erp.give(user, "Buyer")
    assert write(writer, old, login=new).status is Status.DONE
    assert erp.read(new)["id"] == user
    assert account(new).grants == grants("Buyer")


def test_a_rename_to_a_login_that_is_taken_fails_with_the_words_of_the_erp(
    erp: Erp, writer: TrytonWriter
) -> None:
    taken, login = erp.login("taken"), erp.login("renamed")
    erp.write(erp.create(taken), active=False)
    erp.create(login)
    outcome = write(writer, login, login=taken)
    assert (outcome.status, outcome.message) == (
        Status.FAILED, "You can not have two users with the same login!",
    )  # fmt: skip


def test_days_are_written_as_exact_instants_and_come_back_as_days(
    erp: Erp, writer: TrytonWriter, account: Read
) -> None:
    login = erp.login("dated")
    user = erp.create(login)
    wanted = (Grant("Buyer", date(2040, 3, 1), date(2040, 3, 31)),)
    write(writer, login, grants=wanted)
    # The company's midnight and last second, eight hours ahead of UTC.
    assert row_times(erp, user) == [
        (_naive(utc(2040, 2, 29, 16)), _naive(utc(2040, 3, 31, 15, 59, 59))),
    ]
    assert account(login).grants == wanted


def test_a_role_that_stays_keeps_its_row(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("kept")
    user = erp.create(login)
    erp.give(user, "Buyer", utc(2020, 1, 1, 5))
    (row,) = erp.rows(user)
    write(writer, login, grants=grants("Buyer", "Clerk"))
    assert erp.rows(user)[0] == row
    assert len(erp.rows(user)) == 2


def test_a_new_last_day_replaces_the_row(erp: Erp, writer: TrytonWriter, account: Read) -> None:
    login = erp.login("retimed")
    erp.give(erp.create(login), "Buyer", last=utc(2040, 1, 31, 15, 59, 59))
    wanted = (Grant("Buyer", None, date(2040, 6, 30)),)
    assert write(writer, login, grants=wanted).status is Status.DONE
    assert account(login).grants == wanted


def test_a_row_that_ended_is_kept_for_its_history(erp: Erp, writer: TrytonWriter) -> None:
    login = erp.login("history")
    user = erp.create(login)
    erp.give(user, "Buyer", last=utc(2020, 12, 31, 15, 59, 59))
    write(writer, login, grants=grants("Clerk"))
    assert [row["to_date"] for row in erp.rows(user)] == [_naive(utc(2020, 12, 31, 15, 59, 59)), None]
    assert erp.groups(login) == {CLERK_GROUP}


def test_companies_are_replaced_together_with_the_current_one(
    erp: Erp, writer: TrytonWriter, account: Read
) -> None:
    login, trading = erp.login("moved"), erp.id("company.company", TRADING)
    erp.create(login, companies=[["add", [trading]]], company=trading)
    assert write(writer, login, scope={"company": (CASTINGS,)}).status is Status.DONE
    assert account(login).scope == {"company": (CASTINGS,)}
    assert erp.read(login, "company")["company"] == erp.id("company.company", CASTINGS)
    assert write(writer, login, scope={}).status is Status.DONE
    assert erp.read(login, "company")["company"] is None


def test_the_current_company_stays_while_it_is_allowed(erp: Erp, writer: TrytonWriter) -> None:
    login, trading = erp.login("stays"), erp.id("company.company", TRADING)
    erp.create(login, companies=[["add", [trading]]], company=trading)
    write(writer, login, scope={"company": COMPANIES})
    assert erp.read(login, "company")["company"] == trading


def _naive(when: datetime) -> datetime:
    return when.replace(tzinfo=None)
