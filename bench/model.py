"""What a run costs beyond what can be measured here: a model of files, calls, time and memory. Pure.

What an ERP costs comes from measurements of the real products; where a figure is a published limit or an
assumption, its comment says so. What erpsync costs is measured by ``make bench`` and goes on growing as it
grew between the two largest sizes, but no slower than the users.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bench.company import STAFF
from bench.measure import ALONE, DEPARTMENTS
from bench.results import exponent, figures_of, sizes_of
from erpsync.reading import AT_ONCE

HOUR = 3600.0
CHANGED_SHARE = 0.01
"""Accounts that a day changes, as in ``plan, 1 % changed``."""
JOINERS_SHARE = 0.001
"""Accounts that a day brings: about a fifth of the staff new in a year. An assumption."""
ACCOUNTS_EACH = 2
"""In how many targets a user has an account, out of all. An assumption: one main ERP, and one beside it."""


@dataclass(frozen=True)
class Erp:
    """An ERP under its own limits; seconds are its own time for one account, unless said otherwise."""

    name: str
    fixed_calls: int
    """Of a plan, whatever the number of accounts: login, roles, companies, who it is."""
    page: int
    read: float
    change: float
    create: float
    batch: int
    """Accounts that one write takes."""
    calls_per_minute: int | None = None
    creates_per_hour: int | None = None

    def read_calls(self, accounts: float) -> int:
        """Calls of a plan."""
        return self.fixed_calls + math.ceil(accounts / self.page)

    def read_time(self, accounts: float) -> float:
        """Seconds that a plan waits for it."""
        return max(accounts * self.read, self._paced(self.read_calls(accounts)))

    def write_calls(self, accounts: float) -> int:
        """Calls of an apply that writes so many accounts: each batch is read, written and read back."""
        return 3 * math.ceil(accounts / self.batch)

    def change_time(self, accounts: float) -> float:
        """Seconds that the changes of so many accounts take."""
        return max(accounts * self.change, self._paced(self.write_calls(accounts)))

    def create_time(self, accounts: float) -> float:
        """Seconds that so many new accounts take."""
        throttled = accounts / self.creates_per_hour * HOUR if self.creates_per_hour else 0.0
        return max(accounts * self.create, throttled, self._paced(self.write_calls(accounts)))

    def _paced(self, calls: float) -> float:
        return calls / self.calls_per_minute * 60 if self.calls_per_minute else 0.0


ERPS = (
    # Tryton 8.2, measured with 10,000 users: 28 calls, users and 20,000 role rows in pages of 2,000, 4.4 s;
    # a role given to 500 in 8.6 ms each, created with two roles in 12 ms each; batches of 100.
    Erp("Tryton", 12, 625, read=0.44e-3, change=8.6e-3, create=12e-3, batch=100),
    # Odoo 18, measured with 10,000 users: keyset pages of 2,000 in 2.1 s; equal values for 500 in 2 ms each,
    # created by 100 in 50 ms each. Prefork ends a request after 60 s of CPU, so batches stay small.
    Erp("Odoo", 6, 2_000, read=0.21e-3, change=2e-3, create=50e-3, batch=200),
    # Frappe 15, measured with 10,000 users: two lists in pages of 5,000 in 1.5 s; a save drops the whole
    # cache of the site, 720 ms each however it is sent; 60 new users an hour, unless the site allows more.
    Erp("ERPNext", 6, 1_000, read=0.15e-3, change=0.72, create=0.75, batch=20, creates_per_hour=60),
    # SCIM as SAP Cloud Identity publishes it: at most 200 requests a minute without delay. Pages of 100 and
    # 50 ms for a request are assumptions; a changed membership is a PATCH of its own without bulk.
    Erp("SCIM", 5, 100, read=0.5e-3, change=50e-3, create=50e-3, batch=1, calls_per_minute=200),
)
WORKLIST = Erp("worklist", 1, 1_000_000, read=0.02e-3, change=120, create=120, batch=1_000_000)
"""A person with a printed work order: 2 minutes a line are an assumption. The export is read at once."""
KINDS = (*ERPS, WORKLIST)


@dataclass(frozen=True)
class Runner:
    """The machine of a job, and how long it may run: a hosted runner of GitHub for a private repository."""

    memory: float = 7_000
    """MB. https://docs.github.com/en/actions/reference/runners/github-hosted-runners"""
    seconds: float = 6 * HOUR
    """https://docs.github.com/en/actions/reference/limits"""


RUNNER = Runner()


@dataclass(frozen=True)
class Measured:
    """What erpsync itself costs for a size, and by which powers of the users it grows."""

    users: int
    load: float
    compare: float
    declared: float
    accounts: float
    load_power: float
    compare_power: float

    def load_cpu(self, users: float) -> float:
        """CPU seconds to read and validate the files."""
        return self.load * math.pow(users / self.users, self.load_power)

    def compare_cpu(self, users: float) -> float:
        """CPU seconds to resolve all users for one target, and to read and compare its accounts."""
        return self.compare * math.pow(users / self.users, self.compare_power)

    def memory(self, users: float, accounts: float) -> float:
        """MB of so many declared users, and so many accounts of targets at once; in step with both."""
        return self.declared * users / self.users + self.accounts * accounts / self.users


def measured(document: Mapping[str, Any]) -> Measured:
    """The costs that a run of the benchmark found for its two largest sizes."""
    validate, plan = ALONE[0].name, ALONE[2].name
    smaller, larger = sizes_of(document, plan)[-2:]
    loads = [figures_of(document, size, validate, "cold").cpu for size in (smaller, larger)]
    plans = [figures_of(document, size, plan, "cold").cpu for size in (smaller, larger)]
    compares = [plan - load for plan, load in zip(plans, loads, strict=True)]
    declared, both = (figures_of(document, larger, name, "cold").peak for name in (validate, plan))
    # Starting costs the same for all; without it nothing grows slower than the users for long.
    powers = [max(1.0, exponent(of, to, smaller, larger)) for of, to in (loads, compares)]
    return Measured(larger, loads[1], compares[1], declared, max(0.0, both - declared), *powers)


def bytes_of(document: Mapping[str, Any], users: int) -> float:
    """How much YAML so many users are."""
    largest = sizes_of(document)[-1]
    content: int = document["sizes"][str(largest)]["layouts"][DEPARTMENTS]["bytes"]
    return content * users / largest


@dataclass(frozen=True)
class World:
    """A group of companies: so many users in so many targets, which are of all kinds in turn."""

    users: int
    targets: int

    @property
    def files(self) -> int:
        """Access files with one file a department."""
        return max(10, self.users // STAFF)

    @property
    def accounts(self) -> float:
        """In each target."""
        return self.users * min(ACCOUNTS_EACH, self.targets) / self.targets

    def erps(self) -> Iterator[Erp]:
        """The kind of each target."""
        for number in range(self.targets):
            yield KINDS[number % len(KINDS)]


@dataclass(frozen=True)
class Job:
    """The costliest job of a run in shards."""

    shards: int
    targets: float
    """That one job reads; the same is said of its calls, CPU and memory."""
    plan_calls: int
    cpu: float
    memory: float
    plan_seconds: float
    apply_seconds: float
    reads: float
    """How often each target is read in all."""


def job(world: World, shards: int, costs: Measured) -> Job:
    """The costliest of so many jobs: targets in equal parts, then departments."""
    kinds = list(world.erps())
    each = math.ceil(world.targets / shards)
    sharing = max(1, math.ceil(shards / world.targets))
    # The costliest job is the one with the slowest kinds. Work orders are done by people, who are no job.
    readers = sorted(kinds, key=lambda erp: erp.read_time(world.accounts), reverse=True)[:each]
    machines = [erp for erp in kinds if erp is not WORKLIST]
    writers = sorted(machines, key=lambda erp: _apply_time(erp, world), reverse=True)[:each]
    reading = [erp.read_time(world.accounts) for erp in readers]
    cpu = costs.load_cpu(world.users) + each * costs.compare_cpu(world.users)
    return Job(
        shards=shards,
        targets=each,
        plan_calls=sum(erp.read_calls(world.accounts) for erp in readers),
        cpu=cpu,
        memory=costs.memory(world.users, world.accounts * min(each, AT_ONCE)),
        plan_seconds=cpu + max(reading[0], sum(reading) / AT_ONCE),
        apply_seconds=sum(_apply_time(erp, world) for erp in writers) / sharing,
        reads=sharing,
    )


def _apply_time(erp: Erp, world: World) -> float:
    changed, joined = world.accounts * CHANGED_SHARE, world.accounts * JOINERS_SHARE
    return erp.change_time(changed) + erp.create_time(joined)


def breaks(targets: int, costs: Measured, runner: Runner = RUNNER) -> Iterator[tuple[str, int]]:
    """What no longer holds in one job from how many users on, the first to break first."""
    frappe = next(erp for erp in ERPS if erp.creates_per_hour)
    limits: dict[str, Callable[[World], bool]] = {
        "new accounts of a day in one ERPNext, 60 an hour": (
            lambda world: frappe.create_time(world.accounts * JOINERS_SHARE) > runner.seconds
        ),
        "the changes of a day, written by one job": (
            lambda world: job(world, 1, costs).apply_seconds > runner.seconds
        ),
        "the plan, made by one job": lambda world: job(world, 1, costs).plan_seconds > runner.seconds,
        "the memory of one job": lambda world: job(world, 1, costs).memory > runner.memory,
        "the work orders of a day, a person and 8 hours a target": (
            lambda world: _apply_time(WORKLIST, world) > 8 * HOUR
        ),
    }
    found = [(what, _first(targets, beyond)) for what, beyond in limits.items()]
    yield from sorted(found, key=lambda item: item[1])


def _first(targets: int, beyond: Callable[[World], bool]) -> int:
    """The smallest number of users, to two digits, at which something no longer holds."""
    low, high = 100, 100
    while not beyond(World(high, targets)) and high < 10**10:
        low, high = high, high * 2
    while high - low > max(1, low // 100):
        middle = (low + high) // 2
        low, high = (low, middle) if beyond(World(middle, targets)) else (middle, high)
    unit = int("1" + "0" * (len(str(high)) - 2))
    return high // unit * unit
