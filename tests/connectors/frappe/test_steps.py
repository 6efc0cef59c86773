"""AccountChange → what is sent to Frappe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from erpsync.connectors.frappe.steps import Become, Rescope, alteration, creation, steps, unlike
from erpsync.connectors.frappe.users import LEFT_KEY, Permission, Rows, Terms, read_user
from erpsync.model import ALL, Account, Grant
from tests.connectors.frappe.conftest import holding
from tests.connectors.frappe.stub import MADE, user_row
from tests.connectors.frappe.test_users import LOGIN, terms

SCOPED = terms(scopes="Company, Warehouse", modules=frozenset({"Website"}), module_profiles="true")
A, B = Permission("p1", "company", "A"), Permission("p2", "company", "B")
ONLY = Permission("p3", "company", "A", "Contact")


def live(
    *permissions: Permission, roles: tuple[str, ...] = ("Buyer",), t: Terms = SCOPED, **values: Any
) -> Account:
    """A user as it is there."""
    rows = Rows({role: f"row {role}" for role in roles}, permissions=permissions)
    return read_user(user_row(LOGIN, **values), rows, t)


def companies(account: Account, *names: str) -> Account:
    """The same user, who may touch other companies."""
    return replace(account, scope={**account.scope, "company": tuple(sorted(names))})


def the_rescope(before: Account, after: Account) -> tuple[list[str], list[str]]:
    """The values to make and the rows to delete, in a step of their own."""
    (step,) = steps(before, after, SCOPED)
    assert isinstance(step, Rescope)
    return [item["for_value"] for item in step.insert], list(step.delete)


# --- scope ------------------------------------------------------------------------------------------


def test_named_values_are_added_and_those_no_longer_named_deleted() -> None:
    assert the_rescope(live(A), companies(live(A), "B")) == (["B"], ["p1"])
    assert the_rescope(live(A, B), companies(live(A, B), "B")) == ([], ["p1"])


def test_all_is_the_end_of_every_permission() -> None:
    assert the_rescope(live(A, B), companies(live(A, B), ALL)) == ([], ["p1", "p2"])
    assert the_rescope(live(), companies(live(), "A")) == (["A"], [])


def test_a_permission_for_one_doctype_stays_under_all_and_goes_among_named_values() -> None:
    assert the_rescope(live(ONLY, B), companies(live(ONLY, B), ALL)) == ([], ["p2"])
    assert the_rescope(live(ONLY, B), companies(live(ONLY, B), "B")) == ([], ["p3"])
    kept = companies(live(ONLY, B), "A (only Contact)", "C")
    assert the_rescope(live(ONLY, B), kept) == (["C"], ["p2"])


def test_kinds_are_changed_each_for_itself() -> None:
    after = replace(live(A), scope={"company": ("A",), "warehouse": ("Main",)})
    (step,) = steps(live(A), after, SCOPED)
    assert isinstance(step, Rescope)
    assert [(item["allow"], item["for_value"]) for item in step.insert] == [("Warehouse", "Main")]
    assert step.delete == ()


def test_what_is_lost_comes_before_the_scope_and_what_is_gained_after_it() -> None:
    before = live(A, roles=("Buyer", "Clerk"))
    after = companies(holding(before, "Clerk", "Planner"), "B")
    first, scope, last = steps(before, after, SCOPED)
    assert first == Become(holding(before, "Clerk"), "taken away what it loses")
    assert isinstance(scope, Rescope)
    assert last == Become(after, "changed")


def test_without_a_loss_the_scope_comes_first_and_without_a_change_there_is_nothing() -> None:
    before = live(A)
    after = companies(holding(before, "Buyer", "Clerk"), "B")
    assert [type(step) for step in steps(before, after, SCOPED)] == [Rescope, Become]
    assert list(steps(before, before, SCOPED)) == []


# --- users ------------------------------------------------------------------------------------------


def test_a_new_user_comes_with_its_permissions_but_none_for_all() -> None:
    account = Account(
        LOGIN, None, scope={"company": ("A", "B"), "warehouse": (ALL,)}, grants=(Grant("Buyer"),)
    )
    user, *permissions = creation(account, SCOPED)
    assert user == {
        "doctype": "User", "email": LOGIN, "enabled": 1, "send_welcome_email": 0,
        "first_name": "chen.jing", "roles": [{"role": "Buyer"}], "module_profile": "", "block_modules": [],
    }  # fmt: skip
    assert [(item["user"], item["allow"], item["for_value"]) for item in permissions] == [
        (LOGIN, "Company", "A"),
        (LOGIN, "Company", "B"),
    ]


@pytest.mark.parametrize(
    ("version", "sent"),
    [
        (15, {"role_profile_name": "Buying"}),
        (16, {"role_profiles": [{"role_profile": "Buying"}]}),
    ],
)
def test_a_profile_is_sent_as_the_version_has_it_and_without_roles(
    version: int, sent: dict[str, Any]
) -> None:
    account = Account(LOGIN, "陈静", language="zh_CN", grants=(Grant("Buyer"), Grant("profile:Buying")))
    (user,) = creation(account, terms(version))
    assert {name: user[name] for name in user if "role" in name} == sent
    assert user["language"] == "zh"


@pytest.mark.parametrize(
    ("version", "sent"),
    [(15, {"role_profile_name": "", "roles": [{"role": "Clerk"}]}),
     (16, {"role_profiles": [], "roles": [{"role": "Clerk"}]})],
)  # fmt: skip
def test_with_the_roles_the_profile_is_cleared(version: int, sent: dict[str, Any]) -> None:
    t = terms(version)
    before = read_user(user_row(LOGIN), Rows({"Buyer": "r1"}, {"Buying": "p1"}), t)
    assert alteration(before, holding(before, "Clerk"), t) == {"modified": MADE, **sent}


def test_several_profiles_keep_their_rows() -> None:
    t = terms(16)
    before = read_user(user_row(LOGIN), Rows({}, {"Buying": "p1", "Old": "p2"}), t)
    after = holding(before, "profile:Buying", "profile:Selling")
    assert alteration(before, after, t)["role_profiles"] == [
        {"name": "p1", "role_profile": "Buying"},
        {"role_profile": "Selling"},
    ]


def test_a_module_profile_is_sent_by_its_name() -> None:
    after = holding(live(), "Buyer", "modules:Quiet")
    assert alteration(live(), after, SCOPED)["module_profile"] == "Quiet"


def test_a_role_that_is_not_managed_stays_in_the_table_that_is_replaced() -> None:
    before = live(roles=("Buyer", "Employee"))
    sent = alteration(before, holding(before, "Clerk"), SCOPED)["roles"]
    assert sent == [{"role": "Clerk"}, {"name": "row Employee", "role": "Employee"}]


@pytest.mark.parametrize(
    ("had", "name", "sent"),
    [
        ({"first_name": "陈静"}, "陈静静", {"first_name": "陈静静", "middle_name": "", "last_name": ""}),
        ({"first_name": "Anna", "last_name": "Schmidt"}, "Eva Schmidt",
         {"first_name": "Eva", "middle_name": ""}),
        ({"first_name": "Anna", "last_name": "Schmidt"}, "Schmidt",
         {"first_name": "Schmidt", "middle_name": "", "last_name": ""}),
    ],
)  # fmt: skip
def test_a_name_is_sent_in_parts(had: dict[str, Any], name: str, sent: dict[str, str]) -> None:
    before = live(**had)
    assert alteration(before, replace(before, name=name), SCOPED) == {"modified": MADE, **sent}


def test_a_left_key_is_cleared_also_where_the_account_is_let_in_again() -> None:
    before = live(enabled=0, api_key="f7e1")
    assert LEFT_KEY in {grant.entitlement for grant in before.grants}
    sent = alteration(before, holding(replace(before, active=True), "Buyer"), SCOPED)
    assert (sent["enabled"], sent["api_key"], sent["api_secret"]) == (1, None, "")


def test_the_language_is_sent_as_frappe_has_it() -> None:
    assert alteration(live(), replace(live(), language="zh_TW"), SCOPED)["language"] == "zh-TW"
    assert "language" not in alteration(
        live(language="zh"), replace(live(language="zh"), language=None), SCOPED
    )


def test_what_came_otherwise_is_told_in_words() -> None:
    asked = holding(live(), "Buyer", "Clerk")
    assert unlike(asked, asked) == ""
    assert unlike(asked, replace(holding(asked, "Clerk", "X"), active=False)) == (
        "Frappe did not give Buyer; Frappe gave X too; Frappe left it disabled"
    )
