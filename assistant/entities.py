"""The values a snapshot holds: documents, provisions, sanctions, checks, cases and concepts, frozen."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kg_build.citation import clause_order
from kg_build.forms import KIND_LABELS

Day = datetime.date


@dataclass(frozen=True, slots=True)
class Document:
    """A document in one version."""

    iri: str
    id: str
    title: str
    short: str
    kind: str
    issuer: str
    number: str | None
    jurisdiction: str
    published: Day
    in_force: Day
    repealed: Day | None
    version: Day
    mandatory: bool
    aliases: tuple[str, ...]
    ended_by: str | None
    note: str | None
    url: str | None
    checked_against: str | None
    replaces: tuple[str, ...]
    amends: tuple[str, ...]
    partly_superseded_by: tuple[str, ...]
    based_on: tuple[str, ...]
    binds: tuple[str, ...]

    def is_in_force(self, day: Day) -> bool:
        """Whether it is law on ``day``."""
        return self.in_force <= day and (self.repealed is None or day < self.repealed)

    @property
    def applies_here(self) -> bool:
        """Whether it binds in Shanghai; another province's document is kept for reference and never answers by itself."""
        return self.jurisdiction != "外省市"

    def binds_any(self, industries: Collection[str]) -> bool:
        """Whether it binds a firm of ``industries`` (with what they are narrower than); of a firm unknown, suppose so."""
        return not self.binds or not industries or any(i in industries for i in self.binds)

    @property
    def kind_label(self) -> str:
        """法律, 部门规章, 强制性标准 …"""
        return KIND_LABELS[self.kind]

    @property
    def is_standard(self) -> bool:
        """Whether it is numbered by clauses."""
        return self.kind in ("mandatory_standard", "recommended_standard")


@dataclass(frozen=True, slots=True)
class Sanction:
    """What a penal provision does to whom, and when; amounts in yuan."""

    who: str
    when: str
    measures: tuple[str, ...]
    condition: str | None
    discretionary: bool
    fine_min: int | None
    fine_max: int | None
    base: str | None
    min_times: float | None
    max_times: float | None
    min_pct: float | None
    max_pct: float | None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number the law sets; with ``upto`` a range from ``value``."""

    order: int
    measure: str
    of: str | None
    aliases: tuple[str, ...]
    cas: tuple[str, ...]
    op: str
    value: float
    upto: float | None
    unit: str | None
    condition: str | None


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier of a discretion standard for the penal provision ``grades`` (IRI)."""

    order: int
    grades: str
    name: str
    factor: str
    sanction: Sanction


@dataclass(frozen=True, slots=True)
class Leniency:
    """An entry of a list of slight violations: which penal provisions (IRIs) it lightens, under which conditions."""

    kind: str
    lightens: tuple[str, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provision:
    """An article, paragraph, item or clause."""

    iri: str
    id: str
    document: Document
    citation: str
    number: str
    article: int | None
    article_sub: int | None
    paragraph: int | None
    item: int | None
    parent: str
    chapter: str | None
    heading: str | None
    gist: str | None
    modality: str | None
    bearer: str | None
    verified: bool
    checked_against: str | None
    major_hazard: bool
    says: tuple[str, ...]
    tags: tuple[str, ...]
    scenes: tuple[str, ...]
    penalized_by: tuple[str, ...]
    cites: tuple[str, ...]
    industries: tuple[str, ...]
    sanctions: tuple[Sanction, ...]
    thresholds: tuple[Threshold, ...]
    tiers: tuple[Tier, ...]
    leniency: Leniency | None
    note: str | None
    official_text: str | None
    official_source: str | None

    @property
    def nature(self) -> str:
        """``mandatory`` or ``recommended``."""
        return "mandatory" if self.document.mandatory else "recommended"

    @property
    def place(self) -> tuple[object, ...]:
        """Sort key: the reading order inside a document."""
        clause = clause_order(self.number) if self.article is None else []
        return (self.article or 0, self.article_sub or 0, self.paragraph or 0, self.item or 0, clause)


@dataclass(frozen=True, slots=True)
class Check:
    """One inspectable question."""

    iri: str
    id: str
    ask: str
    scene: str
    link: str
    point: str
    order: int
    how: tuple[str, ...]
    fix: str
    severity: str
    nature: str
    basis: tuple[str, ...]
    penalized_by: tuple[str, ...]
    unpunished: str | None
    also: tuple[str, ...]
    tags: tuple[str, ...]
    says: tuple[str, ...]
    applies: Mapping[str, tuple[str, ...]]
    min_headcount: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """One published case."""

    iri: str
    id: str
    type: str
    title: str
    date: Day | None
    region: str
    in_shanghai: bool
    agency: str | None
    party: str | None
    industry: str | None
    scenes: tuple[str, ...]
    tags: tuple[str, ...]
    facts: str
    violates: tuple[str, ...]
    penalty_basis: tuple[str, ...]
    corresponds: tuple[str, ...]
    cited_as: tuple[str, ...]
    penalty_kind: str | None
    amount: int | None
    persons: tuple[str, ...]
    deaths: int | None
    injuries: int | None
    outcome: str | None
    non_penalty_ground: str | None
    lesson: str
    confidence: str
    publisher: str
    source_title: str
    source_part: str | None
    source_url: str | None
    source_published: Day | None

    @property
    def cited(self) -> tuple[str, ...]:
        """Every provision it bears on today: violated, punished under, or corresponding to an old citation."""
        return tuple(dict.fromkeys((*self.violates, *self.corresponds, *self.penalty_basis)))


@dataclass(frozen=True, slots=True)
class Outside:
    """A subject that the corpus does not hold, and whom to ask instead."""

    id: str
    topic: str
    where: str


@dataclass(frozen=True, slots=True)
class Concept:
    """A tag, scene, link, point, industry or plant fact."""

    iri: str
    kind: str
    label: str
    broader: str | None
    definition: str | None
    order: int
