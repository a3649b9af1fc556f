"""Learns how evidence is weighed, from the development sets alone: ``uv run python -m bench.learn [--write]``.

For each kind of entry a linear score is fitted so that what is right stands before the rest (softmax over all entries, with
a penalty on large weights). Printed: the measures with the weights of each fold tried on scenes it has not seen.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.answerable import SIGNS
from assistant.features import COLUMN, NAMES, Features
from assistant.question import understand
from assistant.ranking import WEIGHTS, Ranking, without_vectors
from assistant.search import Searcher
from assistant.service import Assistant
from bench.cases import alike
from bench.labelled import DAY, questions, read_lines
from bench.setup import data_folder

Table = NDArray[np.float32]
FOLDS = 5
PENALTY = 0.03
CONTENDERS = 80
OUTSIDE_EACH = 4


@dataclass(frozen=True)
class Lesson:
    """One question: the evidence for each candidate, which are right and which count neither way."""

    scene: str
    table: Table
    right: NDArray[np.bool_]
    aside: NDArray[np.bool_]


def fit(lessons: Sequence[Lesson], scale: Table, used: NDArray[np.bool_], penalty: float) -> Table:
    """Weights of the columns ``used``."""
    columns = np.flatnonzero(used)
    tables = [(x.table[~x.aside] / scale)[:, columns].astype(np.float64) for x in lessons]
    rights = [x.right[~x.aside] for x in lessons]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, gradient = penalty * float(weights @ weights), 2 * penalty * weights
        for table, right in zip(tables, rights, strict=True):
            scores = table @ weights
            scores -= scores.max()
            all_, good = np.exp(scores), np.where(right, np.exp(scores), 0)
            total += (np.log(all_.sum()) - np.log(good.sum() + 1e-300)) / len(tables)
            gradient += table.T @ (all_ / all_.sum() - good / (good.sum() + 1e-300)) / len(tables)
        return total, gradient

    found = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    weights = np.zeros(len(scale), np.float32)
    weights[columns] = found.x
    return weights / scale


def scale_of(lessons: Sequence[Lesson]) -> Table:
    """How much each column varies, so that a penalty on weights treats all alike; 1 where it hardly does."""
    spread = np.concatenate([x.table for x in lessons]).std(axis=0)
    return np.where(spread > 1e-4, spread, np.float32(1)).astype(np.float32)


def ranks(lessons: Sequence[Lesson], weights: Sequence[Table]) -> list[int]:
    """The place of the first right one for each lesson."""
    places = []
    for lesson, mine in zip(lessons, weights, strict=True):
        scores = lesson.table @ mine
        best = scores[lesson.right].max()
        places.append(1 + int((scores > best).sum()))
    return places


def across(lessons: Sequence[Lesson], scale: Table, used: NDArray[np.bool_], penalty: float) -> list[int]:
    """Places with weights learned from other scenes."""
    scenes = sorted({x.scene for x in lessons})
    folds = [[x for x in lessons if scenes.index(x.scene) % FOLDS != f] for f in range(FOLDS)]
    learned = [fit(kept, scale, used, penalty) for kept in folds]
    return ranks(lessons, [learned[scenes.index(x.scene) % FOLDS] for x in lessons])


def told(places: Sequence[int]) -> str:
    """hit@1, hit@5 and MRR in words."""
    array = np.array(places)
    return f"hit@1 {np.mean(array == 1):.3f}  hit@5 {np.mean(array <= 5):.3f}  MRR {np.mean(1 / array):.3f}"


def provision_lessons(
    assistant: Assistant, features: Features, day: datetime.date, split: str, *, vectors: bool = True
) -> list[Lesson]:
    """What articles to put first for the questions of a set, with the evidence that vectors give or without."""
    knowledge = assistant.knowledge
    ids = np.array([i for i, _ in knowledge.entries])
    mine = np.array([k == "provision" for _, k in knowledge.entries]) & features.lawful(day)
    found = []
    for question in questions(split):
        right = np.isin(ids[mine], list(question.right))
        if right.any():
            asked = understand(question.q, knowledge, assistant.reader.tagger)
            aside = np.isin(ids[mine], list(question.partly)) & ~right
            table = features.evidence(asked, day, vectors=vectors).table[mine]
            kept = _contenders(table) | right
            found.append(Lesson(question.scene, table[kept], right[kept], aside[kept]))
    return found


def _contenders(table: Table) -> NDArray[np.bool_]:
    """The candidates that some evidence puts among the first: the rest teach nothing and cost time."""
    kept = np.zeros(len(table), dtype=bool)
    for name in ("words_told", "words_said", "near_told", "near_said", "check_near", "punishes_asked"):
        kept[np.argsort(-table[:, COLUMN[name]])[:CONTENDERS]] = True
    return kept


def check_lessons(assistant: Assistant, features: Features, day: datetime.date, *, vectors: bool) -> list[Lesson]:
    """What checks to put first: those that rest on a right article."""
    knowledge = assistant.knowledge
    mine = np.array([k == "check" for _, k in knowledge.entries])
    checks = [knowledge.checks[i] for i, k in knowledge.entries if k == "check"]
    entries = [[e for e in map(features.entry_of, c.basis) if e is not None] for c in checks]
    grounds = [{knowledge.entries[e][0] for e in found} for found in entries]
    lessons = []
    for question in questions("dev"):
        right = np.array([bool(g & question.right) for g in grounds])
        if right.any():
            aside = np.array([bool(g & question.partly) for g in grounds]) & ~right
            asked = understand(question.q, knowledge, assistant.reader.tagger)
            table = features.evidence(asked, day, vectors=vectors).table
            kept = _contenders(table[mine]) | right
            lessons.append(Lesson(question.scene, table[mine][kept], right[kept], aside[kept]))
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


def answerable(assistant: Assistant, day: datetime.date, weights: dict[str, Any]) -> dict[str, Any]:
    """A logistic judgment of whether a question can be answered; prints how it does on questions it has not seen.

    Learned from the development questions and from how people ask for what the corpus does not hold, each of these without
    its own row among the outside subjects.
    """
    knowledge = assistant.knowledge
    searcher = Searcher(knowledge, assistant.reader.tagger, Ranking(weights))
    asked = [(q.q, not q.unanswerable) for q in questions("dev")]
    known = len(asked)
    outside = [n for n, (_, kind) in enumerate(knowledge.entries) if kind == "outside"]
    asked += [(said, False) for n in outside for said in knowledge.says[n][:OUTSIDE_EACH]]
    table = np.array([searcher.signs(searcher.rank(text, day), without=text) for text, _ in asked])
    right = np.array([answer for _, answer in asked])
    scale = table.std(axis=0) + 1e-6
    unseen = np.zeros(len(right))
    for fold in range(FOLDS):
        away = np.arange(len(right)) % FOLDS == fold
        weights_, bias = _logistic(table[~away] / scale, right[~away], known)
        unseen[away] = 1 / (1 + np.exp((table[away] / scale) @ weights_ + bias))
    mine, good = unseen[:known], right[:known]
    for limit in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        refused, wrongly = np.mean(mine[~good] >= limit), np.mean(mine[good] >= limit)
        print(f"doubt >= {limit}: refused {refused:.3f}, wrongly {wrongly:.3f}")
    # To refuse what has an answer is worse than to show the nearest for what has none: no answerable question of the
    # development set is refused by weights that have not seen it.
    limit = max(0.5, float(mine[good].max()) + 0.005)
    weights_, bias = _logistic(table / scale, right, known)
    named = {n: round(float(w), 4) for n, w in zip(SIGNS, weights_ / scale, strict=True)}
    return {"weights": named, "bias": round(bias, 4), "limit": round(limit, 3)}


def _logistic(table: Table, right: NDArray[np.bool_], known: int, penalty: float = 0.003) -> tuple[Table, float]:
    """Weights and bias; what can't be answered weighs as much as what can, half of it the labelled questions."""
    labelled = np.arange(len(right)) < min(known, len(right))
    share = np.zeros(len(right))
    for group, whole in ((right, 0.5), (~right & labelled, 0.25), (~right & ~labelled, 0.25)):
        share[group] = whole / max(int(group.sum()), 1)

    def loss(weights: NDArray[np.float64]) -> float:
        margin = np.where(right, 1, -1) * (table @ weights[:-1] + weights[-1])
        return float(np.sum(share * np.logaddexp(0, -margin)) + penalty * weights[:-1] @ weights[:-1])

    # Each sign may only count the way it is meant: nearness for an answer, outside subjects against.
    bounds = [(None, 0.0) if name.startswith("outside") else (0.0, None) for name in SIGNS]
    found = minimize(loss, np.zeros(table.shape[1] + 1), method="L-BFGS-B", bounds=[*bounds, (None, None)]).x
    return found[:-1].astype(np.float32), float(found[-1])


def main() -> None:
    """Learn, print, and with ``--write`` keep the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--penalty", type=float, default=PENALTY)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    kept: dict[str, Any] = {}
    day = datetime.date.fromisoformat(DAY)
    with data_folder(options.data) as data:
        assistant = Assistant(data)
        features = assistant.reader.searcher.features
        for name, used in (("vectors", np.ones(len(NAMES), bool)), ("words", without_vectors())):
            kept[name] = {}
            vectors = name == "vectors"
            lessons = {
                "provision": provision_lessons(assistant, features, day, "dev", vectors=vectors),
                "check": check_lessons(assistant, features, day, vectors=vectors),
                "case": case_lessons(assistant, features, day, vectors=vectors),
            }
            for kind, mine in lessons.items():
                scale = scale_of(mine)
                print(f"{name:8} {kind:10} {len(mine):4}  {told(across(mine, scale, used, options.penalty))}")
                weights = fit(mine, scale, used, options.penalty)
                kept[name][kind] = {n: round(float(w), 4) for n, w in zip(NAMES, weights, strict=True) if abs(w) > 1e-4}
        kept["answerable"] = answerable(assistant, day, {way: kept[way] for way in ("vectors", "words")})
    if options.write:
        WEIGHTS.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
