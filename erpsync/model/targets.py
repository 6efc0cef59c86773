"""Where erpsync works, how far it may go there, and what lets more through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from erpsync.model.basic import LimitKind, Location, Mode


@dataclass(frozen=True, slots=True)
class Manage:
    """What erpsync may change in a target, per kind. A kind that is new starts at observe."""

    accounts: Mode = Mode.OBSERVE
    attributes: Mode = Mode.OBSERVE
    entitlements: Mode = Mode.OBSERVE
    scope: Mode = Mode.OBSERVE


@dataclass(frozen=True, slots=True)
class Limit:
    """How many accounts one plan may change in a way: by number, and by share of all (0 to 1)."""

    count: int | None = None
    share: float | None = None

    def __str__(self) -> str:
        count = [] if self.count is None else [str(self.count)]
        share = [] if self.share is None else [f"{round(self.share * 100, 2):g}%"]
        return " or ".join(count + share)


@dataclass(frozen=True, slots=True)
class Waiver:
    """Lets exactly these users through these limits and these rules (by pattern), through its last day."""

    key: str
    reason: str
    owner: str
    limits: frozenset[LimitKind]
    users: frozenset[str]
    valid_to: date
    at: Location
    rules: frozenset[str] = frozenset()

    def covers(self, kind: LimitKind, day: date) -> bool:
        """Whether the waiver is for this limit and still holds."""
        return kind in self.limits and day <= self.valid_to


@dataclass(frozen=True, slots=True)
class Target:
    """One live ERP instance and how far erpsync may go there. Secrets are references, never values.

    Without ``username`` and ``password`` nothing is logged in to.
    """

    name: str
    connector: str
    url: str
    username: str | None
    password: str | None
    at: Location
    database: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    manage: Manage = Manage()
    unmanaged_is_drift: bool = False
    ignore: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    limits: Mapping[LimitKind, Limit] = field(default_factory=dict)
    shared_lock: bool = False
    insecure: bool = False
    requests_per_minute: int | None = None
