"""Reviews without a forge: a change is a merge, an approval is a signed empty commit on its branch.

    git commit --allow-empty -S -m "Approve" --trailer "Approves: $(git rev-parse HEAD)"

says that its signer approves what the branch holds. A later commit that changes anything makes it
stale. Every commit of a change must be signed too: else nobody could tell who proposes, and so who
must not approve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from erpsync.forge.base import ForgeError, PullRequest, Review, ReviewState
from erpsync.forge.git import Git
from erpsync.forge.git_objects import ask
from erpsync.forge.git_tree import commit_id, parents_of
from erpsync.forge.main_line import is_merge_of
from erpsync.forge.signed_commits import Signed, has_signers, signed_commit, signed_commits, tree_of

PROPOSED = 0
"""The number of the change that is checked out and not merged yet."""


@dataclass(frozen=True, slots=True)
class _Change:
    """What leads from a base to a head: the commits that change something, and the approvals after them."""

    base: str
    head: str
    content: tuple[Signed, ...]
    approvals: tuple[Signed, ...]


class PlainGit:
    """Implements `ReviewSource` for a repository with ``.allowed_signers``.

    The number of a merged change is its place on the main line that is checked out, from 1.

    Args:
        git: in the repository.
        base: the commit that what is checked out is held against, and whose signers count for it.
    """

    handles = "git"

    def __init__(self, git: Git, base: str) -> None:
        self._git = git
        self._base = base

    def pull_request(self, number: int) -> PullRequest:
        """A change by its number; `PROPOSED` is the one that is checked out."""
        if number == PROPOSED:
            return self._told(self._proposed(), number)
        pull = self.pull_request_of(self._merge(number))
        if pull is None:
            raise ForgeError(f"change {number} of the main line is no merge of signed commits")
        return pull

    def pull_request_of(self, commit: str) -> PullRequest | None:
        """The change that a merge of the main line brought; None for any other commit.

        Also None for a merge that holds something else than what it joins: nobody approved that.
        """
        parents = parents_of(self._git, commit)
        main = self._main_line()
        if commit not in main or len(parents) != 2:
            return None
        base, head = parents
        if not is_merge_of(self._git, "origin", commit, head):
            return None
        number = main.index(commit) + 1
        return self._told(self._change(base, head), number, signed_commit(self._git, base, commit))

    def writers(self, number: int) -> Sequence[str]:
        """Those who signed the commits of a change; an unsigned one keeps all approvals from counting."""
        return tuple(
            dict.fromkeys(commit.signer for commit in self._numbered(number).content if commit.signer)
        )

    def reviews(self, number: int) -> Sequence[Review]:
        """The approvals of a change that stand, oldest first; none where a part of it is not signed."""
        change = self._numbered(number)
        if not change.content or any(commit.signer is None for commit in change.content):
            return ()
        return [
            Review(commit.signer, ReviewState.APPROVED, change.head, commit.at)
            for commit in reversed(change.approvals)
            if commit.signer
        ]

    def _numbered(self, number: int) -> _Change:
        if number == PROPOSED:
            return self._proposed()
        return self._change(*self._joined(self._merge(number), number))

    def _joined(self, merge: str, number: int) -> tuple[str, str]:
        parents = parents_of(self._git, merge)
        if len(parents) != 2:
            raise ForgeError(f"change {number} of the main line is no merge")
        return parents[0], parents[1]

    def _proposed(self) -> _Change:
        return self._change(self._base, commit_id(self._git, "HEAD"))

    def _change(self, base: str, head: str) -> _Change:
        commits = signed_commits(self._git, base, head)
        known = {commit.commit: commit for commit in commits}
        at, seen = known.get(head), []
        while at and self._is_approval(at):
            seen.append(at)
            at = known.get(at.parents[0])
        # An approval names the last commit that changes something, or an approval of it.
        names = {commit.commit: place for place, commit in enumerate(seen)}
        if at:
            names[at.commit] = len(seen)
        standing = [
            commit
            for place, commit in enumerate(seen)
            if any(names.get(name, -1) > place for name in commit.approves)
        ]
        approvals = {commit.commit for commit in seen}
        content = tuple(commit for commit in commits if commit.commit not in approvals)
        return _Change(base, head, content, tuple(standing))

    def _is_approval(self, commit: Signed) -> bool:
        if len(commit.parents) != 1 or not commit.approves:
            return False
        return commit.tree == tree_of(self._git, commit.parents[0])

    def _told(self, change: _Change, number: int, merge: Signed | None = None) -> PullRequest:
        last = change.content[0] if change.content else None
        return PullRequest(
            number=number,
            title=merge.subject if merge else last.subject if last else "",
            author=(last.signer or last.author) if last else "",
            head=change.head,
            head_ref="",
            base=change.base,
            base_ref="",
            url="",
            merged_as=merge.commit if merge else None,
            merged_by=merge.signer if merge else None,
            merged_at=merge.at if merge else None,
        )

    def _main_line(self) -> list[str]:
        return ask(self._git, "rev-list", "--first-parent", "--reverse", "HEAD").split()

    def _merge(self, number: int) -> str:
        commits = self._main_line()
        if not 0 < number <= len(commits):
            raise ForgeError(f"there is no change {number} on the main line")
        return commits[number - 1]


def plain_git(git: Git, base: str) -> PlainGit | None:
    """Reviews by signatures; None if the base does not say whose signatures count."""
    return PlainGit(git, base) if has_signers(git, base) else None
