"""Who holds what → the business roles behind it, why each, and the declared state with them. Pure.

Nobody's access changes: every user is resolved before and after, for every target, and must come to the
same, unless extra access is allowed; then what is new is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from erpsync.mining.applied import applied
from erpsync.mining.matrix import Matrix, matrix
from erpsync.mining.naming import fit_of, named_roles
from erpsync.mining.proposal import Near, ProposedRole, RoleProposal
from erpsync.mining.selection import Chosen, select
from erpsync.mining.terms import Terms
from erpsync.model import Access, SodRisk
from erpsync.policy.duties import rulebook
from erpsync.policy.sod import role_conflicts


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
    roles = named_roles(chosen, found, access)
    after = applied(chosen, roles, found, access, as_of, limited)
    conflicts: dict[str, list[SodRisk]] = {}
    for key, risk in role_conflicts(after, rulebook(after)):
        conflicts.setdefault(key, []).append(risk)
    proposed = tuple(
        ProposedRole(
            role=role,
            parts=tuple(found.roles[number] for number in item.roles),
            rule=item.rule,
            assigned=tuple(found.names(item.assigned)),
            fit=fit_of(item, found),
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
