"""The work order on paper: the page, the workbook, and names that would be more than names."""

from __future__ import annotations

import io
from html.parser import HTMLParser

import pytest
from openpyxl import load_workbook

from erpsync.connectors.worklist.order_html import order_html
from erpsync.connectors.worklist.order_xlsx import TITLES, order_xlsx
from erpsync.connectors.worklist.steps import Order, lines_of, order_number, row_of
from erpsync.model import AccountChange
from tests.golden import FOLDER, check_golden
from tests.support.worklist import PLAN, RUN, joiner, leaver

FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://evil.example")', "\t=1+1"]
MARKUP = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>"


def order(*changes: AccountChange) -> Order:
    """A work order for some changes."""
    rows = tuple(row_of(line, {}) for line in lines_of(changes or (leaver(), joiner())))
    return Order(order_number("u8", PLAN), "u8", "U8-001", PLAN, RUN, "wulan", rows)


class Tags(HTMLParser):
    """The tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_page_is_as_in_the_golden_file() -> None:
    check_golden(FOLDER / "work_order.html", order_html(order()))


def test_plan_and_run_stand_in_the_head_of_the_table_which_is_repeated_on_every_sheet() -> None:
    head = order_html(order()).split("<thead>")[1].split("</thead>")[0]
    assert PLAN in head
    assert RUN in head


def test_a_name_with_markup_stays_a_name() -> None:
    page = order_html(order(joiner(MARKUP, MARKUP, MARKUP)))
    assert Tags(page).tags == Tags(order_html(order(joiner()))).tags
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_workbook_reads_back_line_by_line() -> None:
    sheet = load_workbook(io.BytesIO(order_xlsx(order()))).worksheets[0]
    lines = list(sheet.iter_rows(values_only=True))
    head = lines.index(TITLES)
    assert [line[0] for line in lines[head + 1 :]] == [1, 2, 3, 4]
    assert lines[head + 4][1:7] == (
        "chen.jing", "陈静", "授予角色 Grant role", "Buyer", "position buyer", "REQ-2026-0417",
    )  # fmt: skip
    assert lines[head + 4][7:] == (None, None, None, None)


def test_every_printed_page_of_the_workbook_names_plan_and_run() -> None:
    sheet = load_workbook(io.BytesIO(order_xlsx(order()))).worksheets[0]
    assert sheet.oddFooter is not None
    assert sheet.oddFooter.left.text == f"u8-3f3f3f3f3f3f · {PLAN} · {RUN}"
    assert sheet.print_title_rows == "$8:$8"


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_that_looks_like_a_formula_is_a_text(name: str) -> None:
    book = load_workbook(io.BytesIO(order_xlsx(order(joiner(name, name, name)))))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix for cell in cells)
    assert name.replace("\t", r"\u0009") in [cell.value for cell in cells]


def test_a_text_that_no_cell_could_hold_is_cut() -> None:
    book = load_workbook(io.BytesIO(order_xlsx(order(joiner(entitlement="x" * 40_000)))))
    values = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row]
    assert max(map(len, values)) == 32_767
