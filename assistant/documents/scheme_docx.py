"""Plan of an inspection → Word file to review and approve (现场检查方案)."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document

from assistant.documents import form, word
from assistant.documents.common import (
    BOX,
    MAJOR_MARK,
    boxes,
    clean,
    counts,
    day_text,
    methods,
    moment_text,
    save_whole,
    unverified,
)
from assistant.documents.form import BLANK
from assistant.inspection_forms import Scheme, Visit
from assistant.models import NATURE_LABELS

TITLE = "现场检查方案"
METHODS = ("查阅资料", "现场检查", "询问有关人员", "抽样检测")
COLUMNS = (("序号", 17.0), ("检查内容", 53.0), ("检查方法", 47.0), ("依据条款", 42.0), ("性质", 11.0))


def write_scheme_docx(scheme: Scheme, path: Path) -> None:
    """Write a plan as a Word file; what stood at ``path`` is replaced only when the new file is complete."""
    save_whole(_document(scheme).save, path)


def _document(scheme: Scheme) -> Document:
    firm, visit, made = scheme.firm, scheme.visit, scheme.checklist
    document = form.new_draft(TITLE, firm.name)
    starts, ends = moment_text(visit.starts), moment_text(visit.ends)
    rows = [
        [("被检查单位", firm.name)],
        [("地址", firm.place)],
        [("联系人、电话", firm.reached), ("所属行业", firm.industry or "")],
        [("检查时间", f"{starts or BLANK}　至　{ends or BLANK}")],
        [("检查地点", visit.place)],
        [("检查机关", visit.authority)],
        [("行政执法人员", form.inspectors(visit))],
        [("检查事由", visit.reason)],
    ]
    if visit.departments:
        rows.append([("参加部门", f"{'、'.join(visit.departments)}（综合查一次）")])
    rows += [
        [("检查方式", _methods(visit))],
        [("检查内容", _contents(scheme))],
        [("检查依据", "\n".join(b.citation for b in scheme.law.powers) or BLANK)],
    ]
    form.field_table(document, rows)
    opinions = form.opinion_table(document, (("审核意见", "审核人（签名）"), ("审批意见", "审批人（签名）")))
    row = word.add_row(opinions)
    word.set_height(row, 12)
    word.keep_whole(row)
    form.label(row.cells[0], "备注")
    form.put(row.cells[1].merge(row.cells[-1]), clean(scheme.note).split("\n"))
    _annex(document, scheme)
    notes = [
        f"检查内容按{day_text(made.as_of)}施行的规定列出；依据条款的原文以官方公布的文本为准。",
        f"“{MAJOR_MARK}”表示该项不符合时可能构成重大事故隐患，以判定标准和现场情况为准。",
        *made.notices,
    ]
    if loose := unverified(made):
        notes.append(f"有 {loose} 条依据的要点没有与原文核对，使用前请先核对。")
    for n, note in enumerate(notes, 1):
        form.line(document, f"{n}. {note}", style=form.FORM_SMALL)
    return document


def _methods(visit: Visit) -> str:
    """The chosen ways, or all of them to tick."""
    return "、".join(map(clean, visit.method)) or "　".join([*boxes(METHODS), f"{BOX}其他："])


def _contents(scheme: Scheme) -> str:
    made = scheme.checklist
    lines = [
        f"共 {made.total} 项（强制 {made.mandatory} 项，{MAJOR_MARK}可能构成重大事故隐患 {made.major} 项），逐项内容见附表："
    ]
    lines += [f"{n}. {row.scene} {row.total} 项" for n, row in enumerate(counts(made), 1)]
    return "\n".join(lines)


def _annex(document: Document, scheme: Scheme) -> None:
    heading = document.add_heading("附表　检查内容", 1)
    heading.paragraph_format.page_break_before = True
    for number, group in enumerate(scheme.checklist.groups, 1):
        document.add_heading(f"{number}　{clean(group.scene)}", 2)
        table = form.headed_table(document, COLUMNS)
        for link in group.links:
            form.band(table, f"关键环节：{link.link}")
            for item in (i for p in link.points for i in p.items):
                mark = MAJOR_MARK if item.severity == "major" else ""
                bases = list(dict.fromkeys(b.citation for b in item.basis))
                cells = ([mark + item.number], [item.ask], methods(item), bases, [NATURE_LABELS[item.nature]])
                form.small_row(table, cells, centered=(0, 4))
