"""Pull requests that would be sent the login, or have a secret shown."""

from __future__ import annotations

import pytest

from erpsync.cli.ci.plan import reached
from erpsync.connectors import registry
from erpsync.connectors.tryton import TrytonConnector
from erpsync.model import Location, Target
from tests.support.company_repository import BUYERS, SETTINGS_FILE, planner
from tests.support.erp import APPLY_PASSWORD
from tests.support.github_server import JOB_TOKEN, GitHubServer
from tests.support.http_server import StubServer
from tests.support.memory import MemoryErp
from tests.support.pipeline import Ended, Pipeline

CREDENTIALS = '{username: "env:ERP_USERNAME", password: "env:ERP_PASSWORD"}'
OLD_URL = "http://127.0.0.1:9/"


def settings(pipeline: Pipeline, old: str, new: str) -> dict[str, str]:
    text = pipeline.repository.read(SETTINGS_FILE)
    assert old in text
    return {SETTINGS_FILE: text.replace(old, new)}


def refused(pipeline: Pipeline, number: int) -> Ended:
    ran = pipeline.plan(number)
    assert ran.code == 4
    assert "changes how target" in ran.err
    assert "changes how target" in pipeline.repository.comments(number)[0]
    assert (pipeline.repository.status(number) or ("",))[0] == "pending"
    return ran


@pytest.mark.parametrize("what", ["url", "new target"])
def test_the_login_is_never_sent_where_the_base_does_not(
    pipeline: Pipeline,
    stub: StubServer,
    memory: MemoryErp,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    text = pipeline.repository.read(SETTINGS_FILE)
    changed = text.replace(OLD_URL, stub.url)
    if what == "new target":
        changed = text + changed[changed.index("  erp:") :].replace("  erp:", "  second:")
    number = pipeline.repository.propose({SETTINGS_FILE: changed, BUYERS: planner()})
    with_real_connector(monkeypatch)
    refused(pipeline, number)
    pipeline.repository.merge(number)
    assert pipeline.apply().code == 4
    assert stub.requests == []


def with_real_connector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "find_connector", lambda _: TrytonConnector())


@pytest.mark.parametrize(
    "instead",
    [
        '{username: "env:ERP_USERNAME", password: "env:GITHUB_TOKEN"}',
        '{username: "env:GITHUB_TOKEN", password: "env:ERP_PASSWORD"}',
        '{username: "env:ERP_USERNAME", password: "file:/etc/hostname"}',
        '{username: "file:.git/config", password: "env:ERP_PASSWORD"}',
    ],
)
def test_no_other_secret_is_taken_for_the_login(pipeline: Pipeline, memory: MemoryErp, instead: str) -> None:
    reads = memory.reads
    number = pipeline.repository.propose(settings(pipeline, CREDENTIALS, instead))
    refused(pipeline, number)
    assert memory.reads == reads


@pytest.mark.parametrize(
    "edit",
    [("database: erp", "database: other"), ("protected: [admin]", "insecure: true"),
     ("protected: [admin]", "options: {proxy: x}")],
    ids=["database", "insecure", "options"],
)  # fmt: skip
def test_nothing_else_of_the_way_to_the_erp_can_be_changed(
    pipeline: Pipeline, memory: MemoryErp, edit: tuple[str, str]
) -> None:
    reads = memory.reads
    number = pipeline.repository.propose(settings(pipeline, *edit))
    assert pipeline.plan(number).code == 4
    assert memory.reads == reads


def test_everything_that_decides_where_a_login_goes_is_compared() -> None:
    # A new field of a target must be put on one side or the other.
    elsewhere = {
        "name", "at", "manage", "unmanaged_is_drift", "ignore", "protected", "limits", "shared_lock",
        "requests_per_minute",
    }  # fmt: skip
    target = Target("erp", "tryton", "http://a/", "env:A", "env:B", Location("a.yaml", 1, 1))
    assert len(Target.__dataclass_fields__.keys() - elsewhere) == len(reached(target))


def test_no_job_shows_a_secret(pipeline: Pipeline, memory: MemoryErp, github_server: GitHubServer) -> None:
    number = pipeline.repository.propose({BUYERS: planner()}, author="ma-li")
    said = [pipeline.plan(number)]
    pipeline.repository.approve(number, "wu-lan", "lin-tao")
    said.append(pipeline.approvals(number))
    pipeline.repository.merge(number)
    said += [pipeline.apply(), pipeline.drift()]
    written = [
        path.read_bytes().decode(errors="replace")
        for path in pipeline.repository.folder.rglob("*")
        if path.is_file() and "event" not in path.name
    ]
    told = [str(one.body) for one in github_server.requests]
    for text in [*(one.out + one.err for one in said), *written, *told]:
        assert APPLY_PASSWORD not in text
        assert JOB_TOKEN not in text
