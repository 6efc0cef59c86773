"""A shared lock that cannot be given back: what was done is told all the same, and how to remove it."""

from __future__ import annotations

from pathlib import Path

import pytest

from erpsync.journal import read_entries
from erpsync.model import Account
from erpsync.state import journal_path
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles
from tests.support.memory import Fault, MemoryErp
from tests.support.repositories import Remote, git, make_remote
from tests.support.worklist import age, declare, put_export

KEEP_LOCKS = """case "$1 $3" in refs/erpsync/lock/*\\ 0000*) echo kept >&2; exit 1;; esac"""
"""A hook of the server: no lock is ever removed."""
LEFT = "the lock in git remote 'origin': it could not be given back"


@pytest.fixture
def remote(company: AccessFiles, tmp_path: Path) -> Remote:
    """The access files in a checkout whose remote keeps the lock of the target, and does not let go of it."""
    settings = company.path / "erpsync.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "    lock: remote\n", encoding="utf-8")
    made = make_remote(tmp_path)
    git(company.path, "init", "-q", "-b", "access")
    git(company.path, "add", ".")
    git(company.path, "commit", "-q", "-m", "Begin")
    git(company.path, "remote", "add", "origin", f"file://{made.bare}")
    made.hook("update", KEEP_LOCKS)
    return made


@pytest.fixture
def plan(erpsync: Command, company: AccessFiles, memory: MemoryErp, remote: Remote, tmp_path: Path) -> Path:
    """A plan that locks wu.lan and creates chen.jing."""
    file = tmp_path / "plan.json"
    assert erpsync("plan", "--access", company, "-o", file).code == 0
    return file


def test_apply_tells_what_it_did_and_that_the_lock_stays(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, plan: Path
) -> None:
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 1
    assert ran.out.startswith("erp: 2 done\n")
    assert f"stopped: target 'erp': {LEFT}" in ran.out
    assert f"erpsync unlock erp --run {ran.run}" in ran.out
    assert ran.told == "Everything was done, but the run could not end as it should.\n"
    assert memory.written == ["wu.lan", "chen.jing"]


def test_what_stopped_the_run_is_told_too(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, plan: Path
) -> None:
    memory.faults["chen.jing"] = Fault.INTERRUPT_BEFORE
    ran = erpsync("apply", plan, "--access", company)
    assert ran.code == 6
    assert "stopped: interrupted\n" in ran.out
    assert LEFT in ran.out


def test_a_refusal_stays_a_refusal_and_the_lock_is_its_hint(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, plan: Path
) -> None:
    memory.protected["wu.lan"] = "an administrator of the ERP"
    ran = erpsync("apply", plan, "--access", company)
    assert (ran.code, ran.out) == (4, "")
    assert "wu.lan must not be changed" in ran.err
    assert LEFT in ran.err
    assert "erpsync unlock erp --run " in ran.err


def test_a_confirmation_is_told(
    erpsync: Command, remote: Remote, access: AccessFiles, tmp_path: Path
) -> None:
    declare(access)
    settings = access.path / "erpsync.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "    lock: remote\n", encoding="utf-8")
    exports, file = access.path / "exports", tmp_path / "plan.json"
    put_export(exports)
    assert erpsync("plan", "--access", access, "-o", file).code == 0
    assert erpsync("apply", file, "--access", access).code == 1
    remote.unhook("update")
    git(remote.bare, "update-ref", "-d", "refs/erpsync/lock/erp")
    remote.hook("update", KEEP_LOCKS)
    age(exports, -2)
    ran = erpsync("apply", file, "--access", access, "--confirm", exports)
    assert ran.code == 1
    assert "lines: " in ran.out
    assert LEFT in ran.err


def test_an_emergency_locks_and_names_whom(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, remote: Remote, own_state: Path
) -> None:
    memory.put(Account("chen.jing"))
    fixed = ("--reason", "stolen laptop", "--approver", "wu.lan", "--access", company)
    ran = erpsync("emergency", "lock", "--user", "chen.jing", *fixed)
    assert ran.code == 6
    assert ran.out.startswith(f"erp: 1 locked\n  stopped: target 'erp': {LEFT}")
    assert f"erpsync unlock erp --run {ran.run}\n" in ran.out
    assert "  locked chen.jing\n" in ran.out
    assert not memory.accounts["chen.jing"].active
    events = [entry["event"] for entry in read_entries(journal_path(own_state, "erp"))]
    assert events == ["emergency", "begin", "intend", "outcome", "end"]


def test_an_emergency_holds_one_lock_from_its_record_to_its_last_account(
    erpsync: Command, company: AccessFiles, memory: MemoryErp, remote: Remote
) -> None:
    remote.hook("update", 'echo "$1" >> taken')
    memory.put(Account("chen.jing"))
    fixed = ("--reason", "stolen laptop", "--approver", "wu.lan", "--access", company)
    assert erpsync("emergency", "lock", "--user", "chen.jing", *fixed).code == 0
    assert (remote.bare / "taken").read_text().splitlines() == ["refs/erpsync/lock/erp"] * 2
