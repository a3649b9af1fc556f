"""Factors are asked one by one: only what this finding turns on, each with why, and no answer is ever assumed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from assistant.inquiry import UNKNOWN, Question, answer, open_questions, questions
from assistant.knowledge import Knowledge
from assistant.penalties import assess
from assistant.penalty_law import PenaltyLaw
from assistant.service import Assistant
from assistant.worksheet import Factors, PenaltyWorksheet
from kg_build.errors import UsageError
from kg_build.practice_penalty_forms import EvidenceForm, ProcedureForm
from kg_build.snapshot import build
from tests.conftest import TODAY

WELDER = "安全生产法 第三十条第一款"
GRADED = "安全生产法 第二十一条第（三）项"


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.knowledge


@pytest.fixture(scope="module")
def welder(knowledge: Knowledge) -> PenaltyWorksheet:
    return assess(knowledge, WELDER, TODAY)


def asked(knowledge: Knowledge, name: str, factors: Factors | None = None) -> dict[str, Question]:
    return {q.id: q for q in open_questions(knowledge, assess(knowledge, name, TODAY, factors), factors)}


def test_every_question_says_why_with_a_citation_that_exists(knowledge: Knowledge) -> None:
    for name in sorted(knowledge.checks)[::60]:
        for question in questions(knowledge, assess(knowledge, name, TODAY)):
            assert question.why, question.id
            assert all(knowledge.provision_by_id[w.ref] and w.citation and w.text for w in question.why)
            assert question.kind == "date" or len(question.choices) >= 1


def test_the_stages_of_the_penal_article_are_asked_first(knowledge: Knowledge) -> None:
    first = next(iter(asked(knowledge, WELDER).values()))
    assert first.id == "correction"
    assert first.why[0].citation == "《安全生产法》第九十七条"
    assert "逾期未改正" in first.why[0].text


def test_only_stages_that_stand_in_the_rules_are_asked(knowledge: Knowledge) -> None:
    assert not {"serious", "accident"} & set(asked(knowledge, WELDER))
    assert "accident" in asked(knowledge, GRADED)
    assert "serious" in asked(knowledge, "安全生产法 第三十五条")


def test_a_finding_without_a_penal_provision_is_still_asked_the_grounds_but_no_stage(knowledge: Knowledge) -> None:
    found = asked(knowledge, "安全生产法 第二条")
    assert "first-time" in found
    assert not {"serious", "accident"} & set(found)
    assert all("行政处罚法" in w.citation for q in found.values() for w in q.why)


def test_an_answered_question_is_not_asked_again(knowledge: Knowledge) -> None:
    question = asked(knowledge, WELDER)["first-time"]
    factors = answer(question, "是初次", Factors())
    assert factors == Factors(first_time=True)
    assert "first-time" not in asked(knowledge, WELDER, factors)


def test_not_known_establishes_nothing_and_undoes_what_was_answered(knowledge: Knowledge) -> None:
    question = asked(knowledge, WELDER)["correction"]
    late = answer(question, "期限已过，仍没有改正", Factors(first_time=True))
    assert (late.overdue, late.rectified) == (True, False)
    assert answer(question, UNKNOWN, late) == Factors(first_time=True)


def test_a_question_that_could_not_be_answered_can_be_left_aside(knowledge: Knowledge, welder: PenaltyWorksheet) -> None:
    left = open_questions(knowledge, welder, skipped=["correction"])
    assert "correction" not in [q.id for q in left]
    assert len(left) == len(open_questions(knowledge, welder)) - 1


def test_answers_decide_which_stage_fits(knowledge: Knowledge) -> None:
    question = asked(knowledge, WELDER)["correction"]
    for given, fits in (
        ("已经改正（在期限内，或者当场）", [True, False]),
        ("期限已过，仍没有改正", [False, True]),
        ("期限过后才改正", [None, None]),
    ):
        sheet = assess(knowledge, WELDER, TODAY, answer(question, given, Factors()))
        assert [s.fits for s in sheet.rules[0].unit] == fits, given


def test_no_answer_of_a_question_contradicts_itself(knowledge: Knowledge) -> None:
    for question in questions(knowledge, assess(knowledge, GRADED, TODAY)):
        for choice in question.choices:
            assess(knowledge, GRADED, TODAY, answer(question, choice.label, Factors()))


def test_a_further_condition_of_a_sanction_is_asked_and_then_decides(knowledge: Knowledge) -> None:
    name = "安全生产法 第一百零二条"
    question = asked(knowledge, name)["condition:拒不执行"]
    assert all(w.citation == "《安全生产法》第一百零二条" for w in question.why)

    def fits(given: str) -> set[bool | None]:
        factors = answer(question, given, Factors(overdue=True))
        sheet = assess(knowledge, name, TODAY, factors)
        return {s.fits for r in sheet.rules for s in (*r.unit, *r.others) if s.condition == "拒不执行"}

    assert fits("属于") == {True}
    assert fits("不属于") == {False}


def test_conditions_that_the_broken_item_settles_are_not_asked(knowledge: Knowledge) -> None:
    sheet = assess(knowledge, "生态环境法典 第一千一百七十五条第一款第（四）项", TODAY, Factors(overdue=False))
    told = {s.condition: (s.settled, s.fits) for s in sheet.rules[0].unit}
    assert told["第（一）（二）（三）（四）（六）（七）（九）（十）（十一）项情形"] == (True, True)
    assert told["第（五）（八）项情形"] == (True, False)
    ids = [q.id for q in questions(knowledge, sheet)]
    assert not any(i.endswith("项情形") for i in ids)
    assert any(i.startswith("condition:") and i.endswith("拒不改正的") for i in ids)


def test_a_condition_that_says_which_rule_prevails_is_not_asked(knowledge: Knowledge) -> None:
    old = [p for p in knowledge.provisions.values() if any((s.condition or "").startswith("旧规定") for s in p.sanctions)]
    assert old
    for provision in [p for p in old if p.document.is_in_force(TODAY)][:5]:
        assert not [q for q in asked(knowledge, provision.id) if q.startswith("condition:旧")]


def test_the_tiers_of_a_standard_are_offered_with_their_facts_and_the_chosen_one_is_marked(knowledge: Knowledge) -> None:
    factors = Factors(accident="larger")
    found = asked(knowledge, GRADED, factors)
    (question,) = [q for q in found.values() if q.id.startswith("tier:")]
    assert [c.label.split("：")[0] for c in question.choices] == ["较大事故"]
    assert question.why[0].citation == "《事故罚款规定》第十九条"
    chosen = answer(question, question.choices[0].label, factors)
    sheet = assess(knowledge, GRADED, TODAY, chosen)
    assert [t.chosen for r in sheet.rules for t in r.tiers] == [False, True, False, False]
    assert question.id not in asked(knowledge, GRADED, chosen)


def test_the_end_of_the_violation_is_asked_as_a_date_and_starts_the_limitation(knowledge: Knowledge) -> None:
    question = asked(knowledge, WELDER)["ended-on"]
    assert question.kind == "date"
    assert {w.citation for w in question.why} == {"《行政处罚法》第三十六条第一款", "《行政处罚法》第三十六条第二款"}
    sheet = assess(knowledge, WELDER, TODAY, answer(question, "2024-11-22", Factors()))
    told = next(r.why for r in sheet.reminders if r.provision.citation == "《行政处罚法》第三十六条第一款")
    assert told is not None
    assert "是2026-11-22，到2026-11-23已过" in told
    assert "是2029-11-22，到2026-11-23未过" in told


@pytest.mark.parametrize("given", ["去年", "2026-02-30", ""])
def test_a_date_that_is_none_is_refused_in_chinese(knowledge: Knowledge, given: str) -> None:
    with pytest.raises(UsageError, match="看不懂"):
        answer(asked(knowledge, WELDER)["ended-on"], given, Factors())


def test_an_answer_that_was_not_offered_is_refused(knowledge: Knowledge) -> None:
    with pytest.raises(UsageError, match="不是“是不是初次违法？”的答案"):
        answer(asked(knowledge, WELDER)["first-time"], "也许", Factors())


def test_a_corpus_without_questions_asks_nothing(mini_source: Path, tmp_path: Path) -> None:
    small = Knowledge(build(tmp_path, corpus=mini_source, model="none", today=TODAY).folder)
    assert open_questions(small, assess(small, "t-permit", TODAY)) == []


# --- evidence -------------------------------------------------------------------------------------------------------


def test_every_element_of_article_33_says_what_evidence_it_needs(welder: PenaltyWorksheet) -> None:
    for ground in welder.no_penalty:
        assert all(e.evidence for e in ground.elements)
    told = {e.text: [p.text for p in e.evidence] for g in welder.no_penalty for e in g.elements}
    assert any("执法记录查询结果" in t for t in told["初次违法"])
    assert any("整改前后照片" in t for t in told["及时改正"])


def test_advice_is_told_from_what_a_text_asks_for(welder: PenaltyWorksheet, knowledge: Knowledge) -> None:
    proofs = [p for g in welder.no_penalty for e in g.elements for p in e.evidence]
    assert {p.advice for p in proofs} == {True, False}
    for proof in proofs:
        assert proof.advice == (not proof.citations)
        assert all(ref in knowledge.provision_by_id for ref in proof.refs)
    elsewhere = next(p for p in proofs if any("首违不罚" in c for c in p.citations))
    assert "外省市" in elsewhere.citations[0]


def test_the_conditions_of_a_list_are_established_only_where_they_say_one_thing(knowledge: Knowledge) -> None:
    factors = Factors(first_time=True, harm="slight", rectified=True)
    law = PenaltyLaw(knowledge, TODAY)

    def state(text: str, factors: Factors = factors) -> str:
        return law.condition(text, factors).state

    assert state("初次违法") == state("危害后果轻微并及时改正") == "met"
    assert state("危害后果轻微并及时改正", Factors(harm="slight", rectified=False)) == "unmet"
    assert state("危害后果轻微并及时改正", Factors(harm="slight")) == "unknown"
    assert state("没有造成危害后果，或者危害后果轻微并及时改正") == "unknown"
    assert state("3年内没有发生过人员死亡的生产安全事故") == "unknown"
    assert state("经教育、责令整改并签订《首次违法改正承诺书》") == "unknown"
    sheet = assess(knowledge, "安全生产法 第九十七条第（五）项", TODAY, factors)
    assert "met" in {e.state for entry in sheet.leniency for e in entry.elements}


def test_every_question_and_element_of_the_corpus_is_about_a_factor_that_grounds_or_stages_read(
    knowledge: Knowledge,
) -> None:
    elements = knowledge.practice.of(EvidenceForm).elements
    procedure = knowledge.practice.of(ProcedureForm)
    read = {e.factor for e in elements}
    for question in procedure.questions:
        assert question.stages or {n for a in question.answers for n in a.sets} <= read
    assert read <= {n for q in procedure.questions for a in q.answers for n in a.sets}


def test_every_gap_that_is_told_names_a_document_of_the_corpus(knowledge: Knowledge) -> None:
    short = {d.short for d in knowledge.documents.values()}
    gaps = knowledge.practice.of(ProcedureForm).gaps
    assert {g.document for g in gaps} <= short
    notices = assess(knowledge, WELDER, TODAY).notices
    assert all(g.text in notices for g in gaps)
    before = assess(knowledge, WELDER, datetime.date(2023, 1, 1)).notices
    assert not any("第18号" in n for n in before)


# --- credit repair --------------------------------------------------------------------------------------------------


def test_every_sentence_on_credit_repair_is_cited_or_marked(knowledge: Knowledge, welder: PenaltyWorksheet) -> None:
    assert welder.credit is not None
    parts = ("what", "period", "when", "file", "where", "after")
    told = [s for r in welder.credit.records for part in parts for s in getattr(r, part)] + welder.credit.rights
    assert all(s.citations or (not s.verified and s.source) for s in told)
    assert all(ref in knowledge.provision_by_id for s in told for ref in s.refs)
    assert all(r.when and r.file and r.where for r in welder.credit.records)
    assert any(not s.verified for s in told)


def test_what_was_read_of_no_text_is_never_shown_as_verified(welder: PenaltyWorksheet) -> None:
    assert welder.credit is not None
    listed = next(r for r in welder.credit.records if "名单" in r.label)
    assert [s.verified for s in listed.period] == [False]


def test_credit_repair_follows_the_law_of_the_day(knowledge: Knowledge) -> None:
    early = assess(knowledge, WELDER, datetime.date(2026, 3, 31)).credit
    late = assess(knowledge, WELDER, datetime.date(2026, 4, 1)).credit
    assert early is not None
    assert late is not None
    assert early.rights == []
    assert "还没有施行" in (early.notice or "")
    assert late.rights
