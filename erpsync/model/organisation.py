"""Who answers for what in the company, and who must approve."""

from __future__ import annotations

from dataclasses import dataclass

from erpsync.model.basic import Approver, Location


@dataclass(frozen=True, slots=True)
class Department:
    """A department and who heads it."""

    key: str
    title: str
    at: Location
    title_zh: str | None = None
    manager: str | None = None


@dataclass(frozen=True, slots=True)
class Subsystem:
    """A business area and the people who answer for its roles."""

    key: str
    at: Location
    title: str | None = None
    title_zh: str | None = None
    business_admin: str | None = None
    erp_admin: str | None = None
    key_users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Oversight:
    """An office that watches over others: over the rules, or over those who run the subsystems.

    ``oversees`` names the subsystems that it watches over; empty stands for all of them. Of an office
    of operations only the head oversees, as its members are those who do the work.
    """

    key: str
    title: str
    members: tuple[str, ...]
    at: Location
    title_zh: str | None = None
    head: str | None = None
    oversees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Who must approve which changes; an empty condition matches all.

    A rule with ``sections`` is for entries of those sections, any other for changes of users.
    """

    key: str
    title: str
    needs: tuple[Approver, ...]
    at: Location
    changes: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    subsystems: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()
