"""What printed training papers share: an upright A4 page, numbered paragraphs, small tables, citations under a text."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from assistant.documents import word
from assistant.documents.common import clean, save_whole
from assistant.quiz_question import Cited

PAGE_MM = 170.0
TEXT, SMALL = "教案正文", "教案小字"
HEAD_FILL, LABEL_FILL = "D9E2EC", "F0F3F7"
GRAY, ALARM = "5A6570", "B00020"
NOT_A_DECISION = (
    "本材料由合规图谱按资料库生成，供培训使用，不代替监管部门的决定；“要点”是对条款的概述，引用时以官方公布的文本为准。"
)


def chinese_day(day: datetime.date) -> str:
    """2026年11月23日."""
    return f"{day.year}年{day.month}月{day.day}日"


def new_handout(title: str, footer: str, day: datetime.date) -> Document:
    """An empty upright document with its styles; dated ``day``, so that equal packs give equal documents."""
    document = word.new_document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(20)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    section.footer_distance = Mm(9)
    word.set_style(document, "Normal", size=10.5, line=17)
    word.set_style(document, "Title", size=20, line=30, sans=True, bold=True, after=2)
    for border in list(document.styles["Title"].element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    word.set_style(document, "Heading 1", size=14, line=20, sans=True, bold=True, before=14, after=5)
    word.set_style(document, "Heading 2", size=12, line=18, sans=True, bold=True, before=10, after=3)
    word.set_style(document, "Heading 3", size=10.5, line=16, sans=True, bold=True, before=7, after=2)
    word.set_style(document, "Footer", size=8, line=11)
    word.set_style(document, TEXT, size=10.5, line=17, after=3)
    word.set_style(document, SMALL, size=9, line=13, base=TEXT)
    properties, moment = document.core_properties, datetime.datetime.combine(day, datetime.time())
    properties.title = clean(title)[:255]
    properties.author = properties.last_modified_by = "合规图谱"
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = moment
    paragraph = section.footer.paragraphs[0]
    document.styles["Footer"].paragraph_format.tab_stops.clear_all()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(PAGE_MM), WD_TAB_ALIGNMENT.RIGHT)
    shown = clean(footer).replace("\n", " ")
    word.add_text(paragraph, f"{shown if len(shown) <= 44 else shown[:43] + '…'}\t第 ")
    word.add_field(paragraph, "PAGE")
    word.add_text(paragraph, " / ")
    word.add_field(paragraph, "NUMPAGES")
    word.add_text(paragraph, " 页")
    return document


def add_title(document: Document, title: str, below: str) -> None:
    """The title and a line under it."""
    document.add_paragraph(clean(title), style="Title").alignment = WD_ALIGN_PARAGRAPH.CENTER
    line = say(document, below, style=SMALL, color=GRAY)
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line.paragraph_format.space_after = Mm(3)


def say(
    document: Document,
    text: str,
    *,
    label: str = "",
    style: str = TEXT,
    bold: bool | None = None,
    color: str | None = None,
    indent_mm: float = 0,
    keep: bool = False,
) -> Paragraph:
    """A paragraph, with a bold label before it; ``keep`` holds it on the page of the next one."""
    paragraph: Paragraph = document.add_paragraph(style=style)
    if label:
        word.add_text(paragraph, label, bold=True, color=color)
    word.add_text(paragraph, clean(text), bold=bold, color=color)
    paragraph.paragraph_format.left_indent = Mm(indent_mm)
    paragraph.paragraph_format.keep_with_next = keep
    return paragraph


def named(citations: Iterable[Cited]) -> str:
    """Citations in a row."""
    return "、".join(clean(c.citation) for c in citations)


def grounds(document: Document, citations: Iterable[Cited], indent_mm: float = 0, label: str = "依据：") -> None:
    """The citations under a text."""
    say(document, named(citations), label=label, style=SMALL, color=GRAY, indent_mm=indent_mm)


def put(cell: _Cell, text: str, *, bold: bool | None = None, color: str | None = None, center: bool = False) -> None:
    """Text in a cell, a paragraph for each line."""
    for n, line in enumerate(clean(text).split("\n")):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        word.restyle(paragraph, SMALL)
        if center:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        word.add_text(paragraph, line, bold=bold, color=color)


def add_rows(
    document: Document, columns: Sequence[tuple[str, float]], rows: Iterable[Sequence[str]], *, center_first: bool = True
) -> Table:
    """A table with a head that is repeated on each page; rows are not broken across pages."""
    table = word.add_table(document, [width for _, width in columns], 1)
    word.repeat_header(table.rows[0])
    for cell, (head, _) in zip(table.rows[0].cells, columns, strict=True):
        put(cell, head, bold=True, center=True)
        word.shade(cell, HEAD_FILL)
    for texts in rows:
        row = word.add_row(table)
        word.keep_whole(row)
        for n, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            put(cell, text, center=center_first and n == 0)
    return table


def save(document: Document, path: Path) -> None:
    """Write the document whole or not at all."""
    save_whole(document.save, path)
