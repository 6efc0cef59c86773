"""A user as declared and as to be declared → the edits of the access file between them. Pure.

Only what the ERP keeps of a user is compared: attributes, status, logins, scope, assignments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from erpsync.model import ALL, Assignment, User
from erpsync.yaml_edit import Append, Edit, Path, Put, Remove

KEYS = (
    "name", "employee_no", "email", "language", "department", "position", "position_since", "type", "status",
    "left_on", "purpose", "owner", "deputy", "away", "forge", "controllers", "max_hours", "trainings",
    "identity_verified", "acknowledged", "valid_from", "valid_to", "logins", "previously", "scope",
    "assignments",
)  # fmt: skip
"""The keys of a user in the order in which they stand."""
ASSIGNMENT_KEYS = ("role", "valid_from", "valid_to", "reason", "request")
"""The keys of an assignment, likewise."""


def user_edits(before: User, after: User) -> Iterator[Edit]:
    """The edits that make one of the other.

    Args:
        before: the user as it stands in the file.
        after: the same user; assignments that stand in the file keep their place, new ones have the user's.
    """
    path = ("users", before.key)
    for key in ("name", "email", "language", "status"):
        yield from _value((*path, key), getattr(before, key), getattr(after, key), KEYS)
    for key in ("logins", "scope"):
        yield from _mapping((*path, key), getattr(before, key), getattr(after, key))
    yield from _assignments((*path, "assignments"), before, after)


def _value(path: Path, before: object, after: object, keys: tuple[str, ...]) -> Iterator[Edit]:
    if after == before:
        return
    if after is None:
        yield Remove(path)
    else:
        yield Put(path, str(after), keys[keys.index(str(path[-1])) + 1 :])


def _mapping(path: Path, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Edit]:
    if after and not before:
        value = {key: _plain(held) for key, held in after.items()}
        yield Put(path, value, KEYS[KEYS.index(str(path[-1])) + 1 :])
        return
    for key in before:
        if key not in after:
            yield Remove((*path, key))
    for key, value in after.items():
        if before.get(key) != value:
            yield Put((*path, key), _plain(value))


def _plain(value: str | tuple[str, ...]) -> str | list[str]:
    if value == (ALL,):
        return ALL
    return value if isinstance(value, str) else list(value)


def _assignments(path: Path, before: User, after: User) -> Iterator[Edit]:
    kept = {item.at: item for item in after.assignments if item.at != after.at}
    new = [dict(written(item)) for item in after.assignments if item.at == after.at]
    if new and not kept:
        yield Put(path, new)  # a list of which nothing stays is made as a whole
        return
    for index, item in enumerate(before.assignments):
        now = kept.get(item.at)
        if now is None:
            yield Remove((*path, index))
            continue
        for key in ("valid_from", "valid_to"):
            yield from _value((*path, index, key), getattr(item, key), getattr(now, key), ASSIGNMENT_KEYS)
    for entry in new:
        yield Append(path, entry)


def written(item: Assignment) -> Iterator[tuple[str, str]]:
    """The keys and texts of an assignment as it stands in a file, in the usual order."""
    for key in ASSIGNMENT_KEYS:
        value = getattr(item, key)
        if value is not None:
            yield key, str(value)
