"""``erpsync ci plan``: what a pull request would change, told where it is reviewed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.approvals import judged
from erpsync.cli.ci.telling import bring_journals, tell
from erpsync.cli.common import (
    access_option,
    as_of_option,
    base_option,
    emit,
    lang_option,
    output_option,
    paint_stdout,
    refuse_excess,
    state_option,
    target_option,
    today,
    write_file,
)
from erpsync.cli.findings import proposed, refuse_conflicts
from erpsync.cli.reading import must_be_whole, plan_of
from erpsync.cli.reviewing import Checkout, Repository, github, pull_request
from erpsync.errors import ErpsyncError, ExitCode, RefusedError

if TYPE_CHECKING:
    from erpsync.forge.github import GitHub
    from erpsync.forge.job import Job
    from erpsync.model import Access, Finding, Target
    from erpsync.plan import Plan
    from erpsync.policy.report import Comparison
    from erpsync.review import Reviewed

MARKER = "<!-- erpsync plan -->"
"""What the one comment of a pull request is found by."""


@click.command()
@access_option
@target_option
@as_of_option
@base_option
@lang_option
@state_option
@output_option("Save the plan here; the job keeps it for the reviewers and for the merge.")
def plan(
    access_dir: Path,
    target_names: tuple[str, ...],
    as_of: date | None,
    base_name: str | None,
    lang: str,
    output: Path | None,
    state_dir: Path,
) -> int:
    """Check a pull request, plan it, and tell its reviewers in one comment.

    The comment says what the pull request changes, in words of roles, which approvals that needs
    and which were given, and what would change in the ERP. On a laptop it is printed. Exit code 4
    if the files are not valid, the plan goes over a limit, or the change brings about what the
    policy refuses; what was there before refuses nothing. Missing approvals are told by the status
    of the commit, not by this job.
    """
    from erpsync.access import validate
    from erpsync.forge.job import this_job
    from erpsync.plan import dump
    from erpsync.policy.report import as_finding
    from erpsync.render import comment

    job = this_job(os.environ)
    forge = github()
    repository = Repository.of(access_dir)
    pull = pull_request(repository, forge, job.pull_request)
    say = partial(tell, marker=MARKER, forge=forge, pull=pull, job=job)
    head = validate(access_dir)
    _annotate(head.findings, job)
    if head.errors:
        say(comment.render_invalid(head.findings, lang=lang, marker=MARKER))
        return ExitCode.REFUSED
    try:
        found = _found(
            Checkout(repository, head, pull, base_name), forge, job, as_of, target_names, state_dir
        )
    except ErpsyncError as error:
        say(comment.render_failure(error, lang=lang, marker=MARKER, full=job.url or ""))
        raise
    if output:
        write_file(output, dump(found.plan))
    full = job.url or str(output or "")
    say(
        comment.render_comment(
            found.reviewed, found.plan, found.base, found.head, lang=lang, marker=MARKER, full=full,
            findings=found.findings,
        )
    )  # fmt: skip
    _annotate(tuple(as_finding(finding, lang) for finding in found.findings.introduced), job)
    must_be_whole(found.plan)
    refuse_excess(found.plan)
    refuse_conflicts(found.findings)
    return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Found:
    """What a pull request proposes, what stands in its base, what it changes in the ERP and for policy."""

    base: Access
    head: Access
    reviewed: Reviewed
    plan: Plan
    findings: Comparison


def _found(
    here: Checkout,
    forge: GitHub | None,
    job: Job,
    as_of: date | None,
    target_names: Sequence[str],
    state_dir: Path,
) -> Found:
    """Compare with the base, say how the approvals stand, and plan.

    Raises:
        ErpsyncError: something is refused or cannot be reached.
    """
    from erpsync.cli.open_emergencies import keep_locked

    access_dir, head = here.repository.access_dir, here.head.build()
    day = as_of or today(head)
    sides, reviewed = judged(here, forge, job, day)
    base = sides.base.build()
    refuse_new_ways(base, head, target_names)
    bring_journals(base, access_dir, state_dir)
    made = plan_of(keep_locked(head, state_dir), access_dir, target_names, day, None)
    return Found(base, head, reviewed, made, proposed(base, head, day))


def refuse_new_ways(base: Access, head: Access, names: Sequence[str]) -> None:
    """Refuse to log in where the base does not: a proposal must not choose who is sent the login.

    Raises:
        RefusedError: the proposal adds a target, or changes how one is reached.
    """
    for name, target in sorted(head.targets.items()):
        if names and name not in names:
            continue
        if name not in base.targets or reached(base.targets[name]) != reached(target):
            raise RefusedError(
                f"the pull request changes how target {name!r} is reached, so it is not planned here",
                where=str(target.at),
                hint="have it reviewed and merged by itself; the plan comes with the next pull request",
            )


def reached(target: Target) -> tuple[object, ...]:
    """Everything that decides where a login goes, and which secret it is."""
    return (
        target.connector, target.url, target.database, target.username, target.password,
        dict(target.options), target.insecure,
    )  # fmt: skip


def _annotate(findings: Sequence[Finding], job: Job) -> None:
    """Findings at the lines of the pull request, or on the terminal."""
    from erpsync.render.findings import to_github
    from erpsync.render.text import render_findings

    in_ci = job.url is not None
    emit(to_github(findings) if in_ci else render_findings(findings, paint_stdout()))
