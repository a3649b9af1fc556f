"""Weighs the evidence: one score an entry, by weights learned by ``bench.learn`` from labelled questions.

A score is a weighted sum of the evidence and of a few hidden units, each the tanh of a weighted sum: what a penalty is worth
depends on whether one was asked for, and no sum says that.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import learned
from assistant.doors import Scores
from assistant.features import COLUMN, NAMES, Evidence

BY_VECTORS = ("near_", "ahead_near_", "asked_", "chapter", "document", "ahead_chapter", "ahead_document", "breadth")


def without_vectors() -> NDArray[np.bool_]:
    """Which columns of the evidence can be had without vectors."""
    return np.array([not name.startswith(BY_VECTORS) for name in NAMES])


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights for ``columns`` of the evidence: of the sum (columns), of hidden units (units, columns), (units), (units)."""

    columns: tuple[str, ...]
    linear: Scores
    hidden: Scores
    bias: Scores
    out: Scores

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Weights:
        """From the form of the file; without hidden units where it has none."""
        columns = tuple(told["columns"])
        hidden = np.array(told.get("hidden", []), dtype=np.float32).reshape(-1, len(columns))
        bias, out = (np.array(told.get(name, []), dtype=np.float32) for name in ("bias", "out"))
        return cls(columns, np.array(told["linear"], dtype=np.float32), hidden, bias, out)

    def written(self) -> dict[str, Any]:
        """The form of the file."""

        def short(values: NDArray[Any]) -> Any:
            return [short(v) if v.ndim else float(f"{v:.5g}") for v in values]

        told = {"columns": list(self.columns), "linear": short(self.linear)}
        if len(self.out):
            told |= {"hidden": short(self.hidden), "bias": short(self.bias), "out": short(self.out)}
        return told

    def scores(self, table: Scores) -> Scores:
        """The score of every row of a table that has a column a name of ``NAMES``."""
        mine = table[:, [COLUMN[name] for name in self.columns]]
        scores = np.einsum("ij,j->i", mine, self.linear)
        if len(self.out):
            scores = scores + np.einsum("ij,j->i", np.tanh(np.einsum("ij,kj->ik", mine, self.hidden) + self.bias), self.out)
        return np.asarray(scores, dtype=np.float32)


class Ranking:
    """Learned weights: for searching with vectors and without, for provisions, checks and cases."""

    def __init__(self, weights: Mapping[str, Mapping[str, Weights]]) -> None:
        self._weights = weights

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Ranking:
        """From the form of the file."""
        ways = ("vectors", "words")
        return cls({way: {kind: Weights.read(w) for kind, w in told.get(way, {}).items()} for way in ways})

    def scores(self, evidence: Evidence, kinds: NDArray[np.str_], *, vectors: bool) -> Scores:
        """The score of every entry by the weights of its kind; scores of different kinds can't be compared."""
        result = np.full(len(kinds), -np.inf, dtype=np.float32)
        for kind, weights in self._weights.get("vectors" if vectors else "words", {}).items():
            mine = kinds == kind
            result[mine] = weights.scores(evidence.table[mine])
        return result


@functools.cache
def shipped() -> Ranking:
    """The weights that travel with the package."""
    return Ranking.read(learned.read())
