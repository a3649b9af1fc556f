"""Which ``says`` of an entry are kept in the index: a few that stand for all.

Hundreds of thousands of sayings cost memory and time, and many of an entry ask nearly alike. All of them teach its prototype
(:mod:`kg_build.prototypes`); to be compared one by one, those few are enough to which the others lie nearest.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kg_build.embedding import Codes

MOST = 16
"""So many are kept of an entry; ``bench.kept`` measures what is lost."""


def representatives(
    codes: Codes, owners: NDArray[np.int64], most: int = MOST, *, always: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """The rows that stand for all rows of their owner, at most ``most`` of each and those of ``always``; rising.

    ``owners`` rise. Greedy facility location: each step takes the row that brings all rows of the owner nearest to one that
    was taken. What was asked of itself (``always``) lies nearer to what will be asked than many that were thought up.
    """
    ends = np.flatnonzero(np.diff(owners, append=-1)) + 1
    kept, first = [], 0
    for end in ends.tolist():
        kept.append(first + _chosen(codes[first:end], most))
        first = end
    chosen = np.concatenate(kept) if kept else np.zeros(0, np.int64)
    return chosen if always is None else np.union1d(chosen, np.flatnonzero(always))


def _chosen(codes: Codes, most: int) -> NDArray[np.int64]:
    if len(codes) <= most:
        return np.arange(len(codes))
    vectors = codes.astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    near = vectors @ vectors.T
    best, left, taken = np.full(len(near), -1, np.float32), np.ones(len(near), bool), []
    for _ in range(most):
        gain = np.where(left, np.maximum(near - best, 0).sum(axis=1), -1)
        taken.append(int(gain.argmax()))
        left[taken[-1]] = False
        best = np.maximum(best, near[taken[-1]])
    return np.unique(taken)
