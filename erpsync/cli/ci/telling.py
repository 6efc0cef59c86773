"""Where a job tells what it found: the pull request, the summary of the job, or the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from erpsync.cli.common import emit
from erpsync.errors import ErpsyncError

if TYPE_CHECKING:
    from pathlib import Path

    from erpsync.forge.base import Forge, PullRequest
    from erpsync.forge.job import Job
    from erpsync.model import Access

SUMMARY_BYTES = 1024 * 1024
"""Most that GitHub shows of a job's summary.
https://docs.github.com/actions/reference/limits
"""


def tell(body: str, marker: str, forge: Forge | None, pull: PullRequest | None, job: Job) -> None:
    """Write the one comment of a pull request, if there is one to write, and the summary of the job.

    Raises:
        ForgeError: the forge refuses the comment; the summary is written all the same.
    """
    summarise(body, job)
    if forge is None or pull is None:
        emit(body)
        return
    address = forge.put_comment(pull.number, marker, body)
    emit(f"told at {address}\n")


def summarise(body: str, job: Job) -> None:
    """Add to the summary of the job, as far as there is room; nothing on a laptop.

    Raises:
        ErpsyncError: the file that the runner gave cannot be written.
    """
    if job.summary is None:
        return
    try:
        with job.summary.open("ab") as file:
            room = max(SUMMARY_BYTES - file.tell(), 0)
            file.write(body.encode()[:room].decode(errors="ignore").encode())
    except OSError as error:
        raise ErpsyncError(f"cannot be written: {error.strerror}", where=str(job.summary)) from error


def bring_journals(access: Access, access_dir: Path, state_dir: Path) -> None:
    """Bring the shared journals here, which may tell of an emergency that git does not know yet.

    Raises:
        ErpsyncError: they cannot be reached, or contradict what is here.
    """
    if access.shared_journal:
        from erpsync.forge.git_journal import GitJournal
        from erpsync.shared_journal import pull

        branch = GitJournal(access_dir)
        # Before the first apply there is none, and nothing that it could tell of.
        if branch.fetch() is not None:
            pull(state_dir, branch)
