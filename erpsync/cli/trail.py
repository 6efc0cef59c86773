"""``erpsync trail``: by which change and whose approval a user came to each role, and what was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from erpsync.cli.common import (
    access_option,
    emit,
    format_option,
    lang_option,
    paint_stdout,
    state_option,
    today,
)
from erpsync.cli.explain import find_user
from erpsync.cli.reviewing import Repository, github, review_source
from erpsync.errors import ErpsyncError, ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from erpsync.model import Access
    from erpsync.trail_history import History, Source
    from erpsync.trail_journal import Evidence


@click.command()
@click.argument("user", metavar="USER")
@click.argument("role", metavar="[ROLE]", required=False)
@access_option
@state_option
@lang_option
@format_option("text", "json")
@click.option("--all", "everything", is_flag=True, help="Also roles that the user had before.")
@click.option(
    "--changes", "most", type=click.IntRange(min=1), default=500, show_default=True, metavar="N",
    help="How many changes of the files are looked through, the last ones first.",
)  # fmt: skip
def trail(
    user: str,
    role: str | None,
    access_dir: Path,
    state_dir: Path,
    lang: str,
    output_format: str,
    everything: bool,
    most: int,
) -> int:
    """Say for each role of a USER who asked for it, who approved it, and which run wrote it.

    The change and its author come from git; approvals from the journal, from GitHub where a job has
    it or from signed commits, and from the messages of commits; runs from the journals of this
    machine. What nobody knows is told as not known. With --all also the roles that were lost are
    told of, and users that the files no longer have. What is not committed is left out.
    """
    from erpsync.render.trail import render_trail
    from erpsync.render.trail_json import trail_to_json
    from erpsync.trail import trail_of
    from erpsync.trail_journal import attempts_of

    repository = _repository(access_dir)
    access = _declared(repository, access_dir)
    key, keys = _keys(access, user, everything=everything)
    history = _history(repository, access, keys, role, everything=everything, most=most)
    if key not in access.users and not (history and history.steps):
        find_user(access, user)
    roles = _roles(access, key, role, history, everything=everything)
    entries = _entries(state_dir)
    evidence, notes = _evidence(repository, entries, history, roles, access)
    notes += _unsound(state_dir)
    found = trail_of(
        key, access, today(access), history, attempts_of(entries, keys), evidence=evidence,
        roles=roles, whole=roles if everything else (),
    )  # fmt: skip
    if output_format == "json":
        emit(json.dumps(trail_to_json(found, notes), ensure_ascii=False, indent=2) + "\n")
    else:
        emit(render_trail(found, lang, notes, paint_stdout()))
    return ExitCode.DONE


def _repository(access_dir: Path) -> Repository | None:
    """The repository of the files; None where there is none, or no commit of them."""
    from erpsync.forge.git import commit_of

    if not access_dir.is_dir() or commit_of(access_dir) is None:
        return None
    repository = Repository.of(access_dir)
    return repository if repository.at("HEAD").files else None


def _declared(repository: Repository | None, access_dir: Path) -> Access:
    """The declared state: as committed, so that every place is one that git knows."""
    from erpsync.access import InvalidFilesError, load_valid

    if repository is None:
        return load_valid(access_dir)
    validated = repository.at("HEAD")
    if validated.errors:
        raise InvalidFilesError(validated.findings)
    return validated.build()


def _keys(access: Access, name: str, *, everything: bool) -> tuple[str, tuple[str, ...]]:
    """The key of the user that is meant, and every key that the user has or had.

    Raises:
        UsageError: there is no such user, and nobody asked for those who are gone.
    """
    try:
        user = find_user(access, name)
    except UsageError as error:
        if everything:
            return name, (name,)
        error.hint = "; ".join(part for part in (error.hint, "--all looks for who is gone too") if part)
        raise
    return user.key, (user.key, *user.previously)


def _history(
    repository: Repository | None,
    access: Access,
    keys: Sequence[str],
    role: str | None,
    *,
    everything: bool,
    most: int,
) -> History | None:
    from erpsync.forge.git_states import States
    from erpsync.forge.git_trail import history_of
    from erpsync.trail import held_roles

    if repository is None:
        return None
    user = access.users.get(keys[0])
    held = set(held_roles(user, access)) if user else set()
    wanted = held & {role} if role else held
    states = States(repository.git, repository.folder, repository.access_dir, keys)
    return history_of(states, None if everything else wanted, most)


def _roles(
    access: Access, key: str, role: str | None, history: History | None, *, everything: bool
) -> list[str]:
    """The roles to tell of: those that are held first, then those that were.

    Raises:
        UsageError: the one that is asked for is none of them.
    """
    from erpsync.schema import suggest
    from erpsync.trail import held_roles

    user = access.users.get(key)
    held = sorted(held_roles(user, access)) if user else []
    past = {step.change.subject for step in history.steps} if history and everything else set()
    roles = [*held, *sorted(past - set(held))]
    if role is None:
        return roles
    if role not in roles:
        hint = suggest(role, dict.fromkeys(roles), None) or ", ".join(roles)
        hints = [hint] if hint else []
        if not everything:
            hints.append("--all looks for roles that were lost too")
        raise UsageError(f"user {key!r} holds no role {role!r}", hint="; ".join(hints) or None)
    return [role]


def _entries(state_dir: Path) -> list[dict[str, Any]]:
    """The entries of all journals of this machine, oldest first."""
    from erpsync.journal import read_entries
    from erpsync.state import journal_paths, target_of

    journals = (
        [{**entry, "target": target_of(state_dir, path)} for entry in read_entries(path)]
        for path in journal_paths(state_dir)
    )
    return list(merge(*journals, key=lambda entry: str(entry.get("at", ""))))


def _unsound(state_dir: Path) -> list[str]:
    """Which journals were changed since they were written."""
    from erpsync.journal import check, read_head, whole_lines
    from erpsync.state import journal_paths

    return [
        f"{path} is not sound, so what it tells may be wrong: erpsync journal verify"
        for path in journal_paths(state_dir)
        if check(whole_lines(path.read_bytes()), read_head(path))
    ]


def _evidence(
    repository: Repository | None,
    entries: Sequence[Mapping[str, Any]],
    history: History | None,
    roles: Sequence[str],
    access: Access,
) -> tuple[dict[Source, Mapping[str, Evidence]], list[str]]:
    """What is known of the changes beside git's history, and what the reader should know of that."""
    from erpsync.forge.trail_reviews import reviewed
    from erpsync.trail_history import Source
    from erpsync.trail_journal import evidence_in

    evidence: dict[Source, Mapping[str, Evidence]] = {Source.JOURNAL: evidence_in(entries)}
    notes = []
    if access.shared_journal:
        notes.append("runs of other machines are told of once they are here: erpsync journal pull")
    steps = history.steps if history else ()
    commits = [step.origin.commit for step in steps if step.change.subject in roles]
    try:
        forge = github()
        source = review_source(repository, forge, "HEAD") if repository else None
        if source:
            known = reviewed(commits, source, access.users)
            evidence[Source.FORGE if forge else Source.SIGNATURE] = known
    except ErpsyncError as error:
        notes.append(f"the reviews could not be asked for: {error.message}")
    return evidence, notes
