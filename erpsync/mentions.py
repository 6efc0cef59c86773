"""What the users of one file say that other entries must bear out, in few words. Pure.

Checks across the files need of a user hardly more than the names it mentions. With those, nearly
every run finds that all is right without looking at any user again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from erpsync.references import day

OPEN = -1
"""Instead of the days of an assignment that has no first or no last day."""
Names: TypeAlias = frozenset[str]
Alias: TypeAlias = tuple[str, str, str]
"""Whose other name, of what kind, and the name: a login in a target, a handle at a forge, an earlier key."""
PREVIOUSLY, LOGIN, HANDLE = "previously", "login ", "handle "
"""Kinds of other names; those of logins and handles go on with which target or forge."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """Everything that users mention: names of entries by section, and their own other names.

    ``longest`` has the days of the longest assignment of each role, or `OPEN`.
    """

    names: Mapping[str, Names] = field(default_factory=dict)
    longest: Mapping[str, int] = field(default_factory=dict)
    aliases: tuple[Alias, ...] = ()

    @property
    def plain(self) -> tuple[Any, ...]:
        """The same as plain values, for `from_plain`."""
        return {section: tuple(names) for section, names in self.names.items()}, self.longest, self.aliases


def from_plain(plain: tuple[Any, ...]) -> Mentions:
    """The inverse of `Mentions.plain`."""
    names, longest, aliases = plain
    return Mentions({section: frozenset(found) for section, found in names.items()}, longest, aliases)


class AmissError(Exception):
    """A user contradicts itself; which one, and how, is for the checks to say that know every place."""


def mentions(users: Mapping[str, Any]) -> Mentions:
    """What some users mention.

    Args:
        users: entries that the schema found right, by key.

    Raises:
        AmissError: one of them contradicts itself.
    """
    names: dict[str, set[str]] = {section: set() for section in _SECTIONS}
    longest: dict[str, int] = {}
    aliases: list[Alias] = []
    for key, entry in users.items():
        for name, section in _NAMES:
            if name in entry:
                names[section].add(entry[name])
        for item in entry.get("assignments") or ():
            days = _days(item)
            role = item["role"]
            known = longest.get(role, 0)
            if known != OPEN and (days == OPEN or days > known):
                longest[role] = days
        if not entry.keys() <= _PLAIN:
            _rare(key, entry, names)
            aliases += aliases_of(key, entry)
    names["roles"].update(longest)
    return Mentions({section: frozenset(found) for section, found in names.items()}, longest, tuple(aliases))


_NAMES = (("department", "departments"), ("position", "positions"))
_SECTIONS = ("departments", "positions", "roles", "targets", "trainings", "users")
_PLAIN = frozenset(
    ("name", "type", "status", "employee_no", "email", "language", "department", "position", "scope",
     "assignments", "left_on", "purpose", "max_hours", "identity_verified", "acknowledged", "position_since")
)  # fmt: skip
"""What mentions nothing, or is looked at for every user."""


def _days(item: Mapping[str, Any]) -> int:
    first, last = item.get("valid_from"), item.get("valid_to")
    if not first or not last:
        return OPEN
    if first > last:
        raise AmissError
    return (day(last) - day(first)).days + 1


def _rare(key: str, entry: Mapping[str, Any], names: Mapping[str, set[str]]) -> None:
    owner, deputy = entry.get("owner"), entry.get("deputy")
    spans = [entry, *entry.get("away", ())]
    if key in (owner, deputy) or any(_reversed(span) for span in spans):
        raise AmissError
    names["users"].update(name for name in (owner, deputy, *entry.get("controllers", ())) if name)
    names["trainings"].update(entry.get("trainings", ()))
    names["targets"].update(entry.get("logins", ()))


def _reversed(span: Mapping[str, Any]) -> bool:
    first, last = span.get("valid_from"), span.get("valid_to")
    return bool(first and last and first > last)


def aliases_of(key: str, entry: Mapping[str, Any]) -> Iterator[Alias]:
    """The other names of a user whose entry the schema found right."""
    for target, login in entry.get("logins", {}).items():
        yield key, f"{LOGIN}{target}", login
    for earlier in entry.get("previously", ()):
        yield key, PREVIOUSLY, earlier
    for forge, handle in entry.get("forge", {}).items():
        yield key, f"{HANDLE}{forge}", handle
