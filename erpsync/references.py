"""Checks that need more than one entry: references, cycles, durations; people have their own module.

The schema knows the shape of one entry; whether the department it names exists is known only here.
Names are looked up in every entry, so that one run tells of all of them; what depends on dates and
lists being right looks only at entries that the schema found right. Findings stand at the very value.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from zoneinfo import available_timezones

from erpsync.merge import Merged
from erpsync.model import Finding, Location, Report, Severity
from erpsync.references_people import check_people, check_span
from erpsync.references_policy import check_policy
from erpsync.schema import singular, suggest
from erpsync.yaml_tree import Map, Seq

REFERENCES = (
    ("departments", "manager", "users"),
    ("subsystems", "business_admin", "users"),
    ("subsystems", "erp_admin", "users"),
    ("subsystems", "key_users", "users"),
    ("oversight", "members", "users"),
    ("oversight", "head", "users"),
    ("oversight", "oversees", "subsystems"),
    ("positions", "department", "departments"),
    ("positions", "roles", "roles"),
    ("roles", "subsystem", "subsystems"),
    ("roles", "owner", "users"),
    ("roles", "includes", "roles"),
    ("roles", "entitlements", "targets"),
    ("birthright", "roles", "roles"),
    ("roles", "functions", "functions"),
    ("roles", "requires_training", "trainings"),
    ("risks", "functions", "functions"),
    ("risks", "owner", "users"),
    ("mitigations", "risks", "risks"),
    ("mitigations", "users", "users"),
    ("mitigations", "owner", "users"),
    ("mitigations", "performer", "users"),
    ("users", "controllers", "users"),
    ("users", "trainings", "trainings"),
    ("waivers", "owner", "users"),
    ("waivers", "users", "users"),
    ("emergencies", "approver", "users"),
    ("emergencies", "users", "users"),
    ("users", "department", "departments"),
    ("users", "position", "positions"),
    ("users", "owner", "users"),
    ("users", "deputy", "users"),
    ("users", "logins", "targets"),
)
"""Which key of which section names an entry (or lists, or maps by, entries) of which other section."""

CONDITIONS = (
    ("birthright", "department", "departments"),
    ("birthright", "position", "positions"),
    ("approvals", "subsystem", "subsystems"),
)
"""Which condition below ``when`` of which section lists entries of which other section."""

ITEMS = (("users", "assignments", "role", "roles"),)
"""Which key of the items of which list names an entry of which other section."""


def check_references(merged: Merged) -> Iterator[Finding]:
    """All findings that need more than one entry to see."""
    yield from _settings(merged)
    yield from _personnel_list(merged)
    for section, key, referenced in REFERENCES:
        yield from _unknown(merged, section, key, referenced)
    for where in ITEMS:
        yield from _unknown_in_items(merged, *where)
    yield from _assignments(merged)
    yield from _conditions(merged)
    yield from _cycles(merged)
    yield from check_people(merged)
    yield from _emergencies(merged)
    yield from _sides(merged)
    yield from check_policy(merged)


@lru_cache(maxsize=4096)
def day(text: str) -> date:
    """A date as written in the files; few different ones stand there many times."""
    return date.fromisoformat(text)


def _settings(merged: Merged) -> Iterator[Finding]:
    timezone = merged["settings"].get("timezone")
    if timezone and isinstance(timezone.value, str) and timezone.value not in available_timezones():
        yield Finding("reference/timezone", f"no such time zone: {timezone.value!r}", timezone.at,
                      suggest(timezone.value, available_timezones(), None))  # fmt: skip


def _personnel_list(merged: Merged) -> Iterator[Finding]:
    """What words of the personnel list are said to mean must be there."""
    described = merged["settings"].get("hr")
    for section in ("departments", "positions"):
        meant = described.value.get(section) if described and isinstance(described.value, Map) else None
        if isinstance(meant, Map):
            for word, key, _ in meant.entries():
                if isinstance(key, str) and key not in merged[section]:
                    yield unknown(key, section, meant.value_at(word), merged)


def _unknown(merged: Merged, section: str, key: str, referenced: str) -> Iterator[Finding]:
    known = merged.names(referenced)
    for entry in merged.mappings(section):
        value = entry.get(key)
        if isinstance(value, str):
            if value not in known:
                yield unknown(value, referenced, entry.value_at(key), merged)
        elif isinstance(value, Seq):
            yield from _unknown_items(value, referenced, merged)
        elif isinstance(value, Map):
            for name, _, at in value.entries():
                if name not in known:
                    yield unknown(name, referenced, at, merged)


def _unknown_items(values: Seq, referenced: str, merged: Merged) -> Iterator[Finding]:
    known = merged.names(referenced)
    for item, at in values.entries():
        if isinstance(item, str) and item not in known:
            yield unknown(item, referenced, at, merged)


def unknown(name: str, section: str, at: Location, merged: Merged) -> Finding:
    """The finding for a name that no entry of a section has."""
    what = singular(section)
    hint = suggest(name, merged.names(section), None) or f"declare it under {section}:, or correct the name"
    return Finding("reference/unknown", f"no {what} {name!r} is declared", at, hint)


def _conditions(merged: Merged) -> Iterator[Finding]:
    for section, condition, referenced in CONDITIONS:
        for _, rule, _ in merged.good(section):
            if condition in rule.get("when", ()):
                yield from _unknown_items(rule["when"][condition], referenced, merged)


def _sides(merged: Merged) -> Iterator[Finding]:
    for _, risk, _ in merged.good("risks"):
        for side in risk.get("sides", ()):
            yield from _unknown_items(side, "functions", merged)


def _unknown_in_items(
    merged: Merged, section: str, listed: str, key: str, referenced: str
) -> Iterator[Finding]:
    known = merged[referenced]
    for entry in merged.mappings(section):
        items = entry.get(listed)
        for item in items if isinstance(items, Seq) else ():
            name = item.get(key) if isinstance(item, Map) else None
            if isinstance(name, str) and name not in known:
                yield unknown(name, referenced, item.value_at(key), merged)


def _assignments(merged: Merged) -> Iterator[Finding]:
    longest = {key: role["max_duration"] for key, role, _ in merged.good("roles") if "max_duration" in role}
    for _, user, _ in merged.good("users"):
        for assignment in user.get("assignments", ()):
            if assignment["role"] in longest:
                yield from _too_long(assignment, longest[assignment["role"]])
            yield from check_span(assignment)


def _too_long(assignment: Map, longest: str) -> Iterator[Finding]:
    limit = int(longest.removesuffix("d"))
    missing = [key for key in ("valid_from", "valid_to") if key not in assignment]
    if missing:
        needs = f"so its assignment needs {' and '.join(missing)}"
        message = f"role {assignment['role']!r} may be given for at most {limit} days, {needs}"
        yield Finding("assignment/open-ended", message, assignment.at)
        return
    days = (day(assignment["valid_to"]) - day(assignment["valid_from"])).days + 1
    if days > limit:
        message = f"role {assignment['role']!r} may be given for at most {limit} days, this is {days}"
        yield Finding("assignment/too-long", message, assignment.value_at("valid_to"))


def _emergencies(merged: Merged) -> Iterator[Finding]:
    """An emergency is over when its report is filed; who approved it must not be one of those locked."""
    for key, entry, at in merged.good("emergencies"):
        if entry["approver"] in entry.get("users", ()):
            yield Finding("emergency/approves-itself", f"{entry['approver']!r} approved to be locked",
                          entry.value_at("approver"), "somebody else has to answer for it")  # fmt: skip
        missing = Report(**entry.get("report", {})).missing
        if missing:
            message = f"the report of emergency {key!r} is not complete: {', '.join(missing)}"
            hint = "write report: {cause, symptoms, handling, result} once it is known"
            yield Finding("emergency/report-missing", message, at, hint, Severity.WARNING)


def _cycles(merged: Merged) -> Iterator[Finding]:
    """Each cycle of includes once, at the include that closes it."""
    roles = {key: role for key, role, _ in merged.good("roles")}
    done: set[str] = set()
    for start in roles:
        path: list[str] = []
        pending = [(start, iter(roles[start].get("includes", ())))] if start not in done else []
        path = [start]
        while pending:
            role, includes = pending[-1]
            included = next((key for key in includes if key in roles and key not in done), None)
            if included is None:
                done.add(role)
                pending.pop()
                path.pop()
            elif included in path:
                chain = " → ".join([*path[path.index(included) :], included])
                listed: Seq = roles[role]["includes"]
                at = listed.item_at(listed.index(included))
                message = f"the role includes itself: {chain}"
                yield Finding("role/cycle", message, at, "remove one of the includes")
            else:
                pending.append((included, iter(roles[included].get("includes", ()))))
                path.append(included)
