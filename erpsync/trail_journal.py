"""What journals know of one user: what runs wrote, and which approvals they rested on. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from erpsync.model import ChangeKind, fold

_GRANTS = (ChangeKind.GRANT, ChangeKind.REVOKE, ChangeKind.RETIME)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one run meant to change of the entitlements of an account, and how that ended.

    ``changes`` are kind and entitlement. ``status`` is None where no outcome was recorded: the run
    ended in between, so nobody knows. ``done`` was read back from the ERP. ``carries`` are the
    commits of the main line whose approvals the run checked.
    """

    run: str
    at: datetime | None
    target: str
    login: str
    changes: tuple[tuple[str, str], ...]
    by: str | None = None
    plan: str | None = None
    commit: str | None = None
    job: str | None = None
    status: str | None = None
    message: str = ""
    carries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was checked of a change of the main line; an approval is user, handle and time."""

    pull_request: int | None = None
    url: str | None = None
    author: str | None = None
    merged_by: str | None = None
    approvals: tuple[tuple[str | None, str, datetime | None], ...] = ()


def attempts_of(entries: Iterable[Mapping[str, Any]], keys: Collection[str]) -> tuple[Attempt, ...]:
    """What runs meant to change of the entitlements of a user, oldest first.

    Args:
        entries: of all journals, oldest first; each says in ``target`` whose journal it is from.
        keys: every key that the user has or had.
    """
    begun: dict[tuple[str, str], Mapping[str, Any]] = {}
    found: dict[tuple[str, str, str], Attempt] = {}
    wanted = {fold(key) for key in keys}
    for entry in entries:
        run = str(entry.get("target")), str(entry.get("run"))
        account = (*run, fold(str(entry.get("login", ""))))
        match entry.get("event"):
            case "begin":
                begun[run] = entry
            case "intend" if fold(str(entry.get("user", ""))) in wanted:
                found[account] = _attempt(entry, begun.get(run, {}))
            case "outcome" if account in found:
                status, message = entry.get("status"), str(entry.get("message", ""))
                found[account] = replace(found[account], status=status, message=message)
    return tuple(attempt for attempt in found.values() if attempt.changes)


def _attempt(entry: Mapping[str, Any], begin: Mapping[str, Any]) -> Attempt:
    pairs = ((str(item.get("kind")), str(item.get("subject"))) for item in entry.get("changes", ()))
    commit = begin.get("commit")
    return Attempt(
        run=str(entry.get("run")),
        at=_time(entry.get("at")),
        target=str(entry.get("target")),
        login=str(entry.get("login")),
        changes=tuple(pair for pair in pairs if pair[0] in _GRANTS),
        by=begin.get("by"),
        plan=begin.get("plan"),
        # A plus marks files that were not committed.
        commit=commit.removesuffix("+") if commit else None,
        job=begin.get("job"),
        carries=frozenset(str(item.get("commit")) for item in begin.get("approved") or ()),
    )


def evidence_in(entries: Iterable[Mapping[str, Any]]) -> dict[str, Evidence]:
    """What the runs knew of each commit of the main line, by its hash; of several runs the first."""
    found: dict[str, Evidence] = {}
    for entry in entries:
        for item in (entry.get("approved") or ()) if entry.get("event") == "begin" else ():
            found.setdefault(str(item.get("commit")), _evidence(item))
    return found


def _evidence(item: Mapping[str, Any]) -> Evidence:
    return Evidence(
        pull_request=item.get("pull_request"),
        url=item.get("url"),
        author=item.get("author"),
        merged_by=item.get("merged_by"),
        approvals=tuple(
            (given.get("user"), str(given.get("handle")), _time(given.get("at")))
            for given in item.get("approvals", ())
        ),
    )


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None
