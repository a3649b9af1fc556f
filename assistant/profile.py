"""A plant in plain words → what it is, does, runs and holds; then what follows from that.

"铝合金轮毂抛光，打磨除尘，20人，有喷涂和天然气，没有电镀" is read for concepts of the ontology and the number of people.
Each fact keeps the words it came from; what the words deny is kept apart, so that a screen can show and correct both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from pydantic import BaseModel
from rdflib import RDF, RDFS, SKOS, Graph, URIRef

from assistant.denial import denial_of
from assistant.headcount import Headcount, read_headcount
from assistant.sense import Sense
from assistant.wording import Wordings
from kg_build.reasoning import EnterpriseFacts, Reasoner
from kg_build.tagging import KINDS, Mention, Tagger
from kg_build.vocabulary import BASE, HG

# Kind of a mention → field of a profile and of ``EnterpriseFacts``, and its name on screens, in the order shown.
FIELDS = {
    "industry": ("industries", "行业"),
    "process": ("processes", "工序"),
    "activity": ("activities", "作业"),
    "equipment": ("equipment", "设备设施"),
    "substance": ("substances", "物料"),
    "tag": ("hazards", "风险"),
    "scene": ("scenes", "场景"),
}
# Tags below these groups say how safety is managed or enforced, not what the plant has.
MEASURES = frozenset({f"{BASE}tag/management", f"{BASE}tag/enforcement"})
EXACT, OTHER_WORDS, LOOSE, CONTRADICTED, PLANNED, SUGGESTED = 0.95, 0.9, 0.75, 0.6, 0.6, 0.5

_PLAN = re.compile(r"(?:计划|打算|准备|拟|将要?|以后|今后|可能|考虑|偶尔)[^，。；,;]{0,6}$")
# Whoever has hazardous chemicals uses them: said or not, it adds nothing to their names.
_NOT_SAID_APART = frozenset({f"{BASE}activity/hazchem-use"})
_GOES_ALONG = frozenset({"tag", "scene"})
# 隔壁厂有液氨: not the plant's; 租隔壁厂房, 拿到隔壁去喷 are.
_NEIGHBORS = re.compile(
    r"(?<![租给到去由找叫请送拿用借和跟与从])(?:隔壁|邻近|对门|对面|旁边)(?:那?[家个]|的)?"
    r"(?:(?:[^，。；、,;]{0,3}?(?:厂|公司|单位|村|店|小区|工地)|老板|邻居)(?:是|有|在|做|搞|开|里|的|存|放|那)*|(?:有|是|开)了?[家个])"
    r"[^，。；、,;喷电]{0,3}?$"
)
_NEIGHBORS_KINDS = frozenset({"equipment", "substance", "process", "activity"})
# 以前用酒精，后来不让用了: said first, denied later.
_LATER = re.compile(r"(?:后来|现在|如今|目前)[^，。；、,;]{0,6}$")
_ALREADY = re.compile(r"(?:也|又|都)已")
_CONTRACTING = f"{BASE}activity/contracting-out"


class Fact(BaseModel, frozen=True):
    """One thing recognized: a concept, the words it came from, and how sure that is (0–1)."""

    concept: str
    label: str
    kind: str
    evidence: str
    spans: tuple[tuple[int, int], ...] = ()
    confidence: float
    inferred: bool = False


class Profile(BaseModel, frozen=True):
    """What a description says of a plant. ``denied`` holds what it says the plant does not have."""

    text: str
    industries: tuple[Fact, ...] = ()
    processes: tuple[Fact, ...] = ()
    activities: tuple[Fact, ...] = ()
    equipment: tuple[Fact, ...] = ()
    substances: tuple[Fact, ...] = ()
    tags: tuple[Fact, ...] = ()
    scenes: tuple[Fact, ...] = ()
    denied: tuple[Fact, ...] = ()
    people: Headcount | None = None

    @property
    def headcount(self) -> int | None:
        """The number of people to reckon with."""
        return self.people.value if self.people else None

    def facts(self) -> list[Fact]:
        """Everything recognized, in the order screens show it."""
        groups = (self.industries, self.processes, self.activities, self.equipment, self.substances, self.tags, self.scenes)
        return [fact for group in groups for fact in group]


class Plant(BaseModel, frozen=True):
    """A profile with what follows from it: the plant's concepts, its scenes, and sentences for the reader."""

    concepts: tuple[str, ...]
    scenes: tuple[str, ...]
    understood: list[str]
    conclusions: list[str]


class Recognizer:
    """Reads profiles against one ontology."""

    def __init__(self, ontology: Graph, tagger: Tagger | None = None) -> None:
        self._ontology = ontology
        self._tagger = tagger or Tagger.from_graph(ontology)
        self._wordings = Wordings(ontology)
        self._sense = Sense(ontology, self._wordings.hazardous)
        self.reasoner = Reasoner(ontology)

    def recognize(self, text: str) -> Profile:
        """What the text says of the plant. What follows from other recognized facts is not repeated as a tag or scene."""
        said, refused = self._mentions(text)
        found: dict[str, list[Fact]] = defaultdict(list)
        for key, mentions in _by_concept(said).items():
            found[key[0]].append(_fact(text, mentions, contradicted=any(m.concept_iri == key[1] for m in refused)))
        affirmed = {fact.concept for facts in found.values() for fact in facts}
        denied = _plainest(
            [_fact(text, ms, contradicted=False) for key, ms in _by_concept(refused).items() if key[1] not in affirmed]
        )
        if not found["industry"]:
            shut_out = {fact.concept for fact in denied}
            found["industry"] = [f for f in _suggest_industries(found, self._ontology) if f.concept not in shut_out]
        plain = [f for kind, facts in found.items() if kind not in ("tag", "scene") for f in facts]
        follows = self.reasoner.complete(enterprise_facts((f.concept for f in plain), None, self._ontology))
        return Profile(
            text=text,
            industries=tuple(found["industry"]),
            processes=tuple(found["process"]),
            activities=tuple(found["activity"]),
            equipment=tuple(found["equipment"]),
            substances=tuple(found["substance"]),
            tags=tuple(f for f in found["tag"] if f.concept not in follows.hazards),
            scenes=tuple(f for f in found["scene"] if f.concept not in follows.scenes),
            denied=tuple(fact for fact in denied if not _is_measure(self._ontology, fact)),
            people=read_headcount(text),
        )

    def _mentions(self, text: str) -> tuple[list[Mention], list[Mention]]:
        """What the text says the plant has, and what it says it has not."""
        tagged = [
            m for m in self._tagger.tag(text, everyday=True) if m.kind in FIELDS and m.concept_iri not in _NOT_SAID_APART
        ]
        worded, not_done = self._wordings.find(text, tagged)
        told = {(m.concept_iri, place) for m in tagged for place in (m.start, m.end)}
        worded = [m for m in worded if not any((m.concept_iri, at) in told for at in range(m.start, m.end + 1))]
        said: list[Mention] = []
        refused: list[Mention] = []
        sent_out: list[tuple[int, int]] = []
        for mention in (*tagged, *worded):
            cue = denial_of(text, mention, tagged)
            if cue and mention.kind == "industry":
                continue
            (refused if cue or mention in not_done else said).append(mention)
            if cue and mention.kind == "process":
                sent_out.append((min(cue[0], mention.start), max(cue[1], mention.end)))
        # 电镀外包 sends products out: nobody comes in to work, and the words of the process name no hazard here.
        said = [m for m in said if not (m.kind in _GOES_ALONG or m.concept_iri == _CONTRACTING) or not _within(m, sent_out)]
        said = [m for m in said if not _neighbors(text, m) and not _taken_back(text, m, said, refused)]
        said = self._sense.of(text, _settled(said, refused))
        return [m for m in said if not _implied_but_denied(m, tagged, worded, refused)], refused

    def plant(self, profile: Profile, only: Collection[str] | None = None) -> Plant:
        """What follows from a profile; ``only`` (concept IRIs) are the facts the user left ticked or added."""
        facts = self.enterprise(profile, only)
        ticked = None if only is None else _without_implied(profile, only)
        kept = [fact for fact in profile.facts() if ticked is None or fact.concept in ticked]
        closed = self.reasoner.complete(facts)
        conclusions = [f"{c.label}：{c.because}" for c in self.reasoner.classify(facts)]
        concepts = {iri for name, _ in FIELDS.values() for iri in getattr(closed, name)}
        return Plant(
            concepts=tuple(sorted(concepts)),
            scenes=tuple(sorted(closed.scenes)),
            understood=_understood(profile, kept),
            conclusions=conclusions,
        )

    def enterprise(self, profile: Profile, only: Collection[str] | None = None) -> EnterpriseFacts:
        """The profile as facts to reason with."""
        chosen = [f.concept for f in profile.facts()] if only is None else _without_implied(profile, only)
        return enterprise_facts(chosen, profile.headcount, self._ontology)

    def questions(self, profile: Profile) -> list[str]:
        """What to ask before relying on the profile: hazards that only some such plants have (粮食粉尘 with 面粉)."""
        known = set(self.reasoner.complete(self.enterprise(profile)).hazards)
        for fact in profile.denied:
            known |= {fact.concept} | _may_involve(self._ontology, fact)
        asked = []
        for fact in profile.facts():
            for tag in sorted(_may_involve(self._ontology, fact)):
                if tag not in known:
                    asked.append(f"您提到“{fact.evidence}”，是否涉及{_label(self._ontology, tag)}？")
        return list(dict.fromkeys(asked))


def enterprise_facts(concepts: Iterable[str], headcount: int | None, ontology: Graph) -> EnterpriseFacts:
    """Concept IRIs sorted into the kinds the reasoner knows; unknown ones are left out."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for concept in concepts:
        for type_iri in ontology.objects(URIRef(concept), RDF.type):
            field = FIELDS.get(KINDS.get(type_iri, ""))  # type: ignore[call-overload]
            if field:
                kinds[field[0]].add(concept)
    return EnterpriseFacts(**{name: frozenset(iris) for name, iris in kinds.items()}, headcount=headcount)


def _by_concept(mentions: Iterable[Mention]) -> dict[tuple[str, str], list[Mention]]:
    grouped: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in sorted(mentions):
        grouped[mention.kind, mention.concept_iri].append(mention)
    return grouped


def _fact(text: str, said: list[Mention], *, contradicted: bool) -> Fact:
    first = said[0]
    exact = any(m.text == m.label for m in said)
    confidence = EXACT if exact else LOOSE if first.kind in ("tag", "scene") else OTHER_WORDS
    if contradicted:
        confidence = min(confidence, CONTRADICTED)
    if all(_PLAN.search(text, 0, m.start) for m in said):
        confidence = min(confidence, PLANNED)
    return Fact(
        concept=first.concept_iri,
        label=first.label,
        kind=first.kind,
        evidence="、".join(dict.fromkeys(m.text for m in said)),
        spans=tuple((m.start, m.end) for m in said),
        confidence=confidence,
    )


def _settled(said: list[Mention], refused: list[Mention]) -> list[Mention]:
    """Without processes denied by name that only the trade's name or a looser word suggests: 炒货厂，油炸线停用了."""
    trades = [(m.start, m.end) for m in said if m.kind == "industry"]
    denied = {m.concept_iri for m in refused if m.kind == "process"}
    by_name = {m.concept_iri for m in refused if m.kind == "process" and m.text == m.label}
    return [
        m
        for m in said
        if m.concept_iri not in denied or not ((m.concept_iri in by_name and m.text != m.label) or _within(m, trades))
    ]


def _neighbors(text: str, mention: Mention) -> bool:
    """Whether it stands at the neighbor's."""
    return mention.kind in _NEIGHBORS_KINDS and bool(_NEIGHBORS.search(text, max(0, mention.start - 16), mention.start))


def _taken_back(text: str, mention: Mention, said: list[Mention], refused: list[Mention]) -> bool:
    """Whether the same words are denied (烧煤粉改烧天然气), or later words deny what was before (后来不用酒精了)."""
    same = [m for m in refused if m.concept_iri == mention.concept_iri]
    if any(m.start < mention.end and mention.start < m.end for m in same if m.kind != "industry"):
        return True
    last = max((m.start for m in said if m.concept_iri == mention.concept_iri), default=0)
    return any(
        m.start > last and (_LATER.search(text, max(0, m.start - 12), m.start) or _ALREADY.match(text, m.end)) for m in same
    )


def _implied_but_denied(mention: Mention, tagged: list[Mention], worded: list[Mention], refused: list[Mention]) -> bool:
    """Whether a trade's name implies what the text denies: a trader who stores nothing."""
    told = any(m.concept_iri == mention.concept_iri and m.start == mention.start for m in (*tagged, *worded))
    return not told and any(m.concept_iri == mention.concept_iri for m in refused)


def _within(mention: Mention, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= mention.start < end for start, end in spans)


def _without_implied(profile: Profile, only: Collection[str]) -> list[str]:
    """The ticked concepts without the processes read only from the words of a machine that was unticked."""
    gone = {span for fact in profile.equipment if fact.concept not in only for span in fact.spans}
    implied = {fact.concept for fact in profile.processes if gone.issuperset(fact.spans)} if gone else set()
    return [concept for concept in only if concept not in implied]


def _plainest(facts: list[Fact]) -> list[Fact]:
    """Without what only repeats the words of another: tags and scenes, and the process of a machine that is not there."""
    covered = {span for fact in facts if fact.kind not in ("tag", "scene") for span in fact.spans}
    machines = {span for fact in facts if fact.kind == "equipment" for span in fact.spans}
    repeats = {"tag": covered, "scene": covered, "process": machines}
    return [fact for fact in facts if fact.kind not in repeats or not repeats[fact.kind].issuperset(fact.spans)]


def _is_measure(ontology: Graph, fact: Fact) -> bool:
    """Whether a tag names a measure or a procedure: 没有持证 is a gap, not something the plant does without."""
    groups = set(map(str, ontology.transitive_objects(URIRef(fact.concept), SKOS.broader)))
    return fact.kind == "tag" and not groups.isdisjoint(MEASURES)


def _suggest_industries(found: dict[str, list[Fact]], ontology: Graph) -> list[Fact]:
    """The industries where such processes and activities are typical, for the user to confirm.

    Several processes together show the kind of plant as well as its name does: 冲压、折弯、焊接.
    """
    grounds: dict[str, list[Fact]] = defaultdict(list)
    for kind in ("process", "activity", "substance"):
        for fact in found[kind]:
            for industry in _with_broader(ontology, fact.concept, HG.typicalOf):
                grounds[industry].append(fact)
    processes = {industry: sum(f.kind == "process" for f in facts) for industry, facts in grounds.items()}
    most = max(processes.values(), default=0)
    return [
        Fact(
            concept=industry,
            label=_label(ontology, industry),
            kind="industry",
            evidence="、".join(dict.fromkeys(fact.evidence for fact in facts)),
            confidence=LOOSE if shown else SUGGESTED,
            inferred=not shown,
        )
        for industry, facts in sorted(grounds.items())
        for shown in [processes[industry] == most >= 2 and list(processes.values()).count(most) == 1]
    ]


def _with_broader(ontology: Graph, concept: str, link: URIRef) -> set[str]:
    """What the concept or a broader one is linked to."""
    line = ontology.transitive_objects(URIRef(concept), SKOS.broader)
    return {str(target) for each in line for target in ontology.objects(each, link)}


def _may_involve(ontology: Graph, fact: Fact) -> set[str]:
    """Tags only some such plants have. Aluminum may do what its group may; powder coating need not do what coating may."""
    if fact.kind == "substance":
        return _with_broader(ontology, fact.concept, HG.mayInvolve)
    return {str(tag) for tag in ontology.objects(URIRef(fact.concept), HG.mayInvolve)}


def _label(ontology: Graph, iri: str) -> str:
    node = URIRef(iri)
    return str(ontology.value(node, SKOS.prefLabel) or ontology.value(node, RDFS.label) or iri)


def _understood(profile: Profile, kept: Sequence[Fact]) -> list[str]:
    lines = []
    for kind, (_, name) in FIELDS.items():
        words = [f"{f.label}（{'推测自' if f.inferred else ''}“{f.evidence}”）" for f in kept if f.kind == kind]
        if words:
            lines.append(f"{name}：{'、'.join(words)}")
    if profile.people:
        lines.append(f"从业人员：{profile.people.words}（“{profile.people.evidence}”）")
    if profile.denied:
        lines.append(f"已说明没有：{'、'.join(dict.fromkeys(f.label for f in profile.denied))}")
    return lines
