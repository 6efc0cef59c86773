"""What is read of Odoo's accounts, with how many calls, and what is objected to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from erpsync.connectors.odoo.answers import OdooError
from erpsync.errors import TargetError
from erpsync.model import Account, Grant, LastChange
from tests.connectors.odoo.fake import EAST, INTERNAL, SALESMAN, SETTINGS, WEST, FakeOdoo

MANY = [f"nobody{number}" for number in range(200)]
SCOPE = {"company": ("East",)}
USER = Grant("base.group_user")


@pytest.fixture
def odoo() -> FakeOdoo:
    return FakeOdoo()


def users_read(odoo: FakeOdoo) -> list[list[object]]:
    """The conditions of each read of users."""
    return [call.named["domain"] for call in odoo.asked if call.model == "res.users"]


def test_an_account_is_what_odoo_has(odoo: FakeOdoo) -> None:
    odoo.user("Chen.Jing", INTERNAL, SALESMAN, companies=(WEST, EAST), name="陈静", active=False)
    (account,) = odoo.writer().snapshot().accounts.values()
    assert account == Account(
        "Chen.Jing", "陈静", None, "zh_CN", active=False, scope={"company": ("East", "West")},
        grants=(USER, Grant("sales_team.group_sale_salesman")),
    )  # fmt: skip


def test_the_users_of_odoo_itself_are_left_out(odoo: FakeOdoo) -> None:
    odoo.user("__system__", SETTINGS, id=1)
    assert odoo.writer().snapshot().accounts == {}


def test_administrators_and_the_login_of_erpsync_are_protected(odoo: FakeOdoo) -> None:
    odoo.user("Boss", INTERNAL, SETTINGS)
    odoo.user("erpsync", INTERNAL)
    odoo.user("a", INTERNAL)
    assert odoo.writer().snapshot().protected == {
        "boss": "an administrator of Odoo",
        "erpsync": "the login of erpsync itself",
    }


def test_a_user_without_company_has_no_scope(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, company_ids=[])
    assert odoo.writer().snapshot().accounts["a"].scope == {}


def test_a_company_that_cannot_be_read_goes_by_its_number(odoo: FakeOdoo) -> None:
    odoo.user("a", INTERNAL, companies=(77,))
    assert odoo.writer().snapshot().accounts["a"].scope == {"company": ("#77",)}


def test_from_19_on_the_groups_are_those_with_all_that_comes_with_them() -> None:
    odoo = FakeOdoo(19)
    odoo.user("a", INTERNAL, SALESMAN)
    grants = odoo.writer().snapshot().accounts["a"].grants
    assert grants == (USER, Grant("sales_team.group_sale_salesman"))


# --- some of them -----------------------------------------------------------------------------------


def test_few_logins_are_looked_for_whatever_their_case(odoo: FakeOdoo) -> None:
    odoo.user("A_b")
    assert list(odoo.writer().snapshot(["a_b", "strasse"]).accounts) == ["a_b"]
    (domain,) = users_read(odoo)
    assert domain == ["|", ["login", "=ilike", r"a\_b"], ["login", "=ilike", "stra%e"]]


def test_many_logins_are_first_looked_for_as_they_are_folded(odoo: FakeOdoo) -> None:
    for login in MANY:
        odoo.user(login)
    assert len(odoo.writer().snapshot(MANY).accounts) == len(MANY)
    assert users_read(odoo) == [[["login", "in", sorted(MANY)]]]


def test_the_few_that_are_left_are_looked_for_whatever_their_case(odoo: FakeOdoo) -> None:
    for login in MANY:
        odoo.user(login)
    odoo.user("Other")
    assert "other" in odoo.writer().snapshot([*MANY, "other"]).accounts
    assert users_read(odoo)[1:] == [[["login", "=ilike", "other"]]]


def test_where_many_are_left_they_are_looked_for_among_all_logins(odoo: FakeOdoo) -> None:
    odoo.user("NOBODY7")
    odoo.user("other")
    assert list(odoo.writer().snapshot(MANY).accounts) == ["nobody7"]
    assert users_read(odoo)[1:] == [[], [["id", "in", [100]]]]


def test_where_nobody_is_there_nobody_is_read(odoo: FakeOdoo) -> None:
    assert odoo.writer().snapshot(MANY).accounts == {}
    assert users_read(odoo)[1:] == [[]]
    assert odoo.writer().snapshot([]).accounts == {}


def test_logins_that_differ_only_in_case_end_the_reading(odoo: FakeOdoo) -> None:
    odoo.user("alice")
    odoo.user("Alice")
    with pytest.raises(TargetError, match="two accounts differ only in case"):
        odoo.writer().snapshot()


def test_a_read_that_is_refused_ends_with_an_error(odoo: FakeOdoo) -> None:
    writer = odoo.writer()
    odoo.refuse = lambda _: OdooError("x.UserError", "out of order")
    with pytest.raises(TargetError, match="accounts cannot be read: out of order"):
        writer.snapshot()


# --- what else is told ------------------------------------------------------------------------------


def test_the_instance_is_the_database_and_when_it_was_made(odoo: FakeOdoo) -> None:
    assert odoo.writer().instance() == odoo.writer().instance()
    other = FakeOdoo()
    other.tables["res.company"][0]["create_date"] = "2026-01-03"
    assert other.writer().instance() != odoo.writer().instance()


def test_people_are_told_what_groups_are_called(odoo: FakeOdoo) -> None:
    assert odoo.writer().descriptions().titles["base.group_user"] == "group_user"


def test_the_day_of_the_last_login_is_that_of_the_company(odoo: FakeOdoo) -> None:
    odoo.user("a", login_date="2026-11-27 23:00:00")
    odoo.user("b", login_date=False)
    assert odoo.writer().last_logins(["a", "b"]) == {"a": date(2026, 11, 28), "b": None}


def test_who_wrote_an_account_last_is_told_by_login(odoo: FakeOdoo) -> None:
    odoo.user("boss", write_uid=100, write_date="2026-11-27 23:00:00")
    odoo.user("a", write_uid=100, write_date="2026-11-27 23:00:00")
    odoo.user("b", write_uid=999, write_date="2026-11-27 23:00:00")
    odoo.user("c", write_uid=100, write_date=False)
    at = datetime(2026, 11, 27, 23, tzinfo=UTC)
    assert odoo.writer().last_changes(["a", "b", "c"]) == {
        "a": LastChange("boss", at),
        "b": LastChange("user 999", at),
    }


def test_who_wrote_last_is_left_out_where_it_cannot_be_read(odoo: FakeOdoo) -> None:
    writer = odoo.writer()
    odoo.refuse = lambda _: OdooError("x.AccessError", "not you")
    assert writer.last_changes(["a"]) == {}


# --- what an account cannot be ----------------------------------------------------------------------


@pytest.mark.parametrize(("account", "said"), [
    (Account("a", scope=SCOPE, grants=(USER,)), []),
    (Account("a", scope=SCOPE, grants=(USER, Grant("base.group_portal"))), ["cannot be base.group_user and"]),
    (Account("a", scope=SCOPE, grants=(Grant("Night Shift"),)), ["has no type of user"]),
    (Account("a", scope=SCOPE), []),
    (Account("a", grants=(USER,)), ["has no company"]),
    (Account("a", grants=(Grant("Night Shift"),)), ["has no type of user", "has no company"]),
    (Account("a", active=False), []),
])  # fmt: skip
def test_objections_to_an_account_with_groups(odoo: FakeOdoo, account: Account, said: list[str]) -> None:
    objections = list(odoo.writer().objections(account))
    assert len(objections) == len(said)
    assert all(words.startswith(begins) for words, begins in zip(objections, said, strict=True))


@pytest.mark.parametrize(("names", "objects"), [
    (("Buying",), False),
    (("group:Night Shift",), False),
    (("Buying", "group:Night Shift"), True),
    ((), False),
])  # fmt: skip
def test_objections_to_an_account_with_roles(*, names: tuple[str, ...], objects: bool) -> None:
    writer = FakeOdoo(with_roles=True).writer(entitlements="roles")
    account = Account("a", scope=SCOPE, grants=tuple(Grant(name) for name in names))
    assert bool(list(writer.objections(account))) is objects


def test_two_periods_of_one_role_are_objected_to() -> None:
    grants = (Grant("Buying", None, date(2026, 11, 30)), Grant("Buying", date(2026, 12, 5)))
    account = Account("a", scope=SCOPE, grants=grants)
    (said,) = FakeOdoo(with_roles=True).writer(entitlements="roles").objections(account)
    assert said.startswith("would have the role 'Buying' for more than one period")


def test_a_page_that_is_full_is_followed_by_the_next(odoo: FakeOdoo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("erpsync.connectors.odoo.reader.PAGE", 2)
    writer = odoo.writer()
    for login in ("a", "b", "c"):
        odoo.user(login)
    assert len(writer.snapshot().accounts) == 3
    assert users_read(odoo) == [[], [["id", ">", 101]]]
