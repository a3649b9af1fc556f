"""Report of a self-check or an inspection → Word file to read, file and sign (自查报告, 检查报告)."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document
from docx.shared import Pt
from docx.table import Table

from assistant.checklist import ChecklistItem
from assistant.documents import form, word
from assistant.documents.common import (
    MAJOR_MARK,
    clean,
    day_text,
    ground,
    lines_needed,
    moment_text,
    save_whole,
    score_text,
    unverified,
)
from assistant.models import NATURE_LABELS
from assistant.report import (
    FORMULA,
    KIND_LABELS,
    MATCH_LABELS,
    OUTCOME_LABELS,
    STATE_LABELS,
    Agreement,
    CheckReport,
    Finding,
    HazardLine,
    Tally,
)

TITLES = {"self_check": "安全生产自查报告", "inspection": "安全生产检查报告"}
UNANSWERED = "未检查"
MAJOR_FILL, FAIL_FILL = "FBE9E7", "FDF4E3"
FINDING_COLUMNS = (("序号", 15.0), ("不符合情况", 48.0), ("依据", 71.0), ("整改要求", 36.0))
ITEM_COLUMNS = (("序号", 16.0), ("检查内容", 84.0), ("性质", 12.0), ("结果", 18.0), ("备注", 40.0))
TALLY_HEADS = ("项数", "符合", "不符合", "不适用", UNANSWERED, "得分")
WHOLE_LINES, TIED_LINES = 32, 16
"""A finding of up to so many lines stays on one page, and one of up to so many on the page of its photos."""
MOST_NAMED, MOST_SHOWN = 40, 36


def write_report_docx(report: CheckReport, path: Path, agreement: Agreement | None = None) -> None:
    """Write a report as a Word file; what stood at ``path`` is replaced only when the new file is complete.

    With ``agreement`` the report also says how self-check and inspection agree.
    """
    save_whole(_document(report, agreement).save, path)


def _document(report: CheckReport, agreement: Agreement | None) -> Document:
    title = TITLES[report.kind]
    document = form.new_form(f"{title} {report.firm.name}", f"{title}　{report.firm.name}　编号 {report.number}")
    form.line(document, title, style="Title", center=True)
    form.line(document, report.title, center=True, after=6)
    _facts(document, report)
    sections = [_score, _findings, _scenes]
    if report.hazards:
        sections.append(_ledger)
    for number, section in enumerate(sections, 1):
        section(document, report, _chinese(number))
    count = len(sections)
    if agreement:
        count += 1
        _agreement(document, agreement, _chinese(count))
    _items(document, report, _chinese(count + 1))
    _notes(document, report, _chinese(count + 2))
    _sign(document, report, _chinese(count + 3))
    return document


def _chinese(number: int) -> str:
    return "一二三四五六七八九十"[number - 1]


def _facts(document: Document, report: CheckReport) -> None:
    firm = report.firm
    people = "、".join(p for p in map(clean, report.people) if p)
    finished = moment_text(report.finished) or "尚未完成"
    form.field_table(
        document,
        [
            [("企业名称", firm.name)],
            [("统一社会信用代码", firm.credit_code or ""), ("所属行业", firm.industry or "")],
            [("地址", firm.place)],
            [("法定代表人", firm.legal_representative or ""), ("联系人、电话", firm.reached)],
            [("检查类型", KIND_LABELS[report.kind]), ("编号", str(report.number))],
            [("开始时间", moment_text(report.started)), ("完成时间", finished)],
            [("检查人员", people)],
            [("检查范围", f"{'、'.join(report.checklist.scenes)}，共 {report.checklist.total} 项")],
            [("依据的法律日期", f"{day_text(report.as_of)}施行的法律、法规、规章和标准")],
        ],
    )
    if report.code_url:
        at = form.line(document, "", center=True)
        if form.add_qr(at, report.code_url):
            form.line(document, "检查码：扫码查看本次检查", style=form.FORM_SMALL, center=True)
        else:
            form.line(document, f"检查码：{report.code_url}", style=form.FORM_SMALL, center=True)


def _score(document: Document, report: CheckReport, number: str) -> None:
    score = report.score
    failed = [f for f in report.findings if f.major]
    document.add_heading(f"{number}、得分", 1)
    left = len(report.unanswered)
    if left or report.finished is None:
        state = "本次检查尚未完成" if report.finished is None else "本次检查有未检查的项"
        text = f"{state}：还有 {left} 项未检查，以下得分和统计只反映已检查的项。"
        form.line(document, text, bold=True, color=form.ALARM, keep=True, after=3)
    columns = (("类别", 56.0), *((head, 19.0) for head in TALLY_HEADS))
    table = form.headed_table(document, columns)
    rows = (
        ("全部检查项", score.all),
        ("其中：强制项", score.mandatory),
        (f"其中：{MAJOR_MARK}可能构成重大事故隐患的项", score.major),
    )
    for head, tally in rows:
        _tally_row(table, head, tally, bold=tally is score.all)
    if failed:
        named = "；".join(f"{f.item.number} {_short(_found(f))}" for f in failed)
        text = f"{MAJOR_MARK}有 {len(failed)} 项不符合，可能构成重大事故隐患，不论得分高低都要立即处理：{named}。"
        form.line(document, text, bold=True, color=form.ALARM, after=3).paragraph_format.space_before = Pt(4)
    form.line(document, FORMULA, style=form.FORM_SMALL, color=form.GRAY)
    if report.previous:
        _trend(document, report)


def _tally_row(table: Table, head: str, tally: Tally, *, bold: bool | None = None, indent: bool = False) -> None:
    row = word.add_row(table)
    word.keep_whole(row)
    values = (tally.total, tally.compliant, tally.noncompliant, tally.not_applicable, tally.unanswered)
    texts = [head, *map(str, values), score_text(tally.score)]
    for n, (cell, text) in enumerate(zip(row.cells, texts, strict=False)):
        form.put(cell, [text], style=form.FORM_SMALL, bold=bold or None, center=n > 0)
        form.middle(cell)
    if indent:
        row.cells[0].paragraphs[0].paragraph_format.left_indent = Pt(9)


def _trend(document: Document, report: CheckReport) -> None:
    document.add_heading("历次得分", 2)
    columns = (
        ("日期", 28.0),
        ("类型", 34.0),
        ("编号", 17.0),
        ("检查项", 17.0),
        ("得分", 20.0),
        ("与上次同类相比", 28.0),
        (f"{MAJOR_MARK}不符合", 26.0),
    )
    table = form.headed_table(document, columns)
    for entry in report.trend:
        score, change = entry.score, entry.change
        kind = KIND_LABELS[score.kind] + ("（本次）" if entry.current else "")
        moved = "—" if change is None else f"{change:+.1f}" if change else "持平"
        values = (str(score.day), kind, str(score.number), str(score.all.total), score_text(score.all.score), moved)
        row = word.add_row(table)
        word.keep_whole(row)
        for cell, text in zip(row.cells, (*values, f"{score.major.noncompliant} 项"), strict=True):
            form.put(cell, [text], style=form.FORM_SMALL, bold=entry.current or None, center=True)
    form.line(document, "历次检查的清单可能不同，得分只供参考。", style=form.FORM_SMALL, color=form.GRAY)


def _found(finding: Finding) -> str:
    return clean(finding.text) or f"不符合：{clean(finding.item.ask)}"


def _short(text: str) -> str:
    plain = text.replace("\n", " ")
    return plain.rstrip("。；") if len(plain) <= MOST_SHOWN else plain[:MOST_SHOWN] + "…"


def _findings(document: Document, report: CheckReport, number: str) -> None:
    findings = report.findings
    major = sum(f.major for f in findings)
    told = f"{len(findings)} 项" + (f"，其中{MAJOR_MARK}可能构成重大事故隐患 {major} 项" if major else "")
    document.add_heading(f"{number}、不符合项（{told if findings else '无'}）", 1)
    if not findings:
        form.line(document, "已检查的项中没有不符合项。")
        return
    table = form.headed_table(document, FINDING_COLUMNS)
    for finding in findings:
        _finding(table, finding)


def _finding(table: Table, finding: Finding) -> None:
    item, small = finding.item, form.FORM_SMALL
    row = word.add_row(table)
    index, found, basis, mend = cells = row.cells
    form.put(index, [MAJOR_MARK, item.number] if finding.major else [item.number], style=small, center=True)
    form.put(found, [_found(finding)], bold=True, style=small)
    if finding.major:
        form.put(found, [f"{MAJOR_MARK}可能构成重大事故隐患"], style=small, color=form.ALARM, bold=True, more=True)
    context = [f"检查内容：{item.ask}"] if finding.text else []
    form.put(found, [*context, f"{item.scene} · {item.link} · {item.point}"], style=small, color=form.GRAY, more=True)
    form.put_grounds(basis, item.basis, [p.citation for p in item.penalty])
    due = str(finding.due or "") or "＿＿＿＿＿＿"
    who = clean(finding.responsible or "") or "＿＿＿＿＿＿"
    state = [f"状态：{STATE_LABELS[finding.hazard.state]}（台账 {finding.hazard.id}）"] if finding.hazard else []
    form.put(mend, [item.fix, f"责任人：{who}", f"期限：{due}", *state], style=small)
    if finding.major:
        for cell in cells:
            word.shade(cell, MAJOR_FILL)
    high = max(
        sum(lines_needed(ground(b).text, 44) for b in item.basis) + len(item.penalty) // 2,
        lines_needed(item.ask + finding.text, 29) + 3,
        lines_needed(item.fix, 21) + 3,
    )
    if high <= WHOLE_LINES:
        word.keep_whole(row)
    if finding.result.photos:
        if high <= TIED_LINES:
            word.keep_with_next(row)
        form.photo_row(table, {f"{item.number} 图": finding.result.photos})


def _scenes(document: Document, report: CheckReport, number: str) -> None:
    document.add_heading(f"{number}、各场景和关键环节的结果", 1)
    columns = (("场景、关键环节", 58.0), *((head, 15.5) for head in TALLY_HEADS), (f"{MAJOR_MARK}不符合", 19.0))
    table = form.headed_table(document, columns)
    for scene in report.scenes:
        _tally_row(table, scene.scene, scene.tally, bold=True)
        _major_cell(table, scene.major_failed)
        for cell in table.rows[-1].cells:
            word.shade(cell, form.LABEL_FILL)
        word.keep_with_next(table.rows[-1])
        for link in scene.links:
            _tally_row(table, link.link, link.tally, indent=True)
            _major_cell(table, link.major_failed)


def _major_cell(table: Table, failed: int) -> None:
    cell = table.rows[-1].cells[-1]
    alarm = form.ALARM if failed else None
    form.put(cell, [str(failed)], style=form.FORM_SMALL, center=True, bold=bool(failed), color=alarm)
    form.middle(cell)


def _ledger(document: Document, report: CheckReport, number: str) -> None:
    document.add_heading(f"{number}、隐患台账（{len(report.hazards)} 条）", 1)
    columns = (
        ("编号", 13.0),
        ("隐患", 65.0),
        ("等级", 18.0),
        ("状态", 17.0),
        ("责任人", 19.0),
        ("整改期限", 19.0),
        ("销号日期", 19.0),
    )
    table = form.headed_table(document, columns)
    for hazard in report.hazards:
        _hazard(table, hazard, report)


def _hazard(table: Table, hazard: HazardLine, report: CheckReport) -> None:
    row = word.add_row(table)
    word.keep_whole(row)
    found = [clean(hazard.description)]
    found += [f"发现：{hazard.found_on}"] if hazard.found_on else []
    found += [f"备注：{clean(hazard.note)}"] if hazard.note.strip() else []
    if hazard.major:
        found.append(f"已于 {hazard.reported} 报告监管部门" if hazard.reported else "尚无向监管部门报告的记录")
    late = hazard.overdue(report.day)
    level = f"{MAJOR_MARK}重大" if hazard.major else "一般"
    due = ([str(hazard.due)] if hazard.due else [""]) + (["已逾期"] if late else [])
    state = [STATE_LABELS[hazard.state]]
    closed = [str(hazard.closed_on) if hazard.closed_on else ""]
    told = ([str(hazard.id)], found, [level], state, [hazard.responsible or ""], due, closed)
    for n, (cell, lines) in enumerate(zip(row.cells, told, strict=True)):
        alarm = form.ALARM if (n == 5 and late) or (n == 2 and hazard.major) else None
        form.put(cell, lines, style=form.FORM_SMALL, center=n != 1, color=alarm)
        form.middle(cell)
    # Photos that stand with the finding are not shown again.
    found_with = report.results.get(hazard.check_id or "")
    shown = {p.path for p in found_with.photos} if found_with else set()
    before = [p for p in hazard.photos_before if p.path not in shown]
    if before or hazard.photos_after:
        word.keep_with_next(row)
        form.photo_row(table, {"整改前 ": before, "整改后 ": hazard.photos_after})


def _agreement(document: Document, found: Agreement, number: str) -> None:
    document.add_heading(f"{number}、自查与检查的衔接", 1)
    share = "没有双方都检查过的项" if found.share is None else f"双方都检查过的项中，结果一致的占 {found.share:.1f}%"
    form.line(document, f"{share}。{''.join(found.notes)}", keep=True, after=3)
    table = form.headed_table(document, (("情况", 60.0), ("项数", 18.0), ("检查项", 92.0)))
    for match, count in found.counts.items():
        row = word.add_row(table)
        word.keep_whole(row)
        numbers = [p.item.number for p in found.pairs if p.match == match] if match not in ("same", "incomplete") else []
        telling = f"{'、'.join(numbers[:MOST_NAMED])}{' 等' if len(numbers) > MOST_NAMED else ''}"
        alarm = form.ALARM if match == "missed" and count else None
        for n, (cell, text) in enumerate(zip(row.cells, (MATCH_LABELS[match], str(count), telling), strict=True)):
            form.put(cell, [text], style=form.FORM_SMALL, center=n == 1, color=alarm, bold=bool(alarm) or None)


def _items(document: Document, report: CheckReport, number: str) -> None:
    document.add_heading(f"{number}、全部检查结果（{report.checklist.total} 项）", 1)
    shown: list[ChecklistItem] = []
    for n, group in enumerate(report.checklist.groups, 1):
        document.add_heading(f"{n}　{clean(group.scene)}", 2)
        table = form.headed_table(document, ITEM_COLUMNS)
        for link in group.links:
            items = [i for p in link.points for i in p.items]
            form.band(table, f"关键环节：{link.link}")
            for item in items:
                _item(table, report, item)
            shown += [
                i for i in items if report.outcome(i) in ("compliant", "not_applicable") and report.results[i.id].photos
            ]
    if shown:
        document.add_heading("符合项和不适用项的照片", 2)
        table = form.headed_table(document, (("序号", 16.0), ("检查内容", form.UPRIGHT_MM - 16)))
        for item in shown:
            row = word.add_row(table)
            word.keep_whole(row)
            form.put(row.cells[0], [item.number], style=form.FORM_SMALL, center=True)
            form.put(row.cells[1], [item.ask], style=form.FORM_SMALL)
            word.keep_with_next(row)
            form.photo_row(table, {f"{item.number} 图": report.results[item.id].photos})


def _item(table: Table, report: CheckReport, item: ChecklistItem) -> None:
    row = word.add_row(table)
    word.keep_whole(row)
    found = report.results.get(item.id)
    result = OUTCOME_LABELS[found.result] if found else UNANSWERED
    note = clean(found.note) if found else ""
    photos = f"（照片 {len(found.photos)} 张）" if found and found.photos else ""
    mark = MAJOR_MARK if item.severity == "major" else ""
    texts = (mark + item.number, item.ask, NATURE_LABELS[item.nature], result, note + photos)
    failed = found is not None and found.result == "noncompliant"
    for n, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        form.put(cell, [text], style=form.FORM_SMALL, center=n in (0, 2, 3), bold=True if failed and n == 3 else None)
        form.middle(cell)
        if failed:
            word.shade(cell, MAJOR_FILL if mark else FAIL_FILL)


def _notes(document: Document, report: CheckReport, number: str) -> None:
    document.add_heading(f"{number}、说明", 1)
    loose = unverified(report.checklist)
    checked = f"标明“未与原文核对”的有 {loose} 条，使用前请先核对。" if loose else "依据栏的要点均已与原文核对。"
    notes = (
        "本报告由合规图谱按填写的检查结果汇总，不代替监管部门的决定；是否构成违法、是否属于重大事故隐患，由有权机关依法认定。",
        f"“{MAJOR_MARK}”表示该项不符合时可能构成重大事故隐患，以判定标准和现场情况为准。",
        f"“要点”是对条款的概述，不是原文，引用时请以官方公布的文本为准；{checked}",
        "“强制”指法律、法规、规章、规范性文件和强制性标准的要求；“推荐”指推荐性标准的要求，被强制性规定引用时除外。",
        *report.checklist.notices,
    )
    for n, note in enumerate(notes, 1):
        form.line(document, f"{n}. {note}", style=form.FORM_SMALL)


def _sign(document: Document, report: CheckReport, number: str) -> None:
    document.add_heading(f"{number}、签名", 1)
    if report.kind == "self_check":
        rows = (("检查人员", "部门负责人"), ("安全管理人员", "主要负责人"), ("签名日期", "企业盖章"))
    else:
        rows = (("检查人员", "检查人员"), ("企业陪同人员", "企业负责人"), ("签名日期", "签名日期"))
    form.signatures(document, rows)
