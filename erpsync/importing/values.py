"""What an import starts from, and what comes of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from erpsync.model import (
    Access,
    Capabilities,
    Catalogue,
    Department,
    Descriptions,
    Location,
    Position,
    Role,
    Snapshot,
    Subsystem,
    Target,
    User,
)

UNSORTED = "unsorted"
"""The department and the subsystem of what the ERP does not sort."""
TO_BE_NAMED = "to-be-named"
"""The user who stands where somebody has to be named who answers for a role or an account."""
NOWHERE = Location("import", 1, 1)
"""Where an entry stands that is not written yet."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What an import starts from.

    ``limited`` are declared roles that may be given for some days only. ``owner`` is the login or key of
    who answers for what is new; without one a placeholder does. ``all_roles`` also declares entitlements
    that nobody holds.
    """

    access: Access
    target: Target
    as_of: date
    live: Snapshot
    catalogue: Catalogue
    capabilities: Capabilities
    descriptions: Descriptions = field(default_factory=Descriptions)
    limited: Collection[str] = ()
    owner: str | None = None
    all_roles: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Told:
    """Something about an account that is told: what could not be declared, or what to look at."""

    login: str
    what: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What is new, by key, and what is told of it.

    ``protected`` are logins to be protected in the settings of the target. ``left_out`` are accounts that
    are not declared, so that no plan will ever change them, and why. ``notes`` are for people to look at.
    """

    users: Mapping[str, User] = field(default_factory=dict)
    joined: Mapping[str, User] = field(default_factory=dict)
    """Users whom git knew from another target, with what they hold in this one."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    departments: Mapping[str, Department] = field(default_factory=dict)
    positions: Mapping[str, Position] = field(default_factory=dict)
    subsystems: Mapping[str, Subsystem] = field(default_factory=dict)
    protected: tuple[str, ...] = ()
    left_out: tuple[Told, ...] = ()
    notes: tuple[Told, ...] = ()
    unheld: int = 0
    """How many entitlements nobody holds and no role was made for."""
    owner: str = TO_BE_NAMED
    differing: int = 0
    """How many declared users are not as the target has them: drift, which is not for an import to mend."""

    @property
    def empty(self) -> bool:
        """Whether nothing is new."""
        return not (self.users or self.joined or self.roles or self.protected)
