"""Lesson pack → Word file: objectives, case stories, rules, checks, discussion, quiz, simulated inspection, and the keys."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document
from docx.enum.text import WD_BREAK

from assistant.documents import word
from assistant.documents.common import BOX, MAJOR_MARK
from assistant.documents.handout import (
    ALARM,
    GRAY,
    LABEL_FILL,
    NOT_A_DECISION,
    PAGE_MM,
    SMALL,
    add_rows,
    add_title,
    chinese_day,
    grounds,
    new_handout,
    put,
    save,
    say,
)
from assistant.documents.lesson_text import one_line, penalty_lines, source_line, where_said
from assistant.documents.quiz_docx import add_question
from assistant.models import CheckOut, ProvisionOut, words_of
from assistant.quiz import Quiz
from assistant.simulation import Simulation
from assistant.stories import NO_CAUSE, Story
from assistant.training import LessonPack

NUMBERS = "一二三四五六七八九十"


def write_lesson(pack: LessonPack, path: Path) -> None:
    """Write the pack as a Word file; what stood at ``path`` is replaced only when the new file is complete."""
    title = f"“{pack.topic}”安全培训教案"
    document = new_handout(title, f"{title}（{pack.audience}）", pack.as_of)
    add_title(document, title, f"培训对象：{pack.audience}　按{chinese_day(pack.as_of)}的法律编制　教案编号 {pack.seed}")
    for notice in pack.notices:
        say(document, notice, label="提示：", style=SMALL, color=ALARM)
    number = iter(NUMBERS)
    document.add_heading(f"{next(number)}、学习目标", 1)
    for n, objective in enumerate(pack.objectives, 1):
        say(document, objective.text, label=f"{n}. ", keep=True)
        grounds(document, objective.citations, indent_mm=5)
    document.add_heading(f"{next(number)}、案例（{len(pack.stories)} 个）", 1)
    for n, story in enumerate(pack.stories, 1):
        _story(document, n, story)
    if pack.rules:
        document.add_heading(f"{next(number)}、这些案例涉及的规定（{len(pack.rules)} 条）", 1)
        add_rows(document, (("条款", 52), ("要点或原文", PAGE_MM - 52)), map(_rule, pack.rules), center_first=False)
    if pack.checks:
        document.add_heading(f"{next(number)}、回到现场查什么", 1)
        columns = (("序号", 12.0), ("检查内容", 56.0), ("怎么查、怎么改", 62.0), ("依据", PAGE_MM - 130))
        add_rows(document, columns, (_check(n, c) for n, c in enumerate(pack.checks, 1)))
    if pack.discussion:
        document.add_heading(f"{next(number)}、讨论题", 1)
        for n, discussion in enumerate(pack.discussion, 1):
            say(document, discussion.question, label=f"{n}. ", keep=True)
            say(document, discussion.hint, label="参考：", style=SMALL, indent_mm=5, color=GRAY, keep=True)
            grounds(document, discussion.citations, indent_mm=5)
    if pack.quiz:
        document.add_heading(f"{next(number)}、测验（{len(pack.quiz.questions)} 题）", 1)
        for question in pack.quiz.questions:
            add_question(document, question, keys=False)
    if pack.simulation:
        document.add_heading(f"{next(number)}、模拟检查", 1)
        _site(document, pack.simulation)
    _keys(document, pack.quiz, pack.simulation)
    say(document, NOT_A_DECISION, style=SMALL, color=GRAY)
    save(document, path)


def _story(document: Document, number: int, story: Story) -> None:
    document.add_heading(f"案例{number}　{story.title}", 2)
    say(document, f"{story.type_label}　{story.setting}", style=SMALL, color=GRAY, keep=True)
    document.add_heading("事情经过", 3)
    say(document, story.timeline.note, style=SMALL, color=GRAY, keep=True)
    if story.timeline.timed:
        rows = [(str(n), e.when, e.what) for n, e in enumerate(story.timeline.events, 1)]
        add_rows(document, (("序", 10.0), ("时间", 34.0), ("经过", PAGE_MM - 44)), rows)
    else:
        steps = [(str(n), e.what) for n, e in enumerate(story.timeline.events, 1)]
        add_rows(document, (("序", 10.0), ("经过", PAGE_MM - 10)), steps)
    if story.causes:
        document.add_heading("原因树", 3)
        say(document, story.causes.note, style=SMALL, color=GRAY, keep=True)
        _causes(document, story)
    document.add_heading("违反的规定（按今天的条文）", 3)
    for rule in story.rules:
        words, which = words_of(rule)
        say(document, f"〔{which}〕{one_line(words)}", label=f"{rule.citation}　", style=SMALL)
    if not story.rules:
        say(document, "公布的材料没有写明，也没有能对照的现行条款。", style=SMALL)
    if story.penalties:
        document.add_heading("今天的代价", 3)
        for citations, words in penalty_lines(story.penalties):
            say(document, words, label=f"{citations}　", style=SMALL)
    say(document, story.lesson, label="教训：")
    say(document, source_line(story), style=SMALL, color=GRAY)


def _causes(document: Document, story: Story) -> None:
    assert story.causes is not None
    table = word.add_table(document, (24, PAGE_MM - 24), 0)
    head = word.add_row(table)
    cell = head.cells[0].merge(head.cells[1])
    put(cell, story.causes.result, bold=True, center=True)
    word.shade(cell, LABEL_FILL)
    word.keep_with_next(head)
    for level in story.causes.levels:
        row = word.add_row(table)
        put(row.cells[0], level.label, bold=True, center=True)
        word.shade(row.cells[0], LABEL_FILL)
        causes = [f"· {c.text}（{where_said(c)}）" for c in level.causes]
        put(row.cells[1], "\n".join(causes) or NO_CAUSE)


def _site(document: Document, site: Simulation) -> None:
    say(document, site.intro)
    say(document, site.rule, style=SMALL, color=GRAY)
    for notice in site.notices:
        say(document, notice, style=SMALL, color=ALARM)
    for stop in site.stops:
        say(document, f"{stop.scene} · {stop.link}", bold=True, keep=True)
        for seen in stop.observations:
            say(document, f"{BOX} {seen.number}. {seen.text}", indent_mm=5)


def _keys(document: Document, quiz: Quiz | None, site: Simulation | None) -> None:
    """The keys, on pages of their own that the trainer keeps back."""
    if not quiz and not site:
        return
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    document.add_heading("附：答案与解析（讲师用）", 1)
    if quiz:
        document.add_heading("测验", 2)
        for question in quiz.questions:
            say(document, "、".join(question.answer), label=f"{question.number}. 答案：", keep=True)
            grounds(document, question.citations, indent_mm=5)
            say(document, question.explanation, label="解析：", style=SMALL, color=GRAY, indent_mm=5)
    if site:
        document.add_heading(f"模拟检查（隐患 {site.hazards} 处）", 2)
        say(document, site.scoring, style=SMALL, color=GRAY)
        columns = (("编号", 12.0), ("判定", 24.0), ("问题与改法", 70.0), ("依据", PAGE_MM - 106))
        rows = []
        for seen in site.observations():
            mark = MAJOR_MARK if seen.severity == "major" else ""
            verdict = f"隐患\n{mark}{seen.severity_label}" if seen.hazard else "没有问题"
            told = f"{seen.gap}。\n检查项：{seen.ask}\n整改：{seen.fix}" if seen.hazard else f"检查项：{seen.ask}"
            rows.append((str(seen.number), verdict, told, "\n".join(b.citation for b in seen.basis)))
        add_rows(document, columns, rows)


def _rule(rule: ProvisionOut) -> tuple[str, str]:
    words, which = words_of(rule)
    marked = MAJOR_MARK if rule.major_hazard else ""
    heading = f"\n{rule.heading}" if rule.heading else ""
    note = f"\n注：{rule.note}" if rule.note else ""
    return f"{marked}{rule.citation}{heading}", f"〔{which}〕{words}{note}"


def _check(number: int, check: CheckOut) -> tuple[str, str, str, str]:
    mark = f"{MAJOR_MARK}重大事故隐患\n" if check.severity == "major" else ""
    ways = "；".join(check.how)
    return str(number), mark + check.ask, f"查：{ways}\n改：{check.fix}", "\n".join(b.citation for b in check.basis)
