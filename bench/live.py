"""What erpsync adds to the time that a real ERP takes: ``python -m bench live``.

A Tryton on SQLite with generated accounts. A plan in which nothing changes is compared with the same reads,
sent by a bare client; the apply of one role given to a thousand accounts with the same calls, sent to a copy
of the ERP. Wall times need a quiet machine; the CPU of both sides over that of the ERP alone says the same on
a busy one, so that is what is judged.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.process import run
from bench.recorder import Replayed, recorded, replay
from bench.results import FILE, machine, write
from bench.tables import as_markdown, measured_on, plain
from demo.bootstrap import APPLY_LOGIN, Catalogue, bootstrap
from demo.tryton_database import MINIMAL, build_template, copy_database, set_admin_password
from demo.tryton_rpc import Client
from demo.tryton_server import TrytonServer, free_port

LIVE = FILE.with_name("live.json")
CHANGED = 1_000
HEAD = (
    "",
    "calls",
    "wall s",
    "erpsync CPU s",
    "ERP CPU s",
    "same calls, wall s",
    "writes of it",
    "wall ×",
    "CPU ×",
    "reach",
)
_ROOT = Path(__file__).parent.parent / ".erpsync"
_PLACE = _ROOT / "bench" / "live"
_ROLES = {"Buyer": ["party.group_party_admin"], "Clerk": ["company.group_employee_admin"], "Planner": []}
_COMPANIES = ("Huashan Castings", "Huashan Trading")
_SETTINGS = """\
settings: {{timezone: Asia/Shanghai}}
targets:
  erp:
    connector: tryton
    url: {url}
    database: erp
    credentials: {{username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}}
    manage: {{accounts: enforce, attributes: enforce, entitlements: enforce, scope: enforce}}
    unmanaged: {{accounts: report, ignore: ["*"]}}
    protected: [admin]
departments:
  purchasing: {{title: Purchasing, manager: user.00000}}
subsystems:
  materials: {{title: Materials, business_admin: user.00000}}
positions:
  buyer: {{title: Buyer, department: purchasing, roles: [buyer, planner]}}
roles:
  buyer: {{title: Buyer, subsystem: materials, owner: user.00000, entitlements: {{erp: [Buyer]}}}}
  clerk: {{title: Clerk, subsystem: materials, owner: user.00000, entitlements: {{erp: [Clerk]}}}}
  planner: {{title: Planner, subsystem: materials, owner: user.00000, entitlements: {{erp: [Planner]}}}}
"""


class Server(NamedTuple):
    """A running ERP, and the password of erpsync there."""

    erp: TrytonServer
    password: str

    @property
    def cpu(self) -> float:
        """The CPU seconds that it has used so far."""
        fields = Path(f"/proc/{self.erp.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Measured(NamedTuple):
    """A command against the ERP: wall time, CPU of both sides, and the calls."""

    wall: float
    client: float
    server: float
    calls: int


def main(arguments: list[str]) -> int:
    """Measure and print the table; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench live")
    parser.add_argument("--users", type=int, default=10_000, help="how many accounts the ERP has")
    parser.add_argument("--runs", type=int, default=3, help="how often the plan is measured")
    parser.add_argument("--output", type=Path, default=LIVE, help="where the figures are kept")
    options = parser.parse_args(arguments)
    if not Path("/proc/self/stat").is_file():
        print("the CPU time of a server can only be read on Linux", file=sys.stderr)
        return 1
    _PLACE.mkdir(parents=True, exist_ok=True)
    base = _filled(options.users)
    document = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "users": options.users,
        "works": {"plan": _plan(base, options.users, options.runs), "apply": _apply(base, options.users)},
    }
    write(options.output, document)
    print(plain(HEAD, rows(document)))
    return 0


def rows(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Cells of each work."""
    users = document["users"]
    titles = {
        "plan": (f"plan, {users:,} accounts, nothing changed", 1.5),
        "apply": (f"apply, {min(CHANGED, users):,} accounts changed", 1.2),
    }
    for name, (title, reach) in titles.items():
        work = document["works"][name]
        both = (work["client"] + work["server"]) / work["server"]
        wall = work["wall"] / work["replayed"]
        met = "met" if both <= reach else "not met"
        seconds = (work[key] for key in ("wall", "client", "server", "replayed", "replayed_writes"))
        yield (
            title, str(work["calls"]), *(f"{value:.1f}" for value in seconds),
            f"{wall:.2f}", f"{both:.2f}", f"≤ {reach} {met}",
        )  # fmt: skip


def markdown(document: Mapping[str, Any]) -> str:
    """The figures for the documentation."""
    return f"{measured_on(document)}.\n\n{as_markdown(HEAD, rows(document))}"


# --- the two works ------------------------------------------------------------------------------------


def _plan(base: Path, users: int, runs: int) -> dict[str, Any]:
    with _serving(base) as server:
        access = _declare(server, users, more=0)
        command = ["plan", "--access", str(access), "--detailed-exitcode"]
        _run(server, command)  # fills the caches of the ERP
        measured = [_run(server, command) for _ in range(runs)]
        sent = recorded(_PLACE / "sent.json")
        replayed = [replay(server.erp.url, sent, APPLY_LOGIN, server.password) for _ in range(runs)]
    return _work(_medians(measured), Replayed(median(item.seconds for item in replayed), 0))


def _apply(base: Path, users: int) -> dict[str, Any]:
    file = _PLACE / "plan.json"
    with _serving(base) as server:
        access = _declare(server, users, more=CHANGED)
        _run(server, ["plan", "--access", str(access), "-o", str(file)])
        measured = _run(server, ["apply", str(file), "--access", str(access)])
        sent = recorded(_PLACE / "sent.json")
    # To a copy from before: what was written cannot be written again.
    with _serving(base) as server:
        replayed = replay(server.erp.url, sent, APPLY_LOGIN, server.password)
    return _work(measured, replayed)


def _work(measured: Measured, replayed: Replayed) -> dict[str, Any]:
    return {**measured._asdict(), "replayed": replayed.seconds, "replayed_writes": replayed.of_writes}


def _medians(found: list[Measured]) -> Measured:
    wall, client, server = (median(item[index] for item in found) for index in range(3))
    return Measured(wall, client, server, found[-1].calls)


def _run(server: Server, command: list[str]) -> Measured:
    """Run a command of erpsync that must end well, and count both sides."""
    before, began = server.cpu, time.perf_counter()
    sent = _PLACE / "sent.json"
    environment = {
        **os.environ, "ERP_USERNAME": APPLY_LOGIN, "ERP_PASSWORD": server.password,
        "ERPSYNC_STATE": str(_PLACE / "state"),
    }  # fmt: skip
    recording = [sys.executable, "-m", "bench.recorder", str(sent), *command]
    cost = run(recording, _ROOT.parent, environment=environment)
    return Measured(time.perf_counter() - began, cost.cpu, server.cpu - before, len(recorded(sent)))


# --- the ERP and the files ----------------------------------------------------------------------------


def _filled(users: int) -> Path:
    """A database with so many accounts, as erpsync itself made them; made once."""
    stamp = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    database = _PLACE / f"{users}-{stamp}" / "erp.sqlite"
    if database.is_file():
        return database
    print(f"making {users:,} accounts (once) ...", file=sys.stderr, flush=True)
    with _serving(build_template(_ROOT, MINIMAL, _quiet)) as server:
        access = _declare(server, users, more=0)
        file = _PLACE / "plan.json"
        _run(server, ["plan", "--access", str(access), "-o", str(file)])
        _run(server, ["apply", str(file), "--access", str(access)])
        copy_database(_PLACE / "running" / "erp.sqlite", database)
    return database


@contextmanager
def _serving(base: Path) -> Iterator[Server]:
    """A server on a copy of a database, set up as docs/tryton.md says."""
    database = copy_database(base, _PLACE / "running" / "erp.sqlite")
    shutil.rmtree(_PLACE / "state", ignore_errors=True)
    admin, password = set_admin_password(database), secrets.token_urlsafe(24)
    with TrytonServer.start(database, free_port(), _quiet) as erp:
        client = Client(erp.url, erp.database).login("admin", admin)
        bootstrap(client, Catalogue(_COMPANIES, _ROLES), password, secrets.token_urlsafe(24), _quiet)
        yield Server(erp, password)


def _declare(server: Server, users: int, *, more: int) -> Path:
    """Access files of the ERP; so many users are given one more role."""
    access = _PLACE / "access"
    shutil.rmtree(access, ignore_errors=True)
    access.mkdir(parents=True)
    (access / "erpsync.yaml").write_text(_SETTINGS.format(url=server.erp.url), encoding="utf-8")
    given = ", assignments: [{role: clerk, reason: stands in, request: REQ-2026-0417}]"
    entries = (
        f"  user.{number:05}: {{name: 用户{number:05}, email: user.{number:05}@huashan.example, "
        f"department: purchasing, position: buyer, type: dedicated, "
        f"scope: {{company: [{_COMPANIES[number % 2]}]}}{given if number < more else ''}}}\n"
        for number in range(users)
    )
    (access / "users.yaml").write_text("users:\n" + "".join(entries), encoding="utf-8")
    return access


def _quiet(message: str) -> None:
    """Say nothing."""
