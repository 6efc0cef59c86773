"""Own rules: what they find, how it is told, and what becomes of trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from erpsync.model import Access, OwnRule, Policy, Response, UserType
from erpsync.policy.base import Facts, PolicyFinding, evaluate
from erpsync.policy.own_rules import TemplateError, check_template, own_rules
from tests.builders import TODAY, user
from tests.support.policies import both, company, keeper, own


def found(rule: OwnRule, access: Access | None = None) -> tuple[PolicyFinding, ...]:
    whole = replace(access or company(both(), user("wu.lan", name="吴兰")), rules={rule.key: rule})
    return evaluate(Facts(whole, TODAY), own_rules(whole))


@pytest.mark.parametrize(
    ("subject", "when", "message", "ids"),
    [
        ("users", "size(roles) == 2", "{key}", ["own/mine:chen.jing"]),
        ("users", 'name == "吴兰"', "{key}", ["own/mine:wu.lan"]),
        ("users", "false", "{key}", []),
        ("roles", 'size(holders) == 1 && "PAY" in functions', "{key}", ["own/mine:payer"]),
        ("assignments", 'role == "keeper"', "{user}", ["own/mine:chen.jing/keeper"]),
    ],
)
def test_a_rule_finds_the_subjects_of_which_its_expression_is_true(
    subject: str, when: str, message: str, ids: list[str]
) -> None:
    assert [item.id for item in found(own(when, message, subject=subject))] == ids


def test_a_message_has_the_values_of_its_fields_in_both_languages() -> None:
    rule = own(
        'key == "chen.jing"',
        "{name} of {department} has {roles}; owner: {has_owner}; scope {scope}; {days_left}",
        message_zh="{name} 持有 {functions}",
    )
    (one,) = found(rule, company(replace(both(), scope={"company": ("A", "B"), "site": ("X",)})))
    assert one.violation.message == (
        "陈静 of purchasing has keeper, payer; owner: no; scope company: A, B, site: X; 999999"
    )
    assert one.violation.message_zh == "陈静 持有 PAY, VENDOR"


def test_nothing_in_a_list_is_called_so() -> None:
    (one,) = found(own('key == "wu.lan"', "{roles}, {scope}"))
    assert (one.violation.message, one.violation.message_zh) == ("none, none", "none, none")


def test_a_value_with_braces_stays_a_value() -> None:
    (one,) = found(own("true", "{name}"), company(replace(keeper(), name="{key.__class__}")))
    assert one.violation.message == "{key.__class__}"


def test_the_rule_says_its_level_response_controls_and_hint() -> None:
    rule = own("true", title_zh="我的", response=Response.WARN, controls=("ISO27001:A.5.18",), hint="mend it")
    one = found(rule)[0]
    assert (one.response, one.level, one.controls) == (Response.WARN, rule.level, ("ISO27001:A.5.18",))
    assert (one.title, one.title_zh, one.violation.hint) == ("Mine", "我的", "mend it")


def test_the_policy_decides_over_what_the_rule_says() -> None:
    access = company(both(), policy=Policy(responses={"own/*": Response.RECORD}))
    assert found(own("true", response=Response.BLOCK), access)[0].response is Response.RECORD


def test_trouble_with_one_subject_is_a_finding_and_the_others_are_still_looked_at() -> None:
    rule = own('scope.company == ["all"]', response=Response.BLOCK)
    access = company(keeper("a"), user("b", scope={"company": ("all",)}))
    trouble, broken = found(rule, access)
    assert (trouble.id, trouble.blocks) == ("own/mine:a!", True)
    assert trouble.violation.message == (
        'rule mine could not be held against a: Key not found in map : "company"'
    )
    assert broken.id == "own/mine:b"


def test_days_are_compared_as_they_are_written() -> None:
    rule = own('user_type == "temporary" && valid_to > "2026-12-01" && today == "2026-11-20"')
    temporary = user("a", kind=UserType.TEMPORARY, valid_to=date(2026, 12, 2))
    assert [item.id for item in found(rule, company(temporary, keeper("b")))] == ["own/mine:a"]


@pytest.mark.parametrize("template", ["", "plain", "{key} and {name}"])
def test_a_message_may_name_fields(template: str) -> None:
    check_template(template, {"key", "name"})


@pytest.mark.parametrize(
    ("template", "unknown"),
    [("{kye}", "kye"), ("{key.__class__}", None), ("{key!r}", None), ("{0:>9999}", None), ("}", None)],
)
def test_a_message_may_name_nothing_else(template: str, unknown: str | None) -> None:
    with pytest.raises(TemplateError) as caught:
        check_template(template, {"key"})
    assert caught.value.unknown == unknown
