"""One plan, to be applied again and again: each time the ERP is as it was before the first."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path

from demo.tryton_database import copy_database
from tests.chaos.observer import look
from tests.chaos.scenario import Scenario


class Rewind:
    """Remembers the ERP of a plan that nobody has applied yet.

    The server goes on: its database is replaced in one transaction, and looked at through the server
    afterwards, so that something it had kept in memory would show.

    Args:
        scenario: the plan.
        database: the file that the server of its ERP has open.
    """

    def __init__(self, scenario: Scenario, database: Path) -> None:
        self._scenario = scenario
        self._database = database
        self._directory = scenario.plan.parent
        self._kept = copy_database(database, self._directory / "before.sqlite")
        self._numbers = count(1)

    def again(self) -> Scenario:
        """The ERP as it was, the plan, and no journal."""
        with (
            closing(sqlite3.connect(self._kept)) as kept,
            closing(sqlite3.connect(self._database, timeout=60)) as live,
        ):
            kept.backup(live)
        directory = self._directory / str(next(self._numbers))
        directory.mkdir()
        plan = Path(shutil.copy(self._scenario.plan, directory))
        made = replace(self._scenario, plan=plan, planned=set(), calls=[])
        assert look(made.erp, made.everybody) == made.before, "the ERP is not as it was"
        return made
