"""``erpsync import``: an ERP that is already full → the access files that describe it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from erpsync.cli.common import (
    access_option,
    as_of_option,
    emit,
    format_option,
    live_option,
    paint_stdout,
    progress_bar,
    today,
)
from erpsync.cli.reading import read_targets
from erpsync.errors import ExitCode, RefusedError
from erpsync.model import Severity

if TYPE_CHECKING:
    from erpsync.access import Validated
    from erpsync.connectors.base import Reader
    from erpsync.files import File
    from erpsync.importing.values import Ground, Imported
    from erpsync.model import Target
    from erpsync.render.importing import Told


@click.command(name="import")
@click.argument("target_name", metavar="TARGET")
@access_option
@as_of_option
@live_option
@click.option(
    "--owner", metavar="LOGIN",
    help="Who answers for the new roles and technical accounts, until others are named. "
    "Default: a user that stands for nobody.",
)  # fmt: skip
@click.option("--all-roles", is_flag=True, help="Make roles also of entitlements that nobody holds.")
@format_option("text", "markdown", "json")
def import_(
    target_name: str,
    access_dir: Path,
    as_of: date | None,
    live_file: Path | None,
    owner: str | None,
    all_roles: bool,
    output_format: str,
) -> int:
    """Write access files that describe what TARGET has: its users, and a role for each entitlement.

    Only what is new is added; what stands in the files stays as it is, to the byte. Before anything is
    written, the files are read as they would be and compared with the ERP: a plan must be empty, even if
    everything were enforced. An account of which git cannot say all is left out, and told.

    The ERP is never changed by this command. All files are written, or none.
    """
    from erpsync.render.importing import render_json, render_markdown, render_text

    told = import_target(target_name, access_dir, as_of, live_file, owner, all_roles=all_roles)
    match output_format:
        case "json":
            emit(render_json(told))
        case "markdown":
            emit(render_markdown(told))
        case _:
            emit(render_text(told, paint_stdout()))
    return ExitCode.DONE


def import_target(
    target_name: str,
    access_dir: Path,
    as_of: date | None,
    live_file: Path | None,
    owner: str | None,
    *,
    all_roles: bool,
) -> Told:
    """Read a target, and write what git does not know of it into the access files.

    Raises:
        ErpsyncError: the files are not valid, the target cannot be read, or a file cannot be written.
    """
    from erpsync.cli.written import all_or_nothing
    from erpsync.importing.importer import import_live
    from erpsync.render.importing import Told

    given = _read_files(access_dir)
    ground = _ground(given, target_name, as_of, live_file, owner, all_roles=all_roles)
    with progress_bar() as progress:
        progress("declaring", 0, 3)
        imported = import_live(ground)
        progress("declaring", 1, 3)
        texts = {} if imported.empty else _texts(imported, ground, given, access_dir)
        removed = [file.shown for file in given.examples if texts and file.shown not in texts]
        progress("declaring", 2, 3)
        _prove(texts, imported, ground, given, access_dir)
    before = {file.shown: file.data.decode("utf-8") for file in (*given.files, *given.examples)}
    after: dict[str, str | None] = {**dict.fromkeys(removed), **texts}
    with all_or_nothing({Path(name): (before.get(name), text) for name, text in after.items()}):
        pass
    return Told(ground, imported, tuple(sorted(texts)), tuple(removed))


@dataclass(frozen=True, slots=True)
class _Given:
    """The access files there are, without the examples of ``erpsync init`` that nobody has changed."""

    files: Sequence[File]
    examples: Sequence[File]
    validated: Validated


def _read_files(access_dir: Path) -> _Given:
    """The access files, which must be valid.

    Raises:
        InvalidFilesError: they are not.
    """
    from erpsync.access import InvalidFilesError, must_be_valid, validate_loaded
    from erpsync.files import load_files, read_directory

    if not access_dir.is_dir():
        must_be_valid(access_dir)  # tells what to do
    files, findings = read_directory(access_dir)
    examples = _unchanged_examples(files)
    own = [file for file in files if file not in examples]
    validated = validate_loaded(load_files(own, list(findings)))
    if validated.errors and examples:
        # Something of the company's own refers to them by now, so they are no examples any more.
        own, examples = files, []
        validated = validate_loaded(load_files(own, list(findings)))
    if validated.errors:
        raise InvalidFilesError(validated.findings)
    return _Given(own, examples, validated)


def _unchanged_examples(files: Sequence[File]) -> list[File]:
    """The people, roles and organisation of ``erpsync init``, if all of them are as it wrote them."""
    from importlib.resources import files as resources

    from erpsync.cli.init import scaffold

    written = scaffold(resources("erpsync").joinpath("scaffold", "access"))
    wanted = {name: text.encode() for name, text in written.items() if name != "erpsync.yaml"}
    found = [file for file in files if wanted.get(file.path) == file.data]
    return found if len(found) == len(wanted) else []


def _ground(
    given: _Given,
    target_name: str,
    as_of: date | None,
    live_file: Path | None,
    owner: str | None,
    *,
    all_roles: bool,
) -> Ground:
    """Everything that the import starts from, the target read."""
    from erpsync.connectors.base import descriptions
    from erpsync.importing.values import Ground

    access = given.validated.build()
    limited = {key for key, role, _ in given.validated.merged.good("roles") if "max_duration" in role}

    def read(target: Target, reader: Reader) -> Ground:
        return Ground(
            access,
            target,
            as_of or today(access),
            reader.snapshot(),
            reader.catalogue(),
            reader.capabilities,
            descriptions(reader),
            limited,
            owner,
            all_roles,
        )

    (reading,) = read_targets(access, [target_name], live_file, read)
    if reading.error:
        raise reading.error
    assert reading.found is not None
    return reading.found


def _texts(imported: Imported, ground: Ground, given: _Given, access_dir: Path) -> dict[str, str]:
    """The files with what is new, by path."""
    from erpsync.importing.entries import entry_edits, new_entries
    from erpsync.yaml_edit import edit

    there = {file.shown: file.data.decode("utf-8") for file in given.files}
    new = new_entries(imported, ground, access_dir.as_posix())
    return {
        path: edit(there.get(path, entries.comment), entry_edits(entries, ground, path), path)
        for path, entries in sorted(new.items())
    }


def _prove(
    texts: Mapping[str, str], imported: Imported, ground: Ground, given: _Given, access_dir: Path
) -> None:
    """Read the files as they would be, and compare: what is new must be just what the target has.

    Raises:
        RefusedError: it is not. That would be a fault of erpsync; nothing is written then.
    """
    from erpsync.access import validate_loaded
    from erpsync.files import File, load_files
    from erpsync.importing.proof import differing, said

    root = access_dir.as_posix()
    kept = [file for file in given.files if file.shown not in texts]
    made = [File(path.removeprefix(f"{root}/"), path, text.encode()) for path, text in texts.items()]
    files = sorted([*kept, *made], key=lambda file: file.path)
    validated = validate_loaded(load_files(files, []))
    wrong = [f"{item.at}: {item.message}" for item in validated.findings if item.severity is Severity.ERROR]
    if not wrong:
        found = differing(ground, validated.build())
        wrong = [
            f"{key} {said(change)}"
            for key, change in sorted(found.items())
            if key in imported.users or key in imported.joined
        ]
    if wrong:
        lines = "\n  ".join(wrong[:20])
        raise RefusedError(
            f"the files would not say what the target has, so nothing was written:\n  {lines}",
            where=f"target {ground.target.name!r}",
        )
