"""The sheets of an XLSX file as lines of text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import date, time
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.cell.cell import ERROR_CODES

from erpsync.connectors.worklist.table import Content
from erpsync.errors import TargetError

MAX_UNPACKED = 512 * 1024 * 1024
"""Most that the parts of a file may have unpacked: a small file can hold a very large one."""


def read_sheet(content: Content, sheet: str | None) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    """The name of a sheet for people, and its lines with their numbers, all of one length.

    Raises:
        TargetError: it is no XLSX file, or has no such sheet; also while the lines are read.
    """
    _refuse_bomb(content)
    try:
        with warnings.catch_warnings():
            # It warns of styles and extensions, which do not matter here.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content.data), read_only=True, data_only=True, keep_links=False)
            names = [each.title for each in book.worksheets]
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise _unreadable(content, error) from error
    if sheet is None and len(names) != 1:
        raise TargetError(
            f"the file has {len(names)} sheets: {', '.join(map(repr, names))}",
            where=content.name,
            hint="name the sheet in the options of the target",
        )
    if sheet is not None and sheet not in names:
        raise TargetError(
            f"no sheet {sheet!r}; the sheets are: {', '.join(map(repr, names))}", where=content.name
        )
    chosen = sheet or names[0]
    return f"{content.name}[{chosen}]", _lines(content, book[chosen])


def _refuse_bomb(content: Content) -> None:
    try:
        unpacked = sum(entry.file_size for entry in ZipFile(io.BytesIO(content.data)).infolist())
    except (BadZipFile, ValueError, OSError) as error:
        raise _unreadable(content, error) from error
    if unpacked > MAX_UNPACKED:
        raise TargetError(
            f"the export has more than {MAX_UNPACKED // 1024 // 1024} MB unpacked", where=content.name
        )


def _lines(content: Content, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    # Some ERPs write a size of A1:A1, whatever the sheet holds.
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    try:
        for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            rows.append([_text(value, f"{content.name}[{sheet.title}]:{number}") for value in values])
    except TargetError:
        raise
    except Exception as error:  # as above
        raise _unreadable(content, error) from error
    # Empty cells at the end of a row are not in the file.
    width = max((_width(row) for row in rows), default=0)
    for number, row in enumerate(rows, start=1):
        yield number, row[:width] + [""] * (width - len(row))


def _width(row: list[str]) -> int:
    return next((index for index in range(len(row), 0, -1) if row[index - 1].strip()), 0)


def _text(value: Any, where: str) -> str:
    """The value of a cell as people see it: a number without a needless fraction, a day as YYYY-MM-DD."""
    if isinstance(value, str) and value in ERROR_CODES:
        raise TargetError(f"a cell has the error {value}", where=where)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, date | time):
        return value.isoformat()
    return "" if value is None else str(value).upper() if isinstance(value, bool) else str(value)


def _unreadable(content: Content, error: Exception) -> TargetError:
    return TargetError(f"not a readable XLSX file ({type(error).__name__})", where=content.name,
                       hint="open it, and save it as XLSX again; a password must be taken off")  # fmt: skip
