"""Targets, their limits, and waivers."""

from __future__ import annotations

from erpsync.model import Limit, LimitKind, Location, Manage, Mode, Target, Waiver
from erpsync.references import day
from erpsync.yaml_tree import Map


def target(key: str, entry: Map, at: Location) -> Target:
    """A target, from its entry."""
    unmanaged = entry.get("unmanaged", {})
    credentials = entry.get("credentials", {})
    return Target(
        name=key,
        connector=entry["connector"],
        url=entry["url"],
        username=credentials.get("username"),
        password=credentials.get("password"),
        at=at,
        database=entry.get("database"),
        options=entry.get("options", {}),
        manage=Manage(**{kind: Mode(mode) for kind, mode in entry.get("manage", {}).items()}),
        unmanaged_is_drift=unmanaged.get("accounts") == "drift",
        ignore=tuple(unmanaged.get("ignore", ())),
        protected=tuple(entry.get("protected", ())),
        limits={LimitKind(kind): limit(most) for kind, most in entry.get("limits", {}).items()},
        shared_lock=entry.get("lock") == "remote",
        insecure=entry.get("insecure") == "true",
        requests_per_minute=int(entry["requests_per_minute"]) if "requests_per_minute" in entry else None,
    )


def limit(entry: Map) -> Limit:
    """A limit, from its entry."""
    share = entry.get("share")
    return Limit(
        count=int(entry["count"]) if "count" in entry else None,
        share=float(share.removesuffix("%")) / 100 if share else None,
    )


def waiver(key: str, entry: Map, at: Location) -> Waiver:
    """A waiver, from its entry."""
    return Waiver(
        key=key,
        reason=entry["reason"],
        owner=entry["owner"],
        limits=frozenset(LimitKind(kind) for kind in entry.get("limits", ())),
        users=frozenset(entry["users"]),
        valid_to=day(entry["valid_to"]),
        at=at,
        rules=frozenset(entry.get("rules", ())),
    )
