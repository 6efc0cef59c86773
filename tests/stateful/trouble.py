"""What goes wrong while a plan is carried out, and the record that is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from erpsync.codec import Json
from erpsync.errors import ErpsyncError, TargetError


class Killed(BaseException):
    """The process ends, and no code of it runs any more."""


class Stop(Enum):
    """How a read, a write or keeping a record ends what is going on."""

    FAIL = auto()
    INTERRUPT = auto()
    KILL = auto()

    def strike(self) -> None:
        """End it."""
        if self is Stop.FAIL:
            raise TargetError("the connection broke")
        raise KeyboardInterrupt if self is Stop.INTERRUPT else Killed


class Moment(Enum):
    """When a write is cut short. Bringing an account back may take an ERP two steps."""

    BEFORE = auto()
    BETWEEN = auto()
    AFTER = auto()


class Lie(Enum):
    """How an ERP answers wrongly."""

    REFUSE = auto()
    """It says no, and is right."""
    PRETEND = auto()
    """It says yes and does nothing."""
    DENY = auto()
    """It does it and says no: a gateway lost the answer and asked again."""


Fault = Lie | tuple[Moment, Stop]
"""What goes wrong when one account is written."""
FAULTS: tuple[Fault, ...] = (*Lie, *((moment, stop) for moment in Moment for stop in Stop))


@dataclass(frozen=True)
class ByHand:
    """What somebody does in the ERP: to which account, and what."""

    login: str
    deed: str


@dataclass(frozen=True)
class Trouble:
    """What happens while one plan is carried out; reads and records are counted from 1.

    ``faults`` and ``writes`` are by the login of the change; ``writes`` is what somebody does just
    before that account is written. ``records`` says how keeping one ends, and whether it was kept.
    ``patience`` is how many accounts in a row may fail before the run must stop.
    """

    faults: Mapping[str, Fault] = field(default_factory=dict)
    reads: Mapping[int, Stop | ByHand] = field(default_factory=dict)
    writes: Mapping[str, ByHand] = field(default_factory=dict)
    records: Mapping[int, tuple[Stop, bool]] = field(default_factory=dict)
    patience: int = 5

    @property
    def none(self) -> bool:
        """Whether all goes well."""
        return not (self.faults or self.reads or self.writes or self.records)


@dataclass
class Diary:
    """The record of one run, as it would be on the disk."""

    trouble: Trouble
    events: list[dict[str, Json]] = field(default_factory=list)
    calls: int = 0

    def record(self, events: Sequence[dict[str, Json]]) -> None:
        """Keep events, unless this goes wrong."""
        self.calls += 1
        stop, kept = self.trouble.records.get(self.calls, (None, True))
        if kept:
            self.events += events
        if stop is Stop.FAIL:
            raise ErpsyncError("the disk is full")
        if stop is not None:
            stop.strike()

    def last(self, login: str) -> dict[str, Json] | None:
        """The last event of an account."""
        return next((event for event in reversed(self.events) if event["login"] == login), None)
