"""A penalty worksheet as HTML: every text is escaped, what nobody has verified says so, what is left to a human is blank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from assistant.inquiry import Question
from assistant.models import PenaltyOut, words_of
from assistant.penalty_scale import ranges
from assistant.web import render
from assistant.web.penalty_picture import LEGEND, range_figure
from assistant.worksheet import (
    BLANK,
    CreditRepair,
    CreditStatement,
    Element,
    Ground,
    LeniencyOut,
    PenalRule,
    PenaltyWorksheet,
    Reason,
    Reminder,
    SanctionOut,
    TierOut,
)

FITS = {True: ("相符", "met"), None: ("尚待认定", ""), False: ("不相符", "unmet")}
CREDIT_PARTS = (
    ("what", "是什么"),
    ("period", "公示多久"),
    ("when", "何时可以申请"),
    ("file", "交什么"),
    ("where", "向谁申请"),
    ("after", "之后"),
)


def head_html(sheet: PenaltyWorksheet) -> str:
    """What the worksheet is about, and what the reader must not miss."""
    flag = render.badge("重大事故隐患", "major") if sheet.severity == "major" else ""
    notices = render.notices(sheet.notices[:1])
    more = "".join(f"<li>{escape(n)}</li>" for n in sheet.notices[1:])
    told = f'<details class="hg-note" open><summary>使用前请看</summary><ul>{more}</ul></details>' if more else ""
    return f"<h2>{escape(sheet.subject)}</h2><div>{flag}{render.badge(f'按 {sheet.as_of} 的法律')}</div>{notices}{told}"


def question_html(question: Question, left: int) -> str:
    """Why a question is asked."""
    why = "".join(f"<li>{escape(w.text)}（{escape(w.citation)}）</li>" for w in question.why[:4])
    more = f"<li>另有 {len(question.why) - 4} 处</li>" if len(question.why) > 4 else ""
    help_ = f"<p>{escape(question.help)}</p>" if question.help else ""
    return (
        f'<div class="hg-ask"><h4>{escape(question.ask)}</h4>{help_}<p class="hg-quiet">还有 {left} 个问题。为什么问：</p>'
        f"<ul>{why}{more}</ul></div>"
    )


def answers_html(answers: Sequence[tuple[str, str]]) -> str:
    """The answers so far."""
    rows = "".join(f"<li>{escape(ask)} <b>{escape(given)}</b></li>" for ask, given in answers)
    return f"<details open><summary>已填 {len(answers)} 项</summary><ul>{rows}</ul></details>" if rows else ""


def ranges_html(sheet: PenaltyWorksheet) -> str:
    """Duties, penal rules with their pictures, and tiers."""
    duties = "".join(render.provision_card(d) for d in sheet.duties)
    figures: dict[str, list[str]] = {}
    for shown in ranges(sheet):
        figures.setdefault(shown.citation, []).append(range_figure(shown))
    rules = "".join(_rule(rule, figures.get(rule.citation, [])) for rule in sheet.rules)
    crime = ""
    if sheet.criminal:
        crime = f"<h3>另请核对是否涉嫌犯罪</h3>{_criminal(sheet.criminal)}"
    none = "<p>资料库没有收录这一项的行政罚则；这不等于没有法律责任。</p>"
    legend = f'<p class="hg-quiet">{LEGEND}</p>' if figures else ""
    return f"{legend}{rules or none}{crime}<h3>违反的义务</h3>{duties}"


def _criminal(penal: Iterable[PenaltyOut]) -> str:
    return "".join(f"<p><b>{escape(p.citation)}</b> {escape(p.gist or '')}</p>" for p in penal)


def _rule(rule: PenalRule, figures: Sequence[str]) -> str:
    meant = "、".join(p.citation for p in rule.provisions)
    gists = "".join(
        f"<p>{render.badge('要点') if p.verified else render.badge('要点（未与原文核对）', 'ended')}{escape(p.gist)}</p>"
        for p in {p.gist: p for p in rule.provisions if p.gist}.values()
        if p.gist
    )
    rows = "".join(map(_sanction, (*rule.unit, *rule.principal, *rule.others)))
    table = (
        "<table class='hg-stack'><tr><th>对象</th><th>阶段</th><th>条件</th><th>措施和罚款</th><th>与已填情节</th></tr>"
        f"{rows}</table>"
    )
    tiers = ""
    if rule.tiers:
        lines = "".join(map(_tier, rule.tiers))
        tiers = (
            "<h5>裁量档次</h5><table class='hg-stack'><tr><th>档次</th><th>适用的事实</th><th>处罚</th><th>标准</th></tr>"
            f"{lines}</table>"
        )
    return f'<article class="hg-card"><h4>{escape(meant)}</h4>{gists}{"".join(figures)}{table}{tiers}</article>'


def _sanction(sanction: SanctionOut) -> str:
    word, kind = FITS[sanction.fits]
    off = ' class="hg-off"' if sanction.fits is False else ""
    imposed = sanction.text.split("：", 1)[-1]
    condition = sanction.condition or "没有写明别的条件"
    return (
        f"<tr{off}><td data-head='对象'>{escape(sanction.who)}</td><td data-head='阶段'>{escape(sanction.stage_label)}</td>"
        f"<td data-head='条件'>{escape(condition)}</td><td data-head='处罚'>{escape(imposed)}</td>"
        f"<td data-head='与已填情节'><span class='hg-state {kind}'>{word}</span></td></tr>"
    )


def _tier(tier: TierOut) -> str:
    chosen = "<span class='hg-state met'>已选</span> " if tier.chosen else ""
    off = ' class="hg-off"' if tier.chosen is False or tier.sanction.fits is False else ""
    name = f"<td data-head='档次'>{chosen}{escape(tier.name)}</td>"
    fact = f"<td data-head='适用的事实'>{escape(tier.factor)}</td>"
    imposed = f"<td data-head='处罚'>{escape(tier.sanction.text)}</td>"
    return f"<tr{off}>{name}{fact}{imposed}<td data-head='标准'>{escape(tier.standard)}</td></tr>"


def grounds_html(sheet: PenaltyWorksheet) -> str:
    """Grounds for no or a lighter penalty with the evidence each element needs, then lists of slight violations."""
    none = "<p>资料库在这一天没有关于不予处罚的条款。</p>"
    grounds = "".join(map(_ground, sheet.no_penalty)) or none
    lighter = "".join(map(_ground, sheet.mitigation))
    heavier = "".join(render.provision_card(p) for p in sheet.aggravation)
    lists = "".join(map(_entry, sheet.leniency)) or "<p>没有收录与这一项有关的轻微违法清单。</p>"
    advice = '<p class="hg-quiet">没有注明出处的证据，是我们整理的办案建议，不是法律规定。</p>'
    parts = [f"<h3>不予处罚</h3>{advice}{grounds}"]
    if lighter:
        parts.append(f"<h3>从轻、减轻</h3>{lighter}")
    if heavier:
        parts.append(f"<h3>从重</h3>{heavier}")
    return "".join([*parts, f"<h3>公布的轻微违法清单</h3>{lists}"])


def _ground(ground: Ground) -> str:
    need = "下列要件都要有证据" if ground.needs == "all" else "有下列情形之一"
    elements = "".join(map(_element, ground.elements))
    exception = f'<p class="hg-note">例外：{escape(ground.exception)}。</p>' if ground.exception else ""
    precedents = "".join(render.case_card(c) for c in ground.precedents)
    told = f"<details><summary>{len(ground.precedents)} 件先例</summary>{precedents}</details>" if precedents else ""
    return (
        f'<article class="hg-card"><h4>{escape(ground.provision.citation)} → {escape(ground.effect)}</h4>'
        f'<p class="hg-quiet">{need}</p>{elements}{exception}{told}</article>'
    )


def _element(element: Element) -> str:
    proofs = ""
    for proof in element.evidence:
        asked = f"（{'、'.join(proof.citations)}）" if proof.citations else ""
        proofs += f"<li>{escape(proof.text + asked)}</li>"
    doubts = "".join(f"<li class='hg-quiet'>注意：{escape(d)}</li>" for d in element.doubts)
    body = f"<details><summary>要看哪些证据</summary><ul>{proofs}{doubts}</ul></details>" if proofs or doubts else ""
    state = f"<span class='hg-state {element.state}'>{escape(element.state_label)}</span>"
    return f"<div><b>{escape(element.text)}</b> {state}{body}</div>"


def _entry(entry: LeniencyOut) -> str:
    where = "" if entry.applies_here else render.badge("外省市，在上海不适用，只供参考", "ended")
    conditions = "".join(
        f"<li>{escape(e.text)} <span class='hg-state {e.state}'>{escape(e.state_label)}</span></li>" for e in entry.elements
    )
    return (
        f'<article class="hg-card"><h4>{escape(entry.provision.citation)}：{escape(entry.kind)}</h4><div>{where}</div>'
        f"<p>{escape(entry.provision.gist or '')}</p><p>涉及罚则：{escape('、'.join(entry.lightens))}</p>"
        f"<ul>{conditions}</ul></article>"
    )


def cases_html(sheet: PenaltyWorksheet) -> str:
    """Similar decided cases, the nearest first."""
    cards = "".join(f'<p class="hg-why">{escape(d.relation)}</p>{render.case_card(d.case)}' for d in sheet.cases)
    head = f"<p>{escape(sheet.amounts)}</p>"
    if sheet.cases:
        head += f'<p class="hg-quiet">共 {sheet.cases_total} 件与本项有关，列出最接近的 {len(sheet.cases)} 件。</p>'
    return head + (cards or "<p>没有收录同类的已决案件。</p>")


def reminders_html(reminders: Iterable[Reminder]) -> str:
    """Rules of procedure to keep in mind, with what in this case calls for them."""
    cards = []
    for reminder in reminders:
        why = f'<p class="hg-note">本案：{escape(reminder.why)}</p>' if reminder.why else ""
        text, which = words_of(reminder.provision)
        heading = f'<span class="hg-heading">{escape(reminder.provision.heading or "")}</span>'
        cards.append(
            f'<article class="hg-card"><h4>{escape(reminder.provision.citation)}{heading}</h4>'
            f'{why}<p><span class="hg-which">{escape(which)}</span>{escape(text)}</p></article>'
        )
    return "".join(cards) or "<p>资料库在这一天没有关于处罚程序的条款。</p>"


def reasons_html(reasons: Iterable[Reason]) -> str:
    """The four-reasons draft: each sentence with its citation, or a blank to fill in."""
    parts = ['<p class="hg-quiet">草稿：每句都注明出处；横线处由执法人员填写，与本案无关的请删去。</p>']
    for reason in reasons:
        lines = []
        for sentence in reason.sentences:
            if sentence.text == BLANK:
                lines.append(f"<p>{escape(sentence.about or '')}<span class='hg-blank'>{escape(BLANK)}</span></p>")
            else:
                cited = f'<span class="hg-quiet">（{escape(sentence.citation or "")}）</span>'
                lines.append(f"<p>{escape(sentence.text)}{cited}</p>")
        parts.append(f'<article class="hg-card"><h4>{reason.name}</h4>{"".join(lines)}</article>')
    return "".join(parts)


def credit_html(credit: CreditRepair | None) -> str:
    """How the record of the penalty is lifted."""
    if credit is None:
        return "<p>资料库没有收录信用修复的资料。</p>"
    notice = render.notices([credit.notice]) if credit.notice else ""
    parts = [notice, "<ul>", *map(_statement, credit.rights), "</ul>"]
    for record in credit.records:
        body = "".join(
            f"<h5>{head}</h5><ul>{''.join(map(_statement, getattr(record, name)))}</ul>"
            for name, head in CREDIT_PARTS
            if getattr(record, name)
        )
        decide = "".join(f"<li>{escape(d)}</li>" for d in record.decide)
        blank = f"<h5>由执法机关认定</h5><ul>{decide}</ul>" if decide else ""
        parts.append(f'<article class="hg-card"><h4>{escape(record.label)}</h4>{body}{blank}</article>')
    return "".join(parts)


def _statement(statement: CreditStatement) -> str:
    cited = f'<span class="hg-quiet">（{escape("、".join(statement.citations))}）</span>' if statement.citations else ""
    loose = (
        "" if statement.verified else f'<br><span class="hg-loose">未核对：{escape(statement.source or "来源不明")}</span>'
    )
    note = f'<br><span class="hg-quiet">注意：{escape(statement.note)}</span>' if statement.note else ""
    return f"<li>{escape(statement.text)}{cited}{loose}{note}</li>"
