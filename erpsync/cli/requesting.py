"""What every request is made on: its options, and the access files as git has them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from erpsync.cli.asking import answer, answer_or_none
from erpsync.cli.common import access_option, as_of_option, live_option, today
from erpsync.errors import UsageError

if TYPE_CHECKING:
    from erpsync.access import Validated
    from erpsync.access_requests import Why
    from erpsync.cli.reviewing import Repository
    from erpsync.files import File
    from erpsync.forge.git_branch import Branch
    from erpsync.model import Access

WHEN = "As 2026-12-31, 'end of year', '3 months', 年底, 三个月."
"""How a day may be written, for the help of options."""

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Terms:
    """How a request is made: what the options of every request say."""

    access_dir: Path
    as_of: date | None
    live_file: Path | None
    reason: str | None
    request: str | None
    branch: str | None
    work_tree: bool
    pull_request: bool
    offline: bool
    yes: bool


def request_options(command: F) -> F:
    """The options that every request has; they arrive as ``terms``."""

    def with_terms(**values: Any) -> Any:
        names = (
            "access_dir",
            "as_of",
            "live_file",
            "reason",
            "request",
            "branch",
            "work_tree",
            "pull_request",
            "offline",
            "yes",
        )
        terms = Terms(**{name: values.pop(name) for name in names})
        return command(**values, terms=terms)

    with_terms.__name__, with_terms.__doc__ = command.__name__, command.__doc__
    with_terms.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]  # click's own
    options = (
        click.option("--reason", metavar="TEXT", help="Why it is needed."),
        click.option("--request", metavar="NUMBER", help="The number of the application, if there is one."),
        access_option,
        as_of_option,
        live_option,
        click.option("--offline", is_flag=True, help="Do not ask the ERP what would change in it."),
        click.option(
            "--branch", metavar="NAME",
            help="Put it on this branch, behind what is there. Default: a new one for each request.",
        ),
        click.option("--work-tree", is_flag=True, help="Change the files as they lie here; no commit."),
        click.option("--pull-request", is_flag=True, help="Send the branch and open the pull request."),
        click.option("--yes", "-y", is_flag=True, help="Do not ask whether it is right."),
    )  # fmt: skip
    made: Any = with_terms
    for option in reversed(options):
        made = option(made)
    return made  # type: ignore[no-any-return]  # click decorators keep what they decorate


@dataclass(frozen=True, slots=True)
class Ground:
    """What requests are made on: the access files as they are, and the branch that takes the commit."""

    terms: Terms
    files: Sequence[File]
    validated: Validated
    access: Access
    day: date
    repository: Repository | None
    branch: Branch | None

    @property
    def shown(self) -> str:
        """The access directory as files are shown in it."""
        return self.terms.access_dir.as_posix()


def ground_of(terms: Terms) -> Ground:
    """Read the access files that a request changes.

    Raises:
        ErpsyncError: there are none, or they have errors.
    """
    from erpsync.access import InvalidFilesError, validate_loaded
    from erpsync.files import load_files

    repository, branch = (None, None) if terms.work_tree else _branch(terms)
    files = _files(terms, repository, branch)
    validated = validate_loaded(load_files(files, []))
    if validated.errors:
        raise InvalidFilesError(validated.findings)
    access = validated.build()
    day = terms.as_of or today(access)
    return Ground(terms, files, validated, access, day, repository, branch)


def _branch(terms: Terms) -> tuple[Repository, Branch]:
    from erpsync.cli.reviewing import Repository
    from erpsync.forge.git import RemoteError
    from erpsync.forge.git_branch import Branch, branch_to_write
    from erpsync.forge.git_tree import commit_id

    if terms.pull_request:
        _forge_must_be_known()
    try:
        repository = Repository.of(terms.access_dir)
    except RemoteError as error:
        hint = "git init and commit them, or change the files alone: --work-tree"
        raise UsageError("the access files are not in git", where=str(terms.access_dir), hint=hint) from error
    base = commit_id(repository.git, "HEAD")
    if terms.branch is None:
        return repository, Branch("", base, made=False)
    branch = branch_to_write(repository.git, terms.branch, base)
    if branch.made and terms.pull_request:
        raise UsageError(
            f"the branch {branch.name} is there already, maybe with a pull request of its own",
            hint=f"leave --pull-request out, then: git push origin {branch.name}",
        )
    return repository, branch


def _files(terms: Terms, repository: Repository | None, branch: Branch | None) -> Sequence[File]:
    from erpsync.cli.rewriting import files_here
    from erpsync.forge.git_tree import files_of_commit

    if repository is None or branch is None:
        return files_here(terms.access_dir)
    found = files_of_commit(repository.git, branch.base, repository.folder, terms.access_dir, [])
    if not found:
        hint = "commit the access files first, or name their directory with --access DIR"
        raise UsageError("the commit has no access files", where=str(terms.access_dir), hint=hint)
    return found


def why_of(terms: Terms) -> Why:
    """Why it is asked for: as the options say, else as somebody answers."""
    from erpsync.access_requests import Why

    reason = answer(terms.reason, "Why is it needed", "--reason")
    return Why(reason, answer_or_none(terms.request, "Number of the application"))


def _forge_must_be_known() -> None:
    if not os.environ.get("GITHUB_TOKEN", "").strip():
        raise UsageError(
            "a pull request needs a token of GitHub, and GITHUB_TOKEN is not set",
            hint="make a token that may write pull requests, or leave --pull-request out and open it by hand",
        )
