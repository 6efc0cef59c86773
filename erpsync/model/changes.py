"""What is to change, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from erpsync.model.accounts import Account, Grant
from erpsync.model.basic import Location, Risk, Way


class ChangeKind(StrEnum):
    """What a change does, in the order in which the changes of one account are shown."""

    LOCK = "lock"
    REVOKE = "revoke"
    RESCOPE = "rescope"
    CREATE = "create"
    UNLOCK = "unlock"
    UPDATE = "update"
    RETIME = "retime"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is so: the words for people, the place, and the role, request and way behind it."""

    text: str
    at: Location | None = None
    role: str | None = None
    request: str | None = None
    way: Way | None = None


Value = str | tuple[str, ...] | tuple[Grant, ...] | None
"""One side of a change: an attribute, the values of a scope, the grants of one entitlement, or nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes in an account; ``subject`` names the attribute, scope kind or entitlement.

    ``approvals`` are those that the rules ask for such a change, in words such as ``key_user:materials``.
    """

    kind: ChangeKind
    subject: str = ""
    before: Value = None
    after: Value = None
    risk: Risk = Risk.LOW
    reasons: tuple[Reason, ...] = ()
    approvals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountChange:
    """Everything that changes in one account: the unit of writing, done whole or not at all.

    ``before`` is None for an account to be created. ``fingerprint`` is that of the live account as
    it was read; the change may be applied only to an account that still has it.
    """

    user: str
    login: str
    before: Account | None
    after: Account
    fingerprint: str
    changes: tuple[Change, ...]

    @property
    def risk(self) -> Risk:
        """The highest risk among the changes."""
        return max((change.risk for change in self.changes), key=lambda risk: risk.rank)

    def has(self, *kinds: ChangeKind) -> bool:
        """Whether any change is of one of these kinds."""
        return any(change.kind in kinds for change in self.changes)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Differences that the plan leaves as they are, and why: a manage mode, or a protection."""

    user: str
    login: str
    why: str
    changes: tuple[Change, ...]
