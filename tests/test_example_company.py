"""The example company that ships with the project: valid, and as rich as the documentation says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import yaml

from erpsync.access import load_valid, validate
from erpsync.approvals import Requirement, required
from erpsync.model import ALL, Access, Approver, ChangeKind, Mode, Risk, Status, UserType, Way
from erpsync.proposal import EntryChange, Proposal, Proposed
from erpsync.resolve import resolver

ROOT = Path(__file__).parent.parent / "access"
DAY = date(2026, 11, 20)
"""The day that the demo plays on."""


@pytest.fixture(scope="module")
def access() -> Access:
    return load_valid(ROOT)


def raw(section: str) -> dict[str, dict[str, object]]:
    """A section as any YAML reader sees it."""
    entries: dict[str, dict[str, object]] = {}
    for path in sorted(ROOT.rglob("*.yaml")):
        entries |= yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader).get(section, {})
    return entries


def test_it_validates() -> None:
    assert validate(ROOT).findings == ()


def test_it_has_a_company_of_users_and_a_catalogue_of_roles(access: Access) -> None:
    assert len(access.users) >= 120
    assert len(access.roles) >= 35
    assert len(access.positions) >= 20
    assert len(access.birthright) >= 3


def test_it_has_the_eleven_subsystems_with_their_admins_and_most_with_key_users() -> None:
    subsystems = raw("subsystems")
    assert len(subsystems) == 11
    for subsystem in subsystems.values():
        assert subsystem["title_zh"]
        assert subsystem["business_admin"]
        assert subsystem["erp_admin"]
    assert sum("key_users" in subsystem for subsystem in subsystems.values()) >= 10


def test_every_subsystem_has_roles_and_every_role_a_chinese_title(access: Access) -> None:
    assert {role.subsystem for role in access.roles.values()} == set(raw("subsystems"))
    assert all(role.title_zh for role in access.roles.values())


def test_at_most_two_key_users_of_a_subsystem_come_from_one_department(access: Access) -> None:
    for subsystem in raw("subsystems").values():
        key_users = subsystem.get("key_users", [])
        assert isinstance(key_users, list)
        departments = Counter(access.users[key].department for key in key_users)
        assert all(count <= 2 for count in departments.values())


def test_every_department_has_a_manager_who_works_there(access: Access) -> None:
    for key, department in raw("departments").items():
        assert access.users[str(department["manager"])].department == key


def test_users_of_every_type_and_status_are_there(access: Access) -> None:
    users = access.users.values()
    assert {user.status for user in users} == set(Status)
    assert {user.type for user in users} >= {UserType.DEDICATED, UserType.TEMPORARY, UserType.SERVICE}
    assert {user.type for user in users} == set(UserType)


def test_roles_of_every_risk_are_there_and_most_are_not_critical(access: Access) -> None:
    risks = Counter(role.risk for role in access.roles.values())
    assert set(risks) == set(Risk)
    assert risks[Risk.CRITICAL] * 4 < len(access.roles)


def test_some_roles_include_others(access: Access) -> None:
    assert any(role.includes for role in access.roles.values())


def test_somebody_joins_later_and_somebody_has_ended(access: Access) -> None:
    users = access.users.values()
    assert any(user.valid_from and user.valid_from > DAY for user in users)
    assert any(user.valid_to and user.valid_to < DAY for user in users)


def test_assignments_past_current_and_future_are_there(access: Access) -> None:
    items = [item for user in access.users.values() for item in user.assignments]
    assert any(item.valid_to and item.valid_to < DAY for item in items)
    assert any(item.valid_from and item.valid_from > DAY for item in items)
    assert any(
        item.valid_from and item.valid_to and item.valid_from <= DAY <= item.valid_to for item in items
    )


def test_every_assignment_has_a_reason_and_a_request(access: Access) -> None:
    for user in access.users.values():
        assert all(item.reason and item.request for item in user.assignments)


def test_scopes_both_named_and_all_are_there(access: Access) -> None:
    companies = [user.scope["company"] for user in access.users.values() if "company" in user.scope]
    assert (ALL,) in companies
    assert any(len(names) > 1 for names in companies)


def test_everybody_who_works_has_something_and_nobody_else(access: Access) -> None:
    prepared = resolver(access, "erp", DAY, validity=True)
    for user in access.users.values():
        account = prepared.account(user)
        if user.status is Status.LEFT:
            assert (account.active, account.grants) == (False, ())
        elif user.type is UserType.DEDICATED and prepared.standing(user).active:
            assert account.grants


def test_identities_are_unique(access: Access) -> None:
    numbers = Counter(user.employee_no for user in access.users.values() if user.employee_no)
    emails = Counter(user.email for user in access.users.values() if user.email)
    assert max(numbers.values()) == max(emails.values()) == 1


def test_people_and_hosts_are_invented() -> None:
    for path in ROOT.rglob("*.yaml"):
        for word in path.read_text(encoding="utf-8").split():
            if "@" in word.strip("@*"):
                assert word.strip("\"'{},").endswith(".example")


def test_target_enforces_everything_and_protects_the_way_back_in(access: Access) -> None:
    (target,) = access.targets.values()
    manage = target.manage
    assert {manage.accounts, manage.attributes, manage.entitlements, manage.scope} == {Mode.ENFORCE}
    assert target.protected == ("admin",)


# --- approvals ---------------------------------------------------------------------------------------


def needed(access: Access, proposal: Proposal, author: str | None = None) -> tuple[Requirement, ...]:
    return required(proposal, access, access, authors={author} if author else (), as_of=DAY)


def granted(user: str, role: str, access: Access, way: Way = Way.ASSIGNMENT) -> Proposal:
    grant = Proposed(user, ChangeKind.GRANT, access.users[user].at, role, (), ((None, None),), way)
    return Proposal((grant,), ())


def every_proposal(access: Access) -> list[Proposal]:
    """Every role for a member and an interface, in every way; every kind of change for all; every entry."""
    holders = ("feng.lei", "svc.wms")
    proposals = [granted(key, role, access, way) for key in holders for role in access.roles for way in Way]
    for user in access.users.values():
        for kind in set(ChangeKind) - {ChangeKind.GRANT, ChangeKind.REVOKE}:
            proposals.append(Proposal((Proposed(user.key, kind, user.at, "email"),), ()))
    for section in ("roles", "positions", "departments", "subsystems", "approvals", "oversight"):
        for key, entry in getattr(access, section).items():
            proposals.append(Proposal((), (EntryChange(section, key, "changed", entry.at),)))
    return proposals


@pytest.mark.parametrize("author", [None, "he.qi", "ruan.ling"])
def test_every_approval_that_could_be_needed_can_be_given(access: Access, author: str | None) -> None:
    for proposal in every_proposal(access):
        for requirement in needed(access, proposal, author):
            assert requirement.people, requirement.words


def test_everybody_who_may_have_to_approve_has_a_handle(access: Access) -> None:
    for proposal in every_proposal(access):
        for requirement in needed(access, proposal):
            assert all("github" in access.users[key].forge for key in requirement.people)


def test_every_rule_asks_somebody_for_something(access: Access) -> None:
    for rule in access.approvals.values():
        only = replace(access, approvals={rule.key: rule})
        asked = {item.approver for proposal in every_proposal(only) for item in needed(only, proposal)}
        assert set(rule.needs) <= asked


@pytest.mark.parametrize(
    ("role", "parts"),
    [
        ("quality.returns_clerk", {Approver.KEY_USER, Approver.DEPARTMENT_HEAD}),
        (
            "materials.item_master",
            {Approver.KEY_USER, Approver.DEPARTMENT_HEAD, Approver.BUSINESS_ADMIN, Approver.ERP_ADMIN},
        ),
        ("production.master_data", set(Approver) - {Approver.OWNER}),
        ("sales.clerk", {Approver.KEY_USER, Approver.DEPARTMENT_HEAD, Approver.ROLE_OWNER}),
    ],
)
def test_the_riskier_a_role_the_more_people_approve_it(
    access: Access, role: str, parts: set[Approver]
) -> None:
    assert {item.approver for item in needed(access, granted("feng.lei", role, access))} == parts


def test_what_a_position_brings_needs_the_head_of_the_department_alone(access: Access) -> None:
    (requirement,) = needed(access, granted("feng.lei", "purchasing.buyer", access, Way.POSITION))
    assert (requirement.approver, requirement.people) == (Approver.DEPARTMENT_HEAD, ("wu.lan",))


def test_nobody_oversees_what_he_administers(access: Access) -> None:
    office = {key for item in access.oversight.values() for key in item.members}
    for subsystem in access.subsystems.values():
        assert office.isdisjoint({subsystem.business_admin, subsystem.erp_admin, *subsystem.key_users})


def test_sensitive_classes_of_the_regulation_are_all_there(access: Access) -> None:
    classes = {role.sensitive for role in access.roles.values()}
    assert classes >= {"payroll", "recipe", "finance", "sales"}
