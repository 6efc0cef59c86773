"""Whatever goes wrong on the way to a SCIM service: what apply says is true, and a new plan mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from erpsync.apply import Result
from erpsync.connectors.base import Status
from erpsync.model import Account, fold
from tests.contract.company import Company, user
from tests.contract.conftest import company_over
from tests.contract.scim import ScimHarness
from tests.support import scim_server, second_scim
from tests.support.fault_proxy import Call, FaultProxy, Schedule
from tests.support.faults import FAULTS, Fault
from tests.support.scim_server import NOTHING_BUT_PATCH, ScimServer

ONE_BY_ONE = {**NOTHING_BUT_PATCH, "filter": {"supported": True, "maxResults": 200}}
WRITES = 4
"""As many requests as there are even where all of a stage is one."""
AS_PLANNED = (Status.DONE, Status.ALREADY)
NOT_AS_PLANNED = (Status.FAILED, Status.NOT_TRIED, Status.MOVED)


@dataclass
class Scene:
    """A company whose service is behind the proxy, and the service itself."""

    company: Company
    server: ScimServer
    proxy: FaultProxy

    def declare(self) -> None:
        """People of every kind of change: who leaves, who moves, who comes back, who is new."""
        clerk = self.company.harness.entitlements[1]
        left, moved, back, new = (
            [self.server.login(kind) for _ in range(2)] for kind in ("leaver", "mover", "back", "new")
        )
        held = [
            {"value": self.server.create(login, active=login not in back)} for login in (*left, *moved, *back)
        ]
        group = f"/Groups/{self.server.group_id(clerk)}"
        self.server.patch(group, {"op": "add", "path": "members", "value": held})
        self.company.declare(
            *(user(login, ", status: left") for login in left), *map(user, (*moved, *back, *new))
        )

    def untruths(self, result: Result, *, late: bool) -> list[str]:
        """What a run said that is not so. Of what happened after it had looked, nobody can know."""
        left = self.company.drift()
        wrong = [item for item in result.outcomes if item.status in AS_PLANNED and item.login in left]
        if not late:
            wrong += [
                item for item in result.outcomes if item.status in NOT_AS_PLANNED and item.login not in left
            ]
        return [f"{item.login} is said to be {item.status}" for item in wrong]

    def accounts(self) -> dict[str, Account]:
        """All that is there."""
        with self.company.harness.reading() as reader:
            return dict(reader.snapshot().accounts)


SERVICES: dict[str, Callable[[Path], AbstractContextManager[ScimServer]]] = {
    "in bulk": scim_server.running,
    "one by one": lambda directory: scim_server.running(directory, ONE_BY_ONE),
    "another": second_scim.running,
}


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScimServer]:
    """Each service in turn, for these tests alone: they look at all that it holds."""
    with SERVICES[request.param](tmp_path_factory.mktemp("quiet-scim")) as started:
        yield started


@pytest.fixture
def scene(service: ScimServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A company over the service, and no waiting between attempts."""
    monkeypatch.setattr("erpsync.connectors.http.BACK_OFF_SECONDS", 0)
    with FaultProxy(service.url) as proxy:
        path = urlsplit(service.url).path.strip("/")
        harness = ScimHarness(ScimServer(f"{proxy.url}{path}".rstrip("/")))
        yield Scene(company_over(harness, tmp_path), service, proxy)
    for resource in service.all("/Users"):
        service.delete(f"/Users/{resource['id']}")


def at_write(number: int, fault: Fault) -> Schedule:
    """This fault at one of the requests that write, counted from 1."""
    writes: list[Call] = []

    def schedule(call: Call) -> Fault | None:
        writes.extend([call] * call.writes)
        return fault if call.writes and len(writes) == number else None

    return schedule


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[fault.name for fault in FAULTS])
def test_apply_to_a_scim_service_survives_every_fault_at_a_write(scene: Scene, number: int) -> None:
    fault, stranger = FAULTS[number], scene.server.login("stranger")
    scene.server.create(stranger)
    scene.declare()
    plan = scene.company.plan()
    # Each at another write than the one before: what changes, what takes, what opens, what gives.
    scene.proxy.arm(at_write(1 + number % WRITES, fault))
    result = scene.company.apply(plan)
    scene.proxy.settle()
    assert {call.fault for call in scene.proxy.calls} == {"", fault.name}
    scene.proxy.arm()
    assert scene.untruths(result, late=bool(fault.late)) == []
    scene.company.settle()
    assert scene.accounts()[fold(stranger)] == Account(stranger, stranger)


def test_a_lie_about_an_account_would_be_noticed(scene: Scene) -> None:
    scene.declare()
    plan = scene.company.plan()
    result = scene.company.apply(plan)
    assert scene.untruths(result, late=False) == []
    scene.server.change(result.outcomes[-1].login, "displayName", "Somebody else")
    assert len(scene.untruths(result, late=False)) == 1
