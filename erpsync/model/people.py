"""Who is declared, and the roles they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from erpsync.model.basic import Location, Risk, Status, UserType


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role given to a user; both dates are inclusive days."""

    role: str
    reason: str
    at: Location
    valid_from: date | None = None
    valid_to: date | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a user is away; both are inclusive."""

    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class User:
    """One accountable identity; ``key`` is its identity in git, whatever its logins are."""

    key: str
    name: str
    type: UserType
    at: Location
    status: Status = Status.ACTIVE
    employee_no: str | None = None
    email: str | None = None
    language: str | None = None
    left_on: date | None = None
    purpose: str | None = None
    department: str | None = None
    position: str | None = None
    position_at: Location | None = None
    position_since: date | None = None
    owner: str | None = None
    deputy: str | None = None
    away: tuple[Absence, ...] = ()
    forge: Mapping[str, str] = field(default_factory=dict)
    controllers: tuple[str, ...] = ()
    max_hours: int | None = None
    trainings: Mapping[str, date] = field(default_factory=dict)
    identity_verified: date | None = None
    acknowledged: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    logins: Mapping[str, str] = field(default_factory=dict)
    previously: tuple[str, ...] = ()
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()

    def login(self, target: str) -> str:
        """The user's login in a target: the declared one, or the key."""
        return self.logins.get(target, self.key)

    def is_away(self, day: date) -> bool:
        """Whether the user is away on a day."""
        return any(absence.valid_from <= day <= absence.valid_to for absence in self.away)


@dataclass(frozen=True, slots=True)
class Role:
    """A business role and what it grants: entitlement names per target, and other roles it includes."""

    key: str
    title: str
    at: Location
    title_zh: str | None = None
    description: str | None = None
    subsystem: str | None = None
    owner: str | None = None
    risk: Risk = Risk.MEDIUM
    sensitive: str | None = None
    sensitive_access: str = "write"
    max_holders: int | None = None
    functions: tuple[str, ...] = ()
    requires_training: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    entitlements: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """A job and the roles that come with it."""

    key: str
    title: str
    department: str
    roles: tuple[str, ...]
    at: Location
    title_zh: str | None = None


@dataclass(frozen=True, slots=True)
class Birthright:
    """A rule that gives roles to every user who meets all its conditions; an empty one matches all."""

    key: str
    title: str
    roles: tuple[str, ...]
    at: Location
    types: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    positions: frozenset[str] = frozenset()

    def matches(self, user: User) -> bool:
        """Whether the rule is for this user."""
        return (
            (not self.types or user.type in self.types)
            and (not self.departments or user.department in self.departments)
            and (not self.positions or user.position in self.positions)
        )
