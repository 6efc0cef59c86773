"""Why each change of a plan is so, how much harm it could do, and which approvals the rules ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from erpsync.approval_rules import part_to_text, parts_for_planned
from erpsync.model import AccountChange, Change, ChangeKind, HeldBack, Reason, Risk, User
from erpsync.resolve import Entitled, Resolver


def annotate(change: AccountChange, resolver: Resolver) -> AccountChange:
    """The same change, with its reasons, risks and approvals filled in."""
    return replace(change, changes=_annotated(change.user, change.changes, resolver))


def annotate_held(held: HeldBack, resolver: Resolver) -> HeldBack:
    """The same difference, with its reasons, risks and approvals filled in."""
    return replace(held, changes=_annotated(held.user, held.changes, resolver))


def _annotated(key: str, changes: tuple[Change, ...], resolver: Resolver) -> tuple[Change, ...]:
    user = resolver.access.users[key]
    ways: dict[str, list[Entitled]] = {}
    for way in resolver.entitled(user):
        ways.setdefault(way.entitlement, []).append(way)
    annotated = [
        replace(
            change,
            reasons=_reasons(change, user, ways.get(change.subject, []), resolver),
            risk=risk_of(change, ways.get(change.subject, []), resolver),
        )
        for change in changes
    ]
    if not resolver.access.approvals:
        return tuple(annotated)
    return tuple(replace(change, approvals=_approvals(change, user, resolver)) for change in annotated)


def _approvals(change: Change, user: User, resolver: Resolver) -> tuple[str, ...]:
    return tuple(map(part_to_text, parts_for_planned(change, user, resolver.access)))


def _reasons(change: Change, user: User, ways: list[Entitled], resolver: Resolver) -> tuple[Reason, ...]:
    match change.kind:
        case ChangeKind.GRANT | ChangeKind.RETIME:
            return tuple(way.reason for way in ways if not way.ended(resolver.as_of))
        case ChangeKind.REVOKE:
            return _reasons_to_revoke(user, ways, resolver)
        case ChangeKind.LOCK:
            standing = resolver.standing(user)
            why = "no role grants anything here" if standing.active else standing.why
            return (Reason(f"{user.key} {why}" if not standing.active else why, user.at),)
        case ChangeKind.CREATE | ChangeKind.UNLOCK:
            return (Reason(f"{user.key} is declared and active", user.at),)
        case ChangeKind.UPDATE | ChangeKind.RESCOPE:
            return (Reason("as declared", user.at),)


def _reasons_to_revoke(user: User, ways: list[Entitled], resolver: Resolver) -> tuple[Reason, ...]:
    standing = resolver.standing(user)
    if not standing.keeps_grants:
        return (Reason(f"{user.key} {standing.why}", user.at),)
    ended = tuple(way.reason for way in ways if way.ended(resolver.as_of))
    return ended or (Reason("nothing in git grants it"),)


def risk_of(change: Change, ways: Sequence[Entitled], resolver: Resolver) -> Risk:
    """How much harm a change could do, given the ways in which git leads to what it is about."""
    if change.kind in (ChangeKind.GRANT, ChangeKind.REVOKE, ChangeKind.RETIME):
        # What no declared role knows may grant anything.
        known = [resolver.risks.get(change.subject, Risk.HIGH)]
        known += [resolver.access.roles[role].risk for way in ways for role in way.chain]
        return max(known, key=lambda risk: risk.rank)
    return Risk.MEDIUM if change.kind is ChangeKind.RESCOPE else Risk.LOW
