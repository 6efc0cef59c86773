"""From a request to a commit: what it would do is shown, then it is put on a branch of its own.

The files are read from git, changed in memory and checked there; the work tree is not touched. So
nothing that lies there is taken along, and whatever ends the command leaves everything as it was.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from erpsync.cli.asking import confirmed
from erpsync.cli.common import emit, paint_stdout
from erpsync.cli.requesting import Ground
from erpsync.errors import ErpsyncError, ExitCode, UsageError

if TYPE_CHECKING:
    from erpsync.access_requests import Asked, Why
    from erpsync.draft import Draft
    from erpsync.forge.github import GitHub
    from erpsync.model import Access


def make(ground: Ground, asked: Asked, why: Why, slug: str) -> ExitCode:
    """Show what one request would do, and make it.

    Args:
        ground: what it is made on.
        asked: what is asked for.
        why: why.
        slug: what the branch is called, where nobody says.

    Raises:
        RefusedError: the files would not be valid, or the policy refuses it.
    """
    from erpsync.render.request import commit_message

    made = drafted(ground, [asked])
    head = show(ground, [asked], made)
    confirmed("Make this request?", yes=ground.terms.yes)
    written = commit_or_write(ground, [(made, commit_message(asked, why))], slug)
    if ground.terms.pull_request and written.branch:
        from erpsync.render.request_form import filled

        propose_branch(ground, written.branch, asked.title, filled([asked], why, ground.access, head))
    return ExitCode.DONE


def drafted(ground: Ground, asked: Sequence[Asked]) -> Draft:
    """The access files as they would be."""
    from erpsync.draft import draft
    from erpsync.files import File

    edits: dict[str, list[Any]] = {}
    for item in asked:
        edits.setdefault(item.file, []).extend(item.edits)
    known = {file.shown for file in ground.files}
    prefix = f"{ground.shown}/"
    new = [File(name.removeprefix(prefix), name, b"") for name in edits if name not in known]
    return draft(ground.files, edits, new)


def show(ground: Ground, asked: Sequence[Asked], made: Draft) -> Access:
    """Show what git would say, what the policy finds, who must approve, and what the ERP would get.

    Returns:
        The declared state as it would be.

    Raises:
        RefusedError: the files would not be valid, or the policy refuses it.
    """
    from erpsync.cli.findings import proposed, refuse_conflicts
    from erpsync.render.policy import render_comparison
    from erpsync.render.request import render_asked
    from erpsync.render.verdicts import render_verdicts
    from erpsync.review import review

    after = made.valid()
    head = after.build()
    reviewed = review(ground.validated, after, ground.day)
    emit(render_asked(asked, reviewed.proposal, head, paint_stdout()))
    conflicts = proposed(ground.access, head, ground.day)
    emit(render_comparison(conflicts, paint_stdout()))
    if ground.access.approvals:
        emit(f"\n{render_verdicts(reviewed, ground.access, paint_stdout())}")
    if not ground.terms.offline:
        _show_plan(ground, head, {item.user for item in asked})
    refuse_conflicts(conflicts)
    return head


def _show_plan(ground: Ground, head: Access, users: set[str]) -> None:
    """What the ERP would get of it, where it can be asked; who asks for a role has no login for that."""
    from erpsync.cli.reading import plan_of
    from erpsync.render.text import render_plan

    try:
        plan = plan_of(head, ground.terms.access_dir, (), ground.day, ground.terms.live_file)
    except ErpsyncError as error:
        first = str(error).splitlines()[0]
        click.echo(
            f"What changes in the ERP is told in the pull request; it was not asked here: {first}", err=True
        )
        return
    own = [
        replace(
            target, accounts=tuple(item for item in target.accounts if item.user in users),
            held=tuple(item for item in target.held if item.user in users), unmanaged=(),
        )
        for target in plan.targets
    ]  # fmt: skip
    emit(f"\n{render_plan(replace(plan, targets=tuple(own), commit=None), paint_stdout())}")


@dataclass(frozen=True, slots=True)
class Written:
    """Where a request went: the branch, or no branch and the files here."""

    branch: str | None


def commit_or_write(ground: Ground, commits: Sequence[tuple[Draft, str]], slug: str) -> Written:
    """Put drafts, each with its message, on the branch as one commit each; or write the only one here.

    Each draft is of the files as the one before it leaves them.
    """
    from erpsync.cli.rewriting import write_draft
    from erpsync.forge.git_branch import branch_to_write, commit_files, free_name

    repository, branch = ground.repository, ground.branch
    if repository is None or branch is None:
        for name in write_draft(commits[0][0]):
            emit(f"  {name}\n")
        emit("Written here, and not committed.\n")
        return Written(None)
    git = repository.git
    if not branch.name:
        branch = branch_to_write(git, free_name(git, f"request/{_slug(slug)}"), branch.base)
    inside = f"{repository.folder}/" if repository.folder else ""
    tip = commit_files(
        git, branch,
        [({inside + path: data for path, data in made.changed.items()}, text) for made, text in commits],
    )  # fmt: skip
    emit(f"Committed {tip[:12]} on branch {branch.name}; the files here are as they were.\n")
    if git.run("status", "--porcelain", "--", ".").output.strip():
        click.echo("What is not committed here is no part of it.", err=True)
    if not ground.terms.pull_request:
        emit(
            f"Next: git push origin {branch.name}, and open the pull request (or say --pull-request here).\n"
        )
    return Written(branch.name)


def _slug(text: str) -> str:
    return re.sub(r"[^\w.-]+", "-", text).strip("-.").replace("..", ".") or "access"


# --- the pull request --------------------------------------------------------------------------------------


def propose_branch(ground: Ground, branch: str, title: str, body: str) -> None:
    """Send a branch, and open its pull request.

    Raises:
        ErpsyncError: one of them fails; the branch stays, and the error says how to go on.
    """
    from erpsync.forge.git_branch import main_branch, push_branch

    assert ground.repository is not None
    git = ground.repository.git
    push_branch(git, branch)
    with _forge(git.run("remote", "get-url", "origin").output) as forge:
        try:
            url = forge.open_pull_request(branch, main_branch(git), title, body)
        except ErpsyncError as error:
            error.add_hint(f"the branch {branch} is sent; open its pull request by hand")
            raise
    emit(f"Pull request: {url}\n")


def _forge(remote: str) -> GitHub:
    """GitHub as the environment has it; the repository is that of the remote where it is not named."""
    from erpsync.forge.github import github_from_environment

    found = re.search(r"[:/]([\w-]+/[\w.-]+?)(\.git)?/?\Z", remote.strip())
    name = {"GITHUB_REPOSITORY": found[1]} if found else {}
    forge = github_from_environment({**name, **os.environ})
    if forge is None:
        raise UsageError(
            "which repository on GitHub it is, is not known", hint="set GITHUB_REPOSITORY=OWNER/NAME"
        )
    return forge
