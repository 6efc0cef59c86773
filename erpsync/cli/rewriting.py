"""What the commands share that rewrite access files as they lie in a directory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from erpsync.cli.written import all_or_nothing
from erpsync.errors import UsageError

if TYPE_CHECKING:
    from erpsync.draft import Draft
    from erpsync.files import File


def files_here(access_dir: Path) -> list[File]:
    """The access files of a directory, whatever is in them.

    Raises:
        UsageError: there are none.
    """
    from erpsync.files import read_directory

    files = read_directory(access_dir)[0] if access_dir.is_dir() else []
    if not files:
        hint = "name the directory of the access files: --access DIR"
        raise UsageError(f"no access file in {str(access_dir)!r}", hint=hint)
    return files


def write_draft(draft: Draft) -> list[str]:
    """Write the files of a draft that change, all of them or none; their names.

    Raises:
        ErpsyncError: one cannot be written; then all are as they were.
    """
    files = {
        Path(shown): (before if before or Path(shown).exists() else None, after)
        for shown, (before, after) in draft.texts.items()
    }
    with all_or_nothing(files):
        pass
    return [str(path) for path in files]
