"""Up to which commit everything was applied: ``refs/erpsync/applied`` of the remote.

So no merge is passed over when CI starts only the last of several jobs, and each is checked once.
"""

from __future__ import annotations

from erpsync.forge.git import Git, RemoteError
from erpsync.forge.git_objects import must
from erpsync.forge.remote import fetch, push, remote_tip

REF = "refs/erpsync/applied"


def last_applied(git: Git, remote: str) -> str | None:
    """The last commit that was applied whole, brought here; None if there was none yet.

    Raises:
        RemoteError: the remote cannot be reached.
    """
    tip = must(git, remote_tip(git, remote, REF)).strip()
    if not tip:
        return None
    must(git, fetch(git, remote, REF))
    return tip


def mark_applied(git: Git, remote: str, before: str | None, commit: str) -> None:
    """Say that everything up to a commit is applied.

    Raises:
        RemoteError: the remote cannot be reached, or another run said so of another commit meanwhile.
    """
    pushed = push(git, remote, f"--force-with-lease={REF}:{before or ''}", f"{commit}:{REF}")
    if pushed.failure:
        raise RemoteError(f"{REF} cannot be moved: {pushed.failure}", where=str(git.directory))
