"""The journals of several machines, on a branch of the git remote that all of them reach.

The branch ``erpsync-journal`` has files like those of a state directory and nothing else in common
with the other branches. Each push is one commit on top of what is there, so git itself keeps every
earlier state. Each run has files of its own; so when another run was faster, ours are put on top of
its commit, and nothing is lost on either side.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from erpsync.errors import ErpsyncError
from erpsync.forge.git import Answer, Git, RemoteError
from erpsync.forge.git_objects import ask, blob_id, blobs, files_of, must_be_whole, put, write_blob
from erpsync.forge.remote import fetch, push, remote_tip
from erpsync.state import shared_run

BRANCH = "erpsync-journal"
REF = f"refs/heads/{BRANCH}"
SEEN = "refs/erpsync/journal-seen"
"""Where this checkout remembers the last commit of the branch that it saw."""
ATTEMPTS = 8
"""How often a push is tried. Of those who push at once one always gets through."""
MESSAGE = "Journal\n\nWritten by erpsync. [skip ci]\n"


class RewrittenError(ErpsyncError):
    """The branch no longer holds what it held."""


def wait(attempt: int) -> None:
    """Pause before a further attempt: 0.1 s before the first, twice as long each time, at most 2 s."""
    time.sleep(min(0.1 * 2 ** (attempt - 1), 2.0))


class GitJournal:
    """The branch of journals.

    Its objects are kept in the checkout, since `SEEN` points to them. Neither the index, nor the work
    tree, nor a branch of the checkout is touched.

    Args:
        repository: a directory of a checkout that has the remote; its settings and credentials are used.
        remote: the name of the remote.
        pause: waits before the n-th further attempt to push.
    """

    def __init__(self, repository: Path, remote: str = "origin", pause: Callable[[int], None] = wait) -> None:
        self.git = Git(repository)
        self.remote = remote
        self._pause = pause
        self._tip: str | None = None
        self._fetched = False

    def fetch(self) -> str | None:
        """Bring the branch here; its last commit, or None if there is no such branch yet.

        Raises:
            RemoteError: the remote cannot be reached.
            RewrittenError: the branch lost what this checkout saw on it, or was removed.
            ErpsyncError: the checkout has too little of the branch to tell.
        """
        tip = self._must(remote_tip(self.git, self.remote, REF)) or None
        seen = self.git.run("rev-parse", "--verify", "--quiet", SEEN).output.strip() or None
        if tip is None and seen:
            raise self._rewritten(f"was removed: its last commit was {seen[:12]}")
        if tip and tip != seen:
            self._bring(tip)
            if seen and not self._descends(tip, seen):
                must_be_whole(self.git, tip)
                what = f"was rewritten: commit {seen[:12]}, which was its last, is no longer in it"
                raise self._rewritten(what)
            self._remember(tip)
        self._tip, self._fetched = tip, True
        return tip

    def files(self) -> dict[str, bytes]:
        """The journals and plans on the branch by path, as they were at the last fetch or push.

        Raises:
            ErpsyncError: one of them is not text.
        """
        there = files_of(self.git, self._tip) if self._tip else {}
        ids = {path: id_ for path, id_ in there.items() if shared_run(path)}
        contents = blobs(self.git, ids.values())
        for path, id_ in ids.items():
            if id_ not in contents:
                raise ErpsyncError("the file is not text as erpsync writes it", where=f"{BRANCH}:{path}")
        return {path: contents[id_] for path, id_ in ids.items()}

    def add(self, files: Mapping[str, bytes]) -> list[str]:
        """Have the branch hold these files; which of them it did not have yet, or not as far.

        Args:
            files: the contents by path, UTF-8 text. A file that is there may only be begun by, or
                begin, the one that is given; a longer one stays.

        Raises:
            RemoteError: the remote cannot be reached, or does not take it.
            ErpsyncError: the branch was rewritten, or has another file of that name.
        """
        failure = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self._pause(attempt)
            if attempt or not self._fetched:
                self.fetch()
            new = self._lacking(files)
            if not new:
                return []
            commit = self._commit(new)
            failure = push(
                self.git, self.remote, f"--force-with-lease={REF}:{self._tip or ''}", f"{commit}:{REF}"
            ).failure
            if not failure:
                self._remember(commit)
                self._tip = commit
                return sorted(new)
        raise self._fault(failure, "may this run push there?")

    def _lacking(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files that the branch does not have, or not as far."""
        there = files_of(self.git, self._tip) if self._tip else {}
        new = {}
        for path, content in files.items():
            id_ = there.get(path)
            if id_ is None:
                new[path] = content
            elif id_ != blob_id(content, id_):
                old = blobs(self.git, [id_]).get(id_)
                if old is not None and content.startswith(old):
                    new[path] = content
                elif old is None or not old.startswith(content):
                    raise differs(f"{BRANCH}:{path}")
        return new

    def _commit(self, files: Mapping[str, bytes]) -> str:
        ids = {path: write_blob(self.git, content) for path, content in files.items()}
        parent = ("-p", self._tip) if self._tip else ()
        return ask(self.git, "commit-tree", put(self.git, self._tip, ids), *parent, given=MESSAGE).strip()

    def _bring(self, tip: str) -> None:
        # A partial clone would leave out the contents.
        fetched = fetch(self.git, self.remote, REF, "--no-filter")
        if self.git.run("cat-file", "-e", tip).failure:
            raise self._fault(fetched.failure or "it did not give what it has", "try again")

    def _descends(self, tip: str, seen: str) -> bool:
        return not self.git.run("merge-base", "--is-ancestor", seen, tip).failure

    def _remember(self, tip: str) -> None:
        """Keep the tip as the last one seen; a run beside this one may have seen a later one."""
        done = self.git.run("update-ref", SEEN, tip)
        if done.failure and not self._descends(SEEN, tip):
            raise self._fault(done.failure, f"may git write {SEEN} in {self.git.directory}?")

    def _rewritten(self, what: str) -> RewrittenError:
        return RewrittenError(
            what,
            where=f"branch {BRANCH} of git remote {self.remote!r}",
            hint=f"{SEEN} still holds what was there; when it is explained: git update-ref -d {SEEN}",
        )

    def _must(self, done: Answer) -> str:
        if done.failure:
            hint = f"check the git remote {self.remote!r} and the access to it, or set journal: local"
            raise self._fault(done.failure, hint)
        return done.output.strip()

    def _fault(self, failure: str, hint: str) -> RemoteError:
        return RemoteError(f"branch {BRANCH} of git remote {self.remote!r}: {failure}", hint=hint)


def differs(where: str) -> ErpsyncError:
    """The error that a file here and the one of that name on the branch are not the same."""
    return ErpsyncError(
        "the file here and the one on the branch differ, and neither is the beginning of the other",
        where=where,
        hint="one of them was changed: erpsync journal verify; nothing is overwritten",
    )
