"""Expressions: what compiles, what is told of what does not, and that evaluating ends."""

from __future__ import annotations

import pytest

from erpsync.policy.expressions import EvaluationError, ExpressionError, Kind, compile_expression

FIELDS = {
    "key": Kind.TEXT,
    "days_left": Kind.NUMBER,
    "has_owner": Kind.TRUTH,
    "roles": Kind.TEXTS,
    "logins": Kind.TEXTS_BY_KEY,
    "scope": Kind.LISTS_BY_KEY,
}
VALUES = {
    "key": "chen.jing",
    "days_left": 5,
    "has_owner": False,
    "roles": ["采购", "b"],
    "logins": {"erp": "CJ"},
    "scope": {"company": ["all"]},
}


@pytest.mark.parametrize(
    "text",
    [
        'key == "chen.jing" && days_left < 6',
        "!has_owner",
        '"采购" in roles && size(roles) == 2',
        'logins.erp == "CJ"',
        '"company" in scope && "all" in scope.company',
        'roles.exists(role, role.startsWith("采"))',
        'key.matches("^[a-z]+[.]jing$")',
        'key in ["x", "chen.jing"] ? true : false',
    ],
)
def test_fields_comparisons_sets_and_counts_are_understood(text: str) -> None:
    assert compile_expression(text, FIELDS).holds(VALUES)


def test_only_the_fields_that_are_named_are_needed() -> None:
    expression = compile_expression("days_left > 1 && !has_owner", FIELDS)
    assert expression.names == {"days_left", "has_owner"}
    assert expression.holds({"days_left": 2, "has_owner": False})


@pytest.mark.parametrize(
    ("text", "message", "column", "unknown"),
    [
        ('kye == "x"', "no field or function 'kye'", 1, "kye"),
        ('has_owner && kye == "x"', "no field or function 'kye'", 14, "kye"),
        ("true\n  && kye", "no field or function 'kye'", 11, "kye"),
        ("kye.name == 1", "no field or function 'kye'", 4, "kye"),
        ("open(key)", "no field or function 'open'", 5, "open"),
        ("key > 3", "found no matching overload for '_>_' applied to '(string, int)'", 5, None),
        ("key ==", "Syntax error: mismatched input '<EOF>'", 7, None),
        (
            "key.__class__ == key",
            "expression of type 'string' cannot be the operand of a select operation",
            4,
            None,
        ),
        ("days_left", "it is neither true nor false, but of type int", None, None),
        ("dyn(true)", "it is neither true nor false, but of type dyn", None, None),
        ("(" * 200 + "true" + ")" * 200, "Expression recursion limit exceeded. limit: 32", None, None),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    text: str, message: str, column: int | None, unknown: str | None
) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text, FIELDS)
    assert (caught.value.message, caught.value.column, caught.value.unknown) == (message, column, unknown)


def test_what_is_wrong_is_told_in_a_line_of_bounded_length() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression("key == " + "[" + "1," * 200 + "1]" + ' && "x" + {' + "1" * 300 + ":2}", FIELDS)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) <= 200


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('roles[7] == "x"', "Index error: index=7 size=2"),
        ('scope.warehouse == ["x"]', 'Key not found in map : "warehouse"'),
        ("int(key) > 1", "cannot convert string to int"),
        ("1 / (days_left - 5) > 0", "divide by zero"),
        ('key.matches("[a")', "invalid regular expression: missing ]: [a"),
    ],
)
def test_what_comes_to_nothing_is_told_and_is_no_answer(text: str, why: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        compile_expression(text, FIELDS).holds(VALUES)
    assert str(caught.value) == why


def test_loops_within_loops_end() -> None:
    ten = "[1,2,3,4,5,6,7,8,9,10]"
    text = f"{ten}.all(a, {ten}.all(b, {ten}.all(c, {ten}.all(d, {ten}.all(e, {ten}.all(f, true))))))"
    with pytest.raises(EvaluationError, match="Iteration budget exceeded"):
        compile_expression(text, FIELDS).holds(VALUES)


def test_a_regular_expression_that_blows_up_elsewhere_does_not_here() -> None:
    # RE2 takes linear time: https://github.com/google/re2/wiki/WhyRE2
    assert not compile_expression('key.matches("^(a+)+$")', FIELDS).holds({"key": "a" * 5000 + "b"})
