"""Journals that several machines share: what this one has, and what the branch has.

The branch has the files of the state directory under the same names, as far as they are shared:
``journal/TARGET/RUN.jsonl`` and ``runs/RUN/plan.json``. A journal may only grow; so of two that
differ one is the beginning of the other, or somebody changed one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from erpsync.codec import Json, digest
from erpsync.errors import ErpsyncError
from erpsync.forge.git_history import additions_only, read_history
from erpsync.forge.git_journal import BRANCH, GitJournal, differs
from erpsync.journal import Journal, check, check_chain, entries_in, keep, read_head, whole_lines
from erpsync.state import journal_paths, plan_path, save_plan, shared_run

PULL = "erpsync journal pull brings the runs of other machines"
PUSH = "send it when the cause is mended: erpsync journal push"


class SharedJournal:
    """A journal of one run whose entries are on the branch before what they tell of happens.

    Args:
        journal: the journal on this machine, in which an entry is first.
        state: the state directory it lies in, with the plan of the run.
        branch: where it is sent to.
    """

    def __init__(self, journal: Journal, state: Path, branch: GitJournal) -> None:
        self._journal = journal
        self._state = state
        self._branch = branch
        self._plan: Mapping[str, bytes] = _plans(state, {journal.run})

    def append(self, *events: Mapping[str, Json]) -> None:
        """Record events, and send all there is; outcomes alone wait for what comes after them.

        Raises:
            ErpsyncError: they are not on the disk, or not on the branch.
        """
        self._journal.append(*events)
        if all(event["event"] == "outcome" for event in events):
            return
        path = self._journal.path
        try:
            self._branch.add({_name(self._state, path): path.read_bytes(), **self._plan})
        except ErpsyncError as error:
            hint = "; ".join(part for part in (error.hint, PUSH) if part)
            raise ErpsyncError(
                f"the journal is kept here, but cannot be sent: {error.message}", where=str(path), hint=hint
            ) from error
        self._plan = {}


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found on the branch: everything that is not as it was written, and how much there is.

    ``unsent`` are the files of this machine that the branch lacks, or has only the beginning of.
    """

    problems: tuple[str, ...]
    journals: int
    commits: int
    unsent: tuple[str, ...]


def pull(state: Path, branch: GitJournal) -> list[str]:
    """Bring every run of the branch into the state directory; which files are new or longer now.

    Raises:
        ErpsyncError: there is no branch, a journal on it is not sound, or a file here is another
            one. Nothing was written then.
    """
    if branch.fetch() is None:
        raise ErpsyncError(
            f"git remote {branch.remote!r} has no branch {BRANCH} yet",
            hint="the first apply with journal: remote makes it",
        )
    files = branch.files()
    for path, content in files.items():
        for problem in _unsound(path, content):
            raise ErpsyncError(f"{problem}; nothing was brought", hint="look at it: erpsync journal verify")
    here = {path: there for path in files if (there := _here(state, path)) is not None}
    new = _longer(files, here, state)
    for path in sorted(new, reverse=True):  # the plan of a run before its journal
        run = shared_run(path) or ""
        if path == _name(state, plan_path(state, run)):
            save_plan(state, run, files[path].decode())
        else:
            keep(state / path, files[path])
    return sorted(new)


def push(state: Path, branch: GitJournal) -> list[str]:
    """Send every run of this machine that the branch lacks; which files were sent.

    Raises:
        ErpsyncError: a journal here is not sound, or the branch has another one of that name, or
            does not take it.
    """
    for path in journal_paths(state):
        if shared_run(_name(state, path)):
            for problem in check(whole_lines(path.read_bytes()), read_head(path)):
                raise ErpsyncError(
                    f"the journal is not sound: {problem.message}",
                    where=f"{path}:{problem.line}",
                    hint="nothing was sent; look at it: erpsync journal verify",
                )
    return branch.add(local_files(state))


def prove(state: Path, branch: GitJournal) -> Proof:
    """Check every journal on the branch and every commit of it, and that this machine has no others.

    Raises:
        RewrittenError: the branch lost what this checkout saw on it.
        ErpsyncError: it cannot be read.
    """
    tip = branch.fetch()
    here = local_files(state)
    if tip is None:
        return Proof((), 0, 0, tuple(sorted(here)))
    files = branch.files()
    history = read_history(branch.git, tip)
    shared = tuple(version for version in history.versions if shared_run(version.path))
    problems = [problem for path in files for problem in _unsound(path, files[path])]
    problems += [f"{BRANCH}: {words}" for words in additions_only(replace(history, versions=shared), files)]
    problems += _other_plans(files)
    for path in sorted(here.keys() & files.keys()):
        if not _same_beginning(here[path], files[path]):
            problems.append(f"{state / path}: is not what {BRANCH}:{path} is")
    unsent = (path for path in sorted(here) if len(here[path]) > len(files.get(path, b"")))
    return Proof(tuple(problems), sum(map(_is_journal, files)), history.commits, tuple(unsent))


def local_files(state: Path) -> dict[str, bytes]:
    """The runs of this machine that are shared, by path: whole lines of journals, and their plans."""
    journals = {_name(state, path): path for path in journal_paths(state)}
    shared = {name: path for name, path in journals.items() if shared_run(name)}
    plans = _plans(state, {shared_run(name) or "" for name in shared})
    return {name: _whole(path.read_bytes()) for name, path in shared.items()} | plans


def _plans(state: Path, runs: set[str]) -> dict[str, bytes]:
    paths = (plan_path(state, run) for run in sorted(runs))
    return {_name(state, path): path.read_bytes() for path in paths if path.is_file()}


def _here(state: Path, path: str) -> bytes | None:
    """A shared file as it is on this machine; None if it is not."""
    if not (state / path).is_file():
        return None
    content = (state / path).read_bytes()
    return _whole(content) if _is_journal(path) else content


def _longer(files: Mapping[str, bytes], here: Mapping[str, bytes], state: Path) -> list[str]:
    """The files that are missing here or only begun."""
    for path, content in here.items():
        if not _same_beginning(content, files[path]) or (content != files[path] and not _is_journal(path)):
            raise differs(str(state / path))
    return [path for path, content in files.items() if len(content) > len(here.get(path, b""))]


def _same_beginning(one: bytes, other: bytes) -> bool:
    return one.startswith(other) or other.startswith(one)


def _unsound(path: str, content: bytes) -> Iterator[str]:
    """What is wrong with a journal on the branch, with its place."""
    if not _is_journal(path):
        return
    run = shared_run(path)
    lines = whole_lines(content)
    for problem in check_chain(lines)[0]:
        yield f"{BRANCH}:{path}:{problem.line}: {problem.message}"
    if content != _whole(content):
        yield f"{BRANCH}:{path}:{len(lines) + 1}: the line is not whole"
    if any(entry.get("run") != run for entry in entries_in(content)):
        yield f"{BRANCH}:{path}: it has entries of another run"


def _other_plans(files: Mapping[str, bytes]) -> Iterator[str]:
    """Plans that are not those which the journals of their runs say were carried out."""
    for path in filter(_is_journal, files):
        plan = f"runs/{shared_run(path)}/plan.json"
        said = {entry["plan"] for entry in entries_in(files[path]) if isinstance(entry.get("plan"), str)}
        if said and said != {_digest_of(files.get(plan))}:
            yield f"{BRANCH}:{plan}: is not the plan that {path} says was carried out"


def _digest_of(plan: bytes | None) -> str | None:
    """The digest of a plan document of any format; None if it is not the one it claims."""
    try:
        document = json.loads(plan or b"")
        claimed = str(document.pop("digest"))
        return claimed if digest(document) == claimed else None
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return None


def _is_journal(path: str) -> bool:
    return path.startswith("journal/")


def _name(state: Path, path: Path) -> str:
    return path.relative_to(state).as_posix()


def _whole(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]
