"""The values that flow through erpsync: frozen, comparable, free of I/O.

Declared values (`User`, `Role`, …) say what the files say. `Account`, `Grant` and `Snapshot` are
the same type for the desired and for the live side, so that comparing them is plain ``==``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


# --- declared -------------------------------------------------------------------------------------


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
    department: str | None = None
    position: str | None = None
    position_at: Location | None = None
    owner: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    logins: Mapping[str, str] = field(default_factory=dict)
    previously: tuple[str, ...] = ()
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()

    def login(self, target: str) -> str:
        """The user's login in a target: the declared one, or the key."""
        return self.logins.get(target, self.key)


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
    """Lets exactly these users count towards none of these limits, through its last day."""

    key: str
    reason: str
    owner: str
    limits: frozenset[LimitKind]
    users: frozenset[str]
    valid_to: date
    at: Location

    def covers(self, kind: LimitKind, day: date) -> bool:
        """Whether the waiver is for this limit and still holds."""
        return kind in self.limits and day <= self.valid_to


@dataclass(frozen=True, slots=True)
class Target:
    """One live ERP instance and how far erpsync may go there. Secrets are references, never values."""

    name: str
    connector: str
    url: str
    username: str
    password: str
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


@dataclass(frozen=True, slots=True)
class Access:
    """The whole declared state, with the digest of the files it was read from."""

    timezone: str
    targets: Mapping[str, Target]
    positions: Mapping[str, Position]
    roles: Mapping[str, Role]
    birthright: Mapping[str, Birthright]
    users: Mapping[str, User]
    digest: str
    waivers: Mapping[str, Waiver] = field(default_factory=dict)
    plan_lifetime: timedelta = LIFETIME


# --- both sides -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grant:
    """One entitlement of an account and the time it holds; both ends are inclusive."""

    entitlement: str
    valid_from: When = None
    valid_to: When = None

    @property
    def order(self) -> tuple[str, str, str]:
        """Sort key: by entitlement, then by time."""
        return (self.entitlement, str(self.valid_from or ""), str(self.valid_to or ""))


@dataclass(frozen=True, slots=True)
class Account:
    """A login in one target and everything about it that erpsync manages.

    ``scope`` maps a kind (such as company) to the sorted names the account may touch; a kind that is
    missing means none. ``grants`` are sorted. An attribute that is None is not declared, so not
    compared. ``version`` is the connector's own memory of what it read (ids, timestamps); nobody
    else looks at it and it takes no part in comparing.
    """

    login: str
    name: str | None = None
    email: str | None = None
    language: str | None = None
    active: bool = True
    scope: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    version: object = field(default=None, compare=False, repr=False)


def fold(login: str) -> str:
    """The form under which a login is looked up: logins that differ only in case are the same.

    Some ERPs keep ``Alice`` beside ``alice``; erpsync never creates such a pair and matches either.
    """
    return login.casefold()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The accounts of one target by folded login; ``protected`` says why some must never be changed."""

    accounts: Mapping[str, Account]
    protected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What exists in a target to be granted: entitlements, values of each scope kind, languages.

    ``fixed`` are entitlements that accounts can be seen to have but that erpsync cannot give or take;
    each maps to the reason why.
    """

    entitlements: frozenset[str]
    scopes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an ERP can do by itself. What it cannot, erpsync does or the plan says so."""

    validity: bool
    """Grants have their own first and last day in the ERP."""
    scopes: frozenset[str] = frozenset()
    """The kinds of scope the ERP knows."""


# --- changes --------------------------------------------------------------------------------------


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
    """Why something is so: the words for people, the role and request behind it, and the place."""

    text: str
    at: Location | None = None
    role: str | None = None
    request: str | None = None


Value = str | tuple[str, ...] | tuple[Grant, ...] | None
"""One side of a change: an attribute, the values of a scope, the grants of one entitlement, or nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes in an account; ``subject`` names the attribute, scope kind or entitlement."""

    kind: ChangeKind
    subject: str = ""
    before: Value = None
    after: Value = None
    risk: Risk = Risk.LOW
    reasons: tuple[Reason, ...] = ()


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
