"""The sheets of an XLSX file as lines of text."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.cell.cell import ERROR_CODES

from erpsync.errors import TargetError
from erpsync.table import Content

MAX_UNPACKED = 512 * 1024 * 1024
"""Most that the parts of a file may have unpacked: a small file can hold a very large one."""
MAX_COLUMNS = 1000
"""Widest sheet: one note far to the right would make each of many rows as wide."""
MAX_CELLS = 30_000_000
"""Most cells, empty ones included: a row of a few bytes can have 16,384."""


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
            hint="name the sheet where the file is described, in the access files",
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
    rows: list[tuple[int, list[str]]] = []
    looked_at = 0
    try:
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            where = f"{content.name}[{sheet.title}]:{number}"
            looked_at += len(cells)
            _refuse_huge(looked_at, MAX_CELLS, "cells", where)
            texts = [_text(cell, where) for cell in cells]
            width = _width(texts)
            _refuse_huge(width, MAX_COLUMNS, "columns", where)
            if width:  # a sheet may end a million empty rows later, with nothing but a colour
                rows.append((number, texts[:width]))
    except TargetError:
        raise
    except Exception as error:  # as above
        raise _unreadable(content, error) from error
    # Empty cells at the end of a row are not in the file.
    width = max((len(row) for _, row in rows), default=0)
    for number, row in rows:
        yield number, row + [""] * (width - len(row))


def _refuse_huge(number: int, most: int, what: str, where: str) -> None:
    if number > most:
        raise TargetError(
            f"the sheet has more than {most:,} {what}",
            where=where,
            hint="export only the columns that are needed, and nothing beside the table",
        )


def _width(row: list[str]) -> int:
    return next((index for index in range(len(row), 0, -1) if row[index - 1].strip()), 0)


def _text(cell: Any, where: str) -> str:
    """A cell as people see it: a number without a needless fraction, with its zeros, a day as YYYY-MM-DD."""
    value = cell.value
    if isinstance(value, str):
        if value in ERROR_CODES:
            raise TargetError(f"a cell has the error {value}", where=where)
        return value
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).upper()
    if isinstance(value, datetime):
        # A day is a time stamp in the file, that of its first moment.
        return value.isoformat(" ").removesuffix(" 00:00:00")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, int) or value.is_integer():
        # A number like 00123 is kept as 123, with a format of five zeros.
        zeros = cell.number_format
        return str(int(value)).zfill(len(zeros) if set(zeros) == {"0"} else 0)
    return str(value)


def _duration(value: timedelta) -> str:
    """Hours, minutes and seconds, as ``26:05:00``."""
    seconds = round(value.total_seconds())
    minutes, rest = divmod(abs(seconds), 60)
    return f"{'-' * (seconds < 0)}{minutes // 60:02}:{minutes % 60:02}:{rest:02}"


def _unreadable(content: Content, error: Exception) -> TargetError:
    return TargetError(f"not a readable XLSX file ({type(error).__name__})", where=content.name,
                       hint="open it, and save it as XLSX again; a password must be taken off")  # fmt: skip
