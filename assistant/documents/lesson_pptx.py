"""Lesson pack → slide show: what the Word file holds, for a room; keys stand in the notes and on slides at the end."""

from __future__ import annotations

from pathlib import Path

from assistant.documents.common import BOX, MAJOR_MARK
from assistant.documents.handout import NOT_A_DECISION, chinese_day, named
from assistant.documents.lesson_text import objective_ground, penalty_lines, source_line, where_said
from assistant.documents.slides import (
    BODY_HIGH,
    BODY_WIDE,
    GRAY,
    GREEN,
    HIGH,
    LEFT,
    NAVY,
    PALE,
    RED,
    TOP,
    WIDE,
    Deck,
    Para,
    block,
    fitting,
    height_of,
    join,
    pages_of,
)
from assistant.models import words_of
from assistant.quiz import Quiz
from assistant.quiz_marking import KIND_LABELS
from assistant.simulation import Observation, Simulation
from assistant.stories import NO_CAUSE, Cause, CauseLevel, Story
from assistant.training import LessonPack

SMALLEST = 12.0
BROKEN, COST = "违反了什么（按今天的条文）", "今天的代价"
ROOT_WIDE, LEVEL_WIDE, GAP = 130.0, 84.0, 26.0
LEVEL_FILLS = {"direct": "F9E1DE", "indirect": "FBEFD5", "management": "E2ECF7"}


def write_slides(pack: LessonPack, path: Path) -> None:
    """Write the pack as a slide show; what stood at ``path`` is replaced only when the new file is complete."""
    title = f"“{pack.topic}”安全培训"
    deck = Deck(title, f"{title} · {pack.audience} · 按{chinese_day(pack.as_of)}的法律", pack.as_of)
    _cover(deck, title, pack)
    objectives = [
        para
        for n, o in enumerate(pack.objectives, 1)
        for para in (
            Para(o.text, label=f"{n}. ", after=1, tied=True),
            Para(objective_ground(o), scale=0.72, color=GRAY, after=9),
        )
    ]
    deck.flow("学习目标", objectives, size=13)
    for n, story in enumerate(pack.stories, 1):
        kicker = f"案例{n} · {story.type_label} · {story.setting}"
        _happened(deck, story, kicker)
        if story.causes:
            _causes(deck, story, kicker)
        _rules(deck, story, kicker)
    if pack.rules:
        told = [Para(_heading(r.citation, r.heading, r.major_hazard), label=f"{n}. ") for n, r in enumerate(pack.rules, 1)]
        deck.flow(f"这些案例涉及的规定（{len(pack.rules)} 条）", told, size=14)
    if pack.checks:
        checks = [
            para
            for n, c in enumerate(pack.checks, 1)
            for para in (
                Para(c.ask, label=f"{n}. {MAJOR_MARK if c.severity == 'major' else ''}", after=1, tied=True),
                Para("；".join(c.how), label="查：", scale=0.8, color=GRAY, after=1, tied=True),
                Para(c.fix, label="改：", scale=0.8, color=GRAY, after=1, tied=True),
                Para("依据：" + "、".join(b.citation for b in c.basis), scale=0.72, color=GRAY, after=9),
            )
        ]
        deck.flow("回到现场查什么", checks, size=15)
    for n, d in enumerate(pack.discussion, 1):
        notes = f"参考：{d.hint}\n依据：{named(d.citations)}"
        paras = [Para(d.question, after=24), Para(named(d.citations), label="可查：", scale=0.6, color=GRAY, after=0)]
        deck.flow(f"讨论{n}", paras, notes, largest=32, size=16)
    if pack.quiz:
        _quiz(deck, pack.quiz)
    if pack.simulation:
        _site(deck, pack.simulation)
    if pack.quiz:
        _quiz_keys(deck, pack.quiz)
    if pack.simulation:
        _site_keys(deck, pack.simulation)
    deck.flow("说明", [Para(n, after=6) for n in (*pack.notices, NOT_A_DECISION)], largest=16)
    deck.save(path)


def _cover(deck: Deck, title: str, pack: LessonPack) -> None:
    slide = deck.slide(title)
    block(slide, 0, 6, WIDE, HIGH - 46, fill=NAVY)
    deck.text(slide, 80, 170, 800, 80, [Para(title, bold=True, color="FFFFFF", after=0)], largest=44, middle=True)
    below = [
        Para(f"培训对象：{pack.audience}", color="FFFFFF"),
        Para(f"按{chinese_day(pack.as_of)}的法律编制　教案编号 {pack.seed}", color="D5DEE8"),
        Para(f"{len(pack.stories)} 个案例　" + "　".join(_parts(pack)), color="D5DEE8"),
    ]
    deck.text(slide, 80, 262, 800, 120, below, largest=20)


def _parts(pack: LessonPack) -> list[str]:
    parts = [f"{len(pack.quiz.questions)} 道测验题"] if pack.quiz else []
    return parts + ([f"{len(pack.simulation.observations())} 条模拟检查情况"] if pack.simulation else [])


def _heading(citation: str, heading: str | None, major: bool) -> str:
    return f"{MAJOR_MARK if major else ''}{citation}" + (f"（{heading}）" if heading else "")


def _happened(deck: Deck, story: Story, kicker: str) -> None:
    """Steps down the left, what it came to and teaches on the right."""
    steps = [e for e in story.timeline.events if e.kind == "event"]
    wide, right = 540.0, 300.0
    paras = [Para(e.what, label=f"{n}　" + (f"{e.when}　" if e.when else ""), after=8) for n, e in enumerate(steps, 1)]
    paras.append(Para(story.timeline.note, scale=0.7, color=GRAY, after=0))
    side = [
        Para(story.ended, label="结果　", color=RED, after=10),
        Para(story.lesson, label="教训　", color=NAVY, after=10),
        Para(source_line(story), scale=0.7, color=GRAY, after=0),
    ]
    size = fitting(paras, wide, BODY_HIGH, 24, SMALLEST) or SMALLEST
    pages = pages_of(paras, wide, BODY_HIGH, size)
    for n, page in enumerate(pages):
        slide = deck.slide(story.title if n == 0 else f"{story.title}（续）", story.happened, kicker=kicker)
        block(slide, LEFT, TOP, 4, BODY_HIGH, fill=NAVY)
        deck.text(slide, LEFT + 12, TOP, wide, BODY_HIGH, page, largest=size)
        deck.text(slide, LEFT + wide + 36, TOP, right, BODY_HIGH, side, largest=17, fill=PALE)


def _cause_paras(causes: list[Cause]) -> list[Para]:
    """What a level says; provisions by their headings, for their words stand on the next slide."""
    told = [Para(f"{c.heading or c.text}（{where_said(c)}）", label="· ", after=2) for c in causes]
    return told or [Para(NO_CAUSE, color=GRAY)]


def _causes(deck: Deck, story: Story, kicker: str) -> None:
    """The tree on one slide if it fits, else level by level."""
    assert story.causes is not None
    levels = story.causes.levels
    wide = BODY_WIDE - ROOT_WIDE - LEVEL_WIDE - 2 * GAP
    for size in (18, 17, 16, 15, 14, 13, SMALLEST):
        heights = [max(44.0, height_of(_cause_paras(level.causes), wide, size)) for level in levels]
        if sum(heights) + 2 * 10 <= BODY_HIGH - 26:
            _tree(deck, story, levels, heights, size, kicker)
            return
    for level in levels:
        paras = _cause_paras(level.causes)
        size = fitting(paras, wide, BODY_HIGH - 26, 18, SMALLEST) or SMALLEST
        for n, page in enumerate(pages_of(paras, wide, BODY_HIGH - 26, size)):
            part = level.model_copy(update={"label": level.label if n == 0 else level.label + "（续）"})
            high = max(60.0, height_of(page, wide, size))
            _tree(deck, story, [part], [high], size, kicker, [page])


def _tree(
    deck: Deck,
    story: Story,
    levels: list[CauseLevel],
    heights: list[float],
    size: float,
    kicker: str,
    pages: list[list[Para]] | None = None,
) -> None:
    assert story.causes is not None
    which = f"：{levels[0].label}" if len(levels) == 1 else ""
    slide = deck.slide(f"原因树{which}", story.causes.note, kicker=kicker)
    middle = TOP + (BODY_HIGH - 26) / 2
    result = [Para(story.causes.result, color="FFFFFF", after=0)]
    deck.text(slide, LEFT, middle - 90, ROOT_WIDE, 180, result, largest=15, fill=NAVY, middle=True)
    top = middle - (sum(heights) + 10 * (len(heights) - 1)) / 2
    at, body = LEFT + ROOT_WIDE + GAP, LEFT + ROOT_WIDE + LEVEL_WIDE + 2 * GAP
    for n, (level, high) in enumerate(zip(levels, heights, strict=True)):
        center = top + high / 2
        join(slide, (LEFT + ROOT_WIDE, middle), (at, center))
        join(slide, (at + LEVEL_WIDE, center), (body, center))
        fill = LEVEL_FILLS[level.level]
        label = [Para(level.label, bold=True, after=0)]
        deck.text(slide, at, center - 22, LEVEL_WIDE, 44, label, largest=15, fill=fill, middle=True)
        paras = pages[n] if pages else _cause_paras(level.causes)
        deck.text(slide, body, top, BODY_WIDE + LEFT - body, high, paras, largest=size, fill=fill, middle=True)
        top += high + 10
    deck.text(slide, LEFT, TOP + BODY_HIGH - 22, BODY_WIDE, 24, [Para(story.causes.note, color=GRAY, after=0)], largest=11)


def _rules(deck: Deck, story: Story, kicker: str) -> None:
    """What was broken and what that costs, on one slide where both are short."""
    broken = [
        Para(words_of(r)[0], label=_heading(r.citation, r.heading, r.major_hazard) + "　", after=6) for r in story.rules
    ]
    costs = [Para(words, label=citations + "　", after=6) for citations, words in penalty_lines(story.penalties)]
    parts = [(title, paras) for title, paras in ((BROKEN, broken), (COST, costs)) if paras]
    both = [para for title, paras in parts for para in (Para(title, bold=True, color=NAVY, tied=True), *paras)]
    if len(parts) == 2 and fitting(both, BODY_WIDE, BODY_HIGH, 17, 15):
        deck.flow("违反了什么，今天的代价", both, kicker=kicker, largest=20, size=15)
        return
    for title, paras in parts:
        deck.flow(title, paras, kicker=kicker, largest=17, size=13)


def _quiz(deck: Deck, quiz: Quiz) -> None:
    for q in quiz.questions:
        notes = f"答案：{'、'.join(q.answer)}\n依据：{named(q.citations)}\n解析：{q.explanation}"
        options = [Para(o.text, label=f"{o.key}　", after=8) for o in q.options] if q.kind != "judgement" else []
        tail = options or [Para("对　　　　错", color=GRAY, after=0)]
        deck.flow(f"测验 {q.number}（{KIND_LABELS[q.kind]}）", [Para(q.stem, after=14), *tail], notes, largest=22, size=13)


def _quiz_keys(deck: Deck, quiz: Quiz) -> None:
    paras = [
        para
        for q in quiz.questions
        for para in (
            Para(f"{'、'.join(q.answer)}　{named(q.citations)}", label=f"{q.number}. ", color=NAVY, after=1, tied=True),
            Para(q.explanation, scale=0.86, color=GRAY, after=8),
        )
    ]
    deck.flow("测验答案与依据", paras, largest=15, size=14)


def _site(deck: Deck, site: Simulation) -> None:
    head = [Para(site.intro, after=6), Para(site.rule, scale=0.8, color=GRAY, after=10)]
    told = [
        para
        for stop in site.stops
        for para in (
            Para(f"{stop.scene} · {stop.link}", bold=True, color=NAVY, after=2, tied=True),
            *(Para(o.text, label=f"{BOX} {o.number}. ", after=5) for o in stop.observations),
        )
    ]
    deck.flow("模拟检查：哪些是隐患？", [*head, *told, *(Para(n, scale=0.8, color=GRAY) for n in site.notices)], size=16)


def _site_keys(deck: Deck, site: Simulation) -> None:
    paras = [Para(site.scoring, scale=0.8, color=GRAY, after=8)]
    for seen in site.observations():
        paras += _judged(seen)
    deck.flow(f"模拟检查答案（隐患 {site.hazards} 处）", paras, largest=15, size=14)


def _judged(seen: Observation) -> list[Para]:
    basis = "、".join(b.citation for b in seen.basis)
    if not seen.hazard:
        return [Para(f"没有问题　{basis}", label=f"{seen.number}. ", color=GREEN, after=7)]
    mark = MAJOR_MARK if seen.severity == "major" else ""
    return [
        Para(
            f"隐患（{mark}{seen.severity_label}）：{seen.gap}　{basis}",
            label=f"{seen.number}. ",
            color=RED,
            after=1,
            tied=True,
        ),
        Para(f"检查项：{seen.ask}　整改：{seen.fix}", scale=0.86, color=GRAY, after=7),
    ]
