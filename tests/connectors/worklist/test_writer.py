"""The writer hands over, and writes nothing to any ERP."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from openpyxl import load_workbook

from erpsync.connectors.base import Outcome
from erpsync.connectors.worklist.options import parse_options
from erpsync.connectors.worklist.reader import paths_in, read_export
from erpsync.connectors.worklist.writer import WorklistWriter
from erpsync.errors import TargetError
from erpsync.model import AccountChange
from tests.support.worklist import (
    HANDED_OVER,
    edits_of,
    handover,
    joiner,
    leaver,
    make_target,
    put_export,
)

ORDER = "u8-3f3f3f3f3f3f"
CHANGES = [leaver(), joiner()]


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A folder with an export."""
    put_export(tmp_path / "exports")
    return tmp_path / "exports"


def writer(exports: Path, *folders: Path, changes: list[AccountChange] = CHANGES) -> WorklistWriter:
    target = make_target(exports.parent)
    options = parse_options(target)
    export = read_export(paths_in(exports, options, target), options)
    return WorklistWriter(export, options, target, handover(changes, *folders))


def test_each_account_is_handed_over_with_the_lines_it_has(exports: Path, tmp_path: Path) -> None:
    assert list(writer(exports, tmp_path / "run").apply(edits_of(CHANGES))) == [
        Outcome("peng.fei", HANDED_OVER, f"lines 1 to 2 of work order {ORDER}"),
        Outcome("chen.jing", HANDED_OVER, f"lines 3 to 4 of work order {ORDER}"),
    ]


def test_the_export_is_left_as_it_is(exports: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in exports.iterdir()}
    list(writer(exports, tmp_path / "run").apply(edits_of(CHANGES)))
    assert {path.name: path.read_bytes() for path in exports.iterdir()} == before


def test_page_and_workbook_are_in_every_folder_and_only_their_owner_may_read_them(
    exports: Path, tmp_path: Path
) -> None:
    folders = [tmp_path / "state" / "runs" / "1", tmp_path / "orders"]
    list(writer(exports, *folders).apply(edits_of(CHANGES)))
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == ["work-order-u8.html", "work-order-u8.xlsx"]
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_lines_keep_their_numbers_when_only_a_part_is_handed_over(exports: Path, tmp_path: Path) -> None:
    (outcome,) = writer(exports, tmp_path).apply(edits_of(CHANGES[1:]))
    assert outcome.message == f"lines 3 to 4 of work order {ORDER}"
    sheet = load_workbook(tmp_path / "work-order-u8.xlsx").worksheets[0]
    assert [row[0] for row in sheet.iter_rows(min_row=9, values_only=True)] == [3, 4]


def test_a_single_line_is_told_as_one(exports: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    change = replace(leaver(), changes=leaver().changes[:1])
    (outcome,) = writer(exports, tmp_path, changes=[change]).apply(edits_of([change]))
    assert outcome.message == f"line 1 of work order {ORDER}"


def test_nothing_to_do_makes_no_order(exports: Path, tmp_path: Path) -> None:
    assert list(writer(exports, tmp_path / "run").apply([])) == []
    assert not (tmp_path / "run").exists()


def test_an_order_that_cannot_be_written_hands_nothing_over(exports: Path, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("in the way")
    with pytest.raises(TargetError, match="the work order cannot be written"):
        list(writer(exports, tmp_path / "run").apply(edits_of(CHANGES)))


def test_what_a_killed_run_left_is_written_over(exports: Path, tmp_path: Path) -> None:
    (tmp_path / ".work-order-u8.html.new").write_text("half")
    list(writer(exports, tmp_path).apply(edits_of(CHANGES)))
    assert "half" not in (tmp_path / "work-order-u8.html").read_text("utf-8")[:10]
    assert not (tmp_path / ".work-order-u8.html.new").exists()
