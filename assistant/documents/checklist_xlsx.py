"""Checklist → workbook to work in (检查表): one row an item, the provisions once, and how to read it.

The columns of 检查表 that a person needs on paper come first and are printed; those with the full texts stand behind them,
outside the print area, for reading and filtering on the screen. There are no band rows between scenes, as sorting would
tear them from their items; a list of the scenes stands above the table, and a strong line where each begins.
"""

from __future__ import annotations

import io
import re
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
    Consequence,
    Row,
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
PRINTED_COLUMNS: tuple[tuple[str, float], ...] = (
    ("序号", 7),
    ("级别", 6),
    ("性质", 5),
    ("关键环节", 8.5),
    ("风险点", 9),
    ("检查内容", 22),
    ("检查方法", 22),
    ("依据条款", 20),
    ("罚则（摘要）", 23),
    ("检查结果", 7),
    ("问题描述 / 备注", 10),
    ("责任人", 6),
    ("整改期限", 7),
    ("复查", 6.5),
)
"""Together about as wide as an A4 page lying on its side at full size, so that 9 points stay 8.5 or more on paper."""
MORE_COLUMNS: tuple[tuple[str, float], ...] = (
    ("行业", 12),
    ("场景", 14),
    ("依据要点", 70),
    ("违法后果", 70),
    ("整改措施", 40),
)
WORK_COLUMNS = PRINTED_COLUMNS + MORE_COLUMNS
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
HEAD_ROW = 5
PRINTED = len(PRINTED_COLUMNS)
WIDE = dict(WORK_COLUMNS)
RESULT, DUE, RECHECK, SPLIT = ([*WIDE].index(name) + 1 for name in ("检查结果", "整改期限", "复查", "依据条款"))
CENTERED = {[*WIDE].index(name) + 1 for name in ("序号", "级别", "性质", "检查结果", "责任人", "整改期限", "复查")}
LINE_POINTS, HIGHEST_POINTS = 12.8, 409
MOST_LINES = 30
"""A row of a sheet is at most 409 points high: lines beyond this many would be cut off, on screen and on paper."""
MOST_PENAL_LINES = 10
"""Lines that penal provisions may take on paper where nothing else in the row is as high."""
MOST_TEXT = 32_000
MOST_NUMBERS = 30
WIDEST = 120
_FORMULA_START = ("=", "+", "-", "@", "\t")
_MERE_ORDER = re.compile("责令(立即|限期)?(改正|消除)((、责令|、|或者)(立即|限期)(改正|消除))*")
_RANGE = re.compile(r"(\d[\d.]*(?:[万亿%]|元))元?以上(\d[\d.]*(?:[万亿]?元|%))以下")
_THIN = Side(style="thin", color="A6A6A6")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_STRONG = Border(left=_THIN, right=_THIN, top=Side(style="medium", color="44546A"), bottom=_THIN)
_HEAD_FILL = PatternFill("solid", fgColor="D9E2EC")
_MORE_FILL = PatternFill("solid", fgColor="EDEDED")
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
        begins = True
        for link in group.links:
            for point in link.points:
                for item in point.items:
                    _item(sheet, row, group, link, point, item, _STRONG if begins else _BORDER)
                    begins = False
                    row += 1
    last = max(row - 1, first)
    _top(sheet, made, row - first)
    sheet.freeze_panes = f"B{first}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last_column}{last}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.print_area = f"A1:{get_column_letter(PRINTED)}{last}"
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
    """Title, fields to fill, counts and scenes; the counts of the results follow what is chosen."""
    wide, more = PRINTED, PRINTED + 1
    for row, first, last in ((1, 1, wide), (2, 1, wide), (3, 1, SPLIT - 1), (3, SPLIT, wide), (4, 1, wide)):
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
    scenes = "　".join(f"{n} {r.scene}（{_scene_counts(r)}）" for n, r in enumerate(counts(made), 1))
    high = lines_needed(scenes, _room(sum(w for _, w in PRINTED_COLUMNS))) * LINE_POINTS + 6
    for row, points in enumerate((30, 24, 20, min(high, HIGHEST_POINTS)), 1):
        sheet.row_dimensions[row].height = points
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
    results = _at(sheet, 3, SPLIT)
    _put(results, "", size=10, bold=True)
    results.value = f'="检查结果："{counted}&"　未检查 "&({items}-COUNTIF({cells},"?*"))'
    results.data_type = "f"
    _put(_at(sheet, 4, 1), f"场景（序号首位）：{scenes}" if scenes else "")
    sheet.merge_cells(start_row=HEAD_ROW - 1, start_column=more, end_row=HEAD_ROW - 1, end_column=len(WORK_COLUMNS))
    _put(_at(sheet, HEAD_ROW - 1, more), "以下各列供屏幕查阅和筛选，不打印；行高不够的，点选单元格后在编辑栏看全文")
    for column in range(more, len(WORK_COLUMNS) + 1):
        _at(sheet, HEAD_ROW, column).fill = _MORE_FILL


def _scene_counts(row: Row) -> str:
    major = f"，{MAJOR_MARK}{row.major} 项" if row.major else ""
    return f"{row.industry}，{row.total} 项{major}".strip("，")


def _choices(sheet: Worksheet, column: int, words: Sequence[str], first: int, last: int) -> None:
    allowed = "、".join(words)
    rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "请从列表中选择", f"此列只能填：{allowed}。"
    letter = get_column_letter(column)
    rule.add(f"{letter}{first}:{letter}{last}")
    sheet.add_data_validation(rule)


def _item(
    sheet: Worksheet, row: int, group: SceneGroup, link: LinkGroup, point: PointGroup, item: ChecklistItem, border: Border
) -> None:
    is_major = item.severity == "major"
    head = (
        item.number,
        f"{MAJOR_MARK}重大" if is_major else "一般",
        NATURE_LABELS[item.nature],
        link.link,
        point.point,
        item.ask,
        "\n".join(methods(item)),
        _fit(list(dict.fromkeys(clean(b.citation) for b in item.basis)), WIDE["依据条款"], MOST_LINES),
    )
    widths = [wide for _, wide in PRINTED_COLUMNS]
    most = min(max(_lines(head, widths), MOST_PENAL_LINES), MOST_LINES)
    printed = (*head, _fit(_penal(item) or [NO_PENALTY], WIDE["罚则（摘要）"], most))
    grounds = "\n".join(ground(b).text for b in item.basis)
    full = (group.industry, group.scene, grounds, "\n".join(c.text for c in consequences(item)) or NO_PENALTY, item.fix)
    values = (*printed, *[""] * (PRINTED - len(printed)), *full)
    for n, value in enumerate(values, 1):
        cell = _at(sheet, row, n)
        _put(cell, value, bold=is_major and n == 2, center=n in CENTERED, vertical="center" if n <= PRINTED else "top")
        if not value:
            cell.value = None
        cell.border = border
        if is_major:
            cell.fill = _MAJOR_FILL
        if n == DUE:
            cell.number_format = "yyyy-mm-dd"
            cell.alignment = Alignment(shrink_to_fit=True, vertical="center", horizontal="center")
    sheet.row_dimensions[row].height = min(_lines(printed, widths) * LINE_POINTS + 6, HIGHEST_POINTS)


def _penal(item: ChecklistItem) -> list[str]:
    """The penal provisions of an item in short; those that come to the same are named together."""
    by_words: dict[str, list[str]] = {}
    for consequence in consequences(item):
        by_words.setdefault(_in_short(consequence), []).append(consequence.citations)
    return [f"{'、'.join(citations)}：{words}" for words, citations in by_words.items()]


def _in_short(consequence: Consequence) -> str:
    """What a unit faces, in few words; where nothing is said of a unit, what persons face."""
    cases = [case.partition("：") for case in consequence.cases]
    if any(head.split("，")[0] == "单位" for head, _, _ in cases):
        cases = [case for case in cases if not case[1] or case[0].split("，")[0] == "单位"]
    told = []
    for head, colon, words in cases:
        parts = words.split("；")
        kept = [p for p in parts if not _MERE_ORDER.fullmatch(p)] or parts
        head = re.sub("^单位(，|$)", "", head).replace("直接负责的主管人员和其他直接责任人员", "主管和直接责任人员")
        told.append((head + colon if head else "") + _RANGE.sub(r"\1～\2", "，".join(kept)))
    return "；".join(told)


def _room(wide: float) -> int:
    """Half-width characters of 9 points on a line of a column, a little on the safe side."""
    return int(wide * 7 / 6) - 1


class _AutoHeight(RowDimension):
    """A row with a first height that the program may still adjust, as it does for rows nobody has resized."""

    @property
    def customHeight(self) -> bool:  # noqa: N802
        """Whether the height was set by hand."""
        return False


def _lines(values: Sequence[str], widths: Sequence[float]) -> int:
    """Lines of the longest cell of a row."""
    return max(lines_needed(clean(v), _room(w)) for v, w in zip(values, widths, strict=False))


def _set_height(sheet: Worksheet, row: int, values: Sequence[str], widths: Sequence[float]) -> None:
    """Give the row the height that its longest cell needs; not every program works it out on opening."""
    high = min(_lines(values, widths) * LINE_POINTS + 4, HIGHEST_POINTS)
    sheet.row_dimensions[row] = _AutoHeight(sheet, index=row, ht=high)


def _fit(texts: Sequence[str], wide: float, most: int) -> str:
    """As many whole texts as fit into ``most`` lines; where the rest stands is said in the last line."""
    shown: list[str] = []
    for n, text in enumerate(texts):
        if lines_needed("\n".join([*shown, text]), _room(wide)) <= most:
            shown.append(text)
        elif n == 0:
            shown.append(f"{text[: (most - 4) * _room(wide) // 2]}……（全文见“{BASIS}”表）")
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
