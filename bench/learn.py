"""Learns how evidence is weighed, from the train, free and dev sets alone: ``uv run python -m bench.learn [--write]``.

For provisions, checks and cases weights are fitted that put what is right before the rest; from how people ask for each
provision it is learned what kind of provision a question asks for. Printed with ``--unseen``: the measures on
scenes that the weights of each fold have not seen.
"""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from assistant import learned
from assistant.answerable import AGAINST, SIGNS, nearest_outside
from assistant.asked import KINDS
from assistant.features import NAMES, Features
from assistant.ranking import Ranking, Weights, without_vectors
from assistant.service import Assistant
from bench.fitting import FOLDS, Lesson, Table, across, average, fit, fold_of, told
from bench.labelled import DAY, questions, taught
from bench.lessons import Teacher, case_lessons, check_lessons, provision_lessons
from bench.setup import data_folder

WRONGLY = {"far": 0.01, "gap": 0.025}
"""What share of the answerable development and free questions may be refused for a subject far from here, and for a gap
within it.

A gap stands close to what is written: the same question may well ask for both. (Training questions were put so as to have
answers, so they don't count.)
"""
LEAST = 0.5
"""Below this doubt nothing is refused."""
CAUTION = 0.01
"""How much large weights are punished where it is judged whether a question can be answered."""
EVERY = 2
"""Of the sayings every second one is enough to learn what kind is asked for."""


def asked(assistant: Assistant, features: Features) -> dict[str, Any]:
    """For each kind of provision a logistic judgment of whether a question asks for one, from how people ask for them."""
    knowledge = assistant.knowledge
    if knowledge.dense is None or knowledge.encoder is None:
        raise SystemExit("the snapshot has no vectors")
    vectors, owners = knowledge.dense.says
    mine = np.array([k == "provision" for _, k in knowledge.entries])[owners]
    vectors, owners = vectors[mine][::EVERY], owners[mine][::EVERY]
    fitted = [LogisticRegression(C=3.0, max_iter=200).fit(vectors, y) for y in features.is_kind[owners].T]
    return {
        "encoder": knowledge.encoder.name,
        "kinds": list(KINDS),
        "weights": [[round(float(w), 3) for w in f.coef_[0]] for f in fitted],
        "bias": [round(float(f.intercept_[0]), 3) for f in fitted],
    }


def answerable(assistant: Assistant, day: datetime.date, kept: dict[str, Any]) -> dict[str, Any]:
    """A logistic judgment of whether a question can be answered; prints how it does on scenes it has not seen."""
    searcher = assistant.reader.searcher
    searcher.ranking = Ranking.read(kept)
    labelled = taught()
    ranked = [searcher.rank(q.q, day) for q in labelled]
    table = np.array([searcher.signs(r) for r in ranked])
    nearest = np.array([nearest_outside(r.evidence, searcher.kinds) for r in ranked])
    right = np.array([not q.unanswerable for q in labelled])
    scale = table.std(axis=0) + 1e-6
    unseen = np.zeros(len(right))
    folds = np.array(fold_of([q.scene for q in labelled]))
    for fold in range(FOLDS):
        away = folds == fold
        weights_, bias = _logistic(table[~away] / scale, right[~away])
        unseen[away] = 1 / (1 + np.exp((table[away] / scale) @ weights_ + bias))
    counting = {*questions("dev"), *questions("free")}
    counts = np.array([q in counting for q in labelled])
    limits, over = {}, np.zeros(len(right), bool)
    for kind, group in (("far", searcher.far[nearest]), ("gap", ~searcher.far[nearest])):
        highest = np.sort(unseen[right & counts & group])[::-1]
        limits[kind] = round(max(LEAST, float(highest[int(WRONGLY[kind] * sum(right & counts))]) + 0.0005), 3)
        over |= group & (unseen >= limits[kind])
    for name, mine in (("all", np.ones(len(right), bool)), ("dev and free", counts)):
        print(
            f"{name}: refused {np.mean(over[mine & ~right]):.3f}, wrongly {np.mean(over[mine & right]):.4f}; limits {limits}"
        )
    weights_, bias = _logistic(table / scale, right)
    named = {n: round(float(w), 4) for n, w in zip(SIGNS, weights_ / scale, strict=True)}
    return {"weights": named, "bias": round(bias, 4), "limit": limits}


def _logistic(table: Table, right: NDArray[np.bool_]) -> tuple[Table, float]:
    """Weights and bias; what can't be answered weighs as much together as what can."""
    share = np.where(right, 0.5 / right.sum(), 0.5 / (~right).sum())

    def loss(weights: NDArray[np.float64]) -> float:
        margin = np.where(right, 1, -1) * (table @ weights[:-1] + weights[-1])
        return float(np.sum(share * np.logaddexp(0, -margin)) + CAUTION * weights[:-1] @ weights[:-1])

    # Each sign may only count the way it is meant: nearness for an answer, outside subjects against.
    bounds = [(None, 0.0) if name.startswith(AGAINST) else (0.0, None) for name in SIGNS]
    found = minimize(loss, np.zeros(table.shape[1] + 1), method="L-BFGS-B", bounds=[*bounds, (None, None)]).x
    return found[:-1].astype(np.float32), float(found[-1])


def weights(teacher: Teacher, *, measure: bool) -> dict[str, dict[str, Weights]]:
    """For searching with vectors and without: weights for each kind of entry; with ``measure`` prints how unseen ones do."""
    found: dict[str, dict[str, Weights]] = {}
    simple = [n for n in NAMES if not n.startswith(("asked_", "ahead_"))]
    for way, used in (("vectors", np.ones(len(NAMES), bool)), ("words", without_vectors())):
        vectors, known = way == "vectors", {n for n, u in zip(NAMES, used, strict=True) if u}
        lessons = {
            "provision": provision_lessons(teacher, taught(), vectors=vectors),
            "check": check_lessons(teacher, taught(), vectors=vectors),
            "case": case_lessons(teacher, vectors=vectors),
        }
        columns = [n for n in NAMES if n in known]
        learn: dict[str, Callable[[Sequence[Lesson]], Weights]] = {
            "provision": partial(average if vectors else fit, columns=columns),
            # Which check or case is right is only inferred: a plain sum is all that such labels carry.
            "check": partial(fit, columns=[n for n in simple if n in known], units=0, helps=0.0),
            "case": partial(fit, columns=[n for n in simple if n in known], units=0),
        }
        for kind, mine in lessons.items() if measure else ():
            print(f"{way:8} {kind:10} {len(mine):4}  {told(across(mine, learn[kind]))}", flush=True)
        found[way] = {kind: learn[kind](mine) for kind, mine in lessons.items()}
    return found


def main() -> None:
    """Learn, print, and with ``--write`` keep what was learned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--unseen", action="store_true", help="also measure on scenes left out in turn (some minutes)")
    options = parser.parse_args()
    day = datetime.date.fromisoformat(DAY)
    with data_folder(options.data) as data:
        assistant = Assistant(data)
        features = assistant.reader.searcher.features
        kept: dict[str, Any] = {"asked": asked(assistant, features)}
        features.judge(kept["asked"])
        teacher = Teacher(assistant, day)
        found = weights(teacher, measure=options.unseen)
        kept |= {way: {kind: w.written() for kind, w in kinds.items()} for way, kinds in found.items()}
        kept["answerable"] = answerable(assistant, day, kept)
        if options.write:
            learned.PATH.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
