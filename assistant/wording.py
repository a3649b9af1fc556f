"""Deeds that no fixed words name: 清仓的时候人要进去, 里面放了点盐酸, 屋顶每年检修.

The ontology writes such wordings as regular expressions (``hg:wording``). ``…`` stands for a few characters of one clause,
``……`` may cross a comma, and ``※`` is any hazardous substance that the tagger has found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rdflib import RDF, SKOS, Graph, URIRef

from kg_build.tagging import KINDS, Mention, fold
from kg_build.vocabulary import BASE, HG

_WITHIN, _ACROSS = "[^，。；,;！？!?\\n]{0,8}?", "[^。；;！？!?\\n]{0,12}?"
_SUBSTANCE = "※"
# 人不进去, 都没存放: the words say that it is not done.
_REFUSED = re.compile(r"(?<!有)(?:不|没|无|未)(?!锈|论|机|水|尘|绳)|禁止|严禁")


@dataclass(frozen=True, slots=True)
class _Wording:
    pattern: re.Pattern[str]
    iri: str
    label: str
    kind: str


class Wordings:
    """The wordings of an ontology."""

    def __init__(self, ontology: Graph) -> None:
        self._wordings = [
            _Wording(_compile(str(words)), str(subject), str(ontology.value(subject, SKOS.prefLabel)), kind)
            for subject, words in sorted(ontology.subject_objects(HG.wording))
            for kind in [KINDS[t] for t in ontology.objects(subject, RDF.type) if t in KINDS]  # type: ignore[index]
        ]
        self.hazardous = _hazardous(ontology)

    def find(self, text: str, mentions: Iterable[Mention]) -> tuple[list[Mention], set[Mention]]:
        """What the text says to be done, and which of it it says is not done."""
        plain = fold(text)
        masked = list(plain)
        for mention in mentions:
            if mention.concept_iri in self.hazardous:
                masked[mention.start : mention.end] = _SUBSTANCE * (mention.end - mention.start)
        covered = "".join(masked)
        found: dict[Mention, bool] = {}
        for wording in self._wordings:
            for match in wording.pattern.finditer(covered if _SUBSTANCE in wording.pattern.pattern else plain):
                start, end = match.span()
                mention = Mention(start, end, wording.iri, wording.label, wording.kind, text[start:end])
                found[mention] = bool(_REFUSED.search(match[0]))
        return sorted(found), {mention for mention, refused in found.items() if refused}


def _compile(words: str) -> re.Pattern[str]:
    return re.compile(words.replace("……", _ACROSS).replace("…", _WITHIN).replace(_SUBSTANCE, f"{_SUBSTANCE}+"))


def _hazardous(ontology: Graph) -> frozenset[str]:
    """Substances that are kept, sold and carried as hazardous chemicals."""
    kept = set(ontology.subjects(HG.usedIn, _iri("scene/hazchem-storage")))
    fuel = set(ontology.subjects(HG.involves, _iri("tag/fuel-gas")))
    return frozenset(str(s) for s in (kept | fuel) if (s, RDF.type, HG.Substance) in ontology)


def _iri(name: str) -> URIRef:
    return URIRef(BASE + name)
