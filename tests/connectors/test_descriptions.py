"""What connectors say of themselves is what real ERPs say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from erpsync.connectors.base import Reader
from erpsync.connectors.description import Ability, Description
from erpsync.connectors.scim import ScimConnector
from erpsync.connectors.scim.reader import ScimReader
from erpsync.connectors.tryton import TrytonConnector
from erpsync.connectors.worklist import WorklistConnector
from erpsync.connectors.worklist.connector import open_export
from tests.support.worklist import make_target, put_export


def _tryton(request: pytest.FixtureRequest) -> Reader:
    return request.getfixturevalue("reader")()  # type: ignore[no-any-return]  # what the fixture makes


def _scim(request: pytest.FixtureRequest) -> Reader:
    reader = request.getfixturevalue("scim_opened")
    assert isinstance(reader, ScimReader)
    return reader


def _worklist(request: pytest.FixtureRequest) -> Reader:
    folder: Path = request.getfixturevalue("tmp_path")
    put_export(folder)
    return open_export(make_target(folder), folder)


@pytest.fixture
def scim_opened(request: pytest.FixtureRequest) -> object:
    server = request.getfixturevalue("scim_server")
    opened = ScimConnector.read(server.connection())
    reader = opened.__enter__()
    request.addfinalizer(lambda: opened.__exit__(None, None, None))  # noqa: PT021 - the fixture is made by hand
    return reader


CONNECTORS = {
    "tryton": (TrytonConnector.describes, _tryton),
    "scim": (ScimConnector.describes, _scim),
    "worklist": (WorklistConnector.describes, _worklist),
}


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_description_agrees_with_the_capabilities_of_a_real_erp(
    name: str, request: pytest.FixtureRequest
) -> None:
    description: Description
    read: Callable[[pytest.FixtureRequest], Reader]
    description, read = CONNECTORS[name]
    can = read(request).capabilities
    told = description.abilities
    assert told.keys() == set(Ability)
    assert not (told[Ability.DAYS] is False and can.validity)
    assert not (told[Ability.SCOPE] is False and can.scopes)
    assert not (told[Ability.IMPLIES] is False and can.implies)
    assert told[Ability.DELETE] is False
    for attribute in can.attributes:
        assert attribute in str(told[Ability.ATTRIBUTES])


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_description_names_the_class_whose_methods_are_offered(
    name: str, request: pytest.FixtureRequest
) -> None:
    description, read = CONNECTORS[name]
    assert type(read(request)) is description.reader
    assert "whether it is set up right" in description.offers
    assert (Path(__file__).parents[2] / description.page).is_file()
