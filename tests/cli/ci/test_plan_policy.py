"""``erpsync ci plan``: what a pull request does to findings of the policy."""

from __future__ import annotations

import re

import pytest

from tests.support.company_repository import BUYERS, ORGANISATION_FILE, chen
from tests.support.pipeline import Pipeline

POLICY_FILE = "access/policy.yaml"
POLICY = """\
functions:
  VENDOR: {title: Vendors}
  PAY: {title: Payments}
risks:
  P01: {title: Vendor and payment, functions: [VENDOR, PAY], level: high, why: can pay whom he made up}
policy:
  responses: {"sod/*": block}
"""
FUNCTIONS = (
    ("{title: Buyer, subsystem: materials", "{title: Buyer, functions: [VENDOR], subsystem: materials"),
    ("{title: Planner, subsystem: materials", "{title: Planner, functions: [PAY], subsystem: materials"),
)
BOTH = chen(", assignments: [{role: purchasing.planner, reason: stands in, request: REQ-7}]")


@pytest.fixture
def governed(pipeline: Pipeline) -> Pipeline:
    """A company in which a buyer must not plan."""
    text = pipeline.repository.read(ORGANISATION_FILE)
    for old, new in FUNCTIONS:
        assert old in text
        text = text.replace(old, new)
    pipeline.repository.push({ORGANISATION_FILE: text, POLICY_FILE: POLICY})
    return pipeline


def test_a_new_conflict_fails_the_job_and_leads_the_comment(governed: Pipeline) -> None:
    number = governed.repository.propose({BUYERS: BOTH})
    ran = governed.plan(number)
    assert ran.code == 4
    (comment,) = governed.repository.comments(number)
    assert comment.splitlines()[1].startswith("### 1 new high-risk conflict; ")
    assert "#### Policy: 1 new high-risk conflict" in comment
    assert "::error file=access/users/buyers.yaml" in ran.out
    assert "the policy refuses 1 of the new findings" in ran.err


def test_an_old_conflict_does_not_fail_an_unrelated_change_but_is_counted(governed: Pipeline) -> None:
    governed.repository.push({BUYERS: BOTH})
    people = "users:\n  ma.li: {name: 马丽, department: audit, type: dedicated}\n"
    number = governed.repository.propose({"access/users/more.yaml": people})
    assert governed.plan(number).code == 0
    (comment,) = governed.repository.comments(number)
    assert "new high-risk conflict" not in comment
    assert re.search(r"#### Policy: .*\b\d+ there before", comment)


def test_a_change_that_ends_a_conflict_says_so(governed: Pipeline) -> None:
    governed.repository.push({BUYERS: BOTH})
    number = governed.repository.propose({BUYERS: chen()})
    assert governed.plan(number).code == 0
    assert "1 resolved" in governed.repository.comments(number)[0]


@pytest.mark.parametrize(
    "softer",
    [POLICY.replace(": block", ": record"), re.sub("(?s)risks:.*(?=policy:)", "", POLICY)],
    ids=["response", "risk"],
)
def test_a_change_cannot_soften_the_rule_that_it_breaks(governed: Pipeline, softer: str) -> None:
    number = governed.repository.propose({BUYERS: BOTH, POLICY_FILE: softer})
    assert governed.plan(number).code == 4
    assert "1 new high-risk conflict" in governed.repository.comments(number)[0]


def test_a_company_without_a_policy_is_told_nothing_of_it(pipeline: Pipeline) -> None:
    number = pipeline.repository.propose({BUYERS: BOTH})
    assert pipeline.plan(number).code == 0
    assert "Policy" not in pipeline.repository.comments(number)[0]
