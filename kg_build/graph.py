"""corpus → RDF graph: documents and provisions in ELI, tags and scenes in SKOS, sources in PROV-O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rdflib import DCTERMS, PROV, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.term import Node as Term

from kg_build.corpus import Corpus
from kg_build.errors import CitationError
from kg_build.forms import (
    CaseForm,
    CheckForm,
    DocumentForm,
    FineForm,
    OutsideForm,
    PersonPenaltyForm,
    SanctionForm,
    ThresholdForm,
    TierForm,
)
from kg_build.nodes import Node, Tree
from kg_build.vocabulary import BASE, ELI, HG, OUTSIDE, Vocabulary


def document_iri(document: DocumentForm) -> URIRef:
    """ELI-style IRI of a document."""
    return URIRef(f"{BASE}eli/cn/{document.kind}/{document.published.year}/{document.id}")


def node_iri(node: Node) -> URIRef:
    """ELI-style IRI of a provision."""
    return URIRef(f"{document_iri(node.document)}/{node.locator.path}")


def check_iri(check_id: str) -> URIRef:
    """IRI of a check."""
    return URIRef(f"{BASE}check/{check_id}")


def outside_iri(topic_id: str) -> URIRef:
    """IRI of a subject outside the corpus."""
    return URIRef(f"{OUTSIDE}{topic_id}")


def case_iri(case_id: str) -> URIRef:
    """IRI of a case."""
    return URIRef(f"{BASE}case/{case_id}")


class GraphBuilder:
    """Adds the corpus to a graph; every citation must resolve (``validation`` proves it first)."""

    def __init__(self, tree: Tree, vocabulary: Vocabulary) -> None:
        self.tree = tree
        self.vocabulary = vocabulary
        self.graph = Graph()
        self.says: dict[str, tuple[str, ...]] = {}
        """How people ask for each thing (``hg:says``), apart from the graph: nearly half of all triples, and neither a query
        nor a shape looks at them."""

    def build(self, corpus: Corpus) -> Graph:
        """The graph of documents, provisions, checks, cases and what lies outside (the ontology is not repeated in it)."""
        for document in self.tree.documents.values():
            self._document(document)
        for node in self.tree.all():
            self._provision(node)
        for scene in corpus.scenes:
            for order, check in enumerate(scene.checks):
                self._check(scene.scene, check, order)
        for case, _ in corpus.cases:
            self._case(case)
        for topic in corpus.outside:
            self._outside(topic)
        for asked, _ in corpus.asked:
            for iri in {node_iri(self.tree.cite(c)) for c in asked.answered_by} or {outside_iri(str(asked.topic))}:
                self._says(iri, [asked.q])
        return self.graph

    def _add(self, subject: URIRef, predicate: URIRef, *values: Term | str | int | float | bool | None) -> None:
        for value in values:
            if value is None:
                continue
            term = value if isinstance(value, URIRef | Literal) else _literal(value)
            self.graph.add((subject, predicate, term))

    def _says(self, subject: URIRef, says: Sequence[str]) -> None:
        if says:
            self.says[subject] = tuple(dict.fromkeys((*self.says.get(subject, ()), *says)))

    def _document(self, document: DocumentForm) -> None:
        iri = document_iri(document)
        self._add(iri, RDF.type, HG.Document)
        self._add(iri, HG.id, _plain(document.id))
        self._add(iri, ELI.title, document.title)
        self._add(iri, ELI.title_short, document.short)
        self._add(iri, HG.alias, *document.aliases)
        self._add(iri, ELI.type_document, URIRef(f"{BASE}kind/{document.kind}"))
        self._add(iri, HG.issuer, document.issuer)
        self._add(iri, ELI.id_local, document.number)
        self._add(iri, HG.jurisdiction, document.jurisdiction)
        self._add(iri, ELI.date_document, _date(document.published))
        self._add(iri, ELI.first_date_entry_in_force, _date(document.in_force))
        self._add(iri, ELI.date_no_longer_in_force, _date(document.repealed))
        self._add(iri, HG.versionDate, _date(document.version or document.published))
        self._add(iri, HG.mandatory, document.is_mandatory)
        self._add(iri, HG.note, document.note)
        self._add(iri, HG.endedBy, document.ended_by)
        self._add(iri, HG.bindsIndustry, *(self.vocabulary.industries.find(i) for i in document.binds))
        self._add(iri, RDFS.seeAlso, URIRef(document.url) if document.url else None)
        for predicate, named in (
            (ELI.repeals, document.replaces),
            (ELI.amends, document.amends),
            (HG.partlySupersededBy, document.partly_superseded_by),
            (ELI.based_on, document.based_on),
        ):
            for name in named:
                other = self.tree.document(name)
                # A predecessor outside the corpus is still told by name.
                self._add(iri, predicate, document_iri(other) if other else _literal(name))
        if document.checked:
            self._add(iri, HG.checkedAgainst, document.checked.against)
            self._add(iri, HG.checkedOn, _date(document.checked.on))

    def _provision(self, node: Node) -> None:
        iri, document = node_iri(node), document_iri(node.document)
        self._add(iri, RDF.type, HG.Provision)
        self._add(iri, HG.id, _plain(node.id))
        self._add(iri, HG.partOfDocument, document)
        self._add(iri, ELI.is_part_of, self._parent(node))
        self._add(iri, HG.citation, _plain(node.citation))
        self._add(iri, ELI.number, _plain(node.locator.text))
        for name, value in (
            ("article", node.locator.article),
            ("articleSub", node.locator.sub),
            ("paragraph", node.locator.paragraph),
            ("item", node.locator.item),
        ):
            self._add(iri, HG[name], value or None)
        self._add(iri, HG.chapter, node.chapter)
        if node.official_text:
            # The wording belongs to the expression: the provision as it reads in this version.
            version = (node.document.version or node.document.published).isoformat()
            expression = URIRef(f"{document}/{version}/{node.locator.path}")
            self._add(expression, RDF.type, ELI.LegalExpression)
            self._add(expression, ELI.realizes, iri)
            self._add(expression, HG.officialText, node.official_text)
            self._add(expression, HG.officialTextSource, node.official_source)
        form = node.form
        if form is None:
            return
        self._add(iri, HG.heading, form.heading)
        self._add(iri, HG.gist, form.gist)
        self._add(iri, HG.modality, URIRef(f"{BASE}modality/{form.modality}"))
        self._add(iri, HG.bearer, form.bearer)
        self._add(iri, HG.verified, node.verified)
        self._add(iri, HG.isMajorHazardCriterion, form.major_hazard or None)
        self._says(iri, form.says)
        self._add(iri, HG.note, form.note)
        self._add(iri, HG.riskTag, *(self.vocabulary.tags.get(t) for t in form.tags))
        self._add(iri, HG.scene, *(self.vocabulary.scenes.get(s) for s in form.scenes))
        self._add(iri, HG.penalizedBy, *self._cited(form.penalty, node.document.id))
        self._add(iri, ELI.cites, *self._cited(form.cites, node.document.id))
        if node.document.checked and node.verified:
            self._add(iri, HG.checkedAgainst, node.document.checked.against)
        for index, sanction in enumerate(form.sanctions):
            self._sanction(iri, index, sanction)
        self._add(iri, HG.industry, *(self.vocabulary.industries.find(i) for i in form.industries))
        for index, threshold in enumerate(form.thresholds):
            self._threshold(iri, index, threshold)
        for index, tier in enumerate(form.discretion):
            self._tier(iri, index, tier, node.document.id)
        if lenient := form.leniency:
            self._add(iri, HG.leniencyKind, _plain(lenient.kind))
            self._add(iri, HG.lightens, *self._cited(lenient.of, node.document.id))
            self._add(iri, HG.leniencyCondition, *_numbered(lenient.conditions))

    def _parent(self, node: Node) -> URIRef:
        above = next(iter(self.tree.upward(node)), None)
        return node_iri(above) if above else document_iri(node.document)

    def _cited(self, citations: Iterable[str], within: str | None = None) -> list[URIRef]:
        found = []
        for citation in citations:
            try:
                found.append(node_iri(self.tree.cite(citation, within)))
            except CitationError:
                # `cites` may name a whole document.
                document = self.tree.names.resolve(citation)
                if document is None:
                    raise
                found.append(document_iri(self.tree.documents[document]))
        return found

    def _sanction(self, provision: URIRef, index: int, sanction: SanctionForm) -> None:
        iri = URIRef(f"{provision}/sanction_{index + 1}")
        self._add(provision, HG.sanction, iri)
        self._add(iri, RDF.type, HG.Sanction)
        self._add(iri, HG.order, index)
        self._add(iri, HG.who, _plain(sanction.who))
        self._add(iri, HG.when, _plain(sanction.when))
        self._add(iri, HG.measure, *_numbered(sanction.measures))
        self._add(iri, HG.condition, sanction.condition)
        self._add(iri, HG.discretionary, sanction.discretionary or None)
        self._fine(iri, sanction.fine)

    def _threshold(self, provision: URIRef, index: int, threshold: ThresholdForm) -> None:
        iri = URIRef(f"{provision}/threshold_{index + 1}")
        self._add(provision, HG.threshold, iri)
        self._add(iri, RDF.type, HG.Threshold)
        self._add(iri, HG.order, index)
        self._add(iri, HG.quantity, threshold.measure)
        self._add(iri, HG.ofSubject, _plain(threshold.of) if threshold.of else None)
        self._add(iri, HG.alias, *threshold.aliases)
        self._add(iri, HG.casNumber, *(_plain(c) for c in threshold.cas))
        self._add(iri, HG.operator, _plain(threshold.op))
        self._add(iri, HG.value, _decimal(threshold.value))
        self._add(iri, HG.upTo, _decimal(threshold.upto))
        self._add(iri, HG.unit, _plain(threshold.unit) if threshold.unit else None)
        self._add(iri, HG.condition, threshold.condition)

    def _tier(self, provision: URIRef, index: int, tier: TierForm, within: str) -> None:
        iri = URIRef(f"{provision}/tier_{index + 1}")
        self._add(provision, HG.tier, iri)
        self._add(iri, RDF.type, HG.DiscretionTier)
        self._add(iri, HG.order, index)
        self._add(iri, HG.grades, *self._cited([tier.of], within))
        self._add(iri, HG.tierName, _plain(tier.tier))
        self._add(iri, HG.factor, tier.factor)
        self._add(iri, HG.who, _plain(tier.who))
        self._add(iri, HG.when, _plain(tier.when))
        self._add(iri, HG.measure, *_numbered(tier.measures))
        self._fine(iri, tier.fine)

    def _fine(self, iri: URIRef, fine: FineForm | None) -> None:
        if fine:
            for name, value in (
                ("fineMin", fine.min),
                ("fineMax", fine.max),
                ("fineBase", fine.base),
                ("minTimes", fine.min_times),
                ("maxTimes", fine.max_times),
                ("minPercent", fine.min_pct),
                ("maxPercent", fine.max_pct),
            ):
                self._add(iri, HG[name], _decimal(value) if isinstance(value, float) else value)

    def _check(self, scene: str, check: CheckForm, order: int) -> None:
        iri, words = check_iri(check.id), self.vocabulary
        scene_iri = words.scenes.by_label[scene]
        link = words.child(scene_iri, check.link)
        self._add(iri, RDF.type, HG.Check)
        self._add(iri, HG.id, _plain(check.id))
        self._add(iri, HG.ask, check.ask)
        self._add(iri, HG.order, order)
        self._add(iri, HG.scene, scene_iri)
        self._add(iri, HG.keyLink, link)
        self._add(iri, HG.riskPoint, words.child(link, check.point) if link else None)
        for place in check.also:
            other = words.child(words.scenes.by_label[place.scene], place.link)
            # A risk point tells its key link and scene by skos:broader.
            self._add(iri, HG.alsoAt, words.child(other, place.point) if other else None)
        self._add(iri, HG.how, *_numbered(check.how))
        self._add(iri, HG.fix, check.fix)
        self._add(iri, HG.severity, _plain(check.severity))
        basis = [self.tree.cite(c) for c in check.basis]
        for index, node in enumerate(basis):
            self._add(iri, HG.basis, node_iri(node))
            self._add(iri, HG.firstBasis, node_iri(node) if index == 0 else None)
        # One binding ground is enough for the check to bind.
        binding = any(n.document.is_mandatory for n in basis)
        self._add(iri, HG.nature, _plain("mandatory" if binding else "recommended"))
        self._add(iri, HG.penalizedBy, *self._cited(check.penalty))
        self._add(iri, HG.unpunished, check.unpunished)
        self._add(iri, HG.riskTag, *(words.tags.get(t) for t in check.tags))
        self._says(iri, check.says)
        applies = check.applies
        for predicate, concepts, labels in (
            (HG.appliesIndustry, words.industries, applies.industry),
            (HG.appliesActivity, words.activities, applies.activity),
            (HG.appliesProcess, words.processes, applies.process),
            (HG.appliesEquipment, words.equipment, applies.equipment),
            (HG.appliesSubstance, words.substances, applies.substance),
        ):
            self._add(iri, predicate, *(concepts.find(label) or words.scenes.find(label) for label in labels))
        self._add(iri, HG.minHeadcount, applies.min_headcount)

    def _case(self, case: CaseForm) -> None:
        iri = case_iri(case.id)
        self._add(iri, RDF.type, HG.Case)
        self._add(iri, HG.id, _plain(case.id))
        self._add(iri, HG.caseType, _plain(case.type))
        self._add(iri, DCTERMS.title, case.title)
        self._add(iri, DCTERMS.date, _date(case.date))
        self._add(iri, HG.dateKind, _plain(case.date_kind))
        self._add(iri, HG.region, case.region)
        self._add(iri, HG.inShanghai, case.in_shanghai)
        self._add(iri, HG.agency, case.agency)
        self._add(iri, HG.party, case.party)
        self._add(iri, HG.industry, self.vocabulary.industries.find(case.industry) if case.industry else None)
        self._add(iri, HG.scene, *(self.vocabulary.scenes.get(s) for s in case.scenes))
        self._add(iri, HG.riskTag, *(self.vocabulary.tags.get(t) for t in case.tags))
        self._add(iri, HG.facts, case.facts)
        self._add(iri, HG.violates, *self._cited(case.violated))
        self._add(iri, HG.penaltyBasis, *self._cited(case.penalty_basis))
        self._add(iri, HG.corresponds, *self._cited(case.corresponds))
        self._add(iri, HG.citedAs, *case.cited_as)
        self._add(iri, HG.penaltyKind, case.penalty.kind)
        self._add(iri, HG.amount, case.penalty.amount)
        self._add(iri, HG.personPenalty, *_numbered(_person(p) for p in case.penalty.persons))
        self._add(iri, HG.deaths, case.deaths)
        self._add(iri, HG.injuries, case.injuries)
        self._add(iri, HG.outcome, case.outcome)
        self._add(iri, HG.nonPenaltyGround, case.non_penalty_ground)
        self._add(iri, HG.lesson, case.lesson)
        self._add(iri, HG.confidence, _plain(case.confidence))
        self._add(iri, HG.sourcePublisher, case.source.publisher)
        self._add(iri, HG.sourceTitle, case.source.title)
        self._add(iri, HG.sourcePart, case.source.part)
        self._add(iri, HG.sourceUrl, Literal(case.source.url, datatype=XSD.anyURI) if case.source.url else None)
        self._add(iri, HG.sourcePublished, _date(case.source.published))
        self._add(iri, PROV.wasDerivedFrom, URIRef(case.source.url) if case.source.url else None)

    def _outside(self, topic: OutsideForm) -> None:
        iri = outside_iri(topic.id)
        self._add(iri, RDF.type, HG.OutsideTopic)
        self._add(iri, HG.id, _plain(topic.id))
        self._add(iri, DCTERMS.title, topic.topic)
        self._add(iri, HG.whereToAsk, topic.where)
        self._says(iri, topic.says)


def _literal(value: object) -> Literal:
    return Literal(value, lang="zh") if isinstance(value, str) else Literal(value)


def _person(person: PersonPenaltyForm) -> str:
    fine = f"罚款{person.amount}元" if person.amount is not None else ""
    kind = "" if fine and person.kind in (None, "罚款", "fine") else person.kind or ""
    return (person.role or "个人") + "，".join(p for p in (kind, fine) if p)


def _numbered(texts: Iterable[str]) -> Iterator[Literal]:
    """Values whose order matters, as ``1. …``, ``2. …``."""
    return (_plain(f"{n}. {text}") for n, text in enumerate(texts, 1))


def _plain(value: str) -> Literal:
    return Literal(value)


def _decimal(value: float | None) -> Literal | None:
    # `repr` of a whole float ends in ".0" and of a tiny one in "e-05": neither belongs in xsd:decimal.
    return None if value is None else Literal(f"{value:.9f}".rstrip("0").rstrip("."), datatype=XSD.decimal)


def _date(value: object) -> Literal | None:
    return Literal(value, datatype=XSD.date) if value else None
