"""A simulated inspection shows what its checks say and nothing else, gives no answer away by its form, and scores fairly."""

from __future__ import annotations

import random

import pytest

from assistant.knowledge import Knowledge
from assistant.observations import sights
from assistant.quiz_question import likeness
from assistant.service import Assistant
from assistant.simulation import Simulation, score, simulate
from kg_build.errors import UsageError
from tests.conftest import TODAY

TOPICS = ["粉尘涉爆", "有限空间", "动火作业", "涉氨制冷", "危化品仓库", "叉车", "消防通道", "特种作业持证"]


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.knowledge


@pytest.fixture(scope="module")
def sites(assistant: Assistant) -> dict[str, Simulation]:
    return {topic: assistant.simulate(topic, 12, seed=1) for topic in TOPICS}


def told(ask: str) -> dict[str, tuple[str, str]]:
    return {s.way: (s.fine, s.failed) for s in sights(ask, random.Random(1))}


# --- from a check to what is seen -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "way", "fine", "failed"),
    [
        (
            "高处作业前是否办理高处安全作业票并经批准？",
            "omission",
            "高处作业前办理了高处安全作业票并经批准",
            "高处作业前办理了高处安全作业票",
        ),
        (
            "在用起重机械是否至少每月自行检查1次？",
            "measure",
            "在用起重机械每月自行检查1次",
            "在用起重机械每季度自行检查1次",
        ),
        (
            "电动自行车充电是否没有私拉电线和插座？",
            "reversal",
            "电动自行车充电没有私拉电线和插座",
            "电动自行车充电有私拉电线和插座的情况",
        ),
        (
            "现场是否设有监护人员？",
            "negation",
            "现场设有监护人员",
            "现场没有设监护人员",
        ),
        (
            "锅炉、压力容器是否都在检验有效期内？",
            "negation",
            "锅炉、压力容器都在检验有效期内",
            "锅炉、压力容器有的不在检验有效期内",
        ),
    ],
)
def test_a_check_is_seen_in_order_and_not_in_order(ask: str, way: str, fine: str, failed: str) -> None:
    assert told(ask)[way] == (fine, failed)


@pytest.mark.parametrize(("word", "worse"), [("不小于", True), ("不大于", False)])
def test_a_made_number_misses_the_limit_on_the_right_side(word: str, worse: bool) -> None:
    for seed in range(20):
        (sight,) = sights(f"库房主通道宽度是否{word}2m？", random.Random(seed))
        good, bad = (float(t.removeprefix("库房主通道宽度为").removesuffix("m")) for t in (sight.fine, sight.failed))
        assert (bad < 2 < good) if worse else (good < 2 < bad)


@pytest.mark.parametrize(
    "ask",
    [
        "存放危险废物的，是否设置标志？",
        "是否装有或者借用报警装置？",
        "现场是否清洁、是否通风？",
        "没有用是否的问题？",
        "按规定应当备案的单位是否备案？",
        "容器是否符合要求（没有破损的除外）？",
    ],
)
def test_a_check_whose_words_cannot_be_turned_soundly_is_left_out(ask: str) -> None:
    assert sights(ask, random.Random(1)) == []


def test_every_check_that_can_be_turned_says_different_things_in_order_and_not(knowledge: Knowledge) -> None:
    usable = 0
    for check in knowledge.checks.values():
        for sight in sights(check.ask, random.Random(check.id)):
            usable += 1
            assert sight.fine != sight.failed
            assert sight.gap
            for text in (sight.fine, sight.failed):
                assert "是否" not in text
                assert "？" not in text
                assert "没有没有" not in text
                assert text.count("（") == text.count("）")
    assert usable > 300


def test_an_omission_only_takes_away(knowledge: Knowledge) -> None:
    found = [s for c in knowledge.checks.values() for s in sights(c.ask, random.Random(1)) if s.way == "omission"]
    assert len(found) > 100
    for sight in found:
        gone = sight.gap.removeprefix("没有查到“").removesuffix("”")
        assert gone in sight.fine
        assert gone not in sight.failed
        assert len(sight.failed) < len(sight.fine)


# --- the site -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", TOPICS)
def test_every_observation_is_one_of_the_sights_of_its_check(
    sites: dict[str, Simulation], knowledge: Knowledge, topic: str
) -> None:
    site = sites[topic]
    assert 4 <= len(site.observations()) <= 12
    assert [o.number for o in site.observations()] == list(range(1, len(site.observations()) + 1))
    for seen in site.observations():
        check = knowledge.checks[seen.check]
        possible = sights(check.ask, random.Random(f"1/{check.id}"))
        assert seen.text in {(s.failed if seen.hazard else s.fine) + "。" for s in possible}
        assert bool(seen.gap) == seen.hazard


@pytest.mark.parametrize("topic", TOPICS)
def test_some_fail_and_some_are_in_order(sites: dict[str, Simulation], topic: str) -> None:
    site = sites[topic]
    failed = sum(o.hazard for o in site.observations())
    assert failed == site.hazards
    assert 2 <= failed <= len(site.observations()) - 2


def test_every_observation_rests_on_law_of_the_day(sites: dict[str, Simulation], knowledge: Knowledge) -> None:
    for site in sites.values():
        for seen in site.observations():
            assert seen.basis
            for basis in seen.basis:
                provision = knowledge.provision_by_id[basis.id]
                assert provision.iri in knowledge.checks[seen.check].basis
                assert provision.citation == basis.citation
                assert provision.document.is_in_force(TODAY)
                assert provision.document.applies_here
                assert basis.gist


def test_wording_alone_does_not_give_the_hazards_away(sites: dict[str, Simulation]) -> None:
    seen = [o for site in sites.values() for o in site.observations()]
    denied = [o.hazard for o in seen if "没有" in o.text or "不" in o.text]
    plain = [o.hazard for o in seen if not ("没有" in o.text or "不" in o.text)]
    # Of what reads as if all were well a third or more is a hazard, and what reads like a lack is often in order.
    assert sum(plain) / len(plain) > 1 / 3
    assert sum(denied) < len(denied)


def test_no_two_observations_are_alike(sites: dict[str, Simulation]) -> None:
    for site in sites.values():
        asks = [o.ask for o in site.observations()]
        assert all(likeness(a, b) < 0.5 for n, a in enumerate(asks) for b in asks[:n])


def test_a_named_scene_is_the_one_inspected(sites: dict[str, Simulation]) -> None:
    assert sites["叉车"].scenes == ["叉车与厂内运输"]
    assert sites["涉氨制冷"].scenes == ["涉氨制冷"]
    assert len(sites["消防通道"].scenes) <= 2


def test_the_same_seed_gives_the_same_site_and_another_gives_another(assistant: Assistant) -> None:
    first = assistant.simulate("动火作业", 10, seed=5)
    assert assistant.simulate("动火作业", 10, seed=5).model_dump_json() == first.model_dump_json()
    assert assistant.simulate("动火作业", 10, seed=6).stops != first.stops


def test_fewer_than_asked_is_said(assistant: Assistant) -> None:
    site = assistant.simulate("涉氨制冷", 30)
    assert f"只有 {len(site.observations())} 个" in site.notices[0]


@pytest.mark.parametrize("count", [3, 31, 0])
def test_a_senseless_number_of_observations_is_refused(knowledge: Knowledge, count: int) -> None:
    with pytest.raises(UsageError, match="请改条数"):
        simulate(knowledge, "动火作业", count, day=TODAY)


@pytest.mark.parametrize("topic", ["", "zzzzqqqq"])
def test_a_topic_with_nothing_to_see_is_refused(assistant: Assistant, topic: str) -> None:
    with pytest.raises(UsageError):
        assistant.simulate(topic)


# --- the score ------------------------------------------------------------------------------------------------------


def test_marking_exactly_the_hazards_gives_full_points(sites: dict[str, Simulation]) -> None:
    site = sites["有限空间"]
    result = score(site, [o.number for o in site.observations() if o.hazard])
    assert (result.found, result.missed, result.wrong, result.points) == (site.hazards, 0, 0, 100)


def test_marking_nothing_misses_all_and_marking_all_is_wrong_too(sites: dict[str, Simulation]) -> None:
    site = sites["有限空间"]
    nothing = score(site, [])
    assert (nothing.found, nothing.missed, nothing.wrong, nothing.points) == (0, site.hazards, 0, 0)
    everything = score(site, [o.number for o in site.observations()])
    assert everything.missed == 0
    assert everything.wrong == len(site.observations()) - site.hazards
    assert everything.points < 50


def test_each_mark_is_told_with_its_ground(sites: dict[str, Simulation]) -> None:
    site = sites["动火作业"]
    hazards = [o.number for o in site.observations() if o.hazard]
    fine = next(o.number for o in site.observations() if not o.hazard)
    result = score(site, [hazards[0], fine])
    verdicts = {m.observation.number: m.verdict for m in result.marks}
    assert verdicts[hazards[0]] == "found"
    assert verdicts[hazards[1]] == "missed"
    assert verdicts[fine] == "wrong"
    assert all(m.observation.basis for m in result.marks)
    assert "误判 1 处" in result.sentence


def test_a_number_that_is_not_there_is_refused(sites: dict[str, Simulation]) -> None:
    with pytest.raises(UsageError, match="没有第 99 条"):
        score(sites["叉车"], [1, 99])
