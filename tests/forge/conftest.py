"""A GitHub on loopback, and erpsync as a job sees it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from erpsync.forge.github import GitHub, connect_github
from erpsync.forge.github_calls import Clocks
from tests.support.fake_time import NOON, FakeTime
from tests.support.github_server import JOB_TOKEN, PERSON_TOKEN, GitHubServer


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    """A GitHub with an empty repository."""
    with GitHubServer() as started:
        started.date = NOON
        yield started


@pytest.fixture
def time() -> FakeTime:
    """What the client waited for."""
    return FakeTime()


@pytest.fixture
def clocks(time: FakeTime) -> Clocks:
    """Waiting that takes no time, and no chance."""
    return Clocks(time.sleep, time.monotonic, time.now, lambda: 1.0)


@pytest.fixture
def forge(server: GitHubServer, clocks: Clocks) -> Iterator[GitHub]:
    """The repository with the token of a job."""
    with connect_github(server.state.name, JOB_TOKEN, server.url, clocks) as connected:
        yield connected


@pytest.fixture
def person(server: GitHubServer, clocks: Clocks) -> Iterator[GitHub]:
    """The repository with the token of a person."""
    with connect_github(server.state.name, PERSON_TOKEN, server.url, clocks) as connected:
        yield connected
