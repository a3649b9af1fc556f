"""Quiz → Word file to print: without keys for trainees, or with the key and its article after each question."""

from __future__ import annotations

from pathlib import Path

from docx.document import Document

from assistant.documents.handout import (
    ALARM,
    GRAY,
    NOT_A_DECISION,
    SMALL,
    add_title,
    chinese_day,
    grounds,
    new_handout,
    save,
    say,
)
from assistant.quiz import Quiz
from assistant.quiz_marking import KIND_LABELS
from assistant.quiz_question import QuizQuestion

# No-break spaces: the bracket to answer in stays whole at the end of a line.
BLANK = "（\u00a0\u00a0\u00a0\u00a0）"
HOW = "单选题选一个，多选题选出全部正确的选项（少选、多选、错选不得分），判断题写“对”或“错”。每题分值相同。"


def write_quiz(quiz: Quiz, path: Path, *, keys: bool = False) -> None:
    """Write the quiz; what stood at ``path`` is replaced only when the new file is complete."""
    title = f"“{quiz.topic}”安全知识测验" + ("（答案版）" if keys else "")
    law = f"按{chinese_day(quiz.as_of)}的法律" if quiz.as_of else "按未废止的规定"
    day = quiz.as_of
    assert day is not None
    document = new_handout(title, title, day)
    add_title(document, title, f"共 {len(quiz.questions)} 题　{law}出题　试卷编号 {quiz.seed}")
    if not keys:
        say(
            document,
            "姓名：＿＿＿＿＿＿　　班组：＿＿＿＿＿＿＿＿　　日期：＿＿＿＿＿＿＿　　得分：＿＿＿＿",
        )
    say(document, HOW, style=SMALL, color=GRAY)
    for notice in quiz.notices:
        say(document, notice, style=SMALL, color=ALARM)
    for question in quiz.questions:
        add_question(document, question, keys=keys)
    if keys:
        add_key_table(document, quiz)
    say(document, NOT_A_DECISION, style=SMALL, color=GRAY)
    save(document, path)


def add_question(document: Document, question: QuizQuestion, *, keys: bool) -> None:
    """A question with its options, and with ``keys`` its answer, its article and why."""
    head = f"{question.number}.（{KIND_LABELS[question.kind]}）"
    last = len(question.options) - 1
    if question.kind == "judgement":
        say(document, f"{question.stem}　{BLANK}", label=head, keep=keys)
    else:
        say(document, f"{question.stem}　{BLANK}", label=head, keep=True)
        for n, option in enumerate(question.options):
            say(document, f"{option.key}. {option.text}", indent_mm=7, keep=n < last or keys)
    if keys:
        say(document, "、".join(question.answer), label="答案：", indent_mm=7, color=ALARM, keep=True)
        grounds(document, question.citations, indent_mm=7)
        say(document, question.explanation, label="解析：", style=SMALL, color=GRAY, indent_mm=7)


def add_key_table(document: Document, quiz: Quiz) -> None:
    """All keys in one place, for marking."""
    document.add_heading("答案一览", 1)
    say(document, "　".join(f"{q.number}. {''.join(q.answer)}" for q in quiz.questions))
