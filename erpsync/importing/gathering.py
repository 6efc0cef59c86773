"""What is new of everything that was made, and what that needs to be valid. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from erpsync.importing.places import Places
from erpsync.importing.values import NOWHERE, TO_BE_NAMED, UNSORTED, Ground, Imported
from erpsync.model import Department, Role, Status, Subsystem, User, UserType, fold

_UNSORTED_DEPARTMENT = Department(UNSORTED, "Not sorted yet", NOWHERE, "待分部门")
_UNSORTED_SUBSYSTEM = Subsystem(UNSORTED, NOWHERE, "Not sorted yet", "待分系统")


def placeholder_key(ground: Ground, taken: Iterable[str]) -> str:
    """The key of the user who stands where somebody has to be named; of an account, it is another one."""
    logins = {fold(key) for key in taken} | ground.live.accounts.keys()
    return TO_BE_NAMED if TO_BE_NAMED not in logins else f"{TO_BE_NAMED}.yet"


def gathered(
    ground: Ground,
    users: Mapping[str, User],
    roles: Mapping[str, Role],
    places: Places,
    owner: str,
    joined: Mapping[str, User],
) -> Imported:
    """Everything that is new and needed.

    Args:
        ground: what there is already.
        users: the new ones, proved.
        roles: a role for each entitlement, old or new.
        places: the departments and positions that were made.
        owner: who answers for what is new; a placeholder is declared where somebody is needed.
        joined: users who were declared before, with what they hold in this target.
    """
    access = ground.access
    everybody = [*users.values(), *joined.values()]
    held = {item.role for user in everybody for item in user.assignments}
    new_roles = {
        role.key: role
        for role in roles.values()
        if role.key not in access.roles and (ground.all_roles or role.key in held)
    }
    owned = bool(new_roles) or any(user.type is UserType.SERVICE for user in users.values())
    if owned and owner not in users and owner not in access.users:
        users = {**users, owner: _placeholder(owner)}
    departments = {**places.departments, UNSORTED: _UNSORTED_DEPARTMENT}
    positions = {key: places.positions[key] for key in _used(users, "position") if key in places.positions}
    needed = _used(users, "department") | {item.department for item in positions.values()}
    declared = access.roles.keys() | new_roles.keys()
    return Imported(
        users=users,
        joined=dict(joined),
        roles=new_roles,
        departments={key: departments[key] for key in sorted(needed) if key not in access.departments},
        positions=dict(sorted(positions.items())),
        subsystems={} if UNSORTED in access.subsystems or not new_roles else {UNSORTED: _UNSORTED_SUBSYSTEM},
        unheld=len(
            ground.catalogue.entitlements - {name for name, role in roles.items() if role.key in declared}
        ),
        owner=owner,
    )


def _placeholder(key: str) -> User:
    """Stands where somebody has to be named. Has left, so that no rule ever gives it anything."""
    return User(key, "To be named 待定", UserType.DEDICATED, NOWHERE, Status.LEFT, department=UNSORTED)


def _used(users: Mapping[str, User], what: str) -> set[str]:
    return {key for user in users.values() if (key := getattr(user, what)) is not None}
