"""Likeness in writing: cosines of a question to every text by their characters, single and in pairs.

It finds what a dictionary cuts apart differently and what is written nearly alike: 气瓶检测 and 瓶子要不要检.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg_build.embedding import Matrix

FILE = "grams.npz"
_NO_SIGN = re.compile(r"[\W_]+")
BEYOND = 0x110000
"""More than any character: a pair, or three of them, is one number."""


def characters(text: str) -> list[int]:
    """The characters of a text, punctuation aside."""
    return [ord(c) for c in _NO_SIGN.sub("", text.lower())]


def grams(text: str) -> Counter[int]:
    """How often each character and each pair of neighbors stands in a text, punctuation aside."""
    codes = characters(text)
    return Counter([*codes, *(a * BEYOND + b for a, b in itertools.pairwise(codes))])


def _rarity(count: int, holding: NDArray[Any]) -> NDArray[np.float64]:
    """What a gram weighs that so many of ``count`` texts hold."""
    return np.asarray(np.log((1 + count) / (1 + holding)) + 1, dtype=np.float64)


class GramIndex:
    """Texts by their grams, each text of an owner (a number below ``size``), in the order of the owners."""

    def __init__(
        self,
        known: NDArray[np.int64],
        starts: NDArray[np.int64],
        texts: NDArray[np.int32],
        shares: NDArray[np.float16],
        owners: NDArray[np.int32],
        size: int,
    ) -> None:
        self._known, self._starts, self._texts, self._shares = known, starts, texts, shares
        self._size = size
        self._count, self._of = len(owners), owners
        self._owners, self._first = np.unique(owners, return_index=True)
        self._rarity = _rarity(self._count, np.diff(starts)).astype(np.float32)
        self._unknown = float(_rarity(self._count, np.zeros(1))[0])

    @classmethod
    def build(cls, texts: Sequence[str], owners: Sequence[int], size: int) -> GramIndex:
        """Index texts with their owners, which rise."""
        found = [grams(t) for t in texts]
        of = np.repeat(np.arange(len(found), dtype=np.int32), [len(f) for f in found])
        codes = np.fromiter((code for f in found for code in f), np.int64, len(of))
        often = np.fromiter((n for f in found for n in f.values()), np.float32, len(of))
        order = np.lexsort((of, codes))
        of, codes, often = of[order], codes[order], often[order]
        known, first = np.unique(codes, return_index=True)
        starts = np.append(first, len(codes)).astype(np.int64)
        holding = np.diff(starts)
        weights = (1 + np.log(often)) * np.repeat(_rarity(len(found), holding), holding)
        lengths = np.sqrt(np.bincount(of, weights**2, minlength=len(found)))
        shares = (weights / np.maximum(lengths[of], 1e-9)).astype(np.float16)
        return cls(known, starts, of, shares, np.asarray(owners, np.int32), size)

    def save(self, path: Path) -> None:
        """Write the index into a file."""
        arrays: dict[str, Any] = {"known": self._known, "starts": self._starts, "texts": self._texts, "shares": self._shares}
        np.savez(path, size=np.array(self._size), owners=self._of, **arrays)

    @classmethod
    def load(cls, path: Path) -> GramIndex:
        """Read an index written by :meth:`save`."""
        with np.load(path, allow_pickle=False) as data:
            held = (data["known"], data["starts"], data["texts"], data["shares"], data["owners"])
            return cls(*held, int(data["size"]))

    def likeness(self, question: str) -> Matrix:
        """For every owner the cosine of the question to the most alike of its texts; 0 where it has none."""
        asked = grams(question)
        best = np.zeros(self._size, np.float32)
        if not asked or not self._count:
            return best
        codes = np.fromiter(asked, np.int64, len(asked))
        often = 1 + np.log(np.fromiter(asked.values(), np.float32, len(asked)))
        at = np.minimum(np.searchsorted(self._known, codes), len(self._known) - 1)
        here = self._known[at] == codes
        weights = often * np.where(here, self._rarity[at], self._unknown)
        length = float(np.sqrt(np.sum(weights**2)))
        parts = [slice(self._starts[n], self._starts[n + 1]) for n in at[here]]
        if not parts:
            return best
        texts = np.concatenate([self._texts[p] for p in parts])
        shares = np.concatenate([self._shares[p] * w for p, w in zip(parts, weights[here], strict=True)])
        cosines = np.bincount(texts, shares, minlength=self._count) / length
        best[self._owners] = np.maximum.reduceat(cosines, self._first)
        return best
