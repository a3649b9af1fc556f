"""What can be found (provisions by article, checks, cases) and the keyword (BM25) indexes over it."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import bm25s
import numpy as np

from kg_build.citation import Locator
from kg_build.corpus import Corpus
from kg_build.embedding import Matrix
from kg_build.grams import FILE, GramIndex
from kg_build.nodes import Node, Tree
from kg_build.words import Tokenizer

Kind = Literal["provision", "check", "case", "outside"]
MAX_DENSE_CHARS = 600
"""Longer texts are cut for their vector: beyond about 512 tokens an average over windows blurs more than it adds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One findable thing: what it says itself (``told``), by its parts, and how people ask for it (``says``).

    Each text gets a vector; ``words`` are the words of what it says with its headings and tags, for BM25.
    """

    id: str
    kind: Kind
    words: str
    told: tuple[str, ...]
    says: tuple[str, ...]
    parts: tuple[str, ...] = ()
    """Each paragraph and item by itself, where there are several: one vector over all of them blurs."""
    asked: tuple[str, ...] = ()
    """Those of ``says`` that were put by who has not read it."""

    @property
    def passages(self) -> tuple[str, ...]:
        """Every text that gets a vector."""
        return (*self.told, *self.parts, *self.says)


def entries(tree: Tree, corpus: Corpus) -> list[Entry]:
    """Everything findable: one entry an article or clause (with what stands below it), a check, a case.

    What the corpus does not hold can be found too, so that a question about it is known for one.
    """
    asked = _asked(tree, corpus)
    return [*_provisions(tree, asked), *_checks(corpus), *_cases(corpus), *_outside(corpus, asked)]


def _asked(tree: Tree, corpus: Corpus) -> dict[str, list[str]]:
    """The questions under corpus/asked by the id of what is found for them."""
    found: dict[str, list[str]] = defaultdict(list)
    for form, _ in corpus.asked:
        nodes = [tree.cite(c) for c in form.answered_by]
        ids = {f"{n.document.id}/{_found_as(n.locator).path}" for n in nodes} | ({form.topic} if form.topic else set())
        for entry in sorted(ids):
            found[entry].append(form.q)
    return found


def _provisions(tree: Tree, asked: Mapping[str, list[str]]) -> Iterable[Entry]:
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
            words = " ".join([lead, *headings, told, official, *tags])
            texts = tuple(f"{lead} {t}"[:MAX_DENSE_CHARS] for t in (told, official) if t)
            parts = _parts(document.short, nodes)
            id_ = f"{document.id}/{place.path}"
            mine = tuple(asked.get(id_, ()))
            yield Entry(id_, "provision", words, texts, tuple(dict.fromkeys((*says, *mine))), parts, mine)


def _parts(document: str, nodes: Sequence[Node]) -> tuple[str, ...]:
    told = [(n.locator.text, n.form.heading or "", n.form.gist) for n in nodes if n.form]
    if len(told) < 2:
        return ()
    return tuple(f"{document}{place} {heading}：{gist}"[:MAX_DENSE_CHARS] for place, heading, gist in told)


def _found_as(locator: Locator) -> Locator:
    """The place that is found as one: an article with all its parts; of a table each row, as who asks for one wants one."""
    return locator if locator.clause.startswith("表") else locator.article_locator


def _checks(corpus: Corpus) -> Iterable[Entry]:
    for scene in corpus.scenes:
        for check in scene.checks:
            words = " ".join([scene.scene, check.link, check.point, check.ask, check.fix, *check.tags])
            told = f"{scene.scene} {check.point}：{check.ask}"
            yield Entry(check.id, "check", words, (told,), tuple(dict.fromkeys((check.ask, *check.says))))


def _cases(corpus: Corpus) -> Iterable[Entry]:
    for case, _ in corpus.cases:
        words = " ".join([case.title, case.facts, case.lesson, case.industry or "", *case.scenes, *case.tags])
        told = (f"{case.title}。{case.facts}"[:MAX_DENSE_CHARS], case.lesson)
        yield Entry(case.id, "case", words, told, ())


def _outside(corpus: Corpus, asked: Mapping[str, list[str]]) -> Iterable[Entry]:
    for topic in corpus.outside:
        mine = tuple(asked.get(topic.id, ()))
        says = tuple(dict.fromkeys((*topic.says, *mine)))
        yield Entry(topic.id, "outside", topic.topic, (topic.topic,), says, asked=mine)


class LexicalIndex:
    """BM25 over one text an entry."""

    def __init__(self, model: bm25s.BM25, tokenizer: Tokenizer) -> None:
        self._model = model
        self._tokenizer = tokenizer
        # How many entries hold a word: the length of its column.
        holding = np.diff(np.asarray(model.scores["indptr"], dtype=np.int64)).astype(np.float32)
        self._size = int(model.scores["num_docs"])
        self._rarity = np.log(1 + (self._size - holding + 0.5) / (holding + 0.5)).astype(np.float32)
        self._unknown = float(np.log(1 + (self._size + 0.5) / 0.5))

    @staticmethod
    def build(texts: Sequence[str], tokenizer: Tokenizer, folder: Path) -> None:
        """Index ``texts`` in their order and write the index into a folder."""
        model = bm25s.BM25(k1=1.2, b=0.6)
        model.index([tokenizer(t) or [""] for t in texts], show_progress=False)
        model.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path, tokenizer: Tokenizer) -> LexicalIndex:
        """Read an index written by :meth:`build`."""
        return cls(bm25s.BM25.load(str(folder), show_progress=False), tokenizer)

    def scores(self, question: str) -> Matrix:
        """BM25 score of every entry."""
        known = [t for t in self._tokenizer(question) if t in self._model.vocab_dict]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._model.get_scores(known), dtype=np.float32)

    def coverage(self, question: str) -> Matrix:
        """What share of the question every entry covers, by the rarity of its words: 0 to 1."""
        tokens = self._tokenizer(question)
        known = [t for t in tokens if t in self._model.vocab_dict]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        whole = sum(float(self._rarity[self._model.vocab_dict[t]]) for t in known)
        whole += self._unknown * (len(tokens) - len(known))
        return np.asarray(self._model.get_scores(known), dtype=np.float32) / np.float32(whole)

    def rarities(self, question: str) -> dict[str, float]:
        """The words of a question with the rarity of each; one that no entry holds is rarest."""
        known = self._model.vocab_dict
        return {t: float(self._rarity[known[t]]) if t in known else self._unknown for t in self._tokenizer(question)}

    def holds(self, entry: int, words: Iterable[str]) -> set[str]:
        """Which of some words an entry holds."""
        starts, holders = self._model.scores["indptr"], self._model.scores["indices"]
        known = [(t, self._model.vocab_dict[t]) for t in words if t in self._model.vocab_dict]
        return {t for t, n in known if entry in holders[starts[n] : starts[n + 1]]}


def write_entries(found: Sequence[Entry], path: Path) -> None:
    """Write id and kind of every entry, in index order."""
    path.write_text(json.dumps([[e.id, e.kind] for e in found], ensure_ascii=False), encoding="utf-8")


def read_entries(path: Path) -> list[tuple[str, Kind]]:
    """Ids and kinds in index order."""
    return [(i, k) for i, k in json.loads(path.read_text(encoding="utf-8"))]


FIELDS = ("told", "said")
"""The two keyword indexes of a snapshot, each in a folder of its name."""


def build_lexical(folder: Path, fields: Sequence[str] = FIELDS) -> None:
    """Make the keyword indexes of some fields of a snapshot that is being built; with ``told`` the dictionary and the grams.

    Reads words.json: for each field a text an entry, for ``gists`` what it says itself, ``terms`` of our own.
    """
    texts = json.loads((folder / "words.json").read_text(encoding="utf-8"))
    tokenizer = Tokenizer.of(texts["terms"])
    for field in fields:
        (folder / field).mkdir(exist_ok=True)
        LexicalIndex.build(texts[field], tokenizer, folder / field)
    if "told" in fields:
        tokenizer.save(folder)
        told = {n: text for n, text in enumerate(texts["gists"]) if text}
        GramIndex.build(list(told.values()), list(told), len(texts["gists"])).save(folder / FILE)


if __name__ == "__main__":
    build_lexical(Path(sys.argv[1]), sys.argv[2:])
