"""The table of the demo's lived-in ERP fits the example company."""

from datetime import date

import pytest

from demo.bootstrap import Catalogue
from demo.lived_in import LivedAccount, LivedIn, lived_accounts
from demo.workspace import CATALOGUE, CHECKOUT, TABLE
from erpsync.access import load_valid
from erpsync.model import Access, Account, Grant
from erpsync.resolve import resolver

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def access() -> Access:
    return load_valid(CHECKOUT / "access")


@pytest.fixture(scope="module")
def table() -> LivedIn:
    return LivedIn.read(TABLE)


@pytest.fixture(scope="module")
def lived(access: Access, table: LivedIn) -> dict[str, LivedAccount]:
    companies = Catalogue.read(CATALOGUE).companies
    return {item.account.login: item for item in lived_accounts(access, table, companies, DAY)}


def test_every_entry_is_of_a_declared_user(access: Access, table: LivedIn) -> None:
    assert table.users.keys() <= access.users.keys()


def test_unowned_accounts_are_of_no_declared_user(access: Access, table: LivedIn) -> None:
    logins = {user.login("erp") for user in access.users.values()}
    assert not table.unowned.keys() & (logins | access.users.keys())


def test_every_entry_makes_a_difference(access: Access, table: LivedIn) -> None:
    companies = Catalogue.read(CATALOGUE).companies
    as_declared = lived_accounts(access, LivedIn({}, {}), companies, DAY)
    for key in table.users:
        only_this = lived_accounts(access, LivedIn({key: table.users[key]}, {}), companies, DAY)
        assert only_this != as_declared, key


def test_every_role_that_is_to_be_missing_or_without_end_is_declared(access: Access, table: LivedIn) -> None:
    prepared = resolver(access, "erp", DAY, validity=True)
    for key, deviation in table.users.items():
        declared = {grant.entitlement for grant in prepared.account(access.users[key]).grants}
        assert {*deviation.lacks, *deviation.no_end} <= declared, key


def test_no_account_waits_for_somebody_who_joins_later(lived: dict[str, LivedAccount]) -> None:
    assert "ren.yifan" not in lived


def test_an_account_without_an_entry_is_exactly_as_declared(
    access: Access, lived: dict[str, LivedAccount]
) -> None:
    declared = resolver(access, "erp", DAY, validity=True).account(access.users["ge.jun"])
    assert lived["ge.jun"] == LivedAccount(declared)


def test_all_companies_are_written_out(lived: dict[str, LivedAccount]) -> None:
    assert len(lived["ruan.ling"].account.scope["company"]) == 5


def test_an_account_that_is_missing_is_not_made(lived: dict[str, LivedAccount]) -> None:
    assert "qiu.shi" not in lived


def test_a_role_without_its_end_stays_otherwise_as_declared(lived: dict[str, LivedAccount]) -> None:
    grants = lived["CJ0023"].account.grants
    assert grants == (Grant("Buyer"), Grant("Employee"), Grant("Purchase Approver"))


def test_a_leaver_is_active_with_roles(lived: dict[str, LivedAccount]) -> None:
    account = lived["peng.fei"].account
    assert account.active
    assert Grant("Buyer") in account.grants


def test_an_earlier_login_is_kept(lived: dict[str, LivedAccount]) -> None:
    assert "lu.xiaomei" in lived
    assert "lv.xiaomei" not in lived


def test_an_unowned_account_has_only_what_the_table_says(lived: dict[str, LivedAccount]) -> None:
    assert lived["test1"].account == Account("test1", name="Test", grants=(Grant("Test Role"),))


def test_an_unknown_key_in_the_table_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("table") / "table.yaml"
    file.write_text("users: {a.b: {why: x, actvie: true}}\nunowned: {}\n", "utf-8")
    with pytest.raises(TypeError, match="actvie"):
        LivedIn.read(file)
