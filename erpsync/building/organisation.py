"""Departments, subsystems, offices, approval rules and emergencies."""

from __future__ import annotations

from erpsync.model import (
    ApprovalRule,
    Approver,
    Department,
    Emergency,
    Location,
    Oversight,
    Report,
    Subsystem,
)
from erpsync.references import day
from erpsync.yaml_tree import Map


def department(key: str, entry: Map, at: Location) -> Department:
    """A department, from its entry."""
    return Department(key, entry["title"], at, entry.get("title_zh"), entry.get("manager"))


def subsystem(key: str, entry: Map, at: Location) -> Subsystem:
    """A subsystem, from its entry."""
    return Subsystem(
        key=key,
        at=at,
        title=entry.get("title"),
        title_zh=entry.get("title_zh"),
        business_admin=entry.get("business_admin"),
        erp_admin=entry.get("erp_admin"),
        key_users=tuple(entry.get("key_users", ())),
    )


def oversight(key: str, entry: Map, at: Location) -> Oversight:
    """An oversight office, from its entry."""
    return Oversight(
        key=key,
        title=entry["title"],
        members=tuple(entry["members"]),
        at=at,
        title_zh=entry.get("title_zh"),
        head=entry.get("head"),
        oversees=tuple(entry.get("oversees", ())),
    )


def approves(entry: Map) -> bool:
    """Whether an office watches over the rules, and so approves; one of operations does not."""
    return entry.get("kind") != "operations"


def approval_rule(key: str, entry: Map, at: Location) -> ApprovalRule:
    """An approval rule, from its entry."""
    when = entry.get("when", {})
    return ApprovalRule(
        key=key,
        title=entry["title"],
        needs=tuple(Approver(part) for part in entry["needs"]),
        at=at,
        changes=frozenset(when.get("change", ())),
        ways=frozenset(when.get("by", ())),
        risks=frozenset(when.get("risk", ())),
        subsystems=frozenset(when.get("subsystem", ())),
        types=frozenset(when.get("type", ())),
        sensitive=frozenset(when.get("sensitive", ())),
        sections=frozenset(when.get("section", ())),
    )


def emergency(key: str, entry: Map, at: Location) -> Emergency:
    """An emergency, from its entry."""
    return Emergency(
        key=key,
        reason=entry["reason"],
        approver=entry["approver"],
        day=day(entry["day"]),
        users=tuple(entry.get("users", ())),
        logins=tuple(entry.get("logins", ())),
        request=entry.get("request"),
        report=Report(**entry.get("report", {})),
        at=at,
    )
