"""The trail of a user as text for people, one short story a role."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from erpsync.model import ChangeKind
from erpsync.proposal import Proposed, Span
from erpsync.render.escape import plain
from erpsync.render.text import Paint, no_paint
from erpsync.render.words import plural
from erpsync.trail import GrantTrail, Held, Trail
from erpsync.trail_history import Approval, Origin, Source, Step
from erpsync.trail_journal import Attempt

UNKNOWN = "not known"
SHORT = 12
"""Characters of a hash that are shown; JSON has all."""

_VERBS = {ChangeKind.GRANT: "given", ChangeKind.RETIME: "changed", ChangeKind.REVOKE: "taken away"}
_SOURCES = {
    Source.JOURNAL: "the journal",
    Source.FORGE: "the forge",
    Source.SIGNATURE: "a signed commit",
    Source.TRAILER: "the message of the commit",
}
_OUTCOMES = {
    "done": "done, and read back from the ERP",
    "already as planned": "the ERP had it so already",
    "handed over, not done yet": "handed over; erpsync history tells what an export proved of it",
    None: "not known: the run ended before its outcome was recorded",
}


def render_trail(trail: Trail, lang: str, notes: Iterable[str] = (), paint: Paint = no_paint) -> str:
    """The trail as text.

    Args:
        trail: what is known.
        lang: whose titles are shown: en or zh.
        notes: what else the reader should know, a sentence each.
        paint: colours.
    """
    who = f"{trail.user} ({trail.name})" if trail.name else f"{trail.user}, who is no longer declared"
    lines = [paint(f"{plain(who)} on {trail.as_of}: {_figures(trail)}", "bold")]
    for grant in trail.grants:
        lines += ["", *_grant(grant, trail, lang, paint)]
    told = [*limits(trail), *notes]
    if told:
        lines += ["", *(f"note: {plain(note)}" for note in told)]
    return "\n".join(lines) + "\n"


def _figures(trail: Trail) -> str:
    held = sum(bool(grant.held) for grant in trail.grants)
    lost = len(trail.grants) - held
    return plural(held, "role") + (f", {lost} lost" if lost else "")


def limits(trail: Trail) -> Iterator[str]:
    """How far what is told can be relied on, a sentence each."""
    history = trail.history
    if history is None:
        yield "git knows nothing of these files, so nobody can say which change gave what"
        return
    if history.cut:
        yield (
            f"only the last {plural(history.looked, 'change')} of the files were looked at; "
            "what was before them is not known"
        )
    if history.unreadable:
        yield (
            f"{plural(len(history.unreadable), 'commit')} cannot be read, the first of them "
            f"{history.unreadable[0][:SHORT]}; what one changed is told of the next that can be read"
        )


def _grant(grant: GrantTrail, trail: Trail, lang: str, paint: Paint) -> Iterator[str]:
    title = (grant.title_zh if lang == "zh" else None) or grant.title
    name = f"{title} ({grant.role})" if title != grant.role else grant.role
    yield paint(plain(name), "bold") + ("" if grant.held else ": no longer held")
    for held in grant.held:
        yield f"  {_held(held, trail.as_of)}"
    if trail.history is not None and not grant.begins:
        yield f"  which change gave it: {UNKNOWN}"
    for step in grant.steps:
        yield from _step(step)
    for attempt in grant.attempts:
        yield from _attempt(attempt, grant)
    if not grant.attempts:
        yield f"  written by a run: {UNKNOWN}, no journal here tells of one"
    elif grant.steps and not grant.followed:
        yield f"  written by a run since the last change: {UNKNOWN}, no journal here tells of one"


def _held(held: Held, day: date) -> str:
    first, last = held.span
    state = "ended: " if last and last < day else "not yet: " if first and first > day else ""
    request = f", request {held.request}" if held.request else ""
    reason = f": {held.reason}" if held.reason else ""
    place = f" ({held.at.file}:{held.at.line})" if held.at else ""
    return plain(f"{state}by {held.via}{_span(held.span)}{reason}{request}{place}")


def _span(span: Span) -> str:
    first, last = span
    return (f" from {first}" if first else "") + (f" until {last}" if last else "")


def _step(step: Step) -> Iterator[str]:
    change, origin = step.change, step.origin
    yield f"  {_VERBS[change.kind]} {_time(origin.at)}{plain(_moved(change))}"
    yield f"    commit {origin.commit[:SHORT]} of the main line: {plain(origin.subject)}"
    if origin.written_in not in (None, origin.commit):
        yield f"    written in commit {str(origin.written_in)[:SHORT]}"
    yield f"    pull request: {plain(_pull_request(origin))}"
    yield f"    proposed by: {plain(origin.proposed_by or ', '.join(origin.authors) or UNKNOWN)}"
    yield f"    merged by: {plain(origin.merged_by or UNKNOWN)}"
    yield from (f"    approved by: {line}" for line in map(_approval, origin.approvals))
    if not origin.approvals:
        yield f"    approved by: {UNKNOWN}"


def _moved(change: Proposed) -> str:
    """On which days from then on, and why, as it was said at the time."""
    if change.kind is ChangeKind.REVOKE:
        return ""
    spans = [_span(span) or " without end" for span in change.after if isinstance(span, tuple)]
    days = " and".join(spans)
    why = ", ".join(part for part in (change.reason, change.request and f"request {change.request}") if part)
    return (f", now{days}" if change.kind is ChangeKind.RETIME else days) + (f": {why}" if why else "")


def _pull_request(origin: Origin) -> str:
    if origin.pull_request is None:
        return UNKNOWN
    url = f" {origin.url}" if origin.url else ""
    claimed = ", says its message" if origin.pull_request_source is Source.TRAILER else ""
    return f"{origin.pull_request}{url}{claimed}"


def _approval(approval: Approval) -> str:
    who = approval.handle if approval.user is None else approval.user
    if approval.user and approval.user != approval.handle:
        who = f"{approval.user} ({approval.handle})"
    return f"{plain(who)} {_time(approval.at)}, says {_SOURCES[approval.source]}"


def _attempt(attempt: Attempt, grant: GrantTrail) -> Iterator[str]:
    what = ", ".join(f"{kind} {subject}" for kind, subject in attempt.changes)
    yield plain(f"  {attempt.target} as {attempt.login} {_time(attempt.at)}: {what}")
    yield plain(f"    run {attempt.run} by {attempt.by or UNKNOWN}, job {attempt.job or UNKNOWN}")
    yield plain(f"    plan {attempt.plan or UNKNOWN}, commit {(attempt.commit or UNKNOWN)[:SHORT]}")
    if any(step.origin.commit in attempt.carries for step in grant.steps):
        yield "    it checked the approvals of the change above"
    message = f": {attempt.message}" if attempt.message else ""
    yield plain(f"    outcome: {_OUTCOMES.get(attempt.status, attempt.status)}{message}")


def _time(at: date | None) -> str:
    if isinstance(at, datetime):
        return at.isoformat(sep=" ", timespec="minutes")
    return at.isoformat() if at else f"(time {UNKNOWN})"
