"""Users as plain tuples, and back: half the memory, and a form that can be kept.

A large company's users are needed one file at a time, or a few of them; so between reading and using
they are kept as tuples of texts and numbers. Every user of the files is built from such a tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, TypeAlias

from erpsync.model import ALL, Absence, Assignment, Location, Status, User, UserType
from erpsync.references import day

Packed: TypeAlias = tuple[Any, ...]
"""A user or an assignment; `pack` and `unpack` know what stands where."""
Same: TypeAlias = Callable[[str, str], str]
"""Gives the text that was seen first of those that are equal, as ``dict.setdefault`` does."""

_OFTEN = frozenset(
    ("name", "type", "status", "employee_no", "email", "department", "position", "scope", "assignments")
)
"""What has a place of its own in the tuple; all else is rare."""
_NOTHING: dict[str, Any] = {}


class Placed(Protocol):
    """An entry, or a list in it, that has the places of its keys or items."""

    @property
    def places(self) -> Sequence[int]:
        """Each as ``line << 32 | column``, from 0."""


def place_of(at: Location) -> int:
    """A place as one number."""
    return at.line - 1 << 32 | at.column - 1


def pack(key: str, place: int, entry: Any, same: Same) -> Packed:
    """A user as a tuple.

    Args:
        key: the user's key.
        place: where it stands.
        entry: its entry, which the schema found right: a mapping with ``places``.
        same: so that texts that many users share are kept once.
    """
    get = entry.get
    position, scope = get("position"), get("scope")
    return (
        key,
        place,
        entry["name"],
        same(entry["type"], entry["type"]),
        get("status", "active"),
        get("employee_no"),
        get("email"),
        _shared(get("department"), same),
        _shared(position, same),
        entry.places[list(entry).index("position")] if position is not None else None,
        tuple([(same(kind, kind), _values(names, same)) for kind, names in scope.items()]) if scope else (),
        _assignments(get("assignments"), same),
        None if entry.keys() <= _OFTEN else _rest(entry),
    )


def _shared(text: str | None, same: Same) -> str | None:
    return same(text, text) if text is not None else None


def _values(names: str | Sequence[str], same: Same) -> tuple[str, ...]:
    return (ALL,) if names == ALL else tuple([same(name, name) for name in sorted(names)])


def _assignments(items: Any, same: Same) -> tuple[Packed, ...]:
    if not items:
        return ()
    return tuple(
        [
            (
                place,
                same(item["role"], item["role"]),
                same(item["reason"], item["reason"]),
                _shared(item.get("valid_from"), same),
                _shared(item.get("valid_to"), same),
                item.get("request"),
            )
            for item, place in zip(items, items.places, strict=True)
        ]
    )


def _rest(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in entry.items() if name not in _OFTEN}


def _plain(value: Any) -> Any:
    """The same without places."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def unpack(packed: Packed, file: str) -> User:
    """The user of a tuple that `pack` made, from a file."""
    (key, place, name, kind, status, number, email, department, position, position_place, scope,
     assignments, rest) = packed  # fmt: skip
    return User(
        key=key,
        name=name,
        type=_TYPES[kind],
        at=_location(file, place),
        status=_STATUS[status],
        employee_no=number,
        email=email,
        department=department,
        position=position,
        position_at=None if position_place is None else _location(file, position_place),
        scope=dict(scope) if scope else _NOTHING,
        # Here and nowhere else, as a call for each would cost a tenth of the whole.
        assignments=tuple(
            [
                Assignment(
                    role,
                    reason,
                    Location(file, (at >> 32) + 1, (at & 0xFFFFFFFF) + 1),
                    day(first) if first else None,
                    day(last) if last else None,
                    request,
                )
                for at, role, reason, first, last, request in assignments
            ]
        ),
        **(_FEW if rest is None else _rare(rest)),
    )


_TYPES = {kind.value: kind for kind in UserType}
_STATUS = {status.value: status for status in Status}


def _location(file: str, place: int) -> Location:
    return Location(file, (place >> 32) + 1, (place & 0xFFFFFFFF) + 1)


def _rare(rest: Mapping[str, Any]) -> dict[str, Any]:
    get = rest.get
    return {
        "language": get("language"),
        "left_on": _day(get("left_on")),
        "purpose": get("purpose"),
        "owner": get("owner"),
        "deputy": get("deputy"),
        "away": tuple(Absence(day(item["valid_from"]), day(item["valid_to"])) for item in get("away", ())),
        "forge": get("forge", _NOTHING),
        "controllers": tuple(get("controllers", ())),
        "max_hours": int(rest["max_hours"]) if "max_hours" in rest else None,
        "trainings": {key: day(done) for key, done in get("trainings", _NOTHING).items()},
        "identity_verified": _day(get("identity_verified")),
        "acknowledged": _day(get("acknowledged")),
        "position_since": _day(get("position_since")),
        "valid_from": _day(get("valid_from")),
        "valid_to": _day(get("valid_to")),
        "logins": get("logins", _NOTHING),
        "previously": tuple(get("previously", ())),
    }


def _day(text: str | None) -> date | None:
    return day(text) if text else None


_FEW: Mapping[str, Any] = {"forge": _NOTHING, "trainings": _NOTHING, "logins": _NOTHING}
"""What users without anything rare share, so that each needs no empty mappings of its own."""
