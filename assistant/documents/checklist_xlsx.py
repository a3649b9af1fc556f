"""Checklist → workbook to work in (检查表): one row an item, the provisions once, and how to read it.

The columns of 检查表 that a person needs on paper come first and are printed; those with the full texts stand behind them,
outside the print area, for reading and filtering on the screen. There are no band rows between scenes, as sorting would
tear them from their items; a list of the scenes stands above the table, and a strong line where each begins.
"""

from __future__ import annotations

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

from assistant.checklist import Checklist, ChecklistItem, SceneGroup
from assistant.documents import common
from assistant.models import NATURE_LABELS
from kg_build.forms import WHO_LABELS

FONT = "微软雅黑"
WORK, BASIS, ABOUT = "检查表", "依据", "说明"
RECHECKS = ("已整改", "整改中", "未整改")


def _columns(spec: str) -> tuple[tuple[str, float], ...]:
    """Names and widths of columns, from “name width” pairs with commas between them."""
    pairs = (pair.rpartition(" ") for pair in spec.split(","))
    return tuple((name.strip(), float(wide)) for name, _, wide in pairs)


PRINTED_COLUMNS = _columns(
    "序号 6.8, 级别 6.2, 性质 4.6, 关键环节 7.8, 风险点 7.2, 检查内容 18.5, 检查方法 23, 依据条款 15.5, 罚则（摘要） 28.5, "
    "检查结果 7.8, 问题描述 / 备注 8.5, 责任人 6, 整改期限 7.8, 复查 6.2"
)
"""Together as wide as an A4 page lying on its side at full size, so that 9 points stay nearly 9 on paper."""
MORE_COLUMNS = _columns("行业 12, 场景 14, 依据要点 70, 违法后果 70, 整改措施 40")
WORK_COLUMNS = PRINTED_COLUMNS + MORE_COLUMNS
BASIS_COLUMNS = _columns(
    "用途 6, 条款 20, 文件 18, 类别 8, 标题 10, 性质 9, 要点 34, 核对情况 9, 原文（如有） 40, 原文来源 10, 处罚幅度 32, "
    "注意 14, 涉及检查项 11"
)
HEAD_ROW = 5
PRINTED = len(PRINTED_COLUMNS)
WIDE = dict(WORK_COLUMNS)
RESULT, DUE, RECHECK, SPLIT = ([*WIDE].index(name) + 1 for name in ("检查结果", "整改期限", "复查", "罚则（摘要）"))
CENTERED = {[*WIDE].index(name) + 1 for name in ("序号", "级别", "性质", "检查结果", "责任人", "整改期限", "复查")}
LINE_POINTS, HIGHEST_POINTS = 12.8, 409
MOST_LINES = 30
"""A row of a sheet is at most 409 points high: lines beyond this many would be cut off, on screen and on paper."""
MOST_PENAL_LINES = 12
"""Lines that penal provisions may take on paper where nothing else in the row is as high."""
MOST_TEXT = 32_000
MOST_NUMBERS = 30
WIDEST = 120
_FORMULA_START = ("=", "+", "-", "@", "\t")
_MERE_ORDER = re.compile("责令(立即|限期)?(改正|消除)((、责令|、|或者)(立即|限期)(改正|消除))*")
_RANGE = re.compile(r"(\d[\d.]*(?:[万亿%]|元))元?以上(\d[\d.]*(?:[万亿]?元|%))以下")
_ARTICLE = re.compile("《[^》]+》第[^条]+条(之.)?(第.款)?(?=第)")
_PERSONS = tuple(WHO_LABELS[who] for who in ("principal", "responsible", "individual", "official"))
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
    vars(book)["_named_styles"]["Normal"].font = Font(name="Arial", size=10, family=2)  # widths are measured in its digits
    work = book.active
    assert isinstance(work, Worksheet)
    work.title = WORK
    _work_sheet(work, made)
    _basis_sheet(book.create_sheet(BASIS), common.cited(made))
    _about_sheet(book.create_sheet(ABOUT), made)
    book.properties.title, book.properties.creator = common.clean(made.title)[:255], "合规图谱"
    book.properties.language = "zh-CN"
    common.save_whole(book.save, path)


def _put(
    cell: Cell, value: str | int, *, bold: bool = False, size: float = 9, center: bool = False, vertical: str = "center"
) -> None:
    """Write a value that stays what it is: text that looks like a formula is kept as text and never computed."""
    if isinstance(value, str):
        text = common.clean(value)
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
    margins.left = margins.right = 0.25
    margins.top, margins.bottom, margins.header, margins.footer = 0.45, 0.55, 0.25, 0.25
    safe = common.clean(title).replace("\n", " ").replace("&", "&&")[:80]
    footer = sheet.oddFooter
    assert footer is not None
    for part, text in ((footer.left, safe), (footer.right, "第 &P 页 / 共 &N 页")):
        part.text, part.font, part.size = text, f"{FONT},Regular", 8
    sheet.print_options.horizontalCentered = True


def _work_sheet(sheet: Worksheet, made: Checklist) -> None:
    last_column = get_column_letter(len(WORK_COLUMNS))
    row = first = HEAD_ROW + 1
    _heads(sheet, HEAD_ROW, WORK_COLUMNS)
    for group in made.groups:
        items = [(link.link, point.point, item) for link in group.links for point in link.points for item in point.items]
        for n, (link, point, item) in enumerate(items):
            _item(sheet, row + n, group, link, point, item, _BORDER if n else _STRONG)
        row += len(items)
    last = max(row - 1, first)
    _top(sheet, made, row - first)
    sheet.freeze_panes = f"B{first}"
    sheet.auto_filter.ref = f"A{HEAD_ROW}:{last_column}{last}"
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    sheet.print_area = f"A1:{get_column_letter(PRINTED)}{last}"
    _choices(sheet, RESULT, common.RESULTS, first, last)
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
    merged = ((1, 1, wide), (2, 1, wide), (3, 1, SPLIT - 1), (3, SPLIT, wide), (4, 1, wide), (4, more, len(WORK_COLUMNS)))
    for row, first, last in merged:
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
    scenes = [f"{n} {r.scene}（{_scene_counts(r)}）" for n, r in enumerate(common.counts(made), 1)]
    named = f"场景（按序号首位）：{'　'.join(scenes)}"
    high = common.lines_needed(named, _room(sum(w for _, w in PRINTED_COLUMNS))) * LINE_POINTS + 6
    for row, points in enumerate((30, 26, 20, high), 1):
        sheet.row_dimensions[row].height = points
    _put(_at(sheet, 1, 1), made.title, bold=True, size=16, center=True)
    fields = ("企业名称", "检查日期", "检查人员", "企业陪同人员")
    _put(_at(sheet, 2, 1), "　　".join(f"{f}：{'＿' * 10}" for f in fields), size=10, center=True)
    fixed = (
        f"按{common.chinese_date(made)}施行的规定编制　共 {made.total} 项：{common.MAJOR_MARK}重大事故隐患 {made.major} 项，"
        f"强制 {made.mandatory} 项，推荐 {made.total - made.mandatory} 项"
    )
    _put(_at(sheet, 3, 1), fixed, size=10)
    letter = get_column_letter(RESULT)
    cells = f"${letter}${HEAD_ROW + 1}:${letter}${HEAD_ROW + max(items, 1)}"
    counted = "".join(f'&"　{r} "&COUNTIF({cells},"{r}")' for r in common.RESULTS)
    results = _at(sheet, 3, SPLIT)
    _put(results, "", size=10, bold=True)
    results.value = f'="检查结果："{counted}&"　未检查 "&({items}-COUNTIF({cells},"?*"))'
    results.data_type = "f"
    _put(_at(sheet, 4, 1), named)
    _put(_at(sheet, 4, more), "以下各列供屏幕查阅和筛选，不打印；行高不够的，点选单元格后在编辑栏看全文")
    for column in range(more, len(WORK_COLUMNS) + 1):
        _at(sheet, HEAD_ROW, column).fill = _MORE_FILL


def _scene_counts(row: common.Row) -> str:
    major = f"，{common.MAJOR_MARK}{row.major} 项" if row.major else ""
    return f"{row.industry}，{row.total} 项{major}".strip("，")


def _choices(sheet: Worksheet, column: int, words: Sequence[str], first: int, last: int) -> None:
    rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "请从列表中选择", f"此列只能填：{'、'.join(words)}。"
    letter = get_column_letter(column)
    rule.add(f"{letter}{first}:{letter}{last}")
    sheet.add_data_validation(rule)


def _item(sheet: Worksheet, row: int, group: SceneGroup, link: str, point: str, item: ChecklistItem, border: Border) -> None:
    is_major = item.severity == "major"
    level, how = f"{common.MAJOR_MARK}重大" if is_major else "一般", "\n".join(common.methods(item))
    bases = _fit(list(dict.fromkeys(common.clean(b.citation) for b in item.basis)), WIDE["依据条款"], MOST_LINES)
    head = (item.number, level, NATURE_LABELS[item.nature], link, point, item.ask, how, bases)
    widths = [wide for _, wide in PRINTED_COLUMNS]
    most = min(max(_lines(head, widths), MOST_PENAL_LINES), MOST_LINES)
    printed = (*head, _fit(_penal(item) or [common.NO_PENALTY], WIDE["罚则（摘要）"], most))
    grounds = "\n".join(common.ground(b).text for b in item.basis)
    full = (group.industry, group.scene, grounds, common.consequences_text(item), item.fix)
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
    stated = [(common.clean(p.citation), [c.partition("：") for c in common.penalty_cases(p)]) for p in item.penalty]
    units = any(_of_unit(head) for _, cases in stated for head, _, _ in cases)
    for citation, cases in stated:
        named = by_words.setdefault(_in_short(cases, units), [])
        named += [citation] if citation not in named else []
    return [f"{_together(citations)}\n{words}" for words, citations in by_words.items()]


def _of_unit(head: str) -> bool:
    return head.split("，")[0] == "单位"


def _in_short(cases: list[tuple[str, str, str]], units: bool) -> str:
    """What a unit faces, in few words; where no provision of the item says anything of a unit, what persons face."""
    if units and all(colon and head.startswith(_PERSONS) for head, colon, _ in cases):
        return "对个人的处罚"
    if any(_of_unit(head) for head, _, _ in cases):
        cases = [case for case in cases if not case[1] or _of_unit(case[0])]
    told = []
    for head, colon, words in cases:
        parts = words.split("；")
        kept = [p for p in parts if not _MERE_ORDER.fullmatch(p)] or parts
        head = re.sub("^单位(，|$)", "", head).replace(WHO_LABELS["responsible"], "主管和直接责任人员")
        told.append((head + colon if head else "") + _RANGE.sub(r"\1～\2", "，".join(kept)))
    return "；".join(words.rstrip("。") for words in told)


def _together(citations: Sequence[str]) -> str:
    """Citations in one line; the article is not said again where only the item differs."""
    shown, before = "", ""
    for citation in citations:
        article = found[0] if (found := _ARTICLE.match(citation)) else ""
        same = bool(article) and article == before
        shown, before = f"{shown}、{citation[len(article) * same :]}", article
    return shown[1:]


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
    return max(common.lines_needed(common.clean(v), _room(w)) for v, w in zip(values, widths, strict=False))


def _set_height(sheet: Worksheet, row: int, values: Sequence[str], widths: Sequence[float]) -> None:
    """Give the row the height that its longest cell needs; not every program works it out on opening."""
    high = min(_lines(values, widths) * LINE_POINTS + 4, HIGHEST_POINTS)
    sheet.row_dimensions[row] = _AutoHeight(sheet, index=row, ht=high)


def _fit(texts: Sequence[str], wide: float, most: int) -> str:
    """As many whole texts as fit into ``most`` lines; where the rest stands is said in the last line."""
    shown: list[str] = []
    for n, text in enumerate(texts):
        if common.lines_needed("\n".join([*shown, text]), _room(wide)) <= most:
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


def _basis_sheet(sheet: Worksheet, entries: Sequence[common.Cited]) -> None:
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
    while wide < WIDEST and any(common.lines_needed(common.clean(t), _room(wide)) > MOST_LINES for t in texts):
        wide += 4
    return wide


def _basis_row(entry: common.Cited) -> tuple[str, ...]:
    provision, penalty = entry.provision, entry.penalty
    ranges = "\n".join(common.penalty_cases(penalty)) if penalty and (penalty.ranges or not penalty.in_force) else ""
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
        "\n".join(common.ground(provision).notes) if provision else "",
        _numbers(entry.items),
    )


def _about_sheet(sheet: Worksheet, made: Checklist) -> None:
    lines: list[tuple[str, str]] = [("标题", made.title)]
    lines += [(head, "\n".join(texts)) for head, texts in common.made_from(made)]
    for n, row in enumerate(common.counts(made), 1):
        text = f"{row.total} 项：{common.MAJOR_MARK}重大事故隐患 {row.major}，强制 {row.mandatory}，推荐 {row.recommended}"
        lines.append((f"{n} {row.scene}", f"{row.industry}　{text}".strip("　")))
    lines.append(("合计", f"{made.total} 项：{common.MAJOR_MARK}重大事故隐患 {made.major}，强制 {made.mandatory}"))
    lines += [(f"所依据的文件 {n}", title) for n, title in enumerate(made.documents, 1)]
    lines += [(f"说明 {n}", note) for n, note in enumerate(common.closing_notes(made), 1)]
    look = (
        f"“{WORK}”表只打印前 {PRINTED} 列；“罚则（摘要）”只摘对单位的处罚（没有的，摘对个人的），“3万～5万元”即3万元以上"
        f"5万元以下；全部情形和依据要点见同一行后面不打印的各列，以及“{BASIS}”表。"
    )
    fill = f"在“{WORK}”表的“检查结果”列选 {'、'.join(common.RESULTS)}；不符合的填责任人、整改期限，整改后填复查结果。"
    lines += [("怎么看", look), ("怎么填", fill)]
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 90
    for number, (head, text) in enumerate(lines, 1):
        for column, value in ((1, head), (2, text)):
            cell = _at(sheet, number, column)
            _put(cell, value, bold=column == 1, size=10, vertical="top")
            cell.border = _BORDER
        _at(sheet, number, 1).fill = _HEAD_FILL
        _set_height(sheet, number, (head, text), (19, 80))
    _page(sheet, made.title, landscape=False)
