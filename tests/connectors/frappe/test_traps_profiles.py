"""What a real Frappe does that one would not think: role profiles and module profiles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from erpsync.connectors.base import Status
from erpsync.connectors.frappe import FrappeConnector
from erpsync.connectors.frappe.reader import FrappeReader
from erpsync.model import Account, Grant
from tests.connectors.frappe.conftest import Read, Write, held, holding
from tests.support.frappe_site import FrappeSite

BUYING = ["Purchase User", "Report Manager", "profile:Buying"]
QUIET = "Quiet desk"


@pytest.fixture
def reader(frappe_site: FrappeSite) -> Iterator[FrappeReader]:
    """A session that cannot write."""
    with FrappeConnector.read(frappe_site.connection()) as opened:
        yield opened


@pytest.fixture
def buyer(frappe_site: FrappeSite) -> str:
    """A user with a role profile."""
    login = frappe_site.login("profiled")
    frappe_site.make_user(login, role_profile_name="Buying")
    return login


def test_a_role_profile_is_held_with_the_roles_that_it_brings(
    buyer: str, read: Read, reader: FrappeReader
) -> None:
    assert held(read(buyer)) == BUYING
    assert reader.catalogue().implies["profile:Buying"] == {"Purchase User", "Report Manager"}


def test_a_new_user_gets_a_profile_with_its_roles(frappe_site: FrappeSite, read: Read, write: Write) -> None:
    login = frappe_site.login("new.profile")
    (outcome,) = write(Account(login, "陈静", grants=tuple(map(Grant, BUYING))))
    assert (outcome.status, held(read(login))) == (Status.DONE, BUYING)


def test_roles_written_while_a_profile_is_set_have_no_effect_so_it_is_taken_with_them(
    frappe_site: FrappeSite, buyer: str, read: Read, write: Write
) -> None:
    frappe_site.set_roles(buyer, "Sales User")
    assert held(read(buyer)) == BUYING  # this is what is odd
    (outcome,) = write(holding(read(buyer), "Sales User"))
    assert (outcome.status, held(read(buyer))) == (Status.DONE, ["Sales User"])


def test_a_cleared_profile_is_an_empty_text_or_nothing_and_both_are_none(
    frappe_site: FrappeSite, buyer: str, read: Read
) -> None:
    for cleared in ("", None):
        frappe_site.change_user(buyer, role_profile_name=cleared, roles=[{"role": "Sales User"}])
        assert held(read(buyer)) == ["Sales User"]


def test_one_profile_is_changed_for_another(buyer: str, read: Read, write: Write) -> None:
    (outcome,) = write(holding(read(buyer), "Sales User", "profile:Selling"))
    assert (outcome.status, held(read(buyer))) == (Status.DONE, ["Sales User", "profile:Selling"])


def test_a_role_beside_a_profile_and_a_second_profile_are_refused_before_anything_is_written(
    buyer: str, read: Read, reader: FrappeReader
) -> None:
    (beside,) = reader.objections(holding(read(buyer), *BUYING, "Accounts User"))
    assert "Accounts User" in beside
    (two,) = reader.objections(holding(read(buyer), *BUYING, "Sales User", "profile:Selling"))
    assert "one a user" in two
    assert not list(reader.objections(read(buyer)))


def test_a_profile_that_the_job_of_frappe_does_not_bring_to_a_user_is_drift_and_is_mended(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    """The job that carries a changed profile to its users skips those who have no role at all."""
    mark = frappe_site.login("x").partition("@")[0]
    role, profile = f"Lately {mark}", f"Late {mark}"
    frappe_site.make("Role", role_name=role)
    frappe_site.make("Role Profile", role_profile=profile, roles=[{"role": role}])
    login = frappe_site.login("late")
    frappe_site.make_user(login, role_profile_name=profile)
    for disabled in (1, 0):  # takes the role from the user and from the profile
        frappe_site.call("PUT", f"/api/resource/Role/{role}", {"disabled": disabled})
    frappe_site.call("PUT", f"/api/resource/Role Profile/{profile}", {"roles": [{"role": role}]})
    assert held(read(login)) == [f"profile:{profile}"]
    (outcome,) = write(holding(read(login), role, f"profile:{profile}"))
    assert (outcome.status, held(read(login))) == (Status.DONE, [role, f"profile:{profile}"])


def test_a_module_profile_is_left_alone_unless_it_is_managed(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    quiet_desk(frappe_site)
    login = frappe_site.login("quiet")
    frappe_site.make_user(login, module_profile=QUIET)
    (outcome,) = write(holding(read(login), "Sales User"))
    assert (outcome.status, held(read(login))) == (Status.DONE, ["Sales User"])
    assert frappe_site.read_user(login)["module_profile"] == QUIET


def test_a_module_profile_is_given_and_taken(frappe_site: FrappeSite, read: Read, write: Write) -> None:
    quiet_desk(frappe_site)
    login = frappe_site.login("quiet")
    frappe_site.make_user(login)
    managed = {"module_profiles": "true"}
    write(holding(read(login, **managed), "Sales User", f"modules:{QUIET}"), **managed)
    assert held(read(login, **managed)) == ["Sales User", f"modules:{QUIET}"]
    write(holding(read(login, **managed), "Sales User"), **managed)
    assert held(read(login, **managed)) == ["Sales User"]
    assert frappe_site.read_user(login)["block_modules"] == []


def test_a_module_profile_that_was_changed_reaches_nobody_until_the_user_is_saved_and_is_drift(
    frappe_site: FrappeSite, read: Read, write: Write
) -> None:
    name = f"Changing {frappe_site.login('x').partition('@')[0]}"
    modules = [{"module": "Website"}]
    frappe_site.make("Module Profile", module_profile_name=name, block_modules=modules)
    login = frappe_site.login("stale")
    frappe_site.make_user(login, module_profile=name)
    managed = {"module_profiles": "true"}
    assert held(read(login, **managed)) == [f"modules:{name}"]
    changed = [*modules, {"module": "Automation"}]
    frappe_site.call("PUT", f"/api/resource/Module Profile/{name}", {"block_modules": changed})
    assert held(read(login, **managed)) == []
    write(holding(read(login, **managed), f"modules:{name}"), **managed)
    assert held(read(login, **managed)) == [f"modules:{name}"]


def quiet_desk(site: FrappeSite) -> None:
    """See to it that the module profile is there."""
    if not site.found("Module Profile", QUIET):
        modules = [{"module": "Website"}, {"module": "Automation"}]
        site.make("Module Profile", module_profile_name=QUIET, block_modules=modules)
