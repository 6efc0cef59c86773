"""``erpsync codeowners``: let the forge ask the right people to review."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.support.company_repository import BUYERS
from tests.support.pipeline import Pipeline

FILE = Path(".github/CODEOWNERS")


@pytest.fixture
def checkout(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = pipeline.repository.checkout("main")
    monkeypatch.chdir(path)
    return path


def test_the_file_is_written_where_the_forge_looks_for_it(erpsync: Command, checkout: Path) -> None:
    ran = erpsync("codeowners")
    assert (ran.code, ran.out) == (0, f"{FILE}: written\n")
    lines = FILE.read_text("utf-8").splitlines()
    assert "* @ruan-ling @bao-jing" in lines
    assert f"/{BUYERS} @wu-lan" in lines
    assert stat.S_IMODE(FILE.stat().st_mode) == 0o644


def test_a_file_that_is_right_passes_the_check(erpsync: Command, checkout: Path) -> None:
    erpsync("codeowners")
    assert erpsync("codeowners", "--check").code == 0
    written = FILE.stat().st_mtime_ns
    assert erpsync("codeowners").code == 0
    assert FILE.stat().st_mtime_ns == written


@pytest.mark.parametrize("text", [None, "* @chen-jing\n"])
def test_a_file_that_is_not_is_refused_and_left(erpsync: Command, checkout: Path, text: str | None) -> None:
    FILE.parent.mkdir()
    if text:
        FILE.write_text(text, "utf-8")
    ran = erpsync("codeowners", "--check")
    assert ran.code == 4
    assert "write it anew: erpsync codeowners" in ran.err
    assert (FILE.read_text("utf-8") if text else None) == text
    assert FILE.exists() == bool(text)


def test_another_file_can_be_named(erpsync: Command, checkout: Path) -> None:
    assert erpsync("codeowners", "-o", "docs/CODEOWNERS").code == 0
    assert Path("docs/CODEOWNERS").is_file()


def test_a_file_that_cannot_be_read_is_an_error(erpsync: Command, checkout: Path) -> None:
    FILE.parent.mkdir()
    FILE.write_bytes(b"\xff")
    assert erpsync("codeowners", "--check").code == 1


def test_a_folder_that_cannot_be_made_is_an_error(erpsync: Command, checkout: Path) -> None:
    Path("docs").write_text("x", "utf-8")
    ran = erpsync("codeowners", "-o", "docs/CODEOWNERS")
    assert ran.code == 1
    assert "cannot be" in ran.err


def test_invalid_files_are_refused(erpsync: Command, checkout: Path) -> None:
    (checkout / BUYERS).write_text("users: {chen.jing: {nome: x}}\n", "utf-8")
    assert erpsync("codeowners").code == 4
    assert not FILE.exists()


def test_no_directory_is_wrong_usage(erpsync: Command, checkout: Path) -> None:
    assert erpsync("codeowners", "--access", "none").code == 2
