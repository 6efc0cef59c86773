"""``erpsync apply PLAN --confirm EXPORT``: what the next export says of a work order."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from erpsync.cli.common import emit, paint_stdout
from erpsync.cli.recording import Places, declared, locked, open_journal
from erpsync.errors import ExitCode, RefusedError, StaleError, UsageError

if TYPE_CHECKING:
    from erpsync.codec import Json
    from erpsync.connectors.worklist.confirmation import Judged
    from erpsync.connectors.worklist.reader import Export
    from erpsync.model import Access
    from erpsync.plan import Plan, TargetPlan
    from erpsync.run import Run


class Handed(NamedTuple):
    """What of a plan was handed over for one target: the logins, and when the last of them was."""

    target_plan: TargetPlan
    logins: frozenset[str]
    at: datetime


def confirm(
    plan: Plan, access: Access, place: Path, run: Run, places: Places, name: str | None = None
) -> int:
    """Judge every line that was handed over, record it, tell it, and return the exit code.

    Args:
        plan: the plan that was handed over.
        access: the declared state, for the target and where its journal is.
        place: the new export.
        run: who or what confirms.
        places: where journals and locks are.
        name: of which target the export is, where the plan was handed over for several.

    Raises:
        ErpsyncError: nothing was handed over, or the export cannot prove anything.
    """
    from erpsync.connectors.worklist.confirmation import Verdict, judge
    from erpsync.connectors.worklist.connector import open_export
    from erpsync.connectors.worklist.steps import lines_of, order_number
    from erpsync.plan import digest_of_plan
    from erpsync.render.confirmation import render_confirmation

    plan_digest = digest_of_plan(plan)
    handed = _handed(plan, plan_digest, places.state, name)
    target = declared(access, handed.target_plan.target)
    reader = open_export(target, place)
    if reader.instance() != handed.target_plan.instance:
        raise StaleError(
            "the export is not of the system the plan was made for", where=f"target {target.name!r}"
        )
    _refuse_older(reader.export, handed)
    lines = [line for line in lines_of(handed.target_plan.accounts) if line.account.login in handed.logins]
    judged = list(judge(lines, reader.snapshot()))
    order = order_number(target.name, plan_digest)
    with locked(target, run, places):
        with open_journal(target.name, access, run, places) as append:
            append(*_events(judged, order, plan_digest, reader.export, run))
        # What is recorded is told also if the lock cannot be given back.
        emit(render_confirmation(order, judged, paint_stdout()))
    click.echo(f"run {run.id}", err=True)
    proved = all(item.verdict is Verdict.DONE for item in judged)
    return ExitCode.DONE if proved else ExitCode.PARTIAL


def _handed(plan: Plan, plan_digest: str, state: Path, name: str | None) -> Handed:
    chosen = (item for item in plan.targets if name in (None, item.target))
    found = [handed for item in chosen if (handed := _handed_to(item, plan_digest, state))]
    if not found:
        raise RefusedError(
            "nothing of this plan was handed over, as far as the journals here tell",
            hint="hand it over first: erpsync apply PLAN; runs of other machines: erpsync journal pull",
        )
    if len(found) > 1:
        names = ", ".join(item.target_plan.target for item in found)
        raise UsageError(
            f"the plan was handed over for several targets: {names}",
            hint="say whose export it is: --target NAME",
        )
    return found[0]


def _handed_to(target_plan: TargetPlan, plan_digest: str, state: Path) -> Handed | None:
    """What the journals tell of one target; a plan can be handed over in several runs."""
    from erpsync.connectors.base import Status
    from erpsync.journal import read_entries
    from erpsync.state import journal_paths, target_of

    runs: set[str] = set()
    at: dict[str, str] = {}
    for path in journal_paths(state):
        if target_of(state, path) != target_plan.target:
            continue
        for entry in read_entries(path):
            if entry.get("event") == "begin" and entry.get("plan") == plan_digest:
                runs.add(str(entry.get("run")))
            if entry.get("run") in runs and entry.get("status") == Status.HANDED_OVER:
                at[str(entry["login"])] = str(entry["at"])
    if not at:
        return None
    return Handed(target_plan, frozenset(at), max(map(datetime.fromisoformat, at.values())))


def _refuse_older(export: Export, handed: Handed) -> None:
    if export.written <= handed.at:
        raise RefusedError(
            f"the export is of {export.written:%Y-%m-%d %H:%M} UTC, before the work order was handed over at "
            f"{handed.at:%Y-%m-%d %H:%M} UTC, so it proves nothing",
            where=f"target {handed.target_plan.target!r}",
            hint="export again when the work order is done",
        )


def _events(
    judged: list[Judged], order: str, plan_digest: str, export: Export, run: Run
) -> list[dict[str, Json]]:
    """What is recorded. Values of attributes are left out: they are about persons.

    The plan is under ``confirms``: ``plan`` would say that this run carried it out.
    """
    begin = {
        "event": "confirm",
        "order": order,
        "confirms": plan_digest,
        "export": dict(export.files),
        "by": run.by,
        "host": run.host,
        "job": run.job,
    }
    lines = [
        {
            "event": "line",
            "order": order,
            "line": item.line.number,
            "user": item.line.account.user,
            "login": item.line.account.login,
            "kind": item.line.change.kind.value,
            "subject": item.line.change.subject,
            "result": item.verdict.value,
        }
        for item in judged
    ]
    return [begin, *lines]
