"""What a real Frappe does that one would not think: User Permissions, of which none means everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from erpsync.connectors.base import Status
from erpsync.connectors.frappe import FrappeConnector
from erpsync.connectors.frappe.reader import FrappeReader
from erpsync.model import ALL, Account, Grant
from tests.connectors.frappe.conftest import Read, Write
from tests.support.frappe_site import COMPANIES, FrappeSite

SCOPES = {"scopes": "Company"}
TRADING, LOGISTICS, CASTINGS = COMPANIES


@pytest.fixture
def reader(frappe_site: FrappeSite) -> Iterator[FrappeReader]:
    """A session that cannot write."""
    with FrappeConnector.read(frappe_site.connection(**SCOPES)) as opened:
        yield opened


@pytest.fixture
def clerk(frappe_site: FrappeSite) -> str:
    """A user with a role, who may touch everything."""
    login = frappe_site.login("clerk")
    frappe_site.make_user(login, roles=[{"role": "Sales User"}])
    return login


def companies(site: FrappeSite, login: str) -> list[str]:
    """The companies that User Permissions name."""
    return sorted(row["for_value"] for row in site.permissions(login))


def test_no_user_permission_is_everything_and_reads_as_all(clerk: str, read: Read) -> None:
    assert read(clerk, **SCOPES).scope == {"company": (ALL,)}


def test_an_account_without_a_company_is_refused_since_it_would_get_every_one(
    clerk: str, read: Read, reader: FrappeReader
) -> None:
    account = read(clerk, **SCOPES)
    (why,) = reader.objections(replace(account, scope={}))
    assert "in Frappe that is every company" in why
    assert not list(reader.objections(account))
    assert not list(reader.objections(replace(account, scope={}, active=False)))


def test_a_new_user_is_made_together_with_its_companies(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    login = frappe_site.login("scoped")
    account = Account(login, "陈静", scope={"company": (TRADING, CASTINGS)}, grants=(Grant("Sales User"),))
    (outcome,) = write(account, **SCOPES)
    assert outcome.status is Status.DONE
    assert read(login, **SCOPES).scope == {"company": tuple(sorted((TRADING, CASTINGS)))}


def test_a_user_whose_company_is_not_there_is_not_made_without_it(
    frappe_site: FrappeSite, write: Write
) -> None:
    login = frappe_site.login("nowhere")
    account = Account(login, "陈静", scope={"company": ("华新饭店",)}, grants=(Grant("Sales User"),))
    (outcome,) = write(account, **SCOPES)
    assert outcome.status is Status.FAILED
    assert not frappe_site.found("User", login)


def test_companies_are_changed_without_a_moment_of_everything(
    frappe_site: FrappeSite, clerk: str, read: Read, write: Write
) -> None:
    frappe_site.permit(clerk, TRADING, apply_to_all_doctypes=1)
    for wanted in ((CASTINGS,), (LOGISTICS, CASTINGS), (ALL,), (TRADING,)):
        (outcome,) = write(replace(read(clerk, **SCOPES), scope={"company": tuple(sorted(wanted))}), **SCOPES)
        assert outcome.status is Status.DONE
        assert read(clerk, **SCOPES).scope == {"company": tuple(sorted(wanted))}
    assert companies(frappe_site, clerk) == [TRADING]


def test_what_is_lost_goes_before_the_scope_and_what_is_gained_comes_after(
    frappe_site: FrappeSite, clerk: str, read: Read, write: Write
) -> None:
    frappe_site.permit(clerk, TRADING, apply_to_all_doctypes=1)
    live = read(clerk, **SCOPES)
    moved = replace(live, scope={"company": (CASTINGS,)}, grants=(Grant("Purchase User"),))
    (outcome,) = write(moved, **SCOPES)
    assert outcome.status is Status.DONE
    assert read(clerk, **SCOPES) == moved


def test_a_permission_for_one_doctype_alone_is_shown_and_does_not_count_as_the_company(
    frappe_site: FrappeSite, clerk: str, read: Read, write: Write
) -> None:
    frappe_site.permit(clerk, TRADING, apply_to_all_doctypes=0, applicable_for="Contact")
    assert read(clerk, **SCOPES).scope == {"company": (ALL,)}  # everything else may be touched
    frappe_site.permit(clerk, CASTINGS, apply_to_all_doctypes=1)
    assert read(clerk, **SCOPES).scope == {"company": tuple(sorted((f"{TRADING} (only Contact)", CASTINGS)))}
    write(replace(read(clerk, **SCOPES), scope={"company": (CASTINGS,)}), **SCOPES)
    assert companies(frappe_site, clerk) == [CASTINGS]


def test_permissions_for_what_is_not_managed_are_left_alone(
    frappe_site: FrappeSite, clerk: str, read: Read, write: Write
) -> None:
    frappe_site.permit(clerk, "Selling", allow="Role Profile", apply_to_all_doctypes=1)
    frappe_site.permit(clerk, TRADING, apply_to_all_doctypes=1)
    write(replace(read(clerk, **SCOPES), scope={"company": (ALL,)}), **SCOPES)
    assert companies(frappe_site, clerk) == []
    assert len(frappe_site.permissions(clerk, "Role Profile")) == 1
