"""A commit on a branch that is not checked out: the work tree, the index and HEAD stay as they are.

So whatever lies uncommitted there is neither in the way nor taken along, and nothing has to be put
back where something fails: a commit that no branch names is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from erpsync.errors import ErpsyncError, RefusedError, UsageError
from erpsync.forge.git import WHOEVER_IS_HERE, Git
from erpsync.forge.git_objects import ask, put, write_blob

_NOWHERE = "0" * 40
"""What a ref that is not there points to, for git update-ref."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch by its name, and the commit that the next one is put on.

    ``made`` says that the branch is there already.
    """

    name: str
    base: str
    made: bool


def branch_to_write(git: Git, name: str, base: str) -> Branch:
    """The branch of a name; one that is not there begins at the base.

    Raises:
        UsageError: it cannot be the name of a branch.
        RefusedError: it is checked out, so that its files would no longer be those of the branch.
    """
    if git.run("check-ref-format", "--branch", name).failure:
        raise UsageError(f"{name!r} cannot be the name of a branch", hint="letters, digits, / and -")
    listed = ask(git, "worktree", "list", "--porcelain").splitlines()
    if f"branch refs/heads/{name}" in listed:
        raise RefusedError(
            f"the branch {name} is checked out, so its files would not be those of its last commit",
            hint="switch to the main branch first, or change the files themselves: --work-tree",
        )
    tip = git.run("rev-parse", "--verify", "--quiet", f"refs/heads/{name}^{{commit}}")
    return Branch(name, base if tip.failure else tip.output.strip(), made=not tip.failure)


def free_name(git: Git, name: str) -> str:
    """The name, with a figure behind it where there is such a branch."""
    number = 1
    while not git.run("rev-parse", "--verify", "--quiet", f"refs/heads/{_numbered(name, number)}").failure:
        number += 1
    return _numbered(name, number)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def commit_files(git: Git, branch: Branch, commits: Sequence[tuple[Mapping[str, bytes], str]]) -> str:
    """Put commits on a branch, all of them or none; the hash of the last one.

    Args:
        git: in the repository.
        branch: as `branch_to_write` found it.
        commits: for each, the files that change by path from the top of the repository, and the message.

    Raises:
        ErpsyncError: git does not know who writes, refuses, or the branch has moved meanwhile.
    """
    person = replace(git, identity=WHOEVER_IS_HERE)
    _must_know_who(person)
    sign = ["-S"] if git.run("config", "--type=bool", "commit.gpgSign").output.strip() == "true" else []
    tip = branch.base
    for files, message in commits:
        ids = {path: write_blob(git, content) for path, content in files.items()}
        tree = put(git, f"{tip}^{{tree}}", ids)
        tip = ask(person, "commit-tree", *sign, tree, "-p", tip, given=message).strip()
    old = branch.base if branch.made else _NOWHERE[: len(tip)].ljust(len(tip), "0")
    moved = git.run("update-ref", f"refs/heads/{branch.name}", tip, old)
    if moved.failure:
        message = f"the branch {branch.name} was changed by somebody else meanwhile"
        raise ErpsyncError(message, where=str(git.directory), hint="try again")
    return tip


def _must_know_who(git: Git) -> None:
    if git.run("var", "GIT_AUTHOR_IDENT").failure or not git.run("config", "user.email").output.strip():
        raise UsageError(
            "git does not know who you are, and a request is somebody's",
            hint='git config user.name "Your Name"; git config user.email you@company.example',
        )


def push_branch(git: Git, branch: str, remote: str = "origin") -> None:
    """Send a branch to the remote.

    Raises:
        ErpsyncError: the remote does not take it; the branch stays as it is.
    """
    done = replace(git, identity=WHOEVER_IS_HERE).run(
        "push", "--quiet", "--set-upstream", "--", remote, branch
    )
    if done.failure:
        raise ErpsyncError(
            f"the branch {branch} is made, and could not be sent to {remote}: {done.failure}",
            hint=f"nothing is lost; try again: git push {remote} {branch}",
        )


def main_branch(git: Git, remote: str = "origin") -> str:
    """The branch that changes are proposed for: the remote's own, else the one that is checked out."""
    head = git.run("symbolic-ref", "--quiet", "--short", f"refs/remotes/{remote}/HEAD").output.strip()
    if head:
        return head.removeprefix(f"{remote}/")
    return git.run("symbolic-ref", "--quiet", "--short", "HEAD").output.strip() or "main"
