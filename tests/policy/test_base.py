"""What follows from findings: responses, mitigations, waivers, and what is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from erpsync.model import Access, Policy, Response, Risk, Severity, Status, Waiver
from erpsync.policy.base import Facts, PolicyFinding, Rule, Violation, evaluate, introduced
from tests.builders import AT, TODAY, user
from tests.support.policies import MITIGATED, company, finding

PEOPLE = (user("chen.jing"), user("wu.lan"), user("lin.tao"))


def rule(*found: Violation, key: str = "sod") -> Rule:
    return Rule(key, "T", "题", Risk.HIGH, "why", "example", "mend", ("C:1",), lambda _: found)


def violation(*users: str, name: str = "sod/P01", said: Response | None = None) -> Violation:
    return Violation("it", "m", "信息", AT, users, rule=name, said=said)


def decided(access: Access, found: Violation) -> PolicyFinding:
    (one,) = evaluate(Facts(access, TODAY), [rule(found)])
    return one


def mitigating(**more: object) -> Access:
    policy = Policy(default=Response.MITIGATE)
    return company(*PEOPLE, policy=policy, mitigations=(replace(MITIGATED, **more),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("response", "blocks", "severity"),
    [
        (Response.BLOCK, True, Severity.ERROR),
        (Response.MITIGATE, True, Severity.ERROR),
        (Response.WARN, False, Severity.WARNING),
        (Response.RECORD, False, Severity.NOTE),
    ],
)
def test_a_response_decides_whether_a_finding_refuses(
    response: Response, blocks: bool, severity: Severity
) -> None:
    one = finding(response=response)
    assert (one.blocks, one.severity) == (blocks, severity)
    made_up = finding(response=response, made_up="mitigation M1")
    assert (made_up.blocks, made_up.severity) == (False, Severity.NOTE)


def test_a_company_that_says_nothing_only_records() -> None:
    assert Policy().response_of("sod/P01", Risk.CRITICAL) is Response.RECORD


@pytest.mark.parametrize(
    ("name", "response"),
    [
        ("sod/P01", Response.WARN),
        ("sod/P02", Response.BLOCK),
        ("lifecycle/mover", Response.RECORD),
        ("lifecycle/other", Response.MITIGATE),
        ("else", Response.BLOCK),
    ],
)
def test_the_policy_names_rules_before_levels_and_the_longest_pattern_counts(
    name: str, response: Response
) -> None:
    policy = Policy(
        levels={Risk.HIGH: Response.BLOCK},
        responses={
            "sod/P01": Response.WARN,
            "lifecycle/*": Response.MITIGATE,
            "lifecycle/m*": Response.RECORD,
        },
    )
    assert policy.response_of(name, Risk.HIGH) is response


def test_what_a_rule_says_of_itself_counts_before_its_level() -> None:
    access = company(policy=Policy(levels={Risk.HIGH: Response.BLOCK}))
    assert decided(access, violation(said=Response.WARN)).response is Response.WARN


def test_findings_are_named_and_sorted_by_place() -> None:
    late = replace(violation(), at=replace(AT, line=9), subject="b")
    found = evaluate(Facts(company(), TODAY), [rule(late, violation())])
    assert [item.id for item in found] == ["sod/P01:it", "sod/P01:b"]


def test_a_finding_has_the_controls_of_its_rule_unless_it_says_its_own() -> None:
    assert decided(company(), violation()).controls == ("C:1",)
    assert decided(company(), replace(violation(), controls=("C:2",))).controls == ("C:2",)


def test_a_mitigation_that_holds_makes_up_for_a_risk() -> None:
    assert decided(mitigating(), violation("chen.jing")).made_up == "mitigation M1 until 2026-12-31"


@pytest.mark.parametrize(
    "more",
    [
        {"valid_to": date(2026, 11, 19)},
        {"users": frozenset({"wu.lan"})},
        {"risks": frozenset({"P02"})},
        {"owner": "nobody"},
        {"performer": "chen.jing"},
    ],
    ids=["over", "others", "another risk", "no owner", "watches himself"],
)
def test_a_mitigation_that_does_not_fit_makes_up_for_nothing(more: dict[str, object]) -> None:
    assert decided(mitigating(**more), violation("chen.jing")).blocks


def test_a_mitigation_of_somebody_who_left_makes_up_for_nothing() -> None:
    access = mitigating()
    users = {**access.users, "lin.tao": replace(access.users["lin.tao"], status=Status.LEFT)}
    assert decided(replace(access, users=users), violation("chen.jing")).blocks


def test_a_mitigation_may_name_a_rule() -> None:
    access = mitigating(rules=frozenset({"own/mine"}))
    assert decided(access, violation("chen.jing", name="own/mine")).made_up


def test_a_finding_of_several_users_is_made_up_for_only_for_all_of_them() -> None:
    assert decided(mitigating(), violation("chen.jing", "wu.lan")).blocks


def test_what_is_about_nobody_is_not_made_up_for() -> None:
    assert decided(mitigating(), violation()).blocks


def test_a_mitigation_does_not_make_up_for_what_is_refused_outright() -> None:
    access = replace(mitigating(), policy=Policy(default=Response.BLOCK))
    assert decided(access, violation("chen.jing")).blocks


@pytest.mark.parametrize(
    ("more", "holds"),
    [
        ({}, True),
        ({"valid_to": date(2026, 11, 19)}, False),
        ({"owner": "nobody"}, False),
        ({"users": frozenset({"wu.lan"})}, False),
        ({"rules": frozenset({"lifecycle/*"})}, False),
    ],
    ids=["fits", "over", "no owner", "others", "another rule"],
)
def test_a_waiver_lets_its_users_through_its_rules_through_its_last_day(
    more: dict[str, object], holds: bool
) -> None:
    waiver = Waiver(
        "W1", "year end", "wu.lan", frozenset(), frozenset({"chen.jing"}), TODAY, AT, frozenset({"sod/*"})
    )
    access = replace(company(*PEOPLE), waivers={"W1": replace(waiver, **more)})  # type: ignore[arg-type]
    made_up = decided(access, violation("chen.jing")).made_up
    assert made_up == (f"waiver W1 until {TODAY}" if holds else None)


def test_new_is_what_was_not_there_or_was_made_up_for() -> None:
    before = [finding("a"), finding("b", made_up="mitigation M1")]
    after = [finding("a"), finding("b"), finding("c"), finding("d", made_up="waiver W1")]
    assert [item.id for item in introduced(before, after)] == ["sod/P01:b", "sod/P01:c"]


def test_a_finding_that_holds_on_more_days_is_introduced() -> None:
    autumn, december = (TODAY, date(2026, 12, 1)), (TODAY, date(2026, 12, 31))

    def on(*days: tuple[date, date]) -> list[PolicyFinding]:
        one = finding()
        return [replace(one, violation=replace(one.violation, days=days))]

    assert [*introduced(on(autumn), on(december))] == on(december)
    assert [*introduced(on(december), on(autumn))] == []
    assert [*introduced(on(december), on(december))] == []


@pytest.mark.parametrize(
    ("name", "blocks"),
    [("sod/P01", False), ("sod-live/P01", False), ("sod-deep/P01", False), ("x/P01", True)],
)
def test_a_mitigation_of_a_risk_counts_however_the_risk_comes(name: str, blocks: bool) -> None:
    assert decided(mitigating(), violation(*MITIGATED.users, name=name)).blocks is blocks
