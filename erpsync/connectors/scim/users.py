"""A User of a SCIM service → Account, and what the writer must know of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from erpsync.connectors.scim.profiles import Profile
from erpsync.connectors.scim.validity import shut_by
from erpsync.model import Account, Description, Grant


@dataclass(frozen=True, slots=True)
class Record:
    """What the connector remembers of an account it read: enough to write it, and only if it did not move.

    ``alone`` is the account as its User says it, without the Groups. ``enabled`` is the attribute
    `active`, ``shut`` the paths of the dates that shut the account whatever that says.
    """

    id: str
    etag: str | None
    alone: Account
    enabled: bool
    shut: tuple[str, ...]
    emails: tuple[Mapping[str, Any], ...]
    groups: frozenset[str] = frozenset()


def read_user(user: Mapping[str, Any], profile: Profile, now: datetime, zone: ZoneInfo) -> Account:
    """The account as its User alone says it, with a `Record` as its version.

    A User that does not say whether it is active counts as active: a leaver is rather locked twice.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: the resource is not a User.
    """
    emails = tuple(dict(item) for item in user.get("emails") or [])
    enabled = str(user.get("active", True)).lower() != "false"
    shut = tuple(shut_by(user, profile, now, zone))
    held = () if profile.kind == "groups" else sorted(_values(user.get(profile.kind) or []))
    account = Account(
        login=_text(user["userName"]),
        name=user.get("displayName") or (user.get("name") or {}).get("formatted") or None,
        email=next((item["value"] for item in _primary_first(emails) if item.get("value")), None),
        language=_language(user.get("preferredLanguage")),
        active=enabled and not shut,
        grants=tuple(map(Grant, held)),
    )
    etag = (user.get("meta") or {}).get("version")
    return replace(account, version=Record(user["id"], etag, account, enabled, shut, emails))


ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
"""Where a User says where it works: https://datatracker.ietf.org/doc/html/rfc7643#section-4.3."""


def describe(user: Mapping[str, Any]) -> Description:
    """What a User says of the person behind it."""
    work = user.get(ENTERPRISE) or {}
    return Description(
        department=work.get("department") or None,
        position=user.get("title") or None,
        employee_no=work.get("employeeNumber") or None,
    )


def direct_groups(user: Mapping[str, Any]) -> frozenset[str]:
    """The groups that a User itself says it is a direct member of. Many services say nothing here."""
    return frozenset(item["value"] for item in user.get("groups") or [] if item.get("type") == "direct")


def with_groups(account: Account, groups: frozenset[str], held: Iterable[str]) -> Account:
    """The account with what its groups give it.

    Args:
        account: as its User alone says it.
        groups: the ids of those it is a direct member of.
        held: the names of what they give.
    """
    record = record_of(account)
    grants = tuple(map(Grant, sorted(set(held))))
    return replace(account, grants=grants, version=replace(record, groups=groups))


def record_of(account: Account | None) -> Record:
    """What the connector remembers of an account that it read."""
    assert account is not None
    assert isinstance(account.version, Record)
    return account.version


def emails_with(record: Record, address: str) -> list[dict[str, Any]]:
    """The e-mail addresses of an account, with another primary one; the others stay."""
    if not record.emails:
        return [{"value": address, "type": "work", "primary": True}]
    first = _primary_first(record.emails)[0]
    kept = {key: value for key, value in first.items() if key != "display"}
    return [kept | {"value": address} if item is first else dict(item) for item in record.emails]


def tag_of(language: str) -> str:
    """A language as SCIM writes it: `zh_CN` → `zh-CN`."""
    return language.replace("_", "-")


def _language(tag: str | None) -> str | None:
    return tag.replace("-", "_") if tag else None


def _primary_first(emails: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(emails, key=lambda item: item.get("primary") is not True)


def _values(items: Iterable[Mapping[str, Any]]) -> set[str]:
    return {_text(item["value"]) for item in items}


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        message = "not a text"
        raise TypeError(message)
    return value
