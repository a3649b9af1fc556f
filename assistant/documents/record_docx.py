"""Record of an inspection → Word file to read out and sign on site (现场检查记录)."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document
from docx.shared import Pt
from docx.table import Table

from assistant.checklist import ChecklistItem
from assistant.documents import form, word
from assistant.documents.common import (
    BOX,
    MAJOR_MARK,
    boxes,
    clean,
    day_text,
    ground,
    lines_needed,
    moment_text,
    save_whole,
)
from assistant.documents.form import BLANK
from assistant.inspection_forms import Record
from assistant.report import OUTCOME_LABELS, CheckReport, Finding

TITLE = "现场检查记录"
FINDING_COLUMNS = (("序号", 16.0), ("发现的问题", 66.0), ("依据", 88.0))
ITEM_COLUMNS = (("序号", 17.0), ("检查内容", 83.0), ("结果", 18.0), ("检查情况", 52.0))
UNANSWERED = "未检查"
WHOLE_LINES, TIED_LINES = 32, 16


def write_record_docx(record: Record, path: Path) -> None:
    """Write a record as a Word file; what stood at ``path`` is replaced only when the new file is complete."""
    save_whole(_document(record).save, path)


def _document(record: Record) -> Document:
    report = record.report
    document = form.new_draft(TITLE, report.firm.name)
    _facts(document, record)
    _opening(document, record)
    _situation(document, report)
    _told(document, record)
    _signed(document, record)
    _annex(document, report)
    return document


def _facts(document: Document, record: Record) -> None:
    firm, visit, report = record.report.firm, record.visit, record.report
    starts = moment_text(visit.starts or report.started)
    ends = moment_text(visit.ends or report.finished)
    rows = [
        [("被检查单位", firm.name)],
        [("统一社会信用代码", firm.credit_code or ""), ("所属行业", firm.industry or "")],
        [("地址", firm.place)],
        [("法定代表人\n（负责人）", firm.legal_representative or ""), ("职务", "")],
        [("联系人", firm.contact or ""), ("联系电话", firm.phone or "")],
        [("检查场所", visit.place)],
        [("检查时间", f"{starts or BLANK}　至　{ends or BLANK}")],
        [("检查机关", visit.authority)],
        [("行政执法人员", form.inspectors(visit))],
    ]
    if visit.departments:
        rows.append([("参加部门", f"{'、'.join(visit.departments)}（综合查一次）")])
    rows += [[("检查事由", visit.reason)], [("陪同人员", "、".join(visit.accompanied))]]
    form.field_table(document, rows)
    if report.code_url:
        at = form.line(document, "", center=True, keep=True)
        at.paragraph_format.space_before = Pt(4)
        told = "检查码：扫码查看本次检查" if form.add_qr(at, report.code_url, 20) else f"检查码：{report.code_url}"
        form.line(document, told, style=form.FORM_SMALL, center=True)


def _opening(document: Document, record: Record) -> None:
    document.add_heading("一、表明身份和告知", 1)
    visit = record.visit
    who = "、".join(clean(name) or BLANK for name, _ in visit.inspectors) or f"{BLANK}、{BLANK}"
    numbers = "、".join(clean(number) or BLANK for _, number in visit.inspectors) or f"{BLANK}、{BLANK}"
    ours = (
        f"检查开始前，{clean(visit.authority) or BLANK}行政执法人员{who}向被检查单位表明身份，出示行政执法证件"
        f"（证件号码：{numbers}），说明来意，并要求予以配合。"
    )
    form.line(document, ours, indent=True)
    form.line(
        document, f"{BOX}已出示证件　{BOX}已告知检查事由、内容和依据　{BOX}已告知有权陈述、申辩和申请回避", indent=True
    )
    form.line(document, f"被检查单位现场负责人核对证件后的意见：{BOX}没有异议　{BOX}有异议：{BLANK}", indent=True)
    form.quotes(document, (*record.law.identity, *record.law.cooperation))


def _situation(document: Document, report: CheckReport) -> None:
    document.add_heading("二、检查情况", 1)
    tally, findings = report.score.all, report.findings
    major = sum(f.major for f in findings)
    scope = f"{'、'.join(map(clean, report.checklist.scenes))}共 {tally.total} 项"
    counted = f"符合 {tally.compliant} 项，不符合 {tally.noncompliant} 项，不适用 {tally.not_applicable} 项"
    text = f"按{day_text(report.as_of)}施行的规定，对{scope}进行检查：{counted}，未检查 {tally.unanswered} 项。"
    form.line(document, text, indent=True)
    if report.finished is None:
        form.line(document, "本次检查尚未完成，本记录只反映已检查的项。", bold=True, color=form.ALARM, indent=True)
    if major:
        alarm = f"{MAJOR_MARK}其中可能构成重大事故隐患的不符合项 {major} 项，请按判定标准当场核定，并依法采取现场处理措施。"
        form.line(document, alarm, bold=True, color=form.ALARM, indent=True)
    if not findings:
        form.line(document, "已检查的项中没有发现问题。", indent=True)
        return
    form.line(document, "发现的问题如下：", indent=True, keep=True, after=3)
    table = form.headed_table(document, FINDING_COLUMNS)
    for finding in findings:
        _finding(table, finding)
    form.line(document, "逐项检查结果见附表。", indent=True)


def _finding(table: Table, finding: Finding) -> None:
    item, small = finding.item, form.FORM_SMALL
    row = word.add_row(table)
    index, found, basis = row.cells
    form.put(index, [MAJOR_MARK, item.number] if finding.major else [item.number], style=small, center=True)
    form.put(found, [finding.text or f"现场情况：{BLANK}{BLANK}"], style=small, bold=bool(finding.text) or None)
    form.put(found, [f"检查内容：{item.ask}"], style=small, color=form.GRAY, more=True)
    if finding.major:
        form.put(found, [f"{MAJOR_MARK}可能构成重大事故隐患"], style=small, color=form.ALARM, bold=True, more=True)
    form.put_grounds(basis, item.basis)
    high = lines_needed("\n".join(ground(b).text for b in item.basis), 54)
    if high <= WHOLE_LINES:
        word.keep_whole(row)
    if finding.result.photos:
        if high <= TIED_LINES:
            word.keep_with_next(row)
        form.photo_row(table, {f"{item.number} 图": finding.result.photos})


def _told(document: Document, record: Record) -> None:
    document.add_heading("三、向被检查单位告知的情况和对方意见", 1)
    table = word.add_table(document, (form.UPRIGHT_MM,), 1)
    row = table.rows[0]
    word.set_height(row, 24)
    form.put(row.cells[0], clean(record.told).split("\n"))
    ways = ("未发现问题", "责令改正（另发文书）", "责令限期整改（另发文书）", "现场处理措施（另发文书）", "其他：")
    form.line(document, f"处理意见：{'　'.join(boxes(ways))}{BLANK}").paragraph_format.space_before = Pt(4)


def _signed(document: Document, record: Record) -> None:
    document.add_heading("四、签名", 1)
    said = f"以上记录已交被检查单位现场负责人阅读（或者向其宣读）：{BOX}记录属实　{BOX}有补充或者更正：{BLANK}{BLANK}"
    form.line(document, said, keep=True, after=3)
    rows = (
        ("检查人员\n（签名、证号）", "检查人员\n（签名、证号）"),
        ("被检查单位\n现场负责人（签名）", "陪同人员\n（签名）"),
        ("签名日期", "签名日期"),
    )
    form.signatures(document, rows, 15)
    form.line(document, f"拒绝签名的情况（没有的不填）：{BLANK}{BLANK}{BLANK}")
    form.quotes(document, record.law.recording)


def _annex(document: Document, report: CheckReport) -> None:
    heading = document.add_heading("附表　逐项检查结果", 1)
    heading.paragraph_format.page_break_before = True
    for number, group in enumerate(report.checklist.groups, 1):
        document.add_heading(f"{number}　{clean(group.scene)}", 2)
        table = form.headed_table(document, ITEM_COLUMNS)
        for link in group.links:
            form.band(table, f"关键环节：{link.link}")
            for item in (i for p in link.points for i in p.items):
                _item(table, report, item)


def _item(table: Table, report: CheckReport, item: ChecklistItem) -> None:
    found = report.results.get(item.id)
    result = OUTCOME_LABELS[found.result] if found else UNANSWERED
    mark = MAJOR_MARK if item.severity == "major" else ""
    note = clean(found.note) if found else ""
    bold = (2,) if found and found.result == "noncompliant" else ()
    form.small_row(table, ([mark + item.number], [item.ask], [result], [note]), centered=(0, 2), bold=bold)
