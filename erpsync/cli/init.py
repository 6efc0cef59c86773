"""``erpsync init``: scaffold an access repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import emit
from erpsync.errors import ErpsyncError, ExitCode, UsageError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
def init(directory: Path) -> int:
    """Make a new access repository in DIRECTORY: a small valid example to change to your own.

    Nothing that exists is overwritten.
    """
    from importlib.resources import files

    from erpsync.schema import schema_text

    wanted = {
        **scaffold(files("erpsync").joinpath("scaffold")),
        "schemas/access.schema.json": schema_text("access"),
    }
    existing = sorted(name for name in wanted if (directory / name).exists())
    if existing:
        raise UsageError(
            f"{directory} already has {', '.join(existing)}", hint="name a new or empty directory"
        )
    try:
        for name, text in sorted(wanted.items()):
            path = directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            emit(f"  {path}\n")
    except OSError as error:
        raise ErpsyncError(f"cannot be written: {error.strerror}", where=str(directory)) from error
    emit(f"Made. Next: cd {directory}, edit access/erpsync.yaml, then erpsync import erp.\n")
    return ExitCode.DONE


def scaffold(folder: Traversable, prefix: str = "") -> dict[str, str]:
    """Every file of the scaffold by its path; ``dot-`` at the beginning of a name stands for a dot."""
    found: dict[str, str] = {}
    for item in folder.iterdir():
        name = prefix + (f".{item.name.removeprefix('dot-')}" if item.name.startswith("dot-") else item.name)
        if item.is_dir():
            found |= scaffold(item, f"{name}/")
        else:
            found[name] = item.read_text(encoding="utf-8")
    return found
