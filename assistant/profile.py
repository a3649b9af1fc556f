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

from assistant.headcount import Headcount, read_headcount
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

# "没有", "不涉及" … and what may stand between them and the thing denied, other recognized things aside.
_DENIAL = re.compile(
    r"(?<!有)没有(?:涉及|使用|设置)?|不涉及|未涉及|不存在|不使用|未使用|不用|不做|不搞|不含|不生产|不储存|不存放|不经营|不设"
    r"|未设(?:置)?|不需要|不属于|不包括|不从事|不接触|未从事|并无|暂无|没|(?<!有)无|非"
)
_AFFIRMED_DENIAL = re.compile(r"(?:不是|并非|不可能|不能|是否|有无)$")
_FILLER = re.compile(
    r"(?:[、和及与或跟\s“”\"《》（）()]|以及|或者|还有|任何|其他|其它|什么|自己的?|专门的?|单独的?|大型|小型|的|相关|有关|现场|厂内|厂区"
    r"|涉及|使用|储存|存放|生产|经营|进行|设置|开展|用到|用|做|等等?|之类|这类|工艺|工序|作业|环节|设备|设施|场所|车间|情况|活动|业务)*"
)
_DENIED_AFTER = re.compile(
    r"(?:作业|工艺|工序|设备|设施|场所|车间|活动|的?情况)?\s*[：:，,]?\s*(?:现在|目前|现|都|均|已经?|早就|早已|全部|暂时|也){0,3}"
    r"(?:没有|没|无|暂无|不存在|不涉及|未涉及|不做|没做|不用|未使用|不使用|取消|停用|停产|拆除|拆掉|否|委外|外协|外发)"
    r"(?:加工)?(?:了|掉了|的)?(?=$|[，。；、,;！!？?\s）)])"
)
_PLAN = re.compile(r"(?:计划|打算|准备|拟|将要?|以后|今后|可能|考虑|偶尔)[^，。；,;]{0,6}$")
_SENTENCE = re.compile(r"[^。；;！!？?\n]*")


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
        self.reasoner = Reasoner(ontology)

    def recognize(self, text: str) -> Profile:
        """What the text says of the plant."""
        return recognize(text, self._tagger, self._ontology, self.reasoner)

    def plant(self, profile: Profile, only: Collection[str] | None = None) -> Plant:
        """What follows from a profile; ``only`` (concept IRIs) are the facts the user left ticked or added."""
        facts = self.enterprise(profile, only)
        kept = [fact for fact in profile.facts() if only is None or fact.concept in only]
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
        chosen = [f.concept for f in profile.facts()] if only is None else list(only)
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


def recognize(text: str, tagger: Tagger, ontology: Graph, reasoner: Reasoner | None = None) -> Profile:
    """Read a description of a plant. What follows from other recognized facts is not repeated as a tag or scene."""
    mentions = [m for m in tagger.tag(text) if m.kind in FIELDS]
    affirmed: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    denied: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in mentions:
        target = denied if is_denied(text, mention, mentions) else affirmed
        target[mention.kind, mention.concept_iri].append(mention)
    found: dict[str, list[Fact]] = defaultdict(list)
    for key, said in affirmed.items():
        found[key[0]].append(_fact(text, said, contradicted=key in denied))
    refused = _plainest([_fact(text, said, contradicted=False) for key, said in denied.items() if key not in affirmed])
    if not found["industry"]:
        shut_out = {fact.concept for fact in refused}
        found["industry"] = [f for f in _suggest_industries(found, ontology) if f.concept not in shut_out]
    refused = [fact for fact in refused if not _is_measure(ontology, fact)]
    people = read_headcount(text)
    plain = [f for kind, facts in found.items() if kind not in ("tag", "scene") for f in facts]
    follows = (reasoner or Reasoner(ontology)).complete(enterprise_facts((f.concept for f in plain), None, ontology))
    return Profile(
        text=text,
        industries=tuple(found["industry"]),
        processes=tuple(found["process"]),
        activities=tuple(found["activity"]),
        equipment=tuple(found["equipment"]),
        substances=tuple(found["substance"]),
        tags=tuple(f for f in found["tag"] if f.concept not in follows.hazards),
        scenes=tuple(f for f in found["scene"] if f.concept not in follows.scenes),
        denied=tuple(refused),
        people=people,
    )


def is_denied(text: str, mention: Mention, mentions: Sequence[Mention]) -> bool:
    """Whether the sentence says that the plant does not have it: 没有喷涂和电镀, 不涉及危化品, 有限空间：无, 喷涂已取消."""
    start, end = _sentence_around(text, mention)
    if _DENIED_AFTER.match(text, mention.end, end):
        return True
    for cue in _DENIAL.finditer(text, start, mention.start):
        inside_a_term = any(m.start < cue.end() and cue.start() < m.end and m.start <= cue.start() for m in mentions)
        affirmed = _AFFIRMED_DENIAL.search(text, start, cue.start())
        if not inside_a_term and not affirmed and _only_filler(text, cue.end(), mention.start, mentions):
            return True
    return False


def enterprise_facts(concepts: Iterable[str], headcount: int | None, ontology: Graph) -> EnterpriseFacts:
    """Concept IRIs sorted into the kinds the reasoner knows; unknown ones are left out."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for concept in concepts:
        for type_iri in ontology.objects(URIRef(concept), RDF.type):
            field = FIELDS.get(KINDS.get(type_iri, ""))  # type: ignore[call-overload]
            if field:
                kinds[field[0]].add(concept)
    return EnterpriseFacts(**{name: frozenset(iris) for name, iris in kinds.items()}, headcount=headcount)


def _sentence_around(text: str, mention: Mention) -> tuple[int, int]:
    for sentence in _SENTENCE.finditer(text):
        if sentence.start() <= mention.start < sentence.end():
            return sentence.span()
    return mention.start, mention.end


def _only_filler(text: str, start: int, end: int, mentions: Sequence[Mention]) -> bool:
    """Whether nothing but other recognized things and connecting words stands between two places."""
    reached = {start}
    for position in range(start, end):
        if position not in reached:
            continue
        filler = _FILLER.match(text, position, end)
        longest = filler.end() if filler else position
        reached.update(range(position, longest + 1))
        # A thing with 的 after it describes the next one: 没有持证的焊工 does not say that there are no welders.
        reached.update(m.end for m in mentions if m.start == position and text[m.end : m.end + 1] != "的")
    return end in reached


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


def _plainest(facts: list[Fact]) -> list[Fact]:
    """Without the tags and scenes that only repeat the words of another fact."""
    covered = {span for fact in facts if fact.kind not in ("tag", "scene") for span in fact.spans}
    return [fact for fact in facts if fact.kind not in ("tag", "scene") or not covered.issuperset(fact.spans)]


def _is_measure(ontology: Graph, fact: Fact) -> bool:
    """Whether a tag names a measure or a procedure: 没有持证 is a gap, not something the plant does without."""
    groups = set(map(str, ontology.transitive_objects(URIRef(fact.concept), SKOS.broader)))
    return fact.kind == "tag" and not groups.isdisjoint(MEASURES)


def _suggest_industries(found: dict[str, list[Fact]], ontology: Graph) -> list[Fact]:
    """The industries where such processes and activities are typical, for the user to confirm."""
    grounds: dict[str, list[str]] = defaultdict(list)
    for kind in ("process", "activity", "substance"):
        for fact in found[kind]:
            for industry in _with_broader(ontology, fact.concept, HG.typicalOf):
                grounds[industry].append(fact.evidence)
    return [
        Fact(
            concept=industry,
            label=_label(ontology, industry),
            kind="industry",
            evidence="、".join(dict.fromkeys(words)),
            confidence=SUGGESTED,
            inferred=True,
        )
        for industry, words in sorted(grounds.items())
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
