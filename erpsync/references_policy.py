"""Checks of what the policy says about people: who makes up for what. Findings stand at the very value."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.merge import Merged
from erpsync.model import Finding
from erpsync.yaml_tree import Seq


def check_policy(merged: Merged) -> Iterator[Finding]:
    """All findings about mitigations and offices that need more than the shape of an entry to see."""
    yield from _performers(merged)
    yield from _heads(merged)


def _performers(merged: Merged) -> Iterator[Finding]:
    """A mitigation is somebody else who looks; who looks at himself makes up for nothing."""
    for key, entry, _ in merged.good("mitigations"):
        if entry["performer"] in entry["users"]:
            message = f"{entry['performer']!r} would watch over himself by mitigation {key!r}"
            hint = "let somebody perform it whom it is not for"
            yield Finding("mitigation/performs-for-himself", message, entry.value_at("performer"), hint)


def _heads(merged: Merged) -> Iterator[Finding]:
    for key, office, _ in merged.good("oversight"):
        members: Seq = office["members"]
        if "head" in office and office["head"] not in members:
            message = f"{office['head']!r} heads office {key!r} but is none of its members"
            yield Finding(
                "oversight/head-outside", message, office.value_at("head"), "add the head to members"
            )
