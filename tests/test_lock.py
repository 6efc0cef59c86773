"""Who holds a lock, and the lock among the runs of one machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from erpsync.errors import ErpsyncError, ExitCode, RefusedError
from erpsync.lock import FileLock, Lock, LockedError, LockHolder, age_in_words, lock_name, unlock_command

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOLDER = LockHolder("wu.lan", "4711", NOON, "build-7", 312)
OTHER = LockHolder("he.qi", "4712", NOON, "build-8", 77)

KEEPER = """
import sys
from pathlib import Path
from erpsync.lock import FileLock, LockHolder
with FileLock(Path(sys.argv[1]), "erp", LockHolder.here("he.qi", "4712")):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def keeper(state: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends."""
    command = [sys.executable, "-c", KEEPER, str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


# --- the holder -----------------------------------------------------------------------------------


def test_holder_survives_json() -> None:
    shanghai = replace(HOLDER, who="吴兰", since=NOON.astimezone(timezone(timedelta(hours=8))))

    assert LockHolder.from_json(json.loads(json.dumps(shanghai.to_json()))) == shanghai


def test_holder_here_is_this_process() -> None:
    before = datetime.now(UTC)
    holder = LockHolder.here("wu.lan", "4711")

    assert (holder.who, holder.run, holder.pid) == ("wu.lan", "4711", os.getpid())
    assert before <= holder.since <= datetime.now(UTC)


def test_keys_of_later_versions_are_passed_over() -> None:
    assert LockHolder.from_json({**HOLDER.to_json(), "token": "1"}) == HOLDER


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {**HOLDER.to_json(), "who": None},
        {**HOLDER.to_json(), "run": "1\nerror: all is lost"},
        {**HOLDER.to_json(), "since": "2026-11-22T12:00:00"},
        {**HOLDER.to_json(), "since": "yesterday"},
        {**HOLDER.to_json(), "pid": "312"},
        {**HOLDER.to_json(), "pid": True},
    ],
)
def test_what_is_no_holder_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"not|no|Invalid"):
        LockHolder.from_json(value)
    assert LockHolder.parse(json.dumps(value)) is None


@pytest.mark.parametrize("text", ["", "{", b"\xff\xfe{", "[" * 100_000])
def test_text_that_is_no_json_names_no_holder(text: str | bytes) -> None:
    assert LockHolder.parse(text) is None


# --- what is said ---------------------------------------------------------------------------------


def test_message_says_who_since_when_where_and_what_to_do() -> None:
    error = LockedError("erp", HOLDER, hint="wait", now=NOON + timedelta(minutes=3))

    assert str(error) == (
        "target 'erp': is locked by wu.lan since 2026-11-22 12:00:00 UTC (3 minutes ago), "
        "run 4711 on host build-7, process 312\n  hint: wait"
    )
    assert error.exit_code is ExitCode.REFUSED
    assert error.holder == HOLDER


def test_unknown_holder_is_another_run() -> None:
    assert LockedError("erp", None, hint="wait").message == "is locked by another run"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "less than a minute ago"),
        (59, "less than a minute ago"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (3600, "1 hour ago"),
        (86399, "23 hours ago"),
        (172800, "2 days ago"),
    ],
)
def test_age_is_told_in_the_largest_unit(seconds: int, words: str) -> None:
    assert age_in_words(NOON, NOON + timedelta(seconds=seconds)) == words


def test_unlock_command_can_be_pasted_into_a_shell() -> None:
    assert unlock_command("erp", "run 7; rm") == "erpsync unlock erp --run 'run 7; rm'"


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("erp", "erp"),
        ("erp-test_2", "erp-test_2"),
        ("erp.prod", "erp%2Eprod"),
        ("../../etc", "%2E%2E%2F%2E%2E%2Fetc"),
        ("erp@{1}~^:?*[\\ .lock", "erp%40%7B1%7D%7E%5E%3A%3F%2A%5B%5C%20%2Elock"),
        ("生产", "%E7%94%9F%E4%BA%A7"),
    ],
)
def test_target_becomes_a_harmless_name(target: str, name: str) -> None:
    assert lock_name(target) == name


@pytest.mark.parametrize("target", ["", "\udc80"])
def test_what_is_no_name_is_refused(target: str) -> None:
    with pytest.raises(ValueError, match=r"name|surrogates"):
        lock_name(target)


# --- the lock of one machine ----------------------------------------------------------------------


def test_file_says_who_holds_the_lock_while_it_is_held(tmp_path: Path) -> None:
    lock: Lock = FileLock(tmp_path, "erp", HOLDER)
    path = tmp_path / "lock" / "erp.json"

    with lock:
        assert LockHolder.parse(path.read_text()) == HOLDER
    assert path.read_text() == ""


def test_second_run_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    with (
        FileLock(tmp_path, "erp", HOLDER),
        pytest.raises(LockedError, match=r"locked by wu\.lan") as refused,
        FileLock(tmp_path, "erp", OTHER),
    ):
        pytest.fail("both hold it")
    assert refused.value.holder == HOLDER


def test_refused_run_leaves_the_lock_alone(tmp_path: Path) -> None:
    with FileLock(tmp_path, "erp", HOLDER):
        for _ in range(2):
            with pytest.raises(LockedError, match=r"wu\.lan"), FileLock(tmp_path, "erp", OTHER):
                pytest.fail("both hold it")


def test_same_lock_cannot_be_entered_twice(tmp_path: Path) -> None:
    lock = FileLock(tmp_path, "erp", HOLDER)
    with lock, pytest.raises(LockedError), lock:
        pytest.fail("entered twice")


def test_lock_can_be_taken_again_after_it_was_given_back(tmp_path: Path) -> None:
    for holder in (HOLDER, OTHER):
        with FileLock(tmp_path, "erp", holder) as lock:
            assert LockHolder.parse(lock.path.read_text()) == holder


def test_lock_is_given_back_when_the_work_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), FileLock(tmp_path, "erp", HOLDER):
        _ = 1 / 0
    with FileLock(tmp_path, "erp", OTHER) as lock:
        assert LockHolder.parse(lock.path.read_text()) == OTHER


def test_leaving_a_lock_that_is_not_held_does_nothing(tmp_path: Path) -> None:
    with FileLock(tmp_path, "erp", HOLDER) as held:
        FileLock(tmp_path, "erp", OTHER).__exit__(None, None, None)
        assert LockHolder.parse(held.path.read_text()) == HOLDER


def test_targets_do_not_lock_each_other(tmp_path: Path) -> None:
    with FileLock(tmp_path, "erp", HOLDER) as one, FileLock(tmp_path, "erp.test", OTHER) as two:
        assert one.path != two.path


def test_shorter_facts_replace_longer_ones(tmp_path: Path) -> None:
    path = tmp_path / "lock" / "erp.json"
    path.parent.mkdir()
    path.write_text("x" * 5000)

    with FileLock(tmp_path, "erp", HOLDER):
        assert LockHolder.parse(path.read_text()) == HOLDER


def test_other_process_is_refused_and_told(tmp_path: Path) -> None:
    with keeper(tmp_path) as process:
        with pytest.raises(LockedError) as refused, FileLock(tmp_path, "erp", HOLDER):
            pytest.fail("both hold it")
        process.communicate("")
    assert refused.value.holder is not None
    assert (refused.value.holder.who, refused.value.holder.pid) == ("he.qi", process.pid)


def test_killed_process_leaves_no_lock_behind(tmp_path: Path) -> None:
    with keeper(tmp_path) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert (tmp_path / "lock" / "erp.json").read_text() != ""

    with FileLock(tmp_path, "erp", HOLDER) as lock:
        assert LockHolder.parse(lock.path.read_text()) == HOLDER


def test_of_many_at_once_exactly_one_wins(tmp_path: Path) -> None:
    count = 16
    together, decided = Barrier(count), Barrier(count)
    results: list[bool] = []

    def contend() -> None:
        together.wait()
        try:
            with FileLock(tmp_path, "erp", HOLDER):
                results.append(True)
                decided.wait()
        except LockedError:
            results.append(False)
            decided.wait()

    threads = [Thread(target=contend) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * (count - 1) + [True]


def test_held_lock_of_a_living_process_cannot_be_removed(tmp_path: Path) -> None:
    with FileLock(tmp_path, "erp", HOLDER), pytest.raises(LockedError, match=r"wu\.lan"):
        FileLock(tmp_path, "erp", OTHER).break_lock("4711")


def test_there_is_nothing_to_remove_when_nobody_holds_it(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="run 4711 holds no lock on this machine"):
        FileLock(tmp_path, "erp", OTHER).break_lock("4711")
    with FileLock(tmp_path, "erp", HOLDER) as lock:
        assert LockHolder.parse(lock.path.read_text()) == HOLDER


# --- what the disk may do -------------------------------------------------------------------------


def test_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("a file")

    with pytest.raises(ErpsyncError, match=r"erp\.json: the lock cannot be taken: File exists") as failed:
        FileLock(tmp_path, "erp", HOLDER).__enter__()
    assert failed.value.exit_code is ExitCode.ERROR


def test_link_is_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep this")
    (tmp_path / "lock").mkdir()
    (tmp_path / "lock" / "erp.json").symlink_to(precious)

    with pytest.raises(ErpsyncError, match="the lock cannot be taken"):
        FileLock(tmp_path, "erp", HOLDER).__enter__()
    assert precious.read_text() == "keep this"


def test_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(file: int, operation: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("erpsync.lock.fcntl.flock", no_locks)
    with pytest.raises(ErpsyncError, match="the lock cannot be taken: No locks available") as failed:
        FileLock(tmp_path, "erp", HOLDER).__enter__()
    assert failed.value.exit_code is ExitCode.ERROR


def test_full_disk_is_told_and_the_lock_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: int, data: bytes, offset: int) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("erpsync.lock.os.pwrite", full)
        with pytest.raises(ErpsyncError, match="No space left"):
            FileLock(tmp_path, "erp", HOLDER).__enter__()
    with FileLock(tmp_path, "erp", OTHER) as lock:
        assert LockHolder.parse(lock.path.read_text()) == OTHER
