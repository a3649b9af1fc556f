"""The built graph and the ontology, held to the SHACL shapes of ``ontology/shapes.ttl``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from rdflib import RDF, RDFS, SH, Graph
from rdflib.term import Node

from kg_build.vocabulary import digest


def shacl_problems(data: Graph, ontology: Graph, folder: Path) -> list[str]:
    """SHACL violations of the built graph and its ontology, one line each, in the words of the shapes' messages.

    ``folder`` holds the ontology's files; ``data`` comes back as it was. What the shapes ask of concepts is proved once for
    an ontology, not at each build, as long as the data says nothing of a concept itself.
    """
    shapes = Graph().parse(folder / "shapes.ttl", format="turtle")
    of_concepts = _of_concepts(shapes, ontology)
    if not _members(of_concepts, shapes, ontology).isdisjoint(data.subjects()):
        return sorted(_violations(data, ontology, shapes))
    found = _of_ontology(ontology, folder)
    _aim(shapes, away_from=of_concepts)
    return sorted([*found, *_violations(data, ontology, shapes)])


_PROVED: dict[str, list[str]] = {}
"""By the digest of an ontology what its own shapes find wrong with it."""


def _of_ontology(ontology: Graph, folder: Path) -> list[str]:
    key = digest(folder)
    if key not in _PROVED:
        shapes = Graph().parse(folder / "shapes.ttl", format="turtle")
        _aim(shapes, away_from=_aimed(shapes) - _of_concepts(shapes, ontology))
        _PROVED[key] = list(_violations(ontology, Graph(), shapes))
    return _PROVED[key]


_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)


def _aimed(shapes: Graph) -> set[Node]:
    return {shape for target in _TARGETS for shape in shapes.subjects(target, None)}


def _aim(shapes: Graph, away_from: set[Node]) -> None:
    for shape in away_from:
        for target in _TARGETS:
            shapes.remove((shape, target, None))


def _of_concepts(shapes: Graph, ontology: Graph) -> set[Node]:
    """The shapes whose every target is a class that the ontology itself has members of."""
    populated = set(ontology.objects(None, RDF.type))
    others = {shape for target in _TARGETS[1:] for shape in shapes.subjects(target, None)}
    return {s for s in _aimed(shapes) - others if set(shapes.objects(s, SH.targetClass)) <= populated}


def _members(aimed: set[Node], shapes: Graph, ontology: Graph) -> set[Node]:
    classes = {c for shape in aimed for c in shapes.objects(shape, SH.targetClass)}
    return {s for c in classes for s in ontology.subjects(RDF.type, c)}


def _violations(data: Graph, lender: Graph, shapes: Graph) -> Iterable[str]:
    from pyshacl import validate

    # The shapes ask for the classes of concepts, which the ontology tells: lend the data, for the while, what they can see
    # of it. Most of an ontology is wordings, which no path of theirs names.
    seen = {RDF.type, RDFS.subClassOf, *_told_of(shapes, _aimed(shapes))}
    _hoist(shapes)
    lent = [triple for triple in lender if triple[1] in seen and triple not in data]
    for triple in lent:
        data.add(triple)
    try:
        conforms, report, _ = validate(data, shacl_graph=shapes, inference="none", advanced=False, meta_shacl=False)
    finally:
        for triple in lent:
            data.remove(triple)
    if conforms or not isinstance(report, Graph):
        return
    for result in report.subjects(SH.resultSeverity, SH.Violation):
        focus = report.value(result, SH.focusNode)
        path = report.value(result, SH.resultPath)
        messages = sorted(str(m) for m in report.objects(result, SH.resultMessage))
        yield f"图谱节点 {focus} 的 {str(path).rsplit('#')[-1]}：{'；'.join(messages)}"


def _hoist(shapes: Graph) -> None:
    """Let property shapes aim for themselves at what the node shape aims at that they are part of.

    They ask the same of the same nodes; but pyshacl reads a property shape anew for each node that a node shape hands to it,
    and one that has targets once for all of them.
    """
    for shape in _aimed(shapes):
        targets = [(target, aim) for target in _TARGETS for aim in shapes.objects(shape, target)]
        for part in list(shapes.objects(shape, SH.property)):
            if len(list(shapes.subjects(None, part))) == 1:
                shapes.remove((shape, SH.property, part))
                for target, aim in targets:
                    shapes.add((part, target, aim))


def _told_of(shapes: Graph, starts: Iterable[Node]) -> set[Node]:
    """Everything that the given shapes speak of, down to the paths of their paths."""
    found, ahead = set[Node](), list(starts)
    while ahead:
        node = ahead.pop()
        if node not in found:
            found.add(node)
            ahead.extend(shapes.objects(node))
    return found
