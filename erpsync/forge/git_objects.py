"""Objects of a git repository, read and written without an index and without a work tree."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from erpsync.errors import ErpsyncError
from erpsync.forge.git import Answer, Git, RemoteError


def must(git: Git, done: Answer) -> str:
    """What git printed.

    Raises:
        RemoteError: it failed.
    """
    if done.failure:
        raise RemoteError(f"git failed: {done.failure}", where=str(git.directory))
    return done.output


def ask(git: Git, *arguments: str, given: str = "") -> str:
    """Run git on the objects as they are, and on nothing that stands in for them.

    Raises:
        RemoteError: it failed.
    """
    # With quoted paths a name of any bytes comes back as it went out.
    plain = ("--no-replace-objects", "-c", "core.quotePath=true")
    return must(git, git.run(*plain, *arguments, given=given))


def must_be_whole(git: Git, tip: str) -> None:
    """Make sure that the checkout has all commits before this one: a shallow one may not.

    Raises:
        ErpsyncError: it has not.
    """
    for commit in ask(git, "rev-list", "--max-parents=0", tip).split():
        if "\nparent " in ask(git, "cat-file", "commit", commit).partition("\n\n")[0]:
            raise ErpsyncError(
                f"the history of the branch is cut off before commit {commit[:12]} in this checkout",
                where=str(git.directory),
                hint="git fetch --unshallow",
            )


def blob_id(content: bytes, like: str) -> str:
    """The id that git gives a file of this content, in the kind of the given id (SHA-1 or SHA-256).

    https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
    """
    kind = "sha256" if len(like) == 64 else "sha1"
    # SHA-1 only names the object, as git does: the chain of a journal is SHA-256.
    named = hashlib.new(kind, b"blob %d\0%b" % (len(content), content), usedforsecurity=False)
    return named.hexdigest()


def blobs(git: Git, ids: Collection[str]) -> dict[str, bytes]:
    """The contents of blobs by id. One that is not UTF-8 text with plain line ends is left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    output = ask(git, "cat-file", "--batch", given="".join(f"{id_}\n" for id_ in wanted)).encode()
    found = _split(output)
    for missing in (id_ for id_ in wanted if id_ not in found):
        content = ask(git, "cat-file", "blob", missing).encode()
        if blob_id(content, missing) == missing:
            found[missing] = content
    return found


def _split(output: bytes) -> dict[str, bytes]:
    """The blobs in what ``cat-file --batch`` printed, as far as the text came through unchanged."""
    found = {}
    at = 0
    while at < len(output):
        end = output.find(b"\n", at)
        header = output[at:end].decode(errors="replace").split(" ")
        if len(header) != 3 or not header[2].isdigit():
            break
        content = output[end + 1 : end + 1 + int(header[2])]
        if blob_id(content, header[0]) != header[0]:
            break
        found[header[0]] = content
        at = end + 1 + len(content) + 1
    return found


def write_blob(git: Git, content: bytes) -> str:
    """Keep a file of UTF-8 text as an object; its id."""
    return ask(git, "hash-object", "-w", "--stdin", given=content.decode()).strip()


def files_of(git: Git, commit: str) -> dict[str, str]:
    """The ids of all files of a commit by their path, links and the like left out."""
    found = {}
    for line in ask(git, "ls-tree", "--full-tree", "-r", commit).splitlines():
        facts, _, path = line.partition("\t")
        mode, _, id_ = facts.split(" ")
        if mode == "100644":
            found[path] = id_
    return found


def put(git: Git, tree: str | None, files: Mapping[str, str]) -> str:
    """The id of a tree with these files in it, and everything else as it is in the given one.

    Args:
        git: in the repository.
        tree: the tree or commit to start from; None for an empty one.
        files: ids of blobs by path.

    Raises:
        ErpsyncError: a file is where a folder is needed.
    """
    entries = _entries(git, tree) if tree else {}
    below: dict[str, dict[str, str]] = {}
    for path, id_ in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = id_
        else:
            entries[name] = f"100644 blob {id_}"
    for name, inner in below.items():
        _, kind, old = entries.get(name, "040000 tree ").split(" ")
        if kind != "tree":
            raise ErpsyncError(f"{name!r} is a file where a folder is needed", where=str(git.directory))
        entries[name] = f"040000 tree {put(git, old or None, inner)}"
    lines = "".join(f"{facts}\t{name}\n" for name, facts in entries.items())
    # A partial clone has not all of the files that stay as they are.
    return ask(git, "mktree", "--missing", given=lines).strip()


def _entries(git: Git, tree: str) -> dict[str, str]:
    lines = (line.partition("\t") for line in ask(git, "ls-tree", "--full-tree", tree).splitlines())
    return {name: facts for facts, _, name in lines}
