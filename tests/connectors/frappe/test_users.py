"""A User of Frappe with its rows → Account."""

from __future__ import annotations

from typing import Any

import pytest

from erpsync.connectors.frappe.directory import Directory, code_of, language_of
from erpsync.connectors.frappe.options import options_of
from erpsync.connectors.frappe.users import LEFT_KEY, Permission, Rows, Terms, read_user, scope_of
from erpsync.model import ALL, Account, Location, Target
from tests.connectors.frappe.conftest import held
from tests.connectors.frappe.stub import user_row

LOGIN = "chen.jing@huaxin.example"


def terms(version: int = 15, modules: frozenset[str] = frozenset(), **options: str) -> Terms:
    """What accounts are read by."""
    at = Location("access/erpsync.yaml", 4, 3)
    target = Target("erp", "frappe", "https://erp.example/", "env:U", "env:P", at, options=options)
    directory = Directory({"Buyer": False, "Clerk": False}, {}, {"Quiet": modules}, {}, frozenset(), ())
    return Terms(options_of(target), directory, version)


STANDARD = terms()


def account(rows: Rows | None = None, terms: Terms = STANDARD, **values: Any) -> Account:
    """A user as it is read."""
    return read_user(user_row(LOGIN, **values), rows or Rows(), terms)


@pytest.mark.parametrize(
    ("first", "middle", "last", "name"),
    [
        ("陈静", None, None, "陈静"),
        ("Anna", None, "Schmidt", "Anna Schmidt"),
        ("Anna", "Maria", "Schmidt", "Anna Maria Schmidt"),
        ("Anna", "", "", "Anna"),
        (None, None, None, None),
    ],
)
def test_a_name_is_of_its_parts(first: str, middle: str, last: str, name: str) -> None:
    assert account(first_name=first, middle_name=middle, last_name=last).name == name


def test_automatic_and_unmanaged_roles_are_not_shown() -> None:
    rows = Rows(dict.fromkeys(("Buyer", "All", "Guest", "Desk User", "Administrator", "Employee"), "1"))
    assert held(account(rows)) == ["Buyer"]
    assert held(account(rows, terms(unmanaged_roles="Buyer"))) == ["Employee"]


def test_a_key_is_shown_only_where_it_outlives_a_lock() -> None:
    assert held(account(api_key="f7e1")) == []
    assert held(account(enabled=0, api_key="f7e1")) == [LEFT_KEY]
    assert held(account(enabled=0, api_key="")) == []


def test_a_module_profile_is_held_where_it_is_managed_and_in_effect() -> None:
    managed = terms(modules=frozenset({"Website"}), module_profiles="true")
    in_effect, stale = Rows(hidden=frozenset({"Website"})), Rows()
    assert held(account(in_effect, managed, module_profile="Quiet")) == ["modules:Quiet"]
    assert held(account(stale, managed, module_profile="Quiet")) == []
    assert held(account(in_effect, managed, module_profile="Gone")) == []
    assert held(account(in_effect, module_profile="Quiet")) == []


@pytest.mark.parametrize(
    ("permissions", "scope"),
    [
        ([], (ALL,)),
        ([("A", None)], ("A",)),
        ([("B", None), ("A", None), ("A", None)], ("A", "B")),
        ([("A", "Contact")], (ALL,)),
        ([("A", "Contact"), ("B", None)], ("A (only Contact)", "B")),
        ([("all", None)], ("#all",)),
    ],
)
def test_without_permissions_an_account_may_touch_everything(
    permissions: list[tuple[str, str | None]], scope: tuple[str, ...]
) -> None:
    rows = [Permission("1", "company", value, only) for value, only in permissions]
    assert scope_of("company", [*rows, Permission("2", "warehouse", "Main")]) == scope


@pytest.mark.parametrize(
    ("code", "language"), [("zh", "zh_CN"), ("zh-TW", "zh_TW"), ("en", "en"), ("pt-BR", "pt_BR")]
)
def test_languages_are_those_of_the_files_and_back(code: str, language: str) -> None:
    assert language_of(code) == language
    assert code_of(language) == code
    assert account(language=code).language == language
    assert account(language=None).language is None


def test_what_is_no_user_is_an_error() -> None:
    with pytest.raises(KeyError):
        read_user({"name": LOGIN}, Rows(), terms())
