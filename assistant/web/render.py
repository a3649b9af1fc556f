"""Answers as HTML: every text is escaped; styles are in style.css."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from assistant.cases import SimilarCases
from assistant.checklist import Checklist, ChecklistItem
from assistant.models import (
    NATURE_LABELS,
    NOT_GROUNDS,
    Answer,
    CaseOut,
    CheckOut,
    Nearest,
    PenaltyOut,
    ProvisionOut,
    words_of,
    yuan,
)


def badge(text: str, kind: str = "") -> str:
    """A small label."""
    return f'<span class="hg-badge {kind}">{escape(text)}</span>'


def provision_card(provision: ProvisionOut, *, opened: bool = False) -> str:
    """A provision: citation, flags, gist (要点) and official text (原文), and why it is shown."""
    text, which = words_of(provision)
    flags = badge(NATURE_LABELS[provision.nature], provision.nature) + badge(provision.kind)
    if provision.major_hazard:
        flags += badge("重大事故隐患判定", "major")
    if not provision.in_force:
        flags += badge("不在施行", "ended")
    heading = f'<span class="hg-heading">{escape(provision.heading)}</span>' if provision.heading else ""
    body = f'<p><span class="hg-which">{escape(which)}</span>{_lines(text)}</p>'
    if provision.gist and provision.official_text:
        state = " open" if opened else ""
        source = f"（{escape(provision.official_source)}）" if provision.official_source else ""
        body += f"<details{state}><summary>看原文{source}</summary><p>{_lines(provision.official_text)}</p></details>"
    elif provision.gist:
        body += '<p class="hg-quiet">原文未随软件提供；可用 hegui import 导入官方文本后并列显示。</p>'
    if provision.whole:
        body += f"<details><summary>看整条的要点</summary><p>{_lines(provision.whole)}</p></details>"
    if provision.note:
        body += f'<p class="hg-note">注意：{escape(provision.note)}</p>'
    why = f'<p class="hg-why">为什么：{escape(provision.why)}</p>' if provision.why else ""
    return f'<article class="hg-card"><h4>{escape(provision.citation)}{heading}</h4><div>{flags}</div>{body}{why}</article>'


def _lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())


def penalty_lines(penalties: Iterable[PenaltyOut]) -> str:
    """What a breach costs, one penal provision after another."""
    parts = []
    for penalty in penalties:
        ranges = "".join(f"<li>{escape(r)}</li>" for r in penalty.ranges) or f"<li>{escape(penalty.gist or '')}</li>"
        parts.append(f"<div class='hg-penalty'><b>{escape(penalty.citation)}</b><ul>{ranges}</ul></div>")
    return "".join(parts)


def check_card(check: CheckOut) -> str:
    """A check with method, fix, grounds and cost."""
    number = f"{check.number} " if isinstance(check, ChecklistItem) else ""
    flags = badge("重大事故隐患", "major") if check.severity == "major" else badge("一般隐患")
    flags += badge(NATURE_LABELS[check.nature], check.nature)
    basis = "、".join(escape(b.citation) for b in check.basis)
    told = "".join(provision_card(b) for b in check.basis)
    how = "".join(f"<li>{escape(h)}</li>" for h in check.how)
    penalty = penalty_lines(check.penalty)
    cost = f"<h5>不改的代价</h5>{penalty}" if penalty else ""
    why = f'<p class="hg-why">为什么：{escape(check.why)}</p>' if check.why else ""
    limited = f'<p class="hg-quiet">只适用于：{escape("、".join(check.industries))}</p>' if check.industries else ""
    return (
        f'<article class="hg-card hg-check"><h4>{number}{escape(check.ask)}</h4><div>{flags}</div>'
        f'<p class="hg-quiet">{escape(check.scene)} · {escape(check.link)} · {escape(check.point)}</p>{limited}'
        f"<p><b>依据</b> {basis}</p>"
        f"<details><summary>怎么查、怎么改、罚多少</summary><h5>怎么查</h5><ul>{how}</ul>"
        f"<h5>怎么改</h5><p>{escape(check.fix)}</p>{cost}<h5>依据内容</h5>{told}</details>{why}</article>"
    )


def case_card(case: CaseOut) -> str:
    """A case: what happened, what it broke, what it cost, lesson and source."""
    flags = badge(case.type_label, case.type) + badge(case.region)
    if case.date:
        flags += badge(str(case.date))
    if case.deaths:
        flags += badge(f"死亡{case.deaths}人", "major")
    cost = f"罚款{yuan(case.amount)}" if case.amount is not None else "未公布对单位的罚款数额"
    if case.type == "no_penalty":
        cost = f"不予处罚：{case.non_penalty_ground or ''}"
    persons = f"；{'；'.join(case.persons)}" if case.persons else ""
    broken = "、".join([*(p.citation for p in case.violated), *(f"{c}（当时条文）" for c in case.cited_as)])
    today = "、".join(escape(p.citation) for p in case.corresponds)
    touched = f"<p><b>对应现行条款</b>（我们的对照） {today}</p>" if today else ""
    source = f"{escape(case.source.publisher)}《{escape(case.source.title)}》"
    if case.source.published:
        source += f"（{case.source.published}）"
    if case.source.url:
        source += f' <a href="{escape(case.source.url, quote=True)}" target="_blank" rel="noreferrer noopener">出处</a>'
    if case.confidence == "low":
        source += badge("来源转载，数据待核", "ended")
    outcome = f"<p><b>处理</b> {escape(case.outcome)}</p>" if case.outcome else ""
    why = f'<p class="hg-why">为什么：{escape(case.why)}</p>' if case.why else ""
    return (
        f'<article class="hg-card hg-case"><h4>{escape(case.title)}</h4><div>{flags}</div>'
        f"<p>{escape(case.facts)}</p><p><b>违反</b> {escape(broken) or '未公布'}</p>{touched}"
        f"<p><b>代价</b> {escape(cost + persons)}</p>{outcome}<p><b>教训</b> {escape(case.lesson)}</p>"
        f'<p class="hg-quiet">来源：{source}</p>{why}</article>'
    )


def notices(lines: Iterable[str]) -> str:
    """Notices the reader must not miss."""
    return "".join(f'<p class="hg-note">{escape(line)}</p>' for line in lines)


def error(sentence: str) -> str:
    """One sentence of error."""
    return f'<p class="hg-error" role="alert">{escape(sentence)}</p>'


def answer_html(answer: Answer, shown: int) -> tuple[str, str, str]:
    """Grounds (the first ``shown``), checks and cases of an answer."""
    understood = f'<p class="hg-quiet">识别到：{escape("；".join(answer.understood))}</p>' if answer.understood else ""
    head = notices(answer.notices) + understood
    if answer.nearest:
        return head + _nearest(answer.nearest), "<p>没有对应的检查项。</p>", "<p>没有类似的案例。</p>"
    grounds = "".join(provision_card(p) for p in answer.provisions[:shown]) or "<p>没有找到依据。</p>"
    checks = "".join(check_card(c) for c in answer.checks) or "<p>没有对应的检查项。</p>"
    cases = "".join(case_card(c) for c in answer.cases) or "<p>没有类似的案例。</p>"
    return head + grounds, checks, cases


def _nearest(nearest: Nearest) -> str:
    """What stands nearest to a question that nothing here answers."""
    subjects = f"<p>资料库里相近的主题：{escape('、'.join(nearest.subjects))}。</p>" if nearest.subjects else ""
    cards = "".join(provision_card(p) for p in nearest.provisions)
    return subjects + (f'<p class="hg-quiet">{NOT_GROUNDS}</p>{cards}' if cards else "")


def checklist_html(made: Checklist, group: int | None = None) -> str:
    """A checklist (one scene group of it, when ``group`` is given)."""
    why = "".join(f"<li>{escape(c)}</li>" for c in made.conclusions)
    head = notices(made.notices) + (
        f"<details open><summary>为什么是这些项</summary><ul>{why}</ul></details>" if why else ""
    )
    parts = [head]
    for index, scene in enumerate(made.groups):
        if group is not None and index != group:
            continue
        parts.append(f"<h3>{escape(scene.scene)} <small>{escape(scene.industry)}</small></h3>")
        for link in scene.links:
            parts.append(f"<h4 class='hg-link'>{escape(link.link)}</h4>")
            for point in link.points:
                parts.append(f"<h5 class='hg-point'>{escape(point.point)}</h5>")
                parts.extend(check_card(item) for item in point.items)
    return "".join(parts)


def cases_html(found: SimilarCases) -> tuple[str, str]:
    """Similar cases, and what they have in common."""
    understood = f'<p class="hg-quiet">识别到：{escape("；".join(found.understood))}</p>' if found.understood else ""
    cards = notices(found.notices) + understood + "".join(case_card(c) for c in found.cases)
    common = "".join(f"<p><b>{c.cases} 件都涉及</b></p>{provision_card(c.provision)}" for c in found.common)
    return cards, f"<p>{escape(found.amounts)}</p>{common}" if found.cases else ""
