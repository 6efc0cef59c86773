"""Users whom git knows from another target, and who have an account in this one too. Pure.

Only as long as no role grants anything in this target. After that, who is declared and holds something else
is drift: an import that gave back what a pull request took away would undo it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from erpsync.diff import find
from erpsync.importing.holdings import held, why_not
from erpsync.importing.people import with_assignments
from erpsync.importing.proof import resolver_of
from erpsync.importing.values import Ground
from erpsync.model import Grant, Role, User, fold
from erpsync.resolve import Resolver


@dataclass(frozen=True, slots=True)
class Known:
    """A declared user, and what the account in this target holds."""

    user: User
    grants: tuple[Grant, ...]


def known_people(ground: Ground) -> dict[str, Known]:
    """Those who hold something in a target of which nothing is said yet, by key."""
    if any(ground.target.name in role.entitlements for role in ground.access.roles.values()):
        return {}
    prepared = resolver_of(ground, ground.access)
    desired = prepared.desired()
    found: dict[str, Known] = {}
    for key, user in sorted(ground.access.users.items()):
        account = find(fold(user.login(ground.target.name)), desired, ground.live)
        grants = held(account, ground) if account else ()
        if grants and not why_not(grants, ground):
            found[key] = Known(user, grants)
    return found


def joined_users(
    known: Mapping[str, Known], roles: Mapping[str, Role], prepared: Resolver
) -> dict[str, User]:
    """These users with an assignment for each entitlement that they hold in this target, by key."""
    role_of = {name: role.key for name, role in roles.items()}
    found: dict[str, User] = {}
    for key, item in known.items():
        alone = with_assignments(replace(item.user, assignments=()), item.grants, role_of, prepared)
        new = [replace(given, at=item.user.at) for given in alone.assignments]
        found[key] = replace(item.user, assignments=(*item.user.assignments, *new))
    return found
