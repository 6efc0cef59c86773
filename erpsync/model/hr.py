"""The list of the personnel department, as the settings describe it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from erpsync.model.targets import Limit


@dataclass(frozen=True, slots=True)
class HrList:
    """How the list is read: names of columns by what is in them, words, and how many may leave at once.

    ``left`` are the words of the status of who has left; ``departments`` and ``positions`` are words
    of the list by which keys are meant; ``without_access`` are patterns of positions.
    """

    columns: Mapping[str, str]
    sheet: str | None = None
    header: int = 1
    delimiter: str = ","
    encoding: str | None = None
    left: tuple[str, ...] = ("离职", "已离职", "left")
    departments: Mapping[str, str] = field(default_factory=dict)
    positions: Mapping[str, str] = field(default_factory=dict)
    without_access: tuple[str, ...] = ()
    limit: Limit = field(default_factory=lambda: Limit(10, 0.1))
