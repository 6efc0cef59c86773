"""What roles really bring, derived from the permissions of an ERP that the test makes up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpsync.model import EVERYBODY, Access, Response, Role, SodRisk, Status, User
from erpsync.policy import deep_rules
from erpsync.policy.base import Facts, PolicyFinding, Rule, evaluate
from erpsync.policy.deep import Deep, Permissions, examine
from tests.builders import AT, ERP, TODAY, assign, declare, make_target, user
from tests.policy.sod_companies import function, sod_risk

PATTERNS = {
    "PO": ("create purchase.purchase", "button purchase.purchase:*"),
    "GR": ("button stock.shipment.in:receive",),
    "VENDOR": ("create party.party",),
    "PAY": ("button account.invoice:pa?",),
    "PAYROLL": (),
}
"""By function, what amounts to it in Tryton; PAYROLL is one that Tryton does not know."""
PURCHASE = frozenset({"read purchase.purchase", "create purchase.purchase", "button purchase.purchase:quote"})
RECEIVE = frozenset({"button stock.shipment.in:receive"})
ALLOWED: Permissions = {ERP: {"Purchase": PURCHASE, "Stock": RECEIVE, "Nothing": frozenset()}}


def grants(key: str, *functions: str, erp: Sequence[str] = (), includes: tuple[str, ...] = ()) -> Role:
    """A role that claims functions and grants entitlements of the ERP."""
    entitlements = {ERP: tuple(erp)} if erp else {}
    return Role(key, key.title(), AT, functions=functions, includes=includes, entitlements=entitlements)


def company(*roles: Role, risks: Sequence[SodRisk] = (), users: Sequence[User] = ()) -> Access:
    """A company whose functions have the patterns above."""
    functions = [
        replace(function(key), permissions={"tryton": patterns} if patterns else {})
        for key, patterns in PATTERNS.items()
    ]
    return replace(
        declare(roles=roles, users=users),
        functions={item.key: item for item in functions},
        risks={item.key: item for item in risks},
    )


def of(*roles: Role, allowed: Permissions = ALLOWED) -> Deep:
    return examine(company(*roles), allowed)


def ids(access: Access, allowed: Permissions = ALLOWED) -> list[str]:
    return [finding.id for finding in told(access, allowed)]


def told(access: Access, allowed: Permissions = ALLOWED) -> tuple[PolicyFinding, ...]:
    return evaluate(Facts(access, TODAY, permissions=allowed), deep_rules.RULES)


# --- what roles bring --------------------------------------------------------------------------------------


def test_a_role_brings_a_function_when_any_of_its_patterns_is_met() -> None:
    found = of(grants("buyer", "PO", erp=["Purchase"]))
    assert found.brings["buyer"] == {
        "PO": ("button purchase.purchase:quote in erp", "create purchase.purchase in erp")
    }
    assert found.extra["buyer"] == frozenset()
    assert found.unmet["buyer"] == frozenset()


def test_the_entitlements_of_a_role_count_together() -> None:
    found = of(grants("clerk", erp=["Purchase", "Stock"]))
    assert found.extra["clerk"] == {"PO", "GR"}


def test_an_entitlement_that_the_erp_does_not_have_allows_nothing() -> None:
    found = of(grants("clerk", erp=["Purchas"]))
    assert found.brings["clerk"] == {}


@pytest.mark.parametrize(
    ("word", "met"),
    [
        ("button account.invoice:pay", True),
        ("button account.invoice:paid", False),
        ("button account.invoice:pa", False),
        ("button accountxinvoice:pay", False),
        ("a button account.invoice:pay", False),
    ],
)
def test_a_pattern_is_met_by_a_whole_permission_and_only_star_and_question_mark_are_special(
    word: str, met: bool
) -> None:
    found = of(grants("cashier", erp=["Cash"]), allowed={ERP: {"Cash": frozenset({word})}})
    assert ("PAY" in found.brings["cashier"]) == met


def test_a_star_meets_brackets_and_line_breaks_too() -> None:
    words = {ERP: {"Odd": frozenset({"button purchase.purchase:[x]\n"})}}
    assert "PO" in of(grants("odd", erp=["Odd"]), allowed=words).brings["odd"]


def test_patterns_for_another_connector_do_not_count() -> None:
    access = company(grants("buyer", "PO", erp=["Purchase"]))
    sap = replace(access, targets={ERP: replace(make_target(), connector="sap")})
    found = examine(sap, ALLOWED)
    assert found.brings["buyer"] == {}
    assert found.unmet["buyer"] == frozenset()


# --- beyond the claim, and short of it ---------------------------------------------------------------------


def test_what_an_included_role_claims_is_claimed() -> None:
    found = of(grants("lead", erp=["Purchase"], includes=("buyer",)), grants("buyer", "PO"))
    assert found.extra["lead"] == frozenset()


def test_what_a_role_claims_is_not_claimed_for_the_roles_it_includes() -> None:
    found = of(grants("lead", "PO", includes=("buyer",)), grants("buyer", erp=["Purchase"]))
    assert found.extra["buyer"] == {"PO"}
    assert found.unmet["lead"] == frozenset()


def test_a_claim_that_nothing_in_the_role_allows_is_unmet() -> None:
    assert of(grants("buyer", "PO", "GR", erp=["Purchase"])).unmet["buyer"] == {"GR"}
    assert of(grants("buyer", "PO")).unmet["buyer"] == {"PO"}


def test_of_a_function_without_patterns_nothing_can_be_told() -> None:
    assert of(grants("clerk", "PAYROLL", erp=["Nothing"])).unmet["clerk"] == frozenset()


def test_of_a_role_that_grants_in_a_target_that_was_not_read_nothing_can_be_told() -> None:
    both = replace(grants("clerk", "PO"), entitlements={ERP: ("Nothing",), "oa": ("Forms",)})
    assert of(both).unmet["clerk"] == frozenset()
    empty = replace(both, entitlements={ERP: ("Nothing",), "oa": ()})
    assert of(empty).unmet["clerk"] == {"PO"}


def test_without_any_permissions_nothing_is_told() -> None:
    access = company(grants("buyer", "PO"), risks=[sod_risk("P05", "PO", "GR")])
    assert ids(access, {}) == []


# --- everybody ---------------------------------------------------------------------------------------------


def test_what_everybody_may_do_is_told_once_and_counts_for_no_role() -> None:
    allowed = {ERP: {**ALLOWED[ERP], EVERYBODY: frozenset({"create party.party"}), "Buyer": PURCHASE}}
    access = company(
        grants("registrar", "VENDOR", erp=["Nothing"]), grants("other", erp=["Nothing"]),
        risks=[sod_risk("P01", "VENDOR")],
    )  # fmt: skip
    (finding,) = told(access, allowed)
    assert finding.id == "deep/open-to-all:VENDOR"
    assert finding.violation.message == (
        "whoever can log in can do VENDOR (Title of VENDOR): create party.party in erp"
    )


def test_a_function_that_everybody_and_a_role_has_is_not_undeclared() -> None:
    allowed = {ERP: {EVERYBODY: PURCHASE, "Purchase": PURCHASE}}
    assert examine(company(grants("buyer", erp=["Purchase"])), allowed).extra["buyer"] == frozenset()


# --- what is said ------------------------------------------------------------------------------------------


def test_an_undeclared_function_is_told_with_the_very_permissions() -> None:
    (finding,) = told(company(grants("clerk", erp=["Stock"])))
    assert finding.id == "deep/undeclared:clerk/GR"
    assert finding.violation.message == (
        "role clerk does not claim GR (Title of GR), but grants it: button stock.shipment.in:receive in erp"
    )
    assert "GR职责" in finding.violation.message_zh


def test_many_permissions_are_told_by_the_first_and_how_many_more() -> None:
    words = frozenset(f"button purchase.purchase:b{number}" for number in range(9))
    (finding,) = told(company(grants("clerk", erp=["Many"])), {ERP: {"Many": words}})
    assert "b4 in erp and 4 more" in finding.violation.message


def test_an_unused_claim_is_only_recorded_whatever_the_levels_say() -> None:
    access = company(grants("buyer", "PO", erp=["Nothing"]))
    strict = replace(access, policy=replace(access.policy, default=Response.BLOCK))
    (finding,) = told(strict)
    assert (finding.id, finding.blocks) == ("deep/unused-claim:buyer/PO", False)


def test_a_function_without_a_chinese_title_is_named_by_the_english_one() -> None:
    access = company(grants("clerk", erp=["Stock"]))
    plain = replace(access.functions["GR"], title_zh=None)
    (finding,) = told(replace(access, functions={**access.functions, "GR": plain}))
    assert "GR（Title of GR）" in finding.violation.message_zh


@pytest.mark.parametrize("rule", deep_rules.RULES, ids=[rule.id for rule in deep_rules.RULES])
def test_every_rule_looks_at_the_erp_only(rule: Rule) -> None:
    assert rule.live
    assert list(rule.check(Facts(company(grants("buyer", "PO")), TODAY))) == []


# --- separation of duties ----------------------------------------------------------------------------------


def sod(access: Access, allowed: Permissions = ALLOWED) -> list[PolicyFinding]:
    return [finding for finding in told(access, allowed) if finding.rule.startswith("sod-deep/")]


def holding(key: str, *roles: str, **validity: date) -> User:
    return user(
        key, assignments=[assign(role, validity.get("first"), validity.get("last")) for role in roles]
    )


def test_a_conflict_that_only_the_real_permissions_show_is_told_with_them() -> None:
    access = company(
        grants("buyer", "PO", erp=["Purchase"]),
        grants("helper", erp=["Stock"]),
        risks=[sod_risk("P05", "PO", "GR")],
        users=[holding("chen.jing", "buyer", "helper"), holding("lin.tao", "buyer")],
    )
    (finding,) = sod(access)
    assert finding.id == "sod-deep/P05:chen.jing"
    assert finding.violation.message.endswith(
        "not claimed: helper grants GR by button stock.shipment.in:receive in erp"
    )
    assert finding.violation.users == ("chen.jing",)


def test_a_conflict_that_the_claims_show_already_is_not_told_again() -> None:
    access = company(
        grants("buyer", "PO", erp=["Purchase"]), grants("keeper", "GR", erp=["Stock"]),
        risks=[sod_risk("P05", "PO", "GR")], users=[holding("chen.jing", "buyer", "keeper")],
    )  # fmt: skip
    assert sod(access) == []


def test_a_conflict_on_more_days_than_the_claims_show_is_told() -> None:
    short = assign("keeper", TODAY, TODAY)
    access = company(
        grants("buyer", "PO", erp=["Purchase"]),
        grants("keeper", "GR", erp=["Stock"]),
        grants("helper", erp=["Stock"]),
        risks=[sod_risk("P05", "PO", "GR")],
        users=[user("chen.jing", assignments=[assign("buyer"), short, assign("helper")])],
    )
    assert [finding.id for finding in sod(access)] == ["sod-deep/P05:chen.jing"]


def test_a_role_that_really_has_both_halves_is_told_with_those_who_have_it() -> None:
    access = company(
        grants("both", "PO", erp=["Purchase", "Stock"]),
        grants("lead", includes=("both",)),
        risks=[sod_risk("P05", "PO", "GR")],
        users=[holding("chen.jing", "lead")],
    )
    assert {(item.violation.subject, item.violation.users) for item in sod(access)} == {
        ("role:both", ("chen.jing",)),
        ("chen.jing", ("chen.jing",)),
    }


def test_a_role_whose_claims_conflict_already_is_not_told_again() -> None:
    access = company(grants("both", "PO", "GR", erp=["Purchase"]), risks=[sod_risk("P05", "PO", "GR")])
    assert sod(access) == []


def test_one_too_many_by_real_permissions_is_told_of_all_of_them() -> None:
    access = company(
        grants("buyer", "PO", erp=["Purchase"]),
        grants("helper", erp=["Purchase"]),
        risks=[sod_risk("C01", "PO", most=1)],
        users=[holding("chen.jing", "buyer"), holding("lin.tao", "helper")],
    )
    by_user = {item.violation.subject: item.violation.message for item in sod(access)}
    assert by_user.keys() == {"chen.jing", "lin.tao"}
    assert by_user["chen.jing"].endswith("not claimed: roles of others")


def test_as_many_by_real_permissions_as_may_have_it_are_not_told() -> None:
    access = company(
        grants("helper", erp=["Purchase"]),
        risks=[sod_risk("C01", "PO", most=1)],
        users=[holding("lin.tao", "helper")],
    )
    assert sod(access) == []


def test_what_a_risk_says_of_itself_does_not_make_a_real_conflict_refuse() -> None:
    risk = replace(sod_risk("P05", "PO", "GR"), response=Response.BLOCK)
    access = company(grants("both", "PO", erp=["Purchase", "Stock"]), risks=[risk])
    (finding,) = sod(access)
    assert not finding.blocks
    strict = replace(access.policy, responses={"sod-deep/*": Response.BLOCK})
    assert sod(replace(access, policy=strict))[0].blocks


def test_who_has_left_conflicts_no_more() -> None:
    access = company(
        grants("both", erp=["Purchase", "Stock"]), risks=[sod_risk("P05", "PO", "GR")],
        users=[replace(holding("chen.jing", "both"), status=Status.LEFT)],
    )  # fmt: skip
    assert [item.violation.subject for item in sod(access)] == ["role:both"]


# --- properties --------------------------------------------------------------------------------------------

WORDS = ("create purchase.purchase", "button stock.shipment.in:receive", "create party.party", "read it")
words = st.frozensets(st.sampled_from(WORDS))


@given(st.dictionaries(st.sampled_from(["Purchase", "Stock", EVERYBODY]), words), st.sampled_from(WORDS))
def test_one_more_permission_never_takes_a_function_from_a_role(
    allowed: Mapping[str, frozenset[str]], word: str
) -> None:
    roles = [grants("buyer", "PO", "GR", erp=["Purchase"]), grants("clerk", erp=["Purchase", "Stock"])]
    less = of(*roles, allowed={ERP: allowed})
    more = of(*roles, allowed={ERP: {**allowed, "Purchase": allowed.get("Purchase", frozenset()) | {word}}})
    for role in ("buyer", "clerk"):
        assert less.brings[role].keys() <= more.brings[role].keys()
        assert less.extra[role] <= more.extra[role]
        assert less.unmet[role] >= more.unmet[role]


@given(st.dictionaries(st.sampled_from(["Purchase", "Stock", EVERYBODY]), words))
def test_extra_functions_are_brought_and_neither_claimed_nor_open_to_all(
    allowed: Mapping[str, frozenset[str]],
) -> None:
    access = company(grants("buyer", "PO", erp=["Purchase"]), grants("clerk", erp=["Purchase", "Stock"]))
    found = examine(access, {ERP: allowed})
    for key, role in access.roles.items():
        assert found.extra[key] == found.brings[key].keys() - set(role.functions) - found.everybody.keys()
