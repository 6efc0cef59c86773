"""Checks of the company's own rules: that their expressions can be evaluated and their messages filled in."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.building.governance import own_rule
from erpsync.merge import Merged
from erpsync.model import Finding, OwnRule
from erpsync.schema import suggest
from erpsync.yaml_tree import Map


def check_rules(merged: Merged) -> Iterator[Finding]:
    """What is wrong with expressions and messages, at the very value. Costs nothing where there are none."""
    for key, entry, at in merged.good("rules"):
        yield from _rule(own_rule(key, entry, at), entry)


def _rule(own: OwnRule, entry: Map) -> Iterator[Finding]:
    from erpsync.policy.expressions import ExpressionError
    from erpsync.policy.fields import FIELDS
    from erpsync.policy.own_rules import TemplateError, check_template, compiled_when

    fields = FIELDS[own.subject]
    label = f"fields of {own.subject}"
    try:
        compiled_when(own)
    except ExpressionError as error:
        place = f" at character {error.column}" if error.column else ""
        message = f"the expression of rule {own.key!r} is wrong{place}: {error.message}"
        hint = suggest(error.unknown, fields, label) if error.unknown else None
        yield Finding("rule/expression", message, entry.value_at("when"), hint)
    for name in ("message", "message_zh"):
        try:
            check_template(entry.get(name, ""), fields)
        except TemplateError as error:
            message = f"the message of rule {own.key!r} is wrong: {error.message}"
            hint = suggest(error.unknown, fields, label) if error.unknown else None
            yield Finding("rule/message", message, entry.value_at(name), hint)
