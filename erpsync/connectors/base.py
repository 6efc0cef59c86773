"""What a connector is: the protocol between erpsync and an ERP.

Plan code gets a `Reader`, which has no method that writes; only apply gets a `Writer`. So there is
no dry-run flag to forget. docs/connectors.md walks through writing one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from erpsync.errors import RefusedError, TargetError
from erpsync.model import (
    Account,
    AccountChange,
    Capabilities,
    Catalogue,
    Descriptions,
    LastChange,
    Snapshot,
    Target,
)

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0 if unknown)."""


def no_progress(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Handover:
    """For a writer that hands changes over to people: what its papers belong to, and where they go.

    ``plan`` is the plan's digest, ``changes`` are all of it for the target, ``by`` who carries it out.
    """

    run: str
    plan: str
    by: str
    changes: tuple[AccountChange, ...]
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Connection:
    """What a connector needs to reach its target. ``repr`` never shows the secrets."""

    target: Target
    username: str
    password: str = field(repr=False)
    timezone: ZoneInfo
    progress: Progress = no_progress
    handover: Handover | None = None


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
    HANDED_OVER = "handed over, not done yet"
    """Only where `Capabilities.deferred`: people were told what to do, and a later read proves it."""


AS_MEANT = frozenset({Status.DONE, Status.ALREADY, Status.HANDED_OVER})
"""How writing ends where nothing went wrong."""


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


def implied_by(reader: Reader) -> Mapping[str, frozenset[str]]:
    """What comes with the entitlements there, by name; nothing is asked of an ERP where nothing does."""
    return reader.catalogue().implies if reader.capabilities.implies else {}


@runtime_checkable
class Objecting(Protocol):
    """A reader of an ERP in which not every set of entitlements can be held by one account. Optional."""

    def objections(self, account: Account) -> Iterable[str]:
        """Why an account cannot be as it is to become, each in words; nothing if it can.

        What is asked for here is refused before anything is written, whoever else would refuse it.
        """


def objections(reader: Reader, account: Account) -> tuple[str, ...]:
    """Why an account cannot be so in the ERP; nothing where the connector knows of no such rules."""
    return tuple(reader.objections(account)) if isinstance(reader, Objecting) else ()


@runtime_checkable
class Traced(Protocol):
    """A reader of an ERP that keeps who changed an account last. Optional."""

    def last_changes(self, logins: Collection[str]) -> Mapping[str, LastChange]:
        """Who changed the accounts with these folded logins last, as far as the ERP tells.

        It only helps people to judge drift, so it never raises: what cannot be read is left out.
        """


def last_changes(reader: Reader, logins: Collection[str]) -> Mapping[str, LastChange]:
    """Who changed these accounts last, by folded login; nothing where the connector cannot tell."""
    return reader.last_changes(logins) if logins and isinstance(reader, Traced) else {}


@runtime_checkable
class Seen(Protocol):
    """A reader of something that never changes, such as a file that was read whole. Optional."""

    @property
    def seen(self) -> bytes:
        """A digest of everything that it reads: where it is the same, so is every answer."""


def seen(reader: Reader) -> bytes:
    """What the accounts of a reader are known by; empty where they may be others any time."""
    return reader.seen if isinstance(reader, Seen) else b""


@runtime_checkable
class Used(Protocol):
    """A reader of an ERP that keeps when an account was used last. Optional."""

    def last_logins(self, logins: Collection[str]) -> Mapping[str, date | None]:
        """The day of the last login of the accounts with these folded logins; None for never.

        An account of which the ERP does not tell is left out. A read that cannot be completed raises.
        """


def last_logins(reader: Reader, logins: Collection[str]) -> Mapping[str, date | None]:
    """When these accounts were used last, by folded login; nothing where the connector cannot tell."""
    return reader.last_logins(logins) if logins and isinstance(reader, Used) else {}


@runtime_checkable
class Describing(Protocol):
    """A reader of an ERP that knows the people behind accounts, or titles of entitlements. Optional."""

    def descriptions(self) -> Descriptions:
        """Departments, positions and personnel numbers as the ERP has them, and titles; for an import.

        Raises:
            TargetError: they cannot be read.
        """


def descriptions(reader: Reader) -> Descriptions:
    """What a target tells beyond access; nothing where the connector cannot tell."""
    return reader.descriptions() if isinstance(reader, Describing) else Descriptions()


@runtime_checkable
class Permitting(Protocol):
    """A reader of an ERP that tells what its entitlements really allow. Optional."""

    def permissions(self) -> Mapping[str, frozenset[str]]:
        """By entitlement, named as in accounts, everything that it allows, each as one text.

        What whoever can log in may do stands below ``EVERYBODY``, and there only. Where it is not known
        exactly, it is the most that an entitlement can allow, never less.

        Raises:
            TargetError: some of it cannot be read.
        """


def permissions(reader: Reader, target: Target) -> Mapping[str, frozenset[str]]:
    """What the entitlements of a target really allow, by name.

    Raises:
        RefusedError: the connector cannot tell.
        TargetError: the ERP does not let it be read.
    """
    if isinstance(reader, Permitting):
        return reader.permissions()
    raise RefusedError(
        f"connector {target.connector!r} cannot tell what entitlements really allow",
        where=f"target {target.name!r}",
        hint="look only at targets that can: --target NAME",
    )


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


def twins(one: Account, other: Account, where: str, hint: str) -> TargetError:
    """The fault of two accounts whose logins are the same when folded: neither could be told for sure."""
    return TargetError(
        f"two accounts differ only in case: {one.login!r} and {other.login!r}", where=where, hint=hint
    )
