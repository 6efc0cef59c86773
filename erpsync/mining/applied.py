"""The declared state with the roles that were chosen, and whose access it would change. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from erpsync.importing.names import Keys
from erpsync.mining.matrix import Group, Matrix, numbers, replaceable
from erpsync.mining.naming import NOWHERE
from erpsync.mining.selection import Chosen
from erpsync.model import Access, Assignment, Birthright, Position, Role, Status, UserType
from erpsync.resolve import resolver


def changed_users(before: Access, after: Access, as_of: date) -> list[str]:
    """The users whose accounts would not be the same in some target; nobody, if nothing extra is allowed."""
    found: set[str] = set()
    for target in before.targets:
        old = resolver(before, target, as_of, validity=True)
        new = resolver(after, target, as_of, validity=True)
        found |= {
            key for key, user in before.users.items() if old.account(user) != new.account(after.users[key])
        }
    return sorted(found)


def applied(
    chosen: Sequence[Chosen],
    roles: Sequence[Role],
    found: Matrix,
    access: Access,
    as_of: date,
    limited: Collection[str],
) -> Access:
    """The declared state with the roles, rules, and assignments as proposed."""
    positions, birthright = dict(access.positions), dict(access.birthright)
    assigned: dict[int, list[str]] = {}
    replaced: dict[int, set[str]] = {}
    for item, role in zip(chosen, roles, strict=True):
        if item.rule is not None:
            _add_rule(item.rule, role, access, positions, birthright)
        for number in numbers(item.assigned):
            assigned.setdefault(number, []).append(role.key)
        for number in numbers(item.assigned | (item.rule.members if item.rule else 0)):
            replaced.setdefault(number, set()).update(found.roles[part] for part in item.roles)
    users = dict(access.users)
    for number in sorted(replaced):
        user = access.users[found.users[number]]
        kept = [
            given
            for given in user.assignments
            if given.role not in replaced[number] or not replaceable(given, as_of, limited)
        ]
        reason = f"brings what was assigned piece by piece until {as_of}"
        new = [Assignment(key, reason, user.at) for key in assigned.get(number, ())]
        users[user.key] = replace(user, assignments=(*kept, *new))
    return replace(
        access,
        roles={**access.roles, **{role.key: role for role in roles}},
        positions=positions,
        birthright=birthright,
        users=users,
    )


def _add_rule(
    group: Group,
    role: Role,
    access: Access,
    positions: dict[str, Position],
    birthright: dict[str, Birthright],
) -> None:
    """Give a role to a group: with its position, where all who have that are people, else by a rule."""
    if group.kind == "position" and _all_people(group.key, access):
        place = positions[group.key]
        positions[group.key] = replace(place, roles=(*place.roles, role.key))
        return
    key = Keys(birthright).take(role.key, "proposed")
    birthright[key] = Birthright(
        key=key,
        title=f"{role.title}: what all of them hold",
        roles=(role.key,),
        at=NOWHERE,
        types=frozenset({UserType.DEDICATED}),
        departments=frozenset({group.key} if group.kind == "department" else ()),
        positions=frozenset({group.key} if group.kind == "position" else ()),
    )


def _all_people(position: str, access: Access) -> bool:
    return all(
        user.type is UserType.DEDICATED
        for user in access.users.values()
        if user.position == position and user.status is not Status.LEFT
    )
