"""A proposal in one line that a manager understands: the most important first, like with like. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from erpsync.model import ChangeKind, Risk
from erpsync.proposal import ENTRY, EntryChange, Proposal, Proposed, Span
from erpsync.render.escape import Safe, short
from erpsync.render.proposal_words import NAME, Wording, direction, moved, role_of, weight

MOST = 5
"""Things that the headline names."""


@dataclass(slots=True)
class _Group:
    """Changes that are told together: the phrase, its values, and whom or what it happens to."""

    phrase: str
    weight: tuple[int, int]
    values: Mapping[str, object]
    count: int = 0
    whom: set[str] = field(default_factory=set)


def headline(proposal: Proposal, wording: Wording) -> Safe:
    """``陈静 gains *Purchase approver* until 2026-12-31; 2 accounts locked; and 3 more changes``."""
    if not proposal.changes and not proposal.entries:
        return wording.words.say("head.nothing")
    groups: dict[tuple[object, ...], _Group] = {}
    for change in proposal.changes:
        _add_change(groups, change, wording)
    for entry in proposal.entries:
        _add_entry(groups, entry, wording)
    ordered = sorted(groups.values(), key=lambda group: group.weight, reverse=True)
    told = [_told(group, wording) for group in ordered[:MOST]]
    more = sum(group.count for group in ordered[MOST:])
    if more:
        told.append(wording.words.count("head.more", more))
    return wording.words.joined(told, "list.clauses")


def _told(group: _Group, wording: Wording) -> Safe:
    return wording.words.count(f"head.{group.phrase}", len(group.whom), **group.values)


def _add_change(groups: dict[tuple[object, ...], _Group], change: Proposed, wording: Wording) -> None:
    phrase = _phrase(change)
    more, less = moved(change) if phrase in ("wider", "narrower") else ((), ())
    days = change.after if phrase in _WITH_DAYS else ()
    # A lock is a lock, whatever the words of the status are; what differs in days or values is told apart.
    subject = "" if change.kind in (ChangeKind.LOCK, ChangeKind.UNLOCK) else change.subject
    key = (phrase, subject, days, tuple(more or less))
    if key not in groups:
        role = role_of(change)
        groups[key] = _Group(
            phrase,
            weight(change, wording),
            {
                "user": wording.user(change.user),
                "role": wording.role(role) if role else "",
                "span": _days(phrase, cast("tuple[Span, ...]", days), wording),
                "kind": short(change.subject, NAME),
                "what": short(change.subject, NAME),
                "values": wording.values(more or less),
            },
        )
    groups[key].count += 1
    groups[key].whom.add(change.user)


def _days(phrase: str, days: tuple[Span, ...], wording: Wording) -> Safe:
    """The days behind a blank; whoever gains a role without end is not told of days."""
    return wording.limits(days) if phrase == "gain" or not days else Safe(f" {wording.spans(days)}")


_WITH_DAYS = ("gain", "longer", "shorter", "account_longer", "account_shorter")
_BY_KIND = {
    ChangeKind.CREATE: "create",
    ChangeKind.GRANT: "gain",
    ChangeKind.REVOKE: "lose",
    ChangeKind.LOCK: "lock",
    ChangeKind.UNLOCK: "unlock",
}


def _phrase(change: Proposed) -> str:
    if change.kind in _BY_KIND:
        return _BY_KIND[change.kind]
    way = direction(change)
    match change.kind:
        case ChangeKind.RETIME if change.way is None:
            return "account_longer" if way > 0 else "account_shorter"
        case ChangeKind.RETIME:
            return ("otherwise", "longer", "shorter")[way]
        case ChangeKind.RESCOPE if way:
            return "wider" if way > 0 else "narrower"
        case _:
            return "removed" if change.subject == ENTRY else "update"


_SECTION_RISK = {
    "settings": Risk.CRITICAL,
    "targets": Risk.CRITICAL,
    "approvals": Risk.CRITICAL,
    "oversight": Risk.CRITICAL,
    "waivers": Risk.CRITICAL,
    "subsystems": Risk.HIGH,
    "positions": Risk.HIGH,
    "birthright": Risk.HIGH,
    "departments": Risk.MEDIUM,
    "trainings": Risk.MEDIUM,
}
"""How much harm an entry can do: what guards the rest weighs most. A section nobody knows weighs as much."""


def _add_entry(groups: dict[tuple[object, ...], _Group], entry: EntryChange, wording: Wording) -> None:
    words = wording.words
    key = ("entry", entry.section)
    risk = (
        wording.risk(entry.key)
        if entry.section == "roles"
        else _SECTION_RISK.get(entry.section, Risk.CRITICAL)
    )
    values = {
        "section": words.name("section", entry.section),
        "entry": words.say("role", title=wording.entry(entry.section, entry.key)),
        "what": words.name("what", entry.what),
    }
    group = groups.setdefault(key, _Group("entry", (risk.rank, 0), values))
    group.weight = max(group.weight, (risk.rank, 0))
    group.count += 1
    group.whom.add(entry.key)


def reading_order(changes: Iterable[Proposed], wording: Wording) -> list[tuple[str, list[Proposed]]]:
    """The changes by user: whoever gains the riskiest comes first, then by key."""
    by_user: dict[str, list[Proposed]] = {}
    heaviest: dict[str, tuple[int, int]] = {}
    for change in changes:
        by_user.setdefault(change.user, []).append(change)
        heaviest[change.user] = max(heaviest.get(change.user, (-1, 0)), _as_read(change, wording))
    return sorted(by_user.items(), key=lambda item: (-heaviest[item[0]][0], -heaviest[item[0]][1], item[0]))


def _as_read(change: Proposed, wording: Wording) -> tuple[int, int]:
    """Gains by their risk, before everything that only takes."""
    rank, giving = weight(change, wording)
    return (rank + 1 if giving > 0 else 0), rank
