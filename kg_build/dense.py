"""Nearness in meaning: exact cosines of a question to every text of every entry."""

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


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosine of a question to every entry; an entry without such texts gets the mean over all of them."""

    told: Matrix
    """To the nearest of what it says as a whole."""
    part: Matrix
    """To the nearest of what it says as a whole or by its parts."""
    said: Matrix
    """To the nearest of its ``says``."""
    second: Matrix
    third: Matrix
    """To the second and third nearest of its ``says`` (with fewer of them, to the last)."""
    mean: Matrix
    """To its ``says`` on average."""
    learned: Matrix
    """To its prototype (:mod:`kg_build.prototypes`)."""
    says: Matrix
    """Cosine of every one of the ``says``, in the order of their entries."""


class DenseIndex:
    """The vectors of texts (wholes, their parts, ``says``) and of prototypes; in whole numbers, as they are stored."""

    def __init__(self, groups: Mapping[str, Rows], size: int) -> None:
        self._told, self._parts, self._said, self._prototypes = (groups[name] for name in GROUPS)
        self._size = size

    @classmethod
    def build(cls, groups: Mapping[str, tuple[Codes, Sequence[int]]], size: int) -> DenseIndex:
        """Index the vectors of each group of ``GROUPS`` with their owners: numbers of entries (of ``size``), rising."""
        return cls({name: Rows(codes, np.asarray(owners, np.int64)) for name, (codes, owners) in groups.items()}, size)

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        rows = dict(zip(GROUPS, (self._told, self._parts, self._said, self._prototypes), strict=True))
        arrays: dict[str, Any] = {name: r.codes for name, r in rows.items()}
        arrays |= {f"{name}_owners": r.owners for name, r in rows.items()}
        np.savez(folder / FILE, size=np.array(self._size), **arrays)

    @classmethod
    def load(cls, folder: Path) -> DenseIndex | None:
        """Read an index written by :meth:`save`; ``None`` where the snapshot has none."""
        if not (folder / FILE).exists():
            return None
        with np.load(folder / FILE, allow_pickle=False) as data:
            return cls({name: Rows(data[name], data[f"{name}_owners"]) for name in GROUPS}, int(data["size"]))

    def nearness(self, vector: Matrix) -> Nearness:
        """Cosines of every entry to a question's unit vector."""
        (told,), _, _ = self._told.nearest(vector, self._size, 1)
        (part,), _, _ = self._parts.nearest(vector, self._size, 1, without=-1.0)
        (said, second, third), mean, says = self._said.nearest(vector, self._size, 3)
        (learned,), _, _ = self._prototypes.nearest(vector, self._size, 1)
        return Nearness(told, np.maximum(told, part), said, second, third, mean, learned, says)

    def says_of(self, entry: int) -> slice:
        """Which of the ``says`` belong to an entry."""
        return self._said.of(entry)

    @property
    def said_by(self) -> NDArray[np.int64]:
        """The entry that each of the ``says`` belongs to."""
        return self._said.owners

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
        self._known, self._starts, self._counts = np.unique(owners, return_index=True, return_counts=True)

    def of(self, owner: int) -> slice:
        """The rows of an owner."""
        first, end = np.searchsorted(self.owners, (owner, owner + 1))
        return slice(int(first), int(end))

    def nearest(
        self, vector: Matrix, size: int, many: int, without: float | None = None
    ) -> tuple[list[Matrix], Matrix, Matrix]:
        """For every owner its ``many`` best cosines, best first, and their mean; and every row's.

        An owner with fewer rows repeats its last; one without rows gets ``without``, by default the mean over all rows.
        """
        if not len(self.codes):
            none = np.full(size, without or 0.0, np.float32)
            return [none] * many, none, np.zeros(0, np.float32)
        # Not `@`: BLAS has no whole numbers, and its waiting threads would take the cores from the encoder's.
        near: Matrix = np.einsum("ij,j->i", self.codes, vector.reshape(-1).astype(np.float32)) * self.scale
        fill = np.float32(near.mean() if without is None else without)
        found, rest, last = [], near, None
        for _ in range(many):
            best = np.maximum.reduceat(rest, self._starts)
            if last is not None:
                best = np.where(best < -1, last, best)
            found.append(self._spread(best, size, fill))
            rest, last = np.where(rest == np.repeat(best, self._counts), np.float32(-2), rest), best
        mean = np.asarray(np.add.reduceat(near, self._starts) / self._counts, dtype=np.float32)
        return found, self._spread(mean, size, fill), near

    def _spread(self, values: Matrix, size: int, fill: np.float32) -> Matrix:
        whole = np.full(size, fill, dtype=np.float32)
        whole[self._known] = values
        return whole
