"""How a user came to each role, and what was written of it: facts of git, forge and journal as one. Pure.

A fact that no source tells is None, never a guess. What git says of people and times is what the
commits claim; the journal and the forge say what was checked when it happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from erpsync.model import Access, ChangeKind, Location, Role, Status, User, Way
from erpsync.proposal import Span
from erpsync.resolve import birthright_rules, included, roles_of, way_of
from erpsync.trail_history import History, Source, Step, proved
from erpsync.trail_journal import Attempt, Evidence


@dataclass(frozen=True, slots=True)
class Held:
    """One way in which the user holds a role now, and on which days."""

    span: Span
    way: Way
    via: str
    at: Location | None
    reason: str | None = None
    request: str | None = None


@dataclass(frozen=True, slots=True)
class GrantTrail:
    """One role of the user: how it is held, how it came and went, and what runs wrote of it.

    Without ``held`` it was lost. The steps are those since it was last given, or all of them;
    ``begins`` says whether the first of them is the one that gave it. ``followed`` says that a run is
    known that wrote from a commit with the last of them, or from a later one.
    """

    role: str
    title: str
    title_zh: str | None
    held: tuple[Held, ...]
    steps: tuple[Step, ...]
    attempts: tuple[Attempt, ...]
    followed: bool

    @property
    def begins(self) -> bool:
        """Whether it is known how the role was given."""
        return bool(self.steps) and self.steps[0].change.kind is ChangeKind.GRANT


@dataclass(frozen=True, slots=True)
class Trail:
    """Everything that is known of how a user came to the roles."""

    user: str
    name: str | None
    as_of: date
    grants: tuple[GrantTrail, ...]
    history: History | None
    """None where the files are not in git."""


def held_roles(user: User, access: Access) -> dict[str, tuple[Held, ...]]:
    """The roles that the files give a user, on whatever days; one who has left has none."""
    if user.status is Status.LEFT:
        return {}
    reasons: dict[Location | None, str] = {item.at: item.reason for item in user.assignments}
    rules = birthright_rules(access)
    found: dict[str, tuple[Held, ...]] = {}
    for role, first, last, via, at, request in roles_of(user, access.positions, rules):
        way = way_of(via)
        reason = reasons.get(at) if way is Way.ASSIGNMENT else None
        found[role] = (*found.get(role, ()), Held((first, last), way, via, at, reason, request))
    return found


def trail_of(
    key: str,
    access: Access,
    as_of: date,
    history: History | None,
    attempts: Sequence[Attempt],
    *,
    evidence: Mapping[Source, Mapping[str, Evidence]],
    roles: Iterable[str],
    whole: Iterable[str] = (),
) -> Trail:
    """Join what is known of some roles of a user.

    Args:
        key: of the user, who may be gone from the files.
        access: the declared state of now.
        as_of: today.
        history: what git knows; None if nothing.
        attempts: what runs wrote to the accounts of the user, oldest first.
        evidence: what the journal, and forge or signatures, know of commits of the main line, by their hash.
        roles: those that are asked for, in the order in which they are told.
        whole: roles whose earlier life is told too, before they were last given.
    """
    user = access.users.get(key)
    now = held_roles(user, access) if user else {}
    known = {**(history.roles if history else {}), **access.roles}
    order = history.order if history else {}
    full = set(whole)
    grants = []
    for role in roles:
        steps = tuple(step for step in history.steps if step.change.subject == role) if history else ()
        told = steps if role in full or role not in now else _since_given(steps)
        after = order.get(told[0].origin.commit, 0) if told and role not in full else 0
        last = order.get(told[-1].origin.commit, 0) if told else 0
        wrote = tuple(_about(attempts, role, known, order, after))
        entry = known.get(role)
        grants.append(
            GrantTrail(
                role=role,
                title=entry.title if entry else role,
                title_zh=entry.title_zh if entry else None,
                held=now.get(role, ()),
                steps=tuple(replace(step, origin=proved(step.origin, evidence, access)) for step in told),
                attempts=wrote,
                followed=any(order.get(attempt.commit or "", -1) >= last for attempt in wrote),
            )
        )
    return Trail(key, user.name if user else None, as_of, tuple(grants), history)


def _since_given(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps since the role was last given."""
    given = [place for place, step in enumerate(steps) if step.change.kind is ChangeKind.GRANT]
    return tuple(steps[given[-1] :] if given else steps)


def _about(
    attempts: Iterable[Attempt], role: str, roles: Mapping[str, Role], order: Mapping[str, int], after: int
) -> Iterator[Attempt]:
    """What runs wrote of the entitlements of a role, without the runs that are known to be earlier."""
    leaves: dict[str, set[str]] = {}
    for item in included(role, roles).values():
        for target, names in item.entitlements.items():
            leaves.setdefault(target, set()).update(names)
    for attempt in attempts:
        changes = tuple(item for item in attempt.changes if item[1] in leaves.get(attempt.target, ()))
        if changes and order.get(attempt.commit or "", after) >= after:
            yield replace(attempt, changes=changes)
