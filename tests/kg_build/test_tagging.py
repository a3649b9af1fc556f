"""The tagger finds what people really say, where they say it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph

from kg_build.tagging import Mention, Tagger, fold
from kg_build.vocabulary import ontology_files, ontology_folder

SMALL = """
@prefix hg: <https://hegui.example/ontology#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:gas> a hg:Substance ; skos:prefLabel "煤气"@zh ; skos:altLabel "LPG"@zh, "气"@zh ; skos:hiddenLabel "坛子气"@zh ;
    hg:lookalike "煤气灯"@zh .
<urn:co> a hg:RiskTag ; skos:prefLabel "一氧化碳"@zh ; skos:altLabel "煤气中毒"@zh .
<urn:dust> a hg:RiskTag ; skos:prefLabel "除尘系统"@zh ; skos:altLabel "除尘"@zh .
<urn:grind> a hg:Process ; skos:prefLabel "打磨"@zh .
<urn:scene> a hg:Scene ; skos:prefLabel "打磨除尘"@zh .
<urn:work> a hg:Activity ; skos:prefLabel "动火作业"@zh .
<urn:permit> a hg:RiskTag ; skos:prefLabel "作业审批"@zh .
<urn:hot> a hg:RiskTag ; skos:prefLabel "动火"@zh ; skos:altLabel "动火作业"@zh .
<urn:other> a hg:Industry ; skos:prefLabel "其他"@zh ; skos:altLabel "其他行业"@zh ; hg:commonWord true .
<urn:link> a hg:KeyLink ; skos:prefLabel "作业前"@zh .
"""


@pytest.fixture(scope="module")
def small() -> Tagger:
    return Tagger.from_graph(Graph().parse(data=SMALL, format="turtle"))


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    graph = Graph()
    for path in ontology_files(ontology_folder()):
        graph.parse(path)
    return Tagger.from_graph(graph)


def labels(mentions: list[Mention], kind: str | None = None) -> set[str]:
    return {m.label for m in mentions if kind in (None, m.kind)}


def test_the_longest_match_wins(small: Tagger) -> None:
    assert [(m.text, m.concept_iri) for m in small.tag("防止煤气中毒")] == [("煤气中毒", "urn:co")]


def test_every_occurrence_is_found_with_its_place(small: Tagger) -> None:
    text = "煤气，又是煤气。"
    assert [(m.start, m.end) for m in small.tag(text)] == [(0, 2), (5, 7)]
    assert all(text[m.start : m.end] == m.text for m in small.tag(text))


def test_a_phrase_of_two_concepts_names_both(small: Tagger) -> None:
    assert {m.concept_iri for m in small.tag("申请动火作业")} == {"urn:work", "urn:hot"}


def test_matches_that_overlap_are_both_kept(small: Tagger) -> None:
    assert labels(small.tag("动火作业审批")) == {"动火作业", "动火", "作业审批"}


def test_a_scene_name_hides_no_plain_fact(small: Tagger) -> None:
    assert labels(small.tag("打磨除尘")) == {"打磨", "除尘系统", "打磨除尘"}


def test_everyday_words_are_read_in_descriptions_only(small: Tagger) -> None:
    assert labels(small.tag("烧坛子气", everyday=True)) == {"煤气"}
    assert small.tag("烧坛子气") == []


def test_a_lookalike_names_nothing_in_a_description(small: Tagger) -> None:
    assert small.tag("一盏煤气灯", everyday=True) == []
    assert labels(small.tag("一盏煤气灯")) == {"煤气"}
    assert labels(small.tag("煤气灯和煤气", everyday=True)) == {"煤气"}


def test_full_width_and_lower_case_letters_match(small: Tagger) -> None:
    assert [m.text for m in small.tag("ＬＰＧ、lpg、LPG")] == ["ＬＰＧ", "lpg", "LPG"]


def test_an_everyday_label_is_matched_by_its_other_forms_only(small: Tagger) -> None:
    assert small.tag("其他要求") == []
    assert labels(small.tag("其他行业")) == {"其他"}


def test_one_character_is_no_phrase_and_links_are_left_out(small: Tagger) -> None:
    assert small.tag("作业前放气") == []


def test_a_term_does_not_run_over_a_line_break(small: Tagger) -> None:
    assert small.tag("煤\n气") == []
    assert [(m.start, m.text) for m in small.tag("第一行\r\n有煤气")] == [(6, "煤气")]


def test_an_empty_text_has_no_mentions(small: Tagger) -> None:
    assert small.tag("") == []
    assert small.tag(" \n\t ") == []


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("焊工没证能不能上岗", "特种作业"),
        ("车间里烧焊要不要开票", "动火"),
        ("工人下池子清淤昏倒了", "有限空间"),
        ("化粪池清掏", "有限空间"),
        ("布袋除尘多久清一次", "除尘系统"),
        ("厂里叉车司机没证", "叉车"),
        ("仓库里酒精和双氧水放一起", "易燃液体"),
        ("拉了根临时线", "临时用电"),
        ("配电箱门坏了", "配电设施"),
        ("把消防通道堵了", "疏散通道"),
        ("外包施工队进厂", "承包商管理"),
        ("首违不罚怎么适用", "不予处罚"),
        ("被熏倒了两个人", "中毒和窒息"),
    ],
)
def test_scene_talk_finds_the_tag(tagger: Tagger, said: str, tag: str) -> None:
    assert tag in labels(tagger.tag(said), "tag")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(alphabet="动火作业煤气中毒打磨除尘 \n，LＬa", max_size=40))
def test_mentions_always_quote_the_text(small: Tagger, text: str) -> None:
    mentions = small.tag(text)
    assert all(text[m.start : m.end] == m.text for m in mentions)
    assert mentions == sorted(mentions)


@given(st.text(max_size=60))
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    assert len(fold(text)) == len(text)
