"""Penalty worksheet → Word file to fill in and keep with the case (处罚裁量工作单)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from docx.document import Document
from docx.table import Table

from assistant.documents import form, word
from assistant.documents.common import BOX, boxes, clean, day_text, save_whole
from assistant.documents.form import ALARM, FORM_SMALL, GRAY, UPRIGHT_MM, label, line, put
from assistant.documents.worksheet_parts import add_range, credit_lines, elements_lines, fits_words
from assistant.inquiry import Question
from assistant.models import SEVERITY_LABELS, yuan
from assistant.penalty_scale import ranges
from assistant.worksheet import BLANK, Ground, PenaltyWorksheet, Reason

TITLE = "处罚裁量工作单"
LINE = 26
"""Characters of answers that stand side by side; longer ones stand below each other."""
NO_RULE = "资料库没有收录这一项的行政罚则，请另行核对。"


def write_docx(
    sheet: PenaltyWorksheet,
    path: Path,
    *,
    answers: Sequence[tuple[str, str]] = (),
    still_open: Sequence[Question] = (),
) -> None:
    """Write the worksheet as a Word file; what stood at ``path`` is replaced only when the new file is complete.

    ``answers`` are the questions answered so far with their answers; ``still_open`` gets boxes to tick.
    """
    save_whole(_document(sheet, answers, still_open).save, path)


def _document(sheet: PenaltyWorksheet, answers: Sequence[tuple[str, str]], still_open: Sequence[Question]) -> Document:
    document = form.new_form(f"{TITLE}：{sheet.subject}", f"{TITLE}（{sheet.as_of}）　不是处罚决定")
    line(document, TITLE, style="Title", center=True)
    told = f"（按{day_text(sheet.as_of)}施行的规定编制，供办案参考，不作决定）"
    line(document, told, center=True, after=6)
    _case(document, sheet)
    _duties(document, sheet)
    _rules(document, sheet)
    _inquiry(document, answers, still_open)
    _grounds(document, sheet)
    _leniency(document, sheet)
    _cases(document, sheet)
    _reminders(document, sheet)
    _reasons(document, sheet.reasons)
    _credit(document, sheet)
    _opinion(document)
    _notes(document, sheet)
    return document


def _case(document: Document, sheet: PenaltyWorksheet) -> None:
    severity = SEVERITY_LABELS[sheet.severity] if sheet.severity else "未按检查项认定"
    rows: list[list[tuple[str, str]]] = [
        [("不符合项", sheet.subject)],
        [("隐患类别", severity), ("编号", "")],
        [("当事人", ""), ("信用代码", "")],
        [("发现日期", "　　　年　　月　　日"), ("承办人", "")],
        [("违法事实", "")],
    ]
    table = form.field_table(document, rows)
    word.set_height(table.rows[-1], 24)


def _duties(document: Document, sheet: PenaltyWorksheet) -> None:
    document.add_heading("一、违反的义务", 1)
    table = word.add_table(document, (UPRIGHT_MM,))
    for provision in sheet.duties:
        row = word.add_row(table)
        form.put_grounds(row.cells[0], [provision])


def _rules(document: Document, sheet: PenaltyWorksheet) -> None:
    document.add_heading("二、罚则、幅度和裁量档次", 1)
    if not sheet.rules:
        line(document, NO_RULE)
    pictures = ranges(sheet)
    for rule in sheet.rules:
        document.add_heading("、".join(p.citation for p in rule.provisions), 2)
        for gist in dict.fromkeys(p.gist for p in rule.provisions if p.gist):
            loose = any(p.gist == gist and not p.verified for p in rule.provisions)
            line(document, f"要点{'（未与原文核对）' if loose else ''}：{gist}", style=FORM_SMALL, keep=True)
        columns = (("对象", 30), ("阶段", 24), ("条件", 34), ("措施和罚款", 56), ("与已填情节", 26))
        table = form.headed_table(document, columns)
        for sanction in (*rule.unit, *rule.principal, *rule.others):
            imposed = sanction.text.split("：", 1)[-1]
            condition = sanction.condition or "没有写明别的条件"
            _cells(table, (sanction.who, sanction.stage_label, condition, imposed, fits_words(sanction.fits)))
        if rule.tiers:
            line(document, "裁量档次", style=FORM_SMALL, bold=True, keep=True)
            tiers = form.headed_table(document, (("档次", 26), ("适用的事实", 62), ("处罚", 48), ("标准", 34)))
            for tier in rule.tiers:
                chosen = "（已选）" if tier.chosen else ""
                _cells(tiers, (f"{tier.name}{chosen}", tier.factor, tier.sanction.text, tier.standard))
        for shown in [p for p in pictures if p.citation == rule.citation]:
            add_range(document, shown)
    if sheet.criminal:
        line(document, f"另请核对是否涉嫌犯罪：{'、'.join(p.citation for p in sheet.criminal)}。", bold=True, color=ALARM)


def _cells(table: Table, texts: Sequence[str]) -> None:
    # Rows may break: LibreOffice drops rows of long tables that it may not break at the end of a page.
    row = word.add_row(table)
    for cell, text in zip(row.cells, texts, strict=True):
        put(cell, clean(text).split("\n"), style=FORM_SMALL)


def _inquiry(document: Document, answers: Sequence[tuple[str, str]], still_open: Sequence[Question]) -> None:
    document.add_heading("三、情节（逐项认定）", 1)
    if not answers and not still_open:
        line(document, "资料库没有收录要逐项认定的情节，由执法人员自行认定。")
        return
    table = form.headed_table(document, (("要认定的情节", 58), ("认定", 62), ("为什么要认定", 50)))
    for ask, given in answers:
        _cells(table, (ask, f"已填：{given}", ""))
    for question in still_open:
        ticks = boxes(c.label for c in question.choices)
        offered = ("　" if sum(map(len, ticks)) < LINE else "\n").join(ticks) or "　　　年　　月　　日"
        why = "；".join(f"{w.text}（{w.citation}）" for w in question.why[:3])
        more = f"等 {len(question.why)} 处" if len(question.why) > 3 else ""
        _cells(table, (question.ask + (f"\n{question.help}" if question.help else ""), offered, why + more))


def _grounds(document: Document, sheet: PenaltyWorksheet) -> None:
    document.add_heading("四、不予处罚和从轻、减轻的要件与证据", 1)
    for ground in (*sheet.no_penalty, *sheet.mitigation):
        _ground(document, ground)
    if sheet.aggravation:
        line(document, "从重", bold=True, keep=True)
        for provision in sheet.aggravation:
            line(document, f"{provision.citation}：{provision.gist or ''}", style=FORM_SMALL)
    line(document, "证据栏没有注明出处的，是我们整理的办案建议，不是法律规定。", style=FORM_SMALL, color=GRAY)


def _ground(document: Document, ground: Ground) -> None:
    need = "下列要件都要有证据" if ground.needs == "all" else "有下列情形之一"
    line(document, f"{ground.provision.citation} → {ground.effect}（{need}）", bold=True, keep=True, after=2)
    table = form.headed_table(document, (("要件", 34), ("要看的证据", 88), ("认定", 48)))
    for element in ground.elements:
        row = word.add_row(table)
        put(row.cells[0], [element.text, f"（{element.state_label}）"], style=FORM_SMALL)
        put(row.cells[1], elements_lines(element), style=FORM_SMALL)
        put(row.cells[2], [*boxes(("符合", "不符合")), "证据："], style=FORM_SMALL)
    if ground.exception:
        line(document, f"例外：{ground.exception}。", style=FORM_SMALL)
    for case in ground.precedents:
        source = f"{case.source.publisher}《{case.source.title}》"
        told = f"先例：{case.title}（{case.region}，{case.non_penalty_ground or ''}；{source}）"
        line(document, told, style=FORM_SMALL, color=GRAY)


def _leniency(document: Document, sheet: PenaltyWorksheet) -> None:
    if not sheet.leniency:
        return
    document.add_heading("五、公布的轻微违法清单", 1)
    for entry in sheet.leniency:
        where = "" if entry.applies_here else "〔外省市，在上海不适用，只供参考〕"
        line(document, f"{entry.provision.citation}：{entry.kind}{where}", bold=True, keep=True)
        line(document, entry.provision.gist or "", style=FORM_SMALL)
        line(document, f"涉及罚则：{'、'.join(entry.lightens)}", style=FORM_SMALL)
        for element in entry.elements:
            line(document, f"{BOX}{element.text}（{element.state_label}）", style=FORM_SMALL)


def _cases(document: Document, sheet: PenaltyWorksheet) -> None:
    document.add_heading("六、同类案件", 1)
    line(document, sheet.amounts)
    if not sheet.cases:
        return
    line(document, f"共 {sheet.cases_total} 件与本项有关，列出最接近的 {len(sheet.cases)} 件。", style=FORM_SMALL, keep=True)
    table = form.headed_table(document, (("案件", 50), ("怎样有关", 46), ("处理", 34), ("来源", 40)))
    for decided in sheet.cases:
        case = decided.case
        cost = f"罚款{yuan(case.amount)}" if case.amount is not None else "未公布对单位的罚款数额"
        if case.type == "no_penalty":
            cost = f"不予处罚：{case.non_penalty_ground or ''}"
        persons = f"；{'；'.join(case.persons)}" if case.persons else ""
        source = f"{case.source.publisher}《{case.source.title}》"
        doubt = "（来源转载，数据待核）" if case.confidence == "low" else ""
        _cells(table, (f"{case.title}（{case.region}）", decided.relation, cost + persons, source + doubt))


def _reminders(document: Document, sheet: PenaltyWorksheet) -> None:
    document.add_heading("七、程序提示", 1)
    if not sheet.reminders:
        return
    table = form.headed_table(document, (("条款", 42), ("要点", 78), ("与本案", 50)))
    for reminder in sheet.reminders:
        provision = reminder.provision
        _cells(table, (provision.citation, provision.gist or "", reminder.why or ""))


def _reasons(document: Document, reasons: Sequence[Reason]) -> None:
    document.add_heading("八、四理说清（草稿）", 1)
    line(document, "每句都注明出处；空白处由执法人员填写，与本案无关的请删去。", style=FORM_SMALL, color=GRAY)
    for reason in reasons:
        line(document, reason.name, bold=True, keep=True)
        for sentence in reason.sentences:
            if sentence.text == BLANK:
                line(document, f"{sentence.about or ''}{'＿' * 20}", indent=True)
            else:
                line(document, f"{sentence.text}（{sentence.citation}）", indent=True)


def _credit(document: Document, sheet: PenaltyWorksheet) -> None:
    if sheet.credit is None:
        return
    document.add_heading("九、信用修复（告知当事人）", 1)
    if sheet.credit.notice:
        line(document, sheet.credit.notice, style=FORM_SMALL, color=GRAY)
    for text, loose in credit_lines(sheet.credit.rights):
        line(document, text, style=FORM_SMALL, color=ALARM if loose else None)
    heads = (("what", "是什么"), ("period", "公示多久"), ("when", "何时可以申请"), ("file", "交什么"), ("where", "向谁申请"))
    for record in sheet.credit.records:
        line(document, record.label, bold=True, keep=True)
        table = word.add_table(document, (26, UPRIGHT_MM - 26))
        for name, head in (*heads, ("after", "之后")):
            statements = getattr(record, name)
            if statements:
                row = word.add_row(table)
                label(row.cells[0], head)
                for n, (text, loose) in enumerate(credit_lines(statements)):
                    put(row.cells[1], [text], style=FORM_SMALL, color=ALARM if loose else None, more=n > 0)
        for decide in record.decide:
            line(document, f"{BOX}由执法机关认定：{decide}", style=FORM_SMALL)


def _opinion(document: Document) -> None:
    document.add_heading("十、认定意见与签名", 1)
    table = word.add_table(document, (36, UPRIGHT_MM - 36), 2)
    offered = boxes(("不予处罚", "可以不予处罚", "减轻处罚", "从轻处罚", "一般处罚", "从重处罚", "移送"))
    for row, head, lines, high in (
        (table.rows[0], "承办人意见", ["　".join(offered), "理由和数额："], 34),
        (table.rows[1], "法制审核意见", ["（依法应当法制审核的）"], 20),
    ):
        word.set_height(row, high)
        word.keep_whole(row)
        label(row.cells[0], head)
        put(row.cells[1], lines)
        word.keep_with_next(row)
    form.signatures(
        document, (("承办人（签名）", "承办人（签名）"), ("法制审核人（签名）", "负责人（签名）"), ("承办日期", "审批日期"))
    )


def _notes(document: Document, sheet: PenaltyWorksheet) -> None:
    document.add_heading("说明", 1)
    for number, notice in enumerate(sheet.notices, 1):
        line(document, f"{number}. {notice}", style=FORM_SMALL)
    line(document, "本工作单由合规图谱生成，不代替执法机关的决定。", style=FORM_SMALL, color=GRAY)
