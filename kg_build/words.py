"""Cuts texts into words: jieba with the project's own terms, its dictionary in a trie that a snapshot carries.

jieba's own dictionary takes a second to read and 60 MB to hold; the trie milliseconds and 3 MB.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import jieba
import marisa_trie
import numpy as np
from numpy.typing import NDArray

TRIE, COUNTS = "words.trie", "words.npz"


class Often(Protocol):
    """How often words are, in jieba's sense: also holds what words begin with, 0 times."""

    def __contains__(self, word: object, /) -> bool: ...
    def __getitem__(self, word: str, /) -> int: ...
    def get(self, word: str, default: Any = None, /) -> Any:
        """How often a word is, ``default`` for one it does not hold."""


@functools.lru_cache(maxsize=1)
def _common_words() -> Any:
    """jieba with its own dictionary, which takes a second to read."""
    jieba.setLogLevel(60)
    made = jieba.Tokenizer()
    made.initialize()
    return made


class _Gathered(dict[str, int]):
    """The project's own words, and behind them jieba's, which all tokenizers share."""

    def __init__(self, common: Mapping[str, int]) -> None:
        super().__init__()
        self.common = common

    def __contains__(self, word: object) -> bool:
        return super().__contains__(word) or word in self.common

    def __missing__(self, word: str) -> int:
        return self.common[word]

    def get(self, word: str, default: Any = None) -> Any:
        """How often a word is."""
        try:
            return self[word]
        except KeyError:
            return default


class _Stored:
    """The same, as a snapshot carries it."""

    def __init__(self, trie: marisa_trie.Trie, counts: NDArray[np.int32]) -> None:
        self._trie, self._counts = trie, counts

    def __contains__(self, word: object) -> bool:
        return word in self._trie

    def __getitem__(self, word: str) -> int:
        return int(self._counts[self._trie[word]])

    def get(self, word: str, default: Any = None) -> Any:
        """How often a word is."""
        number = self._trie.get(word)
        return default if number is None else int(self._counts[number])


class Tokenizer:
    """jieba in search mode with the project's own terms; one-character words and punctuation are dropped."""

    def __init__(self, often: Often, total: int) -> None:
        self._jieba = jieba.Tokenizer()
        self._jieba.FREQ, self._jieba.total, self._jieba.initialized = often, total, True

    @classmethod
    def of(cls, terms: Iterable[str]) -> Tokenizer:
        """With the dictionary that comes with jieba and ``terms`` of one's own."""
        common = _common_words()
        made = cls(_Gathered(common.FREQ), common.total)
        for term in terms:
            made._jieba.add_word(term)
        return made

    def save(self, folder: Path) -> None:
        """Write the dictionary of a tokenizer made by :meth:`of` into a folder."""
        own: _Gathered = self._jieba.FREQ
        often = {**own.common, **own}
        trie = marisa_trie.Trie(often)
        counts = np.zeros(len(trie), np.int32)
        counts[[trie[word] for word in often]] = list(often.values())
        trie.save(str(folder / TRIE))
        np.savez(folder / COUNTS, counts=counts, total=np.array(self._jieba.total))

    @classmethod
    def load(cls, folder: Path) -> Tokenizer:
        """Read what :meth:`save` wrote."""
        trie = marisa_trie.Trie()
        trie.load(str(folder / TRIE))
        with np.load(folder / COUNTS, allow_pickle=False) as data:
            return cls(_Stored(trie, data["counts"]), int(data["total"]))

    def __call__(self, text: str) -> list[str]:
        """Tokens of ``text``, in order."""
        return [t for t in self._jieba.cut_for_search(text.lower()) if (len(t) > 1 or t.isdigit()) and not t.isspace()]
