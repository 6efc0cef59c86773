"""``erpsync ci apply``: carry out what was merged, if it is what was approved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.ci.attempt import Attempt, tell_attempt
from erpsync.cli.ci.choosing import approved_plans, due_plan, refuse_more, why_nothing
from erpsync.cli.ci.merges import merges_since, refuse_unapproved
from erpsync.cli.ci.telling import bring_journals
from erpsync.cli.common import (
    Day,
    access_option,
    emit,
    lang_option,
    paint_stdout,
    refuse_excess,
    state_option,
    today,
)
from erpsync.cli.findings import planned, refuse_conflicts
from erpsync.cli.reading import must_be_whole, plan_of
from erpsync.cli.recording import Places, carry_out_plan
from erpsync.cli.reviewing import Repository, github, review_source
from erpsync.errors import ErpsyncError, PartialError, RefusedError

if TYPE_CHECKING:
    from erpsync.forge.github import GitHub
    from erpsync.model import Access
    from erpsync.plan import Plan

LOOK_BACK = timedelta(days=7)
"""How far back the calendar is looked through where nothing was merged."""


@click.command()
@access_option
@state_option
@lang_option
@click.option(
    "--approved", "approved_files", type=click.Path(path_type=Path), multiple=True, metavar="FILE",
    help="A plan that was approved. Default: the plans that the jobs of the pull requests kept.",
)  # fmt: skip
@click.option(
    "--drift", type=click.Choice(["leave", "revert"]), default="leave", show_default=True,
    help="Whether to undo as well what was changed in the ERP by hand.",
)  # fmt: skip
@click.option(
    "--since", type=Day(), metavar="DATE", help="Carry out what the calendar brings since this day."
)
def apply(
    access_dir: Path,
    state_dir: Path,
    lang: str,
    approved_files: tuple[Path, ...],
    drift: str,
    since: date | None,
) -> int:
    """Carry out what was merged since the last time: exactly what was approved, or nothing.

    Each merge is checked again: it came by a pull request that has its approvals (exit code 4), and
    the plan of now does nothing that the approved plan does not show (exit code 5). Without a merge,
    as on a schedule, only what the calendar brings is done: what begins or ends on its day. The job
    may be run again at any time; it goes on where it stopped.
    """
    from erpsync.run import this_run

    forge = github()
    wanted = Wanted(Places(access_dir, state_dir), approved_files, drift == "revert", since)
    attempt = Attempt(this_run())
    try:
        _carry_out(wanted, attempt, forge)
    except ErpsyncError as error:
        try:
            tell_attempt(attempt, error, forge, lang)
        except ErpsyncError as fault:
            # What ended the run matters more than that it could not be told.
            error.add_hint(str(fault))
        raise
    tell_attempt(attempt, None, forge, lang)
    return attempt.exit_code


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for."""

    places: Places
    approved_files: tuple[Path, ...]
    revert: bool
    since: date | None


def _carry_out(wanted: Wanted, attempt: Attempt, forge: GitHub | None) -> None:
    """Check everything that was merged, carry it out, and say up to where everything is applied.

    Raises:
        ErpsyncError: something is refused or cannot be reached; what was done stands in the attempt.
    """
    from erpsync.access import must_be_valid
    from erpsync.forge.applied import mark_applied
    from erpsync.render.text import render_results

    places = wanted.places
    repository = Repository.of(places.access)
    head = _committed(repository)
    before = _applied_before(repository, head)
    declared = must_be_valid(places.access)
    repository.must_be_as_committed(declared)
    access = declared.build()
    day = today(access)
    source = review_source(repository, forge, head)
    attempt.merges += merges_since(repository, before, head, day, source)
    attempt.run = replace(attempt.run, approved=tuple(merge.evidence for merge in attempt.merges))
    refuse_unapproved(attempt.merges)
    bring_journals(access, places.access, places.state)
    chosen = _chosen(wanted, attempt, access, day, forge)
    refuse_excess(chosen)
    refuse_conflicts(planned(access, chosen))
    for result in [] if chosen.empty else carry_out_plan(chosen, access, attempt.run, places):
        attempt.results.append(result)
        emit(render_results([result], paint_stdout()))
    _must_be_whole(chosen, attempt)
    if not attempt.exit_code and before != head:
        mark_applied(repository.git, "origin", before, head)


def _must_be_whole(plan: Plan, attempt: Attempt) -> None:
    """Refuse to end well where targets could not be read: the merges are tried again by the next run.

    Raises:
        PartialError: some could not be read, and others were written.
        ErpsyncError: some could not be read, and nothing was written.
    """
    try:
        must_be_whole(plan)
    except ErpsyncError as error:
        if attempt.results:
            raise PartialError(error.message, hint=error.hint) from None
        raise


def _applied_before(repository: Repository, head: str) -> str | None:
    """The commit that the merges to be carried out follow on; None where there is none before the head.

    The first run counts from the commit before. From then on nothing is passed over, also when that
    run is refused.
    """
    from erpsync.forge.applied import last_applied, mark_applied
    from erpsync.forge.git_tree import parents_of

    before = last_applied(repository.git, "origin")
    parents = parents_of(repository.git, head)
    if before is None and parents:
        before = parents[0]
        mark_applied(repository.git, "origin", None, before)
    return before


def _chosen(wanted: Wanted, attempt: Attempt, access: Access, day: date, forge: GitHub | None) -> Plan:
    """The plan of now as far as it may be carried out.

    Raises:
        StaleError: it would do more than was approved.
    """
    from erpsync.cli.open_emergencies import keep_locked

    places, merges = wanted.places, attempt.merges
    made = plan_of(keep_locked(access, places.state), places.access, (), day, None)
    chosen = made
    if merges and not wanted.revert:
        refuse_more(made, approved_plans(merges, wanted.approved_files, forge), access)
    elif not wanted.revert:
        chosen = due_plan(made, access, places.access, wanted.since or day - LOOK_BACK)
    if chosen.empty:
        attempt.nothing = why_nothing(made, merges)
        emit(attempt.nothing)
    return chosen


def _committed(repository: Repository) -> str:
    """The commit that is checked out.

    Raises:
        RefusedError: the files are not as the commit has them.
    """
    from erpsync.forge.git import commit_of

    commit = commit_of(repository.access_dir)
    if commit is None or commit.endswith("+"):
        raise RefusedError(
            "the access files are not as a commit has them", where=str(repository.access_dir),
            hint="only what was merged is applied: commit, or check the commit out anew",
        )  # fmt: skip
    return commit
