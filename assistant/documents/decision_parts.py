"""What the decisions of an authority have in common: the provisions they quote, rights, signatures and service."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document
from docx.shared import Pt
from docx.table import Table, _Cell

from assistant.documents import form, word
from assistant.documents.common import MAJOR_MARK, clean, day_text, ground, lines_needed
from assistant.documents.form import BLANK
from assistant.inspection_forms import OrderItem, Visit, VisitLaw
from assistant.models import ProvisionOut
from assistant.report import local

DAY_BLANK = "　　　　年　　月　　日"
WHOLE_LINES = 30
"""A row of more lines than this may be parted by the end of a page."""


def begin(title: str, firm: str, number: str, hint: str) -> Document:
    """The draft of a decision down to whom it is addressed, with a hint for who finishes it."""
    document = form.new_draft(title, firm, number)
    form.line(document, hint, style=form.FORM_SMALL, color=form.ALARM, after=4)
    form.line(document, f"{firm}：", bold=True, after=2)
    return document


def day_of(visit: Visit) -> str:
    """The day of a visit, or room for it."""
    return day_text(local(visit.starts).date() if visit.starts else None) or DAY_BLANK


def heading(document: Document, text: str) -> None:
    """The heading of a part."""
    document.add_heading(text, 2)


def law(document: Document, provisions: Sequence[ProvisionOut]) -> None:
    """The provisions in full; room to write where there is none to quote."""
    if not provisions:
        form.line(document, f"（没有可引用的已核对条文，由办案人员填写）{BLANK}{BLANK}", indent=True)
    form.quotes(document, provisions)


def number(cell: _Cell, item: OrderItem) -> None:
    """The number of an item in its cell, marked where it may be a major hazard."""
    form.put(cell, [MAJOR_MARK, str(item.number)] if item.major else [str(item.number)], style=form.FORM_SMALL, center=True)


def item_row(table: Table, item: OrderItem, demand: Sequence[str]) -> None:
    """A row for one item: number, what was found, the grounds, and what is demanded, the last of several lines in bold."""
    small = form.FORM_SMALL
    row = word.add_row(table)
    index, found, basis, last = row.cells
    number(index, item)
    form.put(found, [item.found or f"现场情况：{BLANK}{BLANK}"], style=small, bold=bool(item.found) or None)
    form.put(found, [f"检查内容（{item.check_number}）：{item.ask}"], style=small, color=form.GRAY, more=True)
    if item.major:
        form.put(found, [f"{MAJOR_MARK}可能构成重大事故隐患"], style=small, color=form.ALARM, bold=True, more=True)
    form.put_grounds(basis, item.basis)
    for n, text in enumerate(demand):
        form.put(last, [text], style=small, bold=True if 0 < n == len(demand) - 1 else None, more=n > 0)
    if lines_needed("\n".join(ground(b).text for b in item.basis), 38) <= WHOLE_LINES:
        word.keep_whole(row)


def rights(document: Document, told: VisitLaw, what: str) -> None:
    """Where and how long the firm may have ``what`` (本指令, 本决定) reviewed."""
    heading(document, "权利告知")
    form.line(document, f"不服{what}的，可以依法向{BLANK}人民政府申请行政复议。有关规定：", indent=True)
    law(document, told.review)
    form.line(document, f"也可以依法向{BLANK}人民法院提起行政诉讼。有关规定：", indent=True)
    law(document, told.suit)


def sign(document: Document, visit: Visit) -> None:
    """Who signs, the seal, and how many copies there are."""
    heading(document, "签名和送达")
    form.line(document, f"行政执法人员：{form.inspectors(visit).replace(chr(10), '；')}", keep=True, after=3)
    rows = (("行政执法人员\n（签名、证号）", "行政执法人员\n（签名、证号）"), ("被检查单位\n负责人（签名）", "收到日期"))
    form.signatures(document, rows, 15)
    authority = form.line(document, f"{clean(visit.authority) or BLANK}（印章）")
    authority.paragraph_format.space_before = Pt(16)
    for paragraph in (authority, form.line(document, DAY_BLANK)):
        paragraph.alignment = form.RIGHT
    form.line(document, "本文书一式两份：一份由检查机关存档，一份交被检查单位。", style=form.FORM_SMALL, color=form.GRAY)
