"""What is told of findings: the new ones, how many were known before, and what a change did to them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from erpsync.model import Access, Finding, Response
from erpsync.policy.base import Facts, PolicyFinding, Rule, evaluate, introduced


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """The findings of a day that are told, and those that a baseline knows already."""

    as_of: date
    findings: tuple[PolicyFinding, ...]
    known: tuple[PolicyFinding, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether a finding that is told refuses."""
        return any(finding.blocks for finding in self.findings)

    @property
    def counts(self) -> dict[str, int]:
        """How many block, warn, are recorded, are made up for, and how many are known."""
        found = {"block": 0, "warn": 0, "record": 0, "made_up": 0}
        for finding in self.findings:
            found[_kind(finding)] += 1
        return {**found, "known": len(self.known)}


def _kind(finding: PolicyFinding) -> str:
    if finding.made_up is not None:
        return "made_up"
    return "block" if finding.blocks else finding.response.value


def report(findings: Iterable[PolicyFinding], as_of: date, baseline: Collection[str] = ()) -> PolicyReport:
    """Tell apart what is new and what a baseline, a set of ids, knows."""
    new: list[PolicyFinding] = []
    known: list[PolicyFinding] = []
    for finding in findings:
        (known if finding.id in baseline else new).append(finding)
    return PolicyReport(as_of, tuple(new), tuple(known))


def in_words(finding: PolicyFinding, lang: str) -> tuple[str, str | None]:
    """The message, with what makes up for it, and the hint, in a language (``en`` or ``zh``)."""
    violation = finding.violation
    if lang == "zh":
        made_up = f"（已补偿：{finding.made_up}）" if finding.made_up else ""
        return violation.message_zh + made_up, violation.hint_zh or violation.hint
    made_up = f" (made up for by {finding.made_up})" if finding.made_up else ""
    return violation.message + made_up, violation.hint


def as_finding(finding: PolicyFinding, lang: str = "en") -> Finding:
    """A finding as one of the files' checks."""
    message, hint = in_words(finding, lang)
    return Finding(finding.rule, message, finding.violation.at, hint, finding.severity)


def is_quiet(finding: PolicyFinding) -> bool:
    """Whether a finding only counts where others are told one by one: recorded, or made up for."""
    return finding.made_up is not None or finding.response is Response.RECORD


# --- a change -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a change does to findings: those that it brings, that it removes, and that were there before."""

    introduced: tuple[PolicyFinding, ...]
    removed: tuple[PolicyFinding, ...]
    remaining: tuple[PolicyFinding, ...]

    @property
    def blocking(self) -> tuple[PolicyFinding, ...]:
        """The findings that refuse the change: what was there before does not."""
        return tuple(finding for finding in self.introduced if finding.blocks)


NO_FINDINGS = Comparison((), (), ())


def compare(before: Sequence[PolicyFinding], after: Sequence[PolicyFinding]) -> Comparison:
    """What became of findings; who was made up for, before or after, does not count there."""
    brought = tuple(introduced(before, after))
    new = {finding.id for finding in brought}
    remaining = tuple(item for item in after if item.made_up is None and item.id not in new)
    return Comparison(brought, tuple(introduced(after, before)), remaining)


def compare_states(
    base: Access, head: Access, as_of: date, rules: Callable[[Access], Iterable[Rule]]
) -> Comparison:
    """What a change of the files does to findings.

    The head is held against the rules of the base too: no change takes the rule away, or softens
    it, that it breaks.

    Args:
        base: the declared state before.
        head: the declared state after.
        as_of: the day.
        rules: the rules of a declared state.
    """
    before = evaluate(Facts(base, as_of), rules(base))
    after = evaluate(Facts(head, as_of), rules(head))
    judged = _by_rules_of(base, head)
    if judged is not head:
        after = _stricter(after, evaluate(Facts(judged, as_of), rules(judged)))
    return compare(before, after)


def _by_rules_of(base: Access, head: Access) -> Access:
    functions = {**base.functions, **head.functions}
    if (base.policy, base.risks, base.rules) == (head.policy, head.risks, head.rules):
        return head
    return replace(head, policy=base.policy, risks=base.risks, rules=base.rules, functions=functions)


def _stricter(one: Iterable[PolicyFinding], other: Iterable[PolicyFinding]) -> tuple[PolicyFinding, ...]:
    """The findings of both; what both have as the one that refuses more."""
    found: dict[str, PolicyFinding] = {}
    for finding in (*one, *other):
        known = found.get(finding.id)
        if known is None or _weight(finding) > _weight(known):
            found[finding.id] = finding
    return tuple(sorted(found.values(), key=lambda finding: finding.order))


_WEIGHTS = {"made_up": 0, "record": 1, "warn": 2, "block": 3}


def _weight(finding: PolicyFinding) -> int:
    return _WEIGHTS[_kind(finding)]
