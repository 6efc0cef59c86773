"""What a connector is: the protocol between erpsync and an ERP.

Plan code gets a `Reader`, which has no method that writes; only apply gets a `Writer`. So there is
no dry-run flag to forget. docs/connectors.md walks through writing one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from erpsync.model import Account, AccountChange, Capabilities, Catalogue, Snapshot, Target

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0 if unknown)."""


def no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What a connector needs to reach its target. ``repr`` never shows the secrets."""

    target: Target
    username: str
    password: str = field(repr=False)
    timezone: ZoneInfo
    progress: Progress = no_progress


class Edit(NamedTuple):
    """A change to write, and the live account it was checked against (None to create one).

    ``live`` carries the connector's own ``version`` of the account, for optimistic locking.
    """

    change: AccountChange
    live: Account | None


class Status(StrEnum):
    """How writing one account ended."""

    DONE = "done"
    ALREADY = "already as planned"
    MOVED = "changed in the ERP since the plan"
    FAILED = "failed"
    NOT_TRIED = "not tried"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How writing one account ended, with the ERP's answer in words where it is not simply done."""

    login: str
    status: Status
    message: str = ""


class Reader(Protocol):
    """Reads one target."""

    @property
    def capabilities(self) -> Capabilities:
        """What this ERP can do by itself."""

    def instance(self) -> str:
        """A stable name of the ERP behind the target, read from it, whatever its address.

        Raises:
            TargetError: as for every method here, when the target cannot be reached or refuses.
        """

    def catalogue(self) -> Catalogue:
        """What exists there to be granted."""

    def snapshot(self, logins: Collection[str] | None = None) -> Snapshot:
        """The accounts with these folded logins, or all.

        A read that cannot be completed raises; it never returns fewer accounts than there are.
        """


class Writer(Reader, Protocol):
    """Writes one target, an account at a time: all its changes together, or none."""

    def apply(self, edits: Sequence[Edit]) -> Iterator[Outcome]:
        """Carry the edits out in order; one outcome for each.

        An account that moved since ``edit.live`` was read must not be written, but reported as
        `Status.MOVED`. An account the ERP refuses is reported as failed; only what ends the whole
        target raises TargetError.
        """


class Connector(Protocol):
    """How a kind of ERP is reached. Found by the entry point group ``erpsync.connectors``."""

    @staticmethod
    def read(connection: Connection) -> AbstractContextManager[Reader]:
        """Log in for reading."""

    @staticmethod
    def write(connection: Connection) -> AbstractContextManager[Writer]:
        """Log in for writing."""
