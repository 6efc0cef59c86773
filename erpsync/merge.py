"""The documents of an access directory as one: section by section, entry by entry.

So a small company keeps one file, and a large one keeps one file per user.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from erpsync.model import Finding, Location
from erpsync.schema import singular
from erpsync.yaml_tree import Map, Node

SECTIONS = (
    "settings",
    "targets",
    "departments",
    "subsystems",
    "oversight",
    "positions",
    "roles",
    "birthright",
    "functions",
    "risks",
    "mitigations",
    "trainings",
    "policy",
    "rules",
    "waivers",
    "approvals",
    "emergencies",
    "users",
)


class Entry(NamedTuple):
    """One entry of a section: its value and the place of its key."""

    value: Node
    at: Location


@dataclass(frozen=True, slots=True)
class Merged:
    """Every entry by section and key; ``bad`` names those whose shape is not what the schema says."""

    sections: Mapping[str, Mapping[str, Entry]]
    bad: frozenset[tuple[str, str]]
    elsewhere: Collection[str] = ()
    """The keys of users who are not among the entries, as nothing is wrong with them."""

    def __getitem__(self, section: str) -> Mapping[str, Entry]:
        return self.sections[section]

    def names(self, section: str) -> Collection[str]:
        """The keys of a section, also of those users who are not among the entries."""
        entries = self.sections[section]
        return _Either(entries, self.elsewhere) if section == "users" and self.elsewhere else entries

    def mappings(self, section: str) -> Iterator[Map]:
        """Each entry of a section that is a mapping at all, whatever is in it."""
        return (value for value, _ in self.sections[section].values() if isinstance(value, Map))

    def good(self, section: str) -> Iterable[tuple[str, Map, Location]]:
        """The key, value and place of each entry of a section that the schema found right."""
        bad = {key for name, key in self.bad if name == section}
        for key, (value, at) in self.sections[section].items():
            if key not in bad:
                yield key, value, at


@dataclass(frozen=True, slots=True)
class _Either(Collection[str]):
    one: Collection[str]
    other: Collection[str]

    def __contains__(self, key: object) -> bool:
        return key in self.one or key in self.other

    def __iter__(self) -> Iterator[str]:
        return chain(self.one, self.other)

    def __len__(self) -> int:
        return len(self.one) + len(self.other)


def merge(documents: Iterable[Map], bad: set[tuple[str, str]]) -> tuple[Merged, list[Finding]]:
    """Merge documents; the same key in two places is a finding that names both.

    Keys that differ only in case count as the same: a login ``Chen`` beside ``chen`` is a trap.
    """
    sections: dict[str, dict[str, Entry]] = {name: {} for name in SECTIONS}
    first_seen: dict[tuple[str, str], tuple[str, Location]] = {}
    findings: list[Finding] = []
    for document in documents:
        for section, entries in document.items():
            if section not in sections or not isinstance(entries, Map):
                continue
            merged = sections[section]
            for key, value, at in entries.entries():
                other = first_seen.setdefault((section, key.casefold()), (key, at))
                if other[1] is not at:
                    findings.append(_twice(section, key, at, *other))
                else:
                    merged[key] = Entry(value, at)
    return Merged(sections, frozenset(bad)), findings


def _twice(section: str, key: str, at: Location, other: str, other_at: Location) -> Finding:
    what = singular(section)
    same = "stands here for the second time" if key == other else f"differs only in case from {other!r}"
    return Finding("merge/duplicate", f"{what} {key!r} {same}", at, f"the other one is at {other_at}")
