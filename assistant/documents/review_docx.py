"""Draft of a review → Word file for the authority to conclude, number, seal and serve (整改复查意见书)."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document
from docx.table import Table

from assistant.documents import decision_parts as parts
from assistant.documents import form, word
from assistant.documents.common import day_text, save_whole
from assistant.documents.form import BLANK
from assistant.follow_up_forms import Review, ReviewLine
from assistant.report import STATE_LABELS

TITLE = "整改复查意见书"
COLUMNS = (("序号", 11.0), ("责令整改的问题和要求", 66.0), ("企业台账记载（供核对）", 49.0), ("复查情况", 44.0))
HINT = (
    "起草提示：“企业台账记载”是企业自己填的，不能代替现场复查；复查情况和意见由执法人员查看后勾选、填写。定稿时删除本提示。"
)


def write_review_docx(review: Review, path: Path) -> None:
    """Write a draft review as a Word file; what stood at ``path`` is replaced only when the new file is complete."""
    save_whole(_document(review).save, path)


def _document(review: Review) -> Document:
    document = parts.begin(TITLE, review.firm.name, review.number, HINT)
    visit = review.visit
    order = f"责令限期整改指令书（{review.order_number or BLANK}）"
    where = f"在{visit.place}" if visit.place else ""
    seen = f"本机关{day_text(review.inspected)}检查你单位后作出{order}。{parts.day_of(visit)}，本机关{where}复查了整改情况："
    form.line(document, seen, indent=True, keep=True, after=3)
    table = form.headed_table(document, COLUMNS)
    for line in review.lines:
        _line(table, line)
    parts.heading(document, "复查意见")
    for text in (
        "□ 全部整改到位。",
        f"□ 第{BLANK}项没有整改到位，处理意见：{BLANK}{BLANK}",
        f"□ 现场处理措施（文号{BLANK}）：□ 同意恢复　□ 不同意恢复",
        f"　 理由：{BLANK}{BLANK}",
    ):
        form.line(document, text, indent=True)
    form.line(document, f"其他情况：{review.told or BLANK * 3}", indent=True)
    if not_mended := [str(x.item.number) for x in review.lines if x.hazard and x.hazard.state in ("found", "assigned")]:
        told = f"台账上第 {'、'.join(not_mended)} 项还没有整改完成的记载。逾期不整改的后果，有关规定："
        form.line(document, told, indent=True, keep=True)
        parts.law(document, review.law.consequences)
    parts.sign(document, visit)
    return document


def _line(table: Table, line: ReviewLine) -> None:
    small, item, hazard = form.FORM_SMALL, line.item, line.hazard
    row = word.add_row(table)
    word.keep_whole(row)
    index, found, told, seen = row.cells
    parts.number(index, item)
    form.put(found, [item.found or item.ask], style=small, bold=True)
    form.put(found, [f"要求：{item.requirement}"], style=small, more=True)
    form.put(found, [f"期限：{day_text(item.deadline) or parts.DAY_BLANK}前"], style=small, more=True)
    if hazard is None:
        form.put(told, ["台账里没有这一项"], style=small, color=form.ALARM)
    else:
        lines = [f"隐患 {hazard.id}：{STATE_LABELS[hazard.state]}"]
        lines += [f"责任人：{hazard.responsible}"] if hazard.responsible else []
        lines += [f"{day_text(hazard.closed_on)}销号"] if hazard.closed_on else []
        lines += [f"整改后照片 {len(hazard.photos_after)} 张"] if hazard.photos_after else []
        lines += [hazard.note] if hazard.note else []
        form.put(told, lines, style=small)
    form.put(seen, ["□ 已整改到位", "□ 没有整改到位", f"情况：{BLANK}"], style=small)
