"""Does the target have what the files name?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from erpsync.catalogue import check_catalogue
from erpsync.model import ALL, Access, Catalogue
from tests.builders import AT, ERP, declare, role, user

CATALOGUE = Catalogue(
    entitlements=frozenset({"Purchase", "Stock"}),
    scopes={"company": ("Huaxin Group", "Huaxin Trading")},
    languages=frozenset({"en", "zh_CN"}),
    fixed={"Administration": "the ERP's own"},
)


def found(access: Access, catalogue: Catalogue = CATALOGUE) -> list[tuple[str, str, str | None]]:
    findings = list(check_catalogue(access, ERP, catalogue))
    assert all(finding.at == AT for finding in findings)
    return [(finding.rule, finding.message, finding.hint) for finding in findings]


def test_everything_that_exists_passes() -> None:
    person = user(language="zh_CN", scope={"company": ("Huaxin Trading",)})
    assert found(declare(users=[person], roles=[role("buyer", "Purchase", "Administration")])) == []


def test_unknown_entitlement_is_found_with_the_nearest() -> None:
    assert found(declare(roles=[role("buyer", "Purchace")])) == [
        (
            "target/unknown-entitlement",
            "target 'erp' has no entitlement 'Purchace', which role 'buyer' grants",
            "did you mean 'Purchase'?",
        )
    ]


def test_unknown_entitlement_without_a_near_one_says_what_to_do() -> None:
    ((_, _, hint),) = found(declare(roles=[role("buyer", "采购")]))
    assert hint == "create it in the ERP first, or correct the name"


def test_entitlements_of_other_targets_are_not_asked_for() -> None:
    assert found(declare(roles=[role("buyer", "Nowhere", target="other")])) == []


def test_unknown_scope_value_is_found() -> None:
    person = user(scope={"company": ("Huaxin Tradin", "Huaxin Group")})
    assert found(declare(users=[person])) == [
        (
            "target/unknown-scope",
            "target 'erp' has no company 'Huaxin Tradin', which user 'chen.jing' may touch",
            "did you mean 'Huaxin Trading'?",
        )
    ]


@pytest.mark.parametrize("values", [("Main",), (ALL,)])
def test_kind_of_scope_that_the_target_does_not_know_is_found(values: tuple[str, ...]) -> None:
    ((rule, message, hint),) = found(declare(users=[user(scope={"compny": values})]))
    assert rule == "target/unknown-scope"
    assert message == "target 'erp' knows no scope 'compny', which user 'chen.jing' has"
    assert hint == "did you mean 'company'?"


def test_all_is_no_value_to_look_for() -> None:
    assert found(declare(users=[user(scope={"company": (ALL,)})])) == []


def test_unknown_language_is_found() -> None:
    ((rule, message, hint),) = found(declare(users=[user(language="zh_cn")]))
    assert (rule, message) == (
        "target/unknown-language",
        "target 'erp' has no language 'zh_cn', which user 'chen.jing' wants",
    )
    assert hint == "did you mean 'zh_CN'?"


def test_target_without_languages_gives_no_empty_hint() -> None:
    bare = replace(CATALOGUE, languages=frozenset())
    ((_, _, hint),) = found(declare(users=[user(language="en")]), bare)
    assert hint is None


def test_kind_of_scope_may_be_for_another_target() -> None:
    access = declare(users=[user(scope={"warehouse": ("Main",)})])
    both = {ERP: access.targets[ERP], "wms": replace(access.targets[ERP], name="wms")}
    assert found(replace(access, targets=both)) == []
