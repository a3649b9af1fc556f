"""Answers to a quiz → which are right, with the key, its citation and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pydantic import BaseModel

from assistant.quiz import Quiz
from assistant.quiz_question import QuizQuestion
from kg_build.errors import UsageError

KIND_LABELS = {"single": "单选题", "multiple": "多选题", "judgement": "判断题"}


class MarkedAnswer(BaseModel):
    """A question with what was answered; ``given`` is empty where it was left out."""

    question: QuizQuestion
    given: list[str]
    right: bool


class QuizResult(BaseModel):
    """A marked quiz; ``points`` of 100, each question weighing the same, a part of a multiple answer worth nothing."""

    right: int
    total: int
    points: int
    sentence: str
    answers: list[MarkedAnswer]


def mark(quiz: Quiz, given: Mapping[int, Collection[str]]) -> QuizResult:
    """Mark the answers given by number of question (option keys).

    Raise :class:`UsageError` for a question or an option that the quiz does not have.
    """
    numbers = {q.number for q in quiz.questions}
    if unknown := sorted(set(given) - numbers):
        raise UsageError(f"试卷里没有第 {'、'.join(map(str, unknown))} 题；题号是 1 到 {len(numbers)}，请改正后重新交卷。")
    answers = []
    for question in quiz.questions:
        keys = sorted(given.get(question.number, ()))
        if odd := [k for k in keys if k not in {o.key for o in question.options}]:
            raise UsageError(f"第 {question.number} 题没有选项 {'、'.join(odd)}；请从所列选项中选择。")
        answers.append(MarkedAnswer(question=question, given=keys, right=keys == sorted(question.answer)))
    right, total = sum(a.right for a in answers), len(answers)
    left = sum(not a.given for a in answers)
    points = round(100 * right / total)
    missing = f"（{left} 题没有作答）" if left else ""
    sentence = f"共 {total} 题，答对 {right} 题，答错 {total - right} 题{missing}，得 {points} 分。"
    return QuizResult(right=right, total=total, points=points, sentence=sentence, answers=answers)
