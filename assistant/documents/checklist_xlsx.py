"""Checklist → workbook to work in (检查表): one row an item, the provisions once, and how to read it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from assistant.checklist import Checklist, ChecklistItem, LinkGroup, PointGroup, SceneGroup
from assistant.documents.common import (
    MAJOR_MARK,
    NO_PENALTY,
    RESULTS,
    Cited,
    chinese_date,
    cited,
    clean,
    closing_notes,
    consequences,
    counts,
    ground,
    lines_needed,
    made_from,
    methods,
    penalty_cases,
    write_whole,
)
from assistant.models import NATURE_LABELS

FONT = "微软雅黑"
WORK, BASIS, ABOUT = "检查表", "依据", "说明"
RECHECKS = ("已整改", "整改中", "未整改")
WORK_COLUMNS: tuple[tuple[str, float], ...] = (
    ("序号", 7),
    ("行业", 8),
    ("场景", 8),
    ("关键环节", 8),
    ("风险点", 8),
    ("级别", 7),
    ("性质", 5),
    ("检查内容", 22),
    ("检查方法", 17),
    ("依据", 32),
    ("违法后果", 32),
    ("整改措施", 18),
    ("检查结果", 7.5),
    ("问题描述 / 备注", 12),
    ("责任人", 7),
    ("整改期限", 9),
    ("复查", 7.5),
)
BASIS_COLUMNS: tuple[tuple[str, float], ...] = (
    ("用途", 6),
    ("条款", 20),
    ("文件", 18),
    ("类别", 8),
    ("标题", 10),
    ("性质", 9),
    ("要点", 34),
    ("核对情况", 9),
    ("原文（如有）", 40),
    ("原文来源", 10),
    ("处罚幅度", 32),
    ("注意", 14),
    ("涉及检查项", 11),
)
HEAD_ROW = 4
WIDE = dict(WORK_COLUMNS)
RESULT, DUE, RECHECK = ([*WIDE].index(name) + 1 for name in ("检查结果", "整改期限", "复查"))
CENTERED = {[*WIDE].index(name) + 1 for name in ("序号", "级别", "性质", "检查结果", "责任人", "整改期限", "复查")}
LINE_POINTS, HIGHEST_POINTS = 12.8, 409
MOST_LINES = 30
"""A row of a sheet is at most 409 points high: lines beyond this many would be cut off, on screen and on paper."""
MOST_TEXT = 32_000
MOST_NUMBERS = 30
WIDEST = 120
_FORMULA_START = ("=", "+", "-", "@", "\t")
_THIN = Side(style="thin", color="A6A6A6")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="D9E2EC")
_MAJOR_FILL = PatternFill("solid", fgColor="FBE9E7")
_FAIL_FILL = PatternFill("solid", bgColor="F4B6AE")
_DONE_FILL = PatternFill("solid", bgColor="E3F1E3")


def write_xlsx(made: Checklist, path: Path) -> None:
    """Write the checklist as a workbook; what stood at ``path`` is replaced only when the new file is complete."""
    book = Workbook()
    work = book.active
    assert isinstance(work, Worksheet)
    work.title = WORK
    _work_sheet(work, made)
    _basis_sheet(book.create_sheet(BASIS), cited(made))
    _about_sheet(book.create_sheet(ABOUT), made)
    book.properties.title, book.properties.creator = clean(made.title)[:255], "合规图谱"
    book.properties.language = "zh-CN"
    buffer = io.BytesIO()
    book.save(buffer)
    write_whole(path, buffer.getvalue())


def _put(
    cell: Cell, value: str | int, *, bold: bool = False, size: float = 9, center: bool = False, vertical: str = "center"
) -> None:
    """Write a value that stays what it is: text that looks like a formula is kept as text and never computed."""
    if isinstance(value, str):
        text = clean(value)
        if len(text) > MOST_TEXT:
            text = text[:MOST_TEXT] + "……（内容过长，以下略）"
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(_FORMULA_START) or text.startswith(_FORMULA_START)
    else:
        cell.value = value
    cell.font = Font(name=FONT, size=size, bold=bold, charset=134, family=2)
    cell.alignment = Alignment(wrap_text=True, vertical=vertical, horizontal="center" if center else None)


def _at(sheet: Worksheet, row: int, column: int) -> Cell:
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell)
    return cell


def _heads(sheet: Worksheet, row: int, columns: Sequence[tuple[str, float]]) -> None:
    for n, (head, wide) in enumerate(columns, 1):
        cell = _at(sheet, row, n)
        _put(cell, head, bold=True, center=True)
        cell.fill, cell.border = _HEAD_FILL, _BORDER
        sheet.column_dimensions[get_column_letter(n)].width = wide
    sheet.row_dimensions[row].height = 30


def _page(sheet: Worksheet, title: str, *, landscape: bool = True) -> None:
    setup = sheet.page_setup
    setup.orientation, setup.paperSize = "landscape" if landscape else "portrait", 9
    setup.fitToWidth, setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = 0.35
    margins.top, margins.bottom, margins.header, margins.footer = 0.45, 0.55, 0.25, 0.25
    safe = clean(title).replace("\n", " ").replace("&", "&&")[:80]
    footer = sheet.oddFooter
    assert footer is not None
    for part, text in ((footer.left, safe), (footer.right, "第 &P 页 / 共 &N 页")):
        part.text, part.font, part.size = text, f"{FONT},Regular", 8
    sheet.print_options.horizontalCentered = True


def _work_sheet(sheet: Worksheet, made: Checklist) -> None:
    last_column = get_column_letter(len(WORK_COLUMNS))
    first = HEAD_ROW + 1
    _heads(sheet, HEAD_ROW, WORK_COLUMNS)
    row = first
    for group in made.groups:
        for link in group.links:
            for point in link.points:
                for item in point.items:
                    _item(sheet, row, group, link, point, item)
                    row += 1
    last = max(row - 1, first)
    _top(sheet, made, row - first)
    sheet.freeze_panes = f"B{first}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last_column}{last}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.print_area = f"A1:{last_column}{last}"
    _choices(sheet, RESULT, RESULTS, first, last)
    _choices(sheet, RECHECK, RECHECKS, first, last)
    result, recheck = get_column_letter(RESULT), get_column_letter(RECHECK)
    whole = f"A{first}:{last_column}{last}"
    open_fault = f'${result}{first}="不符合"'
    repaired = f'AND({open_fault},${recheck}{first}="已整改")'
    for formula, fill in ((repaired, _DONE_FILL), (open_fault, _FAIL_FILL)):
        rule = Rule(type="expression", formula=[formula], stopIfTrue=True, dxf=DifferentialStyle(fill=fill))
        sheet.conditional_formatting.add(whole, rule)
    _page(sheet, f"{made.title}（{made.as_of}）")


def _top(sheet: Worksheet, made: Checklist, items: int) -> None:
    """Title, fields to fill, and counts; those of the results follow what is chosen."""
    wide, split = len(WORK_COLUMNS), [*WIDE].index("违法后果") + 1
    for row, high, first, last in ((1, 30, 1, wide), (2, 24, 1, wide), (3, 20, 1, split - 1), (3, 20, split, wide)):
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
        sheet.row_dimensions[row].height = high
    _put(_at(sheet, 1, 1), made.title, bold=True, size=16, center=True)
    fields = ("企业名称", "检查日期", "检查人员", "企业陪同人员")
    _put(_at(sheet, 2, 1), "　　".join(f"{f}：{'＿' * 10}" for f in fields), size=10, center=True)
    fixed = (
        f"按{chinese_date(made)}施行的规定编制　共 {made.total} 项：{MAJOR_MARK}重大事故隐患 {made.major} 项，"
        f"强制 {made.mandatory} 项，推荐 {made.total - made.mandatory} 项"
    )
    _put(_at(sheet, 3, 1), fixed, size=10)
    letter = get_column_letter(RESULT)
    cells = f"${letter}${HEAD_ROW + 1}:${letter}${HEAD_ROW + max(items, 1)}"
    counted = "".join(f'&"　{r} "&COUNTIF({cells},"{r}")' for r in RESULTS)
    results = _at(sheet, 3, split)
    _put(results, "", size=10, bold=True)
    results.value = f'="检查结果："{counted}&"　未检查 "&({items}-COUNTIF({cells},"?*"))'
    results.data_type = "f"


def _choices(sheet: Worksheet, column: int, words: Sequence[str], first: int, last: int) -> None:
    allowed = "、".join(words)
    rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "请从列表中选择", f"此列只能填：{allowed}。"
    letter = get_column_letter(column)
    rule.add(f"{letter}{first}:{letter}{last}")
    sheet.add_data_validation(rule)


def _item(sheet: Worksheet, row: int, group: SceneGroup, link: LinkGroup, point: PointGroup, item: ChecklistItem) -> None:
    is_major = item.severity == "major"
    values = (
        item.number,
        _industries(group.industry),
        group.scene,
        link.link,
        point.point,
        f"{MAJOR_MARK}重大" if is_major else "一般",
        NATURE_LABELS[item.nature],
        item.ask,
        "\n".join(methods(item)),
        _fit([ground(b).text for b in item.basis], WIDE["依据"]),
        _fit([c.text for c in consequences(item)] or [NO_PENALTY], WIDE["违法后果"]),
        item.fix,
    )
    for n in range(1, len(WORK_COLUMNS) + 1):
        cell = _at(sheet, row, n)
        value = values[n - 1] if n <= len(values) else ""
        _put(cell, value, bold=is_major and n == 6, center=n in CENTERED, vertical="top")
        if not value:
            cell.value = None
        cell.border = _BORDER
        if is_major:
            cell.fill = _MAJOR_FILL
        if n == DUE:
            cell.number_format = "yyyy-mm-dd"
    _set_height(sheet, row, values, [wide for _, wide in WORK_COLUMNS])


def _industries(names: str) -> str:
    """The industries of a group; many are cut short, as a narrow column would make the row very high."""
    parts = clean(names).split("、")
    return names if len(parts) <= 3 else f"{parts[0]}等{len(parts)}个行业（见“{ABOUT}”表）"


def _room(wide: float) -> int:
    """Half-width characters of 9 points on a line of a column, a little on the safe side."""
    return int(wide * 7 / 6) - 1


class _AutoHeight(RowDimension):
    """A row with a first height that the program may still adjust, as it does for rows nobody has resized."""

    @property
    def customHeight(self) -> bool:  # noqa: N802
        """Whether the height was set by hand."""
        return False


def _set_height(sheet: Worksheet, row: int, values: Sequence[str], widths: Sequence[float]) -> None:
    """Give the row the height that its longest cell needs; not every program works it out on opening."""
    lines = max(lines_needed(clean(v), _room(w)) for v, w in zip(values, widths, strict=False))
    sheet.row_dimensions[row] = _AutoHeight(sheet, index=row, ht=min(lines * LINE_POINTS + 4, HIGHEST_POINTS))


def _fit(texts: Sequence[str], wide: float) -> str:
    """As many whole texts as a row can show; where the rest stands is said in the last line."""
    shown: list[str] = []
    for n, text in enumerate(texts):
        if lines_needed("\n".join([*shown, text]), _room(wide)) <= MOST_LINES:
            shown.append(text)
        elif n == 0:
            shown.append(f"{text[: (MOST_LINES - 4) * _room(wide) // 2]}……（全文见“{BASIS}”表）")
        else:
            shown.append(f"（另有 {len(texts) - n} 条，见“{BASIS}”表）")
            break
    return "\n".join(shown)


def _numbers(items: Sequence[str]) -> str:
    """Numbers of items; of very many, the first."""
    return "、".join(items) if len(items) <= MOST_NUMBERS else f"{'、'.join(items[:MOST_NUMBERS])} 等 {len(items)} 项"


def _basis_sheet(sheet: Worksheet, entries: Sequence[Cited]) -> None:
    table = [_basis_row(entry) for entry in entries]
    columns = [(head, _wide_enough([row[n] for row in table], wide)) for n, (head, wide) in enumerate(BASIS_COLUMNS)]
    _heads(sheet, 1, columns)
    for number, values in enumerate(table, 2):
        for n, value in enumerate(values, 1):
            cell = _at(sheet, number, n)
            _put(cell, value, bold=n == 2, vertical="top")
            cell.border = _BORDER
        _set_height(sheet, number, values, [wide for _, wide in columns])
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(BASIS_COLUMNS))}{len(table) + 1}"
    sheet.print_title_rows = "1:1"
    _page(sheet, BASIS)


def _wide_enough(texts: Sequence[str], wide: float) -> float:
    """A width at which the longest text of a column still fits into the highest row."""
    while wide < WIDEST and any(lines_needed(clean(t), _room(wide)) > MOST_LINES for t in texts):
        wide += 4
    return wide


def _basis_row(entry: Cited) -> tuple[str, ...]:
    provision, penalty = entry.provision, entry.penalty
    ranges = "\n".join(penalty_cases(penalty)) if penalty and (penalty.ranges or not penalty.in_force) else ""
    source = provision or penalty
    if source is None:
        return (entry.use, entry.citation, *[""] * 8, ranges, "", _numbers(entry.items))
    return (
        entry.use,
        entry.citation,
        source.document_title,
        source.kind,
        (provision.heading or "") if provision else "",
        NATURE_LABELS[source.nature],
        source.gist or "",
        ("已与原文核对" if source.verified else "未与原文核对") if source.gist else "",
        source.official_text or "",
        (provision.official_source or "") if provision else "",
        ranges,
        "\n".join(ground(provision).notes) if provision else "",
        _numbers(entry.items),
    )


def _about_sheet(sheet: Worksheet, made: Checklist) -> None:
    lines: list[tuple[str, str]] = [("标题", made.title)]
    lines += [(head, "\n".join(texts)) for head, texts in made_from(made)]
    for n, row in enumerate(counts(made), 1):
        text = f"{row.total} 项：{MAJOR_MARK}重大事故隐患 {row.major}，强制 {row.mandatory}，推荐 {row.recommended}"
        lines.append((f"{n} {row.scene}", f"{row.industry}　{text}".strip("　")))
    lines.append(("合计", f"{made.total} 项：{MAJOR_MARK}重大事故隐患 {made.major}，强制 {made.mandatory}"))
    lines += [(f"所依据的文件 {n}", title) for n, title in enumerate(made.documents, 1)]
    lines += [(f"说明 {n}", note) for n, note in enumerate(closing_notes(made), 1)]
    lines.append(
        ("怎么填", f"在“{WORK}”表的“检查结果”列选 {'、'.join(RESULTS)}；不符合的填责任人、整改期限，整改后填复查结果。")
    )
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 90
    for number, (head, text) in enumerate(lines, 1):
        for column, value in ((1, head), (2, text)):
            cell = _at(sheet, number, column)
            _put(cell, value, bold=column == 1, size=10, vertical="top")
            cell.border = _BORDER
        _at(sheet, number, 1).fill = _HEAD_FILL
        _set_height(sheet, number, (head, text), (19, 80))
    _page(sheet, made.title, landscape=False)
