"""Where the exports of a target are: a folder inside the repository of the access files."""

from __future__ import annotations

from pathlib import Path

from erpsync.errors import RefusedError
from erpsync.model import Target

SCHEME = "file:"


def folder_of(target: Target) -> Path:
    """The folder that the url of a target names, relative to the root of the repository.

    Nothing outside is read: what a proposal may name ends at the repository, so that no export can be
    made of a file that somebody else keeps on the machine.

    Raises:
        RefusedError: the url names no such folder, or there is no repository.
    """
    if not target.url.startswith(SCHEME):
        raise _refused(target, "the url of a worklist is a folder of the repository")
    root = _root(target)
    return inside(root, target.url.removeprefix(SCHEME), target)


def inside(folder: Path, name: str, target: Target) -> Path:
    """A file or folder below another one, links followed.

    Raises:
        RefusedError: it is elsewhere.
    """
    path = (folder / name).resolve()
    if Path(name).is_absolute() or not path.is_relative_to(folder.resolve()):
        raise _refused(target, f"{name!r} leads out of {folder.name!r}")
    return path


def _root(target: Target) -> Path:
    start = Path(target.at.file).absolute()
    for folder in start.parents:
        if (folder / ".git").exists():
            return folder
    raise _refused(target, "the access files are in no git repository, which a file: url is relative to")


def _refused(target: Target, message: str) -> RefusedError:
    return RefusedError(
        message, where=f"target {target.name!r} ({target.at})",
        hint="write it as file:FOLDER, relative to the root of the repository",
    )  # fmt: skip
