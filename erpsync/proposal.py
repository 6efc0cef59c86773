"""What a pull request proposes: the declared state before it and after it, compared in words of roles.

A plan shows what would change in the ERP today. A proposal shows what the files would say from now
on, so also what begins next month, and nothing that merely drifted: it is what people approve. It
misses nothing: any entry whose value differs appears, whether or not anything is known of its key.
Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from erpsync.model import Access, ChangeKind, Location, Status, User, Way
from erpsync.resolve import birthright_rules, roles_of, way_of

Span = tuple[date | None, date | None]
"""First and last day, both inclusive; None where it is open."""

ACCOUNT = "account"
"""The subject of a change of when a user may work at all."""

ENTRY = "entry"
"""The subject of an update that removes a user from the files."""

KEY = "key"
"""The subject of an update that gives a user another key."""

WORDING = "wording"
"""The subject of an update that changes words and no access, such as the reason of an assignment."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """One change of what a user may do.

    ``subject`` is the key of a role where there is a ``way`` (grant, revoke, retime); else `ACCOUNT`
    for retime, the kind of scope for rescope, and the key in the file for update. ``before`` and
    ``after`` are the spans of the role or account, or the values.
    """

    user: str
    kind: ChangeKind
    at: Location
    subject: str = ""
    before: tuple[Span, ...] | tuple[str, ...] = ()
    after: tuple[Span, ...] | tuple[str, ...] = ()
    way: Way | None = None
    reason: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry of a section other than users that is added, changed or removed."""

    section: str
    key: str
    what: str
    at: Location


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything that would be different, in the order of sections and keys."""

    changes: tuple[Proposed, ...]
    entries: tuple[EntryChange, ...]


class Entry(Protocol):
    """An entry of a section as it stands in the files, and where."""

    @property
    def value(self) -> Any:
        """What YAML holds: a mapping, a list or a text."""

    @property
    def at(self) -> Location:
        """Where its key stands."""


class Entries(Protocol):
    """Every entry of the files by section and key."""

    @property
    def sections(self) -> Mapping[str, Mapping[str, Entry]]:
        """Section → key → entry."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One side of a proposal: the values, and the entries of the files that they were built from."""

    access: Access
    entries: Entries


def propose(base: Declared, head: Declared) -> Proposal:
    """Compare two declared states.

    Args:
        base: what holds now.
        head: what is proposed.
    """
    return Proposal(tuple(_changes(base, head)), tuple(_entries(base.entries, head.entries)))


def _entries(base: Entries, head: Entries) -> Iterator[EntryChange]:
    for section in head.sections:
        if section == "users":
            continue
        before, after = base.sections[section], head.sections[section]
        for key in sorted(before.keys() | after.keys()):
            if key not in before:
                yield EntryChange(section, key, "added", after[key].at)
            elif key not in after:
                yield EntryChange(section, key, "removed", before[key].at)
            elif before[key].value != after[key].value:
                yield EntryChange(section, key, "changed", after[key].at)


def _changes(base: Declared, head: Declared) -> Iterator[Proposed]:
    old, new = base.access.users, head.access.users
    earlier = _earlier(old, new)
    held_before, held_after = _holdings(base.access), _holdings(head.access)
    gone = old.keys() - new.keys() - {user.key for user in earlier.values()}
    for key in sorted(new.keys() | gone):
        before, after = old.get(key) or earlier.get(key), new.get(key)
        found = [*_entry(before, after, base.entries, head.entries), *_scope(before, after)]
        found += _roles(before, after, held_before, held_after)
        if before and after and not found and _raw(before, base) != _raw(after, head):
            found.append(Proposed(key, ChangeKind.UPDATE, after.at, WORDING))
        yield from found


def _earlier(old: Mapping[str, User], new: Mapping[str, User]) -> dict[str, User]:
    """For each user of a new key: the user that it was. Any other user whose key is gone is removed."""
    found: dict[str, User] = {}
    for user in new.values():
        keys = [key for key in user.previously if key in old and key not in new]
        if keys and user.key not in old:
            found[user.key] = old[keys[0]]
    return found


def _raw(user: User, declared: Declared) -> object:
    return declared.entries.sections["users"][user.key].value


def _entry(before: User | None, after: User | None, base: Entries, head: Entries) -> Iterator[Proposed]:
    if after is None:
        assert before is not None
        yield Proposed(before.key, ChangeKind.UPDATE, before.at, ENTRY, ("declared",), ())
    elif before is None:
        yield Proposed(after.key, ChangeKind.CREATE, after.at)
    else:
        yield from _standing(before, after)
        yield from _updates(before, after, base, head)


def _standing(before: User, after: User) -> Iterator[Proposed]:
    """Whether the user may work, and from when to when."""
    if before.status is not after.status:
        kind = ChangeKind.UNLOCK if after.status is Status.ACTIVE else ChangeKind.LOCK
        yield Proposed(after.key, kind, after.at, "", (before.status.value,), (after.status.value,))
    was, will = (before.valid_from, before.valid_to), (after.valid_from, after.valid_to)
    if was != will:
        yield Proposed(after.key, ChangeKind.RETIME, after.at, ACCOUNT, (was,), (will,))


_TOLD_ELSEWHERE = {"status", "valid_from", "valid_to", "scope", "assignments"}
"""Keys of a user whose changes are told as changes of roles, scope or standing."""


def _updates(before: User, after: User, base: Entries, head: Entries) -> Iterator[Proposed]:
    """Every other key of the entry that differs, whatever it is."""
    if before.key != after.key:
        yield Proposed(after.key, ChangeKind.UPDATE, after.at, KEY, (before.key,), (after.key,))
    old, new = base.sections["users"][before.key].value, head.sections["users"][after.key].value
    for key in sorted((old.keys() | new.keys()) - _TOLD_ELSEWHERE):
        if old.get(key) != new.get(key):
            at = new.value_at(key) if key in new else after.at
            yield Proposed(after.key, ChangeKind.UPDATE, at, key, _words(old.get(key)), _words(new.get(key)))


def _words(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, Mapping):
        return tuple(f"{key}: {item}" for key, item in value.items())
    return tuple(", ".join(_words(item)) for item in value) if isinstance(value, list) else (str(value),)


def _scope(before: User | None, after: User | None) -> Iterator[Proposed]:
    old, new = before.scope if before else {}, after.scope if after else {}
    user = after or before
    assert user is not None
    for kind in sorted(old.keys() | new.keys()):
        if old.get(kind, ()) != new.get(kind, ()):
            was, will = tuple(old.get(kind, ())), tuple(new.get(kind, ()))
            yield Proposed(user.key, ChangeKind.RESCOPE, user.at, kind, was, will)


@dataclass(frozen=True, slots=True)
class _Held:
    """One way in which a user holds a role: on which days, and why."""

    span: Span
    way: Way
    at: Location
    reason: str | None
    request: str | None


def _roles(
    before: User | None, after: User | None, held_before: _Holdings, held_after: _Holdings
) -> Iterator[Proposed]:
    """Roles gained, lost, or held on other days or in another way."""
    old, new = held_before(before), held_after(after)
    user = after or before
    assert user is not None
    for role in sorted(old.keys() | new.keys()):
        was, will = old.get(role, []), new.get(role, [])
        known = {(held.span, held.way) for held in was}
        if known == {(held.span, held.way) for held in will}:
            continue
        kind = ChangeKind.RETIME if was and will else ChangeKind.GRANT if will else ChangeKind.REVOKE
        # Told is what is new; of several ways the one that needs the most care: an assignment.
        told = [held for held in will if (held.span, held.way) not in known] or will or was
        held = max(told, key=lambda held: held.way is Way.ASSIGNMENT)
        yield Proposed(user.key, kind, held.at, role, _spans(was), _spans(will),
                       held.way, held.reason, held.request)  # fmt: skip


_Holdings = Callable[[User | None], dict[str, list[_Held]]]
"""Tells the roles of a user, each with every way to it; one who is not there, or has left, has none."""


def _holdings(access: Access) -> _Holdings:
    rules = birthright_rules(access)

    def held_by(user: User | None) -> dict[str, list[_Held]]:
        if user is None or user.status is Status.LEFT:
            return {}
        reasons = {(item.role, item.at): item.reason for item in user.assignments}
        found: dict[str, list[_Held]] = {}
        for role, first, last, via, at, request in roles_of(user, access.positions, rules):
            place = at or user.at
            held = _Held((first, last), way_of(via), place, reasons.get((role, place)), request)
            found.setdefault(role, []).append(held)
        return found

    return held_by


def _spans(ways: Iterable[_Held]) -> tuple[Span, ...]:
    return tuple(sorted({held.span for held in ways}, key=_order))


def _order(span: Span) -> tuple[date, date]:
    return span[0] or date.min, span[1] or date.max
