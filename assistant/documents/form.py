"""Parts of the forms on upright A4 pages (reports, schemes, records, orders): fields, headed tables, photos, signatures."""

from __future__ import annotations

import datetime
import io
from collections.abc import Mapping, Sequence

import segno
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from assistant.documents import word
from assistant.documents.common import Picture, clean, ground, note_line, picture
from assistant.inspection_forms import Visit
from assistant.models import ProvisionOut
from assistant.report import Photo

RIGHT = WD_ALIGN_PARAGRAPH.RIGHT
BLANK = "＿" * 8
DRAFT = "草稿：由合规图谱生成，使用前请逐项核对事实和依据；文号、意见、签名和印章由执法机关填写。"
UPRIGHT_MM = 170
"""Room between the margins of an upright page."""
FORM, FORM_SMALL = "表单正文", "表单小字"
HEAD_FILL, LABEL_FILL = "D9E2EC", "EEF1F5"
GRAY, ALARM = "5A6570", "B00020"
ACROSS = 3
"""Photos side by side."""


def new_form(title: str, footer: str) -> Document:
    """An empty A4 upright document with its styles, properties, and a footer that counts the pages."""
    document = word.new_document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(22), Mm(18)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    section.header_distance = section.footer_distance = Mm(9)
    word.set_style(document, "Normal", size=10.5, line=17)
    word.set_style(document, "Title", size=20, line=30, sans=True, bold=True, after=2)
    for border in list(document.styles["Title"].element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    word.set_style(document, "Heading 1", size=13, line=19, sans=True, bold=True, before=12, after=4)
    word.set_style(document, "Heading 2", size=11, line=16, sans=True, bold=True, before=8, after=3)
    word.set_style(document, "Footer", size=8, line=11)
    word.set_style(document, FORM, size=10.5, line=16)
    word.set_style(document, FORM_SMALL, size=9, line=12.5, base=FORM)
    properties, now = document.core_properties, datetime.datetime.now(datetime.UTC)
    properties.title = clean(title)[:255]
    properties.author = properties.last_modified_by = "合规图谱"
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = now
    paragraph = section.footer.paragraphs[0]
    footer_style = document.styles["Footer"]
    assert isinstance(footer_style, ParagraphStyle)
    footer_style.paragraph_format.tab_stops.clear_all()
    paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(UPRIGHT_MM), WD_TAB_ALIGNMENT.RIGHT)
    text = clean(footer).replace("\n", " ")
    word.add_text(paragraph, f"{text if len(text) <= 56 else text[:55] + '…'}\t第 ")
    word.add_field(paragraph, "PAGE")
    word.add_text(paragraph, " 页 / 共 ")
    word.add_field(paragraph, "NUMPAGES")
    word.add_text(paragraph, " 页")
    return document


def line(
    document: Document,
    text: str,
    *,
    style: str = FORM,
    bold: bool | None = None,
    color: str | None = None,
    center: bool = False,
    indent: bool = False,
    keep: bool = False,
    after: float = 0,
) -> Paragraph:
    """A paragraph of cleaned text; ``indent`` by two characters, ``keep`` with the next, room ``after`` in points."""
    paragraph = document.add_paragraph(style=style)
    word.add_text(paragraph, clean(text), bold=bold, color=color)
    layout = paragraph.paragraph_format
    if center:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if indent:
        layout.first_line_indent = Pt(21)
    layout.keep_with_next, layout.space_after = keep or None, Pt(after)
    return paragraph


def put(
    cell: _Cell,
    lines: Sequence[str],
    *,
    style: str = FORM,
    bold: bool | None = None,
    center: bool = False,
    color: str | None = None,
    more: bool = False,
) -> None:
    """Cleaned lines in a cell; ``more`` adds to what is there."""
    for n, text in enumerate(lines if more else lines or [""]):
        paragraph = cell.add_paragraph() if n or more else cell.paragraphs[0]
        word.restyle(paragraph, style)
        if center:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        word.add_text(paragraph, clean(text), bold=bold, color=color)


def label(cell: _Cell, text: str) -> None:
    """A cell that names the one beside it."""
    put(cell, [text], bold=True, center=True)
    middle(cell)
    word.shade(cell, LABEL_FILL)


def middle(cell: _Cell) -> None:
    """Center a cell's content from top to bottom."""
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def headed_table(document: Document, columns: Sequence[tuple[str, float]]) -> Table:
    """A table of named columns (name, width in mm) whose header is repeated on every page."""
    table = word.add_table(document, [w for _, w in columns], 1)
    row = table.rows[0]
    word.repeat_header(row)
    for cell, (head, _) in zip(row.cells, columns, strict=True):
        put(cell, [head], style=FORM_SMALL, bold=True, center=True)
        middle(cell)
        word.shade(cell, HEAD_FILL)
    word.keep_with_next(row)
    return table


def field_table(document: Document, rows: Sequence[Sequence[tuple[str, str]]], label_mm: float = 28) -> Table:
    """Fields of a form: rows of one or two (label, value) pairs; a single pair takes the whole width."""
    half = UPRIGHT_MM / 2
    table = word.add_table(document, (label_mm, half - label_mm, label_mm, half - label_mm), len(rows))
    for row, pairs in zip(table.rows, rows, strict=True):
        word.set_height(row, 8)
        word.keep_whole(row)
        cells = row.cells
        for n, (head, value) in enumerate(pairs):
            label(cells[2 * n], head)
            at = cells[1].merge(cells[3]) if len(pairs) == 1 else cells[2 * n + 1]
            put(at, clean(value).split("\n"))
            middle(at)
    return table


def put_grounds(cell: _Cell, basis: Sequence[ProvisionOut], penalties: Sequence[str] = ()) -> None:
    """The grounds of an item with their words and notes, and the citations of what punishes a breach."""
    for n, shown in enumerate(map(ground, basis)):
        put(cell, [f"{shown.citation}〔{shown.nature}〕"], style=FORM_SMALL, bold=True, more=n > 0)
        put(
            cell,
            [f"{shown.which}：{shown.words}"],
            style=FORM_SMALL,
            color=ALARM if "未" in shown.which else None,
            more=True,
        )
        put(cell, [note_line(note) for note in shown.notes], style=FORM_SMALL, color=GRAY, more=True)
    if penalties:
        told = f"罚则：{'、'.join(dict.fromkeys(map(clean, penalties)))}"
        put(cell, [told], style=FORM_SMALL, color=GRAY, more=bool(basis))


def add_pictures(cell: _Cell, pictures: Sequence[tuple[str, Picture]], *, wide_mm: float = 50, high_mm: float = 42) -> None:
    """Photos, each with its name, three side by side in a cell with their captions; lines where one can't be shown."""
    _thin(cell.paragraphs[0])
    for start in range(0, len(pictures), ACROSS):
        grid = cell.add_table(rows=1, cols=ACROSS)
        grid.autofit = False
        for column in grid.columns:
            column.width = Mm(wide_mm + 5)
        word.keep_whole(grid.rows[0])
        for place, (name, shown) in zip(grid.rows[0].cells, pictures[start : start + ACROSS], strict=False):
            place.width = Mm(wide_mm + 5)
            if shown.jpeg:
                at = place.paragraphs[0]
                at.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
                add_image(at, shown.jpeg, min(wide_mm, high_mm * shown.width / shown.height))
            told = [f"{name}　{shown.lines[0]}" if shown.lines else name, *shown.lines[1:]]
            put(place, told, style=FORM_SMALL, color=None if shown.jpeg else ALARM, more=bool(shown.jpeg))
        _thin(cell.paragraphs[-1])


def _thin(paragraph: Paragraph) -> None:
    """Make an empty paragraph, which Word wants around tables, nearly vanish."""
    layout = paragraph.paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(2)


def photo_row(table: Table, photos: Mapping[str, Sequence[Photo]]) -> None:
    """A row of photos across a table, each kind numbered by its name."""
    named = [(f"{name}{n}", picture(p)) for name, kind in photos.items() for n, p in enumerate(kind, 1)]
    row = word.add_row(table)
    if len(named) <= ACROSS:
        word.keep_whole(row)
    cells = row.cells
    add_pictures(cells[0].merge(cells[-1]), named)


def add_image(paragraph: Paragraph, content: bytes, wide_mm: float) -> None:
    """An image in a line of text."""
    paragraph.add_run().add_picture(io.BytesIO(content), width=Mm(wide_mm))


def add_qr(paragraph: Paragraph, text: str, wide_mm: float = 24) -> bool:
    """A QR code of ``text``; ``False``, and nothing added, for text that fits no code."""
    buffer = io.BytesIO()
    try:
        segno.make(clean(text), error="m", encoding="utf-8", micro=False).save(buffer, kind="png", scale=8, border=3)
    except (segno.DataOverflowError, ValueError):
        return False
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    add_image(paragraph, buffer.getvalue(), wide_mm)
    return True


def signatures(document: Document, rows: Sequence[Sequence[str]], high_mm: float = 14) -> Table:
    """Places to sign: rows of two labels; a label that ends in 日期 gets a date to fill in."""
    half = UPRIGHT_MM / 2
    table = word.add_table(document, (36, half - 36, 36, half - 36), len(rows))
    for row, labels in zip(table.rows, rows, strict=True):
        word.set_height(row, high_mm)
        word.keep_whole(row)
        for n, text in enumerate(labels):
            label(row.cells[2 * n], text)
            put(row.cells[2 * n + 1], ["　　　年　　月　　日" if text.endswith("日期") else ""], center=True)
            middle(row.cells[2 * n + 1])
    for row in table.rows[:-1]:
        word.keep_with_next(row)
    return table


def new_draft(title: str, firm: str, number: str = "") -> Document:
    """The draft of an official document: a note that it is one, the title, and the document number or room for it."""
    document = new_form(f"{title} {firm}", f"{title}（草稿）　{firm}")
    line(document, DRAFT, style=FORM_SMALL, color=ALARM, center=True, after=4)
    line(document, title, style="Title", center=True)
    line(document, number or "（　　　）　　　　〔　　　　〕　　　号", center=True, after=6)
    return document


def inspectors(visit: Visit) -> str:
    """The inspectors with their certificates, a line each; blanks where there is nobody."""
    named = [f"{clean(name) or BLANK}（证件号码：{clean(number) or BLANK}）" for name, number in visit.inspectors]
    return "\n".join(named or [f"{BLANK}（证件号码：{BLANK}）"] * 2)


def quotes(document: Document, provisions: Sequence[ProvisionOut]) -> None:
    """Provisions, a paragraph each: citation, whose words follow, the words (the official ones where they are at hand)."""
    for provision in provisions:
        # The official words of a paragraph with items stop where the items begin.
        official = provision.official_text and not provision.official_text.rstrip().endswith(("：", ":"))
        shown = ground(provision.model_copy(update={"gist": None}) if official else provision)
        paragraph = line(document, shown.citation, style=FORM_SMALL, bold=True)
        word.add_text(paragraph, f"（{shown.which}）{shown.words}".replace("\n", " "), bold=False)
        paragraph.paragraph_format.left_indent = Pt(21)


def opinion_table(document: Document, opinions: Sequence[tuple[str, str]]) -> Table:
    """Empty fields for opinions, each with who signs it and a date; two columns, label and room."""
    table = word.add_table(document, (28, UPRIGHT_MM - 28))
    for head, signer in opinions:
        row = word.add_row(table)
        word.set_height(row, 30)
        word.keep_whole(row)
        label(row.cells[0], head)
        put(row.cells[1], ["", "", "", f"{signer}：{BLANK}　　　　年　　月　　日"])
        row.cells[1].vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM
        row.cells[1].paragraphs[-1].alignment = RIGHT
    return table


def band(table: Table, text: str) -> None:
    """A row across the table that names the rows after it."""
    row = word.add_row(table)
    cells = row.cells
    cell = cells[0].merge(cells[-1])
    put(cell, [text], style=FORM_SMALL, bold=True)
    word.shade(cell, LABEL_FILL)
    word.keep_whole(row)
    word.keep_with_next(row)


def small_row(
    table: Table, texts: Sequence[Sequence[str]], *, centered: Sequence[int] = (), bold: Sequence[int] = ()
) -> None:
    """A row of small text that stays on one page; ``centered`` and ``bold`` are columns, from 0."""
    row = word.add_row(table)
    word.keep_whole(row)
    for n, (cell, lines) in enumerate(zip(row.cells, texts, strict=True)):
        put(cell, lines, style=FORM_SMALL, center=n in centered, bold=True if n in bold else None)
        middle(cell)
