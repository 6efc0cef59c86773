"""The live state of a target → what has to be declared for git to say the same. Pure.

Every account is proved before it counts: it is compared as a plan would compare it if everything were
enforced. An account of which git cannot say all is not declared at all, so no plan will ever change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from erpsync.errors import UsageError
from erpsync.importing import holdings, people
from erpsync.importing.elsewhere import joined_users, known_people
from erpsync.importing.gathering import gathered, placeholder_key
from erpsync.importing.people import Draft, keys_of, notes_of, twins, user_of, with_assignments
from erpsync.importing.places import NOBODY, Places
from erpsync.importing.proof import differing, resolver_of, said, strangers
from erpsync.importing.roles import known_roles, new_roles
from erpsync.importing.technical import Nature, nature
from erpsync.importing.values import Ground, Imported, Told
from erpsync.model import Access, Grant, Role, User, fold
from erpsync.resolve import Resolver


def import_live(ground: Ground) -> Imported:
    """Declare what a target has and git does not know yet.

    Raises:
        UsageError: the owner is nobody who could answer for anything.
    """
    drafts, protected, left_out = _drafted(ground)
    known = known_people(ground)
    keys = keys_of(drafts, ground)
    owner = _owner(ground, drafts, keys)
    roles = _roles(
        ground, [*(draft.grants for draft in drafts), *(item.grants for item in known.values())], owner
    )
    places = Places(ground)
    of = ground.descriptions.people
    places.add(of.get(fold(draft.account.login), NOBODY) for draft in drafts)
    prepared = resolver_of(ground, _grown(ground, {}, roles.values(), places))
    users = _users(ground, drafts, keys, owner, roles, places, prepared)
    joined = joined_users(known, roles, prepared)
    refused = differing(ground, _grown(ground, users | joined, roles.values(), places))
    users = {key: user for key, user in sorted(users.items()) if key not in refused}
    joined = {key: user for key, user in joined.items() if key not in refused}
    if owner in refused:
        raise UsageError(
            f"{ground.owner!r} cannot be declared, so it cannot own anything: {said(refused[owner])}"
        )
    logins = {key: login for login, key in keys.items()}
    left_out += [Told(logins[key], said(change)) for key, change in refused.items() if key in logins]
    notes = [note for draft in drafts for note in _notes(draft, users.get(keys[draft.account.login]), ground)]
    notes += [Told(logins[key], what) for key, what in twins(users)]
    return replace(
        gathered(ground, users, roles, places, owner, joined),
        protected=tuple(protected),
        left_out=tuple(sorted(left_out)),
        notes=tuple(sorted(notes)),
        differing=len(refused.keys() - keys.values()),
    )


def _drafted(ground: Ground) -> tuple[list[Draft], list[str], list[Told]]:
    """The accounts to be declared, those to be protected, and those that cannot be declared."""
    drafts: list[Draft] = []
    protected: list[str] = []
    left_out: list[Told] = []
    names = {fold(name) for user in ground.access.users.values() for name in (user.key, *user.previously)}
    for account in strangers(ground):
        kind = nature(account, ground.live, ground.access.policy.generic_names)
        grants = holdings.held(account, ground)
        if kind is Nature.BUILT_IN:
            protected.append(account.login)
        elif fold(account.login) in names:
            left_out.append(
                Told(account.login, "has the login of another user's earlier account, or its key")
            )
        elif why := people.why_not(account, ground) or holdings.why_not(grants, ground):
            left_out.append(Told(account.login, why))
        else:
            drafts.append(Draft(account, kind, grants))
    return drafts, protected, left_out


def _owner(ground: Ground, drafts: Sequence[Draft], keys: Mapping[str, str]) -> str:
    """The key of who answers for what is new."""
    if ground.owner is None:
        return placeholder_key(ground, keys.values())
    people_ = {
        fold(draft.account.login): keys[draft.account.login]
        for draft in drafts
        if draft.nature is Nature.PERSON
    }
    people_ |= {fold(user.login(ground.target.name)): key for key, user in ground.access.users.items()}
    found = ground.owner if ground.owner in ground.access.users else people_.get(fold(ground.owner))
    if found is None:
        raise UsageError(
            f"no person has the login {ground.owner!r}, so nobody can answer for what is imported",
            hint=f"name the login of a person in target {ground.target.name!r}, or a declared user",
        )
    return found


def _roles(ground: Ground, held: Iterable[Sequence[Grant]], owner: str) -> dict[str, Role]:
    """By entitlement, the role that grants just that: a declared one, or a new one."""
    wanted = {grant.entitlement for grants in held for grant in grants}
    if ground.all_roles:
        wanted |= ground.catalogue.entitlements
    known = known_roles(ground)
    return {name: ground.access.roles[key] for name, key in known.items()} | new_roles(
        wanted, ground, known, owner
    )


def _users(
    ground: Ground,
    drafts: Iterable[Draft],
    keys: Mapping[str, str],
    owner: str,
    roles: Mapping[str, Role],
    places: Places,
    prepared: Resolver,
) -> dict[str, User]:
    """The users of the accounts, by key, with what they hold."""
    role_of = {name: role.key for name, role in roles.items()}
    users: dict[str, User] = {}
    for draft in drafts:
        key = keys[draft.account.login]
        description = ground.descriptions.people.get(fold(draft.account.login), NOBODY)
        place = places.of(description, person=draft.nature is Nature.PERSON)
        user = user_of(draft, key, place, owner, ground)
        users[key] = with_assignments(user, draft.grants, role_of, prepared)
    return users


def _grown(ground: Ground, users: Mapping[str, User], roles: Iterable[Role], places: Places) -> Access:
    """The declared state with what was made."""
    access = ground.access
    return replace(
        access,
        users={**access.users, **users},
        roles={**access.roles, **{role.key: role for role in roles}},
        positions={**access.positions, **places.positions},
    )


def _notes(draft: Draft, user: User | None, ground: Ground) -> Iterable[Told]:
    return notes_of(draft, user, holdings.ended(draft.account, ground), ground) if user else ()
