"""Names of rules in the files: what fits no rule is told, and what a package may bring is not judged."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from erpsync.merge import merge
from erpsync.policy import plugins
from erpsync.rule_names import check_rule_names
from erpsync.yaml_tree import parse


def names(text: str) -> list[str]:
    document = parse(text.encode(), "a.yaml", [])
    assert document is not None
    merged, _ = merge([document], set())
    return [finding.message for finding in check_rule_names(merged)]


def test_without_any_name_there_is_nothing_to_tell() -> None:
    assert names("settings: {timezone: UTC}") == []


def test_responses_that_are_no_mapping_are_for_the_schema() -> None:
    assert names("policy: {responses: [block]}") == []


def test_a_rule_of_an_installed_package_may_have_any_other_family(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'policy: {responses: {"tax/*": block, gates/tax: block}}'
    assert names(text) == ["no rule is called 'tax/*'", "no rule is called 'gates/tax'"]
    entry = EntryPoint("tax", "tax:RULES", plugins.GROUP)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [entry])
    assert names(text) == ["no rule is called 'gates/tax'"]


@pytest.mark.parametrize("family", ["sod", "sod-live", "sod-deep"])
def test_each_risk_is_a_rule_of_its_own(family: str) -> None:
    text = f"risks: {{P05: {{}}}}\npolicy: {{responses: {{{family}/P05: warn, {family}/P06: warn}}}}"
    assert names(text) == [f"no rule is called '{family}/P06'"]
