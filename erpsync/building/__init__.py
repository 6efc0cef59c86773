"""Entries of the access files → declared values. The schema has found every entry right that is built."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from erpsync.building.governance import function, mitigation, own_rule, policy, risk, training
from erpsync.building.hr import hr_list
from erpsync.building.organisation import (
    approval_rule,
    approves,
    department,
    emergency,
    oversight,
    subsystem,
)
from erpsync.building.people import birthright, position, role, user
from erpsync.building.targets import target, waiver
from erpsync.merge import Merged
from erpsync.model import Access, HrList, Location
from erpsync.yaml_tree import Map

T = TypeVar("T")


def build(merged: Merged, digest: str) -> Access:
    """The declared values; entries with a finding of the schema are left out."""
    offices = _each(oversight, merged, "oversight")
    approving = {key for key, entry, _ in merged.good("oversight") if approves(entry)}
    timezone = merged["settings"].get("timezone")
    return Access(
        timezone=str(timezone.value) if timezone else "UTC",
        targets=_each(target, merged, "targets"),
        positions=_each(position, merged, "positions"),
        roles=_each(role, merged, "roles"),
        birthright=_each(birthright, merged, "birthright"),
        users=_each(user, merged, "users"),
        waivers=_each(waiver, merged, "waivers"),
        emergencies=_each(emergency, merged, "emergencies"),
        departments=_each(department, merged, "departments"),
        subsystems=_each(subsystem, merged, "subsystems"),
        oversight={key: office for key, office in offices.items() if key in approving},
        operations={key: office for key, office in offices.items() if key not in approving},
        approvals=_each(approval_rule, merged, "approvals"),
        functions=_each(function, merged, "functions"),
        risks=_each(risk, merged, "risks"),
        mitigations=_each(mitigation, merged, "mitigations"),
        trainings=_each(training, merged, "trainings"),
        rules=_each(own_rule, merged, "rules"),
        policy=policy(merged["policy"] if ("policy", "") not in merged.bad else {}),
        plan_lifetime=timedelta(hours=_hours(merged)),
        shared_journal=journal_is_shared(merged),
        hr=_hr(merged),
        digest=digest,
    )


def journal_is_shared(merged: Merged) -> bool:
    """Whether journals are kept in the git remote too. Files that are wrong elsewhere say so as well."""
    journal = merged["settings"].get("journal")
    return journal is not None and journal.value == "remote"


def _hours(merged: Merged) -> int:
    expires = merged["settings"].get("plan_expires")
    return int(expires.value.removesuffix("h")) if expires and ("settings", "") not in merged.bad else 24


def _hr(merged: Merged) -> HrList | None:
    entry = merged["settings"].get("hr")
    return hr_list(entry.value) if entry and ("settings", "") not in merged.bad else None


def _each(make: Callable[[str, Map, Location], T], merged: Merged, section: str) -> dict[str, T]:
    return {key: make(key, entry, at) for key, entry, at in merged.good(section)}
