"""Applying a plan in a process of its own that is killed, as by kill -9, at a chosen moment."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import cycle

from tests.chaos.faulty import Verdict
from tests.chaos.observer import look, progress
from tests.chaos.scenario import BATCH, Scenario
from tests.support.fault_proxy import Call, Moment

PROGRAM = """
import sys
import erpsync.apply
from erpsync.cli.main import main
erpsync.apply.BATCH = int(sys.argv.pop(1))
main()
"""
KILLED = -9


def apply_and_kill(
    scenario: Scenario, moment: Moment, when: Callable[[Call], bool], batch: int = BATCH
) -> int:
    """Apply in another process and kill it at this moment of the first such request; its exit status."""
    started = threading.Event()
    processes: list[subprocess.Popen[bytes]] = []

    def watch(reached: Moment, call: Call) -> None:
        if reached is moment and when(call):
            started.wait(60)
            processes[0].kill()
            processes[0].wait()

    scenario.proxy.arm(watch=watch)
    command = [sys.executable, "-c", PROGRAM, str(batch), *scenario.command]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        processes.append(process)
        started.set()
        process.wait()
    scenario.settle()
    return process.returncode


def kill_once(scenario: Scenario, moment: Moment, number: int, batch: int = BATCH) -> tuple[Verdict, bool]:
    """Kill at one request, then apply the same plan undisturbed; whether there was such a request."""
    status = apply_and_kill(scenario, moment, lambda call: call.number == number, batch)
    wrong = scenario.harm(look(scenario.erp, scenario.everybody))
    return Verdict(wrong, scenario.converge(again=True)), status == KILLED


def kill_again_and_again(scenario: Scenario, batch: int = BATCH) -> tuple[Verdict, int]:
    """Kill each run at its first write, before, at and after it in turn, until none is left; the deaths."""
    verdict, deaths = Verdict(), 0
    for moment in cycle(Moment):
        status = apply_and_kill(scenario, moment, lambda call: call.writes, batch)
        seen = look(scenario.erp, scenario.everybody)
        verdict.wrong += scenario.harm(seen)
        planned, _, _ = progress(scenario.everybody, seen)
        if status == KILLED:
            deaths += 1
        elif status or len(planned) < len(scenario.everybody):
            verdict.wrong.append(f"ended with {status}, {len(planned)} are as planned")
        if status != KILLED or verdict.wrong:
            break
    verdict.left = scenario.converge(again=True)
    return verdict, deaths
