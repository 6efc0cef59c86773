"""Expressions of own rules, in CEL: compiled once, evaluated for many subjects. Pure.

CEL has no loops but those over a list at hand, no side effects and no way out: it reaches nothing but the
fields that it is given. The library stops an evaluation after 10,000 steps of such loops and an
expression that nests deeper than 32, and matches regular expressions in linear time.
https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Kind(Enum):
    """What a field holds, named as CEL names it."""

    TEXT = "string"
    NUMBER = "int"
    TRUTH = "bool"
    TEXTS = "list(string)"
    TEXTS_BY_KEY = "map(string, string)"
    LISTS_BY_KEY = "map(string, list(string))"


class ExpressionError(Exception):
    """An expression that cannot be used: what is wrong, and the character at which (from 1), if known.

    ``unknown`` is the name of a field or function that does not exist, if that is what is wrong.
    """

    def __init__(self, message: str, column: int | None = None, unknown: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.column = column
        self.unknown = unknown


class EvaluationError(Exception):
    """An expression that came to nothing for one subject, and why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression, and the fields that it may look at."""

    names: frozenset[str]
    _compiled: Any

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether it is true of these values.

        Raises:
            EvaluationError: it came to nothing, for example because a list has no such item.
        """
        try:
            found = self._compiled.eval(data=values).value()
        except RuntimeError as error:
            raise EvaluationError(_in_words(str(error))) from error
        if not isinstance(found, bool):
            # What goes wrong in an evaluation is not raised but told by its value.
            raise EvaluationError(_in_words(str(found)))
        return found


_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNKNOWN = re.compile(r"undeclared reference to '([^']*)'")
_NAME = re.compile(r"[A-Za-z_]\w*")
_LONGEST = 200


def compile_expression(text: str, fields: Mapping[str, Kind]) -> Expression:
    """Compile an expression that is true or false.

    Raises:
        ExpressionError: it is not CEL, names what does not exist, compares what cannot be compared, or
            is not true or false.
    """
    from cel_expr_python import cel  # type: ignore[import-untyped]

    types = {
        Kind.TEXT: cel.Type.STRING,
        Kind.NUMBER: cel.Type.INT,
        Kind.TRUTH: cel.Type.BOOL,
        Kind.TEXTS: cel.Type.List(cel.Type.STRING),
        Kind.TEXTS_BY_KEY: cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
        Kind.LISTS_BY_KEY: cel.Type.Map(cel.Type.STRING, cel.Type.List(cel.Type.STRING)),
    }
    environment = cel.NewEnv(variables={name: types[kind] for name, kind in fields.items()})
    try:
        compiled = environment.compile(text)
    except RuntimeError as error:
        raise _wrong(str(error), text) from None
    if compiled.return_type() != cel.Type.BOOL:
        what = compiled.return_type().name().lower()
        raise ExpressionError(f"it is neither true nor false, but of type {what}")
    # More names than it needs do no harm: they are only worked out in vain.
    return Expression(frozenset(_NAME.findall(text)) & frozenset(fields), compiled)


def _wrong(message: str, text: str) -> ExpressionError:
    """The first of the errors that the compiler tells, with its place as a character of the text."""
    match = _PLACE.search(message)
    if match is None:
        return ExpressionError(_in_words(message))
    line, column = int(match[1]), int(match[2])
    before = sum(len(earlier) + 1 for earlier in text.split("\n")[: line - 1])
    unknown = _UNKNOWN.search(match[3])
    # The place of an unknown name is where it is followed by a dot or a parenthesis, not where it begins.
    name = unknown[1].partition(".")[0] if unknown else None
    words = f"no field or function {name!r}" if name else _in_words(match[3])
    return ExpressionError(words, before + column, name)


def _in_words(message: str) -> str:
    """The library's words, without its codes and of bounded length."""
    words = re.sub(r"^[A-Z_]+: | \[[A-Z_]+\]$| \(in container ''\)", "", message.split("\n")[0])
    words = words.partition(" expecting {")[0]
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
