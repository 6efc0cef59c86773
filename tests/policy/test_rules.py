"""Every rule: its page is complete, it finds what breaks it, and it leaves alone what just does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from erpsync.model import Severity
from erpsync.policy.base import PolicyFinding, Rule, evaluate
from erpsync.policy.rules import RULES
from tests.support.rule_fixtures import FOLDER, facts_of

BESIDES = {"gates/training": ["gates/training-ends:ren.yi/basics"]}
"""What else is found in fixtures that cannot do without it."""

every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def found(rule: Rule, which: str, stage: Path) -> tuple[PolicyFinding, ...]:
    return evaluate(facts_of(rule.id, which, stage), [rule])


@every_rule
def test_the_fixture_that_breaks_the_rule_is_found(rule: Rule, tmp_path: Path) -> None:
    (finding,) = found(rule, "violates", tmp_path)
    violation = finding.violation
    assert finding.rule in (rule.id, f"{rule.id}/P05")
    assert violation.subject
    assert violation.at.file.endswith(".yaml")
    for english, chinese in (
        (violation.message, violation.message_zh),
        (violation.hint, violation.hint_zh),
    ):
        assert english
        assert chinese
        assert re.search("[\u4e00-\u9fff]", chinese)
        assert not re.search("[\u4e00-\u9fff]", english.replace("任怡", ""))


@every_rule
def test_the_fixture_that_just_does_not_break_it_is_left_alone(rule: Rule, tmp_path: Path) -> None:
    assert found(rule, "just_not", tmp_path) == ()


@every_rule
def test_a_company_that_says_nothing_of_what_follows_only_records(rule: Rule, tmp_path: Path) -> None:
    (finding,) = found(rule, "violates", tmp_path)
    assert (finding.blocks, finding.severity) == (False, Severity.NOTE)


@every_rule
def test_its_page_is_complete(rule: Rule) -> None:
    assert all((rule.title, rule.title_zh, rule.why, rule.example, rule.mend))
    assert rule.title != rule.title_zh
    assert rule.controls
    assert all(":" in control for control in rule.controls)
    assert re.fullmatch(r"[a-z-]+(/[a-z-]+)?", rule.id)


@every_rule
def test_a_rule_about_accounts_finds_nothing_in_the_files_alone(rule: Rule, tmp_path: Path) -> None:
    facts = facts_of(rule.id, "violates", tmp_path)
    assert bool(facts.live or facts.permissions) == rule.live


def test_ids_and_titles_are_unique() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert len({rule.title for rule in RULES}) == len(RULES)
    assert len({rule.title_zh for rule in RULES}) == len(RULES)


def test_every_fixture_belongs_to_a_rule() -> None:
    folders = {path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/**/*.yaml")}
    assert folders == {rule.id for rule in RULES}


@every_rule
def test_the_company_of_the_fixtures_breaks_no_other_rule_where_one_is_just_kept(
    rule: Rule, tmp_path: Path
) -> None:
    facts = facts_of(rule.id, "just_not", tmp_path)
    assert [finding.id for finding in evaluate(facts, RULES)] == BESIDES.get(rule.id, [])
