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

from rdflib import DCTERMS, RDFS, Graph, Namespace, URIRef

from assistant.entities import Case, Check, Concept, Document, Provision, Sanction
from kg_build.citation import Locator, Names, index_names
from kg_build.embedding import Encoder, open_encoder
from kg_build.errors import CitationError, EncoderError, SnapshotError
from kg_build.published import Bag, as_graph, current, describe, load_store
from kg_build.vocabulary import ELI, HG, Vocabulary

if TYPE_CHECKING:
    from kg_build.indexes import DenseIndex, Kind, LexicalIndex


class _Terms:
    """A vocabulary whose terms are plain strings, each made once: reading asks for them a hundred thousand times."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> str:
        term = str(self._namespace[name])
        setattr(self, name, term)
        return term

    def __getitem__(self, name: str) -> str:
        return str(getattr(self, name))


T, E = _Terms(HG), _Terms(ELI)


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

    def _bags(self, kind: str) -> dict[str, Bag]:
        return describe(self._store, kind)

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
        bags = self._bags(T.Document)
        shorts = {iri: _one(bag, E.title_short) for iri, bag in bags.items()}

        def named(bag: Bag, prop: str) -> tuple[str, ...]:
            return tuple(sorted(shorts.get(str(v)) or str(v) for v in bag.get(prop, [])))

        for iri, bag in bags.items():
            yield Document(
                iri=iri,
                id=_one(bag, T.id),
                title=_one(bag, E.title),
                short=_one(bag, E.title_short),
                kind=_one(bag, E.type_document).rsplit("/", 1)[-1],
                issuer=_one(bag, T.issuer),
                number=_maybe(bag, E.id_local),
                jurisdiction=_one(bag, T.jurisdiction),
                published=_value(bag, E.date_document),
                in_force=_value(bag, E.first_date_entry_in_force),
                repealed=_value(bag, E.date_no_longer_in_force),
                version=_value(bag, T.versionDate),
                mandatory=bool(_value(bag, T.mandatory)),
                aliases=_many(bag, T.alias),
                note=_maybe(bag, T.note),
                url=_maybe(bag, str(RDFS.seeAlso)),
                checked_against=_maybe(bag, T.checkedAgainst),
                replaces=named(bag, E.repeals),
                partly_superseded_by=named(bag, T.partlySupersededBy),
                based_on=named(bag, E.based_on),
            )

    def _provisions(self) -> Iterable[Provision]:
        texts = {str(p): (str(t), str(s) if s else None) for p, t, s in self._rows("expressions.rq")}
        sanctions = {iri: _sanction(bag) for iri, bag in self._bags(T.Sanction).items()}
        documents = {d.iri: d for d in self.documents.values()}
        for iri, bag in self._bags(T.Provision).items():
            text, source = texts.get(iri, (None, None))
            yield Provision(
                iri=iri,
                id=_one(bag, T.id),
                document=documents[_one(bag, T.partOfDocument)],
                citation=_one(bag, T.citation),
                number=_one(bag, E.number),
                article=_value(bag, T.article),
                article_sub=_value(bag, T.articleSub),
                paragraph=_value(bag, T.paragraph),
                item=_value(bag, T.item),
                parent=_one(bag, E.is_part_of),
                chapter=_maybe(bag, T.chapter),
                heading=_maybe(bag, T.heading),
                gist=_maybe(bag, T.gist),
                modality=(_maybe(bag, T.modality) or "").rsplit("/", 1)[-1] or None,
                bearer=_maybe(bag, T.bearer),
                verified=bool(_value(bag, T.verified)),
                checked_against=_maybe(bag, T.checkedAgainst),
                major_hazard=bool(_value(bag, T.isMajorHazardCriterion)),
                says=_many(bag, T.says),
                tags=_many(bag, T.riskTag),
                scenes=_many(bag, T.scene),
                penalized_by=_many(bag, T.penalizedBy),
                cites=_many(bag, E.cites),
                sanctions=tuple(sanctions[s] for s in _many(bag, T.sanction)),
                note=_maybe(bag, T.note),
                official_text=text,
                official_source=source,
            )

    def _checks(self) -> Iterable[Check]:
        for iri, bag in self._bags(T.Check).items():
            first = _maybe(bag, T.firstBasis)
            basis = _many(bag, T.basis)
            yield Check(
                iri=iri,
                id=_one(bag, T.id),
                ask=_one(bag, T.ask),
                scene=_one(bag, T.scene),
                link=_one(bag, T.keyLink),
                point=_one(bag, T.riskPoint),
                order=int(_value(bag, T.order)),
                how=_ordered(bag, T.how),
                fix=_one(bag, T.fix),
                severity=_one(bag, T.severity),
                nature=_one(bag, T.nature),
                basis=tuple(dict.fromkeys(([first] if first else []) + list(basis))),
                penalized_by=_many(bag, T.penalizedBy),
                tags=_many(bag, T.riskTag),
                says=_many(bag, T.says),
                applies={
                    name: _many(bag, T["applies" + name.capitalize()])
                    for name in ("industry", "activity", "process", "equipment", "substance")
                    if T["applies" + name.capitalize()] in bag
                },
                min_headcount=_value(bag, T.minHeadcount),
            )

    def _cases(self) -> Iterable[Case]:
        for iri, bag in self._bags(T.Case).items():
            industry = _maybe(bag, T.industry)
            yield Case(
                iri=iri,
                id=_one(bag, T.id),
                type=_one(bag, T.caseType),
                title=_one(bag, str(DCTERMS.title)),
                date=_value(bag, str(DCTERMS.date)),
                region=_one(bag, T.region),
                in_shanghai=bool(_value(bag, T.inShanghai)),
                agency=_maybe(bag, T.agency),
                party=_maybe(bag, T.party),
                industry=self.label(industry) if industry else None,
                scenes=_many(bag, T.scene),
                tags=_many(bag, T.riskTag),
                facts=_one(bag, T.facts),
                violates=_many(bag, T.violates),
                penalty_basis=_many(bag, T.penaltyBasis),
                corresponds=_many(bag, T.corresponds),
                cited_as=_many(bag, T.citedAs),
                penalty_kind=_maybe(bag, T.penaltyKind),
                amount=_value(bag, T.amount),
                persons=_ordered(bag, T.personPenalty),
                deaths=_value(bag, T.deaths),
                injuries=_value(bag, T.injuries),
                outcome=_maybe(bag, T.outcome),
                non_penalty_ground=_maybe(bag, T.nonPenaltyGround),
                lesson=_one(bag, T.lesson),
                confidence=_one(bag, T.confidence),
                publisher=_one(bag, T.sourcePublisher),
                source_title=_one(bag, T.sourceTitle),
                source_url=_maybe(bag, T.sourceUrl),
                source_published=_value(bag, T.sourcePublished),
            )


def _value(bag: Bag, prop: str) -> Any:
    values = bag.get(prop)
    return values[0] if values else None


def _maybe(bag: Bag, prop: str) -> str | None:
    values = bag.get(prop)
    return str(values[0]) if values else None


def _one(bag: Bag, prop: str) -> str:
    return str(bag[prop][0])


def _many(bag: Bag, prop: str) -> tuple[str, ...]:
    return tuple(sorted(str(v) for v in bag.get(prop, [])))


def _ordered(bag: Bag, prop: str) -> tuple[str, ...]:
    """Values written as ``1. …``, ``2. …``, in that order and without the number."""
    pairs = (str(v).split(". ", 1) for v in bag.get(prop, []))
    return tuple(text for _, text in sorted((int(n), text) for n, text in pairs))


def _sanction(bag: Bag) -> Sanction:
    def number(name: str) -> Any:
        value = _value(bag, T[name])
        return float(value) if value is not None else None

    return Sanction(
        who=_one(bag, T.who),
        when=_one(bag, T.when),
        measures=_many(bag, T.measure),
        condition=_maybe(bag, T.condition),
        discretionary=bool(_value(bag, T.discretionary)),
        fine_min=_value(bag, T.fineMin),
        fine_max=_value(bag, T.fineMax),
        base=_maybe(bag, T.fineBase),
        min_times=number("minTimes"),
        max_times=number("maxTimes"),
        min_pct=number("minPercent"),
        max_pct=number("maxPercent"),
    )
