"""Users, and the roles they come to."""

from __future__ import annotations

from datetime import date

from erpsync.model import (
    ALL,
    Absence,
    Assignment,
    Birthright,
    Location,
    Position,
    Risk,
    Role,
    Status,
    User,
    UserType,
)
from erpsync.references import day
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


_NO_SCOPE: dict[str, tuple[str, ...]] = {}


def user(key: str, entry: Map, at: Location) -> User:
    """A user, from its entry."""
    get = entry.get
    first, last, scope = get("valid_from"), get("valid_to"), get("scope")
    return User(
        key=key,
        name=entry["name"],
        type=UserType(entry["type"]),
        at=at,
        status=Status(get("status", "active")),
        employee_no=get("employee_no"),
        email=get("email"),
        language=get("language"),
        left_on=_day_at(entry, "left_on"),
        purpose=get("purpose"),
        department=get("department"),
        position=get("position"),
        position_at=entry.key_at("position") if "position" in entry else None,
        owner=get("owner"),
        deputy=get("deputy"),
        away=tuple(Absence(day(item["valid_from"]), day(item["valid_to"])) for item in get("away", ())),
        forge=get("forge", {}),
        controllers=tuple(get("controllers", ())),
        max_hours=int(entry["max_hours"]) if "max_hours" in entry else None,
        trainings={key: day(done) for key, done in get("trainings", {}).items()},
        identity_verified=_day_at(entry, "identity_verified"),
        acknowledged=_day_at(entry, "acknowledged"),
        position_since=_day_at(entry, "position_since"),
        valid_from=day(first) if first else None,
        valid_to=day(last) if last else None,
        logins=get("logins", {}),
        previously=tuple(get("previously", ())),
        scope={kind: _scope_values(values) for kind, values in scope.items()} if scope else _NO_SCOPE,
        assignments=tuple([_assignment(item, at) for item, at in entry["assignments"].entries()])
        if get("assignments")
        else (),
    )


def _scope_values(values: str | list[str]) -> tuple[str, ...]:
    return (ALL,) if values == ALL else tuple(sorted(values))


def _assignment(entry: Map, at: Location) -> Assignment:
    get = entry.get
    first, last = get("valid_from"), get("valid_to")
    return Assignment(
        entry["role"],
        entry["reason"],
        at,
        day(first) if first else None,
        day(last) if last else None,
        get("request"),
    )


def _day_at(entry: Map, key: str) -> date | None:
    return day(entry[key]) if key in entry else None
