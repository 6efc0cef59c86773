"""Read CSV and XLSX into rows that know their place.

An export must be whole: whatever is not as it should be is an error with its place, and never a row
that is passed over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from erpsync.errors import TargetError
from erpsync.redact import redact

MAX_BYTES = 64 * 1024 * 1024
"""Largest export: several hundred thousand rows of CSV."""
COLUMNS_SHOWN = 30
"""Most columns named when one is missing."""

ENCODINGS = ("utf-8-sig", "gb18030")
"""UTF-8 with or without a byte order mark, and what Chinese Windows writes."""
ENCODING_NAMES = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}
WORKBOOKS = (".xlsx", ".xlsm")
"""Suffixes of files with sheets; everything else is CSV."""

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one sheet below its header. ``rows`` are line numbers, counted from 1, with their cells."""

    name: str
    columns: Cells
    rows: tuple[tuple[int, Cells], ...]

    def at(self, number: int) -> str:
        """The place of a row, for messages."""
        return f"{self.name}:{number}"

    def select(self, columns: Sequence[str]) -> Iterator[tuple[int, Cells]]:
        """The cells of these columns, row by row, each with the number of its line.

        Raises:
            TargetError: a column is not there, or is there twice.
        """
        places = [self._place(column) for column in columns]
        return ((number, tuple(cells[place] for place in places)) for number, cells in self.rows)

    def _place(self, column: str) -> int:
        times = self.columns.count(column)
        if times == 1:
            return self.columns.index(column)
        names = [repr(redact(name, 40)) for name in self.columns if name]
        more = f", and {len(names) - COLUMNS_SHOWN} more" if len(names) > COLUMNS_SHOWN else ""
        found = ", ".join(names[:COLUMNS_SHOWN]) or "none"
        problem = f"the column {column!r} is there {times} times" if times else f"no column {column!r}"
        raise TargetError(
            f"{problem}; the columns are: {found}{more}",
            where=self.name,
            hint="name the columns of the export where the file is described, in the access files",
        )


@dataclass(frozen=True, slots=True)
class Content:
    """A file as it was read: its name for people, its bytes, and when it was last written."""

    name: str
    data: bytes
    written: datetime

    @property
    def digest(self) -> str:
        """Identifies the bytes."""
        return f"sha256:{sha256(self.data).hexdigest()}"


def read_content(path: Path) -> Content:
    """Read a file whole.

    Raises:
        TargetError: there is none, or it is too large.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
            # Of the open file: another one may have its name by now.
            written = datetime.fromtimestamp(_modified(file.fileno()), UTC)
    except OSError as error:
        raise TargetError(f"the export cannot be read: {error.strerror}", where=str(path)) from error
    if len(data) > MAX_BYTES:
        raise TargetError(f"the export is larger than {MAX_BYTES // 1024 // 1024} MB", where=str(path))
    return Content(path.name, data, written)


def _modified(descriptor: int) -> float:
    import os

    return os.fstat(descriptor).st_mtime


def read_table(
    content: Content, sheet: str | None, header: int, delimiter: str, encodings: Sequence[str] = ENCODINGS
) -> Table:
    """The table in a file.

    Args:
        content: the file; XLSX if its name ends so, else CSV.
        sheet: which sheet of an XLSX file; None for the only one.
        header: the line that names the columns, counted from 1.
        delimiter: what stands between the cells of CSV.
        encodings: those that CSV may have, the first that fits.

    Raises:
        TargetError: it is no such file, or a row is not whole.
    """
    if content.name.lower().endswith(WORKBOOKS):
        # openpyxl takes long to import, and CSV has no use for it.
        from erpsync.workbook import read_sheet

        name, lines = read_sheet(content, sheet)
    elif sheet is not None:
        raise TargetError(
            "a CSV file has no sheets", where=content.name, hint="take the sheet out of the options"
        )
    else:
        name, lines = content.name, _csv_lines(content, delimiter, encodings)
    return _table(name, lines, header)


def _table(name: str, lines: Iterator[tuple[int, list[str]]], header: int) -> Table:
    columns: Cells | None = None
    rows: list[tuple[int, Cells]] = []
    for number, cells in lines:
        stripped = tuple(cell.strip() for cell in cells)
        if number < header or not any(stripped):
            continue
        if columns is None:
            columns = stripped
        elif len(stripped) != len(columns):
            raise TargetError(
                f"the row has {len(stripped)} cells, the header has {len(columns)}",
                where=f"{name}:{number}",
                hint="the file may be cut off, or have another delimiter than the options say",
            )
        else:
            rows.append((number, stripped))
    if columns is None:
        raise TargetError("the export is empty", where=name)
    return Table(name, columns, tuple(rows))


def _csv_lines(content: Content, delimiter: str, encodings: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    text = io.StringIO(decode(content, encodings), newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise TargetError(f"not CSV: {error}", where=f"{content.name}:{reader.line_num}") from error


def decode(content: Content, encodings: Sequence[str] = ENCODINGS) -> str:
    """The text of a CSV file: UTF-8 if it is that without any fault, else GB18030.

    GB18030 takes in GBK and GB2312. UTF-8 comes first: Chinese text in GB18030 is hardly ever valid UTF-8,
    but a very short one can be, such as the word 女; then the options have to name the encoding.

    Raises:
        TargetError: it is none of them.
    """
    return _decoded(content, encodings)[0]


def format_of(content: Content, encodings: Sequence[str] = ENCODINGS) -> str:
    """What a file is, for people: ``XLSX``, or CSV with its encoding.

    Raises:
        TargetError: it is neither.
    """
    if content.name.lower().endswith(WORKBOOKS):
        return "XLSX"
    return f"CSV in {ENCODING_NAMES[_decoded(content, encodings)[1]]}"


def _decoded(content: Content, encodings: Sequence[str]) -> tuple[str, str]:
    if not content.data.startswith((b"\xff\xfe", b"\xfe\xff")) and b"\0" not in content.data:
        for encoding in encodings:
            try:
                return content.data.decode(encoding), encoding
            except UnicodeDecodeError:
                continue
    raise TargetError(
        f"the text is not in {' or '.join(ENCODING_NAMES[name] for name in encodings)}",
        where=content.name,
        hint="save it as CSV UTF-8, or as XLSX",
    )
