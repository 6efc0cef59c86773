"""Applying a plan in a process of its own that is killed, as by kill -9, at a chosen moment."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count, cycle
from pathlib import Path
from unittest.mock import patch

from erpsync import apply
from erpsync.codec import Json
from erpsync.journal import Journal
from tests.chaos.doomed import Step
from tests.chaos.faulty import Verdict
from tests.chaos.observer import look, progress
from tests.chaos.scenario import BATCH, Scenario, small_batches
from tests.support.fault_proxy import Call, Moment, Watch

ROOT = Path(__file__).parents[2]
ORDINARY_BATCH = apply.BATCH


@dataclass(frozen=True)
class Ended:
    """The exit status of a process, and what it said."""

    status: int
    said: str

    @property
    def killed(self) -> bool:
        """Whether it did not end by itself."""
        return self.status == -signal.SIGKILL


@dataclass(frozen=True)
class KillPoint:
    """A moment of the `number`-th append to the journal, or of the `number`-th request that writes."""

    moment: Step | Moment
    number: int

    @property
    def name(self) -> str:
        """What is killed there."""
        what = "journal" if isinstance(self.moment, Step) else "write"
        return f"killed: {what} {self.moment.name.lower()}"


@dataclass(frozen=True)
class Course:
    """How many requests, writes among them, and appends to the journal an undisturbed run makes."""

    requests: int
    writes: int
    appends: int

    @classmethod
    def of(cls, scenario: Scenario) -> Course:
        """Apply undisturbed, and count."""
        append, appends = Journal.append, count()

        def counted(journal: Journal, *events: Mapping[str, Json]) -> None:
            next(appends)
            append(journal, *events)

        with patch.object(Journal, "append", counted):
            ran = scenario.apply()
        assert ran.code == 0, ran.said
        writes = sum(call.writes for call in scenario.calls)
        return cls(len(scenario.calls), writes, next(appends))

    @property
    def kill_points(self) -> list[KillPoint]:
        """Every moment of every append and of every write, one kind of moment after the other.

        A kill at a read leaves the ERP and the journal as one at the append or write before it does.
        """
        steps = [KillPoint(step, number) for step in Step for number in range(1, self.appends + 1)]
        writes = [KillPoint(moment, number) for moment in Moment for number in range(1, self.writes + 1)]
        return steps + writes


def kill_at(scenario: Scenario, point: KillPoint, batch: int = BATCH) -> Verdict:
    """Kill there, then apply the same plan undisturbed."""
    if isinstance(point.moment, Step):
        ended = _apply(scenario, batch, (point.moment, point.number))
    else:
        writes = count(1)
        ended = apply_and_kill(
            scenario, point.moment, lambda call: call.writes and next(writes) == point.number, batch
        )
    return _aftermath(scenario, ended)


def kill_once(scenario: Scenario, moment: Moment, number: int, batch: int = BATCH) -> Verdict:
    """Kill at one request, read or write, then apply the same plan undisturbed."""
    return _aftermath(scenario, apply_and_kill(scenario, moment, lambda call: call.number == number, batch))


def kill_again_and_again(scenario: Scenario, batch: int = BATCH) -> Verdict:
    """Kill each run at its first write, before, at and after it in turn, until none is left."""
    verdict = Verdict()
    for moment in cycle(Moment):
        ended = apply_and_kill(scenario, moment, lambda call: call.writes, batch)
        seen = look(scenario.erp, scenario.everybody)
        verdict.wrong += scenario.harm(seen)
        planned, _, _ = progress(scenario.everybody, seen)
        if ended.killed:
            verdict.kills += 1
        elif ended.status or len(planned) < len(scenario.everybody):
            verdict.wrong.append(f"ended with {ended.status}, {len(planned)} as planned: {ended.said}")
        if not ended.killed or verdict.wrong:
            break
    verdict.left = scenario.converge(again=True)
    return verdict


def apply_and_kill(
    scenario: Scenario, moment: Moment, when: Callable[[Call], bool], batch: int = BATCH
) -> Ended:
    """Apply in another process and kill it at this moment of the first such request."""
    started = threading.Event()
    processes: list[subprocess.Popen[bytes]] = []

    def watch(reached: Moment, call: Call) -> None:
        if reached is moment and when(call):
            started.wait(60)
            processes[0].kill()
            processes[0].wait()

    def begun(process: subprocess.Popen[bytes]) -> None:
        processes.append(process)
        started.set()

    return _apply(scenario, batch, watch=watch, begun=begun)


def _apply(
    scenario: Scenario,
    batch: int,
    doom: tuple[Step, int] = (Step.AFTER, 0),
    watch: Watch = lambda _moment, _call: None,
    begun: Callable[[subprocess.Popen[bytes]], None] = lambda _: None,
) -> Ended:
    """Apply in another process that has its doom in itself, or is watched."""
    step, number = doom
    scenario.proxy.arm(watch=watch)
    program = [sys.executable, "-m", "tests.chaos.doomed", str(batch), step.value, str(number)]
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen([*program, *scenario.command], cwd=ROOT, stdout=said, stderr=said) as process,
    ):
        begun(process)
        process.wait()
        said.seek(0)
        ended = Ended(process.returncode, said.read())
    scenario.settle()
    return ended


def _aftermath(scenario: Scenario, ended: Ended) -> Verdict:
    wrong = scenario.harm(look(scenario.erp, scenario.everybody))
    if not ended.killed:
        wrong.append(f"was not killed, and ended with {ended.status}: {ended.said}")
    # The run after it cuts the plan in other pieces, which must not matter.
    with small_batches(ORDINARY_BATCH):
        left = scenario.converge(again=True)
    return Verdict(wrong, left, int(ended.killed))
