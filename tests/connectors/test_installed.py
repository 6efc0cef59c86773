"""Which connectors are installed; packages of somebody else may be broken."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from erpsync.connectors.registry import Installed, find_connector, installed
from erpsync.errors import ErpsyncError, RefusedError
from erpsync.model import Location, Target

Package = Callable[[str, str, str], None]

GOOD = """\
class Connector:
    @staticmethod
    def read(connection): ...
    write = read
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Installs a package with one connector: its name, that of the connector, and the code."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name: str, connector: str, code: str) -> None:
        module = name.replace("-", "_")
        monkeypatch.delitem(sys.modules, module, raising=False)
        (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        info = tmp_path / f"{module}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        entry = f"[erpsync.connectors]\n{connector} = {module}:Connector\n"
        (info / "entry_points.txt").write_text(entry)

    return install


def found(name: str) -> list[Installed]:
    return [item for item in installed() if item.name == name]


def target(connector: str) -> Target:
    return Target("erp", connector, "https://erp.example/", None, None, Location("access/erpsync.yaml", 4, 3))


def test_what_comes_with_erpsync_describes_itself_and_can_be_used() -> None:
    own = {item.name: item for item in installed() if item.package == "erpsync"}
    assert {"scim", "tryton", "worklist"} <= own.keys()
    assert all(item.description and not item.problem for item in own.values())


def test_a_connector_without_a_description_works(package: Package) -> None:
    package("sap-connector", "sap", GOOD)
    assert found("sap") == [Installed("sap", "sap-connector", "1.2")]
    assert find_connector(target("sap")).__name__ == "Connector"  # type: ignore[attr-defined]  # it is a class


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import nothing_like_this\n", "ModuleNotFoundError: No module named 'nothing_like_this'"),
        ("raise RuntimeError('no licence')\n", "RuntimeError: no licence"),
        ("Connector = (\n", "SyntaxError"),
        ("class Other: ...\n", "AttributeError"),
        ("class Connector: ...\n", "has no read and write"),
    ],
)
def test_a_broken_one_is_told_with_its_package_and_the_cause(package: Package, code: str, why: str) -> None:
    package("broken-connector", "brk", code)
    (item,) = found("brk")
    assert item.package == "broken-connector"
    assert why in (item.problem or "")
    with pytest.raises(ErpsyncError, match="target 'erp': connector 'brk' of broken-conn") as raised:
        find_connector(target("brk"))
    assert raised.value.hint == "install broken-connector 1.2 anew, or ask whoever made it"


def test_a_description_that_cannot_be_read_is_a_problem_too(package: Package) -> None:
    described = "    describes = Description('x', 'y', reader=3)\n"
    package(
        "wrong-connector", "wrg", f"from erpsync.connectors.description import Description\n{GOOD}{described}"
    )
    (item,) = found("wrg")
    assert "it describes itself wrongly" in (item.problem or "")


def test_a_name_that_two_packages_bring_is_refused_since_one_would_get_the_login(package: Package) -> None:
    package("evil-connector", "tryton", GOOD)
    assert {item.package: item.problem for item in found("tryton")} == {
        "erpsync": "evil-connector brings a connector of the same name",
        "evil-connector": "erpsync brings a connector of the same name",
    }
    with pytest.raises(RefusedError, match="several packages bring a connector 'tryton': erpsync, evil"):
        find_connector(target("tryton"))
