"""Orders that nobody had chosen."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from erpsync.model import Account, Grant
from tests.accidents.conftest import Desk
from tests.support.access_files import buyer
from tests.support.memory import MemoryErp

COMPUTED_ANEW = ("created", "expires", "digest", "access_digest")
LEAVERS = tuple(f"leaver.{number}" for number in range(6))
LOSERS = tuple(f"loser.{number}" for number in range(6))
JOINERS = tuple(f"joiner.{number}" for number in range(6))


def entries() -> list[str]:
    """People who leave, lose a role, or join."""
    left = [buyer(login, more=", status: left") for login in LEAVERS]
    return [*left, *map(buyer, LOSERS), *map(buyer, JOINERS)]


@pytest.fixture
def busy(desk: Desk, memory: MemoryErp) -> MemoryErp:
    """An ERP in which all of them still have what they had."""
    for login in (*LEAVERS, *LOSERS):
        memory.put(Account(login, "陈静", grants=(Grant("Buyer"), Grant("Planner"))))
    return memory


def test_a_plan_is_the_same_in_every_run(desk: Desk, busy: MemoryErp) -> None:
    """peribolos: maps were walked in any order; here hashes and the order of files do not matter."""
    live = desk.file.with_name("live.json")
    desk.access.users(*entries())
    desk.run("snapshot", "erp", "--access", desk.access, "-o", live)
    plans = []
    for seed in ("0", "1", "4242"):
        shuffled = entries()
        random.Random(seed).shuffle(shuffled)
        desk.access.users(*shuffled)
        plans.append(_planned(desk, live, seed))
    assert len(plans[0]["targets"][0]["accounts"]) == 18
    assert plans[0] == plans[1] == plans[2]


def _planned(desk: Desk, live: Path, seed: str) -> dict[str, Any]:
    """The plan that another process makes, with other hashes, but for what tells when it was made."""
    command = [sys.executable, "-m", "erpsync", "plan", "--access", desk.access, "--live", live]
    done = subprocess.run(
        [*map(str, command), "--format", "json", "--as-of", "2026-11-22"],
        env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    document = json.loads(done.stdout)
    for target in document["targets"]:
        for change in (item for account in target["accounts"] for item in account["changes"]):
            change["reasons"] = [{**reason, "at": None} for reason in change["reasons"]]
    return {key: value for key, value in document.items() if key not in COMPUTED_ANEW}


def test_everybody_loses_before_anybody_gains(desk: Desk, busy: MemoryErp) -> None:
    """peribolos: adds came before removals of other steps; here locks, losses, then gains."""
    shuffled = entries()
    random.Random(7).shuffle(shuffled)
    desk.access.users(*shuffled)
    desk.plan()
    assert desk.apply().code == 0
    assert busy.written == [*LEAVERS, *LOSERS, *JOINERS]


def test_accounts_are_locked_in_the_order_that_the_plan_shows(desk: Desk, busy: MemoryErp) -> None:
    """ldap2pg: the order of drops varied; here it is the one that the plan shows."""
    desk.access.users(*reversed(entries()))
    desk.plan()
    assert list(desk.planned()) == [*LEAVERS, *LOSERS, *JOINERS]
    desk.apply()
    assert busy.written == list(desk.planned())
