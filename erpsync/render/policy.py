"""Findings of the policy for people: text for a terminal, Markdown for a forge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from erpsync.model import Severity
from erpsync.policy.base import PolicyFinding
from erpsync.policy.report import Comparison, PolicyReport, in_words
from erpsync.render.escape import fill, markdown, plain
from erpsync.render.page import LIMIT, Section, fit, size
from erpsync.render.policy_words import FAMILIES, WORDS
from erpsync.render.text import Paint, bounded, no_paint

MOST = 50
"""Findings of one kind that a comment tells: it is read for the rest too."""
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "bright_black"}


def render_text(report: PolicyReport, paint: Paint = no_paint, lang: str = "en") -> str:
    """Findings by family of rules, each with its place, what follows, and its hint."""
    words = WORDS[lang]
    lines = [paint(heading(report, lang), "bold")]
    for family, findings in families(report.findings, lang):
        lines += ["", paint(family, "bold")]
        for finding in bounded(findings):
            lines += [f"  {finding}"] if isinstance(finding, str) else _lines(finding, paint, lang)
    if report.known:
        lines += ["", words["known"].format(n=len(report.known))]
    return "".join(f"{line}\n" for line in lines)


def heading(report: PolicyReport, lang: str) -> str:
    """``Policy on 2026-11-20: 3 block, 2 warn, 12 recorded``."""
    words, counts = WORDS[lang], report.counts
    kinds = ("block", "warn", "record", "made_up")
    parts = [words[f"count.{kind}"].format(n=counts[kind]) for kind in kinds if counts[kind]]
    told = words["separator"].join(parts) or words["nothing"]
    return words["heading"].format(day=report.as_of, told=told)


def families(findings: Sequence[PolicyFinding], lang: str) -> Iterator[tuple[str, Sequence[PolicyFinding]]]:
    """The findings by family of their rules, each family with its title; what refuses first."""
    groups: dict[str, list[PolicyFinding]] = {}
    for finding in sorted(findings, key=_urgency):
        groups.setdefault(_family(finding), []).append(finding)
    for family, group in sorted(groups.items(), key=lambda item: (_urgency(item[1][0]), item[0])):
        yield _title(family, lang), group


def _family(finding: PolicyFinding) -> str:
    return finding.rule.partition("/")[0]


def _title(family: str, lang: str) -> str:
    titles = FAMILIES.get(family)
    return titles[lang] if titles else family


def _urgency(finding: PolicyFinding) -> int:
    return list(_COLOURS).index(finding.severity)


def _lines(finding: PolicyFinding, paint: Paint, lang: str) -> Iterator[str]:
    message, hint = in_words(finding, lang)
    response = paint(WORDS[lang][f"response.{finding.response.value}"], _COLOURS[finding.severity])
    yield f"  {plain(str(finding.violation.at))}: {response}: {plain(message)} [{plain(finding.rule)}]"
    if hint:
        yield f"    {WORDS[lang]['hint']}: {plain(hint)}"


def render_markdown(report: PolicyReport, lang: str = "en") -> str:
    """The same as Markdown, of bounded length, with everything escaped."""
    words = WORDS[lang]
    title = f"### {heading(report, lang)}\n\n"
    known = words["known"].format(n=len(report.known)) + "\n" if report.known else ""
    sections = [
        Section(f"#### {markdown(family)}\n\n", (partial(_entry, item, lang) for item in findings), "\n")
        for family, findings in families(report.findings, lang)
    ]
    room = LIMIT - size(title) - size(known) - size(words["cut"].format(n=10**9))
    shown, left = fit(sections, room)
    return "".join([title, words["cut"].format(n=left) if left else "", shown, known])


def _entry(finding: PolicyFinding, lang: str) -> str:
    message, hint = in_words(finding, lang)
    line = fill(
        "- **{response}** {place}: {message} ({rule})",
        response=WORDS[lang][f"response.{finding.response.value}"],
        place=f"{finding.violation.at.file}:{finding.violation.at.line}",
        message=message,
        rule=finding.rule,
    )
    return f"{line}\n" + (fill("  - {hint}\n", hint=hint) if hint else "")


# --- what a change does to findings -------------------------------------------------------------------


def comparison_counts(comparison: Comparison, lang: str = "en") -> str:
    """``1 new high-risk conflict, 2 resolved, 12 there before``; nothing where there is nothing to tell."""
    words = WORDS[lang]
    rest = [
        words[f"{kind}.count"].format(n=len(items))
        for kind, items in (("removed", comparison.removed), ("remaining", comparison.remaining))
        if items
    ]
    return words["separator"].join([*new_findings(comparison, lang), *rest])


def new_findings(comparison: Comparison, lang: str = "en") -> list[str]:
    """``1 new high-risk conflict``: how many are new, the most harmful kind of conflict first."""
    found: dict[str, int] = {}
    ordered = sorted(comparison.introduced, key=lambda item: (_family(item) != "sod", -item.level.rank))
    for finding in ordered:
        key = f"new.{finding.level.value}" if _family(finding) == "sod" else "new.other"
        found[key] = found.get(key, 0) + 1
    return [WORDS[lang][f"{key}.{'one' if n == 1 else 'many'}"].format(n=n) for key, n in found.items()]


def render_comparison(comparison: Comparison, paint: Paint = no_paint, lang: str = "en") -> str:
    """What a change brings and ends, one by one, and how many were there before."""
    counts = comparison_counts(comparison, lang)
    if not counts:
        return ""
    lines = [paint(WORDS[lang]["comparison"].format(told=counts), "bold")]
    for kind, findings in (("introduced", comparison.introduced), ("removed", comparison.removed)):
        if findings:
            lines.append(f"  {WORDS[lang][kind]}")
        for finding in bounded(findings):
            shown = [f"  {finding}"] if isinstance(finding, str) else _lines(finding, paint, lang)
            lines += [f"  {line}" for line in shown]
    return "".join(f"{line}\n" for line in lines)


def comparison_sections(comparison: Comparison, lang: str = "en") -> list[Section]:
    """The same as parts of a comment, the first findings of each; nothing where there is nothing to tell."""
    words, counts = WORDS[lang], comparison_counts(comparison, lang)
    if not counts:
        return []
    sections = [Section(f"#### {words['comparison'].format(told=counts)}\n\n")]
    for kind, findings in (("introduced", comparison.introduced), ("removed", comparison.removed)):
        if findings:
            entries = (partial(_entry, finding, lang) for finding in islice(findings, MOST))
            more = len(findings) - MOST
            left = f"\n{words['more'].format(n=more)}\n" if more > 0 else ""
            sections.append(Section(f"{words[kind]}\n\n", entries, f"{left}\n"))
    return sections
