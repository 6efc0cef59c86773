"""Ctrl-C while a plan is carried out: nothing is left half done, and the journal knows what was."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest

from erpsync.cli.stopping import TOLD, stopping
from tests.cli.conftest import Command
from tests.support.access_files import AccessFiles, buyer
from tests.support.memory import MemoryErp


def interrupt() -> None:
    """Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def interrupt_twice() -> None:
    """Ctrl-C, and once more."""
    interrupt()
    interrupt()


@pytest.fixture
def plan(erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path) -> Path:
    """A plan that makes three accounts, to be written one by one."""
    access.users(*(buyer(key) for key in ("a", "b", "c")))
    assert erpsync("plan", "--access", access, "-o", tmp_path / "plan.json").code == 0
    return tmp_path / "plan.json"


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each account is a batch of its own."""
    monkeypatch.setattr("erpsync.apply.BATCH", 1)


def _journal(state: Path) -> list[tuple[str, str, str]]:
    lines = [
        line for path in state.rglob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()
    ]
    entries = [json.loads(line) for line in lines]
    return [(entry["event"], entry.get("login", ""), entry.get("status", "")) for entry in entries]


def test_what_is_being_written_is_ended_and_recorded_and_the_rest_is_not_begun(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, plan: Path, tmp_path: Path, one_by_one: None
) -> None:
    # The plan is checked by one read; before and after each batch there is one more.
    memory.on_read[memory.reads + 4] = interrupt
    state = tmp_path / "state"
    ran = erpsync("apply", plan, "--access", access, "--state", state)
    assert ran.code == 6
    assert TOLD in ran.err
    assert "stopped: interrupted; no further account was begun" in ran.out
    assert memory.written == ["wu.lan", "a"]
    ends = [entry for entry in _journal(state) if entry[0] in ("intend", "outcome")]
    assert ends == [
        ("intend", "wu.lan", ""),
        ("outcome", "wu.lan", "done"),
        ("intend", "a", ""),
        ("outcome", "a", "done"),
    ]
    again = erpsync("apply", plan, "--access", access, "--state", state)
    assert again.code == 0
    assert memory.written == ["wu.lan", "a", "b", "c"]


def test_a_second_ctrl_c_stops_at_once(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, plan: Path, one_by_one: None
) -> None:
    memory.on_read[memory.reads + 4] = interrupt_twice
    ran = erpsync("apply", plan, "--access", access)
    assert ran.code == 6
    assert "a: not known: stopped while it was being written" in ran.out


def test_a_target_that_was_not_begun_is_named_and_left_alone(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path, one_by_one: None
) -> None:
    access.users(buyer("a"))
    settings = (access.path / "erpsync.yaml").read_text(encoding="utf-8")
    first = settings.partition("  erp:\n")[2]
    (access.path / "other.yaml").write_text(f"targets:\n  zzz:\n{first}", encoding="utf-8")
    plan, state = tmp_path / "plan.json", tmp_path / "state"
    assert erpsync("plan", "--access", access, "-o", plan).code == 0
    memory.on_read[memory.reads + 1] = interrupt
    ran = erpsync("apply", plan, "--access", access, "--state", state)
    assert ran.code == 6
    assert ran.out.count("stopped: interrupted; no further account was begun") == 2
    assert memory.written == []


def test_a_cancelled_job_stops_at_once(
    erpsync: Command, access: AccessFiles, memory: MemoryErp, plan: Path, one_by_one: None
) -> None:
    memory.on_read[memory.reads + 4] = lambda: signal.raise_signal(signal.SIGTERM)
    assert (
        "a: not known: stopped while it was being written" in erpsync("apply", plan, "--access", access).out
    )


def test_afterwards_ctrl_c_means_what_it_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stopping() as asked:
        assert not asked()
        interrupt()
        assert asked()
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_signals_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    found: list[bool] = []

    def work() -> None:
        with stopping() as asked:
            found.append(asked())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [False]
    assert signal.getsignal(signal.SIGINT) is before
