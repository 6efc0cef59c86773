"""The Groups of a SCIM service: what they are called, and who is a member of which. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from erpsync.connectors.scim.profiles import Profile

OPERATIONS = frozenset({"membership", "readWrite"})
"""The `supportedOperations` of SAP's extension under which members can be changed."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups by id: their names, unique here, and their direct members.

    A name that the service has twice gets the id added (``Buyer#4f1c``), so that it can be seen but
    never granted by mistake. ``closed`` are names of groups whose members cannot be changed.
    """

    names: Mapping[str, str]
    of_member: Mapping[str, frozenset[str]]
    closed: frozenset[str]

    @property
    def ids(self) -> dict[str, str]:
        """The id of each name."""
        return {name: number for number, name in self.names.items()}

    @property
    def fixed(self) -> dict[str, str]:
        """What accounts can be seen to have but cannot be given or taken, with the reason."""
        return dict.fromkeys(sorted(self.closed), "the service does not let its members be changed")


def build_groups(resources: Iterable[Mapping[str, Any]], profile: Profile) -> Groups:
    """The groups that grant something, from the resources as they were read.

    Raises:
        AttributeError, KeyError, TypeError: a resource is not a Group.
    """
    granting = [group for group in resources if _grants(group, profile)]
    names = _unique([(group["id"], group.get("displayName") or f"#{group['id']}") for group in granting])
    of_member: dict[str, set[str]] = defaultdict(set)
    for group in granting:
        for member in group.get("members") or []:
            of_member[member["value"]].add(group["id"])
    return Groups(
        names=names,
        of_member={member: frozenset(groups) for member, groups in of_member.items()},
        closed=frozenset(names[group["id"]] for group in granting if not _open(group, profile)),
    )


def _grants(group: Mapping[str, Any], profile: Profile) -> bool:
    if profile.group_type is None:
        return True
    return bool((group.get(profile.group_type) or {}).get("type") == profile.granting)


def _open(group: Mapping[str, Any], profile: Profile) -> bool:
    allowed = (group.get(profile.group_type) or {}).get("supportedOperations") if profile.group_type else None
    return allowed is None or allowed in OPERATIONS


def _unique(named: list[tuple[str, str]]) -> dict[str, str]:
    times = Counter(name for _, name in named)
    return {number: name if times[name] == 1 else f"{name}#{number}" for number, name in named}
