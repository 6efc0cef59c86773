"""Applying a plan while requests go wrong: one of them, every write, or many at random."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from tests.chaos.scenario import Scenario
from tests.support.fault_proxy import Call, Schedule
from tests.support.faults import FAULTS, Fault

MOST_RUNS = 80
"""A storm is over by then: each run gets further, or nothing does."""
ACCOUNT_WRITES = ("model.res.user.create", "model.res.user.write")


@dataclass
class Verdict:
    """What was wrong while it lasted, what was still wrong after applying undisturbed, and runs killed."""

    wrong: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    kills: int = field(default=0, compare=False)


def at_request(number: int, fault: Fault) -> Schedule:
    """This fault at one request, counted from 1."""
    return lambda call: fault if call.number == number else None


def at_writes(faults: Iterable[Fault]) -> Schedule:
    """One fault after the other, each at the first request of a batch that writes accounts."""
    left = iter(faults)
    read = True

    def schedule(call: Call) -> Fault | None:
        nonlocal read
        # What is written without a look in between is written again, and must not meet the next fault.
        was_read, read = read, call.method not in ACCOUNT_WRITES
        return next(left, None) if was_read and not read else None

    return schedule


def at_random(random: Random, share: float) -> Schedule:
    """Any fault at this share of the requests."""
    return lambda _: random.choice(FAULTS) if random.random() < share else None


def survive(scenario: Scenario, schedule: Schedule, *, again: bool) -> Verdict:
    """Apply with these faults, then without."""
    scenario.proxy.arm(schedule)
    wrong = scenario.wrong(scenario.apply(), unknowable=_late(scenario))
    return Verdict(wrong, scenario.converge(again=again))


def weather(scenario: Scenario, random: Random, share: float) -> Verdict:
    """Apply the same plan through random faults until it says that all is done."""
    verdict = Verdict()
    for _ in range(MOST_RUNS):
        scenario.proxy.arm(at_random(random, share))
        ran = scenario.apply()
        verdict.wrong += scenario.wrong(ran, unknowable=_late(scenario))
        if ran.code == 0:
            break
    verdict.left = scenario.converge(again=True)
    return verdict


def faults_of(scenario: Scenario) -> set[str]:
    """The names of the faults that really took place."""
    return {call.fault for call in scenario.calls if call.fault}


def _late(scenario: Scenario) -> bool:
    return any(call.fault.endswith("later") and call.writes for call in scenario.proxy.calls)
