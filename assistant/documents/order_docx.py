"""Draft of an order to rectify → Word file for the authority to check, number, seal and serve (责令限期整改指令书)."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document

from assistant.documents import decision_parts as parts
from assistant.documents import form
from assistant.documents.common import MAJOR_MARK, day_text, save_whole
from assistant.documents.form import BLANK
from assistant.inspection_forms import Order

TITLE = "责令限期整改指令书"
COLUMNS = (("序号", 11.0), ("存在的问题", 49.0), ("违反的规定、判定标准", 62.0), ("整改要求和期限", 48.0))
HINT = "起草提示：不属于本机关职责的问题，请从本指令书中删去并依法移送；已当场改正的，请注明。定稿时删除本提示。"


def write_order_docx(order: Order, path: Path) -> None:
    """Write a draft order as a Word file; what stood at ``path`` is replaced only when the new file is complete."""
    save_whole(_document(order).save, path)


def _document(order: Order) -> Document:
    document = parts.begin(TITLE, order.firm.name, order.number, HINT)
    visit = order.visit
    where = f"（{visit.place}）" if visit.place else ""
    seen = f"{parts.day_of(visit)}，本机关执法人员对你单位{where}进行检查，发现你单位存在下列问题："
    form.line(document, seen, indent=True, keep=True, after=3)
    table = form.headed_table(document, COLUMNS)
    for item in order.items:
        parts.item_row(table, item, [item.requirement, f"期限：{day_text(item.deadline) or parts.DAY_BLANK}前"])
    _demand(document, order)
    parts.heading(document, "整改不到位的法律后果")
    form.line(
        document, "逾期没有整改，或者整改后仍达不到要求的，将依法处理；由此造成事故的，依法追究责任。有关规定：", indent=True
    )
    parts.law(document, order.law.consequences)
    _penalties(document, order)
    parts.rights(document, order.law, "本指令")
    parts.sign(document, visit)
    if order.advice:
        parts.heading(document, "附：建议改进的事项（以推荐性标准为依据，不属于责令整改的内容）")
        for text in order.advice:
            form.line(document, text, style=form.FORM_SMALL)
    return document


def _demand(document: Document, order: Order) -> None:
    parts.heading(document, "责令事项")
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
        parts.law(document, order.law.major)


def _penalties(document: Document, order: Order) -> None:
    lines = [f"第 {i.number} 项：{'、'.join(i.penalties)}" for i in order.items if i.penalties]
    if lines:
        form.line(document, "各项违法行为对应的罚则（供核对，是否处罚由有权机关依法决定）：", indent=True, keep=True)
    for text in lines:
        form.line(document, text, style=form.FORM_SMALL)
