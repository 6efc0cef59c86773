"""Reading exports: encodings, sheets, and every way in which a file is not whole."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from erpsync import table as tables
from erpsync import workbook
from erpsync.errors import TargetError
from erpsync.table import Content, Table, decode, read_content, read_table
from tests.support.worklist import USERS, text_of, workbook_of

WRITTEN = datetime(2026, 11, 22, tzinfo=UTC)


def read(
    data: bytes, name: str = "users.csv", *, sheet: str | None = None, header: int = 1, delimiter: str = ","
) -> Table:
    """The table in some bytes."""
    return read_table(Content(name, data, WRITTEN), sheet, header, delimiter)


def refused(data: bytes, name: str = "users.csv", *, sheet: str | None = None) -> TargetError:
    """The error that some bytes are refused with."""
    with pytest.raises(TargetError) as caught:
        read(data, name, sheet=sheet)
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
def test_chinese_is_read_in_each_encoding_that_erps_export(encoding: str) -> None:
    found = read(text_of(USERS).encode(encoding))
    assert found.columns == ("操作员编码", "操作员姓名", "状态")
    assert list(found.select(["操作员姓名"])) == [(2, ("彭飞",)), (3, ("马丽",))]


def test_rare_characters_of_gb18030_are_read() -> None:
    assert list(read("姓名\n𠮷野㐂\n".encode("gb18030")).select(["姓名"])) == [(2, ("𠮷野㐂",))]


@pytest.mark.parametrize(
    "data",
    ["姓名\n".encode("utf-16"), b"name\n\xff\xff\xff\n", b"name\nabc\0\n"],
    ids=["utf-16", "none", "zero"],
)
def test_text_in_another_encoding_is_refused_and_never_guessed(data: bytes) -> None:
    error = refused(data)
    assert (error.message, error.where) == ("the text is not in UTF-8 or GB18030", "users.csv")


def test_a_word_that_fits_two_encodings_is_read_in_the_one_that_is_named() -> None:
    data = "sex\n女\n".encode("gb18030")
    assert data.decode("utf-8") != "sex\n女\n"
    assert decode(Content("x.csv", data, WRITTEN), ["gb18030"]) == "sex\n女\n"


def test_cells_lose_blanks_around_them_also_those_of_full_width() -> None:
    assert read("a,b\n\u3000x , y\n".encode()).rows == ((2, ("x", "y")),)


def test_empty_lines_are_passed_over_and_lines_keep_their_numbers() -> None:
    assert read(b"\na,b\n\n,\n1,2\n").rows == ((5, ("1", "2")),)


def test_a_cell_may_hold_a_line_break() -> None:
    assert read(b'a,b\n"1\n2",3\n').rows == ((3, ("1\n2", "3")),)


def test_titles_above_the_header_are_passed_over() -> None:
    assert read("U8 操作员列表\n\na,b\n1,2\n".encode(), header=3).columns == ("a", "b")


def test_another_delimiter_can_be_given() -> None:
    assert read(b"a\tb\n1\t2\n", delimiter="\t").rows == ((2, ("1", "2")),)


@pytest.mark.parametrize("line", [b"1\n", b"1,2,3\n"], ids=["cut off", "too long"])
def test_a_row_that_does_not_fit_the_header_is_refused_with_its_place(line: bytes) -> None:
    error = refused(b"a,b\n1,2\n" + line)
    assert error.where == "users.csv:3"
    assert "cells, the header has 2" in error.message


def test_a_quote_that_is_not_closed_is_refused() -> None:
    error = refused(b'a,b\n"1,2\n')
    assert error.message.startswith("not CSV")
    assert error.where == "users.csv:2"


def test_a_file_without_any_line_is_refused() -> None:
    assert refused(b"\n").message == "the export is empty"


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    with pytest.raises(
        TargetError, match="no column '编码'; the columns are: '操作员编码', '操作员姓名', '状态'"
    ) as caught:
        read(text_of(USERS).encode()).select(["编码"])
    assert caught.value.where == "users.csv"


def test_of_very_many_columns_some_are_named_and_none_is_shown_that_looks_like_a_secret() -> None:
    columns = ["password=hunter2-hunter2", *(f"c{number}" for number in range(40))]
    with pytest.raises(TargetError, match="and 11 more") as caught:
        read(",".join(columns).encode()).select(["x"])
    assert "hunter2" not in caught.value.message


def test_a_column_that_is_there_twice_is_refused_only_if_it_is_wanted() -> None:
    found = read(b"a,b,b\n1,2,3\n")
    assert list(found.select(["a"])) == [(2, ("1",))]
    with pytest.raises(TargetError, match="the column 'b' is there 2 times"):
        found.select(["b"])


def test_csv_has_no_sheets() -> None:
    assert refused(b"a\n1\n", sheet="用户").message == "a CSV file has no sheets"


# --- XLSX -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 12, 31), "2026-12-31"),  # noqa: DTZ001 - cells have no time zone
        (datetime(2026, 12, 31, 8, 30), "2026-12-31 08:30:00"),  # noqa: DTZ001 - as above
        (time(8, 30), "08:30:00"),
        (timedelta(hours=26, minutes=5), "26:05:00"),
        (timedelta(days=-1), "-24:00:00"),
    ],
)
def test_day_and_time_are_as_people_see_them(value: object, text: str) -> None:
    book = workbook_of({"x": [["a"], [value]]})
    assert read(book, "x.xlsx").rows == ((2, (text,)),)


def test_the_only_sheet_of_a_workbook_is_read() -> None:
    found = read(workbook_of({"用户": USERS}), "users.xlsx")
    assert found.name == "users.xlsx[用户]"
    assert found.at(2) == "users.xlsx[用户]:2"
    assert found.rows[0] == (2, ("peng.fei", "彭飞", "启用"))


def test_a_sheet_is_found_by_its_name_among_several() -> None:
    book = workbook_of({"说明": [["x"]], "用户": USERS})
    assert read(book, "users.xlsx", sheet="用户").columns[0] == "操作员编码"


def test_several_sheets_and_none_named_is_refused_with_their_names() -> None:
    error = refused(workbook_of({"说明": [["x"]], "用户": USERS}), "users.xlsx")
    assert error.message == "the file has 2 sheets: '说明', '用户'"


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are() -> None:
    error = refused(workbook_of({"用户": USERS}), "users.xlsx", sheet="角色")
    assert error.message == "no sheet '角色'; the sheets are: '用户'"


def test_numbers_days_and_truth_values_are_read_as_people_see_them() -> None:
    line = [10023, 10023.0, 1.5, True, date(2026, 11, 22), None, "007"]
    header = ["a", "b", "c", "d", "e", "f", "g"]
    (row,) = read(workbook_of({"x": [header, line]}), "x.xlsx").rows
    assert row == (2, ("10023", "10023", "1.5", "TRUE", "2026-11-22", "", "007"))


def test_a_number_written_with_a_fraction_of_zero_is_a_whole_one() -> None:
    cell = SimpleNamespace(value=10023.0, number_format="General")
    assert workbook._text(cell, "x.xlsx[x]:2") == "10023"


def test_empty_cells_at_the_end_of_a_row_are_cells() -> None:
    assert read(workbook_of({"x": [["a", "b"], ["1"]]}), "x.xlsx").rows == ((2, ("1", "")),)


def test_a_note_in_a_column_without_a_name_is_nobodys_role() -> None:
    found = read(workbook_of({"x": [["a"], ["1"], ["2", "note"]]}), "x.xlsx")
    assert list(found.select(["a"])) == [(2, ("1",)), (3, ("2",))]


def test_a_cell_with_an_error_is_refused_with_its_place() -> None:
    error = refused(workbook_of({"x": [["a"], ["#N/A"]]}), "x.xlsx")
    assert (error.message, error.where) == ("a cell has the error #N/A", "x.xlsx[x]:2")


@pytest.mark.parametrize("data", [b"not a zip", b"PK\x05\x06" + b"\0" * 18], ids=["text", "empty zip"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    assert refused(data, "x.xlsx").message.startswith("not a readable XLSX file")


def test_a_sheet_whose_xml_breaks_off_is_refused() -> None:
    import io
    import zipfile

    whole = zipfile.ZipFile(io.BytesIO(workbook_of({"x": [["a"], ["1"]]})))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as broken:
        for entry in whole.infolist():
            data = whole.read(entry)
            broken.writestr(entry, data[: len(data) // 2] if "sheet1" in entry.filename else data)
    assert refused(stream.getvalue(), "x.xlsx").message.startswith("not a readable XLSX file")


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED", 1024)
    assert "unpacked" in refused(workbook_of({"x": [["a" * 2000]]}), "x.xlsx").message


# --- files ----------------------------------------------------------------------------------------


def test_a_file_is_read_with_the_time_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_bytes(b"a\n")
    os.utime(path, (0, 0))
    found = read_content(path)
    assert (found.name, found.data, found.written) == ("users.csv", b"a\n", datetime(1970, 1, 1, tzinfo=UTC))
    assert found.digest.startswith("sha256:")


def test_a_file_that_is_not_there_is_an_error_and_not_an_empty_export(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="the export cannot be read: No such file or directory"):
        read_content(tmp_path / "users.csv")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MAX_BYTES", 4)
    (tmp_path / "users.csv").write_bytes(b"12345")
    with pytest.raises(TargetError, match="larger than"):
        read_content(tmp_path / "users.csv")
