"""Parts of a Word file that python-docx has no words for: East Asian fonts, fields, row rules, fixed tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

SONG, HEI = "宋体", "黑体"
LATIN, LATIN_SANS = "Times New Roman", "Arial"
MARGIN_MM = 12
_SYMBOLS = re.compile("([□★①-⑳]+)")


def element(tag: str, **attributes: str) -> BaseOxmlElement:
    """A ``w:`` element with ``w:`` attributes."""
    made = cast(BaseOxmlElement, OxmlElement(f"w:{tag}"))
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def new_document() -> WordDocument:
    """An empty A4 landscape document that is Chinese throughout, its narrow margins fit for wide tables."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(MARGIN_MM)
    section.top_margin, section.bottom_margin = Mm(14), Mm(15)
    section.header_distance, section.footer_distance = Mm(7), Mm(7)
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        _drop_theme(fonts)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-US")  # zh-CN would let Latin words break anywhere
        language.set(qn("w:eastAsia"), "zh-CN")
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:rFonts')}")
    if defaults is not None:
        _set_fonts(defaults, LATIN, SONG)
    return document


def _drop_theme(fonts: BaseOxmlElement) -> None:
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), "")


def _set_fonts(fonts: BaseOxmlElement, latin: str, east_asian: str) -> None:
    for name, value in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", east_asian)):
        fonts.set(qn(f"w:{name}"), value)


def set_style(
    document: WordDocument,
    name: str,
    *,
    size: float,
    line: float,
    sans: bool = False,
    bold: bool = False,
    before: float = 0,
    after: float = 0,
    base: str | None = None,
) -> ParagraphStyle:
    """Give the paragraph style ``name`` (made when new) its fonts, size and exact line height in points."""
    if name not in [s.name for s in document.styles]:
        added = document.styles.add_style(name, 1)
        added.base_style = document.styles[base or "Normal"]
    style = document.styles[name]
    assert isinstance(style, ParagraphStyle)
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    _set_fonts(style.element.get_or_add_rPr().get_or_add_rFonts(), LATIN_SANS if sans else LATIN, HEI if sans else SONG)
    layout = style.paragraph_format
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    layout.space_before, layout.space_after = Pt(before), Pt(after)
    return style


def restyle(paragraph: Paragraph, style: str) -> None:
    """Give a paragraph a style whose name is its identifier (python-docx's own setter reads all styles each time)."""
    paragraph._p.style = style


def add_text(paragraph: Paragraph, text: str, *, bold: bool | None = None, color: str | None = None) -> None:
    """Add text whose quotation marks and dashes take the Chinese font; boxes, stars and circled numbers always do."""
    for part in _SYMBOLS.split(text):
        if not part:
            continue
        run = paragraph.add_run(part)
        if bold is not None:
            run.bold = bold
        if color:
            run.font.color.rgb = RGBColor.from_string(color)
        properties = run._r.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        fonts.set(qn("w:hint"), "eastAsia")
        if _SYMBOLS.fullmatch(part):
            _set_fonts(fonts, SONG, SONG)
            properties.append(element("lang", val="zh-CN", eastAsia="zh-CN"))


def add_field(paragraph: Paragraph, code: str) -> None:
    """A field such as PAGE or NUMPAGES, with 1 to show until it is computed."""
    for kind, text in (("begin", None), (None, code), ("separate", None), ("text", "1"), ("end", None)):
        run = paragraph.add_run()
        if kind == "text":
            run.text = text or ""
        elif kind is None:
            instruction = element("instrText")
            instruction.text = f" {code} "
            run._r.append(instruction)
        else:
            run._r.append(element("fldChar", fldCharType=kind))


def add_table(document: WordDocument, widths_mm: Sequence[float], rows: int = 0) -> Table:
    """A ruled table of fixed column widths across the page."""
    table: Table = document.add_table(rows=0, cols=len(widths_mm))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    properties = table._tbl.tblPr
    for old in properties.findall(qn("w:tblW")):
        properties.remove(old)
    total = sum(round(w * 56.7) for w in widths_mm)
    style = properties.find(qn("w:tblStyle"))
    assert style is not None
    style.addnext(element("tblW", w=str(total), type="dxa"))
    margins = element("tblCellMar")
    for side, room in (("top", 30), ("left", 70), ("bottom", 30), ("right", 70)):
        margins.append(element(side, w=str(room), type="dxa"))
    layout = properties.find(qn("w:tblLayout"))
    assert layout is not None
    layout.addnext(margins)
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for _ in range(rows):
        add_row(table)
    return table


def shade(cell: _Cell, color: str) -> None:
    """Fill a cell."""
    properties = cell._tc.get_or_add_tcPr()
    shading = element("shd", val="clear", color="auto", fill=color)
    after = [c for c in properties if c.tag in {qn("w:tcW"), qn("w:gridSpan"), qn("w:vMerge"), qn("w:tcBorders")}]
    properties.insert(properties.index(after[-1]) + 1 if after else 0, shading)


def add_row(table: Table) -> _Row:
    """A new last row."""
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    return row


def keep_whole(row: _Row) -> None:
    """Don't break the row across pages."""
    row._tr.get_or_add_trPr().append(element("cantSplit"))


def repeat_header(row: _Row) -> None:
    """Show the row again at the top of each page."""
    keep_whole(row)
    row._tr.get_or_add_trPr().append(element("tblHeader"))


def set_height(row: _Row, millimeters: float) -> None:
    """Make the row at least this high, as room to write in."""
    row.height = Mm(millimeters)


def keep_with_next(row: _Row) -> None:
    """Keep the row on the page of the row after it."""
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True
