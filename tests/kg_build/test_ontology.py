"""The ontology as files: documented, well formed, consistent, and in step with the code that uses it."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, URIRef

import kg_build
from kg_build.reasoning import load_into_owlready
from kg_build.shapes import shacl_problems
from kg_build.tagging import KINDS
from kg_build.vocabulary import BASE, ELI, HG, ontology_files, ontology_folder

TERM_TYPES = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


def load(*, shapes: bool) -> Graph:
    graph = Graph()
    for path in ontology_files(ontology_folder()):
        if shapes == (path.name == "shapes.ttl"):
            graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return load(shapes=False)


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return load(shapes=True)


def zh(graph: Graph, subject: URIRef, predicate: URIRef) -> list[str]:
    return [str(value) for value in graph.objects(subject, predicate) if getattr(value, "language", None) == "zh"]


def test_every_term_has_a_chinese_label_and_comment(ontology: Graph) -> None:
    terms = {t for kind in TERM_TYPES for t in ontology.subjects(RDF.type, kind) if isinstance(t, URIRef)}
    assert len(terms) > 100
    bare = [t for t in terms if not zh(ontology, t, RDFS.label) or not zh(ontology, t, RDFS.comment)]
    assert bare == []


def test_every_concept_has_one_chinese_name_and_a_definition(ontology: Graph) -> None:
    for kind in KINDS.keys() - {HG.KeyLink, HG.RiskPoint}:
        for concept in ontology.subjects(RDF.type, kind):
            assert len(zh(ontology, concept, SKOS.prefLabel)) == 1, concept  # type: ignore[arg-type]
            assert zh(ontology, concept, SKOS.definition), concept  # type: ignore[arg-type]


def test_every_term_that_is_used_is_declared(ontology: Graph, shapes: Graph) -> None:
    declared = {t for kind in TERM_TYPES for t in ontology.subjects(RDF.type, kind)}
    used = {t for triple in ontology for t in triple} | set(shapes.objects(None, SH.path))
    ours = {t for t in used if isinstance(t, URIRef) and t.startswith((str(HG), str(ELI)))}
    assert {t for t in ours if t != URIRef(str(HG))} - declared == set()


def test_every_term_the_code_uses_is_declared(ontology: Graph) -> None:
    declared = {str(t) for kind in TERM_TYPES for t in ontology.subjects(RDF.type, kind)}
    folder = Path(kg_build.__file__).parent
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    wanted = {str(HG[name]) for name in re.findall(r"\bHG\.(\w+)", source)}
    wanted |= {str(ELI[name]) for name in re.findall(r"\bELI\.(\w+)", source)}
    assert wanted - declared == set()


def test_nothing_is_both_a_class_and_an_individual(ontology: Graph) -> None:
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    properties = {p for kind in TERM_TYPES[1:] for p in ontology.subjects(RDF.type, kind)}
    individuals = {
        s for s, kind in ontology.subject_objects(RDF.type) if str(kind).startswith(str(HG)) or kind == SKOS.Concept
    }
    assert classes & individuals == set()
    assert classes & properties == set()
    assert properties & individuals == set()


def test_every_broader_or_related_concept_exists(ontology: Graph) -> None:
    links = (
        SKOS.broader,
        SKOS.related,
        HG.givesOff,
        HG.involves,
        HG.mayInvolve,
        HG.brings,
        HG.uses,
        HG.usedIn,
        HG.typicalOf,
    )
    named = {target for link in links for target in ontology.objects(None, link)}
    named |= {value for value in ontology.objects(None, OWL.hasValue) if isinstance(value, URIRef)}
    assert {target for target in named if ontology.value(target, SKOS.prefLabel) is None} == set()


def test_no_concept_is_above_itself(ontology: Graph) -> None:
    for concept in set(ontology.subjects(SKOS.broader, None)):
        above = {
            a
            for parent in ontology.objects(concept, SKOS.broader)
            for a in ontology.transitive_objects(parent, SKOS.broader)
        }
        assert concept not in above


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {HG.KeyLink, HG.RiskPoint, HG.Scene}), ids=lambda k: KINDS[k])
def test_a_phrase_names_one_concept_of_a_kind(ontology: Graph, kind: URIRef) -> None:
    owners: dict[str, set[URIRef]] = defaultdict(set)
    for concept in ontology.subjects(RDF.type, kind):
        for predicate in (SKOS.prefLabel, SKOS.altLabel):
            for label in ontology.objects(concept, predicate):
                owners[str(label)].add(concept)  # type: ignore[arg-type]
    assert {label: sorted(concepts) for label, concepts in owners.items() if len(concepts) > 1} == {}


@pytest.mark.parametrize(
    "tag",
    [
        "全员责任制",
        "有限空间",
        "动火",
        "粉尘爆炸",
        "铝镁粉尘",
        "危化品储存",
        "用电安全",
        "行政处罚程序",
        "约谈与停供电",
        "燃气使用",
    ],
)
def test_the_corpus_tags_are_there(ontology: Graph, tag: str) -> None:
    found = [s for s in ontology.subjects(RDF.type, HG.RiskTag) if tag in zh(ontology, s, SKOS.prefLabel)]  # type: ignore[arg-type]
    assert len(found) == 1
    assert str(found[0]).startswith(f"{BASE}tag/")


def test_the_ontology_conforms_to_its_own_shapes(ontology: Graph, shapes: Graph) -> None:
    conforms, _, report = pyshacl.validate(ontology, shacl_graph=shapes, inference="none")
    assert conforms, report


def test_the_shapes_are_core_shacl_with_chinese_messages(shapes: Graph) -> None:
    assert not set(shapes.subjects(SH.sparql, None))
    for shape in shapes.subjects(SH.path, None):
        inside_or = next(shapes.subjects(SH.property, shape), None)
        if isinstance(inside_or, URIRef):
            assert zh(shapes, shape, SH.message), shapes.value(shape, SH.path)  # type: ignore[arg-type]


BROKEN = [
    (
        "<urn:s> a hg:Sanction ; hg:who 'unit' ; hg:when 'first' ; hg:fineMin 200 ; hg:fineMax 100 .",
        "下限（min）不能高于上限",
    ),
    ("<urn:s> a hg:Sanction ; hg:who 'unit' ; hg:when 'first' .", "至少要有一项措施"),
    ("<urn:s> a hg:Sanction ; hg:who 'boss' ; hg:when 'first' ; hg:fineMax 100 .", "处罚对象（who）"),
    ("<urn:s> a hg:Sanction ; hg:who 'unit' ; hg:when 'first' ; hg:maxTimes 5 .", "基数（base）"),
    ("<urn:c> a hg:Check ; hg:severity 'huge' .", "隐患等级（severity）"),
    ("<urn:k> a hg:Case ; hg:sourceUrl 'ftp://x' .", "来源网址（source.url）"),
    ("<urn:d> a hg:Document ; hg:jurisdiction '北京' .", "适用地域（jurisdiction）"),
    ("<urn:p> a hg:Provision ; hg:gist '应当培训上岗' .", "要写规范类型（modality）"),
    ("<urn:t> a hg:RiskTag ; skos:prefLabel 'x'@en .", "概念要有且只有一个中文名称"),
]


@pytest.mark.parametrize(("broken", "message"), BROKEN)
def test_a_shape_says_what_is_wrong(ontology: Graph, shapes: Graph, broken: str, message: str) -> None:
    data = Graph()
    data.parse(data=f"@prefix hg: <{HG}> . @prefix skos: <{SKOS}> . {broken}", format="turtle")
    conforms, _, report = pyshacl.validate(data, shacl_graph=shapes, ont_graph=ontology, inference="none")
    assert not conforms
    assert message in report


def test_a_build_finds_all_that_the_shapes_find(ontology: Graph, shapes: Graph) -> None:
    data = Graph()
    # A build adds no concepts: those of the ontology are proved apart.
    for broken, _ in (b for b in BROKEN if "概念" not in b[1]):
        data.parse(data=f"@prefix hg: <{HG}> . @prefix skos: <{SKOS}> . {broken}", format="turtle")
    before = set(data)
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, ont_graph=ontology, inference="none")
    results = list(report.subjects(RDF.type, SH.ValidationResult))
    told = [(str(report.value(r, SH.focusNode)), str(report.value(r, SH.resultMessage))) for r in results]
    lines = shacl_problems(data, ontology, ontology_folder())
    assert len(lines) == len(told) > len(BROKEN)
    assert all(any(focus in line and message in line for line in lines) for focus, message in told)
    assert set(data) == before


def test_it_loads_into_owlready2(ontology: Graph) -> None:
    world = load_into_owlready(ontology)
    names = {c.name for c in world.classes()}
    assert {"Enterprise", "DustExplosionEnterprise", "RiskTag"} <= names
