"""A small learned encoder of characters: a text is the sum of the vectors of its one to three neighboring characters.

Likeness in writing weighs every character by its rarity; here it is learned from how people ask for each entry which of them
tell entries apart (``bench.encoder.bag``). Needs numpy alone, so that it works where the embedded encoder does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg_build.dense import Rows
from kg_build.embedding import Codes, Matrix
from kg_build.grams import BEYOND, characters

NAME = "bag"
FILE = "bag.npz"
LONGEST = 3
_BEGIN, _END = 2, 3


def shipped_bag() -> Path:
    """The model file that travels with this package."""
    return Path(__file__).parent / "models" / "hegui-bag.npz"


def grams(text: str) -> NDArray[np.int64]:
    """Numbers of the grams of one to three characters in a text, each once; beginning and end count as characters."""
    codes = np.array([_BEGIN, *characters(text), _END], np.int64)
    found, longer = [codes[1:-1]], codes
    for length in range(2, LONGEST + 1):
        longer = longer[:-1] * BEYOND + codes[length - 1 :]
        found.append(longer)
    return np.unique(np.concatenate(found))


class BagEncoder:
    """Turns texts into unit vectors; ``name`` identifies the model file's content."""

    def __init__(self, model: Path) -> None:
        with np.load(model, allow_pickle=False) as data:
            self._known, self._codes, self._scale = data["grams"], data["codes"], data["scale"].astype(np.float32)
        self.name = f"{model.stem}/{hashlib.sha256(model.read_bytes()).hexdigest()[:12]}"
        self.dim = int(self._codes.shape[1])

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Vectors of texts, shape (n, dim); zeros where nothing of a text is known."""
        found = np.zeros((len(texts), self.dim), np.float32)
        for row, text in zip(found, texts, strict=True):
            asked = grams(text)
            at = np.minimum(np.searchsorted(self._known, asked), len(self._known) - 1)
            at = at[self._known[at] == asked]
            if len(at):
                row += np.einsum("ij,i->j", self._codes[at], self._scale[at])
                row /= max(float(np.sqrt(np.einsum("i,i->", row, row))), 1e-9)
        return found


class BagIndex:
    """How near a question is to the prototype of every entry, by the characters of both."""

    def __init__(self, encoder: BagEncoder, rows: Rows, size: int) -> None:
        self._encoder, self._rows, self._size = encoder, rows, size

    @classmethod
    def build(cls, encoder: BagEncoder, prototypes: Codes, owners: Sequence[int], size: int) -> BagIndex:
        """Index prototypes with their entries (numbers below ``size``, rising)."""
        return cls(encoder, Rows(prototypes, np.asarray(owners, np.int64)), size)

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        np.savez(folder / FILE, codes=self._rows.codes, owners=self._rows.owners, size=np.array(self._size))

    @classmethod
    def load(cls, folder: Path) -> BagIndex:
        """Read an index written by :meth:`save`."""
        with np.load(folder / FILE, allow_pickle=False) as data:
            return cls(BagEncoder(shipped_bag()), Rows(data["codes"], data["owners"]), int(data["size"]))

    def nearness(self, question: str) -> Matrix:
        """Cosine of a question to every entry; an entry that nobody asks for gets the mean over all."""
        return self._rows.best(self._encoder.encode([question])[0], self._size)
