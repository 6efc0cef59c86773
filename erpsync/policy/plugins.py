"""Rules that installed packages bring, by the entry point group ``erpsync.rules``.

A package that says it has a rule and cannot give it ends the command: what is not checked must not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from importlib.metadata import EntryPoint, entry_points

from erpsync.errors import ErpsyncError
from erpsync.policy.base import Check, Facts, Rule, Violation

GROUP = "erpsync.rules"
_HINT = "mend or uninstall the package that brings it"


def installed_rules(taken: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules of all installed packages, by the name of their entry point.

    Args:
        taken: the ids that other rules have.

    Raises:
        ErpsyncError: one cannot be loaded, is no rule, or has an id that is taken.
    """
    found: list[Rule] = []
    ids = set(taken)
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        for rule in _loaded(entry):
            if rule.id in ids:
                raise _broken(entry.name, f"its rule {rule.id!r} has the id of another rule")
            ids.add(rule.id)
            found.append(replace(rule, check=partial(_checked, entry.name, rule.check)))
    return tuple(found)


def _loaded(entry: EntryPoint) -> tuple[Rule, ...]:
    try:
        loaded = entry.load()
    except Exception as error:
        raise _broken(entry.name, f"it cannot be loaded: {type(error).__name__}") from error
    rules = (loaded,) if isinstance(loaded, Rule) else loaded
    if not isinstance(rules, tuple) or not all(isinstance(rule, Rule) for rule in rules):
        raise _broken(entry.name, "it is neither a Rule nor a tuple of Rules")
    return rules


def _checked(name: str, check: Check, facts: Facts) -> Iterator[Violation]:
    """What a rule finds, with its own faults told as such."""
    try:
        for violation in check(facts):
            if not isinstance(violation, Violation):
                raise TypeError
            yield violation
    except Exception as error:
        raise _broken(name, f"its check failed: {type(error).__name__}") from error


def _broken(name: str, why: str) -> ErpsyncError:
    return ErpsyncError(f"rule plug-in {name!r}: {why}", where=f"entry points {GROUP}", hint=_HINT)
