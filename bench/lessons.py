"""Labelled questions and situations as lessons: the evidence for each candidate, and which are right."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.features import COLUMN, Features
from assistant.question import understand
from assistant.service import Assistant
from bench.cases import alike
from bench.fitting import Lesson, Table
from bench.labelled import questions, read_lines

CONTENDERS = 50
LEADING = ("words_told", "words_said", "near_told", "near_said", "near_said_second", "check_near", "punishes_asked")


def provision_lessons(
    assistant: Assistant, features: Features, day: datetime.date, splits: Sequence[str], *, vectors: bool = True
) -> list[Lesson]:
    """What articles to put first for the questions of some sets, with the evidence that vectors give or without."""
    knowledge = assistant.knowledge
    ids = np.array([i for i, _ in knowledge.entries])
    mine = np.array([k == "provision" for _, k in knowledge.entries]) & features.lawful(day)
    found = []
    for question in (q for split in splits for q in questions(split)):
        right = np.isin(ids[mine], list(question.right))
        if right.any():
            asked = understand(question.q, knowledge, assistant.reader.tagger)
            helps = np.isin(ids[mine], list(question.partly)) & ~right
            table = features.evidence(asked, day, vectors=vectors).table[mine]
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


def check_lessons(
    assistant: Assistant, features: Features, day: datetime.date, splits: Sequence[str], *, vectors: bool
) -> list[Lesson]:
    """What checks to put first: those that rest on a right article."""
    knowledge = assistant.knowledge
    mine = np.array([k == "check" for _, k in knowledge.entries])
    checks = [knowledge.checks[i] for i, k in knowledge.entries if k == "check"]
    entries = [[e for e in map(features.entry_of, c.basis) if e is not None] for c in checks]
    grounds = [{knowledge.entries[e][0] for e in found} for found in entries]
    lessons = []
    for question in (q for split in splits for q in questions(split)):
        right = np.array([bool(g & question.right) for g in grounds])
        if right.any():
            helps = np.array([bool(g & question.partly) for g in grounds]) & ~right
            asked = understand(question.q, knowledge, assistant.reader.tagger)
            table = features.evidence(asked, day, vectors=vectors).table
            kept = _contenders(table[mine]) | right
            lessons.append(Lesson(question.scene, table[mine][kept], right[kept], helps[kept]))
    return lessons


def case_lessons(assistant: Assistant, features: Features, day: datetime.date, *, vectors: bool) -> list[Lesson]:
    """What cases to put first: those like the one that a situation retells."""
    knowledge = assistant.knowledge
    mine = np.array([k == "case" for _, k in knowledge.entries])
    cases = [knowledge.cases[i] for i, k in knowledge.entries if k == "case"]
    lessons = []
    for row in read_lines("situations.jsonl"):
        if row["split"] == "dev":
            own = knowledge.cases[row["case"]]
            right = np.array([c.id == own.id or alike(own, c, knowledge) for c in cases])
            asked = understand(row["q"], knowledge, assistant.reader.tagger)
            table = features.evidence(asked, day, vectors=vectors).table
            lessons.append(Lesson((row["scenes"] or [""])[0], table[mine], right, np.zeros_like(right)))
    return lessons
