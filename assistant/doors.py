"""What leads from entry to entry, and what stands beside an entry: the reductions over them that evidence is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Edges = tuple[NDArray[np.int64], NDArray[np.int64], Scores]
"""Where each leads from, where to, and what share of the score passes; by their targets."""


def by_target(found: list[tuple[int, int, float]]) -> Edges:
    """Edges by their targets, so that the best of each target is one reduction."""
    rows = sorted(found, key=lambda e: e[1])
    return (
        np.array([e[0] for e in rows], dtype=np.int64),
        np.array([e[1] for e in rows], dtype=np.int64),
        np.array([e[2] for e in rows], dtype=np.float32),
    )


def best_door(edges: Edges, scores: Scores, size: int) -> tuple[Scores, NDArray[np.int64]]:
    """For every entry the best score among those that lead to it (the mean where none does), and which one that is."""
    sources, targets, shares = edges
    door = np.full(size, -1, dtype=np.int64)
    if not len(sources):
        return np.zeros(size, np.float32), door
    values = scores[sources] * shares
    known, starts = np.unique(targets, return_index=True)
    best = np.maximum.reduceat(values, starts)
    gain = np.full(size, np.float32(values.mean()), dtype=np.float32)
    gain[known] = best
    counts = np.diff(np.append(starts, len(targets)))
    at_best = np.flatnonzero(values == np.repeat(best, counts))
    door[targets[at_best]] = sources[at_best]
    return gain, door


class Groups:
    """Entries in groups by name; one whose name is empty is in none."""

    def __init__(self, names: list[str]) -> None:
        _, self._number = np.unique(names, return_inverse=True)
        self._known = np.flatnonzero([bool(n) for n in names])

    def top(self, values: Scores, many: int) -> Scores:
        """For each entry the mean of the ``many`` best values in its group; 0 for one in none."""
        mine = values[self._known]
        order = np.lexsort((-mine, self._number[self._known]))
        groups, ranked = self._number[self._known][order], mine[order]
        starts = np.flatnonzero(np.append(True, groups[1:] != groups[:-1]))
        place = np.arange(len(groups)) - np.repeat(starts, np.diff(np.append(starts, len(groups))))
        kept = place < many
        sums, counts = (np.bincount(groups[kept], w, self._number.max() + 1) for w in (ranked[kept], None))
        found = np.zeros(len(values), dtype=np.float32)
        found[self._known] = (sums / np.maximum(counts, 1))[self._number[self._known]]
        return found
