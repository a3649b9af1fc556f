"""The labelled sets under ``bench/labels`` and the measures taken on them.

``questions-dev.jsonl`` and ``questions-test.jsonl`` hold questions as users speak, written by scene before anything was
tuned, each with the ids of every article that answers it (``right``) or helps (``partly``); a question that the corpus
can't answer says why (``unanswerable``); one that only a case answers has no ``right`` either. No scene stands in both.

``questions-free.jsonl`` and ``questions-fresh.jsonl`` were written and judged later, by people who saw neither corpus
nor system and paid no heed to whether the corpus answers: three or four in ten have no answer. ``free`` is about the
scenes of the development set and is learned from; ``fresh`` is about those of the test set, and nothing is tuned on it.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "labels"
DAY = "2026-11-26"
"""The day of the law for which the sets were labelled."""
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Labelled:
    """One question with its answers: ids of articles (or clauses)."""

    id: str
    scene: str
    intent: str
    q: str
    right: frozenset[str]
    partly: frozenset[str]
    unanswerable: str | None


def read_lines(name: str) -> list[dict[str, Any]]:
    """The rows of a labelled set."""
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line.strip()]


@functools.cache
def questions(split: str) -> tuple[Labelled, ...]:
    """The plain-language questions of a split: ``train``, ``free``, ``dev``, ``test`` or ``fresh``."""
    return tuple(
        Labelled(
            r["id"],
            r["scene"],
            r["intent"],
            r["q"],
            frozenset(r["right"]),
            frozenset(r["partly"]),
            r["unanswerable"],
        )
        for r in read_lines(f"questions-{split}.jsonl")
    )


def taught() -> tuple[Labelled, ...]:
    """The questions that may be learned from."""
    return (*questions("train"), *questions("free"), *questions("dev"))


def hit(found: Sequence[str], right: frozenset[str], k: int) -> float:
    """1 when any of the first ``k`` is right."""
    return float(any(i in right for i in found[:k]))


def reciprocal_rank(found: Sequence[str], right: frozenset[str]) -> float:
    """One over the place of the first right one; 0 when there is none."""
    return next((1 / place for place, i in enumerate(found, 1) if i in right), 0.0)


def ndcg(found: Sequence[str], right: frozenset[str], partly: frozenset[str], k: int = 10) -> float:
    """Discounted gain over the best possible: 2 for a right one, 1 for one that helps."""
    gains = [2.0 if i in right else 1.0 if i in partly else 0.0 for i in found[:k]]
    best = sorted([2.0] * len(right) + [1.0] * len(partly - right), reverse=True)[:k]
    ideal = sum(g / math.log2(n + 2) for n, g in enumerate(best))
    return sum(g / math.log2(n + 2) for n, g in enumerate(gains)) / ideal if ideal else 0.0


MEASURES: Mapping[str, Callable[[Sequence[str], Labelled], float]] = {
    "hit@1": lambda found, q: hit(found, q.right, 1),
    "hit@5": lambda found, q: hit(found, q.right, 5),
    "MRR": lambda found, q: reciprocal_rank(found[:20], q.right),
    "nDCG@10": lambda found, q: ndcg(found, q.right, q.partly),
}


def interval(values: Sequence[float], seed: int = 0) -> tuple[float, float, float]:
    """Mean with the bounds of its 95 % bootstrap interval."""
    array = np.asarray(values, dtype=float)
    if not len(array):
        return math.nan, math.nan, math.nan
    rows = np.random.default_rng(seed).integers(0, len(array), (RESAMPLES, len(array)))
    low, high = np.quantile(array[rows].mean(axis=1), (0.025, 0.975))
    return float(array.mean()), float(low), float(high)
