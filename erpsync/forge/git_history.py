"""Was a branch only ever added to? Every commit of it, from the first, and what each did to which file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from erpsync.forge.git import Git
from erpsync.forge.git_objects import ask, blob_id, must_be_whole

PLAIN = "100644"
"""The mode of a file that is neither a program nor a link."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a commit left of a file: its blob and length in bytes; ``status`` is git's letter (A, M, D, T)."""

    commit: str
    path: str
    status: str
    mode: str
    blob: str
    size: int


@dataclass(frozen=True, slots=True)
class History:
    """A branch from its first commit to its last: how many, which have several parents, all versions."""

    commits: int
    merges: tuple[str, ...]
    versions: tuple[Version, ...]


def read_history(git: Git, tip: str) -> History:
    """The history of a commit.

    Raises:
        RemoteError: git cannot read it.
        ErpsyncError: the checkout has only the end of it.
    """
    must_be_whole(git, tip)
    commits = [line.split() for line in ask(git, "rev-list", "--reverse", "--parents", tip).splitlines()]
    changes = list(_changes(git, [commit for commit, *_ in commits]))
    sizes = _sizes(git, [blob for _, _, _, _, blob in changes if blob.strip("0")])
    return History(
        commits=len(commits),
        merges=tuple(commit for commit, *parents in commits if len(parents) > 1),
        versions=tuple(
            Version(commit, path, status, mode, blob, sizes.get(blob, 0))
            for commit, path, status, mode, blob in changes
        ),
    )


def _changes(git: Git, commits: Sequence[str]) -> Iterator[tuple[str, str, str, str, str]]:
    """Commit, path, status, mode and blob of each file that a commit changed, in order."""
    options = ("--stdin", "--root", "-r", "--raw", "--no-renames", "--no-abbrev", "--no-relative")
    commit = ""
    for line in ask(git, "diff-tree", *options, given="".join(f"{id_}\n" for id_ in commits)).splitlines():
        if line.startswith(":"):
            facts, _, path = line.partition("\t")
            _, mode, _, blob, status = facts.split(" ")
            yield commit, path, status, mode, blob
        else:
            commit = line


def _sizes(git: Git, ids: Sequence[str]) -> dict[str, int]:
    given = "".join(f"{id_}\n" for id_ in sorted(set(ids)))
    output = ask(git, "cat-file", "--batch-check=%(objectname) %(objectsize)", given=given)
    pairs = (line.split(" ") for line in output.splitlines())
    # Of one that is missing it says so instead; then the beginning of no file will fit it.
    return {id_: int(size) for id_, size in pairs if size.isdigit()}


def additions_only(history: History, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Every commit that changed or removed what was there, in words. Pure.

    Each version of a file must be the beginning of the file as it is now, and none shorter than the
    one before it.

    Args:
        history: the branch.
        contents: its files now, by path.
    """
    for commit in history.merges:
        yield f"commit {commit[:12]} joins two histories; erpsync only ever adds to one"
    by_path: dict[str, list[Version]] = {}
    for version in history.versions:
        by_path.setdefault(version.path, []).append(version)
    for path, versions in by_path.items():
        for version in versions:
            if version.status == "D":
                yield f"commit {version.commit[:12]} removed {path}"
            elif version.mode != PLAIN:
                yield f"commit {version.commit[:12]} made {path} something else than a plain file"
        if path in contents:
            yield from _changed(versions, contents[path])


def _changed(versions: Sequence[Version], now: bytes) -> Iterator[str]:
    """Which commits changed a file otherwise than at its end."""
    for older, newer in pairwise(versions):
        grew = older.size <= newer.size and _begins(now, older) == _begins(now, newer)
        if not grew and "D" not in (older.status, newer.status):
            yield f"commit {newer.commit[:12]} changed what stood in {newer.path}"


def _begins(now: bytes, version: Version) -> bool:
    return blob_id(now[: version.size], version.blob) == version.blob
