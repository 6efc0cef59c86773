"""Which requests an account's change becomes, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from erpsync.connectors.scim.profiles import PROFILES, Profile
from erpsync.connectors.scim.steps import NEW, Places, Step, alteration, creation
from erpsync.connectors.scim.users import read_user, with_groups
from erpsync.model import Account
from tests.support.edits import grants

IDS = {"Buyer": "b", "Clerk": "c"}
GROUPS = Places("/Users", "/Groups", "groups", IDS)
ROLES = Places("/Users", None, "roles", {})
S4 = PROFILES["sap-s4hana-cloud"]
Json = dict[str, Any]


def live(user: Json, *groups: str, profile: Profile = PROFILES["generic"]) -> Account:
    """The account as it was read, a member of these groups."""
    alone = read_user(user, profile, datetime(2026, 6, 15, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
    return with_groups(alone, frozenset(IDS[name] for name in groups), groups)


def does(parts: list[list[Step]]) -> list[list[str]]:
    """What the steps do, in words."""
    return [[step.does for step in part] for part in parts]


def operations(step: Step) -> list[Json]:
    """What a PATCH asks for."""
    return list(step.body["Operations"])


# --- new accounts -------------------------------------------------------------------------------------


def test_a_new_account_has_everything_but_a_password() -> None:
    wanted = Account("chen.jing", "陈静", "chen.jing@huaxin.example", "zh_CN", grants=grants("Buyer"))
    made, given = creation(wanted, GROUPS)
    assert (made.method, made.path, made.body) == ("POST", "/Users", {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "chen.jing",
        "active": True,
        "displayName": "陈静",
        "name": {"formatted": "陈静"},
        "emails": [{"value": "chen.jing@huaxin.example", "type": "work", "primary": True}],
        "preferredLanguage": "zh-CN",
    })  # fmt: skip
    assert (given.does, given.path) == ("give Buyer", "/Groups/b")
    assert operations(given) == [{"op": "add", "path": "members", "value": [{"value": NEW}]}]


def test_a_new_account_has_its_roles_from_the_start_where_the_user_holds_them() -> None:
    (made,) = creation(Account("chen.jing", grants=grants("Buyer", "Clerk")), ROLES)
    assert made.body["roles"] == [{"value": "Buyer"}, {"value": "Clerk"}]


def test_a_new_account_without_anything_is_a_login() -> None:
    (made,) = creation(Account("chen.jing"), ROLES)
    assert sorted(made.body) == ["active", "schemas", "userName"]


# --- existing accounts --------------------------------------------------------------------------------


def test_nothing_to_change_is_no_request(user: Json) -> None:
    account = live(user, "Buyer")
    assert alteration(account, account, GROUPS) == []


def test_every_attribute_is_changed_in_one_request_of_its_own_paths(user: Json) -> None:
    account = live(user)
    after = replace(account, login="chen.li", name="陈丽", email="chen.li@huaxin.example", language="en")
    ((step,),) = alteration(account, after, GROUPS)
    assert (step.method, step.path, step.of_user) == ("PATCH", "/Users/4f1c", True)
    assert [(item["op"], item["path"], item["value"]) for item in operations(step)] == [
        ("replace", "userName", "chen.li"),
        ("replace", "displayName", "陈丽"),
        ("replace", "name.formatted", "陈丽"),
        ("replace", "emails", [
            {"value": "jing@home.example", "type": "home"},
            {"value": "chen.li@huaxin.example", "type": "work", "primary": True},
        ]),
        ("replace", "preferredLanguage", "en"),
    ]  # fmt: skip


def test_who_is_locked_is_locked_before_anything_is_taken(user: Json) -> None:
    account = live(user, "Buyer")
    parts = alteration(account, replace(account, active=False, grants=()), GROUPS)
    assert does(parts) == [["lock the account", "take Buyer"]]
    assert operations(parts[0][0]) == [{"op": "replace", "path": "active", "value": False}]
    assert operations(parts[0][1]) == [{"op": "remove", "path": 'members[value eq "4f1c"]'}]


def test_what_is_taken_goes_before_what_is_given(user: Json) -> None:
    account = live(user, "Clerk")
    parts = alteration(account, replace(account, name="陈丽", grants=grants("Buyer")), GROUPS)
    assert does(parts) == [["change the account", "take Clerk", "give Buyer"]]


def test_who_gets_active_again_loses_first_what_is_not_to_be_kept(user: Json) -> None:
    account = live({**user, "active": False}, "Clerk")
    parts = alteration(account, replace(account, active=True, grants=grants("Buyer")), GROUPS)
    assert does(parts) == [["take Clerk"], ["unlock the account", "give Buyer"]]


def test_who_gets_active_again_and_loses_nothing_is_one_part(user: Json) -> None:
    account = live({**user, "active": False})
    assert does(alteration(account, replace(account, active=True), GROUPS)) == [["unlock the account"]]


def test_roles_of_the_user_are_changed_in_its_own_request(user: Json) -> None:
    profile = Profile("own", kind="roles")
    held = {**user, "roles": [{"value": 'The "old" one'}]}
    account = replace(live(held, profile=profile), grants=grants('The "old" one'))
    ((step,),) = alteration(account, replace(account, active=False, grants=grants("Buyer")), ROLES)
    assert operations(step) == [
        {"op": "replace", "path": "active", "value": False},
        {"op": "remove", "path": 'roles[value eq "The \\"old\\" one"]'},
        {"op": "add", "path": "roles", "value": [{"value": "Buyer"}]},
    ]


def test_a_role_that_is_only_taken_leaves_the_others(user: Json) -> None:
    profile = Profile("own", kind="roles")
    account = replace(live({**user, "roles": []}, profile=profile), grants=grants("Buyer", "Clerk"))
    ((step,),) = alteration(account, replace(account, grants=grants("Buyer")), ROLES)
    assert operations(step) == [{"op": "remove", "path": 'roles[value eq "Clerk"]'}]


def test_days_that_shut_an_account_are_taken_away_where_it_is_to_be_active(user: Json) -> None:
    assert S4.validity is not None
    account = live({**user, S4.validity: {"validTo": "2026-01-31"}}, profile=S4)
    ((step,),) = alteration(account, replace(account, active=True), GROUPS)
    assert operations(step) == [{"op": "remove", "path": f"{S4.validity}:validTo"}]


def test_an_id_is_written_so_that_it_stays_one_part_of_the_path(user: Json) -> None:
    account = live({**user, "id": "a/b?c"})
    ((step,),) = alteration(account, replace(account, active=False), GROUPS)
    assert step.path == "/Users/a%2Fb%3Fc"
