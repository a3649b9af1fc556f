"""Labelled questions and situations as lessons: the evidence for each candidate, and which are right."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.features import COLUMN
from assistant.question import understand
from assistant.service import Assistant
from bench.cases import alike
from bench.fitting import Lesson, Table
from bench.labelled import Labelled, read_lines

CONTENDERS = 30
LEADING = (
    "words_told",
    "words_said",
    "grams_told",
    "near_told",
    "near_said",
    "near_said_second",
    "check_near",
    "punishes_asked",
)


class Teacher:
    """Gives the evidence for questions on one snapshot."""

    def __init__(self, assistant: Assistant, day: datetime.date) -> None:
        self.knowledge = assistant.knowledge
        self.features = assistant.reader.searcher.features
        self.day = day
        self.tagger = assistant.reader.tagger

    def table(self, text: str, *, vectors: bool = True) -> Table:
        """The evidence for a question."""
        return self.features.evidence(understand(text, self.knowledge, self.tagger), self.day, vectors=vectors).table


def provision_lessons(teacher: Teacher, asked: Sequence[Labelled], *, vectors: bool = True) -> list[Lesson]:
    """What articles to put first for some questions, with the evidence that vectors give or without."""
    ids = np.array([i for i, _ in teacher.knowledge.entries])
    mine = np.array([k == "provision" for _, k in teacher.knowledge.entries]) & teacher.features.lawful(teacher.day)
    found = []
    for question in asked:
        right = np.isin(ids[mine], list(question.right))
        if right.any():
            helps = np.isin(ids[mine], list(question.partly)) & ~right
            table = teacher.table(question.q, vectors=vectors)[mine]
            kept = _contenders(table) | right
            found.append(Lesson(question.scene, table[kept], right[kept], helps[kept]))
    return found


def _contenders(table: Table) -> NDArray[np.bool_]:
    """The candidates that some evidence puts among the first: the rest teach nothing and cost time."""
    kept = np.zeros(len(table), dtype=bool)
    for name in LEADING:
        kept[np.argsort(-table[:, COLUMN[name]])[:CONTENDERS]] = True
    both = table[:, COLUMN["near_told"]] + table[:, COLUMN["near_said"]]
    kept[np.argsort(-both)[:CONTENDERS]] = True
    return kept


def check_lessons(teacher: Teacher, asked: Sequence[Labelled], *, vectors: bool) -> list[Lesson]:
    """What checks to put first: those that rest on a right article."""
    knowledge = teacher.knowledge
    mine = np.array([k == "check" for _, k in knowledge.entries])
    checks = [knowledge.checks[i] for i, k in knowledge.entries if k == "check"]
    entries = [[e for e in map(teacher.features.entry_of, c.basis) if e is not None] for c in checks]
    grounds = [{knowledge.entries[e][0] for e in found} for found in entries]
    lessons = []
    for question in asked:
        right = np.array([bool(g & question.right) for g in grounds])
        if right.any():
            helps = np.array([bool(g & question.partly) for g in grounds]) & ~right
            table = teacher.table(question.q, vectors=vectors)[mine]
            kept = _contenders(table) | right
            lessons.append(Lesson(question.scene, table[kept], right[kept], helps[kept]))
    return lessons


def case_lessons(teacher: Teacher, *, vectors: bool) -> list[Lesson]:
    """What cases to put first: those like the one that a situation retells."""
    knowledge = teacher.knowledge
    mine = np.array([k == "case" for _, k in knowledge.entries])
    cases = [knowledge.cases[i] for i, k in knowledge.entries if k == "case"]
    lessons = []
    for row in read_lines("situations.jsonl"):
        if row["split"] == "dev":
            own = knowledge.cases[row["case"]]
            right = np.array([c.id == own.id or alike(own, c, knowledge) for c in cases])
            table = teacher.table(row["q"], vectors=vectors)[mine]
            lessons.append(Lesson((row["scenes"] or [""])[0], table, right, np.zeros_like(right)))
    return lessons
