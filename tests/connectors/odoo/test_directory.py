"""What exists in Odoo to be granted, and under which names."""

from __future__ import annotations

import pytest

from erpsync.connectors.odoo.answers import OdooError
from erpsync.connectors.odoo.directory import read_directory, read_languages
from erpsync.errors import TargetError
from tests.connectors.odoo.fake import (
    ALL_LEADS,
    BUYING,
    BY_HAND,
    EAST,
    FILING,
    INTERNAL,
    MULTI_COMPANY,
    SALESMAN,
    SETTINGS,
    FakeOdoo,
)


def test_groups_go_by_external_id_and_those_made_by_hand_by_name() -> None:
    catalogue = FakeOdoo().writer().catalogue()
    assert {"base.group_user", "sales_team.group_sale_salesman", "Night Shift"} <= catalogue.entitlements


def test_a_name_that_odoo_has_twice_gets_the_number_of_its_record() -> None:
    odoo = FakeOdoo()
    odoo.tables["res.groups"].append({"id": 31, "full_name": "Night Shift", "implied_ids": []})
    entitlements = odoo.writer().catalogue().entitlements
    assert {f"Night Shift#{BY_HAND}", "Night Shift#31"} <= entitlements
    assert "Night Shift" not in entitlements


def test_a_group_made_by_hand_cannot_take_the_name_of_another() -> None:
    odoo = FakeOdoo()
    odoo.tables["res.groups"].append({"id": 31, "full_name": "base.group_system", "implied_ids": []})
    odoo.user("boss", INTERNAL, SETTINGS)
    odoo.user("a", INTERNAL, 31)
    writer = odoo.writer()
    assert "boss" in writer.snapshot().protected
    assert "a" not in writer.snapshot().protected
    assert writer.directory.group_name(SETTINGS) == "base.group_system"
    assert "base.group_system#31" in writer.catalogue().entitlements


def test_without_the_group_of_administrators_nobody_could_be_protected() -> None:
    odoo = FakeOdoo()
    known = odoo.tables["ir.model.data"]
    known[:] = [row for row in known if row["name"] != "group_system"]
    with pytest.raises(TargetError, match=r"base\.group_system cannot be found"):
        odoo.writer()


def test_a_group_that_brings_settings_is_seen_but_not_given() -> None:
    odoo = FakeOdoo()
    for row in odoo.tables["res.groups"]:
        if row["id"] == BY_HAND:
            row["implied_ids"] = [SETTINGS]
    catalogue = odoo.writer().catalogue()
    assert catalogue.fixed.keys() == {"base.group_system", "Night Shift"}
    assert "makes an administrator" in catalogue.fixed["Night Shift"]
    assert not catalogue.fixed.keys() & catalogue.entitlements


def test_a_role_that_brings_settings_is_seen_but_not_given() -> None:
    odoo = FakeOdoo(with_roles=True)
    for row in odoo.tables["res.groups"]:
        if row["id"] == BY_HAND:
            row["implied_ids"] = [SETTINGS]
    catalogue = odoo.writer(entitlements="roles").catalogue()
    assert catalogue.entitlements == {"Filing"}
    assert "makes an administrator" in catalogue.fixed["Buying"]


def test_the_external_id_of_an_export_does_not_count_beside_that_of_a_module() -> None:
    odoo = FakeOdoo()
    export = {"id": -1, "module": "__export__", "name": "res_groups_1", "model": "res.groups"}
    odoo.tables["ir.model.data"].append({**export, "res_id": INTERNAL})
    assert odoo.writer().directory.group_name(INTERNAL) == "base.group_user"


def test_a_group_that_cannot_be_read_goes_by_its_number() -> None:
    assert FakeOdoo().writer().directory.group_name(999) == "#999"


def test_what_comes_with_a_group_comes_however_deep() -> None:
    implies = FakeOdoo().writer().catalogue().implies
    assert implies["sales_team.group_sale_salesman_all_leads"] == {
        "sales_team.group_sale_salesman",
        "base.group_user",
    }
    assert "base.group_user" not in implies


def test_what_a_setting_gives_to_every_internal_user_comes_with_that_type() -> None:
    odoo = FakeOdoo()
    odoo.user("a", INTERNAL, BY_HAND)
    (internal,) = (row for row in odoo.tables["res.groups"] if row["id"] == INTERNAL)
    internal["implied_ids"] = [BY_HAND]
    assert odoo.writer().catalogue().implies["base.group_user"] == {"Night Shift"}


def test_groups_that_bring_each_other_are_followed_once() -> None:
    odoo = FakeOdoo()
    for row in odoo.tables["res.groups"]:
        if row["id"] == INTERNAL:
            row["implied_ids"] = [ALL_LEADS]
    directory = odoo.writer().directory
    assert directory.implied[INTERNAL] == {ALL_LEADS, SALESMAN}
    assert directory.closure([INTERNAL]) == {INTERNAL, ALL_LEADS, SALESMAN}


def test_the_groups_that_bring_the_rest_are_those_that_nothing_else_brings() -> None:
    directory = FakeOdoo().writer().directory
    assert directory.bringing(frozenset({INTERNAL, SALESMAN, ALL_LEADS, BY_HAND})) == {ALL_LEADS, BY_HAND}


@pytest.mark.parametrize(("held", "first"), [
    ({SALESMAN, ALL_LEADS, INTERNAL}, {SALESMAN}),
    ({SALESMAN, ALL_LEADS, BY_HAND}, {BY_HAND}),
    ({SALESMAN}, {SALESMAN}),
])  # fmt: skip
def test_of_groups_that_bring_each_other_the_first_brings_the_rest(held: set[int], first: set[int]) -> None:
    odoo = FakeOdoo()
    for row in odoo.tables["res.groups"]:
        if row["id"] == SALESMAN:
            row["implied_ids"] = [INTERNAL, ALL_LEADS]
        if row["id"] == BY_HAND:
            row["implied_ids"] = [SALESMAN]
    assert odoo.writer().directory.bringing(frozenset(held)) == first


def test_what_odoo_gives_by_itself_is_not_in_the_catalogue() -> None:
    writer = FakeOdoo().writer()
    assert MULTI_COMPANY in writer.directory.automatic
    assert "base.group_multi_company" not in writer.catalogue().entitlements


def test_an_archived_company_can_be_seen_but_not_given() -> None:
    writer = FakeOdoo().writer()
    assert writer.directory.companies[EAST] == "East"
    assert writer.catalogue().scopes == {"company": ("East", "West")}


def test_where_roles_are_managed_they_are_the_catalogue() -> None:
    catalogue = FakeOdoo(with_roles=True).writer(entitlements="roles").catalogue()
    assert catalogue.entitlements == {"Buying", "Filing"}
    assert catalogue.implies == {}


def test_a_role_goes_by_its_whole_name() -> None:
    odoo = FakeOdoo(with_roles=True)
    for row in odoo.tables["res.groups"]:
        if row["id"] == BUYING:
            row["full_name"] = "User Roles / Buying / East"
        if row["id"] == FILING:
            row["full_name"] = "Filing"
    assert odoo.writer(entitlements="roles").catalogue().entitlements == {"Buying / East", "Filing"}


def test_roles_cannot_be_managed_without_the_module() -> None:
    with pytest.raises(TargetError, match="base_user_role is not installed"):
        FakeOdoo().writer(entitlements="roles")


def test_languages_are_those_that_are_installed_and_read_only_if_asked_for() -> None:
    odoo = FakeOdoo()
    writer = odoo.writer()
    assert "res.lang" not in {call.model for call in odoo.asked}
    assert writer.catalogue().languages == read_languages(writer.session) == {"zh_CN"}


def test_a_refusal_names_what_cannot_be_read_and_where_the_rights_are_told() -> None:
    odoo = FakeOdoo()
    session = odoo.writer().session
    odoo.refuse = lambda _: OdooError("odoo.exceptions.AccessError", "not you")
    with pytest.raises(TargetError, match=r"ir\.model\.data cannot be read: not you") as raised:
        read_directory(session, "groups")
    assert "docs/odoo.md" in str(raised.value.hint)


def test_another_fault_is_told_without_the_rights() -> None:
    odoo = FakeOdoo()
    session = odoo.writer().session
    odoo.refuse = lambda _: OdooError("builtins.ValueError", "odd")
    with pytest.raises(TargetError) as raised:
        read_directory(session, "groups")
    assert raised.value.hint is None
