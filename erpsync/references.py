"""Checks that need more than one entry: references, logins, cycles, dates.

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
from erpsync.model import Finding, Location, fold
from erpsync.schema import suggest
from erpsync.yaml_tree import Map, Seq

REFERENCES = (
    ("departments", "manager", "users"),
    ("subsystems", "business_admin", "users"),
    ("subsystems", "erp_admin", "users"),
    ("subsystems", "key_users", "users"),
    ("positions", "department", "departments"),
    ("positions", "roles", "roles"),
    ("roles", "subsystem", "subsystems"),
    ("roles", "owner", "users"),
    ("roles", "includes", "roles"),
    ("roles", "entitlements", "targets"),
    ("birthright", "roles", "roles"),
    ("waivers", "owner", "users"),
    ("waivers", "users", "users"),
    ("users", "department", "departments"),
    ("users", "position", "positions"),
    ("users", "owner", "users"),
    ("users", "logins", "targets"),
)
"""Which key of which section names an entry (or lists, or maps by, entries) of which other section."""


def check_references(merged: Merged) -> Iterator[Finding]:
    """All findings that need more than one entry to see."""
    yield from _settings(merged)
    for section, key, referenced in REFERENCES:
        yield from _unknown(merged, section, key, referenced)
    yield from _assigned_roles(merged)
    yield from _assignments(merged)
    yield from _birthright(merged)
    yield from _cycles(merged)
    yield from _logins(merged)
    yield from _validity(merged)
    yield from _earlier_keys(merged)


@lru_cache(maxsize=4096)
def day(text: str) -> date:
    """A date as written in the files; few different ones stand there many times."""
    return date.fromisoformat(text)


def _settings(merged: Merged) -> Iterator[Finding]:
    timezone = merged["settings"].get("timezone")
    if timezone and isinstance(timezone.value, str) and timezone.value not in available_timezones():
        yield Finding("reference/timezone", f"no such time zone: {timezone.value!r}", timezone.at,
                      suggest(timezone.value, available_timezones(), None))  # fmt: skip


def _unknown(merged: Merged, section: str, key: str, referenced: str) -> Iterator[Finding]:
    known = merged[referenced]
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
    known = merged[referenced]
    for item, at in values.entries():
        if isinstance(item, str) and item not in known:
            yield unknown(item, referenced, at, merged)


def unknown(name: str, section: str, at: Location, merged: Merged) -> Finding:
    """The finding for a name that no entry of a section has."""
    what = section.removesuffix("s")
    hint = suggest(name, merged[section], None) or f"declare it under {section}:, or correct the name"
    return Finding("reference/unknown", f"no {what} {name!r} is declared", at, hint)


def _birthright(merged: Merged) -> Iterator[Finding]:
    for _, rule, _ in merged.good("birthright"):
        for condition, section in (("department", "departments"), ("position", "positions")):
            if condition in rule["when"]:
                yield from _unknown_items(rule["when"][condition], section, merged)


def _assigned_roles(merged: Merged) -> Iterator[Finding]:
    roles = merged["roles"]
    for user in merged.mappings("users"):
        assignments = user.get("assignments")
        for assignment in assignments if isinstance(assignments, Seq) else ():
            role = assignment.get("role") if isinstance(assignment, Map) else None
            if isinstance(role, str) and role not in roles:
                yield unknown(role, "roles", assignment.value_at("role"), merged)


def _assignments(merged: Merged) -> Iterator[Finding]:
    longest = {key: role["max_duration"] for key, role, _ in merged.good("roles") if "max_duration" in role}
    for _, user, _ in merged.good("users"):
        for assignment in user.get("assignments", ()):
            if assignment["role"] in longest:
                yield from _too_long(assignment, longest[assignment["role"]])
            yield from _reversed(assignment)


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


def _reversed(entry: Map) -> Iterator[Finding]:
    first, last = entry.get("valid_from"), entry.get("valid_to")
    if first and last and first > last:
        yield Finding(
            "dates/reversed", f"ends ({last}) before it begins ({first})", entry.value_at("valid_to")
        )


def _validity(merged: Merged) -> Iterator[Finding]:
    for key, user, _ in merged.good("users"):
        if "valid_to" in user:
            yield from _reversed(user)
        if user.get("owner") == key:
            yield Finding("user/owns-itself", f"{key!r} cannot answer for itself", user.value_at("owner"),
                          "name a person who answers for it")  # fmt: skip


def _earlier_keys(merged: Merged) -> Iterator[Finding]:
    """An earlier key names one account, so it can be that of one user only, and of nobody who is there."""
    taken: dict[str, tuple[str, Location]] = {}
    present = {fold(key): entry.at for key, entry in merged["users"].items()}
    for key, user, _ in merged.good("users"):
        for earlier, at in user["previously"].entries() if "previously" in user else ():
            other, other_at = taken.setdefault(fold(earlier), (key, at))
            if fold(earlier) in present:
                message = f"{earlier!r} is still a user of its own"
                hint = f"it is declared at {present[fold(earlier)]}"
                yield Finding("user/renamed-to-existing", message, at, hint)
            elif other != key:
                message = f"{earlier!r} is an earlier key of user {other!r} already"
                yield Finding("user/earlier-taken", message, at, f"see {other_at}")


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


def _logins(merged: Merged) -> Iterator[Finding]:
    """Two users with one login in a target, also when only case differs."""
    for target in merged["targets"]:
        taken: dict[str, tuple[str, Location]] = {}
        for key, user, at in merged.good("users"):
            logins = user.get("logins")
            if logins and target in logins:
                login, at = logins[target], logins.value_at(target)
            else:
                login = key
            other, other_at = taken.setdefault(fold(login), (key, at))
            if other != key:
                yield Finding("user/login-taken", f"login {login!r} in target {target!r} belongs to user "
                              f"{other!r} already", at, f"see {other_at}")  # fmt: skip
