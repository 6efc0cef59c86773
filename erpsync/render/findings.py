"""Findings for machines: JSON, GitHub workflow annotations, SARIF 2.1.0."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from erpsync import __version__
from erpsync.model import Finding, Severity
from erpsync.render.escape import workflow_property, workflow_value


def to_json(findings: Sequence[Finding], counts: dict[str, int]) -> str:
    """One JSON document: the counts, then the findings."""
    return dump({"counts": counts, "findings": [_finding(finding) for finding in findings]})


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": finding.at.file,
        "line": finding.at.line,
        "column": finding.at.column,
        "message": finding.message,
        "hint": finding.hint,
    }


_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def to_github(findings: Sequence[Finding]) -> str:
    """Workflow commands, which GitHub shows at the line of the pull request.

    https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    lines = []
    for finding in findings:
        place = f"file={workflow_property(finding.at.file)},line={finding.at.line},col={finding.at.column}"
        title = workflow_property(finding.rule)
        message = workflow_value(finding.message + (f"\nhint: {finding.hint}" if finding.hint else ""))
        lines.append(f"::{_COMMANDS[finding.severity]} {place},title={title}::{message}\n")
    return "".join(lines)


def to_sarif(findings: Sequence[Finding]) -> str:
    """A SARIF log; the format is that of https://docs.oasis-open.org/sarif/sarif/v2.1.0/ ."""
    return sarif(findings, {}, [{} for _ in findings])


def sarif(
    findings: Sequence[Finding], about: Mapping[str, Mapping[str, Any]], more: Sequence[Mapping[str, Any]]
) -> str:
    """A SARIF log.

    Args:
        findings: its results.
        about: by rule, what there is to say of it beyond its id.
        more: for each finding, the properties of its result beyond rule, level, message and place.
    """
    rules = sorted({finding.rule for finding in findings})
    return dump(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "erpsync",
                            "semanticVersion": __version__,
                            "rules": [{"id": rule, **about.get(rule, {})} for rule in rules],
                        }
                    },
                    "columnKind": "unicodeCodePoints",
                    "results": [
                        {**_sarif_result(finding, rules), **extra}
                        for finding, extra in zip(findings, more, strict=True)
                    ],
                }
            ],
        }
    )


def _sarif_result(finding: Finding, rules: list[str]) -> dict[str, Any]:
    hint = f" ({finding.hint})" if finding.hint else ""
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": finding.severity.value,
        "message": {"text": finding.message + hint},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(finding.at.file)},
                    "region": {"startLine": finding.at.line, "startColumn": finding.at.column},
                }
            }
        ],
    }


def dump(value: Any) -> str:
    """A value as JSON, for people to read too."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
