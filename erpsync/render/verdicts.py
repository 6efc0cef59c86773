"""Which approvals are needed and given, as text for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator

from erpsync.approvals import Requirement, Verdict
from erpsync.model import Access
from erpsync.render.escape import plain
from erpsync.render.text import Paint, no_paint
from erpsync.render.words import plural
from erpsync.review import Reviewed

SHOWN = 10
"""Most users named for whom one approval is needed."""


def render_verdicts(reviewed: Reviewed, access: Access, paint: Paint = no_paint) -> str:
    """Each approval that is needed: given by whom, or whom to ask."""
    if not reviewed.verdicts:
        return "no approval is needed\n"
    lines = [line for verdict in reviewed.verdicts for line in _verdict(verdict, reviewed, access, paint)]
    missing = len(reviewed.missing)
    end = paint(f"{plural(missing, 'approval')} missing", "red") if missing else paint("all given", "green")
    return "\n".join([*lines, f"{plural(len(reviewed.verdicts), 'approval')} needed, {end}"]) + "\n"


def _verdict(verdict: Verdict, reviewed: Reviewed, access: Access, paint: Paint) -> Iterator[str]:
    requirement = verdict.requirement
    if verdict.given_by:
        given = (
            f"{_name(key, access)} on {reviewed.given[key].at:%Y-%m-%d %H:%M} UTC" for key in verdict.given_by
        )
        yield f"{paint('given  ', 'green')} {plain(requirement.words)}: {', '.join(given)}"
    else:
        asked = " or ".join(_name(key, access) for key in requirement.people)
        whom = f"ask {asked}" if asked else "nobody can give it"
        yield f"{paint('missing', 'red')} {plain(requirement.words)}: {whom}"
    if requirement.instead:
        yield f"        {plain(requirement.instead)}"
    yield f"        for {_subjects(requirement)}"


def _name(key: str, access: Access) -> str:
    user = access.users.get(key)
    return plain(f"{key} ({user.name})" if user else key)


def _subjects(requirement: Requirement) -> str:
    """What the approval is for: users, entries and files, as far as there is room."""
    users = dict.fromkeys(change.user for change in requirement.changes)
    entries = (f"{entry.section}/{entry.key}".rstrip("/") for entry in requirement.entries)
    names = [*users, *entries, *requirement.files]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return plain(", ".join(names[:SHOWN])) + more
