"""What became of a run that applies, and where it is told: at its commits, its pull requests, in the job."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from erpsync.cli.ci.telling import summarise
from erpsync.errors import ErpsyncError, ExitCode

if TYPE_CHECKING:
    from erpsync.apply import Result
    from erpsync.cli.ci.merges import Merge
    from erpsync.forge.base import CheckState, Forge
    from erpsync.run import Run

MARKER = "<!-- erpsync apply -->"
"""What the one comment on what became of a pull request is found by."""
STATUS = "erpsync/apply"


@dataclass(slots=True)
class Attempt:
    """A run so far: the merges it rests on, what became of each target, or why there was nothing to do."""

    run: Run
    merges: list[Merge] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    nothing: str = ""

    @property
    def exit_code(self) -> ExitCode:
        """The worst of its results."""
        return max((result.exit_code for result in self.results), default=ExitCode.DONE)


def tell_attempt(attempt: Attempt, failure: ErpsyncError | None, forge: Forge | None, lang: str) -> None:
    """Tell it in the summary of the job, and on each pull request and at its commit.

    Raises:
        ErpsyncError: the summary cannot be written, or the forge refuses.
    """
    from erpsync.forge.job import this_job

    job = this_job(os.environ)
    body = _body(attempt, failure, lang, job.url or "")
    summarise(body, job)
    if forge is None:
        return
    state, words = _status(attempt, failure)
    for merge in attempt.merges:
        forge.set_status(merge.commit, STATUS, state, words, job.url or "")
        if merge.pull:
            forge.put_comment(merge.pull.number, MARKER, body)


def _body(attempt: Attempt, failure: ErpsyncError | None, lang: str, full: str) -> str:
    from erpsync.render.comment import render_failure
    from erpsync.render.escape import markdown
    from erpsync.render.result_comment import render_result

    if failure and not attempt.results:
        return render_failure(failure, lang=lang, marker=MARKER, full=full)
    if attempt.nothing:
        return f"{MARKER}\n{markdown(attempt.nothing.strip())}\n"
    return render_result(attempt.results, attempt.run, failure=failure, lang=lang, marker=MARKER, full=full)


def _status(attempt: Attempt, failure: ErpsyncError | None) -> tuple[CheckState, str]:
    from erpsync.connectors.base import Status
    from erpsync.forge.base import CheckState

    if failure:
        return CheckState.FAILURE, failure.message.splitlines()[0].rstrip(":")
    if attempt.exit_code:
        return CheckState.FAILURE, "not everything was applied"
    if any(result.count(Status.HANDED_OVER) for result in attempt.results):
        return CheckState.SUCCESS, "handed over, not done yet"
    return CheckState.SUCCESS, attempt.nothing.strip() or "applied"
