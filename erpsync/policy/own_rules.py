"""The company's own rules: expressions of the files, held against users, roles and assignments. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import partial

from erpsync.model import Access, OwnRule
from erpsync.policy.base import Facts, Rule, Violation
from erpsync.policy.expressions import EvaluationError, Expression, compile_expression
from erpsync.policy.fields import FIELDS, Field, kinds
from erpsync.policy.subjects import Subject, World, subjects

FAMILY = "own"
_NAMED = re.compile(r"\{(\w+)\}")
_BRACE = re.compile(r"[{}]")


class TemplateError(Exception):
    """A message that names a field that does not exist (``unknown``), or has a brace that names none."""

    def __init__(self, message: str, unknown: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.unknown = unknown


def own_rules(access: Access) -> tuple[Rule, ...]:
    """The rules of the files, ready to be evaluated.

    Raises:
        ExpressionError: one cannot be used. Files that were validated have none such.
    """
    return tuple(_rule(own) for own in access.rules.values())


def compiled_when(own: OwnRule) -> Expression:
    """The expression of a rule.

    Raises:
        ExpressionError: it cannot be used.
    """
    return compile_expression(own.when, kinds(own.subject))


def check_template(template: str, fields: Collection[str]) -> None:
    """Make sure that a message names only fields.

    Raises:
        TemplateError: it does not.
    """
    for name in _NAMED.findall(template):
        if name not in fields:
            raise TemplateError(f"no field {name!r}", name)
    if _BRACE.search(_NAMED.sub("", template)):
        raise TemplateError("a brace that names no field: fields are written {name}")


def _rule(own: OwnRule) -> Rule:
    return Rule(
        id=f"{FAMILY}/{own.key}",
        title=own.title,
        title_zh=own.title_zh or own.title,
        level=own.level,
        why=own.title,
        example=own.when,
        mend=own.hint or "change what the rule finds, or the rule, in a reviewed change",
        controls=own.controls,
        check=partial(_check, own, compiled_when(own)),
    )


def _check(own: OwnRule, expression: Expression, facts: Facts) -> Iterator[Violation]:
    fields = FIELDS[own.subject]
    world = World(facts.access, facts.as_of)
    looked_at = {name: fields[name].tell for name in expression.names}
    for subject in subjects(own.subject, facts.access):
        try:
            broken = expression.holds({name: tell(subject, world) for name, tell in looked_at.items()})
        except EvaluationError as error:
            yield _undecided(own, subject, str(error))
        else:
            if broken:
                yield _violation(own, subject, fields, world)


def _violation(own: OwnRule, subject: Subject, fields: Mapping[str, Field], world: World) -> Violation:
    message = _filled(own.message, subject, fields, world)
    return Violation(
        subject=subject.key,
        message=message,
        message_zh=_filled(own.message_zh, subject, fields, world) if own.message_zh else message,
        at=subject.at,
        users=subject.users,
        hint=own.hint,
        hint_zh=own.hint,
        said=own.response,
    )


def _filled(template: str, subject: Subject, fields: Mapping[str, Field], world: World) -> str:
    """The message about a subject. Values are put in as they are: whoever shows them escapes them."""
    return _NAMED.sub(lambda name: _shown(fields[name[1]].tell(subject, world)), template)


def _shown(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value) or "none"
        case dict():
            return ", ".join(f"{key}: {_shown(item)}" for key, item in sorted(value.items())) or "none"
        case _:
            return str(value)


def _undecided(own: OwnRule, subject: Subject, why: str) -> Violation:
    """A subject that the rule could not be held against: that is no proof that it keeps the rule."""
    return Violation(
        subject=f"{subject.key}!",
        message=f"rule {own.key} could not be held against {subject.key}: {why}",
        message_zh=f"规则 {own.key} 无法对 {subject.key} 求值：{why}",
        at=subject.at,
        users=subject.users,
        hint='let the rule ask first, for example "company" in scope && …',
        hint_zh='请在表达式中先判断，例如 "company" in scope && …',
        said=own.response,
    )
