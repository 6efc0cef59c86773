"""What is told of findings, and what a change does to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from erpsync.model import Access, Policy, Response, Risk, Severity
from erpsync.policy.base import Rule
from erpsync.policy.own_rules import own_rules
from erpsync.policy.report import (
    Comparison,
    as_finding,
    compare,
    compare_states,
    in_words,
    is_quiet,
    report,
)
from erpsync.policy.sod_rule import SOD
from tests.builders import TODAY, user
from tests.support.policies import MITIGATED, both, company, finding, keeper, own

RECORD = Response.RECORD


def rules(access: Access) -> Iterable[Rule]:
    return (SOD, *own_rules(access))


def changed(base: Access, head: Access) -> tuple[list[str], list[str], list[str], bool]:
    found = compare_states(base, head, TODAY, rules)
    return (
        [item.id for item in found.introduced],
        [item.id for item in found.removed],
        [item.id for item in found.remaining],
        bool(found.blocking),
    )


def test_findings_are_counted_by_what_follows() -> None:
    made = report(
        [
            finding("a"),
            finding("b", response=Response.MITIGATE),
            finding("c", response=Response.WARN),
            finding("d", response=RECORD),
            finding("e", made_up="waiver W1"),
            finding("f"),
        ],
        TODAY,
        {"sod/P01:f"},
    )
    assert made.counts == {"block": 2, "warn": 1, "record": 1, "made_up": 1, "known": 1}
    assert made.blocks


def test_what_the_baseline_knows_refuses_nothing() -> None:
    assert not report([finding("a")], TODAY, {"sod/P01:a"}).blocks


def test_a_finding_is_told_in_both_languages_with_what_makes_up_for_it() -> None:
    one = finding(made_up="mitigation M1")
    assert in_words(one, "en") == ("can do both (made up for by mitigation M1)", "take one away")
    assert in_words(one, "zh") == ("两者皆可（已补偿：mitigation M1）", "收回其一")
    assert in_words(finding(), "zh")[0] == "两者皆可"


def test_a_hint_that_has_no_chinese_is_told_in_english() -> None:
    one = finding()
    assert in_words(replace(one, violation=replace(one.violation, hint_zh=None)), "zh")[1] == "take one away"


def test_a_finding_becomes_one_of_the_files() -> None:
    told = as_finding(finding())
    assert (told.rule, told.severity, told.message) == ("sod/P01", Severity.ERROR, "can do both")


def test_what_is_recorded_or_made_up_for_is_quiet() -> None:
    quiet = [finding(response=RECORD), finding(made_up="waiver W1")]
    assert [is_quiet(item) for item in (*quiet, finding(response=Response.WARN))] == [True, True, False]


def test_a_change_brings_ends_and_leaves_findings() -> None:
    assert compare([finding("a"), finding("b")], [finding("b"), finding("c")]) == Comparison(
        (finding("c"),), (finding("a"),), (finding("b"),)
    )


def test_what_is_made_up_for_is_there_for_neither_side() -> None:
    made_up = finding("a", made_up="mitigation M1")
    assert compare([finding("a")], [made_up]) == Comparison((), (finding("a"),), ())
    assert compare([made_up], [finding("a")]) == Comparison((finding("a"),), (), ())


# --- a change of the files ----------------------------------------------------------------------------


def test_a_new_conflict_refuses_and_an_old_one_does_not() -> None:
    assert changed(company(keeper()), company(both())) == (["sod/P01:chen.jing"], [], [], True)
    assert changed(company(both()), company(both(), user("wu.lan"))) == ([], [], ["sod/P01:chen.jing"], False)


def test_taking_a_side_away_ends_a_conflict() -> None:
    assert changed(company(both()), company(keeper())) == ([], ["sod/P01:chen.jing"], [], False)


def test_a_change_cannot_take_away_the_risk_that_it_makes() -> None:
    head = replace(company(both()), risks={}, functions={})
    head = replace(head, roles={key: replace(role, functions=()) for key, role in head.roles.items()})
    assert changed(company(keeper()), replace(company(both()), risks={}))[3]
    # Functions that nobody claims any more are seen in the review of the roles; nothing is to be found.
    assert changed(company(keeper()), head) == ([], [], [], False)


def test_a_change_cannot_soften_what_follows_from_what_it_makes() -> None:
    soft = Policy(levels={Risk.HIGH: RECORD})
    assert changed(company(keeper()), company(both(), policy=soft))[3]
    assert not changed(company(keeper(), policy=soft), company(both(), policy=soft))[3]


def test_a_change_cannot_take_away_the_own_rule_that_it_breaks() -> None:
    rule = own("size(roles) > 1", response=Response.BLOCK)
    mild = Policy(levels={Risk.HIGH: RECORD})
    base = company(keeper(), rules=(rule,), policy=mild)
    ids = changed(base, company(both(), policy=mild))[0]
    assert ids == ["own/mine:chen.jing", "sod/P01:chen.jing"]


def test_a_new_rule_finds_what_is_there_and_the_stricter_answer_counts() -> None:
    soft = Policy(levels={Risk.HIGH: RECORD})
    base = company(both(), policy=soft)
    assert changed(base, company(both())) == ([], [], ["sod/P01:chen.jing"], False)
    assert changed(company(keeper(), policy=soft), company(both()))[3]


def test_a_mitigation_that_comes_with_the_change_counts() -> None:
    policy = Policy(default=Response.MITIGATE)
    people = (user("wu.lan"), user("lin.tao"))
    base = company(keeper(), *people, policy=policy)
    assert changed(base, company(both(), *people, policy=policy))[3]
    mitigated = company(both(), *people, policy=policy, mitigations=(MITIGATED,))
    assert changed(base, mitigated) == ([], [], [], False)
