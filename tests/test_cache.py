"""A cache that is not surely ours, or not whole, is as if it were not there."""

from __future__ import annotations

import errno
import multiprocessing
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from erpsync import cache
from erpsync.cache import SHELVES, Cache, open_cache

KEY = b"k" * 32
VALUE = ("texts", 7, b"bytes", {"a": [1, None]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache in which one thing is kept."""
    _keep(tmp_path / "cache", VALUE)
    return tmp_path / "cache"


def _keep(folder: Path, value: Any, key: bytes = KEY) -> None:
    kept = Cache(folder, key)
    kept.keep("kind", "name", b"made from", value)
    kept.save()


def _recalled(folder: Path, key: bytes = KEY, made_from: bytes = b"made from") -> Any:
    return Cache(folder, key).recall("kind", "name", made_from)


def _only(folder: Path) -> Path:
    (file,) = _files(folder)
    return file


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name != ".gitignore"]


def test_what_is_kept_is_recalled_in_a_later_run(folder: Path) -> None:
    assert _recalled(folder) == VALUE


def test_what_was_made_from_anything_else_is_not_recalled(folder: Path) -> None:
    assert _recalled(folder, made_from=b"something else") is None
    assert Cache(folder, KEY).recall("kind", "other", b"made from") is None


def test_only_the_owner_can_read_it(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(_only(folder).stat().st_mode) == 0o600


def test_no_byte_can_be_another_one(folder: Path) -> None:
    file = _only(folder)
    data = file.read_bytes()
    for at in range(len(data)):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        assert _recalled(folder) is None


def test_a_file_that_is_cut_off_is_passed_over(folder: Path) -> None:
    file = _only(folder)
    data = file.read_bytes()
    for size in range(len(data)):
        file.write_bytes(data[:size])
        assert _recalled(folder) is None


def test_a_file_that_somebody_brings_along_is_passed_over(folder: Path) -> None:
    _keep(folder, "forged", key=b"x" * 32)
    assert _recalled(folder) is None


def test_a_file_under_the_name_of_another_is_passed_over(folder: Path) -> None:
    file = _only(folder)
    file.rename(folder / file.name.replace("kind", "sort"))
    assert Cache(folder, KEY).recall("sort", "name", b"made from") is None


def test_a_file_of_another_version_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_maker", lambda: "erpsync 0.0.0")
    assert _recalled(folder) is None


def test_a_folder_in_the_place_of_a_file_is_passed_over(folder: Path) -> None:
    file = _only(folder)
    file.unlink()
    file.mkdir()
    assert _recalled(folder) is None
    _keep(folder, VALUE)
    assert [entry.name for entry in _files(folder)] == [file.name]


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    _keep(tmp_path / "cache", VALUE)
    assert _recalled(tmp_path / "cache") is None


def test_a_full_disk_keeps_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, mode: str) -> Any:
        os.close(handle)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", full)
        _keep(folder, "new")
    assert _recalled(folder) == VALUE
    assert len(_files(folder)) == 1


def test_what_is_of_no_use_any_more_is_dropped(tmp_path: Path) -> None:
    first = Cache(tmp_path, KEY)
    for number in range(500):
        first.keep("kind", f"name{number}", b"", number)
    first.save()
    assert len(_files(tmp_path)) == SHELVES
    second = Cache(tmp_path, KEY)
    for number in range(500, 1000):
        second.keep("kind", f"name{number}", b"", number)
    second.keep_only("kind", {"name7", *(f"name{number}" for number in range(500, 1000))})
    second.save()
    third = Cache(tmp_path, KEY)
    there = [number for number in range(1000) if third.recall("kind", f"name{number}", b"") is not None]
    assert there == [7, *range(500, 1000)]


def _write_often(folder: Path, value: str) -> None:
    for _ in range(100):
        _keep(folder, value * 1000)


def test_what_was_removed_is_dropped_from_shelves_that_nobody_asked_for(tmp_path: Path) -> None:
    kept = Cache(tmp_path, KEY)
    kept.keep("users", "left.yaml", b"", "独一无二")
    kept.keep_only("users", {"left.yaml", "stays.yaml"})
    kept.save()
    later = Cache(tmp_path, KEY)
    later.keep_only("users", {"stays.yaml"})
    later.save()
    assert not any("独一无二".encode() in path.read_bytes() for path in tmp_path.iterdir())


def test_git_does_not_see_it(folder: Path) -> None:
    assert (folder / ".gitignore").read_text("utf-8") == "*\n"


def test_two_processes_that_write_at_once_leave_what_one_of_them_wrote(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_often, args=(tmp_path / "cache", value)) for value in "ab"]
    for writer in writers:
        writer.start()
    seen = {_recalled(tmp_path / "cache") for _ in range(200)}
    for writer in writers:
        writer.join()
    assert _recalled(tmp_path / "cache") in {"a" * 1000, "b" * 1000}
    assert seen <= {None, "a" * 1000, "b" * 1000}
    assert len(_files(tmp_path / "cache")) == 1


# --- the key ------------------------------------------------------------------------------------------


def _key_of(home: Path) -> Path:
    return home / ".local" / "state" / "erpsync" / "cache.key"


def _remembers(state: Path, environment: dict[str, str]) -> bool:
    for _ in range(2):
        opened = open_cache(state, environment)
        if opened is None:
            return False
        found = opened.recall("kind", "name", b"")
        opened.keep("kind", "name", b"", "value")
        opened.save()
    return bool(found == "value")


def test_the_key_is_made_once_where_only_its_owner_can_read_it(tmp_path: Path) -> None:
    assert _remembers(tmp_path / "state", {"HOME": str(tmp_path / "home")})
    key = _key_of(tmp_path / "home")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [entry.name for entry in key.parent.iterdir()] == ["cache.key"]
    assert len(key.read_bytes()) == 32


def test_the_key_stands_where_the_environment_says(tmp_path: Path) -> None:
    assert _remembers(tmp_path / "state", {"XDG_STATE_HOME": str(tmp_path / "x"), "HOME": "/nowhere"})
    assert (tmp_path / "x" / "erpsync" / "cache.key").is_file()


def test_with_another_key_nothing_is_recalled(tmp_path: Path) -> None:
    assert _remembers(tmp_path / "state", {"HOME": str(tmp_path / "home")})
    other = open_cache(tmp_path / "state", {"HOME": str(tmp_path / "other")})
    assert other is not None
    assert other.recall("kind", "name", b"") is None


def test_without_a_home_there_is_no_cache(tmp_path: Path) -> None:
    assert open_cache(tmp_path, {}) is None
    (tmp_path / "file").write_text("")
    assert open_cache(tmp_path, {"HOME": str(tmp_path / "file")}) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_reach_is_not_used(tmp_path: Path, mode: int) -> None:
    assert _remembers(tmp_path / "state", {"HOME": str(tmp_path)})
    _key_of(tmp_path).chmod(mode)
    assert open_cache(tmp_path / "state", {"HOME": str(tmp_path)}) is None


def test_a_key_of_another_size_or_behind_a_link_is_not_used(tmp_path: Path) -> None:
    assert _remembers(tmp_path / "state", {"HOME": str(tmp_path)})
    key = _key_of(tmp_path)
    data = key.read_bytes()
    key.write_bytes(data[:-1])
    assert open_cache(tmp_path / "state", {"HOME": str(tmp_path)}) is None
    key.unlink()
    (tmp_path / "elsewhere").write_bytes(data)
    key.symlink_to(tmp_path / "elsewhere")
    assert open_cache(tmp_path / "state", {"HOME": str(tmp_path)}) is None


def test_of_two_runs_that_make_a_key_at_once_both_use_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _remembers(tmp_path / "state", {"HOME": str(tmp_path)})
    data = _key_of(tmp_path).read_bytes()
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert _remembers(tmp_path / "state", {"HOME": str(tmp_path)})
    assert _key_of(tmp_path).read_bytes() == data
