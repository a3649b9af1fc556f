"""Finds the ontology's concepts in any text: a spaCy phrase matcher over SKOS labels.

Chinese is matched character by character (spaCy's ``char`` segmentation), so no word segmenter can hide a term.
The longest match wins: a match inside a longer one is dropped (煤气 in 煤气中毒 is no substance). Equal spans of several
concepts are all kept, and so are overlaps where neither contains the other. Scenes, roles and topics have long compound
names (打磨除尘, 危险化学品单位), so they compete among themselves and never hide a plain fact.

Descriptions of plants are tagged with ``everyday`` words too (``skos:hiddenLabel``: 修车铺, 清池子), which would be too
loose for questions and rules, and without the ``hg:lookalike`` words that don't mean the concept there (铲车 is no 叉车).
"""

from __future__ import annotations

import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdflib import RDF, SKOS, Graph, Literal, URIRef

from kg_build.lean import without_torch
from kg_build.vocabulary import HG

if TYPE_CHECKING:
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

KINDS: dict[URIRef, str] = {
    HG.RiskTag: "tag",
    HG.Industry: "industry",
    HG.Scene: "scene",
    HG.KeyLink: "link",
    HG.RiskPoint: "point",
    HG.Activity: "activity",
    HG.Process: "process",
    HG.Equipment: "equipment",
    HG.Substance: "substance",
    HG.Role: "role",
    HG.Topic: "topic",
}
# Key links and risk points have everyday names (作业前准备, 火灾) that mean themselves only inside their scene.
DEFAULT_KINDS = frozenset(KINDS.values()) - {"link", "point"}
CONTEXT_KINDS = frozenset({"scene", "link", "point", "role", "topic"})
SHORTEST = 2
# In a description, which kinds' longer matches hide a match of a kind. 清理化粪池 is an activity and still names the tank;
# 铝合金抛光 says what is polished and 烧碱储罐 what is stored, but 锅炉厂 has no boiler for that.
_RIVALS: dict[str, frozenset[str]] = {
    "industry": frozenset({"industry", "equipment", "tag"}),
    "process": frozenset({"process", "tag"}),
    "activity": frozenset({"activity", "equipment", "tag"}),
    "equipment": frozenset({"equipment", "industry", "tag"}),
    "substance": frozenset({"substance", "tag"}),
    "tag": frozenset(KINDS.values()) - CONTEXT_KINDS,
}


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A concept found in a text: ``text`` stands at ``start:end``; ``label`` is the concept's preferred label."""

    start: int
    end: int
    concept_iri: str
    label: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Concept:
    """A concept that can be found: what a phrase stands for."""

    iri: str
    label: str
    kind: str


# A match in a line: start, end, what it names.
Found = tuple[int, int, Concept]


Phrases = dict[str, tuple[Concept, ...]]
Lookalikes = dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A matcher, and what each of its phrases names: concepts, or (by IRI) those it only looks like."""

    matcher: PhraseMatcher
    phrases: list[tuple[tuple[Concept, ...], frozenset[str]]]


class Tagger:
    """Matches the phrases of an ontology; make one and keep it.

    ``everyday`` gives the phrases and lookalikes of descriptions; they are asked for when the first one is read.
    """

    def __init__(self, phrases: Phrases, everyday: Callable[[], tuple[Phrases, Lookalikes]] | None = None) -> None:
        # Imported at first use: two seconds that a process which only shows the page need not wait for.
        with without_torch():
            import spacy
            from spacy.matcher import PhraseMatcher
            from spacy.tokens import Doc
        self._doc = Doc
        self._matcher = PhraseMatcher
        self._vocab = spacy.blank("zh").vocab
        self._phrases, self._everyday = phrases, everyday
        self._plain = self._compile(phrases, {})
        self._wide: _Compiled | None = None
        self._lock = threading.Lock()

    @classmethod
    def from_graph(cls, graph: Graph, kinds: Iterable[str] = DEFAULT_KINDS) -> Tagger:
        """A tagger for the concepts of ``kinds`` in an ontology graph."""
        wanted = frozenset(kinds)
        return cls(phrases_of(graph, wanted), lambda: (everyday_phrases_of(graph, wanted), lookalikes_of(graph)))

    def _compile(self, phrases: Phrases, lookalikes: Lookalikes) -> _Compiled:
        texts = sorted({*phrases, *lookalikes})
        matcher = self._matcher(self._vocab, attr="ORTH")
        for index, phrase in enumerate(texts):
            matcher.add(str(index), [self._characters(phrase)])
        return _Compiled(matcher, [(phrases.get(t, ()), lookalikes.get(t, frozenset())) for t in texts])

    def _compiled(self, everyday: bool) -> _Compiled:
        if not everyday or self._everyday is None:
            return self._plain
        with self._lock:
            if self._wide is None:
                hidden, lookalikes = self._everyday()
                both = {t: (*self._phrases.get(t, ()), *hidden.get(t, ())) for t in (*self._phrases, *hidden)}
                self._wide = self._compile({t: tuple(dict.fromkeys(c)) for t, c in both.items()}, lookalikes)
        return self._wide

    def tag(self, text: str, *, everyday: bool = False) -> list[Mention]:
        """Every mention in the text, in order; ``everyday`` reads it as a description of a plant."""
        return sorted(self._mentions(text, everyday))

    def _mentions(self, text: str, everyday: bool) -> Iterator[Mention]:
        folded = fold(text)
        offset = 0
        # Line by line: a term does not run over a line break, and short documents keep spaCy fast.
        for line in folded.splitlines(keepends=True):
            for start, end, concept in self._found(line, everyday):
                found = text[offset + start : offset + end]
                yield Mention(offset + start, offset + end, concept.iri, concept.label, concept.kind, found)
            offset += len(line)

    def _found(self, line: str, everyday: bool) -> Iterator[Found]:
        facts: list[Found] = []
        context: list[Found] = []
        masks: list[tuple[int, int, frozenset[str]]] = []
        compiled = self._compiled(everyday)
        for start, end, key in self._spans(line, compiled.matcher):
            named, mistaken = compiled.phrases[key]
            if mistaken:
                masks.append((start, end, mistaken))
            for concept in named:
                (context if concept.kind in CONTEXT_KINDS else facts).append((start, end, concept))
        if everyday:
            facts = [f for f in facts if not any(s <= f[0] and f[1] <= e and f[2].iri in iris for s, e, iris in masks)]
            for kind in sorted({concept.kind for _, _, concept in facts}):
                rivals = [fact for fact in facts if fact[2].kind in _RIVALS[kind]]
                yield from (fact for fact in _outermost(rivals) if fact[2].kind == kind)
        else:
            yield from _outermost(facts)
        yield from _outermost(context)

    def _spans(self, line: str, matcher: PhraseMatcher) -> list[tuple[int, int, int]]:
        """Matches as (start, end, phrase number); a character is a token, so token and character offsets agree."""
        matches = matcher(self._characters(line)) if line.strip() else []
        return [(start, end, int(self._vocab.strings[match])) for match, start, end in matches]

    def _characters(self, text: str) -> Doc:
        return self._doc(self._vocab, words=list(text), spaces=[False] * len(text))


def phrases_of(graph: Graph, kinds: frozenset[str]) -> dict[str, tuple[Concept, ...]]:
    """Folded phrase → the concepts it names. The preferred label of an ``hg:commonWord`` concept is no phrase."""
    found: dict[str, set[Concept]] = defaultdict(set)
    for type_iri, kind in KINDS.items():
        if kind not in kinds:
            continue
        for subject in graph.subjects(RDF.type, type_iri):
            label = graph.value(subject, SKOS.prefLabel)
            if label is None:
                continue
            labels = set(graph.objects(subject, SKOS.altLabel))
            if (subject, HG.commonWord, Literal(True)) not in graph:
                labels.add(label)
            for phrase in map(fold, map(str, labels)):
                if len(phrase) >= SHORTEST:
                    found[phrase].add(Concept(str(subject), str(label), kind))
    return {phrase: tuple(sorted(concepts)) for phrase, concepts in sorted(found.items())}


def everyday_phrases_of(graph: Graph, kinds: frozenset[str]) -> dict[str, tuple[Concept, ...]]:
    """Folded phrase → the concepts that it names in descriptions of plants only (``skos:hiddenLabel``)."""
    found: dict[str, set[Concept]] = defaultdict(set)
    for subject, words in graph.subject_objects(SKOS.hiddenLabel):
        kind = next((KINDS[t] for t in graph.objects(subject, RDF.type) if t in KINDS), None)  # type: ignore[index]
        if kind in kinds and len(phrase := fold(str(words))) >= SHORTEST:
            found[phrase].add(Concept(str(subject), str(graph.value(subject, SKOS.prefLabel)), kind))
    return {phrase: tuple(sorted(concepts)) for phrase, concepts in found.items()}


def lookalikes_of(graph: Graph) -> dict[str, frozenset[str]]:
    """Folded phrase → IRIs of the concepts that neither it nor words within it mean in a description of a plant."""
    found: dict[str, set[str]] = defaultdict(set)
    for subject, words in graph.subject_objects(HG.lookalike):
        found[fold(str(words))].add(str(subject))
    return {phrase: frozenset(iris) for phrase, iris in found.items()}


def fold(text: str) -> str:
    """Full-width letters and digits made half-width, Latin made lower case; every character keeps its place."""
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character).lower()
    return folded if len(folded) == 1 else character


def _outermost(spans: list[Found]) -> Iterator[Found]:
    """Without the spans that lie inside a longer one."""
    last = (-1, -1)
    for start, end, concept in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end > last[1] or (start, end) == last:
            last = (start, end)
            yield start, end, concept
