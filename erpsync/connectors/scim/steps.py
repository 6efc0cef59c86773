"""AccountChange → requests, in order: what locks comes first, then what takes, then what gives. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import quote

from erpsync.connectors.scim.messages import USER, Json, patch, quoted
from erpsync.connectors.scim.profiles import Kind
from erpsync.connectors.scim.users import Record, emails_with, record_of, tag_of
from erpsync.model import Account

NEW = "bulkId:new"
"""Stands for the id of the account that an earlier step makes (RFC 7644, section 3.7.2)."""


class Stage(Enum):
    """In which order steps are taken, of one account as of many."""

    CHANGE = "change"
    """A User is changed, and perhaps locked."""
    TAKE = "take"
    """A member is removed from a Group."""
    OPEN = "open"
    """A User is made, or gets active again."""
    GIVE = "give"
    """A member is added to a Group."""


@dataclass(frozen=True, slots=True)
class Step:
    """One request, what it does, in words, and when. Of a User, it is under the version that was read."""

    does: str
    method: str
    path: str
    body: Json
    stage: Stage

    @property
    def of_user(self) -> bool:
        """Whether it changes a User that is there."""
        return self.method == "PATCH" and self.stage in (Stage.CHANGE, Stage.OPEN)


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are in a service: its endpoints, and its groups by name."""

    users: str
    groups: str | None
    kind: Kind
    ids: Mapping[str, str]


def creation(after: Account, places: Places) -> list[Step]:
    """The steps that make an account. It has no password: its owner gets one from the service."""
    body: Json = {"schemas": [USER], "userName": after.login, "active": after.active}
    if after.name is not None:
        body |= {"displayName": after.name, "name": {"formatted": after.name}}
    if after.email is not None:
        body["emails"] = [{"value": after.email, "type": "work", "primary": True}]
    if after.language is not None:
        body["preferredLanguage"] = tag_of(after.language)
    held = [grant.entitlement for grant in after.grants]
    if places.kind != "groups" and held:
        body[places.kind] = [{"value": name} for name in held]
    made = Step("create the account", "POST", places.users, body, Stage.OPEN)
    gives = _memberships("add", held, NEW, places) if places.kind == "groups" else []
    return [made, *gives]


def alteration(live: Account, after: Account, places: Places) -> list[list[Step]]:
    """The steps that change an account, in one or two parts.

    Before each part it is looked whether the account is still what it was. There are two where an account
    gets active again that is to lose something: it loses it first.
    """
    record = record_of(live)
    held, wanted = ({grant.entitlement for grant in account.grants} for account in (live, after))
    taken, given = sorted(held - wanted), sorted(wanted - held)
    operations = list(_attributes(live, after, record))
    if places.kind != "groups":
        operations += _values(places.kind, taken, given)
        taken, given = [], []
    path = f"{places.users}/{quote(record.id, safe='')}"
    unlocks = after.active and not live.active
    stage = Stage.OPEN if unlocks else Stage.CHANGE
    user = [Step(_words(live, after), "PATCH", path, patch(operations), stage)] if operations else []
    takes = _memberships("remove", taken, record.id, places)
    gives = _memberships("add", given, record.id, places)
    parts = [takes, [*user, *gives]] if unlocks else [[*user, *takes, *gives]]
    return [part for part in parts if part]


def _words(live: Account, after: Account) -> str:
    if live.active == after.active:
        return "change the account"
    return "unlock the account" if after.active else "lock the account"


def _attributes(live: Account, after: Account, record: Record) -> Iterator[dict[str, Any]]:
    if live.active and not after.active:
        yield _replace("active", value=False)
    if live.login != after.login:
        yield _replace("userName", after.login)
    if live.name != after.name:
        yield _replace("displayName", after.name)
        yield _replace("name.formatted", after.name)
    if live.email != after.email and after.email is not None:
        yield _replace("emails", emails_with(record, after.email))
    if live.language != after.language and after.language is not None:
        yield _replace("preferredLanguage", tag_of(after.language))
    if after.active and not live.active:
        yield from ({"op": "remove", "path": path} for path in record.shut)
        if not record.enabled:
            yield _replace("active", value=True)


def _replace(path: str, value: object) -> dict[str, Any]:
    return {"op": "replace", "path": path, "value": value}


def _values(kind: Kind, taken: Sequence[str], given: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Roles or entitlements of the User itself: all of them in the one request that changes it."""
    for name in taken:
        yield {"op": "remove", "path": f"{kind}[value eq {quoted(name)}]"}
    if given:
        yield {"op": "add", "path": kind, "value": [{"value": name} for name in given]}


def _memberships(how: str, names: Sequence[str], user: str, places: Places) -> list[Step]:
    return [_membership(how, name, user, places) for name in names]


def _membership(how: str, name: str, user: str, places: Places) -> Step:
    """One member added or removed. A group is never sent whole: that would undo what others do to it."""
    if how == "add":
        operation: dict[str, Any] = {"op": "add", "path": "members", "value": [{"value": user}]}
    else:
        operation = {"op": "remove", "path": f"members[value eq {quoted(user)}]"}
    does, stage = (f"give {name}", Stage.GIVE) if how == "add" else (f"take {name}", Stage.TAKE)
    return Step(
        does, "PATCH", f"{places.groups}/{quote(places.ids[name], safe='')}", patch([operation]), stage
    )
