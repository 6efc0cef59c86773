"""Exports made by mistake or by somebody who means harm: each ends with a place, or is read as it looks."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from erpsync import workbook
from erpsync.connectors.worklist.mapping import Sheets, accounts_of
from erpsync.connectors.worklist.options import parse_options
from erpsync.errors import TargetError
from erpsync.table import Content, Table, read_table
from tests.support.worklist import USERS, make_target, workbook_of

WRITTEN = datetime(2026, 11, 22, tzinfo=UTC)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


def read(data: bytes) -> Table:
    """The table of a workbook."""
    return read_table(Content("users.xlsx", data, WRITTEN), None, 1, ",")


def refused(data: bytes) -> TargetError:
    """The error that a workbook is refused with."""
    with pytest.raises(TargetError) as caught:
        read(data)
    return caught.value


def edited(edit: Any) -> bytes:
    """The users as a workbook, after somebody worked on the sheet."""
    book = Workbook()
    sheet = book.worksheets[0]
    for line in USERS:
        sheet.append(line)
    edit(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_sheet(xml: str) -> bytes:
    """A workbook whose sheet is this XML."""
    whole = zipfile.ZipFile(io.BytesIO(workbook_of({"x": USERS})))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in whole.infolist():
            made.writestr(entry, xml if "sheet1" in entry.filename else whole.read(entry))
    return stream.getvalue()


def sheet_of(rows: str) -> str:
    """The XML of a sheet with these rows."""
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def accounts(users: bytes, **options: str | None) -> list[str]:
    """The logins in a workbook whose roles stand beside the user."""
    target = make_target_of(**options)
    return [account.login for account in accounts_of(Sheets(read(users)), parse_options(target)).values()]


def make_target_of(**options: str | None) -> Any:
    """A target whose roles are in the column of names."""
    from pathlib import Path

    return make_target(Path("/nowhere"), roles_file=None, role_column="操作员姓名", **options)


def test_a_cell_a_million_rows_below_is_no_million_rows() -> None:
    def colour(sheet: Any) -> None:
        sheet.cell(1_048_576, 1).value = " "

    assert len(read(edited(colour)).rows) == 2


def test_a_note_far_to_the_right_is_refused_and_not_spread_over_every_row() -> None:
    def note(sheet: Any) -> None:
        sheet.cell(2, 16_384).value = "note"

    error = refused(edited(note))
    assert error.message == "the sheet has more than 1,000 columns"
    assert error.where == "users.xlsx[Sheet]:2"


def test_a_sheet_of_rows_that_are_all_width_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_CELLS", 100_000)
    row = '<row><c r="XFD{0}" t="str"><v> </v></c></row>'
    rows = "".join(row.format(number) for number in range(1, 1000))
    error = refused(with_sheet(sheet_of(rows)))
    assert error.message == "the sheet has more than 100,000 cells"


def test_entities_that_multiply_are_refused() -> None:
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "lol">{LAUGHS}]>' + sheet_of("<row><c><v>&l11;</v></c></row>")
    assert refused(with_sheet(bomb)).message.startswith("not a readable XLSX file")


def test_an_entity_that_names_a_file_is_not_read() -> None:
    secret = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + sheet_of(
        '<row><c t="str"><v>a</v></c></row><row><c t="str"><v>&f;</v></c></row>'
    )
    assert refused(with_sheet(secret)).message.startswith("not a readable XLSX file")


def test_merged_logins_are_refused_with_the_place_and_what_to_do() -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("A2:A3")

    with pytest.raises(TargetError, match="the column '操作员编码' is empty") as caught:
        accounts(edited(merge))
    assert caught.value.where == "users.xlsx[Sheet]:3"
    assert "merged" in (caught.value.hint or "")


def test_a_merged_header_is_not_guessed() -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("A1:B1")

    with pytest.raises(TargetError, match="no column '操作员姓名'"):
        accounts(edited(merge))


def test_a_number_keeps_the_zeros_that_people_see() -> None:
    def number(sheet: Any) -> None:
        sheet["A2"].value, sheet["A2"].number_format = 123, "00000"

    assert accounts(edited(number))[0] == "00123"


def test_a_formula_is_read_as_what_it_came_to_and_never_as_the_formula() -> None:
    def formula(sheet: Any) -> None:
        sheet["A2"].value = '=cmd|"/c calc"!A1'

    # Nobody has computed it here, so the cell is empty.
    with pytest.raises(TargetError, match="is empty"):
        accounts(edited(formula))


def test_letters_of_full_width_are_other_letters_and_are_not_taken_for_the_usual_ones() -> None:
    def wide(sheet: Any) -> None:
        sheet["A2"].value = "ＣＪ００２３"
        sheet["A3"].value = "\u3000CJ0023\u3000"

    assert accounts(edited(wide)) == ["ＣＪ００２３", "CJ0023"]


@pytest.mark.parametrize("value", ["１", "是 ", "启 用"])
def test_a_state_that_only_looks_like_a_known_one_is_refused(value: str) -> None:
    def state(sheet: Any) -> None:
        sheet["C2"].value = value

    with pytest.raises(TargetError, match="expected one of '停用', '启用'"):
        accounts(edited(state))


def test_a_day_that_is_kept_as_a_number_is_read_as_a_day() -> None:
    def day(sheet: Any) -> None:
        sheet["B2"].value, sheet["B2"].number_format = 46348, "yyyy-mm-dd"

    assert read(edited(day)).rows[0][1][1].startswith("2026-11-22")
