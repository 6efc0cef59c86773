"""What must not come together, what makes up for it, and what a finding does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from erpsync.model.basic import Location, Risk, UserType


class Response(StrEnum):
    """What a finding of a rule does, from most to least."""

    BLOCK = "block"
    MITIGATE = "mitigate"
    WARN = "warn"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Function:
    """Something that a role lets its holder do; the unit in which separation of duties is told."""

    key: str
    title: str
    at: Location
    title_zh: str | None = None
    scope_keys: tuple[str, ...] = ()
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SodRisk:
    """Functions that nobody may have together: one of each side. One side alone is a critical function."""

    key: str
    title: str
    sides: tuple[tuple[str, ...], ...]
    level: Risk
    why: str
    at: Location
    title_zh: str | None = None
    why_zh: str | None = None
    owner: str | None = None
    max_holders: int | None = None
    response: Response | None = None
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mitigation:
    """A control that makes up for findings about exactly these users, through its last day."""

    key: str
    control: str
    owner: str
    performer: str
    users: frozenset[str]
    valid_to: date
    evidence: str
    at: Location
    risks: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Training:
    """A training that roles may require; it counts for ever, or for some days."""

    key: str
    title: str
    at: Location
    title_zh: str | None = None
    valid_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule of the company's own: an expression that is true of what breaks it."""

    key: str
    title: str
    subject: str
    when: str
    message: str
    at: Location
    title_zh: str | None = None
    message_zh: str | None = None
    hint: str | None = None
    level: Risk = Risk.MEDIUM
    response: Response | None = None
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """What findings do, and the figures that rules go by. A company that says nothing only records."""

    default: Response = Response.RECORD
    levels: Mapping[Risk, Response] = field(default_factory=dict)
    responses: Mapping[str, Response] = field(default_factory=dict)
    soon: timedelta = timedelta(days=30)
    temporary_max: timedelta = timedelta(days=90)
    mover_grace: timedelta = timedelta(days=30)
    dormant_after: timedelta = timedelta(days=90)
    leaver_hours: int = 24
    key_users_minimum: int = 2
    key_users_maximum: int = 2
    verify_identity: frozenset[UserType] = frozenset()
    acknowledge: frozenset[UserType] = frozenset()
    generic_names: tuple[str, ...] = ("admin*", "test*", "user*", "guest*", "demo*", "temp*", "root")

    def response_of(self, rule: str, level: Risk, said: Response | None = None) -> Response:
        """What a finding does: as is said here for its rule, else as the rule says, else by its level."""
        fitting = [pattern for pattern in self.responses if fnmatchcase(rule, pattern)]
        if fitting:
            return self.responses[max(fitting, key=lambda pattern: (pattern == rule, len(pattern)))]
        return said or self.levels.get(level, self.default)
