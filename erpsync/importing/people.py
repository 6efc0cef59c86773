"""Accounts → users, each with exactly the roles that the account holds. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from erpsync.importing.names import Keys, is_key
from erpsync.importing.technical import Nature
from erpsync.importing.values import NOWHERE, Ground, Told
from erpsync.model import ALL, Account, Assignment, Grant, Status, User, UserType, fold
from erpsync.resolve import Resolver

_EMAIL = re.compile(r"(?=.{1,500}\Z)[^@\s]+@[^@\s]+")
_NAME = re.compile(r"(?=.{1,200}\Z)\S(.*\S)?")
NAMESAKES = 3
"""How many people of one name are worth a look; more of them have a common name, or one of a test."""
_LOGIN = re.compile(r"\S{1,100}")


@dataclass(frozen=True, slots=True)
class Draft:
    """An account that is to be declared: what it is, and the grants that have to be said."""

    account: Account
    nature: Nature
    grants: tuple[Grant, ...]


def why_not(account: Account, ground: Ground) -> str:
    """Why the files have no words for an account as such, whatever it holds; or nothing."""
    if not _LOGIN.fullmatch(account.login):
        return "its login has blanks in it or is too long; git cannot name it"
    if "name" in ground.capabilities.attributes and not _NAME.fullmatch(account.name or ""):
        return "has no name that the files take; give it one in the ERP" if account.name else "has no name"
    for kind, values in sorted(account.scope.items()):
        known = ground.catalogue.scopes.get(kind)
        # Where the ERP itself knows `all`, that is a value; elsewhere the proof finds that it is not.
        unknown = sorted({*values} - {*known, ALL}) if known is not None else []
        if unknown and kind in ground.capabilities.scopes:
            return f"may touch {kind} {unknown[0]}, which the ERP does not list"
    return ""


def keys_of(drafts: Collection[Draft], ground: Ground) -> dict[str, str]:
    """The key of the user for each login: the login itself where it can be one and is free."""
    declared = [name for user in ground.access.users.values() for name in (user.key, *user.previously)]
    # An account is also looked for under the key of its user, so no key may be the login of another one.
    others = ground.live.accounts.keys() - {fold(draft.account.login) for draft in drafts}
    keys = Keys([*declared, *others])
    # Logins that are keys come first, so that no made key takes one away.
    ordered = sorted(drafts, key=lambda draft: (not is_key(draft.account.login), fold(draft.account.login)))
    return {draft.account.login: keys.take(draft.account.login, "account") for draft in ordered}


def user_of(draft: Draft, key: str, place: Place, owner: str, ground: Ground) -> User:
    """The user of an account, without assignments yet."""
    account, service = draft.account, draft.nature is Nature.TECHNICAL
    told = ground.capabilities.attributes
    email = account.email if "email" in told and _EMAIL.fullmatch(account.email or "") else None
    language = account.language if "language" in told else None
    return User(
        key=key,
        name=account.name if account.name and "name" in told else account.login,
        type=UserType.SERVICE if service else UserType.DEDICATED,
        at=NOWHERE,
        status=Status.ACTIVE if account.active else Status.LOCKED,
        employee_no=place.employee_no,
        email=email,
        language=language if language in ground.catalogue.languages else None,
        department=place.department,
        position=place.position,
        owner=owner if service else None,
        logins={} if key == account.login else {ground.target.name: account.login},
        scope={
            kind: tuple(sorted(values))
            for kind, values in sorted(account.scope.items())
            if values and kind in ground.capabilities.scopes
        },
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person works, by the keys of department and position, and the personnel number."""

    department: str | None = None
    position: str | None = None
    employee_no: str | None = None


def with_assignments(
    user: User, grants: tuple[Grant, ...], roles: Mapping[str, str], resolver: Resolver
) -> User:
    """The user with an assignment for each grant that position and rules do not bring.

    Args:
        user: without assignments.
        grants: what has to be declared.
        roles: the role of each entitlement.
        resolver: of a declared state that has those roles, and the position of the user.
    """
    brought = {(grant.entitlement, grant.valid_to) for grant in resolver.grants(user)}
    reason = f"held in {resolver.target} on {resolver.as_of} when it was imported"
    return replace(
        user,
        assignments=tuple(
            Assignment(roles[grant.entitlement], reason, NOWHERE, grant.valid_from, grant.valid_to)
            for grant in grants
            if (grant.entitlement, grant.valid_to) not in brought
        ),
    )


def notes_of(draft: Draft, user: User, ended: tuple[str, ...], ground: Ground) -> Iterator[Told]:
    """What people should look at in an account that is declared."""
    account, told = draft.account, ground.capabilities.attributes
    if ended:
        yield Told(account.login, f"held {', '.join(ended)} until it ended; that is not declared")
    if account.email and "email" in told and user.email is None:
        yield Told(account.login, "has an e-mail address that the files do not take; it is left out")
    if account.language and "language" in told and user.language is None:
        yield Told(account.login, f"has the language {account.language}, which the ERP does not list")
    if user.logins:
        yield Told(account.login, f"cannot be a key, or is one already: the user is {user.key}")
    fixed = [grant.entitlement for grant in draft.grants if grant.entitlement in ground.catalogue.fixed]
    if fixed:
        why = ground.catalogue.fixed[fixed[0]]
        yield Told(account.login, f"holds {', '.join(fixed)}, which erpsync can neither give nor take: {why}")
    if "name" not in told:
        yield Told(account.login, "the ERP does not tell its name; fill it in")


def twins(users: Mapping[str, User]) -> Iterator[tuple[str, str]]:
    """Users who may be one person, as the others' keys and by what: by number, e-mail address or name."""
    for what in ("employee_no", "email", "name"):
        same: dict[str, list[str]] = {}
        for key, user in sorted(users.items()):
            value = getattr(user, what)
            if value and user.type is UserType.DEDICATED:
                same.setdefault(fold(" ".join(value.split())), []).append(key)
        for keys in same.values():
            if what == "name" and len(keys) > NAMESAKES:
                continue
            for key in keys[1:]:
                yield key, f"may be one person with {keys[0]}: the same {_WORDS[what]}"


_WORDS = {"employee_no": "personnel number", "email": "e-mail address", "name": "name"}
