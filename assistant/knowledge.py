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

from rdflib import DCTERMS, RDFS, Graph, URIRef

from assistant.entities import Case, Check, Concept, Document, Provision, Sanction
from kg_build.citation import Locator, Names, index_names
from kg_build.embedding import Encoder, open_encoder
from kg_build.errors import CitationError, EncoderError, SnapshotError
from kg_build.published import Bag, as_graph, current, describe, load_store
from kg_build.vocabulary import ELI, HG, Vocabulary

if TYPE_CHECKING:
    from kg_build.indexes import DenseIndex, Kind, LexicalIndex


def read_query(name: str) -> str:
    """A SPARQL query of the package ``assistant.queries``."""
    return (importlib.resources.files("assistant") / "queries" / name).read_text(encoding="utf-8")


class Knowledge:
    """A published snapshot in memory."""

    def __init__(self, folder: Path) -> None:
        # The indexes' libraries take a second to import; the page, which only names this class, need not wait for them.
        from kg_build.indexes import DenseIndex, read_entries

        self.folder = folder
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self._store = load_store(folder)
        self.graph: Graph = as_graph(self._store)
        self.vocabulary = Vocabulary(self.graph)
        self.concepts = self._concepts()
        self.documents = {d.id: d for d in self._documents()}
        self.provisions = {p.iri: p for p in sorted(self._provisions(), key=lambda p: (p.document.id, p.place))}
        self.provision_by_id = {p.id: p for p in self.provisions.values()}
        self.checks = {c.id: c for c in self._checks()}
        self.cases = {c.id: c for c in self._cases()}
        self.names: Names = index_names(
            {d.id: [d.title, d.short, *([d.number] if d.number else []), *d.aliases] for d in self.documents.values()}
        )
        self.entries: list[tuple[str, Kind]] = read_entries(folder / "entries.json")
        self.position = {pair: i for i, pair in enumerate(self.entries)}
        self.children: dict[str, list[str]] = defaultdict(list)
        for provision in self.provisions.values():
            self.children[provision.parent].append(provision.iri)
        self._lexical: LexicalIndex | None = None
        self.dense: DenseIndex | None = DenseIndex.load(folder)
        self._encoder: Encoder | None = None
        self._lock = threading.Lock()
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
        """The BM25 index, opened at first use (its dictionary takes about a second)."""
        from kg_build.indexes import LexicalIndex, Tokenizer

        with self._lock:
            if self._lexical is None:
                lexicon = (self.folder / "lexicon.txt").read_text(encoding="utf-8").split("\n")
                self._lexical = LexicalIndex.load(self.folder, Tokenizer(lexicon))
        return self._lexical

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
        _ = self.lexical
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
        at = iri
        while (concept := self.concepts.get(at)) and concept.broader:
            at = concept.broader
        return at

    def superseding(self, document: Document, day: datetime.date) -> list[Document]:
        """The documents in force on ``day`` that prevail over parts of one."""
        return [d for d in self.documents.values() if d.short in document.partly_superseded_by and d.is_in_force(day)]

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

    def _bags(self, kind: URIRef) -> dict[str, Bag]:
        return describe(self._store, str(kind))

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

    def _documents(self) -> Iterable[Document]:
        bags = self._bags(HG.Document)
        shorts = {iri: _one(bag, ELI.title_short) for iri, bag in bags.items()}

        def named(bag: Bag, prop: URIRef) -> tuple[str, ...]:
            return tuple(sorted(shorts.get(str(v)) or str(v) for v in bag.get(str(prop), [])))

        for iri, bag in bags.items():
            yield Document(
                iri=iri,
                id=_one(bag, HG.id),
                title=_one(bag, ELI.title),
                short=_one(bag, ELI.title_short),
                kind=_one(bag, ELI.type_document).rsplit("/", 1)[-1],
                issuer=_one(bag, HG.issuer),
                number=_maybe(bag, ELI.id_local),
                jurisdiction=_one(bag, HG.jurisdiction),
                published=_value(bag, ELI.date_document),
                in_force=_value(bag, ELI.first_date_entry_in_force),
                repealed=_value(bag, ELI.date_no_longer_in_force),
                version=_value(bag, HG.versionDate),
                mandatory=bool(_value(bag, HG.mandatory)),
                aliases=_many(bag, HG.alias),
                note=_maybe(bag, HG.note),
                url=_maybe(bag, RDFS.seeAlso),
                checked_against=_maybe(bag, HG.checkedAgainst),
                replaces=named(bag, ELI.repeals),
                partly_superseded_by=named(bag, HG.partlySupersededBy),
                based_on=named(bag, ELI.based_on),
            )

    def _provisions(self) -> Iterable[Provision]:
        texts = {str(p): (str(t), str(s) if s else None) for p, t, s in self._rows("expressions.rq")}
        sanctions = {iri: _sanction(bag) for iri, bag in self._bags(HG.Sanction).items()}
        documents = {d.iri: d for d in self.documents.values()}
        for iri, bag in self._bags(HG.Provision).items():
            text, source = texts.get(iri, (None, None))
            yield Provision(
                iri=iri,
                id=_one(bag, HG.id),
                document=documents[_one(bag, HG.partOfDocument)],
                citation=_one(bag, HG.citation),
                number=_one(bag, ELI.number),
                article=_value(bag, HG.article),
                article_sub=_value(bag, HG.articleSub),
                paragraph=_value(bag, HG.paragraph),
                item=_value(bag, HG.item),
                parent=_one(bag, ELI.is_part_of),
                chapter=_maybe(bag, HG.chapter),
                heading=_maybe(bag, HG.heading),
                gist=_maybe(bag, HG.gist),
                modality=(_maybe(bag, HG.modality) or "").rsplit("/", 1)[-1] or None,
                bearer=_maybe(bag, HG.bearer),
                verified=bool(_value(bag, HG.verified)),
                checked_against=_maybe(bag, HG.checkedAgainst),
                major_hazard=bool(_value(bag, HG.isMajorHazardCriterion)),
                says=_many(bag, HG.says),
                tags=_many(bag, HG.riskTag),
                scenes=_many(bag, HG.scene),
                penalized_by=_many(bag, HG.penalizedBy),
                cites=_many(bag, ELI.cites),
                sanctions=tuple(sanctions[s] for s in _many(bag, HG.sanction)),
                note=_maybe(bag, HG.note),
                official_text=text,
                official_source=source,
            )

    def _checks(self) -> Iterable[Check]:
        for iri, bag in self._bags(HG.Check).items():
            first = _maybe(bag, HG.firstBasis)
            basis = _many(bag, HG.basis)
            yield Check(
                iri=iri,
                id=_one(bag, HG.id),
                ask=_one(bag, HG.ask),
                scene=_one(bag, HG.scene),
                link=_one(bag, HG.keyLink),
                point=_one(bag, HG.riskPoint),
                order=int(_value(bag, HG.order)),
                how=_ordered(bag, HG.how),
                fix=_one(bag, HG.fix),
                severity=_one(bag, HG.severity),
                nature=_one(bag, HG.nature),
                basis=tuple(dict.fromkeys(([first] if first else []) + list(basis))),
                penalized_by=_many(bag, HG.penalizedBy),
                tags=_many(bag, HG.riskTag),
                says=_many(bag, HG.says),
                applies={
                    name: _many(bag, HG["applies" + name.capitalize()])
                    for name in ("industry", "activity", "process", "equipment", "substance")
                    if str(HG["applies" + name.capitalize()]) in bag
                },
                min_headcount=_value(bag, HG.minHeadcount),
            )

    def _cases(self) -> Iterable[Case]:
        for iri, bag in self._bags(HG.Case).items():
            industry = _maybe(bag, HG.industry)
            yield Case(
                iri=iri,
                id=_one(bag, HG.id),
                type=_one(bag, HG.caseType),
                title=_one(bag, DCTERMS.title),
                date=_value(bag, DCTERMS.date),
                region=_one(bag, HG.region),
                in_shanghai=bool(_value(bag, HG.inShanghai)),
                agency=_maybe(bag, HG.agency),
                party=_maybe(bag, HG.party),
                industry=self.label(industry) if industry else None,
                scenes=_many(bag, HG.scene),
                tags=_many(bag, HG.riskTag),
                facts=_one(bag, HG.facts),
                violates=_many(bag, HG.violates),
                penalty_basis=_many(bag, HG.penaltyBasis),
                corresponds=_many(bag, HG.corresponds),
                cited_as=_many(bag, HG.citedAs),
                penalty_kind=_maybe(bag, HG.penaltyKind),
                amount=_value(bag, HG.amount),
                persons=_ordered(bag, HG.personPenalty),
                deaths=_value(bag, HG.deaths),
                injuries=_value(bag, HG.injuries),
                outcome=_maybe(bag, HG.outcome),
                non_penalty_ground=_maybe(bag, HG.nonPenaltyGround),
                lesson=_one(bag, HG.lesson),
                confidence=_one(bag, HG.confidence),
                publisher=_one(bag, HG.sourcePublisher),
                source_title=_one(bag, HG.sourceTitle),
                source_url=_maybe(bag, HG.sourceUrl),
                source_published=_value(bag, HG.sourcePublished),
            )


def _value(bag: Bag, prop: URIRef) -> Any:
    values = bag.get(str(prop))
    return values[0] if values else None


def _maybe(bag: Bag, prop: URIRef) -> str | None:
    values = bag.get(str(prop))
    return str(values[0]) if values else None


def _one(bag: Bag, prop: URIRef) -> str:
    return str(bag[str(prop)][0])


def _many(bag: Bag, prop: URIRef) -> tuple[str, ...]:
    return tuple(sorted(str(v) for v in bag.get(str(prop), [])))


def _ordered(bag: Bag, prop: URIRef) -> tuple[str, ...]:
    """Values written as ``1. …``, ``2. …``, in that order and without the number."""
    pairs = (str(v).split(". ", 1) for v in bag.get(str(prop), []))
    return tuple(text for _, text in sorted((int(n), text) for n, text in pairs))


def _sanction(bag: Bag) -> Sanction:
    def number(name: str) -> Any:
        value = _value(bag, HG[name])
        return float(value) if value is not None else None

    return Sanction(
        who=_one(bag, HG.who),
        when=_one(bag, HG.when),
        measures=_many(bag, HG.measure),
        condition=_maybe(bag, HG.condition),
        discretionary=bool(_value(bag, HG.discretionary)),
        fine_min=_value(bag, HG.fineMin),
        fine_max=_value(bag, HG.fineMax),
        base=_maybe(bag, HG.fineBase),
        min_times=number("minTimes"),
        max_times=number("maxTimes"),
        min_pct=number("minPercent"),
        max_pct=number("maxPercent"),
    )
