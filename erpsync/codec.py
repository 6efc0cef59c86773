"""Values ↔ JSON: one canonical form, so that equal values have equal bytes and equal digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from erpsync.model import Account, Grant, When

Json = Any


def canonical(value: Json) -> str:
    """JSON with sorted keys and no blanks: the form that digests are made over."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Json) -> str:
    """SHA-256 over the canonical form, as ``sha256:`` and 64 hex digits."""
    return digest_of_pieces([canonical(value)])


def digest_of_pieces(pieces: Iterable[str]) -> str:
    """The same over a canonical form that comes in pieces."""
    sha256 = hashlib.sha256()
    for piece in pieces:
        sha256.update(piece.encode())
    return f"sha256:{sha256.hexdigest()}"


def fingerprint(account: Account | None) -> str:
    """What a precondition compares: the digest of everything erpsync knows of a live account.

    The absence of an account has a fingerprint of its own.
    """
    return digest(account_to_json(account) if account else None)


def implies_to_json(implies: Mapping[str, frozenset[str]]) -> dict[str, Json]:
    """What comes with entitlements, by name, sorted."""
    return {name: sorted(brought) for name, brought in sorted(implies.items())}


def implies_from_json(value: Mapping[str, Json]) -> dict[str, frozenset[str]]:
    """The inverse of `implies_to_json`."""
    return {name: frozenset(brought) for name, brought in value.items()}


def when_to_json(when: When) -> str | None:
    """ISO 8601: a date for a day, a date and time with offset for an instant."""
    return when.isoformat() if when else None


def when_from_json(text: str | None) -> When:
    """The inverse of `when_to_json`.

    Raises:
        ValueError: the text is neither.
    """
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) == len("2026-01-01") else datetime.fromisoformat(text)


def grant_to_json(grant: Grant) -> dict[str, Json]:
    """A grant; bounds that are open are left out."""
    value: dict[str, Json] = {"entitlement": grant.entitlement}
    if grant.valid_from:
        value["valid_from"] = when_to_json(grant.valid_from)
    if grant.valid_to:
        value["valid_to"] = when_to_json(grant.valid_to)
    return value


def grant_from_json(value: Mapping[str, Json]) -> Grant:
    """The inverse of `grant_to_json`."""
    return Grant(
        value["entitlement"], when_from_json(value.get("valid_from")), when_from_json(value.get("valid_to"))
    )


def account_to_json(account: Account) -> dict[str, Json]:
    """An account, without the connector's own memory of it."""
    return {
        "login": account.login,
        "name": account.name,
        "email": account.email,
        "language": account.language,
        "active": account.active,
        "scope": {kind: list(values) for kind, values in account.scope.items()},
        "grants": [grant_to_json(grant) for grant in account.grants],
    }


def account_from_json(value: Mapping[str, Json]) -> Account:
    """The inverse of `account_to_json`."""
    return Account(
        login=value["login"],
        name=value["name"],
        email=value["email"],
        language=value["language"],
        active=value["active"],
        scope={kind: tuple(values) for kind, values in value["scope"].items()},
        grants=tuple([grant_from_json(grant) for grant in value["grants"]]),
    )


def account_reader() -> Callable[[Mapping[str, Json]], Account]:
    """The same as `account_from_json` for many accounts: what is alike in them is kept once."""
    grants: dict[tuple[str, str | None, str | None], Grant] = {}
    scopes: dict[Any, Mapping[str, tuple[str, ...]]] = {}
    when = cache(when_from_json)

    def grant(value: Mapping[str, Json]) -> Grant:
        name, first, last = key = (value["entitlement"], value.get("valid_from"), value.get("valid_to"))
        found = grants.get(key)
        if found is None:
            found = grants[key] = Grant(name, when(first), when(last))
        return found

    def account(value: Mapping[str, Json]) -> Account:
        said = tuple([(kind, tuple(values)) for kind, values in value["scope"].items()])
        return Account(
            login=value["login"],
            name=value["name"],
            email=value["email"],
            language=value["language"],
            active=value["active"],
            scope=scopes.setdefault(said, dict(said)),
            grants=tuple([grant(item) for item in value["grants"]]),
        )

    return account
