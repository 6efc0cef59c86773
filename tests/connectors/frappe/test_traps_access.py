"""What a real Frappe does that one would not think: keys, rights, reading. Each test names one of these."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests

from erpsync.connectors.base import Connection, Status
from erpsync.connectors.frappe import FrappeConnector
from erpsync.connectors.frappe.users import LEFT_KEY
from erpsync.errors import TargetError
from tests.connectors.frappe.conftest import Read, Write, held, holding, snapshot
from tests.support.erp import SHANGHAI
from tests.support.frappe_site import FrappeSite


def with_key(site: FrappeSite, login: str) -> tuple[str, str]:
    """Make a key for a user: the answer has only the secret."""
    made = site.call("POST", "/api/method/frappe.core.doctype.user.user.generate_keys", {"user": login})
    return str(site.read_user(login)["api_key"]), str(made["message"]["api_secret"])


def reach(site: FrappeSite, key: str, secret: str) -> Connection:
    """A connection with another key."""
    return Connection(site.target(), key, secret, SHANGHAI)


def lets_in(site: FrappeSite, key: str, secret: str) -> bool:
    """Whether Frappe takes a key."""
    headers = {"Authorization": f"token {key}:{secret}", "X-Frappe-Site-Name": site.site or ""}
    address = site.url.rstrip("/") + "/api/method/frappe.auth.get_logged_user"
    return site.session.get(address, headers=headers, timeout=60).status_code == 200


def test_a_lock_ends_the_api_key_which_frappe_would_go_on_accepting(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    login = frappe_site.login("leaver")
    frappe_site.make_user(login, roles=[{"role": "Sales User"}])
    key, secret = with_key(frappe_site, login)
    live = read(login)
    (outcome,) = write(holding(replace(live, active=False)))
    assert outcome.status is Status.DONE
    assert not lets_in(frappe_site, key, secret)
    assert not frappe_site.read_user(login).get("api_key")
    assert (read(login).active, held(read(login))) == (False, [])


def test_a_key_that_outlived_a_lock_by_hand_is_drift_and_is_taken(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    login = frappe_site.login("half-locked")
    frappe_site.make_user(login)
    key, secret = with_key(frappe_site, login)
    frappe_site.change_user(login, enabled=0)
    assert lets_in(frappe_site, key, secret)  # this is what is odd
    live = read(login)
    assert (live.active, held(live)) == (False, [LEFT_KEY])
    (outcome,) = write(holding(live))
    assert outcome.status is Status.DONE
    assert held(read(login)) == []
    assert not lets_in(frappe_site, key, secret)


def test_an_account_without_system_manager_is_refused_since_it_would_read_users_without_roles(
    frappe_site: FrappeSite,
) -> None:
    login = frappe_site.login("too.little")
    frappe_site.make_user(login, roles=[{"role": "Sales User"}])
    connection = reach(frappe_site, *with_key(frappe_site, login))
    with pytest.raises(TargetError) as raised, FrappeConnector.read(connection):
        pass
    assert "not a System Manager" in raised.value.message or "not allowed" in raised.value.message
    assert "docs/frappe.md" in (raised.value.hint or "")


def test_a_wrong_secret_is_told_without_showing_it(frappe_site: FrappeSite) -> None:
    connection = reach(frappe_site, frappe_site.key, "no-such-Secret-1")
    with pytest.raises(TargetError) as raised, FrappeConnector.read(connection):
        pass
    assert "the API key is not accepted" in str(raised.value)
    assert "no-such-Secret-1" not in str(raised.value)


def test_an_account_with_user_permissions_of_its_own_is_refused_since_it_would_not_see_everything(
    frappe_site: FrappeSite,
) -> None:
    login = frappe_site.login("restricted")
    frappe_site.make_user(login, roles=[{"role": "System Manager"}])
    frappe_site.permit(login, "华新商贸", apply_to_all_doctypes=1)
    connection = reach(frappe_site, *with_key(frappe_site, login))
    with pytest.raises(TargetError, match="has User Permissions"), FrappeConnector.read(connection):
        pass
    frappe_site.set_roles(login)


def test_a_site_that_is_not_there_is_told(frappe_site: FrappeSite) -> None:
    connection = replace(frappe_site.connection(), target=frappe_site.target(site="nowhere.test"))
    with pytest.raises(TargetError) as raised, FrappeConnector.read(connection):
        pass
    assert raised.value.message == "there is no such Frappe site"


def test_the_cookies_of_a_guest_that_come_with_each_answer_are_not_kept(frappe_site: FrappeSite) -> None:
    with FrappeConnector.read(frappe_site.connection()) as reader:
        reader.snapshot([])
        cookies: requests.cookies.RequestsCookieJar = reader.session.http.session.cookies
        assert not list(cookies)


def test_more_than_the_twenty_of_frappes_own_page_are_read(frappe_site: FrappeSite) -> None:
    with FrappeConnector.read(frappe_site.connection()) as reader:
        assert len(reader.catalogue().languages) > 20


def test_administrator_and_guest_have_roles_but_are_not_accounts(frappe_site: FrappeSite) -> None:
    found = snapshot(frappe_site, None)
    assert not {"administrator", "guest"} & found.accounts.keys()
    assert {"administrator", "guest"} <= found.protected.keys()
    own = [login for login, why in found.protected.items() if why == "the login of erpsync itself"]
    assert len(own) == 1
    assert own[0] in found.accounts


def test_roles_of_role_profiles_are_not_taken_for_those_of_users(frappe_site: FrappeSite) -> None:
    assert not {"buying", "selling"} & snapshot(frappe_site, None).accounts.keys()


def test_a_user_without_roles_has_no_row_and_is_read(frappe_site: FrappeSite, read: Read) -> None:
    login = frappe_site.login("nothing")
    frappe_site.make_user(login)
    assert (read(login).active, read(login).grants) == (True, ())


def test_a_login_is_found_in_any_case_and_kept_in_lower_case(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    login = frappe_site.login("Big.Letters")
    frappe_site.make_user(login)
    assert read(login.lower()).login == login.lower()
    with FrappeConnector.read(frappe_site.connection()) as reader:
        (why,) = reader.objections(replace(read(login.lower()), login=login))
        assert login.lower() in why
