"""The ways of SAP S/4HANA Cloud: a real service with SAP's extensions, behind a guard of CSRF tokens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from erpsync.connectors.base import Status, Writer
from erpsync.connectors.scim import ScimConnector
from erpsync.model import Account
from tests.support.edits import creation, edit, grants, write
from tests.support.s4hana_cloud import OPTIONS, USER, Cloud
from tests.support.scim_server import ScimServer


@pytest.fixture
def s4(s4hana_cloud: Cloud) -> ScimServer:
    """The service, as its administrators reach it."""
    return s4hana_cloud.server


@pytest.fixture
def writer(s4hana_cloud: Cloud) -> Iterator[Writer]:
    """A session that can write, through the guard."""
    with ScimConnector.write(s4hana_cloud.door.connection(options=OPTIONS)) as opened:
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
