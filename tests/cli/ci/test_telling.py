"""Where a job tells what it found."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.cli.ci.telling import SUMMARY_BYTES, summarise, tell
from erpsync.errors import ErpsyncError
from erpsync.forge.job import Job


@pytest.fixture
def summary(tmp_path: Path) -> Path:
    return tmp_path / "summary.md"


def test_a_summary_is_added_to_what_is_there(summary: Path) -> None:
    summarise("one\n", Job(summary=summary))
    summarise("two\n", Job(summary=summary))
    assert summary.read_text("utf-8") == "one\ntwo\n"


def test_a_summary_ends_where_the_forge_cuts_it_and_never_within_a_character(summary: Path) -> None:
    summarise("x", Job(summary=summary))
    summarise("陈" * SUMMARY_BYTES, Job(summary=summary))
    data = summary.read_bytes()
    assert SUMMARY_BYTES - 3 < len(data) <= SUMMARY_BYTES
    assert data.decode("utf-8").endswith("陈")


def test_a_summary_that_is_full_gets_nothing_more(summary: Path) -> None:
    summary.write_bytes(b"x" * (SUMMARY_BYTES + 10))
    summarise("more\n", Job(summary=summary))
    assert summary.stat().st_size == SUMMARY_BYTES + 10


def test_a_summary_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ErpsyncError, match="cannot be written"):
        summarise("x", Job(summary=tmp_path / "none" / "summary.md"))


def test_without_a_forge_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    tell("body\n", "marker", None, None, Job())
    assert capsys.readouterr().out == "body\n"
