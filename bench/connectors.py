"""What a connector sends and costs: reading all accounts, and the same change for a thousand of them."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch
from zoneinfo import ZoneInfo

from bench.erps.people import NEW_ROLE
from erpsync.apply import apply
from erpsync.codec import fingerprint
from erpsync.connectors.base import Connection, Reader, Status
from erpsync.connectors.http import Http
from erpsync.connectors.registry import GROUP, find_connector
from erpsync.diff import compare, settle
from erpsync.model import Account, AccountChange, Grant, Location, Snapshot, Target
from erpsync.plan import TargetPlan

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 11, 22)
CHANGED = 1000
"""How many accounts get the same change."""


@dataclass(frozen=True)
class Subject:
    """A connector, and what stands in for its ERP.

    Args:
        name: of the connector, and of the module in ``bench/erps`` whose ``make`` makes the stand-in.
        answers: what stands in, in words.
        writes: whether a request, given by verb, path and body, changes something.
        target: more of the target than its address.
        new_role: what a thousand accounts get.
    """

    name: str
    answers: str
    writes: Callable[[str, str, bytes], bool]
    target: Mapping[str, Any] = field(default_factory=dict)
    new_role: str = NEW_ROLE


_TRYTON_WRITES = re.compile(rb'"method": "model\.[a-z_.]+\.(create|write|cancel)"')

SUBJECTS = (
    Subject(
        "tryton",
        "roles, one search and reads by id of 2,000",
        lambda _verb, _path, body: bool(_TRYTON_WRITES.search(body)),
        {"database": "erp"},
    ),
    Subject(
        "scim",
        "pages of 1,000, .search, bulk of 1,000",
        lambda verb, path, _: verb != "GET" and not path.endswith("/.search"),
    ),
    Subject(
        "odoo",
        "version 18 over a session, whole models at once, writes of 500",
        lambda _verb, _path, body: b'"method": "write"' in body or b'"method": "create"' in body,
        {"database": "erp"},
    ),
    Subject(
        "frappe",
        "version 15, whole lists at once, one user a write",
        lambda verb, _path, _body: verb != "GET",
    ),
)


def installed() -> tuple[Subject, ...]:
    """The subjects whose connector is installed here."""
    names = {entry.name for entry in entry_points(group=GROUP)}
    return tuple(subject for subject in SUBJECTS if subject.name in names)


class Cost(NamedTuple):
    """What one piece of work took: accounts, requests, those of them that write, CPU seconds of erpsync."""

    accounts: int
    calls: int
    writes: int
    cpu: float


Costs = dict[str, Cost]


def main(arguments: list[str]) -> int:
    """Measure every connector and print the table; always 0, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench connectors")
    parser.add_argument("--accounts", type=int, default=10_000, help="how many accounts the ERP has")
    parser.add_argument("--output", type=Path, help="write the figures here too, as JSON")
    options = parser.parse_args(arguments)
    subjects = installed()
    costs = {subject.name: measure_connector(subject, options.accounts) for subject in subjects}
    print(table(costs, {subject.name: subject.answers for subject in subjects}))
    if options.output:
        document = {
            name: {work: cost._asdict() for work, cost in of_connector.items()}
            for name, of_connector in costs.items()
        }
        options.output.write_text(json.dumps(document), encoding="utf-8")
    return 0


def measure_connector(subject: Subject, count: int) -> Costs:
    """What reading so many accounts costs, and changing some of them.

    Raises:
        AssertionError: not everything was read or written, so the figures would be none.
    """
    with standing_in(subject, count) as url, counted(subject) as requests:
        connection = _connection(subject, url)
        connector = find_connector(connection.target)
        with _cost(requests, count) as read, connector.read(connection) as reader:
            live = _planned_from(reader)
        assert len(live.accounts) >= count, len(live.accounts)
        plan = _plan(subject, reader, live, connection.target)
        with _cost(requests, len(plan.accounts)) as written, connector.write(connection) as writer:
            result = apply(plan, connection.target, writer, TODAY)
        assert result.count(Status.DONE) == len(plan.accounts), result.outcomes[:3]
    return {f"read {count:,}": read[0], f"change {len(plan.accounts):,} alike": written[0]}


def table(costs: Mapping[str, Costs], answers: Mapping[str, str]) -> str:
    """The figures of each connector."""
    line = "{:<10}{:<22}{:>7}{:>9}{:>16}{:>16}".format
    lines = [line("", "", "calls", "writes", "calls / 1,000", "CPU s / 1,000"), ""]
    for name, of_connector in costs.items():
        for work, cost in of_connector.items():
            thousands = cost.accounts / 1000
            each = (f"{cost.calls / thousands:.2f}", f"{cost.cpu / thousands:.3f}")
            lines.append(line(name, work, str(cost.calls), str(cost.writes), *each))
        lines.append(f"{'':<10}against a stand-in: {answers[name]}")
    return "\n".join(lines) + "\n"


@contextmanager
def standing_in(subject: Subject, count: int) -> Iterator[str]:
    """The address of a stand-in with so many accounts, a process of its own."""
    command = [sys.executable, "-m", "bench.erps.server", subject.name, str(count)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@contextmanager
def counted(subject: Subject) -> Iterator[list[bool]]:
    """Every request that is sent from now on, as whether it writes."""
    requests: list[bool] = []
    send = Http._send  # noqa: SLF001 - below everything that sends, so that what is tried again counts too

    def counting(http: Http, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Any:
        requests.append(subject.writes(method, path, body or b""))
        return send(http, method, path, body, headers)

    with patch.object(Http, "_send", counting):
        yield requests


@contextmanager
def _cost(requests: list[bool], accounts: int) -> Iterator[list[Cost]]:
    """Puts what the block cost into the list."""
    found: list[Cost] = []
    before, start = len(requests), time.process_time()
    yield found
    cpu = time.process_time() - start
    sent = requests[before:]
    found.append(Cost(accounts, len(sent), sum(sent), cpu))


def _planned_from(reader: Reader) -> Snapshot:
    """What a plan reads, in its order."""
    reader.instance()
    reader.catalogue()
    return reader.snapshot()


def _plan(subject: Subject, reader: Reader, live: Snapshot, target: Target) -> TargetPlan:
    """Give the one role to a thousand accounts, chosen evenly."""
    free = [account for login, account in live.accounts.items() if login not in live.protected]
    chosen = free[:: max(1, len(free) // CHANGED)][:CHANGED]
    changes = tuple(_given(account, subject.new_role, reader) for account in chosen)
    instance = reader.instance()
    return TargetPlan(target.name, target.connector, instance, changes, (), (), unmanaged_is_drift=False)


def _given(live: Account, role: str, reader: Reader) -> AccountChange:
    before = settle(live, TODAY, reader.capabilities)
    grants = sorted((*before.grants, Grant(role)), key=lambda grant: grant.order)
    after = replace(before, grants=tuple(grants))
    changes = tuple(compare(before, after))
    return AccountChange(live.login, live.login, before, after, fingerprint(live), changes)


def _connection(subject: Subject, url: str) -> Connection:
    at = Location("access/erpsync.yaml", 4, 3)
    target = Target("erp", subject.name, url, "env:ERP_USERNAME", "env:ERP_PASSWORD", at, **subject.target)
    return Connection(target, "erpsync-client", "Secret-1", ZoneInfo("Asia/Shanghai"))
