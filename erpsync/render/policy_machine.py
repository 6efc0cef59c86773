"""Findings of the policy for machines: JSON, which a baseline is, SARIF and GitHub annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from erpsync.policy.base import PolicyFinding, Rule
from erpsync.policy.report import PolicyReport, as_finding
from erpsync.render.findings import dump, sarif, to_github

FORMAT = "erpsync-findings/1"


def policy_json(report: PolicyReport) -> str:
    """One JSON document: the counts, the findings that are told, and the ids of those known before."""
    return dump(
        {
            "format": FORMAT,
            "as_of": report.as_of.isoformat(),
            "counts": report.counts,
            "findings": [_finding(finding) for finding in report.findings],
            "known": [finding.id for finding in report.known if finding.made_up is None],
        }
    )


def _finding(finding: PolicyFinding) -> dict[str, Any]:
    violation = finding.violation
    return {
        "id": finding.id,
        "rule": finding.rule,
        "title": finding.title,
        "title_zh": finding.title_zh,
        "level": finding.level.value,
        "response": finding.response.value,
        "blocks": finding.blocks,
        "made_up": finding.made_up,
        "users": list(violation.users),
        "file": violation.at.file,
        "line": violation.at.line,
        "column": violation.at.column,
        "message": violation.message,
        "message_zh": violation.message_zh,
        "hint": violation.hint,
        "hint_zh": violation.hint_zh,
        "controls": list(finding.controls),
    }


def policy_github(report: PolicyReport, lang: str = "en") -> str:
    """Workflow commands, which GitHub shows at the line."""
    return to_github([as_finding(finding, lang) for finding in report.findings])


def policy_sarif(report: PolicyReport, rules: Iterable[Rule], lang: str = "en") -> str:
    """A SARIF log whose rules have their page of the reference and the controls that they serve.

    What is made up for is there as suppressed, with by what, and the id tells a later log which
    results are the same.
    """
    pages = {rule.id: rule for rule in rules}
    about = {finding.rule: _about(finding, pages, lang) for finding in report.findings}
    more = [_more(finding) for finding in report.findings]
    return sarif([as_finding(finding, lang) for finding in report.findings], about, more)


def _about(finding: PolicyFinding, pages: Mapping[str, Rule], lang: str) -> dict[str, Any]:
    about: dict[str, Any] = {
        "shortDescription": {"text": finding.title_zh if lang == "zh" else finding.title},
        "properties": {"controls": list(finding.controls), "level": finding.level.value},
    }
    page = pages.get(finding.rule) or pages.get(finding.rule.partition("/")[0])
    if page is not None:
        about["fullDescription"] = {"text": page.why}
        about["help"] = {"text": f"{page.why}\nExample: {page.example}\nHow to mend it: {page.mend}"}
    return about


def _more(finding: PolicyFinding) -> dict[str, Any]:
    more: dict[str, Any] = {"partialFingerprints": {"erpsyncFinding/v1": finding.id}}
    if finding.made_up is not None:
        more["suppressions"] = [{"kind": "external", "justification": finding.made_up}]
    return more
