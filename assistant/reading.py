"""Reads documents, provisions, checks and cases out of a snapshot's store into frozen values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyoxigraph
from rdflib import DCTERMS, RDFS, Namespace

from assistant.entities import Case, Check, Document, Leniency, Outside, Provision, Sanction, Threshold, Tier
from kg_build.published import Bag, describe
from kg_build.vocabulary import ELI, HG


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


class Reading:
    """One pass over a store for each kind of thing; ``says`` are IRI → how people ask for it."""

    def __init__(self, store: pyoxigraph.Store, says: Mapping[str, Sequence[str]]) -> None:
        self._store, self._says = store, says

    def _bags(self, kind: str) -> dict[str, Bag]:
        return describe(self._store, kind)

    def documents(self) -> Iterator[Document]:
        """Every document, with the short names of those it replaces, amends or rests on."""
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
                ended_by=_maybe(bag, T.endedBy),
                note=_maybe(bag, T.note),
                url=_maybe(bag, str(RDFS.seeAlso)),
                checked_against=_maybe(bag, T.checkedAgainst),
                replaces=named(bag, E.repeals),
                amends=named(bag, E.amends),
                partly_superseded_by=named(bag, T.partlySupersededBy),
                based_on=named(bag, E.based_on),
                binds=_many(bag, T.bindsIndustry),
            )

    def provisions(
        self, documents: Mapping[str, Document], texts: Mapping[str, tuple[str, str | None]]
    ) -> Iterator[Provision]:
        """Every provision of ``documents`` (by IRI), with its official text and that text's source where known."""
        sanctions = {iri: _sanction(bag) for iri, bag in self._bags(T.Sanction).items()}
        thresholds = {iri: _threshold(bag) for iri, bag in self._bags(T.Threshold).items()}
        tiers = {iri: _tier(bag) for iri, bag in self._bags(T.DiscretionTier).items()}
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
                says=tuple(sorted(self._says.get(iri, ()))),
                tags=_many(bag, T.riskTag),
                scenes=_many(bag, T.scene),
                penalized_by=_many(bag, T.penalizedBy),
                cites=_many(bag, E.cites),
                industries=_many(bag, T.industry),
                sanctions=tuple(sanctions[s] for s in _many(bag, T.sanction)),
                thresholds=tuple(sorted((thresholds[t] for t in _many(bag, T.threshold)), key=lambda t: t.order)),
                tiers=tuple(sorted((tiers[t] for t in _many(bag, T.tier)), key=lambda t: t.order)),
                leniency=_leniency(bag),
                note=_maybe(bag, T.note),
                official_text=text,
                official_source=source,
            )

    def checks(self) -> Iterator[Check]:
        """Every check, its first ground first."""
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
                unpunished=_maybe(bag, T.unpunished),
                also=_many(bag, T.alsoAt),
                tags=_many(bag, T.riskTag),
                says=tuple(sorted(self._says.get(iri, ()))),
                applies={
                    name: _many(bag, T["applies" + name.capitalize()])
                    for name in ("industry", "activity", "process", "equipment", "substance")
                    if T["applies" + name.capitalize()] in bag
                },
                min_headcount=_value(bag, T.minHeadcount),
            )

    def cases(self, label: Callable[[str], str]) -> Iterator[Case]:
        """Every case; ``label`` gives a concept's name."""
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
                industry=label(industry) if industry else None,
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
                source_part=_maybe(bag, T.sourcePart),
                source_url=_maybe(bag, T.sourceUrl),
                source_published=_value(bag, T.sourcePublished),
            )

    def outside(self) -> Iterator[Outside]:
        """Every subject that the corpus does not hold."""
        for bag in self._bags(T.OutsideTopic).values():
            yield Outside(id=_one(bag, T.id), topic=_one(bag, str(DCTERMS.title)), where=_one(bag, T.whereToAsk))


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
    return Sanction(
        who=_one(bag, T.who),
        when=_one(bag, T.when),
        measures=_ordered(bag, T.measure),
        condition=_maybe(bag, T.condition),
        discretionary=bool(_value(bag, T.discretionary)),
        fine_min=_value(bag, T.fineMin),
        fine_max=_value(bag, T.fineMax),
        base=_maybe(bag, T.fineBase),
        min_times=_number(bag, T.minTimes),
        max_times=_number(bag, T.maxTimes),
        min_pct=_number(bag, T.minPercent),
        max_pct=_number(bag, T.maxPercent),
    )


def _number(bag: Bag, prop: str) -> float | None:
    value = _value(bag, prop)
    return float(value) if value is not None else None


def _threshold(bag: Bag) -> Threshold:
    return Threshold(
        order=int(_value(bag, T.order)),
        measure=_one(bag, T.quantity),
        of=_maybe(bag, T.ofSubject),
        aliases=_many(bag, T.alias),
        cas=_many(bag, T.casNumber),
        op=_one(bag, T.operator),
        value=float(_value(bag, T.value)),
        upto=_number(bag, T.upTo),
        unit=_maybe(bag, T.unit),
        condition=_maybe(bag, T.condition),
    )


def _tier(bag: Bag) -> Tier:
    return Tier(
        order=int(_value(bag, T.order)),
        grades=_one(bag, T.grades),
        name=_one(bag, T.tierName),
        factor=_one(bag, T.factor),
        sanction=_sanction(bag),
    )


def _leniency(bag: Bag) -> Leniency | None:
    kind = _maybe(bag, T.leniencyKind)
    return Leniency(kind, _many(bag, T.lightens), _ordered(bag, T.leniencyCondition)) if kind else None
