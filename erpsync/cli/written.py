"""Several access files written together: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from erpsync.cli.emergency_files import replace_file
from erpsync.errors import ErpsyncError

Files = Mapping[Path, tuple[str | None, str | None]]
"""The text of files before and after; None where there is none."""


@contextmanager
def all_or_nothing(files: Files) -> Iterator[None]:
    """Write the files; if that fails, or what is done with them then, they are as they were.

    Raises:
        ErpsyncError: they cannot be written, or one is not any more as it was read.
    """
    for path, (before, _) in files.items():
        if _current(path) != before:
            message = "has been changed in the meantime, so nothing was written"
            raise ErpsyncError(message, where=str(path), hint="try again")
    made: list[Path] = []
    try:
        for path, (_, text) in files.items():
            made += _make_folder(path.parent)
            _put(path, text)
        yield
    except BaseException as error:
        _put_back(files, made)
        if isinstance(error, OSError):
            message = f"cannot be written: {error.strerror}; all files are as they were"
            raise ErpsyncError(message, where=str(error.filename2 or error.filename)) from error
        raise


def read(path: Path) -> str:
    """The text of a file as it stands.

    Raises:
        ErpsyncError: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ErpsyncError(f"cannot be read: {why}", where=str(path)) from error


def _current(path: Path) -> str | None:
    return read(path) if path.exists() else None


def _put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
    else:
        replace_file(path, text)


def _put_back(files: Files, made: list[Path]) -> None:
    for path, (before, _) in files.items():
        if path.parent.is_dir() and _current(path) != before:
            _put(path, before)
    for folder in reversed(made):
        folder.rmdir()


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder and those above it; the ones that were not there, the outermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing[::-1]
