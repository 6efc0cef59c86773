"""People locked at once, before git said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from erpsync.model.basic import Location


@dataclass(frozen=True, slots=True)
class Report:
    """What has to be written down after an emergency; each part is None until it is."""

    cause: str | None = None
    symptoms: str | None = None
    handling: str | None = None
    result: str | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The parts that are not written yet."""
        parts = ("cause", "symptoms", "handling", "result")
        return tuple(part for part in parts if getattr(self, part) is None)


@dataclass(frozen=True, slots=True)
class Emergency:
    """Accounts that were locked at once, before any pull request: why, who approved, whose they were.

    ``key`` is the id of the run that locked; ``logins`` are accounts that git did not know. One that
    only the journal knows of has no place in the files, and no report.
    """

    key: str
    reason: str
    approver: str
    day: date
    users: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    request: str | None = None
    report: Report = Report()
    at: Location | None = None
