"""``erpsync fmt``: the access files in one layout."""

from __future__ import annotations

from pathlib import Path

import click

from erpsync.cli.common import access_option, emit
from erpsync.errors import ExitCode


@click.command()
@access_option
@click.option("--check", is_flag=True, help="Change nothing; exit code 4 if a file would change.")
@click.option("--sort", "by_name", is_flag=True, help="Sort the entries of each section by their keys too.")
def fmt(access_dir: Path, check: bool, by_name: bool) -> int:
    """Lay the access files out in one way, so that a pull request shows only what was changed.

    Two columns for each level, the keys of an entry in the order of the reference, one blank line where
    there were more. Every comment stays with what it is about, and the files say what they said before:
    each one is read again before anything is written.
    """
    from erpsync.cli.rewriting import files_here, write_draft
    from erpsync.draft import Draft, text_of
    from erpsync.layout import access_order, sorted_order
    from erpsync.yaml_format import formatted

    order = sorted_order() if by_name else access_order()
    files = files_here(access_dir)
    changed: dict[str, bytes] = {}
    for file in files:
        new = formatted(text_of(file), order, file.shown).encode()
        if new != file.data:
            changed[file.path] = new
    made = Draft(tuple(files), changed)
    if check:
        for name in made.texts:
            emit(f"{name}\n")
        if changed:
            click.echo(f"not laid out: {len(changed)} of {len(files)}; run erpsync fmt", err=True)
        return ExitCode.REFUSED if changed else ExitCode.DONE
    for name in write_draft(made):
        emit(f"{name}\n")
    return ExitCode.DONE
