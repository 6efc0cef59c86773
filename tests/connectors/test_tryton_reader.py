"""The Tryton reader against a real Tryton."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from demo.bootstrap import APPLY_LOGIN, PLAN_LOGIN
from erpsync.connectors.tryton import reader as module
from erpsync.connectors.tryton.connector import TrytonConnector
from erpsync.connectors.tryton.reader import TrytonReader
from erpsync.connectors.tryton.rpc import Rpc
from erpsync.connectors.tryton.writer import TrytonWriter
from erpsync.errors import TargetError
from erpsync.model import Account, Capabilities, Grant
from tests.connectors.conftest import ReaderOf
from tests.support.erp import COMPANIES, ROLES, SHANGHAI, Erp, utc

Read = Callable[[str], Account]
DAY = timedelta(days=1)


def names(account: Account) -> list[str]:
    """The entitlements that an account is seen to hold."""
    return [grant.entitlement for grant in account.grants]


def test_an_account_comes_with_name_mail_and_language(erp: Erp, account: Read) -> None:
    login, chinese = erp.login("chen.jing"), erp.id("ir.lang", "zh_CN")
    erp.create(login, name="陈静", email="chen.jing@huaxin.example", language=chinese)
    assert account(login) == Account(login, "陈静", "chen.jing@huaxin.example", "zh_CN")


def test_what_an_account_has_not_set_is_none(erp: Erp, account: Read) -> None:
    login = erp.login("bare")
    erp.create(login, name="Bare", email="", language=None)
    assert account(login) == Account(login, "Bare", None, None)


def test_a_locked_account_is_inactive(erp: Erp, account: Read) -> None:
    login = erp.login("locked")
    erp.write(erp.create(login), active=False)
    assert account(login).active is False


def test_companies_are_the_scope_sorted_by_name(erp: Erp, account: Read) -> None:
    login = erp.login("two.companies")
    ids = [erp.id("company.company", name) for name in reversed(COMPANIES)]
    erp.create(login, companies=[["add", ids]], company=ids[0])
    assert account(login).scope == {"company": COMPANIES}


def test_a_role_without_dates_is_a_grant_without_end(erp: Erp, account: Read) -> None:
    login = erp.login("open")
    erp.give(erp.create(login), "Buyer")
    assert account(login).grants == (Grant("Buyer"),)


def test_day_boundaries_of_the_company_are_days(erp: Erp, account: Read) -> None:
    login = erp.login("days")
    # Midnight and the last second of a day in Shanghai, which is eight hours ahead of UTC.
    erp.give(erp.create(login), "Buyer", utc(2030, 1, 9, 16), utc(2030, 3, 31, 15, 59, 59))
    assert account(login).grants == (Grant("Buyer", date(2030, 1, 10), date(2030, 3, 31)),)


def test_an_instant_set_by_hand_stays_an_instant(erp: Erp, account: Read) -> None:
    login = erp.login("odd")
    erp.give(erp.create(login), "Buyer", utc(2030, 1, 9, 12), utc(2030, 1, 9, 13, 30))
    (grant,) = account(login).grants
    assert grant.valid_from == datetime(2030, 1, 9, 20, tzinfo=SHANGHAI)
    assert grant.valid_to == datetime(2030, 1, 9, 21, 30, tzinfo=SHANGHAI)


def test_an_expired_and_a_future_role_are_seen_with_their_dates(erp: Erp, account: Read) -> None:
    login = erp.login("dated")
    user = erp.create(login)
    erp.give(user, "Buyer", last=utc(2020, 12, 31, 15, 59, 59))
    erp.give(user, "Clerk", utc(2040, 12, 31, 16))
    assert account(login).grants == (
        Grant("Buyer", None, date(2020, 12, 31)),
        Grant("Clerk", date(2041, 1, 1)),
    )


def test_one_role_may_be_held_for_two_separate_times(erp: Erp, account: Read) -> None:
    login = erp.login("twice")
    user = erp.create(login)
    erp.give(user, "Buyer", utc(2040, 12, 31, 16), utc(2041, 1, 31, 15, 59, 59))
    erp.give(user, "Buyer", utc(2050, 12, 31, 16))
    assert account(login).grants == (
        Grant("Buyer", date(2041, 1, 1), date(2041, 1, 31)),
        Grant("Buyer", date(2051, 1, 1)),
    )


def test_trap_2_a_role_row_whose_groups_are_missing_is_not_held(erp: Erp, account: Read) -> None:
    login = erp.login("no.groups")
    erp.add_row(erp.create(login), "Buyer")
    assert account(login).grants == ()


def test_trap_3_groups_of_an_expired_role_are_still_access(erp: Erp, account: Read) -> None:
    login = erp.login("lingering")
    user = erp.create(login)
    erp.give(user, "Buyer")
    erp.give(user, "Clerk")
    erp.change_row(erp.rows(user)[0]["id"], to_date=datetime.now(UTC) - DAY)
    assert names(account(login)) == ["Buyer", "Clerk", "group:party.group_party_admin"]
    erp.sync_groups()
    assert names(account(login)) == ["Buyer", "Clerk"]


def test_trap_3_a_role_that_has_begun_counts_only_when_its_groups_are_there(erp: Erp, account: Read) -> None:
    login = erp.login("starting")
    user = erp.create(login)
    erp.give(user, "Buyer", utc(2040, 1, 1))
    erp.change_row(erp.rows(user)[0]["id"], from_date=datetime.now(UTC) - DAY)
    assert names(account(login)) == []
    erp.sync_groups()
    assert names(account(login)) == ["Buyer"]


def test_trap_1_groups_of_an_account_without_roles_are_seen(erp: Erp, account: Read) -> None:
    login = erp.login("by.hand")
    erp.create(login, groups=[["add", [erp.id("res.group", "party.group_party_admin")]]])
    assert names(account(login)) == ["group:party.group_party_admin"]


def test_trap_8_a_group_that_the_erp_reverts_is_not_seen(erp: Erp, account: Read) -> None:
    login = erp.login("reverted")
    user = erp.create(login)
    erp.give(user, "Buyer")
    erp.write(user, groups=[["add", [erp.id("res.group", "company.group_company_admin")]]])
    assert names(account(login)) == ["Buyer"]


def test_trap_9_a_role_and_a_company_that_do_not_exist_are_shown_by_number(erp: Erp, account: Read) -> None:
    login = erp.login("dangling")
    user = erp.create(login, companies=[["add", [7777]]])
    # With dates in the future, or the ERP itself fails over it while making the groups follow.
    row = {"user": user, "role": 9999, "from_date": utc(2040, 12, 31, 16), "to_date": None}
    erp.admin.call("model.res.user.role.create", [row], {})
    try:
        seen = account(login)
    finally:
        erp.admin.call("model.res.user.role.delete", [item["id"] for item in erp.rows(user)], {})
    assert seen.scope == {"company": ("#7777",)}
    assert seen.grants == (Grant("#9999", date(2041, 1, 1)),)


def test_an_administrator_holds_the_administrator_flag_and_is_protected(erp: Erp, reader: ReaderOf) -> None:
    login = erp.login("boss")
    erp.create(login, administrator=True)
    snapshot = reader().snapshot([login])
    assert names(snapshot.accounts[login]) == ["administrator"]
    assert snapshot.protected[login] == "an administrator of the ERP"


def test_the_own_login_is_protected(reader: ReaderOf) -> None:
    snapshot = reader().snapshot([])
    assert snapshot.protected == {PLAN_LOGIN: "the login of erpsync itself"}
    assert snapshot.accounts == {}


def test_trap_7_an_account_is_found_whatever_the_case_of_its_login(erp: Erp, reader: ReaderOf) -> None:
    login = erp.login("Chen.Jing")
    erp.create(login)
    assert reader().snapshot([login.casefold()]).accounts[login.casefold()].login == login


def test_trap_7_two_logins_that_differ_only_in_case_are_refused(erp: Erp, reader: ReaderOf) -> None:
    login = erp.login("alice")
    erp.create(login)
    twin = erp.create(login.title())
    try:
        with pytest.raises(TargetError, match=f"differ only in case: '{login}' and '{login.title()}'"):
            reader().snapshot()
    finally:
        erp.write(twin, login=erp.login("no.longer.alice"))


@pytest.mark.parametrize("special", ["under_score", "per%cent", "back\\slash", "quo'te", "陈静", "a b"])
def test_a_login_is_found_exactly_whatever_its_characters(erp: Erp, reader: ReaderOf, special: str) -> None:
    login = erp.login(special)
    erp.create(login)
    erp.create(login.replace("_", "x").replace("%", "xx").replace("\\", "") + "2")
    assert set(reader().snapshot([login]).accounts) == {login}


def test_a_login_beyond_ascii_is_found_whatever_its_case(erp: Erp, reader: ReaderOf) -> None:
    login = erp.login("ÉLODIE")
    erp.create(login)
    assert set(reader().snapshot([login.casefold()]).accounts) == {login.casefold()}


def test_more_accounts_than_one_question_can_name_are_read(erp: Erp, reader: ReaderOf) -> None:
    login = erp.login("among.many")
    erp.create(login)
    nobody = [f"nobody.{number}" for number in range(3000)]
    assert set(reader().snapshot([login, *nobody]).accounts) == {login}


def test_pages_join_to_the_whole(erp: Erp, reader: ReaderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    logins = [erp.login("paged") for _ in range(5)]
    for login in logins:
        erp.give(erp.create(login), "Buyer")
    whole = reader().snapshot()
    monkeypatch.setattr(module, "PAGE", 2)
    assert reader().snapshot() == whole
    assert [names(whole.accounts[login]) for login in logins] == [["Buyer"]] * 5


def test_progress_is_told_page_by_page(erp: Erp, reader: ReaderOf, monkeypatch: pytest.MonkeyPatch) -> None:
    logins = [erp.login("counted") for _ in range(3)]
    for login in logins:
        erp.create(login)
    monkeypatch.setattr(module, "PAGE", 2)
    told: list[tuple[str, int, int]] = []
    reader(progress=lambda *step: told.append(step)).snapshot(logins)
    assert told == [("reading accounts", 0, 3), ("reading accounts", 2, 3), ("reading accounts", 3, 3)]


def test_root_is_never_read(reader: ReaderOf) -> None:
    assert "root" not in reader().snapshot().accounts


def test_the_catalogue_has_roles_companies_and_languages(reader: ReaderOf) -> None:
    catalogue = reader().catalogue()
    assert ROLES.keys() <= catalogue.entitlements
    assert catalogue.scopes == {"company": COMPANIES}
    assert {"en", "zh_CN"} <= catalogue.languages
    assert list(catalogue.fixed) == ["administrator"]


def test_roles_have_dates_and_the_company_is_a_scope(reader: ReaderOf) -> None:
    capabilities = reader().capabilities
    assert capabilities == Capabilities(validity=True, scopes=frozenset({"company"}))


def test_duplicate_role_names_are_told_apart_by_number(erp: Erp, reader: ReaderOf) -> None:
    name = erp.login("Duplicate")
    first, second = erp.role(name), erp.role(name)
    found = {entry for entry in reader().catalogue().entitlements if entry.startswith(name)}
    assert found == {f"{name}#{first}", f"{name}#{second}"}


def test_trap_17_names_are_read_in_english_whatever_the_language_of_the_login(
    erp: Erp, reader: ReaderOf
) -> None:
    plan_login = erp.read(PLAN_LOGIN)["id"]
    erp.admin.call(
        "model.res.role.write", [erp.id("res.role", "Staff")], {"name": "员工"}, {"language": "zh_CN"}
    )
    erp.write(plan_login, language=erp.id("ir.lang", "zh_CN"))
    try:
        assert "Staff" in reader().catalogue().entitlements
    finally:
        erp.write(plan_login, language=None)


def test_groups_are_entitlements_where_there_are_no_roles(
    groups_erp: Erp, groups_writer: TrytonWriter
) -> None:
    login = groups_erp.login("grouped")
    groups_erp.create(login, groups=[["add", [groups_erp.id("res.group", "party.group_party_admin")]]])
    seen = groups_writer.snapshot([login]).accounts[login]
    assert seen.grants == (Grant("party.group_party_admin"),)
    assert groups_writer.capabilities.validity is False
    assert "party.group_party_admin" in groups_writer.catalogue().entitlements


# --- which ERP it is ----------------------------------------------------------------------------------


def test_the_instance_is_the_same_for_both_logins(reader: ReaderOf, writer: TrytonWriter) -> None:
    assert writer.instance() == reader().instance()


def test_the_instance_is_the_same_at_another_address(erp: Erp, reader: ReaderOf) -> None:
    elsewhere = erp.connection(url=erp.url.replace("127.0.0.1", "localhost"))
    with TrytonConnector.read(elsewhere) as other:
        assert other.instance() == reader().instance()


def test_two_databases_are_two_instances(reader: ReaderOf, groups_writer: TrytonWriter) -> None:
    assert groups_writer.instance() != reader().instance()


def test_new_accounts_do_not_change_the_instance(erp: Erp, reader: ReaderOf) -> None:
    before = reader().instance()
    erp.create(erp.login("new"))
    assert reader().instance() == before


# --- a reader cannot write ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["create", "write", "delete", "copy", "reset_password"])
def test_the_session_of_a_reader_refuses_methods_that_write(read_rpc: Rpc, method: str) -> None:
    with pytest.raises(AssertionError, match="is not a method that reads"):
        read_rpc.call(f"model.res.user.{method}", [1], {})


def test_a_reader_has_no_method_that_writes() -> None:
    assert not hasattr(TrytonReader, "apply")
    assert not hasattr(Rpc, "write")


def test_a_read_that_the_erp_refuses_ends_in_one_sentence(erp: Erp, reader: ReaderOf) -> None:
    made = reader()
    fields = made._fields()
    made._fields = lambda: [*fields, "no_such_field"]  # type: ignore[method-assign]
    login = erp.login("any")
    erp.create(login)
    with pytest.raises(TargetError, match=r"model\.res\.user\.read failed: the ERP failed inside") as caught:
        made.snapshot([login])
    assert caught.value.where == "target 'erp'"


def test_a_connection_never_shows_its_password(erp: Erp) -> None:
    connection = erp.connection(APPLY_LOGIN)
    assert connection.password not in repr(connection)
