"""What git knows of the access files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from erpsync.forge.git import commit_of


def git(directory: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Chen Jing", "-c", "user.email=chen.jing@huaxin.example"]
    command = ["git", "-C", str(directory), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    access = tmp_path / "access"
    access.mkdir()
    (access / "users.yaml").write_text("users: {}\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "Begin")
    return tmp_path


def test_commit_is_the_one_checked_out(repository: Path) -> None:
    assert commit_of(repository / "access") == git(repository, "rev-parse", "HEAD")


def test_uncommitted_change_below_the_directory_is_marked(repository: Path) -> None:
    (repository / "access" / "users.yaml").write_text("users: {} # edited\n")
    assert commit_of(repository / "access") == git(repository, "rev-parse", "HEAD") + "+"


def test_uncommitted_change_elsewhere_is_not_marked(repository: Path) -> None:
    (repository / "notes.txt").write_text("to do\n")
    assert commit_of(repository / "access") == git(repository, "rev-parse", "HEAD")


def test_repository_without_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert commit_of(tmp_path) is None


def test_directory_outside_git_has_none(tmp_path: Path) -> None:
    assert commit_of(tmp_path) is None


def test_machine_without_git_has_none(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert commit_of(repository) is None
