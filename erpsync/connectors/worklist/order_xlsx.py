"""A work order as a workbook."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from erpsync.connectors.worklist.steps import Order, Row

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

TITLES = ("序号 No.", "账号 Login", "姓名 Name", "步骤 Step", "内容 What", "原因 Reason", "申请单 Request",
          "执行人 Done by", "复核人 Checked by", "日期 Date", "结果 Result")  # fmt: skip
WIDTHS = (8, 16, 12, 20, 34, 34, 18, 12, 12, 12, 12)
MOST = 32_767
"""Characters that a cell can hold: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3"""


def order_xlsx(order: Order) -> bytes:
    """The workbook, ready to be printed: the head of the table and the plan stand on every page."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "工作单"
    facts = (
        ("权限变更工作单 Access work order", order.number),
        ("系统 System", order.system),
        ("目标 Target", order.target),
        ("计划 Plan", order.plan),
        ("运行 Run", order.run),
        ("下达人 Handed over by", order.by),
    )
    for number, (label, value) in enumerate(facts, start=1):
        _put(sheet, number, 1, label, bold=True)
        _put(sheet, number, 4, value)
    head = len(facts) + 2
    for column, title in enumerate(TITLES, start=1):
        _put(sheet, head, column, title, bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS[column - 1]
    for number, row in enumerate(order.rows, start=head + 1):
        _line(sheet, number, row)
    _frame(sheet, head)
    _page(sheet, head, order)
    book.properties.creator = "erpsync"
    book.properties.title = order.number
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _line(sheet: Worksheet, number: int, row: Row) -> None:
    sheet.cell(number, 1).value = row.number
    texts = (row.login, row.name, row.step, row.what, row.reason, row.request)
    for column, text in enumerate(texts, start=2):
        _put(sheet, number, column, text)


def _put(sheet: Worksheet, row: int, column: int, text: str, *, bold: bool = False) -> None:
    """Write a text that stays one: a name that begins with ``=`` would else be a formula."""
    cell = sheet.cell(row, column)
    cell.value = text[:MOST]
    cell.data_type = "s"
    cell.number_format = "@"
    # What is typed again from + - @ would be a formula too; the prefix is the one Excel itself sets.
    cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)


def _frame(sheet: Worksheet, head: int) -> None:
    line = Side(style="thin")
    border, alignment = (
        Border(left=line, right=line, top=line, bottom=line),
        Alignment(wrap_text=True, vertical="top"),
    )
    for cells in sheet.iter_rows(min_row=head, max_col=len(TITLES)):
        for cell in cells:
            cell.border = border
            cell.alignment = alignment


def _page(sheet: Worksheet, head: int, order: Order) -> None:
    sheet.freeze_panes = f"A{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    # openpyxl makes both with every sheet, but its types do not say so.
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.oddFooter is not None
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    # & begins a code there, and is written twice to be itself.
    footer = f"{order.number} · {order.plan} · {order.run}".replace("&", "&&")
    sheet.oddFooter.left.text = footer
    sheet.oddFooter.left.size = 7
    sheet.oddFooter.right.text = "&P / &N"
