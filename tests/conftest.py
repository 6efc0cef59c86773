"""What all tests share: the ERP they run against, and how Hypothesis looks for examples."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from demo.bootstrap import APPLY_LOGIN
from demo.tryton_database import MINIMAL, WITHOUT_USER_ROLE
from tests.support.access_files import AccessFiles
from tests.support.erp import APPLY_PASSWORD, COMPANIES, ROLES, Erp, running
from tests.support.http_server import StubServer

pytest_plugins = ("tests.support.sessions",)

# The same examples in every run: what fails in CI fails here. HYPOTHESIS_PROFILE=search looks for new ones.
settings.register_profile(
    "ci", derandomize=True, max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session", autouse=True)
def no_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keys of caches are not kept in the home directory of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    """An ERP with roles and two companies, shared: tests stay apart by the logins they use."""
    catalogue = {"companies": COMPANIES, "roles": ROLES}
    with running(tmp_path_factory.mktemp("erp"), MINIMAL, catalogue) as started:
        yield started


@pytest.fixture(scope="session")
def groups_erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    """An ERP without the module for roles, and with a single company."""
    with running(
        tmp_path_factory.mktemp("groups-erp"), WITHOUT_USER_ROLE, {"companies": COMPANIES[:1]}
    ) as started:
        yield started


@pytest.fixture
def access(tmp_path: Path) -> AccessFiles:
    """Access files of a target that nothing answers for, to be changed by the test."""
    return AccessFiles(tmp_path / "access")


@pytest.fixture
def live_access(tmp_path: Path, erp: Erp, credentials: None) -> AccessFiles:
    """Access files whose target is the real ERP, with the credentials for it."""
    return AccessFiles(tmp_path / "access", url=erp.url)


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment that the target's credentials refer to."""
    monkeypatch.setenv("ERP_USERNAME", APPLY_LOGIN)
    monkeypatch.setenv("ERP_PASSWORD", APPLY_PASSWORD)


@pytest.fixture
def stub() -> Iterator[StubServer]:
    """A server that answers as the test says."""
    with StubServer() as server:
        yield server


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own for the journal of each test."""
    monkeypatch.setenv("ERPSYNC_STATE", str(tmp_path / "state"))
    return tmp_path / "state"
