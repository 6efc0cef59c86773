"""A file is written whole or not at all, for those who may read it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from erpsync.cli.emergency_files import replace_file


@pytest.fixture(params=[0o022, 0o027, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """What new files are not to be, as the machine has it."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_new_file_is_read_by_whom_the_machine_lets_read(tmp_path: Path, umask: int) -> None:
    replace_file(tmp_path / "a.yaml", "a: 1\n")
    assert (tmp_path / "a.yaml").stat().st_mode & 0o777 == 0o666 & ~umask


def test_file_that_is_there_keeps_who_may_read_it(tmp_path: Path, umask: int) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n")
    file.chmod(0o604)
    replace_file(file, "a: 陈静\r\n")
    assert (file.stat().st_mode & 0o777, file.read_bytes()) == (0o604, "a: 陈静\r\n".encode())


def test_nothing_is_left_of_a_file_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, target: Path) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        replace_file(tmp_path / "a.yaml", "a: 1\n")
    assert list(tmp_path.iterdir()) == []
