"""Business roles that were chosen → the declared state as it would be, and why each role is proposed. Pure.

Nobody's access changes: every user is resolved before and after, for every target, and must come to the
same, unless extra access is allowed; then what is new is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from erpsync.importing.names import Keys, slug
from erpsync.mining.candidates import holders
from erpsync.mining.matrix import Group, Matrix, matrix, numbers, replaceable
from erpsync.mining.selection import Chosen, select
from erpsync.mining.terms import Terms
from erpsync.model import (
    Access,
    Assignment,
    Birthright,
    Location,
    Position,
    Role,
    SodRisk,
    Status,
    UserType,
)
from erpsync.policy.duties import rulebook
from erpsync.policy.sod import role_conflicts
from erpsync.resolve import resolver

NOWHERE = Location("proposal", 1, 1)
PREFIX = "job."
"""What the keys of proposed roles begin with."""
NAMED = 2
"""How many of its roles name a business role that no position or department names."""
ALIKE = 0.5
"""How like a group its holders must be for a role to be named after it (Jaccard, 0 to 1)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a role fits the group most like its holders: how many are in it, and hold all of it."""

    group: Group
    size: int
    covered: int
    lacking: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def likeness(self) -> float:
        """The share of those who are in both, of those who are in either."""
        return self.covered / (self.size + len(self.others))


@dataclass(frozen=True, slots=True)
class ProposedRole:
    """A business role and why it is proposed: a new one, or one there is that a rule is to give.

    ``rule`` says whom a rule gives it to; ``assigned`` are the users who are assigned it. ``extra`` are
    the users who would get something new, with the roles that are new to them.
    """

    role: Role
    parts: tuple[str, ...]
    rule: Group | None
    assigned: tuple[str, ...]
    fit: Fit
    saving: int
    extra: Mapping[str, tuple[str, ...]]
    conflicts: tuple[SodRisk, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A role that nearly all of a group hold, so that a rule could give it but for those who lack it."""

    role: str
    group: Group
    lacking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoleProposal:
    """What is proposed: the roles, and the declared state with them.

    ``before`` and ``after`` count the assignments of the people who were looked at.
    """

    roles: tuple[ProposedRole, ...]
    access: Access
    people: int
    before: int
    after: int
    exceptions: Mapping[str, tuple[str, ...]]
    """By role that would stay assigned directly and alone: to whom."""
    near: tuple[Near, ...]
    """What a rule could give if a few held it too, or were no part of the group."""

    @property
    def new_roles(self) -> list[ProposedRole]:
        """The roles that there are not yet."""
        return [item for item in self.roles if len(item.parts) > 1]

    @property
    def words(self) -> int:
        """How many words of the files it saves: the weighted structural complexity before less after."""
        return sum(item.saving for item in self.roles)


def propose_roles(
    access: Access, as_of: date, terms: Terms, limited: Collection[str] = (), unsorted: str = ""
) -> RoleProposal:
    """Find the business roles behind the assignments of people.

    Args:
        access: the declared state.
        as_of: the day; only what holds on it and has no end is looked at.
        terms: what a proposal must keep to.
        limited: roles that may be given for some days only.
        unsorted: the department that says nothing about its people.
    """
    found = matrix(access, as_of, limited, unsorted)
    chosen = select(found, terms)
    roles = _roles(chosen, found, access)
    after = _applied(chosen, roles, found, access, as_of, limited)
    conflicts: dict[str, list[SodRisk]] = {}
    for key, risk in role_conflicts(after, rulebook(after)):
        conflicts.setdefault(key, []).append(risk)
    proposed = tuple(
        ProposedRole(
            role=role,
            parts=tuple(found.roles[number] for number in item.roles),
            rule=item.rule,
            assigned=tuple(found.names(item.assigned)),
            fit=_fit(item, found),
            saving=item.saving,
            extra=_extra(item, found),
            conflicts=tuple(conflicts.get(role.key, ())),
        )
        for item, role in zip(chosen, roles, strict=True)
    )
    new = {role.key for role in roles} - access.roles.keys()
    exceptions = _exceptions(found, after, new)
    return RoleProposal(
        roles=proposed,
        access=after,
        people=len(found.users),
        before=sum(len(access.users[key].assignments) for key in found.users),
        after=sum(len(after.users[key].assignments) for key in found.users),
        exceptions=exceptions,
        near=tuple(_near(found, exceptions, terms)),
    )


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


# --- the roles -------------------------------------------------------------------------------------------


def _roles(chosen: Sequence[Chosen], found: Matrix, access: Access) -> list[Role]:
    keys = Keys(access.roles)
    roles: list[Role] = []
    named: set[tuple[str, str]] = set()
    for item in chosen:
        parts = [access.roles[found.roles[number]] for number in item.roles]
        if len(parts) == 1:
            # What needs no new role: a rule gives the one there is.
            roles.append(parts[0])
            continue
        title, title_zh = _titles(item, found, access, named)
        roles.append(
            Role(
                key=keys.take(f"{PREFIX}{slug(title)}".rstrip("."), f"{PREFIX}role"),
                title=title,
                title_zh=title_zh,
                at=NOWHERE,
                subsystem=_usual(part.subsystem for part in parts),
                owner=_usual(part.owner for part in parts),
                risk=max((part.risk for part in parts), key=lambda risk: risk.rank),
                includes=tuple(part.key for part in parts),
            )
        )
    return roles


def _usual(values: Iterable[str | None]) -> str | None:
    """The most frequent value; of several, the first by name."""
    counts = Counter(value for value in values if value)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _titles(
    item: Chosen, found: Matrix, access: Access, named: set[tuple[str, str]]
) -> tuple[str, str | None]:
    """What a role is called: like the job it fits, else like the rarest of its roles, which say most.

    ``named`` are the groups that have given a role their name; this one is added.
    """
    fit = _fit(item, found)
    group = fit.group
    alike = group.kind != "everybody" and fit.likeness >= ALIKE
    if (item.rule or alike) and (group.kind, group.key) not in named:
        named.add((group.kind, group.key))
        return _titles_of(group, access)
    rare = sorted(item.roles, key=lambda number: (found.held[number].bit_count(), number))[:NAMED]
    parts = [access.roles[found.roles[number]] for number in rare]
    more = len(item.roles) - len(parts)
    title = ", ".join(part.title for part in parts) + (f" and {more} more" if more else "")
    title_zh = "、".join(part.title_zh or part.title for part in parts) + (
        f"等{len(item.roles)}项" if more else ""
    )
    return title[:500], title_zh[:500]


def _titles_of(group: Group, access: Access) -> tuple[str, str | None]:
    if group.kind == "position":
        place: Position = access.positions[group.key]
        return place.title, place.title_zh
    if group.kind == "department":
        department = access.departments[group.key]
        return f"Everybody in {department.title}", f"{department.title_zh or department.title}全员"
    return "Everybody", "全员"


def _fit(item: Chosen, found: Matrix) -> Fit:
    """The group that a role fits best: the one of its rule, else the one most like its holders (Jaccard)."""
    able = holders(item.roles, found.held)

    def likeness(group: Group) -> tuple[float, int]:
        both, either = (group.members & able).bit_count(), (group.members | able).bit_count()
        return both / either, -group.members.bit_count()

    group = item.rule or max(found.groups, key=likeness)
    members = group.members
    return Fit(
        group,
        members.bit_count(),
        (members & able).bit_count(),
        tuple(found.names(members & ~able)),
        tuple(found.names(able & ~members)),
    )


def _exceptions(found: Matrix, after: Access, new: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Who keeps what as a direct assignment, by role; the one that most people keep first."""
    kept: dict[str, list[str]] = {}
    for user in found.users:
        for role in dict.fromkeys(item.role for item in after.users[user].assignments):
            if role not in new:
                kept.setdefault(role, []).append(user)
    return {role: tuple(kept[role]) for role in sorted(kept, key=lambda role: (-len(kept[role]), role))}


def _near(found: Matrix, exceptions: Mapping[str, tuple[str, ...]], terms: Terms) -> Iterator[Near]:
    """Roles that nearly all people, or all of a department, hold, and that are still assigned there."""
    told: set[str] = set()
    for group in found.groups:
        size = group.members.bit_count()
        members = set(found.names(group.members)) if group.kind != "position" else set()
        for number, role in enumerate(found.roles):
            lacking = group.members & ~found.held[number]
            enough = size - lacking.bit_count() >= terms.coverage * size
            assigned = len(members.intersection(exceptions.get(role, ())))
            if lacking and enough and role not in told and assigned >= terms.least_users:
                told.add(role)
                yield Near(role, group, tuple(found.names(lacking)))


def _extra(item: Chosen, found: Matrix) -> dict[str, tuple[str, ...]]:
    extra: dict[str, list[str]] = {}
    for number, bits in zip(item.roles, item.extra, strict=True):
        for user in found.names(bits):
            extra.setdefault(user, []).append(found.roles[number])
    return {user: tuple(roles) for user, roles in sorted(extra.items())}


# --- the declared state with them --------------------------------------------------------------------------


def _applied(
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
