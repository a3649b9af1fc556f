"""Lessons, quizzes and simulated inspections as HTML; every text is escaped, styles are in style.css."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from assistant.models import SourceOut, words_of
from assistant.quiz_marking import KIND_LABELS, MarkedAnswer, QuizResult
from assistant.quiz_question import Cited, QuizQuestion
from assistant.simulation import Score, Simulation
from assistant.stories import NO_CAUSE, CauseLevel, Story
from assistant.training import LessonPack
from assistant.web import render

VERDICTS = {
    "found": ("找对", "no_penalty"),
    "missed": ("漏掉", "major"),
    "wrong": ("误判", "ended"),
    "passed": ("没有问题", ""),
}


def pack_html(pack: LessonPack) -> str:
    """The lesson: objectives, cases, rules, checks, questions to discuss."""
    aims = "".join(f"<li>{escape(o.text)}{_cited(o.citations)}</li>" for o in pack.objectives)
    stories = "".join(_story(n, s) for n, s in enumerate(pack.stories, 1))
    rules = "".join(render.provision_card(r) for r in pack.rules)
    checks = "".join(render.check_card(c) for c in pack.checks)
    talks = "".join(
        f"<li>{escape(d.question)}<details><summary>参考</summary><p>{escape(d.hint)}</p>{_cited(d.citations)}</details></li>"
        for d in pack.discussion
    )
    return (
        f"<h2>“{escape(pack.topic)}”培训教案</h2>"
        f"<p>对象：{escape(pack.audience)}　按 {pack.as_of} 的法律　编号 {pack.seed}</p>"
        f"{render.notices(pack.notices)}"
        f'<article class="hg-card"><h4>学习目标</h4><ol>{aims}</ol></article>{stories}'
        f'<article class="hg-card"><h4>讨论题</h4><ol>{talks}</ol></article>'
        + _folded(f"这些案例涉及的规定（{len(pack.rules)} 条）", rules)
        + _folded(f"回到现场查什么（{len(pack.checks)} 项）", checks)
    )


def _folded(title: str, body: str) -> str:
    return f"<details class='hg-fold'><summary>{escape(title)}</summary>{body}</details>" if body else ""


def _cited(citations: Iterable[Cited]) -> str:
    return f'<div class="hg-quiet">依据：{escape("、".join(c.citation for c in citations))}</div>'


def _story(number: int, story: Story) -> str:
    steps = "".join(
        f'<li class="{e.kind}">' + (f"<b>{escape(e.when)}</b> " if e.when else "") + f"{escape(e.what)}</li>"
        for e in story.timeline.events
    )
    tree = "".join(map(_level, story.causes.levels)) if story.causes else ""
    causes = (
        f"<h5>原因树</h5><p class='hg-quiet'>{escape(story.causes.note)}</p>"
        f'<div class="hg-tree"><div class="hg-root">{escape(story.causes.result)}</div><ul>{tree}</ul></div>'
        if story.causes
        else ""
    )
    rules = "".join(
        f"<li><b>{escape(rule.citation)}</b> <span class='hg-which'>{escape(which)}</span>{escape(words)}</li>"
        for rule, (words, which) in ((r, words_of(r)) for r in story.rules)
    )
    cost = render.penalty_lines(story.penalties)
    return (
        f'<article class="hg-card hg-case"><h4>案例{number}　{escape(story.title)}</h4>'
        f'<p class="hg-quiet">{render.badge(story.type_label)}{escape(story.setting)}</p>'
        f"<h5>事情经过</h5><p class='hg-quiet'>{escape(story.timeline.note)}</p><ol class='hg-time'>{steps}</ol>{causes}"
        f"<p><b>教训</b> {escape(story.lesson)}</p>"
        + _folded("违反的规定（按今天的条文）", f"<ul>{rules}</ul>" if rules else "")
        + _folded("今天的代价", cost)
        + f'<p class="hg-quiet">{_source(story.source)}</p></article>'
    )


def _level(level: CauseLevel) -> str:
    told = "".join(
        f"<li>{escape(c.heading or c.text)} <span class='hg-quiet'>（{escape(c.source_label)}"
        + (f"：{escape('、'.join(q.citation for q in c.citations))}" if c.citations else "")
        + "）</span></li>"
        for c in level.causes
    )
    return f'<li class="{level.level}"><b>{escape(level.label)}</b><ul>{told or f"<li>{NO_CAUSE}</li>"}</ul></li>'


def _source(source: SourceOut) -> str:
    told = f"来源：{escape(source.publisher)}《{escape(source.title)}》"
    told += f"（{source.published}）" if source.published else ""
    if source.url:
        told += f' <a href="{escape(source.url, quote=True)}" target="_blank" rel="noreferrer noopener">出处</a>'
    return told


def stem_html(question: QuizQuestion, total: int, answered: int) -> str:
    """The question on the page, with how far the trainee is."""
    return (
        f'<div class="hg-stem"><div class="hg-quiet">第 {question.number} / {total} 题　已答 {answered} 题　'
        f"{KIND_LABELS[question.kind]}</div><p>{escape(question.stem)}</p></div>"
    )


def result_html(result: QuizResult) -> str:
    """The marks: the sum, then each question with the right answer, its article and why."""
    return f'<h3 class="hg-score">{escape(result.sentence)}</h3>' + "".join(map(_answer, result.answers))


def _answer(answer: MarkedAnswer) -> str:
    question = answer.question
    verdict = render.badge("答对", "no_penalty") if answer.right else render.badge("答错", "major")
    options = ""
    if question.kind != "judgement":
        shown = (
            f'<li class="{"hg-key" if o.key in question.answer else ""}">{o.key}. {escape(o.text)}</li>'
            for o in question.options
        )
        options = f'<ul class="hg-options">{"".join(shown)}</ul>'
    given = "、".join(answer.given) or "没有作答"
    return (
        f'<article class="hg-card"><h4>{question.number}. {escape(question.stem)}</h4><div>{verdict}</div>{options}'
        f"<p>你的答案：{escape(given)}　正确答案：<b>{escape('、'.join(question.answer))}</b></p>"
        f"{_cited(question.citations)}<p>{escape(question.explanation)}</p></article>"
    )


def site_html(site: Simulation) -> str:
    """What the trainee is told before looking round."""
    return (
        f'<article class="hg-card"><h4>模拟检查</h4><p>{escape(site.intro)}</p><p><b>{escape(site.rule)}</b></p>'
        f'<p class="hg-quiet">{escape(site.scoring)}</p>{render.notices(site.notices)}</article>'
    )


def sights(site: Simulation) -> list[tuple[str, int]]:
    """The observations to tick, as (words, number)."""
    return [(f"{o.number}. 【{stop.link}】{o.text}", o.number) for stop in site.stops for o in stop.observations]


def score_html(score: Score) -> str:
    """What was found, missed and wrongly marked, each with what it rests on."""
    parts = [f'<h3 class="hg-score">{escape(score.sentence)}</h3>']
    for mark in score.marks:
        seen, (word, kind) = mark.observation, VERDICTS[mark.verdict]
        flags = render.badge(word, kind) + (
            render.badge(seen.severity_label, "major") if seen.hazard and seen.severity == "major" else ""
        )
        told = "；".join(f"{b.citation}：{b.gist}" for b in seen.basis)
        wrong = f"<p><b>问题</b> {escape(seen.gap)}</p><p><b>整改</b> {escape(seen.fix)}</p>" if seen.hazard else ""
        parts.append(
            f'<article class="hg-card hg-check"><h4>{seen.number}. {escape(seen.text)}</h4><div>{flags}</div>{wrong}'
            f'<p class="hg-quiet">检查项：{escape(seen.ask)}</p><details><summary>依据：'
            f"{escape('、'.join(b.citation for b in seen.basis))}</summary><p>{escape(told)}</p></details></article>"
        )
    return "".join(parts)
