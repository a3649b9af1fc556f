"""Draft of an order to rectify → Word file for the authority to check, number, seal and serve (责令限期整改指令书)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from docx.document import Document
from docx.shared import Pt
from docx.table import Table

from assistant.documents import form, word
from assistant.documents.common import MAJOR_MARK, clean, day_text, ground, lines_needed, write_whole
from assistant.documents.form import BLANK
from assistant.inspection_forms import Order, OrderItem
from assistant.models import ProvisionOut
from assistant.report import local

TITLE = "责令限期整改指令书"
COLUMNS = (("序号", 11.0), ("存在的问题", 49.0), ("违反的规定、判定标准", 62.0), ("整改要求和期限", 48.0))
DAY_BLANK = "　　　　年　　月　　日"
WHOLE_LINES = 30
HINT = "起草提示：不属于本机关职责的问题，请从本指令书中删去并依法移送；已当场改正的，请注明。定稿时删除本提示。"


def write_order_docx(order: Order, path: Path) -> None:
    """Write a draft order as a Word file; what stood at ``path`` is replaced only when the new file is complete."""
    buffer = io.BytesIO()
    _document(order).save(buffer)
    write_whole(path, buffer.getvalue())


def _document(order: Order) -> Document:
    document = form.new_draft(TITLE, order.firm.name, order.number)
    visit, law = order.visit, order.law
    form.line(document, HINT, style=form.FORM_SMALL, color=form.ALARM, after=4)
    form.line(document, f"{order.firm.name}：", bold=True, after=2)
    when = day_text(local(visit.starts).date() if visit.starts else None) or DAY_BLANK
    seen = f"{when}，本机关执法人员对你单位{f'（{visit.place}）' if visit.place else ''}进行检查，发现你单位存在下列问题："
    form.line(document, seen, indent=True, keep=True, after=3)
    table = form.headed_table(document, COLUMNS)
    for item in order.items:
        _item(table, item)
    _demand(document, order)
    _heading(document, "整改不到位的法律后果")
    form.line(
        document, "逾期没有整改，或者整改后仍达不到要求的，将依法处理；由此造成事故的，依法追究责任。有关规定：", indent=True
    )
    _law(document, law.consequences)
    _penalties(document, order)
    _rights(document, order)
    _sign(document, order)
    if order.advice:
        _heading(document, "附：建议改进的事项（以推荐性标准为依据，不属于责令整改的内容）")
        for text in order.advice:
            form.line(document, text, style=form.FORM_SMALL)
    return document


def _heading(document: Document, text: str) -> None:
    document.add_heading(text, 2)


def _item(table: Table, item: OrderItem) -> None:
    small = form.FORM_SMALL
    row = word.add_row(table)
    index, found, basis, demand = row.cells
    form.put(index, [MAJOR_MARK, str(item.number)] if item.major else [str(item.number)], style=small, center=True)
    form.put(found, [item.found or f"现场情况：{BLANK}{BLANK}"], style=small, bold=bool(item.found) or None)
    form.put(found, [f"检查内容（{item.check_number}）：{item.ask}"], style=small, color=form.GRAY, more=True)
    if item.major:
        form.put(found, [f"{MAJOR_MARK}可能构成重大事故隐患"], style=small, color=form.ALARM, bold=True, more=True)
    form.put_grounds(basis, item.basis)
    form.put(demand, [item.requirement], style=small)
    form.put(demand, [f"期限：{day_text(item.deadline) or DAY_BLANK}前"], style=small, bold=True, more=True)
    if lines_needed("\n".join(ground(b).text for b in item.basis), 38) <= WHOLE_LINES:
        word.keep_whole(row)


def _demand(document: Document, order: Order) -> None:
    _heading(document, "责令事项")
    days = {i.deadline for i in order.items}
    numbers = f"第 1 项至第 {len(order.items)} 项" if len(order.items) > 1 else "第 1 项"
    one = next(iter(days)) if len(days) == 1 else None
    until = f"于{day_text(one)}前" if one else "按各项所列期限"
    powers = "、".join(b.citation for b in order.law.powers[-1:]) or BLANK
    text = f"依据{powers}，责令你单位对上述{numbers}问题{until}整改完毕，达到法律、法规、规章和标准的要求。"
    form.line(document, text, indent=True)
    form.line(
        document,
        "整改期间，你单位应当采取安全防范措施，保证安全；整改完毕后向本机关提交整改情况，由本机关复查。",
        indent=True,
    )
    form.line(document, f"复查地点：{order.review_place or BLANK}", indent=True)
    major = [str(i.number) for i in order.items if i.major]
    if major:
        alarm = (
            f"{MAJOR_MARK}第 {'、'.join(major)} 项可能构成重大事故隐患；"
            "经核定属于重大事故隐患的，不得以本指令书代替现场处理措施。有关规定："
        )
        form.line(document, alarm, bold=True, color=form.ALARM, indent=True)
        _law(document, order.law.major)


def _law(document: Document, provisions: Sequence[ProvisionOut]) -> None:
    if not provisions:
        form.line(document, f"（没有可引用的已核对条文，由办案人员填写）{BLANK}{BLANK}", indent=True)
    form.quotes(document, provisions)


def _penalties(document: Document, order: Order) -> None:
    lines = [f"第 {i.number} 项：{'、'.join(i.penalties)}" for i in order.items if i.penalties]
    if lines:
        form.line(document, "各项违法行为对应的罚则（供核对，是否处罚由有权机关依法决定）：", indent=True, keep=True)
    for text in lines:
        form.line(document, text, style=form.FORM_SMALL)


def _rights(document: Document, order: Order) -> None:
    _heading(document, "权利告知")
    law = order.law
    form.line(document, f"不服本指令的，可以依法向{BLANK}人民政府申请行政复议。有关规定：", indent=True)
    _law(document, law.review)
    form.line(document, f"也可以依法向{BLANK}人民法院提起行政诉讼。有关规定：", indent=True)
    _law(document, law.suit)


def _sign(document: Document, order: Order) -> None:
    _heading(document, "签名和送达")
    form.line(document, f"行政执法人员：{form.inspectors(order.visit).replace(chr(10), '；')}", keep=True, after=3)
    rows = (("行政执法人员\n（签名、证号）", "行政执法人员\n（签名、证号）"), ("被检查单位\n负责人（签名）", "收到日期"))
    form.signatures(document, rows, 15)
    authority = form.line(document, f"{clean(order.visit.authority) or BLANK}（印章）")
    authority.paragraph_format.space_before = Pt(16)
    for paragraph in (authority, form.line(document, DAY_BLANK)):
        paragraph.alignment = form.RIGHT
    form.line(document, "本文书一式两份：一份由检查机关存档，一份交被检查单位。", style=form.FORM_SMALL, color=form.GRAY)
