"""Functions, risks, mitigations, trainings, own rules, and the policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from erpsync.merge import Entry
from erpsync.model import (
    Function,
    Location,
    Mitigation,
    OwnRule,
    Policy,
    Response,
    Risk,
    SodRisk,
    Training,
    UserType,
)
from erpsync.references import day
from erpsync.yaml_tree import Map


def function(key: str, entry: Map, at: Location) -> Function:
    """A function, from its entry."""
    permissions = {connector: tuple(patterns) for connector, patterns in entry.get("permissions", {}).items()}
    return Function(
        key, entry["title"], at, entry.get("title_zh"), tuple(entry.get("scope_keys", ())), permissions
    )


def risk(key: str, entry: Map, at: Location) -> SodRisk:
    """A risk, from its entry; its functions are sides of one function each."""
    get = entry.get
    sides = get("sides") or [[name] for name in entry["functions"]]
    return SodRisk(
        key=key,
        title=entry["title"],
        sides=tuple(tuple(side) for side in sides),
        level=Risk(entry["level"]),
        why=entry["why"],
        at=at,
        title_zh=get("title_zh"),
        why_zh=get("why_zh"),
        owner=get("owner"),
        max_holders=int(entry["max_holders"]) if "max_holders" in entry else None,
        response=_response(entry),
        controls=tuple(get("controls", ())),
    )


def mitigation(key: str, entry: Map, at: Location) -> Mitigation:
    """A mitigation, from its entry."""
    return Mitigation(
        key=key,
        control=entry["control"],
        owner=entry["owner"],
        performer=entry["performer"],
        users=frozenset(entry["users"]),
        valid_to=day(entry["valid_to"]),
        evidence=entry["evidence"],
        at=at,
        risks=frozenset(entry.get("risks", ())),
        rules=frozenset(entry.get("rules", ())),
    )


def training(key: str, entry: Map, at: Location) -> Training:
    """A training, from its entry."""
    valid_for = _days(entry["valid_for"]) if "valid_for" in entry else None
    return Training(key, entry["title"], at, entry.get("title_zh"), valid_for)


def own_rule(key: str, entry: Map, at: Location) -> OwnRule:
    """A rule of the company's own, from its entry."""
    get = entry.get
    return OwnRule(
        key=key,
        title=entry["title"],
        subject=entry["for"],
        when=entry["when"],
        message=entry["message"],
        at=at,
        title_zh=get("title_zh"),
        message_zh=get("message_zh"),
        hint=get("hint"),
        level=Risk(get("level", "medium")),
        response=_response(entry),
        controls=tuple(get("controls", ())),
    )


def _response(entry: Map) -> Response | None:
    return Response(entry["response"]) if "response" in entry else None


def policy(entries: Mapping[str, Entry]) -> Policy:
    """The policy, from the keys of its section; what is not said stays as it is by default."""
    said = {key: _POLICY[key](entry.value) for key, entry in entries.items()}
    return Policy(**said)


def _days(text: str) -> timedelta:
    return timedelta(days=int(text.removesuffix("d")))


def _responses(entry: Map) -> dict[str, Response]:
    return {pattern: Response(value) for pattern, value in entry.items()}


def _levels(entry: Map) -> dict[Risk, Response]:
    return {Risk(level): Response(value) for level, value in entry.items()}


def _types(entry: list[str]) -> frozenset[UserType]:
    return frozenset(UserType(value) for value in entry)


_POLICY: Mapping[str, Callable[[Any], Any]] = {
    "default": Response,
    "levels": _levels,
    "responses": _responses,
    "soon": _days,
    "temporary_max": _days,
    "mover_grace": _days,
    "dormant_after": _days,
    "leaver_hours": int,
    "key_users_minimum": int,
    "key_users_maximum": int,
    "verify_identity": _types,
    "acknowledge": _types,
    "generic_names": tuple,
}
"""How the value of each key of the section is read."""
