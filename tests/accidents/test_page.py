"""The page about the accidents and the tests of them name each other."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "accidents.md"
LINK = re.compile(r"\[(test_\w+)\]\((?:\.\./)*([\w/]+\.py)\)")


def rows() -> list[str]:
    """The rows of all tables, without their heads."""
    lines = PAGE.read_text("utf-8").splitlines()
    return [line for line in lines if line.startswith("| ") and not line.startswith("| what happened")]


def defined(path: Path) -> set[str]:
    """The tests of a file."""
    return set(re.findall(r"^def (test_\w+)\(", path.read_text("utf-8"), re.MULTILINE))


def test_every_accident_has_a_test_that_exists() -> None:
    assert len(rows()) > 30
    for row in rows():
        links = LINK.findall(row)
        assert links, row
        assert [name for name, path in links if name not in defined(PAGE.parents[1] / path)] == []


def test_every_test_of_an_accident_is_on_the_page() -> None:
    named = {name for row in rows() for name, _ in LINK.findall(row)}
    files = [path for path in HERE.glob("test_*.py") if path != Path(__file__)]
    assert len(files) > 10
    assert set().union(*map(defined, files)) - named == set()
