"""Access files as they would be after some edits, checked before anything is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from erpsync.access import Validated, validate_loaded
from erpsync.errors import RefusedError
from erpsync.files import File, load_files
from erpsync.model import Finding, Severity
from erpsync.yaml_edit import Edit, EditError, Put, edit, section_names

FINDINGS_SHOWN = 20
"""Most findings named when a draft is refused."""

Edits = Mapping[str, Sequence[Edit]]
"""Edits by the file that they are in, as it is shown to people."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of an access directory, and those among them that change, by path below it, with new bytes.

    Files that are new are in ``files`` with no bytes.
    """

    files: tuple[File, ...]
    changed: Mapping[str, bytes]

    @property
    def texts(self) -> dict[str, tuple[str, str]]:
        """The text before and after of each file that changes, by its name as shown."""
        return {
            file.shown: (file.data.decode("utf-8"), self.changed[file.path].decode("utf-8"))
            for file in self.files
            if file.path in self.changed
        }

    def validate(self) -> Validated:
        """The state that the files would declare, and everything that would be wrong with them."""
        files = [file._replace(data=self.changed.get(file.path, file.data)) for file in self.files]
        return validate_loaded(load_files(files, []))

    def valid(self) -> Validated:
        """The state that the files would declare.

        Raises:
            RefusedError: they would not be valid.
        """
        validated = self.validate()
        errors = [finding for finding in validated.findings if finding.severity is Severity.ERROR]
        if errors:
            raise RefusedError(
                "the files would not be valid then, so nothing was changed:\n  " + _listed(errors),
                hint="ask for something else, or mend that first",
            )
        return validated


def draft(files: Sequence[File], edits: Edits, new: Sequence[File] = ()) -> Draft:
    """Access files with edits.

    Args:
        files: all files of the access directory.
        edits: for files among them, or among the new ones.
        new: files that are not there yet, without bytes; only those that get edits count.

    Raises:
        EditError: one cannot be edited without touching more than the edits say.
    """
    known = {file.shown: file for file in (*new, *files)}
    changed: dict[str, bytes] = {}
    for shown, wanted in edits.items():
        file = known[shown]
        text = text_of(file)
        data = edit(text, _sections_made(text, wanted), shown).encode()
        if data != file.data:
            changed[file.path] = data
    made = [file for file in new if file.path in changed]
    every = sorted([*files, *made], key=lambda file: file.path.split("/"))
    return Draft(tuple(every), changed)


def text_of(file: File) -> str:
    """The text of an access file.

    Raises:
        EditError: it is not UTF-8.
    """
    try:
        return file.data.decode("utf-8")
    except UnicodeDecodeError as error:
        hint = "save it as UTF-8"
        raise EditError("the file is not UTF-8 text", where=file.shown, hint=hint) from error


def _sections_made(text: str, edits: Sequence[Edit]) -> list[Edit]:
    """The edits, where what is put into a section that is not there yet makes the section in one go."""
    present = section_names(text)
    made: dict[str, dict[str, object]] = {}
    kept: list[Edit] = []
    for change in edits:
        section = str(change.path[0])
        if isinstance(change, Put) and len(change.path) == 2 and section not in present:
            made.setdefault(section, {})[str(change.path[1])] = change.value
        else:
            kept.append(change)
    return [*kept, *(Put((section,), entries) for section, entries in made.items())]


def _listed(errors: Sequence[Finding]) -> str:
    lines = [f"{item.at}: {item.message}" + (f" ({item.hint})" if item.hint else "") for item in errors]
    more = [f"and {len(lines) - FINDINGS_SHOWN} more"] * (len(lines) > FINDINGS_SHOWN)
    return "\n  ".join([*lines[:FINDINGS_SHOWN], *more])
