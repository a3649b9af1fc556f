"""Draft of measures on site → Word file for the authority to decide, number, seal and serve (现场处理措施决定书)."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document

from assistant.documents import decision_parts as parts
from assistant.documents import form
from assistant.documents.common import MAJOR_MARK, save_whole
from assistant.documents.form import BLANK
from assistant.follow_up_forms import Decision

TITLE = "现场处理措施决定书"
COLUMNS = (("序号", 11.0), ("发现的情况", 55.0), ("违反的规定、判定标准", 66.0), ("整改要求（供核对）", 38.0))
HINT = (
    "起草提示：是否属于重大事故隐患由执法人员对照判定标准核定，不属于的请删去；措施由本机关决定，在方框内勾选。"
    "定稿时删除本提示。"
)
TICKED, EMPTY = "☑", "□"


def write_measures_docx(decision: Decision, path: Path) -> None:
    """Write a draft decision as a Word file; what stood at ``path`` is replaced only when the new file is complete."""
    save_whole(_document(decision).save, path)


def _document(decision: Decision) -> Document:
    document = parts.begin(TITLE, decision.firm.name, decision.number, HINT)
    visit = decision.visit
    where = f"（{visit.place}）" if visit.place else ""
    seen = f"{parts.day_of(visit)}，本机关执法人员检查你单位{where}时，发现下列可能构成重大事故隐患的情况："
    form.line(document, seen, indent=True, keep=True, after=3)
    table = form.headed_table(document, COLUMNS)
    for item in decision.items:
        parts.item_row(table, item, [item.requirement])
    _measures(document, decision)
    parts.heading(document, "不执行本决定的后果")
    parts.law(document, decision.law.refusal)
    parts.rights(document, decision.law, "本决定")
    form.line(document, "复议、诉讼期间是否停止执行本决定，依照法律规定办理。", indent=True)
    parts.sign(document, visit)
    return document


def _measures(document: Document, decision: Decision) -> None:
    parts.heading(document, "现场处理措施")
    form.line(document, "上述情况不能保证安全，现决定对你单位采取勾选的措施：", indent=True, keep=True)
    if not decision.measures:
        form.line(document, f"（资料库中没有可选的措施，由办案人员填写）{BLANK}{BLANK}", indent=True)
    for measure in decision.measures:
        mark = TICKED if measure.chosen else EMPTY
        grounds = "、".join(b.citation for b in measure.basis)
        form.line(document, f"{mark} {measure.order}（{measure.when}；依据{grounds or BLANK}）", indent=True, keep=True)
    form.line(document, f"适用的场所、设施、设备：{BLANK}{BLANK}{BLANK}", indent=True)
    form.line(document, f"期限：自{parts.DAY_BLANK}　　时起，至{BLANK}", indent=True)
    if decision.resume:
        form.line(document, f"{MAJOR_MARK}{decision.resume}", indent=True, bold=True)
    form.line(document, "有关规定：", indent=True, keep=True)
    parts.law(document, decision.law.major)
