"""How a user could be declared so that one difference is gone: what to try, or why nothing can be. Pure.

Each kind of difference has its own few answers. None is checked here: whoever asks compares again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from erpsync.model import (
    ALL,
    Assignment,
    Catalogue,
    Change,
    ChangeKind,
    Grant,
    Location,
    Status,
    User,
    Value,
    When,
)
from erpsync.resolve import Resolver, included

_FIT = {
    "name": re.compile(r"(?=.{1,200}\Z)\S(.*\S)?"),
    "email": re.compile(r"(?=.{1,500}\Z)[^@\s]+@[^@\s]+"),
    "login": re.compile(r"\S{1,100}"),
    "language": re.compile(r".{1,500}"),
}
"""The attributes that the files take, as in the schema of access files."""
WITHIN_A_DAY = "it begins or ends within a day, and the files know whole days"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a step starts from: the user as declared so far, the differences that are left, and the terms."""

    user: User
    open: Sequence[Change]
    resolver: Resolver
    catalogue: Catalogue
    reason: str
    request: str | None
    longest: Mapping[str, int]
    kept_locked: bool
    unbounded: frozenset[str] = frozenset()
    """The kinds of scope of which the ERP itself knows `all`."""

    def subjects(self, kind: ChangeKind) -> dict[str, Change]:
        """The differences of a kind, by entitlement."""
        return {change.subject: change for change in self.open if change.kind is kind}

    def role_fits(self, role: str, first: date | None, last: date | None) -> bool:
        """Whether a role may be given for these days, both inclusive."""
        limit = self.longest.get(role)
        return limit is None or bool(first and last and (last - first).days < limit)


@dataclass(frozen=True, slots=True)
class Steps:
    """The users to try, the best first; and why there is nothing to try, if there is nothing."""

    users: Sequence[User] = ()
    why_not: str = ""


def steps(change: Change, ground: Ground) -> Steps:
    """What to try for a difference."""
    return _STEPS[change.kind](change, ground)


def _no_account(change: Change, ground: Ground) -> Steps:  # noqa: ARG001 - one signature for all
    return Steps(why_not="mark the user as left, or take the roles away, by hand; or revert it")


# --- grants -------------------------------------------------------------------------------------------


def _given(change: Change, ground: Ground) -> Steps:
    """What the ERP has and git has not: assign a role that grants this, and nothing but what git lacks."""
    standing = ground.resolver.standing(ground.user)
    spans = _days(change)
    if not standing.keeps_grants:
        return Steps(why_not=f"git says that this user {standing.why}")
    if spans is None:
        return Steps(why_not=WITHIN_A_DAY)
    extra = {subject: other.before for subject, other in ground.subjects(ChangeKind.REVOKE).items()}
    why = "no role grants just that; declare one, or revert it"
    users: list[User] = []
    for role in _roles_for(change.subject, extra, ground.resolver):
        if not all(ground.role_fits(role, *span) for span in spans):
            why = f"role {role} needs both days, at most {ground.longest[role]} of them"
            continue
        new = [
            Assignment(role, ground.reason, ground.user.at, first, last, ground.request)
            for first, last in spans
        ]
        users.append(replace(ground.user, assignments=(*ground.user.assignments, *new)))
    return Steps(users, why)


def _roles_for(subject: str, extra: Mapping[str, Value], resolver: Resolver) -> list[str]:
    """The roles that grant this here, for the same days and together with nothing that git has already.

    None that grants anything elsewhere. The one that grants most comes first, then the least risky.
    """
    roles = resolver.access.roles
    found = []
    for role, leaves in resolver.leaves.items():
        names = {name for name, _ in leaves}
        if subject not in names or not names <= extra.keys():
            continue
        alike = all(_spans(extra[name]) == _spans(extra[subject]) for name in names)
        here = all(set(item.entitlements) <= {resolver.target} for item in included(role, roles).values())
        if alike and here:
            found.append((-len(names), roles[role].risk.rank, role))
    return [role for _, _, role in sorted(found)]


def _lacking(change: Change, ground: Ground) -> Steps:
    """What git gives and the ERP has not: take away the assignments that give it."""
    user, day = ground.user, ground.resolver.as_of
    ways = [
        way
        for way in ground.resolver.entitled(user)
        if (not way.ended(day) if ground.resolver.validity else way.on(day))
    ]
    missing = ground.subjects(ChangeKind.GRANT)
    here = [way for way in ways if way.entitlement == change.subject]
    other = next((way for way in here if way.via != "assignment"), None)
    if other is not None:
        return Steps(why_not=f"{other.via} gives it; change that, or revert it")
    more = {way.at for way in ways if way.entitlement not in missing}
    alone = {way.at for way in ways if way.via == "assignment"} - more
    return Steps([_without(user, alone), _without(user, {way.at for way in here})])


def _without(user: User, places: Collection[Location | None]) -> User:
    return replace(user, assignments=tuple(item for item in user.assignments if item.at not in places))


def _retimed(change: Change, ground: Ground) -> Steps:
    """Held on other days: give the one assignment behind it those days."""
    day = ground.resolver.as_of
    ways = [
        way
        for way in ground.resolver.entitled(ground.user)
        if way.entitlement == change.subject and not way.ended(day)
    ]
    spans = _days(change)
    if spans is None:
        return Steps(why_not=WITHIN_A_DAY)
    if len(ways) != 1 or ways[0].via != "assignment" or len(spans) != 1:
        return Steps(why_not="not one assignment alone is behind it; correct them by hand")
    (first, last), role = spans[0], ways[0].chain[0]
    items = []
    for item in ground.user.assignments:
        if item.at == ways[0].at:
            # What has begun counts as open at its beginning, so the first day may stay as it is written.
            begun = first is None and item.valid_from is not None and item.valid_from <= day
            changed = replace(item, valid_from=item.valid_from if begun else first, valid_to=last)
            if not ground.role_fits(role, changed.valid_from, changed.valid_to):
                return Steps(why_not=f"role {role} needs both days, at most {ground.longest[role]} of them")
            items.append(changed)
        else:
            items.append(item)
    return Steps([replace(ground.user, assignments=tuple(items))])


def _spans(value: Value) -> list[tuple[When, When]]:
    """From when to when each grant of one entitlement holds."""
    return [(grant.valid_from, grant.valid_to) for grant in value or () if isinstance(grant, Grant)]


def _days(change: Change) -> list[tuple[date | None, date | None]] | None:
    """First and last day of each grant of the ERP; None if one begins or ends within a day."""
    spans = _spans(change.before)
    return None if any(isinstance(when, datetime) for span in spans for when in span) else spans


# --- everything else ------------------------------------------------------------------------------------


def _updated(change: Change, ground: Ground) -> Steps:
    name, value = change.subject, str(change.before or "")
    if not value and name == "email":
        return Steps([replace(ground.user, email=None)])
    if not value and name == "language":
        return Steps([replace(ground.user, language=None)])
    if not _FIT[name].fullmatch(value):
        return Steps(why_not=f"the files do not take it as a {name}; correct it in the ERP")
    if name == "login":
        return _renamed(value, ground)
    return Steps([replace(ground.user, **_one(name, value))])


def _one(name: str, value: str) -> dict[str, Any]:
    """One attribute; `replace` takes them by name."""
    return {name: value}


def _renamed(login: str, ground: Ground) -> Steps:
    user, target = ground.user, ground.resolver.target
    logins = {name: known for name, known in user.logins.items() if name != target}
    return Steps([replace(user, logins=logins if login == user.key else {**logins, target: login})])


def _rescoped(change: Change, ground: Ground) -> Steps:
    kind = change.subject
    values = tuple(sorted(str(value) for value in change.before or ()))
    everything = values == (ALL,) and kind in ground.unbounded
    if not everything and not set(values) <= set(ground.catalogue.scopes.get(kind, ())) - {ALL}:
        return Steps(why_not=f"git cannot name each {kind} that the ERP has there; correct it in the ERP")
    scope = {name: held for name, held in ground.user.scope.items() if name != kind}
    return Steps([replace(ground.user, scope={**scope, kind: values} if values else scope)])


def _locked(change: Change, ground: Ground) -> Steps:  # noqa: ARG001 - one signature for all
    return Steps([replace(ground.user, status=Status.LOCKED)])


def _active(change: Change, ground: Ground) -> Steps:  # noqa: ARG001 - one signature for all
    if ground.kept_locked:
        return Steps(why_not="locked in an emergency that is not merged yet")
    if ground.user.status is Status.LOCKED:
        return Steps([replace(ground.user, status=Status.ACTIVE)])
    standing = ground.resolver.standing(ground.user)
    why = "has no role that holds today" if standing.active else standing.why
    return Steps(why_not=f"git says that this user {why}; correct the entry by hand")


_STEPS: Mapping[ChangeKind, Callable[[Change, Ground], Steps]] = {
    ChangeKind.CREATE: _no_account,
    ChangeKind.REVOKE: _given,
    ChangeKind.GRANT: _lacking,
    ChangeKind.RETIME: _retimed,
    ChangeKind.UPDATE: _updated,
    ChangeKind.RESCOPE: _rescoped,
    ChangeKind.UNLOCK: _locked,
    ChangeKind.LOCK: _active,
}
