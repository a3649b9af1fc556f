"""Parts of a workbook that is printed: text that never becomes a formula, headed tables, page setup, photos."""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from assistant.documents.common import Picture, clean, lines_needed

FONT = "微软雅黑"
MOST_TEXT = 32_000
LINE_POINTS, HIGHEST_POINTS = 12.8, 409.0
FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n")
_THIN = Side(style="thin", color="A6A6A6")
BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
HEAD_FILL = PatternFill("solid", fgColor="D9E2EC")
MAJOR_FILL = PatternFill("solid", fgColor="FBE9E7")
FAIL_FILL = PatternFill("solid", fgColor="FDF4E3")
PICTURE_PIXELS = 220

Value = str | int | float | datetime.date | None


def new_book(title: str) -> Workbook:
    """A workbook with one sheet, its properties Chinese."""
    book = Workbook()
    vars(book)["_named_styles"]["Normal"].font = Font(name="Arial", size=10, family=2)  # widths are measured in its digits
    book.properties.title, book.properties.creator, book.properties.language = clean(title)[:255], "合规图谱", "zh-CN"
    return book


def at(sheet: Worksheet, row: int, column: int) -> Cell:
    """A cell that is no part of a merged one."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    return cell


def put(
    cell: Cell,
    value: Value,
    *,
    bold: bool = False,
    size: float = 9,
    center: bool = False,
    vertical: str = "center",
    color: str | None = None,
) -> None:
    """Write a value that stays what it is: text that looks like a formula is kept as text and never computed."""
    if isinstance(value, str):
        text = clean(value)
        if len(text) > MOST_TEXT:
            text = text[:MOST_TEXT] + "……（内容过长，以下略）"
        cell.value = text or None
        if text:
            cell.data_type = "s"
            cell.quotePrefix = value.startswith(FORMULA_START) or text.startswith(FORMULA_START)
    else:
        cell.value = value
        if isinstance(value, datetime.date):
            cell.number_format = "yyyy-mm-dd"
        elif isinstance(value, float):
            cell.number_format = "0.0"
    cell.font = Font(name=FONT, size=size, bold=bold, charset=134, family=2, color=color)
    cell.alignment = Alignment(wrap_text=True, vertical=vertical, horizontal="center" if center else None)


def heads(sheet: Worksheet, row: int, columns: Sequence[tuple[str, float]]) -> None:
    """The header of a table: names and widths of its columns."""
    for n, (head, wide) in enumerate(columns, 1):
        cell = at(sheet, row, n)
        put(cell, head, bold=True, center=True)
        cell.fill, cell.border = HEAD_FILL, BORDER
        sheet.column_dimensions[get_column_letter(n)].width = wide
    sheet.row_dimensions[row].height = 26


def table(
    sheet: Worksheet,
    row: int,
    columns: Sequence[tuple[str, float]],
    rows: Sequence[Sequence[Value]],
    *,
    centered: Sequence[str] = (),
    fills: Sequence[PatternFill | None] = (),
    freeze: int = 0,
) -> int:
    """A table with its header in ``row``, filter, frozen header and ``freeze`` columns; return the row after it."""
    heads(sheet, row, columns)
    middle = {n for n, (head, _) in enumerate(columns, 1) if head in centered}
    for number, values in enumerate(rows, row + 1):
        fill = fills[number - row - 1] if fills else None
        for n, value in enumerate(values, 1):
            cell = at(sheet, number, n)
            put(cell, value, center=n in middle)
            cell.border = BORDER
            if fill:
                cell.fill = fill
        set_height(sheet, number, values, [wide for _, wide in columns])
    last = row + len(rows)
    sheet.freeze_panes = f"{get_column_letter(freeze + 1)}{row + 1}"
    sheet.auto_filter.ref = f"A{row}:{get_column_letter(len(columns))}{max(last, row + 1)}"
    sheet.print_title_rows = f"{row}:{row}"
    return last + 1


def set_height(sheet: Worksheet, row: int, values: Sequence[Value], widths: Sequence[float]) -> None:
    """Give a row the height its longest cell needs; not every program works it out on opening."""
    lines = max(
        (lines_needed(clean(str(v or "")), int(w * 7 / 6) - 1) for v, w in zip(values, widths, strict=False)), default=1
    )
    sheet.row_dimensions[row].height = min(lines * LINE_POINTS + 5, HIGHEST_POINTS)


def heading(sheet: Worksheet, text: str, columns: int, *, row: int = 1, size: float = 14, below: str = "") -> None:
    """A title across the table, and a line below it."""
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
    put(at(sheet, row, 1), text, bold=True, size=size, center=True)
    sheet.row_dimensions[row].height = 28
    if below:
        sheet.merge_cells(start_row=row + 1, start_column=1, end_row=row + 1, end_column=columns)
        put(at(sheet, row + 1, 1), below)
        wide = sum(sheet.column_dimensions[get_column_letter(n)].width for n in range(1, columns + 1))
        set_height(sheet, row + 1, [below], [wide])


def page(sheet: Worksheet, title: str, *, landscape: bool = True) -> None:
    """A4, as wide as the paper, with title and page numbers in the footer."""
    setup = sheet.page_setup
    setup.orientation, setup.paperSize = "landscape" if landscape else "portrait", 9
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.5, 0.6, 0.25, 0.3
    footer = sheet.oddFooter
    assert footer is not None
    safe = clean(title).replace("\n", " ").replace("&", "&&")[:80]
    for part, text in ((footer.left, safe), (footer.right, "第 &P 页 / 共 &N 页")):
        part.text, part.font, part.size = text, f"{FONT},Regular", 8
    sheet.print_options.horizontalCentered = True


def add_picture(sheet: Worksheet, row: int, column: int, shown: Picture) -> bool:
    """Put a photo into a cell of a row made high enough; ``False`` when it can't be shown."""
    if not shown.jpeg:
        return False
    image = Image(io.BytesIO(shown.jpeg))
    scale = min(PICTURE_PIXELS / shown.width, PICTURE_PIXELS / shown.height)
    image.width, image.height = max(1, round(shown.width * scale)), max(1, round(shown.height * scale))
    sheet.add_image(image, f"{get_column_letter(column)}{row}")
    needed = image.height * 0.75 + 6
    if (sheet.row_dimensions[row].height or 0) < needed:
        sheet.row_dimensions[row].height = needed
    return True
