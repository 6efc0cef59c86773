"""The access files as a commit has them, and which commits and files lie between two.

Contents are read from git's objects, not from a checkout or an archive, where attributes that a
commit brings along could leave files out or change them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from erpsync.errors import ErpsyncError, RefusedError
from erpsync.files import MAX_BYTES, File, Loaded, is_access_name, load_files, wrong_name
from erpsync.forge.git import Git
from erpsync.forge.git_objects import ask, blobs
from erpsync.model import Finding, Location

_LINK, _FILES = "120000", ("100644", "100755")
"""Modes of a tree: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects"""


def commit_id(git: Git, name: str) -> str:
    """The full hash of a commit.

    Raises:
        ErpsyncError: there is no such commit here.
    """
    found = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if found.failure:
        hint = "fetch the whole history: git fetch --unshallow (in CI: fetch-depth: 0)"
        if name == "HEAD":
            hint = "commit the access files first"
        raise ErpsyncError(f"there is no commit {name!r} here", where=str(git.directory), hint=hint)
    return found.output.strip()


def load_commit(git: Git, commit: str, folder: str, shown: Path) -> Loaded:
    """The access files of a commit, under the same rules as those of a directory.

    Args:
        git: anywhere in the repository.
        commit: its hash.
        folder: the access directory, from the top of the repository, with ``/``; empty for the top.
        shown: the access directory as people are told of it.
    """
    findings: list[Finding] = []
    files = files_of_commit(git, commit, folder, shown, findings)
    return load_files(files, findings)


def files_of_commit(git: Git, commit: str, folder: str, shown: Path, findings: list[Finding]) -> list[File]:
    """The access files of a commit, in the order of their paths; what is wrong becomes a finding."""
    wanted: dict[str, str] = {}
    for mode, blob, size, path in entries_of(git, commit, folder):
        *folders, name = path.split("/")
        place = Location((shown / path).as_posix(), 1, 1)
        if any(part.startswith(".") for part in (*folders, name)):
            continue
        finding = _wrong(mode, size, name, place)
        if finding is not None:
            findings.append(finding)
        elif is_access_name(name):
            wanted[path] = blob
    contents = blobs(git, wanted.values())
    files = []
    for path in sorted(wanted, key=lambda path: path.split("/")):
        place = Location((shown / path).as_posix(), 1, 1)
        if wanted[path] in contents:
            files.append(File(path, place.file, contents[wanted[path]]))
        else:
            findings.append(Finding("file/encoding", "the file is not UTF-8 text", place))
    return files


def _wrong(mode: str, size: int, name: str, place: Location) -> Finding | None:
    """What is wrong with an entry of a tree, by the rules of `erpsync.files`."""
    if mode == _LINK:
        return Finding("file/symlink", "symbolic links are not followed", place, "put the file itself here")
    if not is_access_name(name):
        return None
    if "\ufffd" in name:
        # Git's bytes were no UTF-8, and were read as this.
        return Finding("file/name", "the file name is not UTF-8", place, "rename the file")
    if mode not in _FILES:
        return Finding("file/unreadable", "not a regular file", place)
    if size > MAX_BYTES:
        return Finding("file/size", "the file is too large", place, "split it into several files")
    return wrong_name(name, place)


def entries_of(git: Git, commit: str, folder: str) -> Iterator[tuple[str, str, int, str]]:
    """Mode, object, size in bytes and path below the folder of everything in it; nothing without one."""
    tree = f"{commit}:{folder}"
    if git.run("rev-parse", "--verify", "--quiet", "--end-of-options", tree).failure:
        return
    for line in ask(git, "ls-tree", "-r", "-l", "-z", "--full-tree", tree).split("\0"):
        if line:
            facts, _, path = line.partition("\t")
            mode, _, blob, size = facts.split()
            yield mode, blob, int(size) if size.isdigit() else 0, path


def folder_of(directory: Path) -> str:
    """Where a directory lies in its repository, with ``/``; empty for the top.

    Raises:
        RefusedError: it is reached by a symbolic link. What lies behind it is another directory, of
            which an earlier commit may have nothing, neither rules nor people.
    """
    folder = ask(Git(directory), "rev-parse", "--show-prefix").removesuffix("\n").rstrip("/")
    here = directory.absolute()
    for name in reversed(folder.split("/") if folder else []):
        if here.is_symlink() or here.name != name:
            break
        here = here.parent
    else:
        if folder or not here.is_symlink():
            return folder
    raise RefusedError(
        "the access directory is reached by a symbolic link", where=str(directory),
        hint="name the directory itself with --access DIR",
    )  # fmt: skip


def changed_files(git: Git, base: str, head: str) -> list[str]:
    """The paths, from the top of the repository, of all files in which two commits differ."""
    # No setting and no attribute of the repository has a say here.
    options = ("-r", "--name-only", "--no-renames", "--no-relative", "--ignore-submodules=none", "-z")
    return [path for path in ask(git, "diff-tree", *options, base, head, "--").split("\0") if path]


def parents_of(git: Git, commit: str) -> list[str]:
    """The parents of a commit; the first is the main line as it was before a merge."""
    return ask(git, "rev-list", "--parents", "-n", "1", commit).split()[1:]


def merge_base(git: Git, one: str, other: str) -> str:
    """The commit from which two lines parted.

    Raises:
        ErpsyncError: they have none in common.
    """
    found = git.run("merge-base", one, other)
    if found.failure or not found.output.strip():
        raise ErpsyncError(f"{one} and {other} have no commit in common", where=str(git.directory))
    return found.output.split()[0]
