"""The trail of a user as JSON: every fact, and null for one that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from erpsync.codec import Json
from erpsync.connectors.base import Status
from erpsync.model import Location
from erpsync.proposal import Span
from erpsync.render.trail import limits
from erpsync.trail import Held, Trail
from erpsync.trail_history import Step
from erpsync.trail_journal import Attempt


def trail_to_json(trail: Trail, notes: Iterable[str] = ()) -> dict[str, Json]:
    """The trail with every fact.

    Args:
        trail: what is known.
        notes: what else the reader should know, a sentence each.
    """
    return {
        "user": trail.user,
        "name": trail.name,
        "as_of": trail.as_of.isoformat(),
        "history": _history(trail),
        "grants": [
            {
                "role": grant.role,
                "title": grant.title,
                "title_zh": grant.title_zh,
                "held": [_held_json(held) for held in grant.held],
                "begins": grant.begins,
                "steps": [_step_json(step) for step in grant.steps],
                "runs": [_attempt_json(attempt) for attempt in grant.attempts],
                "followed": grant.followed,
            }
            for grant in trail.grants
        ],
        "notes": [*limits(trail), *notes],
    }


def _history(trail: Trail) -> Json:
    history = trail.history
    return history and {
        "looked": history.looked,
        "cut": history.cut,
        "unreadable": list(history.unreadable),
    }


def _span_json(span: Span | str) -> Json:
    return [day.isoformat() if isinstance(day, date) else day for day in span]


def _at_json(at: Location | None) -> Json:
    return str(at) if at else None


def _held_json(held: Held) -> Json:
    return {
        "days": _span_json(held.span),
        "way": held.way.value,
        "via": held.via,
        "at": _at_json(held.at),
        "reason": held.reason,
        "request": held.request,
    }


def _step_json(step: Step) -> Json:
    change, origin = step.change, step.origin
    return {
        "kind": change.kind.value,
        "before": [_span_json(span) for span in change.before],
        "after": [_span_json(span) for span in change.after],
        "way": change.way.value if change.way else None,
        "reason": change.reason,
        "request": change.request,
        "commit": origin.commit,
        "at": origin.at.isoformat(),
        "subject": origin.subject,
        "authors": list(origin.authors),
        "written_in": origin.written_in,
        "pull_request": origin.pull_request,
        "pull_request_source": origin.pull_request_source,
        "url": origin.url,
        "proposed_by": origin.proposed_by,
        "merged_by": origin.merged_by,
        "approvals": [
            {
                "user": approval.user,
                "handle": approval.handle,
                "at": _iso(approval.at),
                "source": approval.source.value,
            }
            for approval in origin.approvals
        ],
    }


def _attempt_json(attempt: Attempt) -> Json:
    return {
        "run": attempt.run,
        "at": _iso(attempt.at),
        "by": attempt.by,
        "target": attempt.target,
        "login": attempt.login,
        "changes": [{"kind": kind, "entitlement": name} for kind, name in attempt.changes],
        "plan": attempt.plan,
        "commit": attempt.commit,
        "job": attempt.job,
        "status": attempt.status,
        "read_back": attempt.status == Status.DONE,
        "message": attempt.message,
        "carries": sorted(attempt.carries),
    }


def _iso(at: date | None) -> str | None:
    return at.isoformat() if at else None
