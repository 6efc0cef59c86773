"""Checks of the names of rules in the files: a pattern that fits no rule would do nothing, unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from erpsync.merge import Merged
from erpsync.model import Finding, Location, Severity
from erpsync.schema import suggest
from erpsync.yaml_tree import Map


def check_rule_names(merged: Merged) -> Iterator[Finding]:
    """Names and patterns in the policy, in waivers and in mitigations that fit no rule."""
    named = list(_named(merged))
    if not named:
        return
    known = _known(merged)
    for pattern, at in named:
        if not any(fnmatchcase(name, pattern) for name in known) and not _foreign(pattern, known):
            hint = suggest(pattern, known, None) or "docs/rules.md lists them all"
            yield Finding("rule/unknown", f"no rule is called {pattern!r}", at, hint, Severity.WARNING)


def _named(merged: Merged) -> Iterator[tuple[str, Location]]:
    responses = merged["policy"].get("responses")
    if responses is not None and isinstance(responses.value, Map):
        yield from ((pattern, at) for pattern, _, at in responses.value.entries())
    for section in ("waivers", "mitigations"):
        for _, entry, _ in merged.good(section):
            yield from entry["rules"].entries() if "rules" in entry else ()


def _known(merged: Merged) -> list[str]:
    from erpsync.policy.own_rules import FAMILY
    from erpsync.policy.rules import RULES

    # Of those about duties each risk is a rule of its own.
    duties = [f"{rule.id}/{key}" for rule in RULES if "/" not in rule.id for key in merged["risks"]]
    own = [f"{FAMILY}/{key}" for key in merged["rules"]]
    return [rule.id for rule in RULES if "/" in rule.id] + duties + own


def _foreign(pattern: str, known: list[str]) -> bool:
    """Whether the name may be that of a rule that a package brings, as it is of no family of ours."""
    from importlib.metadata import entry_points

    from erpsync.policy.plugins import GROUP

    families = {name.partition("/")[0] for name in known}
    return pattern.partition("/")[0] not in families and bool(entry_points(group=GROUP))
