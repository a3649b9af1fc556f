"""The penalty worksheet lays out ranges, grounds and cases with citations that exist, and decides nothing."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from assistant.knowledge import Knowledge
from assistant.penalties import assess
from assistant.service import Assistant
from assistant.worksheet import BLANK, Factors, Ground, PenaltyWorksheet
from kg_build.errors import UsageError
from kg_build.snapshot import build
from tests.conftest import TODAY

WELDER = "安全生产法 第三十条第一款"


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.knowledge


@pytest.fixture(scope="module")
def welder(knowledge: Knowledge) -> PenaltyWorksheet:
    return assess(knowledge, WELDER, TODAY)


@pytest.fixture(scope="module")
def small(mini_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    data = tmp_path_factory.mktemp("small")
    return Knowledge(build(data, corpus=mini_source, model="none", today=TODAY).folder)


def elements(grounds: list[Ground]) -> dict[str, str]:
    return {e.text: e.state for g in grounds for e in g.elements}


# --- ranges ---------------------------------------------------------------------------------------------------------


def test_an_uncertified_welder_costs_what_article_97_says(welder: PenaltyWorksheet) -> None:
    rule = next(r for r in welder.rules if r.citation == "《安全生产法》第九十七条")
    assert [p.citation for p in rule.provisions] == ["《安全生产法》第九十七条第（七）项"]
    assert [(s.stage, s.fine_min, s.fine_max) for s in rule.unit] == [
        ("first", None, 100_000),
        ("overdue", 100_000, 200_000),
    ]
    assert [(s.stage, s.fine_min, s.fine_max) for s in rule.others] == [("overdue", 20_000, 50_000)]
    assert "责令停产停业整顿" in rule.unit[1].measures


def test_measures_stand_in_the_order_of_the_law(assistant: Assistant) -> None:
    rule = assistant.penalties("危险化学品安全法 第三十七条第一款").rules[0]
    first, then = rule.unit[1].measures
    assert first.startswith("责令停产停业整顿直至吊销")
    assert then.startswith("许可证件被吊销的")


def test_first_and_overdue_can_be_told_apart(welder: PenaltyWorksheet) -> None:
    rule = welder.rules[0]
    assert {s.stage for s in rule.at("first")} == {"first"}
    assert {s.stage for s in rule.at("overdue")} == {"overdue"}


def test_the_principal_has_a_range_of_his_own(knowledge: Knowledge) -> None:
    sheet = assess(knowledge, "安全生产法 第二十一条第（一）项", TODAY)
    assert any("主要负责人" in s.text for r in sheet.rules for s in r.principal)


def test_a_stage_fits_only_when_the_officer_established_it(knowledge: Knowledge) -> None:
    def fits(factors: Factors | None) -> list[bool | None]:
        return [s.fits for s in assess(knowledge, WELDER, TODAY, factors).rules[0].unit]

    assert fits(None) == [None, None]
    assert fits(Factors(overdue=False)) == [True, False]
    assert fits(Factors(overdue=True)) == [False, True]


def test_a_further_condition_is_never_assumed(knowledge: Knowledge) -> None:
    sheet = assess(knowledge, "安全生产法 第一百零二条", TODAY, Factors(overdue=True))
    conditional = [s for r in sheet.rules for s in (*r.unit, *r.others) if s.condition and s.stage == "overdue"]
    assert conditional
    assert all(s.fits is None for s in conditional)


def test_a_crime_is_kept_apart_from_administrative_penalties(knowledge: Knowledge) -> None:
    sheet = assess(knowledge, "安全生产法 第二十条", TODAY)
    assert any("刑法" in p.citation for p in sheet.criminal)
    assert not any("刑法" in r.citation for r in sheet.rules)
    assert sheet.reminders[0].provision.citation == "《行政处罚法》第二十七条第一款"


def test_a_penal_item_brings_the_duties_it_punishes(knowledge: Knowledge) -> None:
    sheet = assess(knowledge, "安全生产法 第九十七条第（七）项", TODAY)
    assert "《安全生产法》第三十条第一款" in [d.citation for d in sheet.duties]


def test_every_check_has_a_worksheet_of_citations_that_exist(knowledge: Knowledge) -> None:
    known = knowledge.provision_by_id
    for name in sorted(knowledge.checks)[::7]:
        sheet = assess(knowledge, name, TODAY)
        shown = [*sheet.duties, *sheet.criminal, *(p for r in sheet.rules for p in r.provisions)]
        shown += [r.provision for r in sheet.reminders] + [g.provision for g in (*sheet.no_penalty, *sheet.mitigation)]
        assert all(known[p.id].citation == p.citation and p.in_force for p in shown)
        assert sheet.severity in ("major", "general")


# --- grounds --------------------------------------------------------------------------------------------------------


def test_article_33_gives_three_grounds_each_with_what_must_be_shown(welder: PenaltyWorksheet) -> None:
    assert [(g.provision.citation, g.effect, len(g.elements)) for g in welder.no_penalty] == [
        ("《行政处罚法》第三十三条第一款", "不予处罚", 3),
        ("《行政处罚法》第三十三条第一款", "可以不予处罚", 3),
        ("《行政处罚法》第三十三条第二款", "不予处罚", 1),
    ]
    assert welder.no_penalty[2].exception
    assert set(elements(welder.no_penalty).values()) == {"unknown"}


def test_the_words_of_the_grounds_are_those_of_the_gists(welder: PenaltyWorksheet) -> None:
    for ground in (*welder.no_penalty, *welder.mitigation):
        assert all(e.text in (ground.provision.gist or "") for e in ground.elements)


def test_what_the_officer_established_is_set_beside_each_element(knowledge: Knowledge) -> None:
    factors = Factors(first_time=True, rectified=True, harm="slight", minor=False, no_fault=False, harm_reduced=True)
    sheet = assess(knowledge, WELDER, TODAY, factors)
    states = elements(sheet.no_penalty)
    assert states["初次违法"] == states["及时改正"] == states["危害后果轻微"] == "met"
    assert states["没有造成危害后果"] == states["违法行为轻微"] == "unmet"
    assert [e.state for e in sheet.no_penalty[2].elements] == ["unmet"]
    assert [e.state for e in sheet.mitigation[0].elements] == ["met", "unknown", "unknown", "unknown", "unknown"]


def test_any_circumstance_mitigates_but_no_penalty_needs_all(welder: PenaltyWorksheet) -> None:
    assert {g.needs for g in welder.no_penalty} == {"all"}
    assert {g.needs for g in welder.mitigation} == {"any"}


def test_published_cases_stand_beside_the_ground_they_used(welder: PenaltyWorksheet) -> None:
    precedents = welder.no_penalty[0].precedents
    assert precedents
    assert {c.type for c in precedents} == {"no_penalty"}


def test_the_reminders_are_there_with_their_reasons(knowledge: Knowledge) -> None:
    ended = datetime.date(2026, 11, 13)
    sheet = assess(knowledge, WELDER, TODAY, Factors(ended_on=ended))
    why = {r.provision.citation.removeprefix("《行政处罚法》"): r.why or "" for r in sheet.reminders}
    assert set(why) >= {"第二十九条", "第三十六条第一款", "第三十六条第二款", "第六十三条第一款", "第六十四条"}
    assert "10天" in why["第三十六条第二款"]
    assert "责令停产停业整顿" in why["第六十三条第一款"]


# --- cases ----------------------------------------------------------------------------------------------------------


def test_similar_cases_broke_the_same_duty_and_come_nearest_first(welder: PenaltyWorksheet) -> None:
    assert welder.cases_total >= len(welder.cases) >= 5
    assert welder.cases[0].relation == "违反或对应同一条款：《安全生产法》第三十条第一款"
    assert any(d.case.amount for d in welder.cases)
    assert "中位数" in welder.amounts


def test_a_broad_penal_article_brings_no_cases_of_other_scenes_as_alike(knowledge: Knowledge) -> None:
    sheet = assess(knowledge, "cs-ventilate-test", TODAY)
    alike = [d for d in sheet.cases if d.relation.startswith("按同一罚则") and "第一百零二条" in d.relation]
    assert all("有限空间作业" in d.case.scenes for d in alike)


def test_fewer_cases_can_be_shown_than_counted(knowledge: Knowledge) -> None:
    sheet = assess(knowledge, WELDER, TODAY, limit=2)
    assert len(sheet.cases) == 2
    assert sheet.cases_total > 2


# --- four reasons ---------------------------------------------------------------------------------------------------


def test_every_sentence_of_the_four_reasons_is_cited_or_blank(knowledge: Knowledge) -> None:
    for name in (WELDER, "cs-ventilate-test", "安全生产法 第二条"):
        sheet = assess(knowledge, name, TODAY)
        assert [r.name for r in sheet.reasons] == ["事理", "法理", "道理", "情理"]
        for sentence in (s for r in sheet.reasons for s in r.sentences):
            if sentence.text == BLANK:
                assert sentence.about
                assert sentence.citation is None
            else:
                assert sentence.citation
                assert sentence.ref in knowledge.provision_by_id or sentence.ref in knowledge.cases


def test_each_reason_leaves_the_officer_something_to_write_or_cites(welder: PenaltyWorksheet) -> None:
    assert all(BLANK in r.text for r in welder.reasons)
    assert "《安全生产法》第九十七条" in welder.reasons[1].text


def test_the_worksheet_says_that_it_does_not_decide(welder: PenaltyWorksheet) -> None:
    assert "不作决定" in welder.notices[0]


# --- honest ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["no-such-check", "安全生产法 第九百条", "子虚乌有法 第一条", ""])
def test_what_is_not_there_is_refused_in_chinese(knowledge: Knowledge, name: str) -> None:
    with pytest.raises(UsageError, match="没有叫"):
        assess(knowledge, name, TODAY)


def test_contradictory_factors_are_refused(knowledge: Knowledge) -> None:
    with pytest.raises(UsageError, match="不能同时成立"):
        assess(knowledge, WELDER, TODAY, Factors(rectified=True, overdue=True))
    with pytest.raises(UsageError, match="晚于"):
        assess(knowledge, WELDER, TODAY, Factors(ended_on=TODAY + datetime.timedelta(days=1)))


def test_what_was_no_law_that_day_is_refused(knowledge: Knowledge) -> None:
    with pytest.raises(UsageError, match="不是现行有效"):
        assess(knowledge, "有限空间规定 第十四条第一款", datetime.date(2023, 6, 1))


def test_a_corpus_without_the_penalty_law_leaves_its_parts_out_and_says_so(small: Knowledge) -> None:
    sheet = assess(small, "t-permit", TODAY)
    assert sheet.rules
    assert sheet.no_penalty == sheet.mitigation == sheet.reminders == []
    assert any("行政处罚法" in n for n in sheet.notices)
    assert all(s.citation or s.text == BLANK for r in sheet.reasons for s in r.sentences)


def test_a_duty_without_a_penal_provision_says_so(small: Knowledge) -> None:
    sheet = assess(small, "t-watch", TODAY)
    assert sheet.rules == []
    assert any("没有为这一项写明行政罚则" in n for n in sheet.notices)
    assert any("推荐性" in n for n in sheet.notices)


def test_one_case_with_an_amount_is_told_without_a_median(small: Knowledge) -> None:
    sheet = assess(small, "安全生产法 第三十条第一款", TODAY)
    assert [d.case.id for d in sheet.cases] == ["t-case"]
    assert "1 件：2万元" in sheet.amounts
    assert "中位数" not in sheet.amounts


# --- tiers and lists of slight violations ---------------------------------------------------------------------------


def test_a_discretion_standard_gives_its_tiers_with_circumstances_and_source(small: Knowledge) -> None:
    found = assess(small, "安全生产法 第三十条第一款", TODAY)
    (rule,) = found.rules
    assert [(t.name, t.factor, t.sanction.fine_min, t.sanction.fine_max) for t in rule.tiers] == [
        ("一档", "1人无证", 10_000, 30_000),
        ("二档", "2人以上无证", 30_000, 100_000),
    ]
    assert rule.tiers[0].standard == "《测试裁量基准》第二部分第（三）项"


def test_a_list_of_slight_violations_names_its_conditions(small: Knowledge) -> None:
    entry = next(e for e in assess(small, "安全生产法 第三十条第一款", TODAY).leniency if e.applies_here)
    assert (entry.kind, entry.conditions) == ("首违不罚", ["初次", "当场改正"])
    assert entry.lightens == ["《安全生产法》第九十七条第（七）项"]


def test_a_standard_that_is_not_yet_in_force_gives_no_tiers(small: Knowledge) -> None:
    found = assess(small, "安全生产法 第三十条第一款", datetime.date(2023, 1, 15))
    assert (found.rules[0].tiers, found.leniency) == ([], [])


def test_another_provinces_list_is_marked_as_not_binding_here(small: Knowledge) -> None:
    (entry,) = [e for e in assess(small, "安全生产法 第三十条第一款", TODAY).leniency if not e.applies_here]
    assert entry.provision.citation == "《外省清单》第3项"
    assert "在上海不适用" in (entry.provision.note or "")


def test_another_provinces_document_never_answers_by_itself(mini_source: Path, tmp_path: Path) -> None:
    build(tmp_path, corpus=mini_source, model="none", today=TODAY)
    assistant = Assistant(tmp_path, clock=lambda: TODAY)
    found = {p.document for p in assistant.ask("焊工没证能不能上岗").provisions}
    assert "安全生产法" in found
    assert "外省清单" not in found
    assert assistant.ask("外省清单 3").provisions[0].note
