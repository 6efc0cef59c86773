"""What a target says about its Frappe site."""

from __future__ import annotations

import pytest

from erpsync.connectors.frappe.options import ERPNEXT_ROLES, Options, options_of
from erpsync.errors import RefusedError
from erpsync.model import Location, Target


def options(**values: str) -> Options:
    """The options of a target."""
    at = Location("access/erpsync.yaml", 4, 3)
    return options_of(Target("erp", "frappe", "https://erp.example/", "env:U", "env:P", at, options=values))


def test_without_options_there_is_no_scope_and_what_erpnext_gives_is_left_alone() -> None:
    assert options() == Options(
        None, {}, ERPNEXT_ROLES, module_profiles=False, invite=False, creates_per_hour=60
    )


def test_doctypes_are_kinds_of_scope_spelt_as_frappe_does() -> None:
    assert options(scopes="Company, Cost Center,Warehouse").scopes == {
        "company": "Company",
        "cost_center": "Cost Center",
        "warehouse": "Warehouse",
    }


def test_unmanaged_roles_replace_those_of_erpnext() -> None:
    assert options(unmanaged_roles="员工, Employee").unmanaged_roles == {"员工", "Employee"}
    assert options(unmanaged_roles="").unmanaged_roles == frozenset()


def test_the_rest_is_as_it_says() -> None:
    found = options(site="erp.test", invite="true", module_profiles="true", max_creates_per_hour="2000")
    assert (found.site, found.invite, found.module_profiles, found.creates_per_hour) == (
        "erp.test",
        True,
        True,
        2000,
    )


@pytest.mark.parametrize(
    ("values", "message", "hint"),
    [
        ({"scope": "Company"}, "unknown option 'scope'", "scopes"),
        ({"invite": "yes"}, "option 'invite' cannot be 'yes'", "true or false"),
        ({"max_creates_per_hour": "0"}, "option 'max_creates_per_hour' cannot be '0'", "number of users"),
        (
            {"max_creates_per_hour": "many"},
            "option 'max_creates_per_hour' cannot be 'many'",
            "number of users",
        ),
        ({"scopes": "Company, Employee"}, "option 'scopes' cannot have Employee", "leave it out"),
        ({"scopes": "User"}, "option 'scopes' cannot have User", "leave it out"),
    ],
)
def test_what_is_not_known_is_refused(values: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(RefusedError) as caught:
        options(**values)
    assert (caught.value.message, caught.value.where) == (message, "target 'erp'")
    assert hint in (caught.value.hint or "")
