"""Users, and the roles they come to."""

from __future__ import annotations

from erpsync.building.packed import pack, place_of, unpack
from erpsync.model import Birthright, Location, Position, Risk, Role, User
from erpsync.yaml_tree import Map


def position(key: str, entry: Map, at: Location) -> Position:
    """A position, from its entry."""
    return Position(
        key=key,
        title=entry["title"],
        title_zh=entry.get("title_zh"),
        department=entry["department"],
        roles=tuple(entry.get("roles", ())),
        at=at,
    )


def role(key: str, entry: Map, at: Location) -> Role:
    """A role, from its entry."""
    return Role(
        key=key,
        title=entry["title"],
        title_zh=entry.get("title_zh"),
        description=entry.get("description"),
        subsystem=entry["subsystem"],
        owner=entry["owner"],
        risk=Risk(entry.get("risk", "medium")),
        sensitive=entry.get("sensitive"),
        sensitive_access=entry.get("sensitive_access", "write"),
        max_holders=int(entry["max_holders"]) if "max_holders" in entry else None,
        functions=tuple(entry.get("functions", ())),
        requires_training=tuple(entry.get("requires_training", ())),
        includes=tuple(entry.get("includes", ())),
        entitlements={target: tuple(names) for target, names in entry.get("entitlements", {}).items()},
        at=at,
    )


def birthright(key: str, entry: Map, at: Location) -> Birthright:
    """A birthright rule, from its entry."""
    when = entry["when"]
    return Birthright(
        key=key,
        title=entry["title"],
        roles=tuple(entry["roles"]),
        types=frozenset(when.get("type", ())),
        departments=frozenset(when.get("department", ())),
        positions=frozenset(when.get("position", ())),
        at=at,
    )


def user(key: str, entry: Map, at: Location) -> User:
    """A user, from its entry."""
    texts: dict[str, str] = {}
    return unpack(pack(key, place_of(at), entry, texts.setdefault), at.file)
