"""Nearness in meaning: exact cosines of a question to the texts of every entry, to the ``says`` of those it may be about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg_build.embedding import Codes, Matrix

FILE = "dense.npz"
GROUPS = ("told", "parts", "says", "prototypes")
LOOKED_AT = 600
"""The ``says`` of so many entries are compared: of those whose prototypes are nearest.

The cosines of some 150,000 sayings cost more than all else but the encoder; ``bench.nearness`` measures what is lost."""


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosine of a question to every entry; an entry without such texts gets the mean over all of them.

    Where its ``says`` were not compared, ``said``, ``second``, ``third`` and ``mean`` are the cosine to its prototype.
    """

    told: Matrix
    """To the nearest of what it says as a whole."""
    part: Matrix
    """To the nearest of what it says as a whole or by its parts."""
    learned: Matrix
    """To its prototype (:mod:`kg_build.prototypes`)."""
    said: Matrix
    """To the nearest of its ``says``."""
    second: Matrix
    third: Matrix
    """To the second and third nearest of its ``says`` (with fewer of them, to the last)."""
    mean: Matrix
    """To its ``says`` on average."""
    says: Matrix
    """Cosine of each of the ``says`` that were compared."""
    owners: NDArray[np.int64]
    """The entry of each of them, rising."""
    vector: Matrix
    """The question's own."""


class DenseIndex:
    """The vectors of texts (wholes, their parts, ``says``) and of prototypes; in whole numbers, as they are stored."""

    def __init__(self, groups: Mapping[str, Rows], size: int, looked_at: int = LOOKED_AT) -> None:
        self._told, self._parts, self._said, self._prototypes = (groups[name] for name in GROUPS)
        self._size, self._looked_at = size, looked_at

    @classmethod
    def build(
        cls, groups: Mapping[str, tuple[Codes, Sequence[int] | NDArray[np.int64]]], size: int, looked_at: int = LOOKED_AT
    ) -> DenseIndex:
        """Index the vectors of each group of ``GROUPS`` with their owners: numbers of entries (of ``size``), rising.

        Every entry with ``says`` has a prototype.
        """
        rows = {name: Rows(codes, np.asarray(owners, np.int64)) for name, (codes, owners) in groups.items()}
        return cls(rows, size, looked_at)

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        rows = dict(zip(GROUPS, (self._told, self._parts, self._said, self._prototypes), strict=True))
        arrays: dict[str, Any] = {name: r.codes for name, r in rows.items()}
        arrays |= {f"{name}_owners": r.owners for name, r in rows.items()}
        np.savez(folder / FILE, size=np.array(self._size), **arrays)

    @classmethod
    def load(cls, folder: Path, looked_at: int = LOOKED_AT) -> DenseIndex | None:
        """Read an index written by :meth:`save`; ``None`` where the snapshot has none."""
        if not (folder / FILE).exists():
            return None
        with np.load(folder / FILE, allow_pickle=False) as data:
            rows = {name: Rows(data[name], data[f"{name}_owners"]) for name in GROUPS}
            return cls(rows, int(data["size"]), looked_at)

    def nearness(self, vector: Matrix) -> Nearness:
        """Cosines of every entry to a question's unit vector."""
        vector = np.asarray(vector.reshape(-1), dtype=np.float32)
        told = self._told.best(vector, self._size)
        part = self._parts.best(vector, self._size, without=-1.0)
        learned = self._prototypes.best(vector, self._size)
        likely = self._prototypes.known
        if len(likely) > self._looked_at:
            likely = np.sort(likely[np.argpartition(-learned[likely], self._looked_at)[: self._looked_at]])
        best, mean, says, owners = self._said.several(vector, likely, 3)
        said, second, third, on_average = (learned.copy() for _ in range(4))
        for whole, values in zip((said, second, third, on_average), (*best, mean), strict=True):
            whole[likely] = values
        return Nearness(told, np.maximum(told, part), learned, said, second, third, on_average, says, owners, vector)

    def says_near(self, near: Nearness, entry: int) -> Matrix:
        """Cosine of each of an entry's ``says`` to the question."""
        first, end = np.searchsorted(near.owners, (entry, entry + 1))
        return near.says[first:end] if first < end else self._said.several(near.vector, np.array([entry]), 0)[2]

    @property
    def says(self) -> tuple[Matrix, NDArray[np.int64]]:
        """Unit vectors of all ``says`` and the entry of each."""
        return self._said.codes * self._said.scale[:, None], self._said.owners


class Rows:
    """Vectors by owner, in the order of the owners."""

    def __init__(self, codes: Codes, owners: NDArray[np.int64]) -> None:
        self.codes, self.owners = codes, owners
        lengths = np.sqrt(np.einsum("ij,ij->i", codes, codes, dtype=np.float32))
        self.scale = np.asarray(1 / np.maximum(lengths, 1), dtype=np.float32)
        self.known, self._starts = np.unique(owners, return_index=True)

    def best(self, vector: Matrix, size: int, without: float | None = None) -> Matrix:
        """For every owner its best cosine; one without rows gets ``without``, by default the mean over all rows."""
        if not len(self.codes):
            return np.full(size, without or 0.0, np.float32)
        near = _cosines(self.codes, self.scale, vector)
        whole = np.full(size, near.mean() if without is None else without, dtype=np.float32)
        whole[self.known] = np.maximum.reduceat(near, self._starts)
        return whole

    def several(
        self, vector: Matrix, owners: NDArray[np.int64], many: int
    ) -> tuple[list[Matrix], Matrix, Matrix, NDArray[np.int64]]:
        """For ``owners``, which rise and have rows, the ``many`` best cosines, best first, and their mean; and every row's.

        An owner with fewer rows repeats its last. Behind the cosines of the rows stand their owners.
        """
        first, end = np.searchsorted(self.owners, owners), np.searchsorted(self.owners, owners, side="right")
        counts = end - first
        starts = np.cumsum(counts) - counts
        rows = np.repeat(first - starts, counts) + np.arange(int(counts.sum()))
        near = _cosines(self.codes.take(rows, axis=0), self.scale.take(rows), vector)
        found: list[Matrix] = []
        if not len(near):
            return [np.zeros(0, np.float32)] * many, near, near, owners[:0]
        rest, last = near, None
        for _ in range(many):
            best = np.maximum.reduceat(rest, starts)
            if last is not None:
                best = np.where(best < -1, last, best)
            found.append(best)
            rest, last = np.where(rest == np.repeat(best, counts), np.float32(-2), rest), best
        mean = np.asarray(np.add.reduceat(near, starts) / counts, dtype=np.float32)
        return found, mean, near, np.repeat(owners, counts)


def _cosines(codes: Codes, scale: Matrix, vector: Matrix) -> Matrix:
    # Not `@`: BLAS has no whole numbers, and its waiting threads would take the cores from the encoder's.
    return np.asarray(np.einsum("ij,j->i", codes, vector) * scale, dtype=np.float32)
