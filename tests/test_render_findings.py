"""Findings for machines: JSON, workflow commands, SARIF."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import unquote

import pytest

from erpsync.model import Finding
from erpsync.render.findings import to_github, to_json, to_sarif
from tests.golden import FOLDER, check_golden
from tests.rendered_values import HARMFUL, findings, harmful_findings

BOTH = pytest.mark.parametrize(
    "found", [findings(), harmful_findings(), []], ids=["ordinary", "harmful", "none"]
)
COUNTS = {"files": 2, "users": 1, "roles": 3, "errors": 2}
TEXTS = {
    "findings.json": lambda: to_json(findings(), COUNTS),
    "findings.github": lambda: to_github(findings()),
    "harmful_findings.github": lambda: to_github(harmful_findings()),
    "harmful_findings.json": lambda: to_json(harmful_findings(), COUNTS),
}


@pytest.mark.parametrize("name", TEXTS)
def test_findings_are_as_in_the_golden_file(name: str) -> None:
    check_golden(FOLDER / name, TEXTS[name]())


def test_sarif_is_as_in_the_golden_file() -> None:
    text = re.sub(r'"semanticVersion": "[^"]*"', '"semanticVersion": "0.0.0"', to_sarif(findings()))
    check_golden(FOLDER / "findings.sarif", text)


@BOTH
def test_json_has_everything(found: Sequence[Finding]) -> None:
    document = json.loads(to_json(found, COUNTS))
    assert document["counts"] == COUNTS
    assert [
        (
            item["rule"],
            item["severity"],
            item["file"],
            item["line"],
            item["column"],
            item["message"],
            item["hint"],
        )
        for item in document["findings"]
    ] == [
        (item.rule, item.severity.value, item.at.file, item.at.line, item.at.column, item.message, item.hint)
        for item in found
    ]


@BOTH
def test_each_finding_is_one_workflow_command(found: Sequence[Finding]) -> None:
    lines = to_github(found).splitlines()
    assert len(lines) == len(found)
    for line, finding in zip(lines, found, strict=True):
        match = re.fullmatch(
            r"::(error|warning|notice) file=([^,:]*),line=(\d+),col=(\d+),title=([^,:]*)::(.*)", line
        )
        assert match is not None
        assert (int(match[3]), int(match[4])) == (finding.at.line, finding.at.column)


def test_workflow_command_in_a_value_stays_a_value() -> None:
    injected = [line for line in to_github(harmful_findings()).splitlines() if line.startswith("::warning")]
    assert injected == []
    assert "%250A::warning" in to_github(harmful_findings())


@BOTH
def test_sarif_has_what_the_standard_requires(found: Sequence[Finding]) -> None:
    log = json.loads(to_sarif(found))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "erpsync"
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", driver["semanticVersion"])
    rules = [rule["id"] for rule in driver["rules"]]
    assert len(rules) == len(set(rules))
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert len(run["results"]) == len(found)
    for result, finding in zip(run["results"], found, strict=True):
        assert result["ruleId"] == rules[result["ruleIndex"]] == finding.rule
        assert result["level"] in ("none", "note", "warning", "error")
        assert finding.message in result["message"]["text"]
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert (region["startLine"], region["startColumn"]) == (finding.at.line, finding.at.column)


@BOTH
def test_sarif_names_files_by_valid_uri_references(found: Sequence[Finding]) -> None:
    (run,) = json.loads(to_sarif(found))["runs"]
    for result, finding in zip(run["results"], found, strict=True):
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        # https://www.rfc-editor.org/rfc/rfc3986#appendix-A
        assert re.fullmatch(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-F]{2})+", uri)
        assert unquote(uri) == finding.at.file


def test_harmful_texts_cover_what_each_format_must_escape() -> None:
    everything = "".join(HARMFUL)
    assert all(mark in everything for mark in "\x1b\u202e\n\r<|@#`%:,")
