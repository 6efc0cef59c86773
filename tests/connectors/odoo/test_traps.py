"""What Odoo does that nobody would expect, each by its name. Recorded, or on the server that is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from erpsync.apply import apply
from erpsync.connectors.base import Edit, Outcome, Status
from erpsync.connectors.odoo.reader import OdooReader
from erpsync.connectors.odoo.writer import OdooWriter
from erpsync.diff import compare
from erpsync.errors import TargetError
from erpsync.model import Account, AccountChange, Grant
from tests.contract.company import Company, user
from tests.contract.conftest import company_over
from tests.contract.odoo import OdooHarness
from tests.support.odoo_server import COMPANIES, PLAN_LOGIN

INTERNAL = "base.group_user"
MULTI_COMPANY = "base.group_multi_company"
INBOX = "mail.group_mail_notification_type_inbox"


@contextmanager
def reader(odoo: OdooHarness) -> Iterator[OdooReader]:
    with odoo.reading() as found:
        assert isinstance(found, OdooReader)
        yield found


def account(odoo: OdooHarness, login: str) -> Account:
    with reader(odoo) as found:
        return found.snapshot([login]).accounts[login]


def written(odoo: OdooHarness, login: str, **values: Any) -> Outcome:
    """What becomes of an account that is changed, with nothing asked before or after."""
    with odoo.writing() as writer:
        live = writer.snapshot([login]).accounts[login]
        after = replace(live, **values)
        change = AccountChange(login, after.login, live, after, "", tuple(compare(live, after)))
        (outcome,) = writer.apply([Edit(change, live)])
    return outcome


def held(odoo: OdooHarness, login: str) -> set[int]:
    """The groups that Odoo itself has."""
    return set(odoo.server.read(login, odoo.server.group_field)[odoo.server.group_field])


@pytest.fixture
def company(odoo: OdooHarness, tmp_path: Path) -> Company:
    return company_over(odoo, tmp_path)


# --- new users --------------------------------------------------------------------------------------


def test_a_new_user_gets_nothing_of_the_default_user(odoo: OdooHarness, company: Company) -> None:
    login = odoo.login("plain")
    company.declare(user(login))
    company.settle()
    groups = {odoo.server.group(name) for name in ("Buyer", INTERNAL)}
    with reader(odoo) as found:
        assert held(odoo, login) <= found.directory.closure(groups)


def test_nobody_is_invited_by_mail(odoo: OdooHarness, company: Company) -> None:
    login = odoo.login("quiet")
    company.declare(user(login, f", email: {login}@huaxin.example"))
    company.settle()
    assert odoo.server.find("mail.mail", [["email_to", "ilike", login]]) == []


def test_the_users_of_odoo_itself_are_not_accounts(odoo: OdooHarness) -> None:
    with reader(odoo) as found:
        logins = set(found.snapshot().accounts)
    assert "admin" in logins
    assert not {"__system__", "default", "public", "portaltemplate"} & logins


def test_an_administrator_and_the_login_of_erpsync_are_protected(odoo: OdooHarness) -> None:
    with reader(odoo) as found:
        protected = found.snapshot(["admin", PLAN_LOGIN]).protected
    assert protected == {
        "admin": "an administrator of Odoo",
        PLAN_LOGIN: "the login of erpsync itself",
    }


# --- groups -----------------------------------------------------------------------------------------


def test_a_second_type_of_user_is_objected_to(odoo: OdooHarness) -> None:
    both = Account("a", grants=(Grant(INTERNAL), Grant("base.group_portal")), scope={"company": COMPANIES})
    with reader(odoo) as found:
        assert list(found.objections(both)) == [
            "cannot be base.group_user and base.group_portal at once; Odoo has one type of user for each"
        ]


def test_no_type_of_user_is_objected_to_but_for_who_is_locked(odoo: OdooHarness) -> None:
    untyped = Account("a", grants=(Grant("Buyer"),), scope={"company": COMPANIES})
    with reader(odoo) as found:
        (said,) = found.objections(untyped)
        assert list(found.objections(replace(untyped, active=False))) == []
    assert said.startswith("has no type of user")


def test_no_company_is_objected_to(odoo: OdooHarness) -> None:
    with reader(odoo) as found:
        (said,) = found.objections(Account("a", grants=(Grant(INTERNAL),)))
    assert said.startswith("has no company")


def test_an_internal_user_becomes_a_portal_user_and_nothing_else(odoo: OdooHarness) -> None:
    login = odoo.login("demoted")
    odoo.make(login)
    assert written(odoo, login, grants=(Grant("base.group_portal"),)).status is Status.DONE
    assert held(odoo, login) == {odoo.server.ref("base.group_portal")}


def test_a_group_without_external_id_goes_by_its_name(odoo: OdooHarness) -> None:
    with reader(odoo) as found:
        assert {"Buyer", INTERNAL} <= found.catalogue().entitlements


def test_the_group_of_several_companies_stays_with_odoo(odoo: OdooHarness) -> None:
    login = odoo.login("travels")
    odoo.make(login)
    both = written(odoo, login, scope={"company": COMPANIES}, grants=(Grant("Buyer"), Grant(INTERNAL)))
    assert both.status is Status.DONE
    assert odoo.server.ref(MULTI_COMPANY) in held(odoo, login)
    assert MULTI_COMPANY not in {grant.entitlement for grant in account(odoo, login).grants}
    one = written(odoo, login, scope={"company": COMPANIES[:1]}, grants=(Grant(INTERNAL),))
    assert one.status is Status.DONE
    assert odoo.server.ref(MULTI_COMPANY) not in held(odoo, login)


def test_how_people_are_notified_is_left_to_them(odoo: OdooHarness) -> None:
    login = odoo.login("inbox")
    odoo.make(login)
    odoo.server.write(login, notification_type="inbox")
    assert written(odoo, login, grants=(Grant("Buyer"), Grant(INTERNAL))).status is Status.DONE
    assert odoo.server.ref(INBOX) in held(odoo, login)


def test_settings_can_be_seen_but_not_given(odoo: OdooHarness) -> None:
    with reader(odoo) as found:
        catalogue = found.catalogue()
    assert "base.group_system" in catalogue.fixed
    assert "base.group_system" not in catalogue.entitlements


# --- companies --------------------------------------------------------------------------------------


def test_the_company_that_odoo_opens_with_moves_only_if_it_is_taken_away(odoo: OdooHarness) -> None:
    login = odoo.login("opens")
    odoo.make(login)
    first, second = (odoo.server.companies(name)[0] for name in COMPANIES)
    written(odoo, login, scope={"company": COMPANIES})
    assert odoo.server.read(login, "company_id")["company_id"][0] == first
    written(odoo, login, scope={"company": COMPANIES[1:]})
    assert odoo.server.read(login, "company_id")["company_id"][0] == second


# --- logins -----------------------------------------------------------------------------------------


def test_an_archived_user_still_has_the_login_and_is_found(odoo: OdooHarness) -> None:
    login = odoo.login("archived")
    odoo.make(login)
    odoo.set_active(login, active=False)
    assert not account(odoo, login).active


def test_a_login_is_found_whatever_its_case(odoo: OdooHarness) -> None:
    login = odoo.login("Mixed.Case")
    odoo.make(login)
    with reader(odoo) as found:
        assert found.snapshot([login.casefold()]).accounts[login.casefold()].login == login


def test_two_logins_that_differ_only_in_case_end_the_reading(odoo: OdooHarness) -> None:
    login = odoo.login("twin")
    odoo.make(login)
    odoo.make(login.upper())
    with pytest.raises(TargetError, match="two accounts differ only in case"), reader(odoo) as found:
        found.snapshot([login])
    values = {"login": odoo.login("twin.no.more")}
    odoo.server.call("res.users", "write", [odoo.server.id(login.upper())], values)


def test_signs_that_mean_something_in_a_search_are_taken_for_themselves(odoo: OdooHarness) -> None:
    login = odoo.login("a_c")
    odoo.make(login)
    odoo.make(login.replace("_", "b"))
    with reader(odoo) as found:
        assert list(found.snapshot([login]).accounts) == [login]


def test_many_logins_are_looked_for_among_all(odoo: OdooHarness) -> None:
    login = odoo.login("among")
    odoo.make(login)
    with reader(odoo) as found:
        many = {login, *(f"nobody{number}" for number in range(200))}
        assert list(found.snapshot(many).accounts) == [login]


# --- changes by others ------------------------------------------------------------------------------


def test_a_group_given_from_the_side_of_the_group_is_noticed(odoo: OdooHarness, company: Company) -> None:
    login = odoo.login("sideways")
    company.declare(user(login))
    company.settle()
    company.declare(user(login, name="陈静静"))
    plan = company.plan()
    users = "user_ids" if odoo.server.group_field == "group_ids" else "users"
    group = odoo.server.group("Clerk")
    odoo.server.call("res.groups", "write", [group], {users: [[4, odoo.server.id(login), 0]]})
    with odoo.writing() as writer, pytest.raises(Exception, match="changed in the ERP since the plan"):
        apply(plan, odoo.target(), writer, odoo.today())


def test_who_wrote_an_account_last_is_told(odoo: OdooHarness) -> None:
    login = odoo.login("traced")
    odoo.make(login)
    with reader(odoo) as found:
        assert found.last_changes([login])[login].by == "admin"


def test_who_never_logged_in_is_told(odoo: OdooHarness) -> None:
    login = odoo.login("never")
    odoo.make(login)
    with reader(odoo) as found:
        assert found.last_logins([login]) == {login: None}


# --- writing many -----------------------------------------------------------------------------------


def test_a_refused_batch_is_halved_down_to_who_it_is_refused_for(odoo: OdooHarness) -> None:
    taken = odoo.login("taken")
    odoo.make(taken)
    good = odoo.login("good")
    scope: Mapping[str, tuple[str, ...]] = {"company": COMPANIES[:1]}
    edits = [
        Edit(AccountChange(login, login, None, made, "", tuple(compare(None, made))), None)
        for login in (good, taken)
        for made in [Account(login, login, scope=scope, grants=(Grant(INTERNAL),))]
    ]
    with odoo.writing() as writer:
        assert isinstance(writer, OdooWriter)
        outcomes = {outcome.login: outcome for outcome in writer.apply(edits)}
    assert outcomes[good].status is Status.DONE
    assert outcomes[taken].status is Status.FAILED
    assert "same login" in outcomes[taken].message
