"""Which parts of the organisation must approve a change: the approval rules held against it. Pure.

The rules come from the base. What they are held against, such as the risk of a role, is looked at on
both sides, so that a proposal can add to its own bar and never lower it. What no rule speaks of falls
to the oversight office, unless it is harmless or only takes access away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from erpsync.model import Access, ApprovalRule, Approver, Change, ChangeKind, Role, User, UserType, Way
from erpsync.proposal import WORDING, EntryChange, Proposed, Span
from erpsync.resolve import included
from erpsync.summary import covers_more, gives

Part = tuple[Approver, str]
"""A part in the organisation, and the department, subsystem, role or user that it is about."""

OFFICE: Part = (Approver.OVERSIGHT, "")

_HARMLESS = {"name", "language", "position", WORDING}
"""Keys of a user that say neither who acts under the name nor who answers; what a position brings is
told as changes of roles. Everything else never changes without an approval."""

_APPROVERS = {"forge", "deputy"}
"""Keys of a user that say whose approvals count: they are part of the rules, whatever a rule says."""

_NAMES = {
    Approver.KEY_USER: "key user",
    Approver.BUSINESS_ADMIN: "business admin",
    Approver.ERP_ADMIN: "ERP admin",
    Approver.DEPARTMENT_HEAD: "head",
    Approver.ROLE_OWNER: "owner",
    Approver.OWNER: "person answering",
    Approver.OVERSIGHT: "oversight office",
}


def part_in_words(part: Part) -> str:
    """``key user of materials``."""
    approver, of = part
    link = "for" if approver is Approver.OWNER else "of"
    return f"{_NAMES[approver]} {link} {of}" if of else _NAMES[approver]


def part_to_text(part: Part) -> str:
    """A part as plans hold it: ``key_user:materials``."""
    approver, of = part
    return f"{approver.value}:{of}" if of else approver.value


def part_from_text(text: str) -> Part:
    """The inverse of `part_to_text`.

    Raises:
        ValueError: there is no such part.
    """
    approver, _, of = text.partition(":")
    return Approver(approver), of


def parts_for_change(change: Proposed, base: Access, head: Access) -> list[Part]:
    """The parts that must approve a change of a user, sorted."""
    role = change.subject if change.way else None
    parts = _parts_by_rule(_asked(change.kind, change.way, role, _user(change.user, base, head), base, head))
    if change.kind is ChangeKind.UPDATE and change.subject in _APPROVERS:
        return sorted({*parts, OFFICE})
    return parts or [OFFICE] * _is_grave(change)


def parts_for_entry(entry: EntryChange, base: Access, head: Access) -> list[Part]:
    """The parts that must approve a change of an entry that is no user, sorted."""
    about = _about(entry, base, head)
    rules = [rule for rule in base.approvals.values() if entry.section in rule.sections]
    # What the entry says nothing of is asked of nobody in particular, so of the oversight office.
    parts = {(need, of) for rule in rules for need in rule.needs for of in about.get(need) or {""}}
    return sorted(parts) or [OFFICE]


def parts_for_planned(change: Change, user: User, access: Access) -> list[Part]:
    """The parts that must approve what made a change of a plan, by each role and way behind it, sorted."""
    found = [(reason.way, reason.role) for reason in change.reasons if reason.way]
    ways: set[tuple[Way | None, str | None]] = set(found) or {(None, None)}
    parts = {
        part
        for way, role in ways
        for part in _parts_by_rule(_asked(change.kind, way, role, [user], access, access))
    }
    grave = gives(change) or (change.kind is ChangeKind.UPDATE and change.subject not in _HARMLESS)
    return sorted(parts) or [OFFICE] * grave


# --- changes of users -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """What rules are held against: everything that is known of a change, before and after it."""

    kind: ChangeKind
    way: Way | None
    role: str | None
    users: list[User]
    roles: list[Role]
    """The role in the base and in the head, each followed by the roles that it includes."""
    rules: Iterable[ApprovalRule]


def _asked(
    kind: ChangeKind, way: Way | None, role: str | None, users: list[User], base: Access, head: Access
) -> _Asked:
    sides = [base] if base is head else [base, head]
    roles = [found for side in sides for found in included(role, side.roles).values()] if role else []
    return _Asked(kind, way, role, users, roles, base.approvals.values())


def _user(key: str, base: Access, head: Access) -> list[User]:
    """The user before, if there was one, and after, if there is one."""
    after = head.users.get(key)
    keys = (key, *(after.previously if after else ()))
    before = next((base.users[key] for key in keys if key in base.users), None)
    return [user for user in (before, after) if user]


def _parts_by_rule(asked: _Asked) -> list[Part]:
    rules = [rule for rule in asked.rules if _matches(rule, asked)]
    return sorted({part for rule in rules for need in rule.needs for part in _parts(need, asked)})


def _matches(rule: ApprovalRule, asked: _Asked) -> bool:
    """Whether every condition of a rule is met, by what was or by what would be."""
    return (
        not rule.sections
        and (not rule.changes or asked.kind.value in rule.changes)
        and (not rule.ways or (asked.way is not None and asked.way.value in rule.ways))
        and (not rule.types or any(user.type.value in rule.types for user in asked.users))
        and (not rule.risks or any(role.risk.value in rule.risks for role in asked.roles))
        and (not rule.subsystems or any(role.subsystem in rule.subsystems for role in asked.roles))
        and (not rule.sensitive or any(role.sensitive in rule.sensitive for role in asked.roles))
    )


def _parts(approver: Approver, asked: _Asked) -> Iterator[Part]:
    """What an approver of a rule is about: the subsystem of the role, the departments of the user."""
    match approver:
        case Approver.KEY_USER | Approver.BUSINESS_ADMIN | Approver.ERP_ADMIN:
            given = [role for role in asked.roles if role.key == asked.role]
            yield from ((approver, role.subsystem or "") for role in given)
        case Approver.ROLE_OWNER:
            if asked.role:
                yield approver, asked.role
        case Approver.DEPARTMENT_HEAD:
            yield from ((approver, user.department or "") for user in asked.users)
        case Approver.OWNER:
            answered = [user for user in asked.users if user.type is not UserType.DEDICATED]
            yield from ((approver, asked.users[0].key) for _ in answered)
        case _:
            yield OFFICE


def _is_grave(change: Proposed) -> bool:
    """Whether a change that no rule speaks of must not pass by itself."""
    match change.kind:
        case ChangeKind.LOCK | ChangeKind.REVOKE:
            return False
        case ChangeKind.RETIME:
            before = cast("tuple[Span, ...]", change.before)
            after = cast("tuple[Span, ...]", change.after)
            # The same days in another way: what went with the position is kept by an assignment.
            return covers_more(before, after) or (before == after and change.way is Way.ASSIGNMENT)
        case ChangeKind.RESCOPE:
            return bool(set(change.after) - set(change.before))
        case ChangeKind.UPDATE:
            return change.subject not in _HARMLESS
        case _:
            return True


# --- changes of other entries -----------------------------------------------------------------------


def _about(entry: EntryChange, base: Access, head: Access) -> dict[Approver, set[str]]:
    """What each part is about, before and after, for an entry of a section."""
    subsystems: set[str] = set()
    departments: set[str] = set()
    owned: set[str] = set()
    for side in (base, head):
        if entry.section == "roles" and entry.key in side.roles:
            subsystems.add(side.roles[entry.key].subsystem or "")
            owned.add(entry.key)
        elif entry.section == "positions" and entry.key in side.positions:
            departments.add(side.positions[entry.key].department)
        elif entry.section == "subsystems":
            subsystems.add(entry.key)
        elif entry.section == "departments":
            departments.add(entry.key)
    return {
        Approver.KEY_USER: subsystems,
        Approver.BUSINESS_ADMIN: subsystems,
        Approver.ERP_ADMIN: subsystems,
        Approver.ROLE_OWNER: owned,
        Approver.DEPARTMENT_HEAD: departments,
    }
