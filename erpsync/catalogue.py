"""Does the target have what the files name? Asked before anything is compared. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.model import ALL, Access, Catalogue, Finding, User
from erpsync.schema import suggest


def check_catalogue(access: Access, target: str, catalogue: Catalogue) -> Iterator[Finding]:
    """A finding for each entitlement, scope and language that the target does not have."""
    yield from _entitlements(access, target, catalogue)
    # A kind of scope that this target does not know may be for another one; if there is another.
    only = len(access.targets) == 1
    for user in access.users.values():
        yield from check_user(user, target, catalogue, only=only)


def check_user(user: User, target: str, catalogue: Catalogue, *, only: bool) -> Iterator[Finding]:
    """A finding for everything of one user that the target does not have.

    Args:
        user: the user.
        target: the name of the target.
        catalogue: what it has.
        only: it is the only target, so that no kind of scope can be meant for another one.
    """
    for kind, values in user.scope.items():
        if kind in catalogue.scopes:
            yield from _scope_values(user, kind, values, target, catalogue)
        elif only:
            message = f"target {target!r} knows no scope {kind!r}, which user {user.key!r} has"
            hint = suggest(kind, catalogue.scopes, "it knows")
            yield Finding("target/unknown-scope", message, user.at, hint)
    if user.language is not None and user.language not in catalogue.languages:
        message = f"target {target!r} has no language {user.language!r}, which user {user.key!r} wants"
        hint = suggest(user.language, catalogue.languages, "it has")
        yield Finding("target/unknown-language", message, user.at, hint)


def _entitlements(access: Access, target: str, catalogue: Catalogue) -> Iterator[Finding]:
    known = catalogue.entitlements | catalogue.fixed.keys()
    for role in access.roles.values():
        for name in role.entitlements.get(target, ()):
            if name not in known:
                message = f"target {target!r} has no entitlement {name!r}, which role {role.key!r} grants"
                hint = suggest(name, known, None) or "create it in the ERP first, or correct the name"
                yield Finding("target/unknown-entitlement", message, role.at, hint)


def _scope_values(
    user: User, kind: str, values: tuple[str, ...], target: str, catalogue: Catalogue
) -> Iterator[Finding]:
    existing = catalogue.scopes[kind]
    for value in values:
        if value not in existing and values != (ALL,):
            message = f"target {target!r} has no {kind} {value!r}, which user {user.key!r} may touch"
            yield Finding("target/unknown-scope", message, user.at, suggest(value, existing, "it has"))
