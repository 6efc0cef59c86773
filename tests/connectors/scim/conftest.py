"""SCIM sessions, and users as services send them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim.reader import ScimReader
from erpsync.connectors.scim.writer import ScimWriter
from tests.support.scim_server import ScimServer


@pytest.fixture
def scim_reader(scim_server: ScimServer) -> Iterator[ScimReader]:
    """A session that cannot write, with the service that can do everything."""
    with ScimConnector.read(scim_server.connection()) as reader:
        yield reader


@pytest.fixture
def scim_writer(scim_server: ScimServer) -> Iterator[ScimWriter]:
    """A session that can write, with the service that can do everything."""
    with ScimConnector.write(scim_server.connection()) as writer:
        yield writer


@pytest.fixture
def plain_writer(plain_scim_server: ScimServer) -> Iterator[ScimWriter]:
    """A session that can write, with the service that can do as little as may be."""
    with ScimConnector.write(plain_scim_server.connection()) as writer:
        yield writer


@pytest.fixture(params=["scim_server", "plain_scim_server", "second_scim_server"])
def either(request: pytest.FixtureRequest) -> ScimServer:
    """Each service in turn."""
    server = request.getfixturevalue(request.param)
    assert isinstance(server, ScimServer)
    return server


@pytest.fixture
def writer(either: ScimServer) -> Iterator[ScimWriter]:
    """A session that can write, with each service in turn."""
    with ScimConnector.write(either.connection()) as opened:
        yield opened


@pytest.fixture
def user() -> dict[str, Any]:
    """A User as a service sends it."""
    return {
        "id": "4f1c",
        "userName": "chen.jing",
        "displayName": "陈静",
        "active": True,
        "preferredLanguage": "zh-CN",
        "emails": [
            {"value": "jing@home.example", "type": "home"},
            {"value": "chen.jing@huaxin.example", "type": "work", "primary": True},
        ],
        "meta": {"version": 'W/"7"'},
    }
