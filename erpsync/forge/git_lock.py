"""The lock that runs on several machines respect: a ref of the git remote that all of them reach.

``refs/erpsync/lock/TARGET`` points to a commit without files and parents, whose message says who
holds the lock. The server decides who is first: a push that expects the ref to be absent creates it
or is rejected, and one that expects our commit deletes it or is rejected.
https://git-scm.com/docs/git-push#Documentation/git-push.txt---force-with-leaserefnameexpect
"""

from __future__ import annotations

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from erpsync.errors import ErpsyncError, RefusedError
from erpsync.forge.git import Answer, Git, RemoteError
from erpsync.forge.remote import fetch, push, remote_tip
from erpsync.lock import FileLock, Lock, LockedError, LockHolder, lock_name, unlock_command

NAMESPACE = "refs/erpsync/lock/"
ATTEMPTS = 3
"""How often a lock is tried for that was given back just when its holder was to be read."""


def lock_for(
    access_dir: Path,
    state_dir: Path,
    target: str,
    holder: LockHolder,
    *,
    shared: bool,
    remote: str = "origin",
) -> Lock:
    """The lock of a target.

    Args:
        access_dir: the access files; their repository is the one whose remote is locked.
        state_dir: where the lock among the runs of this machine is kept.
        target: the target's name.
        holder: this run.
        shared: whether other machines must respect it.
        remote: the name of the remote that holds shared locks.

    Raises:
        RemoteError: the lock is to be shared, and there is no remote for it.
    """
    if not shared:
        return FileLock(state_dir, target, holder)
    if not _has_remote(access_dir, remote):
        raise RemoteError(
            f"there is no git remote {remote!r} to keep a shared lock in",
            where=str(access_dir),
            hint="add the remote, or set lock: local for the target",
        )
    return GitRefLock(access_dir, remote, target, holder)


def _has_remote(directory: Path, remote: str) -> bool:
    done = Git(directory).run("remote")
    if done.failure:
        raise RemoteError(f"git cannot read the repository: {done.failure}", where=str(directory))
    return remote in done.output.splitlines()


class GitRefLock:
    """A lock among all the machines that reach a git remote.

    Args:
        repository: a directory of a checkout that has the remote; its settings and credentials are used.
        remote: the name of the remote.
        target: what is locked.
        holder: this run.
    """

    def __init__(self, repository: Path, remote: str, target: str, holder: LockHolder) -> None:
        self.repository = repository
        self.remote = remote
        self.target = target
        self.holder = holder
        self.ref = NAMESPACE + lock_name(target)
        self._commit: str | None = None

    def __enter__(self) -> Self:
        with self._git() as git:
            commit = self._write_commit(git)
            try:
                self._take(git, commit)
            except (KeyboardInterrupt, RemoteError):
                # The push may have arrived all the same.
                with suppress(RemoteError):
                    self._delete(git, commit, self.holder.run)
                raise
        self._commit = commit
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        commit, self._commit = self._commit, None
        if commit is None:
            return
        try:
            self._delete(Git(self.repository), commit, self.holder.run)
        except RemoteError as fault:
            if error is None:
                raise
            # What ended the run matters more than the lock that it leaves behind.
            if isinstance(error, ErpsyncError):
                error.add_hint(str(fault))
            else:
                error.add_note(str(fault))

    def break_lock(self, run: str) -> LockHolder:
        """Remove the lock that a dead run left behind, and say whose it was.

        Raises:
            RefusedError: there is no lock of that run to remove.
            RemoteError: the remote cannot be reached.
        """
        with self._git() as git:
            held = self._read(git)
            if held is None:
                raise RefusedError("is not locked", where=f"target {self.target!r}")
            commit, holder = held
            if holder.run != run:
                raise LockedError(
                    self.target, holder, hint=f"run {run} does not hold it: nothing was removed"
                )
            self._delete(git, commit, run)
            return holder

    @contextmanager
    def _git(self) -> Iterator[Git]:
        """Git in the repository, with a place for new objects that is gone afterwards."""
        git = Git(self.repository)
        real = self.repository / self._must(git.run("rev-parse", "--git-path", "objects"))
        with tempfile.TemporaryDirectory(prefix="erpsync-lock-") as name:
            objects = Path(name)
            (objects / "info").mkdir()
            (objects / "info" / "alternates").write_text(f"{real.resolve()}\n", encoding="utf-8")
            yield Git(self.repository, objects)

    def _write_commit(self, git: Git) -> str:
        # The token makes the commits of two runs differ whatever they say: to push what is already
        # there would count as done.
        says = {**self.holder.to_json(), "token": secrets.token_hex(16)}
        tree = self._must(git.run("hash-object", "-t", "tree", "-w", "--stdin"))
        return self._must(git.run("commit-tree", tree, given=json.dumps(says)))

    def _take(self, git: Git, commit: str) -> None:
        failure = ""
        for _ in range(ATTEMPTS):
            pushed = push(git, self.remote, f"--force-with-lease={self.ref}:", f"{commit}:{self.ref}")
            failure = pushed.failure
            if not failure:
                return
            held = self._read(git)
            if held is None:
                continue
            found, holder = held
            if found == commit:
                # Only the answer was lost.
                return
            command = unlock_command(self.target, holder.run)
            hint = f"wait until that run has ended; if it died and left the lock behind: {command}"
            raise LockedError(self.target, holder, hint=hint)
        raise self._fault(failure, "may this run push there?")

    def _read(self, git: Git) -> tuple[str, LockHolder] | None:
        """The commit of the lock and who holds it; None if nobody does."""
        for _ in range(ATTEMPTS):
            commit = self._tip(git)
            if commit is None:
                return None
            fetched = fetch(git, self.remote, self.ref)
            text = git.run("cat-file", "commit", commit)
            if not text.failure:
                return commit, self._parse(text.output)
        raise self._fault(fetched.failure or "the lock changes hands all the time", "try again")

    def _tip(self, git: Git) -> str | None:
        return self._must(remote_tip(git, self.remote, self.ref)) or None

    def _parse(self, commit: str) -> LockHolder:
        holder = LockHolder.parse(commit.partition("\n\n")[2])
        if holder is None:
            raise RefusedError(
                f"is locked, and {self.ref} on {self.remote} does not say by whom",
                where=f"target {self.target!r}",
                hint=f"if no run is under way: git push {self.remote} :{self.ref}",
            )
        return holder

    def _delete(self, git: Git, commit: str, run: str) -> None:
        """Give back the lock that points to this commit; one that is gone or another's is left alone."""
        pushed = push(git, self.remote, f"--force-with-lease={self.ref}:{commit}", f":{self.ref}")
        if not pushed.failure:
            return
        try:
            left = self._tip(git) == commit
        except RemoteError:
            left = True
        if left:
            hint = f"when the remote can be reached again: {unlock_command(self.target, run)}"
            raise self._fault(f"it could not be given back: {pushed.failure}", hint)

    def _must(self, done: Answer) -> str:
        if done.failure:
            raise self._fault(done.failure, f"check the git remote {self.remote!r} and the access to it")
        return done.output.strip()

    def _fault(self, failure: str, hint: str) -> RemoteError:
        place = f"target {self.target!r}"
        return RemoteError(f"the lock in git remote {self.remote!r}: {failure}", where=place, hint=hint)
