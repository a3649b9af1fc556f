"""Opens a snapshot read-only: the only door to graph and indexes.

Everything is read once, from the graph, into frozen values; a new snapshot is a new :class:`Knowledge`.
"""

from __future__ import annotations

import datetime
import importlib.resources
import json
import threading
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rdflib import Graph, URIRef

from assistant.entities import Concept, Document, Provision
from assistant.reading import Reading
from kg_build.citation import Locator
from kg_build.embedding import Encoder, open_encoder
from kg_build.errors import CitationError, EncoderError, SnapshotError
from kg_build.names import Names, index_names
from kg_build.practice import Practice
from kg_build.published import as_graph, current, load_store
from kg_build.vocabulary import HG, Vocabulary

if TYPE_CHECKING:
    from kg_build.bag import BagIndex
    from kg_build.dense import DenseIndex
    from kg_build.grams import GramIndex
    from kg_build.indexes import Kind, LexicalIndex


def read_query(name: str) -> str:
    """A SPARQL query of the package ``assistant.queries``."""
    return (importlib.resources.files("assistant") / "queries" / name).read_text(encoding="utf-8")


class Knowledge:
    """A published snapshot in memory."""

    def __init__(self, folder: Path) -> None:
        # The indexes' libraries take a second to import; the page, which only names this class, need not wait for them.
        from kg_build.dense import DenseIndex
        from kg_build.indexes import read_entries

        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        says: list[list[str]] = json.loads((folder / "says.json").read_text(encoding="utf-8"))
        # Tens of thousands of sentences: each is kept once.
        shown = {s: s for one in says for s in one}
        store, asked = load_store(folder, shown)
        self.graph: Graph = as_graph(store)
        self.vocabulary = Vocabulary(self.graph)
        self.concepts = self._concepts()
        read = Reading(store, asked)
        self.documents = {d.id: d for d in read.documents()}
        texts = {str(p): (str(t), str(s) if s else None) for p, t, s in self._rows("expressions.rq")}
        provisions = read.provisions({d.iri: d for d in self.documents.values()}, texts)
        self.provisions = {p.iri: p for p in sorted(provisions, key=lambda p: (p.document.id, p.place))}
        self.provision_by_id = {p.id: p for p in self.provisions.values()}
        self.checks = {c.id: c for c in read.checks()}
        self.cases = {c.id: c for c in read.cases(self.label)}
        self.outside = {o.id: o for o in read.outside()}
        # By the name of what was replaced: often a document that the snapshot does not hold.
        self.successors: dict[str, list[Document]] = {}
        for document in self.documents.values():
            for name in document.replaces:
                self.successors.setdefault(name, []).append(document)
        self.names: Names = index_names(
            {d.id: [d.title, d.short, *([d.number] if d.number else []), *d.aliases] for d in self.documents.values()},
            {d.id: d.replaces for d in self.documents.values()},
        )
        self.entries: list[tuple[str, Kind]] = read_entries(folder / "entries.json")
        self.says = [[shown[s] for s in one] for one in says]
        self.practice = Practice.read((folder / "practice.json").read_text(encoding="utf-8"))
        self.position = {pair: i for i, pair in enumerate(self.entries)}
        self.children: dict[str, list[str]] = defaultdict(list)
        for provision in self.provisions.values():
            self.children[provision.parent].append(provision.iri)
        self._lexical: dict[str, LexicalIndex] | None = None
        self._grams: GramIndex | None = None
        self._bag: BagIndex | None = None
        self.dense: DenseIndex | None = DenseIndex.load(folder)
        self._encoder: Encoder | None = None
        self._lock = threading.Lock()
        self._replaced: Names | None = None
        self.notice: str | None = self.manifest["model"].get("note")

    @classmethod
    def open(cls, data: Path) -> Knowledge:
        """The snapshot published in a data folder; raise :class:`SnapshotError` when there is none."""
        folder = current(data)
        if folder is None:
            raise SnapshotError("还没有可用的快照；请先执行 hegui build（约半分钟，不需要网络）。")
        return cls(folder)

    @property
    def lexical(self) -> LexicalIndex:
        """BM25 over what entries say themselves."""
        return self._keyword("told")

    @property
    def said(self) -> LexicalIndex:
        """BM25 over how people ask for entries."""
        return self._keyword("said")

    @property
    def grams(self) -> GramIndex:
        """What entries say themselves, by its characters."""
        from kg_build.grams import FILE, GramIndex

        with self._lock:
            if self._grams is None:
                self._grams = GramIndex.load(self.folder / FILE)
        return self._grams

    @property
    def bag(self) -> BagIndex:
        """How people ask for entries, by the characters that tell them apart."""
        from kg_build.bag import BagIndex

        with self._lock:
            if self._bag is None:
                self._bag = BagIndex.load(self.folder)
        return self._bag

    def _keyword(self, field: str) -> LexicalIndex:
        from kg_build.indexes import FIELDS, LexicalIndex
        from kg_build.words import Tokenizer

        with self._lock:
            if self._lexical is None:
                tokenizer = Tokenizer.load(self.folder)
                self._lexical = {f: LexicalIndex.load(self.folder / f, tokenizer) for f in FIELDS}
        return self._lexical[field]

    @property
    def encoder(self) -> Encoder | None:
        """The encoder the snapshot was built with; ``None`` where it can't be had (then :attr:`notice` says why)."""
        if self.dense is None:
            return None
        with self._lock:
            if self._encoder is None:
                try:
                    self._encoder = open_encoder(self.manifest["model"]["setting"])
                except EncoderError as error:
                    self.dense, self.notice = None, str(error)
        return self._encoder

    def warm(self) -> None:
        """Load what first use would load, so that the first question is as quick as the next."""
        _ = self.lexical, self.grams, self.bag
        if self.encoder is not None:
            self.encoder.encode_queries(["预热"])

    def label(self, iri: str) -> str:
        """The prefLabel of a concept."""
        concept = self.concepts.get(iri)
        return concept.label if concept else iri.rsplit("/", 1)[-1]

    def narrower(self, iri: str) -> set[str]:
        """A concept and everything below it."""
        found, pending = {iri}, [iri]
        while pending:
            at = pending.pop()
            below = [c.iri for c in self.concepts.values() if c.broader == at and c.iri not in found]
            found.update(below)
            pending.extend(below)
        return found

    def widest(self, iri: str) -> str:
        """The topmost concept above one (itself when there is none)."""
        return self.upward(iri)[-1]

    def upward(self, iri: str) -> list[str]:
        """A concept and everything above it, the nearest first."""
        found = [iri]
        while (concept := self.concepts.get(found[-1])) and concept.broader:
            found.append(concept.broader)
        return found

    def superseding(self, document: Document, day: datetime.date) -> list[Document]:
        """The documents in force on ``day`` that prevail over parts of one."""
        names = document.partly_superseded_by
        return [d for d in self.documents.values() if d.short in names and d.is_in_force(day)] if names else []

    def successors_named(self, name: str) -> list[Document]:
        """The documents that replaced one known only by name, written with or without the year of its title."""
        with self._lock:
            if self._replaced is None:
                self._replaced = index_names({old: [old] for old in self.successors})
        fits = self._replaced.fitting(name)
        return list(dict.fromkeys(d for old in fits for d in self.successors[old]))

    def article_of(self, provision: Provision) -> Provision:
        """The whole article (or clause) a provision lies in."""
        at = provision
        while at.parent in self.provisions:
            at = self.provisions[at.parent]
        return at

    def below(self, provision: Provision) -> list[Provision]:
        """A provision and everything below it, in reading order."""
        return [
            provision,
            *(p for child in self.children.get(provision.iri, []) for p in self.below(self.provisions[child])),
        ]

    def is_outlined(self, document: str) -> bool:
        """Whether a document that is no standard numbers its places 一（二）3 or 12 instead of by articles."""
        form = self.documents[document]
        parts = [self.provisions[i] for i in self.children.get(form.iri, [])]
        return not form.is_standard and bool(parts) and all(p.article is None for p in parts)

    def find(self, document: str, locator: Locator) -> Provision:
        """The provision at a place; raise :class:`CitationError` in Chinese when the document has no such place."""
        form = self.documents[document]
        wanted = f"{document}/{locator.path}"
        found = self.provision_by_id.get(wanted)
        if found:
            return found
        whole = self.provision_by_id.get(f"{document}/{locator.article_locator.path}")
        if whole is None:
            raise CitationError(f"《{form.short}》中没有{locator.text}，或资料库尚未收录这一条；请核对条款号。")
        inside = [
            p for p in self.below(whole) if (p.paragraph or 1) == (locator.paragraph or 1) and (p.item or 0) == locator.item
        ]
        return inside[0] if inside else whole

    def _rows(self, query: str, **bound: URIRef) -> Iterable[Any]:
        return self.graph.query(read_query(query), initBindings=bound)

    def _concepts(self) -> dict[str, Concept]:
        found: dict[str, Concept] = {}
        for row in self._rows("concepts.rq"):
            if str(row["class"]).startswith(str(HG)):
                iri = str(row.concept)
                found[iri] = Concept(
                    iri,
                    str(row["class"]).removeprefix(str(HG)),
                    str(row.label),
                    str(row.broader) if row.broader else None,
                    str(row.definition) if row.definition else None,
                    int(row.order) if row.order is not None else 0,
                )
        return found
