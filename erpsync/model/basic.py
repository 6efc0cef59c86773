"""What everything else is made of: places, findings, and the words of the field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

ALL = "all"
"""The scope value that stands for everything the target has of that kind."""

LIFETIME = timedelta(hours=24)
"""How long a plan may be applied after it was made, where the settings do not say."""

When = date | datetime | None
"""A day, as the files have it; an instant, where the ERP holds one that is no whole day; or no bound."""


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file: its path as shown to people, line and column counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(StrEnum):
    """How bad a finding is. Only errors refuse."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check: the rule that found it, where, in what words, and how to mend it."""

    rule: str
    message: str
    at: Location
    hint: str | None = None
    severity: Severity = Severity.ERROR

    @property
    def order(self) -> tuple[Location, str, str]:
        """Sort key: by place, then by rule."""
        return (self.at, self.rule, self.message)


class Risk(StrEnum):
    """How much harm a role allows, from least to most."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low up to 3 for critical."""
        return ("low", "medium", "high", "critical").index(self.value)


class UserType(StrEnum):
    """What kind of identity a user is."""

    DEDICATED = "dedicated"
    TEMPORARY = "temporary"
    SERVICE = "service"
    EMERGENCY = "emergency"


class Status(StrEnum):
    """Whether a user may work."""

    ACTIVE = "active"
    LOCKED = "locked"
    LEFT = "left"


class Mode(StrEnum):
    """What erpsync may do about a difference: report it, add to it, or remove it."""

    OBSERVE = "observe"
    ADDITIVE = "additive"
    ENFORCE = "enforce"


class LimitKind(StrEnum):
    """What a limit counts: accounts to which this happens."""

    CREATE = "create"
    LOCK = "lock"
    REVOKE = "revoke"
    GRANT_HIGH = "grant_high"
    CRITICAL = "critical"


class Way(StrEnum):
    """How a user comes to a role."""

    POSITION = "position"
    RULE = "rule"
    ASSIGNMENT = "assignment"


class Approver(StrEnum):
    """Who must approve, as a part that somebody plays in the organisation."""

    KEY_USER = "key_user"
    BUSINESS_ADMIN = "business_admin"
    ERP_ADMIN = "erp_admin"
    DEPARTMENT_HEAD = "department_head"
    ROLE_OWNER = "role_owner"
    OWNER = "owner"
    OVERSIGHT = "oversight"
