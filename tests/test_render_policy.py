"""Findings of the policy for people and machines."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from erpsync.model import Location, Response, Risk
from erpsync.policy.live import SOD_LIVE
from erpsync.policy.report import NO_FINDINGS, Comparison, PolicyReport, report
from erpsync.policy.sod_rule import SOD
from erpsync.render.page import LIMIT, Section, fit, size
from erpsync.render.policy import (
    MOST,
    comparison_counts,
    comparison_sections,
    new_findings,
    render_comparison,
    render_markdown,
    render_text,
)
from erpsync.render.policy_machine import FORMAT, policy_github, policy_json, policy_sarif
from erpsync.render.policy_words import FAMILIES, WORDS
from erpsync.render.text import SHOWN
from tests.builders import TODAY
from tests.golden import FOLDER, check_golden
from tests.rendered_values import HARMFUL
from tests.support.policies import finding

HINTLESS = replace(finding("ma.li").violation, hint=None, hint_zh=None)
ORDINARY = report(
    [
        finding("wu.lan", response=Response.RECORD),
        finding("chen.jing"),
        finding("lin.tao", response=Response.MITIGATE, made_up="mitigation M1 until 2026-12-31"),
        finding("he.qi", response=Response.MITIGATE),
        finding("chen.jing", rule="sod-live/P02", level=Risk.CRITICAL),
        replace(finding("ma.li", rule="acme/one", response=Response.WARN), violation=HINTLESS),
        finding("bao.jing"),
    ],
    TODAY,
    {"sod/P01:bao.jing"},
)
NOTHING = report([], TODAY)
CHANGE = Comparison(
    (
        finding("a"),
        finding("b"),
        finding("c", level=Risk.CRITICAL),
        finding("d", rule="own/mine", response=Response.WARN),
    ),
    (finding("e"),),
    (finding("f"), finding("g")),
)
TEXTS = {
    "policy.txt": lambda: render_text(ORDINARY),
    "policy_zh.txt": lambda: render_text(ORDINARY, lang="zh"),
    "policy.md": lambda: render_markdown(ORDINARY),
    "policy_zh.md": lambda: render_markdown(ORDINARY, "zh"),
    "policy.json": lambda: policy_json(ORDINARY),
    "policy.github": lambda: policy_github(ORDINARY),
    "policy.sarif": lambda: re.sub(
        r'"semanticVersion": "[^"]*"', '"semanticVersion": "0.0.0"', policy_sarif(ORDINARY, [SOD, SOD_LIVE])
    ),
    "policy_change.txt": lambda: render_comparison(CHANGE),
    "policy_change_zh.txt": lambda: render_comparison(CHANGE, lang="zh"),
    "policy_change.md": lambda: fit(comparison_sections(CHANGE), LIMIT)[0],
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_rendered_is_as_in_the_golden_file(name: str) -> None:
    check_golden(FOLDER / name, TEXTS[name]())


def harmful() -> PolicyReport:
    return report([finding(message=text, rule=f"sod/{text}", made_up=text) for text in HARMFUL], TODAY)


def test_nothing_found_is_said() -> None:
    assert render_text(NOTHING) == "Policy on 2026-11-20: no findings\n"
    assert render_markdown(NOTHING, "zh") == "### 2026-11-20 策略检查：无发现\n\n"
    assert policy_github(NOTHING) == ""


def test_nothing_new_and_nothing_gone_is_not_told() -> None:
    assert comparison_counts(NO_FINDINGS) == render_comparison(NO_FINDINGS) == ""
    assert comparison_sections(NO_FINDINGS) == []
    assert new_findings(NO_FINDINGS) == []


def test_what_was_there_before_is_only_counted() -> None:
    before = Comparison((), (), (finding(),))
    assert render_comparison(before) == "Policy: 1 there before\n"
    assert fit(comparison_sections(before), LIMIT)[0] == "#### Policy: 1 there before\n\n"


@pytest.mark.parametrize("lang", WORDS)
def test_the_headline_names_what_is_new_most_harmful_first(lang: str) -> None:
    told = {
        "en": ["1 new critical conflict", "2 new high-risk conflicts", "1 new finding"],
        "zh": ["新增 1 项极高风险冲突", "新增 2 项高风险冲突", "新增 1 项发现"],
    }
    assert new_findings(CHANGE, lang) == told[lang]


def test_text_is_bounded_and_says_what_is_left_out() -> None:
    many = report([finding(f"user{n}") for n in range(SHOWN + 3)], TODAY)
    assert "… and 3 more, left out here; --format json has them all" in render_text(many)
    change = Comparison(many.findings, (), ())
    assert "… and 3 more, left out here" in render_comparison(change)


def test_a_comment_tells_the_first_and_how_many_more_there_are() -> None:
    many = Comparison(tuple(finding(f"user{n}") for n in range(MOST + 2)), (), ())
    text = fit(comparison_sections(many), LIMIT)[0]
    assert text.count("can do both") == MOST
    assert "… and 2 more; erpsync check shows them" in text


def test_markdown_is_bounded_and_says_what_is_left_out() -> None:
    many = report([finding(f"user{n}", message="x" * 250) for n in range(1000)], TODAY)
    page = render_markdown(many)
    assert size(page) <= LIMIT
    assert page.splitlines()[2].startswith("> **Cut short**")


@pytest.mark.parametrize("lang", WORDS)
def test_harmful_values_stay_values(lang: str) -> None:
    made = harmful()
    texts = [
        render_text(made, lang=lang),
        render_markdown(made, lang),
        policy_github(made, lang),
        render_comparison(Comparison(made.findings, (), ()), lang=lang),
        fit([Section("", ()), *comparison_sections(Comparison(made.findings, (), ()), lang)], LIMIT)[0],
    ]
    for text in texts:
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<script" not in texts[1]
    assert len(texts[2].splitlines()) == len(HARMFUL)


def test_json_tells_everything_and_which_are_known() -> None:
    document = json.loads(policy_json(ORDINARY))
    assert document["format"] == FORMAT
    assert document["known"] == ["sod/P01:bao.jing"]
    assert document["counts"]["known"] == 1
    assert [item["id"] for item in document["findings"]] == [item.id for item in ORDINARY.findings]


def test_what_is_made_up_for_is_not_among_the_known() -> None:
    made = report([finding(made_up="waiver W1")], TODAY, {"sod/P01:chen.jing"})
    assert json.loads(policy_json(made))["known"] == []


def test_sarif_has_a_page_for_each_rule_and_suppresses_what_is_made_up_for() -> None:
    (run,) = json.loads(policy_sarif(ORDINARY, [SOD, SOD_LIVE], "zh"))["runs"]
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert set(rules) == {"sod/P01", "sod-live/P02", "acme/one"}
    assert rules["sod/P01"]["help"]["text"].startswith(SOD.why)
    assert rules["sod/P01"]["shortDescription"] == {"text": "职责分离"}
    assert rules["sod/P01"]["properties"]["controls"] == ["SOX:ITGC-SoD"]
    assert "help" not in rules["acme/one"]
    suppressed = [result for result in run["results"] if "suppressions" in result]
    assert [result["suppressions"][0]["justification"] for result in suppressed] == [
        "mitigation M1 until 2026-12-31"
    ]
    prints = {result["partialFingerprints"]["erpsyncFinding/v1"] for result in run["results"]}
    assert len(prints) == len(run["results"])


def test_every_family_that_comes_with_erpsync_has_its_titles() -> None:
    from erpsync.policy.rules import RULES

    assert {rule.id.partition("/")[0] for rule in RULES} <= set(FAMILIES)


def test_findings_of_a_family_stand_together_wherever_their_places_are() -> None:
    far = replace(finding("z"), violation=replace(finding("z").violation, at=Location("z.yaml", 1, 1)))
    made = report([finding("a"), finding("b", rule="own/mine"), far], TODAY)
    heads = [line for line in render_text(made).splitlines() if line and not line.startswith(" ")]
    assert heads == ["Policy on 2026-11-20: 3 refused", "Own rules", "Separation of duties"]
