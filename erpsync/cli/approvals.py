"""``erpsync approvals``: which approvals a change needs, and which were given."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import access_option, as_of_option, base_option, emit, paint_stdout, today
from erpsync.cli.reviewing import (
    Checkout,
    Repository,
    Sides,
    base_of,
    github,
    pull_request,
    review_of,
    review_source,
    sides_of,
    signed_proposal,
)
from erpsync.errors import ExitCode

if TYPE_CHECKING:
    from erpsync.forge.base import CheckState, Forge, PullRequest
    from erpsync.forge.github import GitHub
    from erpsync.forge.job import Job
    from erpsync.review import Reviewed

STATUS = "erpsync/approvals"


@click.command()
@access_option
@as_of_option
@base_option
@click.option(
    "--pull-request", "number", type=int, metavar="N", help="The pull request. Default: that of the CI job."
)
def approvals(access_dir: Path, as_of: date | None, base_name: str | None, number: int | None) -> int:
    """Compare the approvals that a pull request needs with its reviews. Exit code 4 if some are missing.

    Needed are those that the rules of the base say (approvals: in the access files). Counted is the
    last review of each reviewer, if it is an approval of the very commit that would be merged; never
    that of the author or of who would gain. Where there is a forge, the status of the commit says so;
    where there is none, signed commits are the approvals, if the base has .allowed_signers.
    """
    from erpsync.access import must_be_valid
    from erpsync.forge.job import this_job
    from erpsync.render.verdicts import render_verdicts

    job = this_job(os.environ)
    forge = github()
    repository = Repository.of(access_dir)
    pull = pull_request(repository, forge, number or job.pull_request)
    head = must_be_valid(access_dir)
    here = Checkout(repository, head, pull, base_name)
    sides, reviewed = judged(here, forge, job, as_of or today(head.build()))
    # The people are called as the base calls them.
    emit(render_verdicts(reviewed, sides.base.build(), paint_stdout()))
    return ExitCode.REFUSED if reviewed.missing else ExitCode.DONE


def judged(here: Checkout, forge: GitHub | None, job: Job, as_of: date) -> tuple[Sides, Reviewed]:
    """Hold what is checked out against its base and the reviews, and say at its commit how it stands.

    Raises:
        ErpsyncError: something is refused or cannot be reached.
    """
    base = base_of(here.repository, here.base_name, here.pull)
    source = review_source(here.repository, forge, base)
    pull = here.pull or signed_proposal(source)
    if pull:
        here.repository.must_be_as_committed(here.head)
    sides = sides_of(here.repository, base, here.head)
    reviewed = review_of(sides, as_of, pull, source)
    set_approval_status(reviewed, forge, pull, job)
    return sides, reviewed


def set_approval_status(reviewed: Reviewed, forge: Forge | None, pull: PullRequest | None, job: Job) -> None:
    """Say at the commit of a pull request how its approvals stand, where there is a forge to say it on.

    A status is one of the commit, whatever the branch that it is proposed for. So only what is held
    against the rules of the main branch gets one: anybody may make a branch with other rules.
    """
    if forge is None or pull is None or job.main_branch not in (None, pull.base_ref):
        return
    name, state, summary = approval_status(reviewed)
    forge.set_status(pull.head, name, state, summary, job.url or "")


def approval_status(reviewed: Reviewed) -> tuple[str, CheckState, str]:
    """Name, state and summary of the status that a reviewed commit gets."""
    from erpsync.forge.base import CheckState
    from erpsync.render.words import plural

    if not reviewed.verdicts:
        return STATUS, CheckState.SUCCESS, "no approval is needed"
    given = len(reviewed.verdicts) - len(reviewed.missing)
    if not reviewed.missing:
        return STATUS, CheckState.SUCCESS, f"{plural(given, 'approval')} given, none missing"
    asked = "; ".join(requirement.words for requirement in reviewed.missing)
    return STATUS, CheckState.PENDING, f"{given} of {len(reviewed.verdicts)} given; missing: {asked}"
