"""Is a Frappe site set up as its page says?"""

from __future__ import annotations

import pytest

from erpsync.connectors.checks import Check, Purpose, Verdict
from erpsync.connectors.frappe import FrappeConnector
from erpsync.connectors.frappe.session import VERSIONS
from tests.connectors.frappe.stub import KEY, OWN, StubSite, user_row
from tests.support.frappe_site import FrappeSite
from tests.support.http_server import StubServer


def checks(site: StubSite, purpose: Purpose = Purpose.APPLY) -> dict[str, Check]:
    """What was found, by the name of the check."""
    with FrappeConnector.read(site.connection()) as reader:
        return {check.name: check for check in reader.checks(purpose)}


@pytest.fixture
def site(stub: StubServer) -> StubSite:
    """A site as it should be."""
    return StubSite(stub, {"User": [user_row(OWN, api_key=KEY, last_login=None)]})


def test_a_site_as_it_should_be_leaves_open_only_what_it_does_not_tell(site: StubSite) -> None:
    found = checks(site)
    left_open = {name: check.verdict for name, check in found.items() if check.verdict is not Verdict.OK}
    assert left_open == dict.fromkeys(("clock", "throttle"), Verdict.UNKNOWN)
    assert "60 at most" in found["throttle"].message


@pytest.mark.parametrize(
    ("version", "words"), [("16.0.0-dev", "pages know"), ("17.1.0", "pages do not know")]
)
def test_a_version_that_it_is_not_tested_with_is_worth_a_look(
    site: StubSite, version: str, words: str
) -> None:
    site.methods[VERSIONS] = {"frappe": {"version": version}}
    found = checks(site)["version"]
    assert found.verdict is Verdict.WARN
    assert words in found.message


def test_a_key_that_plans_could_also_write(site: StubSite) -> None:
    found = checks(site, Purpose.PLAN)["rights"]
    assert found.verdict is Verdict.WARN
    assert "only GET" in (found.hint or "")


def test_a_login_with_a_password_is_worth_a_look(site: StubSite) -> None:
    site.rows["User"] = [user_row(OWN, api_key=KEY, last_login="2026-11-01 08:00:00")]
    assert checks(site)["password"].verdict is Verdict.WARN


def test_keys_of_disabled_users_are_named(site: StubSite) -> None:
    site.rows["User"] += [
        user_row("gone@huaxin.example", enabled=0, api_key="f7"),
        user_row("a@huaxin.example"),
    ]
    found = checks(site)["keys"]
    assert found.verdict is Verdict.WARN
    assert "gone@huaxin.example" in found.message
    assert "a@huaxin.example" not in found.message


def test_a_real_site_is_looked_at(frappe_site: FrappeSite) -> None:
    with FrappeConnector.read(frappe_site.connection()) as reader:
        found = {check.name: check.verdict for check in reader.checks(Purpose.APPLY)}
    assert found["version"] is Verdict.OK
    assert found["rights"] is Verdict.OK
