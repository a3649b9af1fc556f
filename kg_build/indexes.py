"""Lexical (BM25) and dense (FAISS) indexes over what can be found: provisions by article, checks, cases."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import bm25s
import faiss
import jieba
import numpy as np
from numpy.typing import NDArray

from kg_build.citation import Locator
from kg_build.corpus import Corpus
from kg_build.embedding import Matrix
from kg_build.nodes import Node, Tree

Kind = Literal["provision", "check", "case"]
MAX_DENSE_CHARS = 600
"""Longer texts are cut for their vector: beyond about 512 tokens an average over windows blurs more than it adds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One findable thing: its id, its words for BM25, and the texts that each get a vector."""

    id: str
    kind: Kind
    words: str
    passages: tuple[str, ...]


def entries(tree: Tree, corpus: Corpus) -> list[Entry]:
    """Everything findable: one entry an article or clause (with what stands below it), a check, a case."""
    return [*_provisions(tree), *_checks(corpus), *_cases(corpus)]


def _provisions(tree: Tree) -> Iterable[Entry]:
    for document in tree.documents.values():
        articles: dict[Any, list[Node]] = {}
        for node in tree.nodes[document.id].values():
            articles.setdefault(_found_as(node.locator), []).append(node)
        for place, nodes in articles.items():
            forms = [n.form for n in nodes if n.form]
            told = "".join(f"{f.heading or ''}：{f.gist}" for f in forms)
            says = [s for f in forms for s in f.says]
            tags = list(dict.fromkeys(t for f in forms for t in f.tags))
            official = next((n.official_text for n in nodes if n.locator == place and n.official_text), "")
            headings = [f.heading for f in forms if f.heading]
            lead = f"{document.short}{place.text}"
            words = " ".join([lead, *headings, told, official, *says, *says, *tags])
            passages = [p for p in (told and f"{lead} {told}", official and f"{lead} {official}", "；".join(says)) if p]
            yield Entry(f"{document.id}/{place.path}", "provision", words, tuple(p[:MAX_DENSE_CHARS] for p in passages))


def _found_as(locator: Locator) -> Locator:
    """The place that is found as one: an article with all its parts; of a table each row, as who asks for one wants one."""
    return locator if locator.clause.startswith("表") else locator.article_locator


def _checks(corpus: Corpus) -> Iterable[Entry]:
    for scene in corpus.scenes:
        for check in scene.checks:
            words = " ".join([scene.scene, check.link, check.point, check.ask, *check.says, check.fix, *check.tags])
            passages = [f"{scene.scene} {check.point}：{check.ask}", *(["；".join(check.says)] if check.says else [])]
            yield Entry(check.id, "check", words, tuple(passages))


def _cases(corpus: Corpus) -> Iterable[Entry]:
    for case, _ in corpus.cases:
        words = " ".join([case.title, case.facts, case.lesson, case.industry or "", *case.scenes, *case.tags])
        yield Entry(case.id, "case", words, (f"{case.title}。{case.facts}"[:MAX_DENSE_CHARS], case.lesson))


class Tokenizer:
    """jieba in search mode with the project's own terms; one-character words and punctuation are dropped."""

    def __init__(self, terms: Iterable[str]) -> None:
        self._jieba = jieba.Tokenizer()
        self._jieba.cache_file = None
        jieba.setLogLevel(60)
        self._jieba.initialize()
        for term in terms:
            self._jieba.add_word(term)

    def __call__(self, text: str) -> list[str]:
        """Tokens of ``text``, in order."""
        return [t for t in self._jieba.cut_for_search(text.lower()) if (len(t) > 1 or t.isdigit()) and not t.isspace()]


class LexicalIndex:
    """BM25 over the entries' words."""

    def __init__(self, model: bm25s.BM25, tokenizer: Tokenizer) -> None:
        self._model = model
        self._tokenizer = tokenizer

    @staticmethod
    def build(texts: Sequence[str], terms: Sequence[str], folder: Path) -> None:
        """Index ``texts`` in their order and write the index into a folder."""
        tokenizer = Tokenizer(terms)
        model = bm25s.BM25(k1=1.2, b=0.6)
        model.index([tokenizer(t) or [""] for t in texts], show_progress=False)
        model.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path, tokenizer: Tokenizer) -> LexicalIndex:
        """Read an index written by :meth:`save`."""
        return cls(bm25s.BM25.load(str(folder), show_progress=False), tokenizer)

    def scores(self, question: str) -> NDArray[np.float32]:
        """BM25 score of every entry."""
        known = [t for t in self._tokenizer(question) if t in self._model.vocab_dict]
        if not known:
            return np.zeros(self._model.scores["num_docs"], dtype=np.float32)
        return np.asarray(self._model.get_scores(known), dtype=np.float32)


class DenseIndex:
    """Exact inner-product search; an entry may own several vectors and scores by its best."""

    def __init__(self, index: Any, owners: NDArray[np.int64], size: int) -> None:
        self._index = index
        self._owners = owners
        self._size = size

    @classmethod
    def build(cls, matrix: Matrix, owners: Sequence[int], size: int) -> DenseIndex:
        """Index unit vectors; ``owners[i]`` is the entry of row i, ``size`` the number of entries."""
        index = faiss.IndexFlatIP(matrix.shape[1])
        index.add(matrix)
        return cls(index, np.asarray(owners, dtype=np.int64), size)

    def save(self, folder: Path) -> None:
        """Write the index into a folder."""
        faiss.write_index(self._index, str(folder / "dense.faiss"))
        np.save(folder / "owners.npy", np.append(self._owners, self._size))

    @classmethod
    def load(cls, folder: Path) -> DenseIndex | None:
        """Read an index written by :meth:`save`; ``None`` where the snapshot has none."""
        if not (folder / "dense.faiss").exists():
            return None
        owners = np.load(folder / "owners.npy")
        return cls(faiss.read_index(str(folder / "dense.faiss")), owners[:-1], int(owners[-1]))

    def scores(self, vector: Matrix, limit: int = 400) -> NDArray[np.float32]:
        """Best cosine of every entry among the ``limit`` nearest vectors; 0 for the rest."""
        result = np.zeros(self._size, dtype=np.float32)
        values, rows = self._index.search(vector.reshape(1, -1), min(limit, self._index.ntotal))
        np.maximum.at(result, self._owners[rows[0]], values[0])
        return result


def write_entries(found: Sequence[Entry], path: Path) -> None:
    """Write id and kind of every entry, in index order."""
    path.write_text(json.dumps([[e.id, e.kind] for e in found], ensure_ascii=False), encoding="utf-8")


def read_entries(path: Path) -> list[tuple[str, Kind]]:
    """Ids and kinds in index order."""
    return [(i, k) for i, k in json.loads(path.read_text(encoding="utf-8"))]


def main(folder: Path) -> None:
    """Make the keyword index of a snapshot that is being built: reads words.json and lexicon.txt of ``folder``."""
    texts = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    LexicalIndex.build(texts, (folder / "lexicon.txt").read_text(encoding="utf-8").split("\n"), folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
