"""What commands share that tell findings of the policy: which rules there are, and baselines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from erpsync.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from datetime import date

    from erpsync.model import Access
    from erpsync.plan import Plan
    from erpsync.policy.base import PolicyFinding, Rule
    from erpsync.policy.report import Comparison

F = TypeVar("F", bound=Callable[..., Any])

SAID = ("policy", "risks", "rules")
"""The sections with which a company begins to have a policy."""
MOST_NAMED = 20
"""Findings that a refusal names."""


def baseline_option(command: F) -> F:
    """``--baseline FILE``."""
    return click.option(
        "--baseline", "baseline_file", type=click.Path(path_type=Path), metavar="FILE",
        help="Leave out the findings that this file knows; erpsync check --format json -o FILE makes it.",
    )(command)  # fmt: skip


def rules_of(access: Access) -> tuple[Rule, ...]:
    """Every rule: those that come with erpsync, the company's own, those of installed packages.

    Raises:
        ErpsyncError: an installed package brings a broken one.
    """
    from erpsync.policy.own_rules import own_rules
    from erpsync.policy.plugins import installed_rules
    from erpsync.policy.rules import RULES

    rules = (*RULES, *own_rules(access))
    return (*rules, *installed_rules(rule.id for rule in rules))


def declared_findings(access: Access, as_of: date) -> tuple[PolicyFinding, ...]:
    """What the rules find in the files alone."""
    from erpsync.policy.base import Facts, evaluate

    return evaluate(Facts(access, as_of), rules_of(access))


def has_policy(access: Access) -> bool:
    """Whether the company says anything of what findings do, or what conflicts."""
    from erpsync.model import Policy

    return bool(access.risks or access.rules or access.policy != Policy())


def planned(access: Access, plan: Plan) -> Comparison:
    """What a plan does to conflicts of duties: before is what the ERP has."""
    from erpsync.pages import kept
    from erpsync.policy.planned import planned_conflicts
    from erpsync.policy.report import NO_FINDINGS

    if not access.risks:
        return NO_FINDINGS
    changes = [(target.target, change) for target in plan.targets for change in target.accounts]
    return planned_conflicts(kept(access), changes, plan.as_of)


def proposed(base: Access, head: Access, as_of: date) -> Comparison:
    """What a change of the files does to findings of the policy."""
    from erpsync.policy.report import NO_FINDINGS, compare_states

    if not (has_policy(base) or has_policy(head)):
        return NO_FINDINGS
    return compare_states(base, head, as_of, rules_of)


def refuse_conflicts(comparison: Comparison) -> None:
    """Refuse what brings about a finding that the policy refuses, once it was shown.

    Raises:
        RefusedError: it does.
    """
    if comparison.blocking:
        ids = "\n  ".join(finding.id for finding in comparison.blocking[:MOST_NAMED])
        raise RefusedError(
            f"the policy refuses {len(comparison.blocking)} of the new findings:\n  {ids}",
            hint="see above how each is mended; a mitigation or a waiver is reviewed like any change",
        )


def chosen(findings: Iterable[PolicyFinding], patterns: Collection[str]) -> tuple[PolicyFinding, ...]:
    """The findings of rules that fit one of the patterns, or all."""
    return tuple(item for item in findings if not patterns or _fits(item.rule, patterns))


def must_name_rules(patterns: Iterable[str], rules: Iterable[Rule], access: Access) -> None:
    """Make sure that every pattern is of some rule: one that is mistyped would find nothing.

    Raises:
        UsageError: one is of none.
    """
    from erpsync.schema import suggest

    names = sorted(name for rule in rules for name in _names(rule, access))
    for pattern in patterns:
        if not any(_fits(name, [pattern]) for name in names):
            raise UsageError(f"no rule {pattern!r}", hint=suggest(pattern, names, "rules"))


def _names(rule: Rule, access: Access) -> list[str]:
    """What findings of a rule are called: of a rule without a name of its own, each risk is one."""
    return [rule.id] if "/" in rule.id else [f"{rule.id}/{key}" for key in access.risks]


def _fits(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def read_baseline(path: Path | None) -> frozenset[str]:
    """The ids of the findings that a baseline knows; what was made up for then is not among them.

    Raises:
        RefusedError: there is no such file, or it is no baseline.
    """
    import json

    from erpsync.render.policy_machine import FORMAT

    if path is None:
        return frozenset()
    hint = "make one: erpsync check --format json -o FILE"
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}", where=str(path), hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise RefusedError("not a baseline: it is not JSON", where=str(path), hint=hint) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise RefusedError(f"not a baseline of the format {FORMAT}", where=str(path), hint=hint)
    try:
        return frozenset(_ids(document))
    except (KeyError, TypeError) as error:
        raise RefusedError("a baseline with findings that are none", where=str(path), hint=hint) from error


def _ids(document: dict[str, Any]) -> list[str]:
    ids = [*document["known"], *(item["id"] for item in document["findings"] if item["made_up"] is None)]
    if not all(isinstance(item, str) for item in ids):
        raise TypeError
    return ids
