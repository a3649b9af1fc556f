"""Weighs the evidence: one linear score an entry, with weights learned by ``bench.learn`` from labelled questions."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.features import COLUMN, NAMES, Evidence, Scores

WEIGHTS = Path(str(importlib.resources.files("assistant"))) / "ranking.json"
NEED_VECTORS = ("near_told", "near_said", "near_said_second", "near_best")


def without_vectors() -> NDArray[np.bool_]:
    """Which columns of the evidence can be had without vectors."""
    return np.array([name not in NEED_VECTORS for name in NAMES])


class Ranking:
    """Learned weights: for searching with vectors and without, for provisions, checks and cases."""

    def __init__(self, weights: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
        self._weights = {way: {kind: _row(named) for kind, named in kinds.items()} for way, kinds in weights.items()}

    def scores(self, evidence: Evidence, kinds: NDArray[np.str_], *, vectors: bool) -> Scores:
        """The score of every entry by the weights of its kind; scores of different kinds can't be compared."""
        learned = self._weights["vectors" if vectors else "words"]
        result = np.full(len(kinds), -np.inf, dtype=np.float32)
        for kind, weights in learned.items():
            mine = kinds == kind
            result[mine] = evidence.table[mine] @ weights
        return result


@functools.cache
def learned() -> dict[str, Any]:
    """Everything that ``bench.learn`` wrote."""
    found: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return found


@functools.cache
def shipped() -> Ranking:
    """The weights that travel with the package."""
    return Ranking({way: learned().get(way, {}) for way in ("vectors", "words")})


def _row(named: Mapping[str, float]) -> Scores:
    row = np.zeros(len(NAMES), dtype=np.float32)
    for name, weight in named.items():
        row[COLUMN[name]] = weight
    return row
