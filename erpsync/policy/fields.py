"""What own rules may look at: the fields of users, roles and assignments. Pure.

Fields are named as in the YAML where they stand there. A text that is not said is empty, a day is
written YYYY-MM-DD, so that days compare as texts, and `FOREVER` stands for days without end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from erpsync.model import Access, Assignment
from erpsync.policy.expressions import Kind
from erpsync.policy.subjects import FOREVER, Subject, World


@dataclass(frozen=True, slots=True)
class Field:
    """A field: what it holds, what it says, and how it is told of a subject."""

    kind: Kind
    says: str
    tell: Callable[[Subject, World], object]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _risk_of(roles: Iterable[str], world: World) -> str:
    risks = [world.access.roles[key].risk for role in roles for key in world.closure(role)]
    return max(risks, key=lambda risk: risk.rank).value if risks else ""


def _active(key: str | None, access: Access) -> bool:
    return key is not None and key in access.users and access.users[key].status == "active"


TODAY = Field(Kind.TEXT, "the day", lambda _, world: world.today.isoformat())

USER: Mapping[str, Field] = {
    "today": TODAY,
    "key": Field(Kind.TEXT, "the key", lambda it, _: it.user.key),
    "name": Field(Kind.TEXT, "the name", lambda it, _: it.user.name),
    "user_type": Field(
        Kind.TEXT, "the type; CEL keeps the word type for itself", lambda it, _: it.user.type.value
    ),
    "status": Field(Kind.TEXT, "the status", lambda it, _: it.user.status.value),
    "employee_no": Field(Kind.TEXT, "the employee number", lambda it, _: _text(it.user.employee_no)),
    "email": Field(Kind.TEXT, "the e-mail address", lambda it, _: _text(it.user.email)),
    "language": Field(Kind.TEXT, "the language", lambda it, _: _text(it.user.language)),
    "purpose": Field(Kind.TEXT, "the purpose", lambda it, _: _text(it.user.purpose)),
    "department": Field(Kind.TEXT, "the department", lambda it, _: _text(it.user.department)),
    "position": Field(Kind.TEXT, "the position", lambda it, _: _text(it.user.position)),
    "position_since": Field(Kind.TEXT, "the first day in it", lambda it, _: _text(it.user.position_since)),
    "owner": Field(Kind.TEXT, "who answers for it", lambda it, _: _text(it.user.owner)),
    "deputy": Field(Kind.TEXT, "the deputy", lambda it, _: _text(it.user.deputy)),
    "left_on": Field(Kind.TEXT, "the day of leaving", lambda it, _: _text(it.user.left_on)),
    "valid_from": Field(Kind.TEXT, "the first day", lambda it, _: _text(it.user.valid_from)),
    "valid_to": Field(Kind.TEXT, "the last day", lambda it, _: _text(it.user.valid_to)),
    "identity_verified": Field(Kind.TEXT, "the day of it", lambda it, _: _text(it.user.identity_verified)),
    "acknowledged": Field(Kind.TEXT, "the day of it", lambda it, _: _text(it.user.acknowledged)),
    "logins": Field(
        Kind.TEXTS_BY_KEY, "the login by target, where declared", lambda it, _: dict(it.user.logins)
    ),
    "trainings": Field(
        Kind.TEXTS_BY_KEY,
        "the day by training",
        lambda it, _: {key: day.isoformat() for key, day in it.user.trainings.items()},
    ),
    "scope": Field(
        Kind.LISTS_BY_KEY,
        "the values by kind of scope",
        lambda it, _: {kind: list(values) for kind, values in it.user.scope.items()},
    ),
    "assignments": Field(
        Kind.TEXTS,
        "the roles assigned, on whatever days",
        lambda it, _: [item.role for item in it.user.assignments],
    ),
    "roles": Field(Kind.TEXTS, "the roles held today", lambda it, world: list(world.held(it.user))),
    "all_roles": Field(
        Kind.TEXTS,
        "those, and the ones that they include",
        lambda it, world: sorted({key for role in world.held(it.user) for key in world.closure(role)}),
    ),
    "functions": Field(
        Kind.TEXTS, "the functions that they bring", lambda it, world: world.functions(world.held(it.user))
    ),
    "risk": Field(
        Kind.TEXT,
        "the highest risk of them, empty without any",
        lambda it, world: _risk_of(world.held(it.user), world),
    ),
    "has_owner": Field(
        Kind.TRUTH, "the owner is an active user", lambda it, world: _active(it.user.owner, world.access)
    ),
    "is_away": Field(Kind.TRUTH, "away today", lambda it, world: it.user.is_away(world.today)),
    "days_left": Field(
        Kind.NUMBER,
        "the days until the last one: 0 on that day, below 0 after it, 999999 without end",
        lambda it, world: world.days_to(it.user.valid_to),
    ),
}

ROLE: Mapping[str, Field] = {
    "today": TODAY,
    "key": Field(Kind.TEXT, "the key", lambda it, _: it.role.key),
    "title": Field(Kind.TEXT, "the title", lambda it, _: it.role.title),
    "title_zh": Field(Kind.TEXT, "the Chinese title", lambda it, _: _text(it.role.title_zh)),
    "description": Field(Kind.TEXT, "the description", lambda it, _: _text(it.role.description)),
    "subsystem": Field(Kind.TEXT, "the subsystem", lambda it, _: _text(it.role.subsystem)),
    "owner": Field(Kind.TEXT, "who answers for it", lambda it, _: _text(it.role.owner)),
    "risk": Field(Kind.TEXT, "its risk", lambda it, _: it.role.risk.value),
    "sensitive": Field(Kind.TEXT, "the sensitive class", lambda it, _: _text(it.role.sensitive)),
    "sensitive_access": Field(Kind.TEXT, "read or write", lambda it, _: it.role.sensitive_access),
    "max_holders": Field(
        Kind.NUMBER, "how many may have it, 999999 if not said", lambda it, _: it.role.max_holders or FOREVER
    ),
    "includes": Field(Kind.TEXTS, "the roles that it includes itself", lambda it, _: list(it.role.includes)),
    "requires_training": Field(
        Kind.TEXTS, "the trainings it requires", lambda it, _: list(it.role.requires_training)
    ),
    "functions": Field(
        Kind.TEXTS,
        "its functions, with those of included roles",
        lambda it, world: world.functions([it.role.key]),
    ),
    "entitlements": Field(
        Kind.LISTS_BY_KEY,
        "what it grants itself, by target",
        lambda it, _: {target: list(names) for target, names in it.role.entitlements.items()},
    ),
    "holders": Field(
        Kind.TEXTS,
        "the users who have it today, directly or included",
        lambda it, world: world.holders(it.role.key),
    ),
    "has_owner": Field(
        Kind.TRUTH, "the owner is an active user", lambda it, world: _active(it.role.owner, world.access)
    ),
}

ASSIGNMENT: Mapping[str, Field] = {
    "today": TODAY,
    "user": Field(Kind.TEXT, "the user's key", lambda it, _: it.user.key),
    "role": Field(Kind.TEXT, "the role's key", lambda it, _: it.assignment.role),
    "reason": Field(Kind.TEXT, "the reason", lambda it, _: it.assignment.reason),
    "request": Field(Kind.TEXT, "the request", lambda it, _: _text(it.assignment.request)),
    "valid_from": Field(Kind.TEXT, "the first day", lambda it, _: _text(it.assignment.valid_from)),
    "valid_to": Field(Kind.TEXT, "the last day", lambda it, _: _text(it.assignment.valid_to)),
    "days_left": Field(
        Kind.NUMBER,
        "the days until the last one: 0 on that day, below 0 after it, 999999 without end",
        lambda it, world: world.days_to(it.assignment.valid_to),
    ),
    "days": Field(
        Kind.NUMBER,
        "how many days it lasts, from today where no first day is said; 999999 without end",
        lambda it, world: _lasts(it.assignment, world),
    ),
    "user_type": Field(Kind.TEXT, "the user's type", lambda it, _: it.user.type.value),
    "user_status": Field(Kind.TEXT, "the user's status", lambda it, _: it.user.status.value),
    "user_department": Field(Kind.TEXT, "the user's department", lambda it, _: _text(it.user.department)),
    "user_position": Field(Kind.TEXT, "the user's position", lambda it, _: _text(it.user.position)),
    "role_risk": Field(
        Kind.TEXT,
        "the highest risk of the role and what it includes",
        lambda it, world: _risk_of([it.assignment.role], world),
    ),
    "role_subsystem": Field(Kind.TEXT, "the role's subsystem", lambda it, _: _text(it.role.subsystem)),
    "role_sensitive": Field(Kind.TEXT, "the role's sensitive class", lambda it, _: _text(it.role.sensitive)),
    "role_functions": Field(
        Kind.TEXTS, "the functions that it brings", lambda it, world: world.functions([it.assignment.role])
    ),
}


def _lasts(item: Assignment, world: World) -> int:
    if item.valid_to is None:
        return FOREVER
    return (item.valid_to - (item.valid_from or world.today)).days + 1


FIELDS: Mapping[str, Mapping[str, Field]] = {"users": USER, "roles": ROLE, "assignments": ASSIGNMENT}
"""The fields by what a rule is for."""


def kinds(subject: str) -> dict[str, Kind]:
    """What the fields of a kind of subject hold."""
    return {name: item.kind for name, item in FIELDS[subject].items()}
