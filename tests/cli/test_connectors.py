"""``erpsync connectors``."""

from __future__ import annotations

import json
import unicodedata
from importlib.metadata import version

from erpsync.connectors.description import Ability, Description
from erpsync.connectors.registry import Installed
from erpsync.render.connectors import LONGEST, render_connectors
from tests.cli.conftest import Command
from tests.golden import FOLDER, check_golden


def test_what_comes_with_erpsync_is_listed_with_package_and_version(erpsync: Command) -> None:
    ran = erpsync("connectors")
    assert (ran.code, ran.err) == (0, "")
    assert f"tryton (erpsync {version('erpsync')})\n" in ran.out
    assert "docs/scim.md" in ran.out


def test_the_same_as_json(erpsync: Command) -> None:
    document = json.loads(erpsync("connectors", "--format", "json").out)
    assert document["format"] == "erpsync-connectors/1"
    (tryton,) = (item for item in document["connectors"] if item["name"] == "tryton")
    assert tryton["problem"] is None
    assert tryton["description"]["abilities"]["lock"] is True
    assert "who changed an account last" in tryton["description"]["tells"]


class NoReader:
    """A reader that offers nothing beside."""


def test_the_text_is_as_in_the_golden_file() -> None:
    abilities: dict[Ability, bool | str] = {Ability.LOCK: True, Ability.DAYS: False, Ability.SCOPE: "company"}
    described = Description("SAP ERP 6.0", "https://sap.huaxin.example/", NoReader, abilities)
    found = [
        Installed("brk", "broken-connector", "1.2", problem="connector 'brk' cannot be loaded: ImportError"),
        Installed("csv", "csv-connector", "0.1"),
        Installed("sap", "sap-connector", "3.0", described),
    ]
    check_golden(FOLDER / "connectors.txt", render_connectors(found))


def test_nothing_harmful_and_nothing_endless_reaches_the_screen() -> None:
    found = Installed("e\x1bvil\n", "p\u202e", "1", problem="x\x1b[2J\n" + "y" * 5000)
    text = render_connectors([found])
    categories = {unicodedata.category(char) for char in text.replace("\n", "")}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert text.count("\n") == 2
    assert len(text) < LONGEST + 200
