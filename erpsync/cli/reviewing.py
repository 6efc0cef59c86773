"""What the commands of a pull request share: its two sides, its reviews, where it is told."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.errors import RefusedError, StaleError, UsageError

if TYPE_CHECKING:
    from datetime import date

    from erpsync.access import Validated
    from erpsync.forge.base import Forge, PullRequest, Review, ReviewSource
    from erpsync.forge.git import Git
    from erpsync.forge.github import GitHub
    from erpsync.model import Finding
    from erpsync.review import Reviewed


@dataclass(frozen=True, slots=True)
class Repository:
    """The git repository of the access files, and where in it they lie."""

    git: Git
    access_dir: Path
    folder: str

    @classmethod
    def of(cls, access_dir: Path) -> Repository:
        """The repository that an access directory lies in.

        Raises:
            UsageError: there is no such directory.
        """
        from erpsync.forge.git import Git
        from erpsync.forge.git_tree import folder_of

        if not access_dir.is_dir():
            raise UsageError(f"no directory {str(access_dir)!r}", hint="name it with --access DIR")
        return cls(Git(access_dir), access_dir, folder_of(access_dir))

    def at(self, commit: str) -> Validated:
        """The access files of a commit."""
        from erpsync.access import validate_loaded
        from erpsync.forge.git_tree import load_commit

        return validate_loaded(load_commit(self.git, commit, self.folder, self.access_dir))

    def files_outside(self, base: str, head: str) -> list[str]:
        """The files in which two commits differ, those of the access directory left out."""
        from erpsync.forge.git_tree import changed_files

        return [path for path in changed_files(self.git, base, head) if not self._is_access(path)]

    def _is_access(self, path: str) -> bool:
        """Whether a file is read as access, and so judged entry by entry: not all that lies there is."""
        inside = f"{self.folder}/" if self.folder else ""
        below = path.removeprefix(inside).split("/")
        return (
            path.startswith(inside)
            and path.endswith(".yaml")
            and not any(name.startswith(".") for name in below)
        )

    def must_be_as_committed(self, head: Validated) -> None:
        """Make sure that the files that were read are those of the commit that is checked out.

        Raises:
            RefusedError: an attribute of the repository, or an edit, made others of them.
        """
        from erpsync.files import digest_of
        from erpsync.forge.git_tree import files_of_commit

        wrong: list[Finding] = []
        files = files_of_commit(self.git, "HEAD", self.folder, self.access_dir, wrong)
        if wrong or digest_of(files) != head.digest:
            raise RefusedError(
                "the access files here are not those of the commit", where=str(self.access_dir),
                hint="take out what changes files when they are checked out (.gitattributes), or commit",
            )  # fmt: skip


def github() -> GitHub | None:
    """GitHub, if the environment has what is needed to reach it."""
    from erpsync.forge.github import github_from_environment

    forge = github_from_environment(os.environ)
    return click.get_current_context().with_resource(forge) if forge else None


def review_source(repository: Repository, forge: ReviewSource | None, base: str) -> ReviewSource | None:
    """Who says who reviewed: the forge if there is one, else signatures if a base says whose count.

    Args:
        repository: of the access files.
        forge: where pull requests are.
        base: the commit that what is checked out is held against.
    """
    from erpsync.forge.plain import plain_git

    return forge or plain_git(repository.git, base)


def signed_proposal(source: ReviewSource | None) -> PullRequest | None:
    """What is checked out, where signatures say who reviewed; a forge knows it by its number alone."""
    from erpsync.forge.plain import PROPOSED, PlainGit

    return source.pull_request(PROPOSED) if isinstance(source, PlainGit) else None


def pull_request(repository: Repository, forge: Forge | None, number: int | None) -> PullRequest | None:
    """The pull request whose files are checked out.

    Raises:
        StaleError: it has moved on since: what is here must not be taken for what would be merged.
    """
    from erpsync.forge.git_tree import commit_id, parents_of

    if forge is None or number is None:
        return None
    pull = forge.pull_request(number)
    head = commit_id(repository.git, "HEAD")
    if pull.head not in (head, *parents_of(repository.git, head)[1:]):
        raise StaleError(
            f"pull request {number} is at {pull.head[:12]} now, which is not what is checked out",
            hint="the job of the newer commit checks that one",
        )
    return pull


def base_of(repository: Repository, named: str | None, pull: PullRequest | None) -> str:
    """The commit that a change is held against.

    Args:
        repository: with the proposed files checked out.
        named: what the user said, if anything.
        pull: the pull request, if there is one.
    """
    from erpsync.forge.git_tree import commit_id, merge_base, parents_of

    git = repository.git
    if named:
        return commit_id(git, named)
    head = commit_id(git, "HEAD")
    parents = parents_of(git, head)
    if pull and pull.head in parents[1:]:
        # CI checks out the merge as it would be: its first parent is the base as it is now.
        return parents[0]
    if pull:
        return merge_base(git, head, pull.base)
    for name in ("origin/HEAD", "origin/main", "main", "origin/master", "master"):
        if not git.run("rev-parse", "--verify", "--quiet", name).failure:
            return merge_base(git, head, name)
    raise UsageError("there is no main branch to compare with", hint="name the commit: --base COMMIT")


def trusted(repository: Repository, commit: str) -> Validated:
    """The access files of a base: its rules and people decide, so they must be there and whole.

    Raises:
        RefusedError: there are none, or they have errors, so the rules cannot be relied on.
    """
    base = repository.at(commit)
    if not base.files:
        raise RefusedError(
            "the base has no access files there, so nothing says what must be approved",
            where=f"{repository.access_dir} in commit {commit[:12]}",
            hint="the first access files are merged by hand; a directory that has them keeps its name",
        )
    if base.errors:
        raise RefusedError(
            "the access files of the base are not valid, so nothing says what must be approved",
            where=f"commit {commit[:12]}",
            hint="mend the base first",
        )
    return base


@dataclass(frozen=True, slots=True)
class Checkout:
    """What is checked out: the proposed files, the pull request, and the base that the user named."""

    repository: Repository
    head: Validated
    pull: PullRequest | None
    base_name: str | None


@dataclass(frozen=True, slots=True)
class Sides:
    """A change: the files before and after, and the files outside the access directory that differ too."""

    base: Validated
    head: Validated
    files: tuple[str, ...]


def sides_of(repository: Repository, base: str, head: Validated, head_commit: str = "HEAD") -> Sides:
    """The two sides of a change.

    Args:
        repository: of the access files.
        base: the commit that the change is held against.
        head: the proposed files.
        head_commit: the commit that has them.

    Raises:
        RefusedError: the base has errors.
    """
    files = repository.files_outside(base, head_commit)
    return Sides(trusted(repository, base), head, tuple(files))


def review_of(sides: Sides, as_of: date, pull: PullRequest | None, source: ReviewSource | None) -> Reviewed:
    """Hold a change against what the rules of its base need, and the reviews against that."""
    from erpsync.review import review

    reviews: Sequence[Review] = source.reviews(pull.number) if source and pull else ()
    handles = source.handles if source else ""
    writers = source.writers(pull.number) if source and pull else ()
    return review(
        sides.base, sides.head, as_of,
        pull=pull, reviews=reviews, writers=writers, handles=handles, files=sides.files,
    )  # fmt: skip
