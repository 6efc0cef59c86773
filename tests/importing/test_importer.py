"""Accounts of a target that git does not know → users and roles that say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from erpsync.errors import UsageError
from erpsync.importing.importer import import_live
from erpsync.importing.proof import differing
from erpsync.importing.values import TO_BE_NAMED, UNSORTED, Ground, Imported
from erpsync.model import (
    Access,
    Assignment,
    Birthright,
    Capabilities,
    Department,
    Description,
    Grant,
    Status,
    User,
    UserType,
)
from tests.builders import AT, ERP, TODAY, assign, declare, position, role, user
from tests.importing.grounds import CATALOGUE, account, ground

TOMORROW = TODAY + timedelta(days=1)
YESTERDAY = TODAY - timedelta(days=1)
CHEN = account("chen.jing", "Purchase", "Stock")


def grown(start: Ground, found: Imported) -> Access:
    """The declared state after an import."""
    access = start.access
    return replace(
        access,
        users={**access.users, **found.users},
        roles={**access.roles, **found.roles},
        positions={**access.positions, **found.positions},
    )


def only(found: Imported) -> User:
    """The one user who has an account."""
    (key,) = found.users.keys() - {TO_BE_NAMED}
    return found.users[key]


def left_out(found: Imported) -> dict[str, str]:
    """Why each account is left out, by login."""
    return {item.login: item.what for item in found.left_out}


def notes(found: Imported) -> dict[str, str]:
    """What is told of accounts, by login."""
    return {item.login: item.what for item in found.notes}


# --- what is declared ----------------------------------------------------------------------------------


def test_an_account_becomes_a_user_with_a_role_for_each_entitlement() -> None:
    found = import_live(ground(CHEN))
    assert [item.role for item in only(found).assignments] == ["purchase", "stock"]
    assert {key: item.entitlements for key, item in found.roles.items()} == {
        "purchase": {ERP: ("Purchase",)},
        "stock": {ERP: ("Stock",)},
    }
    assert found.unheld == 2


def test_everything_that_a_plan_compares_is_as_the_target_has_it() -> None:
    full = account(
        "lin.tao", "Stock", name="林涛", email="lin.tao@huaxin.example", language="zh_CN",
        scope={"company": ("Huaxin Trading",)},
    )  # fmt: skip
    start = ground(CHEN, full, account("old", "Stock", active=False))
    assert differing(start, grown(start, import_live(start))) == {}


def test_a_locked_account_is_a_locked_user() -> None:
    assert only(import_live(ground(replace(CHEN, active=False)))).status is Status.LOCKED


def test_a_second_import_finds_nothing_new() -> None:
    start = ground(CHEN, account("test1", "会计"))
    again = import_live(replace(start, access=grown(start, import_live(start))))
    assert again.empty
    assert not again.left_out


def test_a_declared_role_that_grants_just_that_is_used_and_none_that_grants_more_or_for_a_time() -> None:
    roles = [role("buyer", "Purchase"), role("all", "Stock", "会计"), role("short", "Stock")]
    found = import_live(ground(CHEN, access=declare(roles=roles), limited={"short"}))
    assert [item.role for item in only(found).assignments] == ["buyer", "stock"]


def test_entitlements_that_nobody_holds_become_roles_when_asked_for() -> None:
    found = import_live(ground(CHEN, all_roles=True))
    assert sorted(found.roles) == ["purchase", "purchase-approval", "role-1", "stock"]
    assert found.unheld == 0


def test_titles_of_the_erp_are_those_of_the_roles() -> None:
    found = import_live(ground(CHEN, titles={"Stock": "仓库管理"}))
    assert (found.roles["role-1"].title, found.roles["role-1"].title_zh) == ("仓库管理", "仓库管理")


def test_a_login_that_is_no_key_is_kept_beside_a_key_that_is_made() -> None:
    found = import_live(ground(account("陈静", "Stock"), account("account-1", "Stock", name="林涛")))
    assert found.users["account-2"].logins == {ERP: "陈静"}
    assert found.users["account-1"].logins == {}
    assert "account-2" in notes(found)["陈静"]


def test_a_key_that_is_made_is_no_login_of_somebody_else() -> None:
    found = import_live(ground(account("陈静", "Stock"), account("account-1", "Stock", name="")))
    assert found.users["account-2"].logins == {ERP: "陈静"}


def test_what_only_comes_with_another_entitlement_is_not_assigned() -> None:
    catalogue = replace(
        CATALOGUE,
        implies={"Purchase / Approval": frozenset({"Purchase", "Stock"}), "Purchase": frozenset({"Stock"})},
    )
    held = account("chen.jing", "Purchase / Approval", "Purchase", "Stock")
    found = import_live(ground(held, catalogue=catalogue, can=Capabilities(True, implies=True)))
    assert [item.role for item in only(found).assignments] == ["purchase-approval"]


def test_of_entitlements_that_bring_each_other_one_is_assigned() -> None:
    catalogue = replace(
        CATALOGUE, implies={"Purchase": frozenset({"Stock"}), "Stock": frozenset({"Purchase"})}
    )
    found = import_live(ground(CHEN, catalogue=catalogue, can=Capabilities(True, implies=True)))
    assert [item.role for item in only(found).assignments] == ["purchase"]


# --- dates -----------------------------------------------------------------------------------------------


def test_the_days_of_a_grant_are_kept_also_the_one_on_which_it_began() -> None:
    began = datetime(2024, 3, 1, 9, 30, tzinfo=UTC)
    grants = (Grant("Purchase", date(2025, 1, 1)), Grant("Stock", began, TOMORROW), Grant("会计", TOMORROW))
    found = import_live(ground(account("chen.jing", grants=grants)))
    assert [(item.valid_from, item.valid_to) for item in only(found).assignments] == [
        (date(2025, 1, 1), None), (date(2024, 3, 1), TOMORROW), (TOMORROW, None),
    ]  # fmt: skip


def test_a_grant_that_has_ended_is_told_and_not_declared() -> None:
    grants = (Grant("Purchase"), Grant("Stock", None, YESTERDAY))
    found = import_live(ground(account("chen.jing", grants=grants)))
    assert [item.role for item in only(found).assignments] == ["purchase"]
    assert notes(found) == {"chen.jing": "held Stock until it ended; that is not declared"}


def test_where_the_erp_keeps_no_days_none_are_declared() -> None:
    grants = (Grant("Purchase", date(2025, 1, 1)),)
    found = import_live(ground(account("chen.jing", grants=grants), can=Capabilities(validity=False)))
    assert [(item.valid_from, item.valid_to) for item in only(found).assignments] == [(None, None)]


# --- what cannot be declared -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"login": "chen jing"}, "blanks"),
        ({"name": ""}, "has no name"),
        ({"name": " 陈静"}, "has no name that the files take"),
        ({"grants": ()}, "is active and holds nothing today"),
        ({"grants": (Grant("Purchase", TOMORROW),)}, "is active and holds nothing today"),
        ({"grants": (Grant("group:x"),)}, "holds group:x, which nobody can be granted"),
        (
            {"grants": (Grant("Stock", None, datetime(2026, 12, 1, 9, tzinfo=UTC)),)},
            "Stock begins or ends within a day",
        ),
        ({"grants": (Grant("Stock"), Grant("Stock", None, TOMORROW))}, "holds Stock more than once"),
        ({"scope": {"company": ("#17",)}}, "may touch company #17"),
        ({"scope": {"company": ("all",)}}, "may touch values of company that the files cannot name"),
    ],
)
def test_an_account_of_which_git_cannot_say_all_is_left_out_and_told(
    changed: dict[str, object], why: str
) -> None:
    odd = replace(CHEN, **changed)  # type: ignore[arg-type]  # by name
    found = import_live(ground(odd, account("lin.tao", "Stock")))
    assert only(found).key == "lin.tao"
    (told,) = found.left_out
    assert told.login == odd.login
    assert why in told.what


def test_what_a_rule_would_give_and_the_account_lacks_leaves_it_out() -> None:
    rule = Birthright("everybody", "Everybody", ("clerk",), AT, frozenset({UserType.DEDICATED}))
    access = declare(roles=[role("clerk", "会计")], birthright=[rule])
    found = import_live(ground(CHEN, account("lin.tao", "会计", "Stock"), access=access))
    assert left_out(found) == {"chen.jing": "lacks 会计, which a rule or a position of the files gives"}
    assert [item.role for item in only(found).assignments] == ["stock"]


def test_an_account_under_the_key_of_a_declared_user_is_left_out() -> None:
    access = declare(users=[user("chen.jing", logins={ERP: "CJ0023"})], roles=[role("buyer", "Purchase")])
    found = import_live(ground(CHEN, account("CJ0023", "Stock"), access=access))
    assert left_out(found) == {"chen.jing": "has the login of another user's earlier account, or its key"}
    assert found.differing == 1


def test_what_is_fixed_is_declared_and_told() -> None:
    found = import_live(ground(account("chen.jing", "Stock", "administrator")))
    assert [item.role for item in only(found).assignments] == ["stock", "administrator"]
    assert "can neither give nor take" in notes(found)["chen.jing"]


def test_an_address_and_a_language_that_the_files_do_not_take_are_left_out_and_told() -> None:
    odd = replace(CHEN, email="chen and lin", language="tlh")
    found = import_live(ground(odd))
    assert (only(found).email, only(found).language) == (None, None)
    assert sorted(item.what.split()[1] for item in found.notes) == ["an", "the"]


def test_what_the_erp_does_not_tell_is_made_up_of_the_login_and_told() -> None:
    silent = Capabilities(True, attributes=frozenset({"email"}))
    found = import_live(ground(replace(CHEN, name=None), can=silent))
    assert only(found).name == "chen.jing"
    assert notes(found) == {"chen.jing": "the ERP does not tell its name; fill it in"}


def test_accounts_that_may_be_one_person_are_told() -> None:
    mail = "chen@huaxin.example"
    found = import_live(
        ground(replace(CHEN, email=mail), account("cj", "Stock", name="Chen", email=mail.upper()),
               account("lin.tao", "Stock", name="陈静"))
    )  # fmt: skip
    assert notes(found) == {
        "cj": "may be one person with chen.jing: the same e-mail address",
        "lin.tao": "may be one person with chen.jing: the same name",
    }


def test_a_name_that_many_people_have_is_no_sign_of_anything() -> None:
    crowd = [account(f"p{number}", "Stock") for number in range(4)]
    assert notes(import_live(ground(*crowd))) == {}


# --- where people work -----------------------------------------------------------------------------------


def test_departments_and_positions_that_the_erp_knows_are_declared() -> None:
    people = {"chen.jing": Description("采购部", "Buyer", "10023"), "lin.tao": Description("Stores")}
    found = import_live(ground(CHEN, account("lin.tao", "Stock", name="林涛"), people=people))
    chen = found.users["chen.jing"]
    assert (chen.department, chen.position, chen.employee_no) == (
        "department-1",
        "department-1.buyer",
        "10023",
    )
    assert found.departments["department-1"].title_zh == "采购部"
    assert found.positions["department-1.buyer"].roles == ()
    assert found.users["lin.tao"].department == "stores"


def test_declared_departments_and_positions_are_found_by_their_titles() -> None:
    access = replace(
        declare(roles=[role("buyer", "Purchase")], positions=[position("buyer", "buyer")]),
        departments={"purchasing": Department("purchasing", "Purchasing", AT, "采购部")},
    )
    people = {"chen.jing": Description("采购部", "Buyer")}
    found = import_live(ground(CHEN, access=access, people=people))
    assert (only(found).department, only(found).position) == ("purchasing", "buyer")
    assert [item.role for item in only(found).assignments] == ["stock"]
    assert set(found.departments) == {UNSORTED}  # of whoever is still to be named
    assert not found.positions


def test_whom_the_erp_does_not_sort_is_in_a_department_for_that() -> None:
    found = import_live(ground(CHEN, people={"chen.jing": Description(None, "Buyer")}))
    assert (only(found).department, only(found).position) == (UNSORTED, "unsorted.buyer")
    assert UNSORTED in found.departments


# --- people of several targets ----------------------------------------------------------------------------


def test_a_user_known_from_another_target_gets_what_the_account_here_holds() -> None:
    access = declare(users=[user("chen.jing", name="陈静")], roles=[role("clerk", "X", target="crm")])
    chen = access.users["chen.jing"]
    access = replace(access, users={"chen.jing": replace(chen, assignments=(assign("clerk"),))})
    start = ground(CHEN, access=access)
    found = import_live(start)
    assert [item.role for item in found.joined["chen.jing"].assignments] == ["clerk", "purchase", "stock"]
    assert found.users.keys() == {TO_BE_NAMED}
    assert found.differing == 0
    assert sorted(found.roles) == ["purchase", "stock"]


def test_a_user_who_is_otherwise_not_as_the_account_here_is_left_to_drift() -> None:
    found = import_live(ground(CHEN, access=declare(users=[user("chen.jing", name="Chen")])))
    assert found.joined == {}
    assert found.roles == {}
    assert found.differing == 1


def test_once_roles_grant_something_here_a_declared_user_is_left_to_drift() -> None:
    access = declare(users=[user("chen.jing")], roles=[role("buyer", "Purchase")])
    found = import_live(ground(CHEN, access=access))
    assert found.empty
    assert found.differing == 1


# --- who answers ------------------------------------------------------------------------------------------


def test_technical_accounts_are_services_with_an_owner_and_built_in_ones_are_to_be_protected() -> None:
    found = import_live(ground(account("test1", "Stock"), account("root"), account("admin")))
    assert only(found).type is UserType.SERVICE
    assert only(found).owner == TO_BE_NAMED
    assert found.users[TO_BE_NAMED].status is Status.LEFT
    assert found.protected == ("root",)


def test_the_owner_may_be_named_by_login() -> None:
    found = import_live(ground(CHEN, account("test1", "Stock"), owner="CHEN.JING"))
    assert found.users["test1"].owner == "chen.jing"
    assert {item.owner for item in found.roles.values()} == {"chen.jing"}
    assert TO_BE_NAMED not in found.users


def test_an_owner_may_be_a_declared_user() -> None:
    access = declare(users=[user("wu.lan", logins={ERP: "WL1"})])
    assert import_live(ground(CHEN, access=access, owner="wu.lan")).owner == "wu.lan"
    assert import_live(ground(CHEN, access=access, owner="wl1")).owner == "wu.lan"


@pytest.mark.parametrize("owner", ["nobody.here", "test1"])
def test_an_owner_who_is_no_person_of_the_target_is_refused(owner: str) -> None:
    with pytest.raises(UsageError, match="no person has the login"):
        import_live(ground(CHEN, account("test1", "Stock"), owner=owner))


def test_an_owner_who_cannot_be_declared_is_refused() -> None:
    with pytest.raises(UsageError, match="cannot be declared"):
        import_live(ground(CHEN, account("lin.tao"), owner="lin.tao"))


def test_the_placeholder_takes_no_login_of_the_target() -> None:
    found = import_live(ground(account(TO_BE_NAMED, "Stock")))
    assert found.owner == f"{TO_BE_NAMED}.yet"
    assert {TO_BE_NAMED, found.owner} == set(found.users)


def test_a_role_that_only_a_left_out_account_would_need_is_not_made() -> None:
    found = import_live(ground(CHEN, account("x", "会计", name="")))
    assert sorted(found.roles) == ["purchase", "stock"]


def test_assignments_say_where_they_come_from() -> None:
    (first, _) = only(import_live(ground(CHEN))).assignments
    assert isinstance(first, Assignment)
    assert first.reason == "held in erp on 2026-11-20 when it was imported"
