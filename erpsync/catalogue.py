"""Does the target have what the files name? Asked before anything is compared. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.model import ALL, Access, Catalogue, Finding
from erpsync.schema import suggest


def check_catalogue(access: Access, target: str, catalogue: Catalogue) -> Iterator[Finding]:
    """A finding for each entitlement, scope value and language that the target does not have."""
    known = catalogue.entitlements | catalogue.fixed.keys()
    for role in access.roles.values():
        for name in role.entitlements.get(target, ()):
            if name not in known:
                yield Finding(
                    "target/unknown-entitlement",
                    f"target {target!r} has no entitlement {name!r}, which role {role.key!r} grants",
                    role.at,
                    suggest(name, known, None) or "create it in the ERP first, or correct the name",
                )
    for user in access.users.values():
        for kind, values in user.scope.items():
            if kind not in catalogue.scopes or values == (ALL,):
                continue
            existing = catalogue.scopes[kind]
            for value in values:
                if value not in existing:
                    yield Finding(
                        "target/unknown-scope",
                        f"target {target!r} has no {kind} {value!r}, which user {user.key!r} may touch",
                        user.at,
                        suggest(value, existing, "it has"),
                    )
        if user.language is not None and user.language not in catalogue.languages:
            yield Finding(
                "target/unknown-language",
                f"target {target!r} has no language {user.language!r}, which user {user.key!r} wants",
                user.at,
                suggest(user.language, catalogue.languages, "it has"),
            )
