"""Report of a self-check or an inspection → workbook to filter and reckon with (自查报告, 检查报告)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openpyxl.worksheet.worksheet import Worksheet

from assistant.checklist import ChecklistItem
from assistant.documents import excel
from assistant.documents.common import MAJOR_MARK, clean, day_text, ground, moment_text, save_whole, severity_label
from assistant.documents.ledger_xlsx import LEDGER, Named, hazard_photos, ledger_sheet, photo_sheet
from assistant.documents.report_docx import TITLES, UNANSWERED
from assistant.models import NATURE_LABELS
from assistant.report import FORMULA, KIND_LABELS, OUTCOME_LABELS, STATE_LABELS, CheckReport, Finding, Ledger, Tally

ABOUT, FINDINGS, SCENES, RESULTS = "概况", "不符合项", "场景统计", "全部结果"
FINDING_COLUMNS = (
    ("序号", 8.0),
    ("级别", 10.0),
    ("场景", 12.0),
    ("关键环节", 12.0),
    ("检查内容", 28.0),
    ("不符合情况", 28.0),
    ("依据", 44.0),
    ("整改要求", 26.0),
    ("责任人", 9.0),
    ("整改期限", 11.0),
    ("台账状态", 9.0),
    ("照片", 6.0),
)
SCENE_COLUMNS = (
    ("场景", 22.0),
    ("关键环节", 22.0),
    ("项数", 8.0),
    ("符合", 8.0),
    ("不符合", 8.0),
    ("不适用", 8.0),
    (UNANSWERED, 8.0),
    ("得分", 9.0),
    (f"{MAJOR_MARK}不符合", 9.0),
)
RESULT_COLUMNS = (
    ("序号", 8.0),
    ("级别", 10.0),
    ("性质", 6.0),
    ("场景", 12.0),
    ("关键环节", 12.0),
    ("风险点", 12.0),
    ("检查内容", 36.0),
    ("结果", 8.0),
    ("备注", 28.0),
    ("依据条款", 30.0),
    ("责任人", 9.0),
    ("整改期限", 11.0),
    ("检查人", 9.0),
    ("检查时间", 16.0),
    ("照片", 6.0),
)
CENTERED = ("序号", "级别", "性质", "结果", "责任人", "整改期限", "台账状态", "照片", "检查人", "检查时间")
ABOUT_WIDTHS = (26.0, 84.0)


def write_report_xlsx(report: CheckReport, path: Path) -> None:
    """Write a report as a workbook; what stood at ``path`` is replaced only when the new file is complete."""
    title = f"{TITLES[report.kind]} {clean(report.firm.name)} 编号 {report.number}"
    book = excel.new_book(title)
    about = book.active
    assert isinstance(about, Worksheet)
    about.title = ABOUT
    _about(about, report, title)
    _findings(book.create_sheet(FINDINGS), report, title)
    _scenes(book.create_sheet(SCENES), report, title)
    _results(book.create_sheet(RESULTS), report, title)
    if report.hazards:
        numbers = {i.id: i.number for i in report.checklist.items()}
        ledger = Ledger(firm=report.firm, as_of=report.day, hazards=report.hazards)
        ledger_sheet(book.create_sheet(LEDGER), ledger, numbers)
    photo_sheet(book, _photos(report), title)
    save_whole(book.save, path)


def _about(sheet: Worksheet, report: CheckReport, title: str) -> None:
    firm, score, failed = report.firm, report.score, [f for f in report.findings if f.major]
    state = moment_text(report.finished) or f"尚未完成，还有 {len(report.unanswered)} 项未检查"
    lines: list[tuple[str, str]] = [
        ("企业名称", firm.name),
        ("统一社会信用代码", firm.credit_code or ""),
        ("所属行业", firm.industry or ""),
        ("地址", firm.place),
        ("法定代表人", firm.legal_representative or ""),
        ("联系人、电话", firm.reached),
        ("检查类型", f"{KIND_LABELS[report.kind]}　编号 {report.number}"),
        ("清单", f"{report.title}，共 {report.checklist.total} 项"),
        ("开始时间", moment_text(report.started)),
        ("完成时间", state),
        ("检查人员", "、".join(report.people)),
        ("依据的法律日期", day_text(report.as_of)),
        ("得分", _told(score.all)),
        ("其中：强制项", _told(score.mandatory)),
        (f"其中：{MAJOR_MARK}可能构成重大事故隐患的项", _told(score.major)),
    ]
    if report.unanswered:
        lines.append((UNANSWERED, f"{len(report.unanswered)} 项，得分和统计只反映已检查的项"))
    if failed:
        named = "\n".join(f"{f.item.number} {f.text or f.item.ask}" for f in failed)
        lines.append((f"{MAJOR_MARK}须立即处理", f"有 {len(failed)} 项不符合，可能构成重大事故隐患：\n{named}"))
    lines.append(("得分怎么算", FORMULA))
    for entry in report.trend[:-1]:
        earlier = entry.score
        lines.append((f"此前 {earlier.day} {KIND_LABELS[earlier.kind]}", f"编号 {earlier.number}：{_told(earlier.all)}"))
    lines += [("检查码", report.code_url)] if report.code_url else []
    lines.append(
        (
            "说明",
            "本表由合规图谱按填写的检查结果汇总，不代替监管部门的决定；是否违法、是否属于重大事故隐患，由有权机关依法认定。",
        )
    )
    excel.heading(sheet, title, 2)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = ABOUT_WIDTHS
    for row, (head, text) in enumerate(lines, 2):
        for column, value in ((1, head), (2, text)):
            cell = excel.at(sheet, row, column)
            excel.put(cell, value, bold=column == 1, size=10)
            cell.border = excel.BORDER
        excel.at(sheet, row, 1).fill = excel.HEAD_FILL
        if head.endswith("须立即处理"):
            excel.at(sheet, row, 2).fill = excel.MAJOR_FILL
        excel.set_height(sheet, row, (head, text), [w * 0.88 for w in ABOUT_WIDTHS])
    excel.page(sheet, title, landscape=False)


def _told(tally: Tally) -> str:
    score = "没有可计分的项" if tally.score is None else f"{tally.score:.1f} 分"
    counted = (
        f"符合 {tally.compliant}，不符合 {tally.noncompliant}，不适用 {tally.not_applicable}，未检查 {tally.unanswered}"
    )
    return f"{score}（{counted}）"


def _findings(sheet: Worksheet, report: CheckReport, title: str) -> None:
    fills = [excel.MAJOR_FILL if f.major else None for f in report.findings]
    rows = [_finding(f) for f in report.findings]
    excel.table(sheet, 1, FINDING_COLUMNS, rows, centered=CENTERED, fills=fills, freeze=1)
    excel.page(sheet, f"{title} {FINDINGS}")


def _finding(finding: Finding) -> tuple[excel.Value, ...]:
    item = finding.item
    level = f"{MAJOR_MARK}重大事故隐患" if finding.major else severity_label(item)
    return (
        item.number,
        level,
        item.scene,
        item.link,
        item.ask,
        finding.text,
        "\n".join(ground(b).text for b in item.basis),
        item.fix,
        finding.responsible or "",
        finding.due,
        STATE_LABELS[finding.hazard.state] if finding.hazard else "",
        len(finding.result.photos) or None,
    )


def _scenes(sheet: Worksheet, report: CheckReport, title: str) -> None:
    rows: list[tuple[excel.Value, ...]] = []
    for scene in report.scenes:
        rows.append((scene.scene, "（合计）", *_counts(scene.tally), scene.major_failed))
        rows += [(scene.scene, k.link, *_counts(k.tally), k.major_failed) for k in scene.links]
    fills = [excel.HEAD_FILL if row[1] == "（合计）" else None for row in rows]
    centered = [head for head, _ in SCENE_COLUMNS[2:]]
    excel.table(sheet, 1, SCENE_COLUMNS, rows, centered=centered, fills=fills, freeze=2)
    excel.page(sheet, f"{title} {SCENES}", landscape=False)


def _counts(tally: Tally) -> Sequence[excel.Value]:
    score = "—" if tally.score is None else tally.score
    return (tally.total, tally.compliant, tally.noncompliant, tally.not_applicable, tally.unanswered, score)


def _results(sheet: Worksheet, report: CheckReport, title: str) -> None:
    items = report.checklist.items()
    failed = [report.outcome(i) == "noncompliant" for i in items]
    fills = [
        (excel.MAJOR_FILL if i.severity == "major" else excel.FAIL_FILL) if f else None
        for i, f in zip(items, failed, strict=True)
    ]
    rows = [_result(report, i) for i in items]
    excel.table(sheet, 1, RESULT_COLUMNS, rows, centered=CENTERED, fills=fills, freeze=1)
    excel.page(sheet, f"{title} {RESULTS}")


def _result(report: CheckReport, item: ChecklistItem) -> tuple[excel.Value, ...]:
    found = report.results.get(item.id)
    head = (item.number, severity_label(item), NATURE_LABELS[item.nature], item.scene, item.link, item.point, item.ask)
    basis = "\n".join(dict.fromkeys(clean(b.citation) for b in item.basis))
    if found is None:
        return (*head, UNANSWERED, "", basis, "", None, "", "", None)
    answered = (found.answered_by or "", moment_text(found.answered_at), len(found.photos) or None)
    return (*head, OUTCOME_LABELS[found.result], found.note, basis, found.responsible or "", found.due, *answered)


def _photos(report: CheckReport) -> list[Named]:
    """The photos of the results, then those of hazards that are not among them."""
    answered = [(i, report.results[i.id]) for i in report.checklist.items() if i.id in report.results]
    shown = [(f"检查项 {i.number}", f"图{n}", photo) for i, found in answered for n, photo in enumerate(found.photos, 1)]
    known = {photo.path for _, _, photo in shown}
    return shown + [named for named in hazard_photos(report.hazards) if named[2].path not in known]
