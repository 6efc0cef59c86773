"""Which parts of the organisation must approve: rules held against a change."""

from __future__ import annotations

from typing import Any

import pytest

from erpsync.approval_rules import (
    OFFICE,
    Part,
    part_from_text,
    part_in_words,
    part_to_text,
    parts_for_change,
    parts_for_entry,
    parts_for_planned,
)
from erpsync.model import Access, Approver, Change, ChangeKind, Grant, Reason, Way
from erpsync.proposal import ENTRY, KEY, propose
from tests.support.declared import COMPANY, Document, declared, edited, without

ME = "chen.jing"
HEAD: Part = (Approver.DEPARTMENT_HEAD, "purchasing")
KEY_USER: Part = (Approver.KEY_USER, "materials")
BUSINESS: Part = (Approver.BUSINESS_ADMIN, "materials")
ERP: Part = (Approver.ERP_ADMIN, "materials")


def asked(base: Document, head: Document) -> dict[tuple[str, str], list[Part]]:
    """The parts that each change of a user needs, by kind and subject."""
    before, after = declared(base), declared(head)
    return {
        (change.kind.value, change.subject): parts_for_change(change, before.access, after.access)
        for change in propose(before, after).changes
    }


def asked_for_entries(base: Document, head: Document) -> dict[tuple[str, str], list[Part]]:
    before, after = declared(base), declared(head)
    return {
        (entry.section, entry.key): parts_for_entry(entry, before.access, after.access)
        for entry in propose(before, after).entries
    }


def user(document: Document = COMPANY, /, **values: Any) -> Document:
    return edited(document, "users", ME, **values)


def given(role: str, document: Document = COMPANY) -> Document:
    return user(document, assignments=[{"role": role, "reason": "stands in"}])


def rules(*needs: str, **when: list[str]) -> Document:
    """The company with one rule."""
    only = without(COMPANY, "approvals")
    return edited(only, "approvals", "only", title="Only", when=when or None, needs=list(needs))


# --- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "text", "words"),
    [
        ((Approver.KEY_USER, "materials"), "key_user:materials", "key user of materials"),
        ((Approver.DEPARTMENT_HEAD, "it"), "department_head:it", "head of it"),
        ((Approver.OWNER, "svc.wms"), "owner:svc.wms", "person answering for svc.wms"),
        (OFFICE, "oversight", "oversight office"),
    ],
)
def test_part_in_plans_and_in_words(part: Part, text: str, words: str) -> None:
    assert (part_to_text(part), part_in_words(part)) == (text, words)
    assert part_from_text(text) == part


def test_every_part_has_words() -> None:
    assert len({part_in_words((approver, "x")) for approver in Approver}) == len(Approver)


def test_unknown_part_is_refused() -> None:
    with pytest.raises(ValueError, match="boss"):
        part_from_text("boss:materials")


# --- roles -------------------------------------------------------------------------------------------


def test_what_several_rules_speak_of_needs_the_parts_of_all() -> None:
    assert asked(COMPANY, given("approver")) == {("grant", "approver"): [BUSINESS, HEAD, ERP, KEY_USER]}


def test_role_by_position_needs_what_the_rule_for_positions_says() -> None:
    assert asked(COMPANY, user(position="buyer"))[("grant", "buyer")] == [HEAD]


def test_risk_and_sensitive_class_of_a_role_add_their_parts() -> None:
    assert asked(COMPANY, given("chief"))[("grant", "chief")] == [
        HEAD,
        (Approver.KEY_USER, "finance"),
        OFFICE,
        (Approver.ROLE_OWNER, "chief"),
    ]
    assert (Approver.ROLE_OWNER, "ledger") in asked(COMPANY, given("ledger"))[("grant", "ledger")]


def test_role_counts_as_risky_as_what_it_includes() -> None:
    base = edited(
        COMPANY, "roles", "lead", title="Lead", subsystem="materials", owner="wu.lan", includes=["chief"]
    )
    parts = asked(base, given("lead", base))[("grant", "lead")]
    assert {OFFICE, (Approver.ROLE_OWNER, "lead"), KEY_USER} <= set(parts)
    assert (Approver.KEY_USER, "finance") not in parts


def test_rule_for_a_subsystem_is_for_its_roles_alone() -> None:
    base = rules("key_user", subsystem=["finance"])
    assert asked(base, given("ledger", base))[("grant", "ledger")] == [(Approver.KEY_USER, "finance")]
    assert asked(base, given("buyer", base))[("grant", "buyer")] == [OFFICE]


def test_role_that_the_proposal_makes_needs_the_people_of_the_subsystem_it_names() -> None:
    head = edited(COMPANY, "roles", "new", title="New", subsystem="materials", owner="chen.jing", risk="low")
    assert asked(COMPANY, given("new", head))[("grant", "new")] == [HEAD, KEY_USER]


def test_role_that_the_proposal_removes_is_known_from_the_base() -> None:
    base = rules("key_user", change=["revoke"])
    head = without(base, "roles", "buyer")
    assert asked(given("buyer", base), head)[("revoke", "buyer")] == [KEY_USER]


def test_role_that_moves_to_another_subsystem_needs_the_people_of_both() -> None:
    head = edited(given("buyer"), "roles", "buyer", subsystem="finance")
    parts = asked(COMPANY, head)[("grant", "buyer")]
    assert {KEY_USER, (Approver.KEY_USER, "finance")} <= set(parts)


@pytest.mark.parametrize("before", ["low", "high"])
def test_risk_that_the_proposal_changes_counts_as_the_one_and_the_other(before: str) -> None:
    base = edited(COMPANY, "roles", "buyer", risk=before)
    after = edited(given("buyer", base), "roles", "buyer", risk="low" if before == "high" else "high")
    assert {BUSINESS, ERP} <= set(asked(base, after)[("grant", "buyer")])


def test_role_called_like_a_key_of_users_is_not_taken_for_one() -> None:
    base = edited(rules("key_user", risk=["critical"]), "roles", "email",
                  title="Mail", subsystem="finance", owner="wu.lan", risk="critical")  # fmt: skip
    assert asked(base, user(base, email="a@b.example")) == {("update", "email"): [OFFICE]}


# --- users -------------------------------------------------------------------------------------------


def test_who_moves_needs_the_heads_of_both_departments() -> None:
    base = rules("department_head", change=["update"])
    assert asked(base, user(base, department="sales"))[("update", "department")] == [
        HEAD,
        (Approver.DEPARTMENT_HEAD, "sales"),
    ]


def test_user_without_department_has_the_head_of_none() -> None:
    base = rules("department_head")
    head = edited(base, "users", "svc.wms", status="locked")
    assert asked(base, head) == {("lock", ""): [(Approver.DEPARTMENT_HEAD, "")]}


def test_owner_is_asked_for_who_is_no_employee() -> None:
    base = rules("owner")
    assert asked(base, edited(base, "users", "svc.wms", status="locked")) == {
        ("lock", ""): [(Approver.OWNER, "svc.wms")]
    }
    assert asked(base, user(base, status="locked")) == {("lock", ""): []}


def test_service_that_the_proposal_calls_a_person_still_needs_what_a_service_needs() -> None:
    head = edited(COMPANY, "users", "svc.wms", type="dedicated", department="purchasing")
    assert asked(COMPANY, head)[("update", "type")] == [(Approver.OWNER, "svc.wms")]


def test_person_that_the_proposal_calls_a_service_needs_what_a_service_needs() -> None:
    head = user(type="service", owner="lin.tao")
    assert asked(COMPANY, head)[("update", "type")] == [(Approver.OWNER, ME)]


def test_renamed_user_is_known_by_the_earlier_key() -> None:
    head = without(COMPANY, "users", "svc.wms")
    head["users"]["svc.whs"] = {**COMPANY["users"]["svc.wms"], "previously": ["svc.wms"]}
    assert asked(COMPANY, head)[("update", KEY)] == [(Approver.OWNER, "svc.wms")]


def test_rule_without_conditions_is_for_all_changes_of_users_and_for_no_entry() -> None:
    base = rules("oversight")
    assert asked(base, user(base, name="陈晶")) == {("update", "name"): [OFFICE]}
    head = edited(base, "departments", "sales", title="Selling")
    assert asked_for_entries(
        rules("key_user"), edited(rules("key_user"), "departments", "sales", title="S")
    ) == {("departments", "sales"): [OFFICE]}
    assert asked_for_entries(base, head) == {("departments", "sales"): [OFFICE]}


@pytest.mark.parametrize("need", ["key_user", "business_admin", "erp_admin", "role_owner", "owner"])
def test_part_that_a_change_has_nothing_to_do_with_is_not_asked(need: str) -> None:
    base = rules(need)
    assert asked(base, user(base, name="陈晶")) == {("update", "name"): []}
    assert asked(base, user(base, email="a@b.example")) == {("update", "email"): [OFFICE]}


# --- what no rule speaks of --------------------------------------------------------------------------

SILENT = rules("key_user", section=["waivers"])
ENDING = given("buyer", user(SILENT, valid_to="2027-05-01"))


@pytest.mark.parametrize(
    ("base", "head", "what"),
    [
        (SILENT, given("buyer", SILENT), ("grant", "buyer")),
        (SILENT, edited(SILENT, "users", "a", name="A", type="dedicated"), ("create", "")),
        (user(SILENT, status="locked"), SILENT, ("unlock", "")),
        (ENDING, user(ENDING, valid_to="2027-06-30"), ("retime", "account")),
        (ENDING, user(ENDING, valid_to=None), ("retime", "buyer")),
        (user(SILENT, position="buyer"), given("buyer", SILENT), ("retime", "buyer")),
        (SILENT, user(SILENT, scope={"company": ["A"]}), ("rescope", "company")),
        (SILENT, without(SILENT, "users", ME), ("update", ENTRY)),
        *((SILENT, user(SILENT, **{key: value}), ("update", key)) for key, value in {
            "email": "a@b.example", "logins": {"erp": "wu.lan"}, "forge": {"github": "me"},
            "deputy": "wu.lan", "owner": "wu.lan", "type": "temporary", "previously": ["older"],
            "department": "sales",
            "away": [{"valid_from": "2027-05-01", "valid_to": "2027-06-30"}], "a_key_of_the_future": "yes",
        }.items()),
    ],
)  # fmt: skip
def test_grave_change_that_no_rule_speaks_of_needs_the_office(
    base: Document, head: Document, what: tuple[str, str]
) -> None:
    assert asked(base, head)[what] == [OFFICE]


@pytest.mark.parametrize(
    ("base", "head", "what"),
    [
        (given("buyer", SILENT), SILENT, ("revoke", "buyer")),
        (SILENT, user(SILENT, status="left"), ("lock", "")),
        (user(ENDING, valid_to=None), ENDING, ("retime", "buyer")),
        (ENDING, user(ENDING, valid_from="2027-02-01"), ("retime", "account")),
        (given("buyer", user(SILENT, position="buyer")), user(SILENT, position="buyer"), ("retime", "buyer")),
        (user(SILENT, scope={"company": ["A", "B"]}), user(SILENT, scope={"company": ["A"]}),
         ("rescope", "company")),
        (SILENT, user(SILENT, name="陈晶"), ("update", "name")),
        (SILENT, user(SILENT, language="en"), ("update", "language")),
        (SILENT, user(SILENT, position="seller"), ("update", "position")),
    ],
)  # fmt: skip
def test_harmless_change_that_no_rule_speaks_of_needs_nobody(
    base: Document, head: Document, what: tuple[str, str]
) -> None:
    found = asked(base, head)
    assert what in found
    assert not any(found.values())


# --- entries -----------------------------------------------------------------------------------------


def test_role_of_the_catalogue_needs_its_owner_and_its_subsystem() -> None:
    assert asked_for_entries(COMPANY, edited(COMPANY, "roles", "buyer", risk="low")) == {
        ("roles", "buyer"): [BUSINESS, (Approver.ROLE_OWNER, "buyer")]
    }


def test_role_that_is_handed_to_another_subsystem_needs_both() -> None:
    assert asked_for_entries(COMPANY, edited(COMPANY, "roles", "buyer", subsystem="finance")) == {
        ("roles", "buyer"): [
            (Approver.BUSINESS_ADMIN, "finance"),
            BUSINESS,
            (Approver.ROLE_OWNER, "buyer"),
        ]
    }


def test_role_new_or_removed_needs_what_it_says_of_itself() -> None:
    one = edited(COMPANY, "roles", "new", title="New", subsystem="materials", owner="wu.lan")
    needed = {("roles", "new"): [BUSINESS, (Approver.ROLE_OWNER, "new")]}
    assert asked_for_entries(COMPANY, one) == asked_for_entries(one, COMPANY) == needed


def test_position_needs_the_heads_of_its_departments_before_and_after() -> None:
    assert asked_for_entries(COMPANY, edited(COMPANY, "positions", "buyer", department="sales")) == {
        ("positions", "buyer"): [HEAD, (Approver.DEPARTMENT_HEAD, "sales")]
    }


def test_position_new_or_removed_needs_the_head_of_its_department() -> None:
    one = edited(COMPANY, "positions", "new", title="New", department="sales")
    needed = {("positions", "new"): [(Approver.DEPARTMENT_HEAD, "sales")]}
    assert asked_for_entries(COMPANY, one) == asked_for_entries(one, COMPANY) == needed


def test_department_and_subsystem_need_their_own_and_the_office_for_what_they_have_not() -> None:
    head = edited(edited(COMPANY, "departments", "sales", title="S"), "subsystems", "finance", title="F")
    assert asked_for_entries(COMPANY, head) == {
        ("departments", "sales"): [(Approver.BUSINESS_ADMIN, ""), (Approver.DEPARTMENT_HEAD, "sales")],
        ("subsystems", "finance"): [(Approver.BUSINESS_ADMIN, "finance"), (Approver.DEPARTMENT_HEAD, "")],
    }


@pytest.mark.parametrize(
    "section", ["approvals", "oversight", "birthright", "waivers", "targets", "settings"]
)
def test_section_without_a_rule_needs_the_office(section: str) -> None:
    base = without(COMPANY, "approvals", "high")
    head = without(base, "oversight") if section == "oversight" else without(base, "approvals", "roles")
    found = asked_for_entries(base, head)
    assert set(map(tuple, found.values())) == {(OFFICE,)}


# --- plans -------------------------------------------------------------------------------------------


def planned(change: Change, document: Document = COMPANY) -> list[Part]:
    access: Access = declared(document).access
    return parts_for_planned(change, access.users[ME], access)


def test_planned_grant_needs_what_every_role_and_way_behind_it_needs() -> None:
    by_position = Reason("position buyer", role="buyer", way=Way.POSITION)
    by_assignment = Reason("assignment", role="approver", way=Way.ASSIGNMENT)
    assert planned(Change(ChangeKind.GRANT, "Purchase", reasons=(by_position,))) == [HEAD]
    both = planned(Change(ChangeKind.GRANT, "Purchase", reasons=(by_position, by_assignment)))
    assert both == [BUSINESS, HEAD, ERP, KEY_USER]


def test_planned_change_without_a_role_needs_what_its_kind_needs() -> None:
    base = rules("department_head", change=["lock"])
    assert planned(Change(ChangeKind.LOCK, reasons=(Reason("left"),)), base) == [HEAD]


@pytest.mark.parametrize(
    ("change", "grave"),
    [
        (Change(ChangeKind.CREATE), True),
        (Change(ChangeKind.UPDATE, "login"), True),
        (Change(ChangeKind.UPDATE, "email"), True),
        (Change(ChangeKind.UPDATE, "name"), False),
        (Change(ChangeKind.LOCK), False),
        (Change(ChangeKind.RETIME, "A", (Grant("A"),), (Grant("A"),)), False),
        (Change(ChangeKind.RETIME, "A", (), (Grant("A"),)), True),
    ],
)
def test_planned_change_that_no_rule_speaks_of_needs_the_office_if_it_is_grave(
    change: Change, grave: bool
) -> None:
    assert planned(change, SILENT) == [OFFICE] * grave


@pytest.mark.parametrize("values", [{"forge": {"github": "other"}}, {"deputy": "lin.tao"}])
def test_whose_approvals_count_is_for_the_oversight_office_whatever_a_rule_says(
    values: dict[str, Any],
) -> None:
    base = rules("department_head", change=["update"])
    (parts,) = asked(base, user(base, **values)).values()
    assert parts == sorted([HEAD, OFFICE])
