"""Emergencies that git does not know yet: kept in journals, warned of, and held to by every plan. Pure.

The pull request of an emergency comes after it. Until it is merged, the files still say that the
users may work, and a plan made from them would let them in again; so plans count them as locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from erpsync.codec import Json
from erpsync.errors import ErpsyncError
from erpsync.model import Access, Emergency, Finding, Location, Severity, Status, User, fold

EVENT = "emergency"
"""The name of the journal entry that an emergency begins with."""


def to_event(emergency: Emergency) -> dict[str, Json]:
    """What the journal keeps of an emergency, before the first write."""
    return {
        "event": EVENT,
        "id": emergency.key,
        "reason": emergency.reason,
        "approver": emergency.approver,
        "request": emergency.request,
        "day": emergency.day.isoformat(),
        "users": list(emergency.users),
        "logins": list(emergency.logins),
    }


def open_emergencies(entries: Iterable[Mapping[str, Any]], access_has: Collection[str]) -> list[Emergency]:
    """The emergencies of journals that the access files do not declare yet, each once, oldest first.

    Args:
        entries: journal entries, of whatever targets.
        access_has: the ids of the declared emergencies. Once git knows of one, git decides.

    Raises:
        ErpsyncError: an entry is not as erpsync wrote it, so nobody knows whom it locked.
    """
    found = {item.key: item for item in map(_from_event, entries) if item and item.key not in access_has}
    return [found[key] for key in sorted(found)]


def _from_event(entry: Mapping[str, Any]) -> Emergency | None:
    if entry.get("event") != EVENT:
        return None
    try:
        return Emergency(
            key=str(entry["id"]),
            reason=str(entry["reason"]),
            approver=str(entry["approver"]),
            request=entry["request"],
            day=date.fromisoformat(entry["day"]),
            users=tuple(map(str, entry["users"])),
            logins=tuple(map(str, entry["logins"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ErpsyncError(
            "an emergency in the journal is not as erpsync wrote it",
            hint="look at it with erpsync journal verify",
        ) from error


def not_merged(
    emergencies: Iterable[Emergency], places: Mapping[str, Location], files: str
) -> Iterator[Finding]:
    """A warning at each user whom an open emergency locked.

    Args:
        emergencies: those that the access files do not declare.
        places: where each user is declared.
        files: what stands for the place of an emergency whose users are declared nowhere.
    """
    hint = "merge the pull request that declares it under emergencies:; until then plans keep them locked"
    for emergency in emergencies:
        known = [places[key] for key in emergency.users if key in places]
        message = f"locked in emergency {emergency.key} on {emergency.day}, which the files do not declare"
        for at in known or [Location(files, 1, 1)]:
            yield Finding("emergency/not-merged", message, at, hint, Severity.WARNING)


def with_locked(access: Access, emergencies: Iterable[Emergency]) -> Access:
    """The declared state with the users of open emergencies locked, so that no plan lets them in again."""
    keys = {key for emergency in emergencies for key in emergency.users}
    logins = {fold(login) for emergency in emergencies for login in emergency.logins}
    if not keys and not logins:
        return access
    users = {
        key: replace(user, status=Status.LOCKED) if _is_locked(user, keys, logins) else user
        for key, user in access.users.items()
    }
    return replace(access, users=users)


def _is_locked(user: User, keys: Collection[str], logins: Collection[str]) -> bool:
    if user.status is not Status.ACTIVE:
        return False
    return any(key in keys for key in (user.key, *user.previously)) or any(
        fold(login) in logins for login in (user.key, *user.logins.values())
    )
