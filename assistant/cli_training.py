"""Subcommands for trainers: a lesson pack and a quiz, on the screen or as Word and PowerPoint files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.command_line import AsOfOption, DataOption, JsonOption, app, emit, open_assistant, out, write_file
from assistant.quiz import Quiz
from assistant.quiz_marking import KIND_LABELS
from assistant.training import LessonPack

SeedOption = Annotated[int, typer.Option("--seed", help="编号；主题、对象、编号相同，内容就相同。")]


@app.command()
def lesson(
    topic: Annotated[str, typer.Argument(help="培训主题，如 粉尘涉爆、有限空间、动火作业。")],
    audience: Annotated[str, typer.Option("--audience", help="培训对象，如 班组长、主要负责人。")] = "从业人员",
    cases: Annotated[int, typer.Option("--cases", help="放几个案例，3 到 6。")] = 5,
    questions: Annotated[int, typer.Option("--questions", help="测验出几题。")] = 10,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    docx: Annotated[Path | None, typer.Option("--docx", help="写出 Word 教案。")] = None,
    pptx: Annotated[Path | None, typer.Option("--pptx", help="写出幻灯片。")] = None,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """备课：目标、案例（经过和原因树）、违反的规定、讨论题、测验和模拟检查，每条都有依据。"""
    pack = open_assistant(data).lesson(topic, audience, as_of, seed=seed, cases=cases, questions=questions)
    written: list[Path] = []
    if docx:
        from assistant.documents.lesson_docx import write_lesson

        written.append(write_file(docx, lambda path: write_lesson(pack, path)))
    if pptx:
        from assistant.documents.lesson_pptx import write_slides

        written.append(write_file(pptx, lambda path: write_slides(pack, path)))
    if as_json:
        emit(pack)
    elif written:
        for path in written:
            out.print(f"已写出 {path}（{len(pack.stories)} 个案例，{len(pack.rules)} 条规定）。", markup=False)
    else:
        _show_lesson(pack)


@app.command()
def quiz(
    topic: Annotated[str, typer.Argument(help="出题主题，如 有限空间。")],
    count: Annotated[int, typer.Option("--count", help="出几题，1 到 200。")] = 20,
    seed: SeedOption = 0,
    as_of: AsOfOption = None,
    docx: Annotated[Path | None, typer.Option("--docx", help="写出可打印的 Word 试卷。")] = None,
    keys: Annotated[bool, typer.Option("--keys", help="带答案，每题注明依据的条款和解析。")] = False,
    as_json: JsonOption = False,
    data: DataOption = None,
) -> None:
    """出题：单选、多选、判断，每个答案都注明条款，题目互不重复。"""
    asked = open_assistant(data).quiz(topic, count, as_of, seed=seed)
    if docx:
        from assistant.documents.quiz_docx import write_quiz

        write_file(docx, lambda path: write_quiz(asked, path, keys=keys))
    if as_json:
        emit(asked)
    elif docx:
        out.print(f"已写出 {docx}（{len(asked.questions)} 题{'，带答案' if keys else ''}）。", markup=False)
    else:
        _show_quiz(asked, keys)


def _say(text: str) -> None:
    out.print(text, markup=False, highlight=False)


def _show_lesson(pack: LessonPack) -> None:
    for notice in pack.notices:
        _say(f"提示：{notice}")
    _say(f"“{pack.topic}”培训（{pack.audience}，按 {pack.as_of} 的法律）\n\n学习目标")
    for n, objective in enumerate(pack.objectives, 1):
        _say(f"{n}. {objective.text}（{'、'.join(c.citation for c in objective.citations)}）")
    for n, story in enumerate(pack.stories, 1):
        _say(f"\n案例{n} {story.title}（{story.setting}）")
        for event in story.timeline.events:
            _say(f"  → {event.when + '　' if event.when else ''}{event.what}")
        for level in story.causes.levels if story.causes else ():
            for cause in level.causes:
                cited = "、".join(c.citation for c in cause.citations)
                _say(f"  {level.label}：{cause.text}（{cause.source_label}{'：' + cited if cited else ''}）")
        _say(f"  教训：{story.lesson}")
    _say("\n讨论题")
    for n, discussion in enumerate(pack.discussion, 1):
        _say(f"{n}. {discussion.question}")
    if pack.quiz:
        _say(f"\n测验 {len(pack.quiz.questions)} 题")
        _show_quiz(pack.quiz, keys=False)
    if pack.simulation:
        _say(f"\n模拟检查：{pack.simulation.intro}{pack.simulation.rule}")
        for seen in pack.simulation.observations():
            _say(f"  {seen.number}. {seen.text}")


def _show_quiz(asked: Quiz, keys: bool) -> None:
    for notice in asked.notices:
        _say(f"提示：{notice}")
    for question in asked.questions:
        _say(f"{question.number}.（{KIND_LABELS[question.kind]}）{question.stem}")
        if question.kind != "judgement":
            for option in question.options:
                _say(f"   {option.key}. {option.text}")
        if keys:
            cited = "、".join(c.citation for c in question.citations)
            _say(f"   答案：{'、'.join(question.answer)}（{cited}）{question.explanation}")
