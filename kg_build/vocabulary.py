"""Reads ontology/ and answers which concept a label names: tags, scenes, links, points, industries, plant facts."""

from __future__ import annotations

import hashlib
import importlib.resources
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import RDF, SKOS, Graph, Namespace, URIRef

BASE = "https://hegui.example/"
OUTSIDE = BASE + "outside/"
"""What the IRI of a subject that the corpus does not hold begins with."""
HG = Namespace(BASE + "ontology#")
ELI = Namespace("http://data.europa.eu/eli/ontology#")


def ontology_folder() -> Path:
    """The ontology that is installed with the package."""
    return Path(str(importlib.resources.files("ontology")))


def ontology_files(folder: Path) -> list[Path]:
    """The Turtle files of an ontology in a fixed order."""
    return sorted(folder.rglob("*.ttl"))


def load_graph(folder: Path) -> Graph:
    """All Turtle files below ``folder`` in one in-memory Oxigraph-backed graph."""
    graph = Graph(store="Oxigraph")
    for path in ontology_files(folder):
        graph.parse(path, format="ox-turtle")
    return graph


def digest(folder: Path) -> str:
    """Hash of the ontology's files."""
    total = hashlib.sha256()
    for path in ontology_files(folder):
        total.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


@dataclass(slots=True)
class Concepts:
    """The concepts of one class: label → IRI (prefLabel first; altLabels only where ``loose``)."""

    by_label: dict[str, URIRef] = field(default_factory=dict)
    by_alt_label: dict[str, URIRef] = field(default_factory=dict)
    labels: dict[URIRef, str] = field(default_factory=dict)

    def get(self, label: str) -> URIRef | None:
        """The concept whose prefLabel is ``label``."""
        return self.by_label.get(label)

    def find(self, label: str) -> URIRef | None:
        """The concept with that prefLabel or altLabel or local name."""
        wanted = label.strip()
        direct = self.by_label.get(wanted) or self.by_alt_label.get(wanted)
        return direct or next((c for c in self.labels if str(c).rsplit("/", 1)[-1] == wanted), None)


class Vocabulary:
    """The SKOS side of the ontology."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.tags = self._concepts(HG.RiskTag)
        self.scenes = self._concepts(HG.Scene)
        self.links = self._concepts(HG.KeyLink)
        self.points = self._concepts(HG.RiskPoint)
        self.industries = self._concepts(HG.Industry)
        self.activities = self._concepts(HG.Activity)
        self.processes = self._concepts(HG.Process)
        self.equipment = self._concepts(HG.Equipment)
        self.substances = self._concepts(HG.Substance)
        self._below: dict[URIRef, dict[str, URIRef]] = defaultdict(dict)
        for concept, parent in graph.subject_objects(SKOS.broader):
            label = self.links.labels.get(concept) or self.points.labels.get(concept)  # type: ignore[call-overload]
            if label and isinstance(parent, URIRef) and isinstance(concept, URIRef):
                self._below[parent][label] = concept

    def child(self, parent: URIRef, label: str) -> URIRef | None:
        """The key link of a scene, or the risk point of a link, with that label."""
        return self._below[parent].get(label)

    def children(self, parent: URIRef) -> list[str]:
        """Labels of a scene's links or a link's points."""
        return sorted(self._below[parent])

    def _concepts(self, kind: URIRef) -> Concepts:
        found = Concepts()
        for concept in self.graph.subjects(RDF.type, kind):
            if not isinstance(concept, URIRef):
                continue
            for label in self.graph.objects(concept, SKOS.prefLabel):
                found.by_label.setdefault(str(label), concept)
                found.labels.setdefault(concept, str(label))
            for label in self.graph.objects(concept, SKOS.altLabel):
                found.by_alt_label.setdefault(str(label), concept)
        return found
