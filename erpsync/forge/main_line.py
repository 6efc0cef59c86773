"""The commits of the main line: which are new, which were undone, and what a merge would have made.

What is applied is the last commit. So together the commits must account for every difference to
the one that was applied before, or a difference would be checked by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from erpsync.errors import RefusedError, StaleError
from erpsync.forge.git import Git
from erpsync.forge.git_objects import ask
from erpsync.forge.git_tree import parents_of
from erpsync.forge.remote import fetch
from erpsync.forge.signed_commits import tree_of


def merged_since(git: Git, since: str | None, until: str) -> list[str]:
    """The commits of the main line after one and up to another, oldest first.

    Args:
        git: in the repository, with its whole history.
        since: the commit before the first; None for the last commit alone.
        until: the last commit.

    Raises:
        StaleError: what is asked for is older than what was applied.
        RefusedError: the main line does not lead from the one to the other.
    """
    if since is None:
        return [until]
    if since == until:
        return []
    commits = ask(git, "rev-list", "--first-parent", "--reverse", f"{since}..{until}").split()
    if not commits:
        raise StaleError(
            f"commit {until[:12]} is older than {since[:12]}, which was applied already",
            hint="run the job of the newest commit",
        )
    if parents_of(git, commits[0])[:1] != [since]:
        raise RefusedError(
            f"the main line does not go on from commit {since[:12]}, which was applied last",
            hint="what was merged there would be undone unseen: merge that commit into the main line anew",
        )
    return commits


def undone(git: Git, since: str | None, commits: Sequence[str]) -> set[str]:
    """The commits that a later one undid: all files are again as they were before.

    Args:
        git: in the repository.
        since: the commit before the first of them; None if that is not known.
        commits: one after the other.
    """
    trees = [tree_of(git, commit) for commit in ([since] if since else []) + list(commits)]
    first = 1 if since else 0
    found: set[str] = set()
    for end, tree in enumerate(trees):
        begin = trees.index(tree)
        found.update(commits[max(begin + 1 - first, 0) : end + 1 - first])
    return found


def is_merge_of(git: Git, remote: str, commit: str, head: str) -> bool:
    """Whether a commit is its first parent with another merged into it or squashed, and nothing else.

    Args:
        git: in the repository.
        remote: where the other is brought from, if it is not here.
        commit: of the main line; not its first.
        head: what was merged.

    Returns:
        False also where the two conflict, for then somebody chose what became of it; and where the
        other is nowhere to be had.
    """
    before = parents_of(git, commit)[0]
    if git.run("cat-file", "-e", f"{head}^{{commit}}").failure:
        fetch(git, remote, head)
    # https://git-scm.com/docs/git-merge-tree: without conflicts the first line is the merged tree.
    merged = git.run("--no-replace-objects", "merge-tree", "--write-tree", before, head)
    return not merged.failure and merged.output.split("\n")[0] == tree_of(git, commit)
