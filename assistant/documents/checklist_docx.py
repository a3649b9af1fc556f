"""Checklist → Word file to print, take along and sign (检查清单)."""

from __future__ import annotations

import datetime
from pathlib import Path

from docx.document import Document
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.shared import Mm
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from assistant.checklist import Checklist, ChecklistItem, SceneGroup
from assistant.documents import word
from assistant.documents.common import (
    BOX,
    DATE_LINE,
    INSPECTION_KINDS,
    MAJOR_MARK,
    NO_PENALTY,
    RESULTS,
    boxes,
    chinese_date,
    clean,
    closing_notes,
    consequences,
    consequences_text,
    counts,
    ground,
    lines_needed,
    made_from,
    methods,
    note_line,
    save_whole,
    severity_label,
)

COLUMNS: tuple[tuple[str, float], ...] = (
    ("序号", 14),
    ("检查内容", 44),
    ("检查方法", 33),
    ("依据（条款、要点）", 65),
    ("违法后果（罚则、幅度）", 61),
    ("结果", 17),
    ("整改措施 / 备注", 39),
)
WIDTHS = tuple(w for _, w in COLUMNS)
PAGE_MM = sum(WIDTHS)
CELL, SMALL = "清单正文", "清单小字"
MOST_KEPT_ROWS = 20
SMALL_LINE, SMALL_SIZE = 10.5, 8.0
HEAD_FILL, LINK_FILL, POINT_FILL, MAJOR_FILL = "D9E2EC", "E9EDF2", "F7F8FA", "FBE9E7"
ALARM = "B00020"
WHOLE_ROW_MM = 80
"""Rows up to this height stay on one page; higher ones may break, or half a page would stay empty."""


def write_docx(made: Checklist, path: Path) -> None:
    """Write the checklist as a Word file; what stood at ``path`` is replaced only when the new file is complete."""
    save_whole(_document(made).save, path)


def _document(made: Checklist) -> Document:
    document = word.new_document()
    _styles(document)
    _properties(document, made)
    _footer(document, made)
    document.add_paragraph(clean(made.title), style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    below = document.add_paragraph(f"（按{chinese_date(made)}施行的规定编制）", style=CELL)
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    below.paragraph_format.space_after = Mm(3)
    _fields(document)
    _origin(document, made)
    _summary(document, made)
    for number, group in enumerate(made.groups, 1):
        _group(document, number, group)
    _sources(document, made)
    _notes(document, made)
    _signatures(document)
    return document


def _styles(document: Document) -> None:
    word.set_style(document, "Normal", size=9, line=13)
    word.set_style(document, "Title", size=20, line=30, sans=True, bold=True, after=2)
    title = document.styles["Title"].element.pPr
    for border in list(title.iter("{*}pBdr")):
        title.remove(border)
    word.set_style(document, "Heading 1", size=13, line=18, sans=True, bold=True, before=12, after=4)
    word.set_style(document, "Footer", size=8, line=11)
    word.set_style(document, CELL, size=9, line=12.5)
    word.set_style(document, SMALL, size=SMALL_SIZE, line=SMALL_LINE, base=CELL)


def _properties(document: Document, made: Checklist) -> None:
    properties, now = document.core_properties, datetime.datetime.now(datetime.UTC)
    properties.title, properties.subject = clean(made.title)[:255], "、".join(map(clean, made.scenes))[:255]
    properties.author = properties.last_modified_by = "合规图谱"
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = now


def _footer(document: Document, made: Checklist) -> None:
    paragraph = document.sections[0].footer.paragraphs[0]
    document.styles["Footer"].paragraph_format.tab_stops.clear_all()
    stops = paragraph.paragraph_format.tab_stops
    stops.add_tab_stop(Mm(PAGE_MM), WD_TAB_ALIGNMENT.RIGHT)
    title = clean(made.title).replace("\n", " ")
    shown = title if len(title) <= 50 else title[:49] + "…"
    word.add_text(paragraph, f"{shown}（{made.as_of}）　{MAJOR_MARK} 重大事故隐患\t第 ")
    word.add_field(paragraph, "PAGE")
    word.add_text(paragraph, " / ")
    word.add_field(paragraph, "NUMPAGES")
    word.add_text(paragraph, " 页")


def _put(cell: _Cell, lines: list[str], *, style: str = CELL, bold: bool | None = None, center: bool = False) -> None:
    for n, line in enumerate(lines or [""]):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        word.restyle(paragraph, style)
        if center:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        word.add_text(paragraph, line, bold=bold)


def _label(cell: _Cell, text: str) -> None:
    _put(cell, [text], bold=True, center=True)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    word.shade(cell, LINK_FILL)


def _fields(document: Document) -> None:
    rows = (
        ("企业名称", "", "检查日期", DATE_LINE),
        ("检查地点（部位）", "", "检查类型", "　".join(boxes(INSPECTION_KINDS))),
        ("检查人员", "", "企业陪同人员", ""),
    )
    table = word.add_table(document, (34, 110, 34, PAGE_MM - 178), len(rows))
    for row, texts in zip(table.rows, rows, strict=True):
        word.set_height(row, 9)
        word.keep_whole(row)
        for n, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            if n % 2 == 0:
                _label(cell, text)
            else:
                _put(cell, [text])
                cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def _origin(document: Document, made: Checklist) -> None:
    document.add_heading("编制依据与企业情况", 1)
    table = word.add_table(document, (34, PAGE_MM - 34))
    for head, lines in made_from(made):
        row = word.add_row(table)
        _label(row.cells[0], head)
        _put(row.cells[1], lines)


def _summary(document: Document, made: Checklist) -> None:
    document.add_heading("检查项汇总", 1)
    heads = ("场景", "适用行业", "检查项", f"{MAJOR_MARK}重大隐患", "强制", "推荐", *RESULTS)
    table = word.add_table(document, (48, 81, 20, 24, 18, 18, 21, 22, 21), 1)
    _header(table.rows[0], heads)
    rows = [
        (f"{n} {c.scene}", c.industry, c.total, c.major, c.mandatory, c.recommended) for n, c in enumerate(counts(made), 1)
    ]
    rows.append(("合计", "", made.total, made.major, made.mandatory, made.total - made.mandatory))
    for values in rows:
        line = word.add_row(table)
        word.keep_whole(line)
        for n, (cell, value) in enumerate(zip(line.cells, (*values, "", "", ""), strict=True)):
            _put(cell, [str(value)], bold=values[0] == "合计" or None, center=n > 1)


def _header(row: _Row, heads: tuple[str, ...]) -> None:
    word.repeat_header(row)
    for cell, head in zip(row.cells, heads, strict=True):
        _put(cell, [head], bold=True, center=True)
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        word.shade(cell, HEAD_FILL)


def _group(document: Document, number: int, group: SceneGroup) -> None:
    items = [i for k in group.links for p in k.points for i in p.items]
    major = sum(i.severity == "major" for i in items)
    marked = f"，其中{MAJOR_MARK}重大事故隐患 {major} 项" if major else ""
    document.add_heading(f"{number}　{clean(group.scene)}（{len(items)} 项{marked}）", 1)
    if group.industry:
        industry = document.add_paragraph(style=CELL)
        industry.paragraph_format.keep_with_next = True
        industry.paragraph_format.space_after = Mm(1)
        word.add_text(industry, f"适用行业：{clean(group.industry)}")
    table = word.add_table(document, WIDTHS, 1)
    _header(table.rows[0], tuple(head for head, _ in COLUMNS))
    for n, link in enumerate(group.links, 1):
        _band(table, f"{number}.{n}　关键环节：{clean(link.link)}", LINK_FILL, bold=True)
        for point in link.points:
            _band(table, f"风险点：{clean(point.point)}", POINT_FILL)
            for item in point.items:
                _item(table, item)


def _band(table: Table, text: str, fill: str, *, bold: bool = False) -> None:
    row = word.add_row(table)
    cells = row.cells
    cell = cells[0].merge(cells[-1])
    _put(cell, [text], bold=bold)
    word.shade(cell, fill)
    word.keep_whole(row)
    word.keep_with_next(row)


def _item(table: Table, item: ChecklistItem) -> None:
    row = word.add_row(table)
    number, ask, how, basis, penalty, result, fix = cells = row.cells
    is_major = item.severity == "major"
    _put(number, [MAJOR_MARK, item.number] if is_major else [item.number], center=True)
    _put(ask, [clean(item.ask)])
    if is_major:
        mark = ask.paragraphs[0].insert_paragraph_before()
        word.restyle(mark, SMALL)
        word.add_text(mark, severity_label(item), bold=True, color=ALARM)
    _put(how, methods(item), style=SMALL)
    _grounds(basis, item)
    _consequences(penalty, item)
    _put(result, boxes(RESULTS))
    _put(fix, ["整改：" + clean(item.fix), "备注：", ""], style=SMALL)
    if is_major:
        for cell in cells:
            word.shade(cell, MAJOR_FILL)
    if _height_mm(item) <= WHOLE_ROW_MM:
        word.keep_whole(row)


def _small(cell: _Cell) -> Paragraph:
    paragraph: Paragraph = cell.add_paragraph()
    word.restyle(paragraph, SMALL)
    return paragraph


def _grounds(cell: _Cell, item: ChecklistItem) -> None:
    for n, provision in enumerate(item.basis):
        shown = ground(provision)
        head = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        word.restyle(head, SMALL)
        word.add_text(head, shown.citation, bold=True)
        word.add_text(head, f"〔{shown.nature}〕")
        words = _small(cell)
        word.add_text(words, f"{shown.which}：", color=ALARM if "未" in shown.which else "5A6570")
        word.add_text(words, shown.words)
        for note in shown.notes:
            word.add_text(_small(cell), note_line(note), color="5A6570")
    if not item.basis:
        _put(cell, [""], style=SMALL)


def _consequences(cell: _Cell, item: ChecklistItem) -> None:
    found = consequences(item)
    for n, consequence in enumerate(found):
        head = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        word.restyle(head, SMALL)
        word.add_text(head, consequence.citations, bold=True)
        word.add_text(_small(cell), consequence.words)
    if not found:
        _put(cell, [NO_PENALTY], style=SMALL)


def _height_mm(item: ChecklistItem) -> float:
    """How high the row of an item will about be."""
    texts = (
        "",
        item.ask,
        "\n".join(methods(item)),
        "\n".join(ground(b).text for b in item.basis),
        consequences_text(item),
        "",
        f"整改：{item.fix}\n备注：\n",
    )
    half_width_mm = SMALL_SIZE / 2 * 0.3528
    rooms = [int((w - 2.6) / half_width_mm) for w in WIDTHS]
    return max(lines_needed(t, r) for t, r in zip(texts, rooms, strict=True)) * SMALL_LINE * 0.3528 + 1.5


def _sources(document: Document, made: Checklist) -> None:
    if not made.documents:
        return
    document.add_heading(f"所依据的文件（{len(made.documents)} 件）", 1)
    half = -(-len(made.documents) // 2)
    table = word.add_table(document, (PAGE_MM / 2, PAGE_MM / 2))
    numbered = [f"{n}. {clean(title)}" for n, title in enumerate(made.documents, 1)]
    for n in range(half):
        row = word.add_row(table)
        word.keep_whole(row)
        for cell, texts in zip(row.cells, (numbered[n : n + 1], numbered[half:][n : n + 1]), strict=True):
            _put(cell, texts)
        if n + 1 < half <= MOST_KEPT_ROWS:
            word.keep_with_next(row)


def _notes(document: Document, made: Checklist) -> None:
    document.add_heading("说明", 1)
    for n, note in enumerate(closing_notes(made), 1):
        word.add_text(document.add_paragraph(style=CELL), f"{n}. {note}")


def _signatures(document: Document) -> None:
    document.add_heading("检查结论与签名", 1)
    quarter = PAGE_MM / 4
    table = word.add_table(document, (40, quarter * 2 - 40, 40, quarter * 2 - 40), 3)
    conclusion, people, last = table.rows
    word.set_height(conclusion, 32)
    _label(conclusion.cells[0], "检查结论与意见")
    wide = conclusion.cells[1].merge(conclusion.cells[3])
    _put(wide, [f"{BOX}未发现不符合项　　{BOX}发现不符合项　　　项，其中重大事故隐患　　　项"])
    for row, labels in ((people, ("检查人员（签名）", "企业陪同人员（签名）")), (last, ("企业负责人（签名）", "日期"))):
        word.set_height(row, 13)
        _label(row.cells[0], labels[0])
        _label(row.cells[2], labels[1])
        for n in (1, 3):
            _put(row.cells[n], [DATE_LINE if labels[n // 2] == "日期" else ""])
            row.cells[n].vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for row in table.rows:
        word.keep_whole(row)
        if row is not last:
            word.keep_with_next(row)
    end = document.add_paragraph(style=SMALL)
    word.add_text(end, "本清单由合规图谱生成，不代替监管部门的决定。", color="5A6570")
