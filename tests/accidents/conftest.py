"""The desk of somebody who plans and applies: against an ERP in memory, or the real one behind a proxy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from erpsync.model import Account
from tests.cli.conftest import Command, Ran, company, erpsync, live_file, memory
from tests.support.access_files import AccessFiles
from tests.support.erp import Erp
from tests.support.fault_proxy import FaultProxy
from tests.support.memory import MemoryErp

__all__ = ["company", "erpsync", "live_file", "memory"]

OURS = "{accounts: report, ignore: ['*']}"
"""What the access files say of accounts that nobody declared: they are not even named."""


@dataclass(frozen=True)
class Desk:
    """Commands about one access directory, and the plan file between them."""

    run: Command
    access: AccessFiles
    file: Path

    def plan(self, *more: object) -> Ran:
        """Plan, and save the plan."""
        return self.run("plan", "--access", self.access, "-o", self.file, *more)

    def apply(self) -> Ran:
        """Apply the saved plan."""
        return self.run("apply", self.file, "--access", self.access)

    def drift(self) -> int:
        """The exit code of a look at the drift."""
        return self.run("drift", "--access", self.access).code

    def document(self) -> Any:
        """The saved plan."""
        return json.loads(self.file.read_text(encoding="utf-8"))

    def planned(self) -> dict[str, list[tuple[str, str]]]:
        """What the saved plan will do to each login: kinds and subjects, in the order of writing."""
        (target,) = self.document()["targets"]
        return {
            account["login"]: [(change["kind"], change["subject"]) for change in account["changes"]]
            for account in target["accounts"]
        }

    def set(self, old: str, new: str) -> None:
        """Replace some words of the settings."""
        settings = self.access.path / "erpsync.yaml"
        text = settings.read_text(encoding="utf-8")
        assert old in text
        settings.write_text(text.replace(old, new), encoding="utf-8")

    def limit(self, limits: str) -> None:
        """Declare limits for the target."""
        settings = self.access.path / "erpsync.yaml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(f"{text}    limits: {limits}\n", encoding="utf-8")


@pytest.fixture
def desk(erpsync: Command, access: AccessFiles, memory: MemoryErp, tmp_path: Path) -> Desk:
    """A desk whose ERP is in memory, and is as declared: wu.lan works nowhere, and is locked."""
    memory.put(Account("wu.lan", "吴兰", active=False))
    return Desk(erpsync, access, tmp_path / "plan.json")


@pytest.fixture
def proxy(erp: Erp) -> Iterator[FaultProxy]:
    """Between erpsync and the real ERP."""
    with FaultProxy(erp.url) as started:
        yield started


@pytest.fixture
def real(erpsync: Command, proxy: FaultProxy, credentials: None, tmp_path: Path) -> Desk:
    """A desk whose ERP is the real one, behind the proxy."""
    return Desk(erpsync, AccessFiles(tmp_path / "access", url=proxy.url), tmp_path / "plan.json")
