"""``erpsync apply`` takes the lock of its target; ``erpsync unlock`` removes one that a dead run left."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from erpsync.forge.git_lock import GitRefLock
from erpsync.lock import FileLock, LockHolder
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import MemoryErp
from tests.support.repositories import git

OTHER = LockHolder(
    "wu.lan", "20261120T080000Z-abc123", datetime(2026, 11, 20, 8, tzinfo=UTC), "build-7", 4711
)


@pytest.fixture
def plan(erpsync: Command, company: AccessFiles, memory: MemoryErp, tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    assert erpsync("plan", "--access", company, "-o", file).code == 0
    return file


@pytest.fixture
def shared(company: AccessFiles, memory: MemoryErp, tmp_path: Path) -> GitRefLock:
    """Access files in a checkout with a remote, whose target is locked there by another run."""
    settings = company.path / "erpsync.yaml"
    settings.write_text(settings.read_text() + "    lock: remote\n")
    bare = tmp_path / "origin.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    git(company.path, "init", "-q")
    git(company.path, "add", ".")
    git(company.path, "commit", "-q", "-m", "Begin")
    git(company.path, "remote", "add", "origin", str(bare))
    return GitRefLock(company.path, "origin", "erp", OTHER)


def test_apply_writes_nothing_while_another_run_of_this_machine_does(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, plan: Path, own_state: Path
) -> None:
    with FileLock(own_state, "erp", OTHER):
        ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 4
    assert "is locked by wu.lan since 2026-11-20 08:00:00 UTC" in ran.err
    assert memory.written == []
    assert erpsync("apply", plan, "--access", company).code == 0


def test_apply_writes_nothing_while_a_run_of_another_machine_does(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, shared: GitRefLock, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    assert erpsync("plan", "--access", company, "-o", plan).code == 0
    with shared:
        ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 4
    assert f"erpsync unlock erp --run {OTHER.run}" in ran.err
    assert memory.written == []
    assert erpsync("apply", plan, "--access", company).code == 0


def test_a_lock_left_behind_is_removed_and_the_journal_tells(
    erpsync: Command, company: AccessFiles, shared: GitRefLock
) -> None:
    shared.__enter__()
    ran = erpsync("unlock", "erp", "--run", OTHER.run, "--access", company)
    assert (ran.code, ran.out) == (0, f"erp is unlocked; the lock was that of wu.lan, run {OTHER.run}\n")
    assert f"the lock of run {OTHER.run} is removed" in erpsync("journal", "show").out
    assert erpsync("unlock", "erp", "--run", OTHER.run, "--access", company).code == 4


def test_the_lock_of_another_run_stays(erpsync: Command, company: AccessFiles, shared: GitRefLock) -> None:
    with shared:
        ran = erpsync("unlock", "erp", "--run", "20261120T090000Z-fff000", "--access", company)
    assert ran.code == 4
    assert "nothing was removed" in ran.err


def test_a_lock_of_this_machine_is_never_left_behind(
    erpsync: Command, company: AccessFiles, memory: MemoryErp
) -> None:
    assert erpsync("unlock", "erp", "--run", OTHER.run, "--access", company).code == 4
