"""Lessons tell real cases; quizzes ask what the snapshot says, key every answer to an article, and never ask twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from assistant.knowledge import Knowledge
from assistant.quiz import Quiz, quiz
from assistant.quiz_families import fine_text
from assistant.quiz_marking import mark
from assistant.quiz_question import FALSE, TRUE, QuizQuestion, likeness, quantities
from assistant.search import Searcher
from assistant.service import Assistant
from assistant.training import LessonPack, lesson
from kg_build.errors import UsageError
from kg_build.snapshot import build
from kg_build.tagging import Tagger
from tests.conftest import TODAY

TOPIC = "危险化学品储存"


@pytest.fixture(scope="module")
def knowledge(assistant: Assistant) -> Knowledge:
    return assistant.knowledge


@pytest.fixture(scope="module")
def searcher(assistant: Assistant) -> Searcher:
    return assistant.reader.searcher


@pytest.fixture(scope="module")
def big(knowledge: Knowledge) -> Quiz:
    return quiz(knowledge, TOPIC, 60, seed=3, day=TODAY)


@pytest.fixture(scope="module")
def dust(searcher: Searcher) -> LessonPack:
    return lesson(searcher, "粉尘涉爆", "班组长", TODAY, seed=1)


@pytest.fixture(scope="module")
def small(mini_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    data = tmp_path_factory.mktemp("small")
    return Knowledge(build(data, corpus=mini_source, model="none", today=TODAY).folder)


def of(family: str, asked: Quiz) -> list[QuizQuestion]:
    found = [q for q in asked.questions if q.family == family]
    assert found
    return found


def chosen(question: QuizQuestion) -> list[str]:
    return [o.text for o in question.options if o.key in question.answer]


# --- quiz -----------------------------------------------------------------------------------------------------------


def test_a_quiz_mixes_single_multiple_and_judgement(knowledge: Knowledge) -> None:
    asked = quiz(knowledge, "粉尘涉爆 班组长", 20, seed=1, day=TODAY)
    assert len(asked.questions) == 20
    assert asked.notices == []
    kinds = Counter(q.kind for q in asked.questions)
    assert min(kinds["single"], kinds["multiple"], kinds["judgement"]) >= 4
    assert [q.number for q in asked.questions] == list(range(1, 21))


def test_every_answer_cites_a_provision_that_is_law(big: Quiz, knowledge: Knowledge) -> None:
    for question in big.questions:
        assert question.citations
        assert question.explanation
        for cited in question.citations:
            provision = knowledge.provision_by_id[cited.id]
            assert provision.citation == cited.citation
            assert provision.document.is_in_force(TODAY)
            assert provision.verified


def test_options_differ_and_the_key_is_among_them(big: Quiz) -> None:
    for question in big.questions:
        keys = [o.key for o in question.options]
        assert len({o.text for o in question.options}) == len(keys)
        assert set(question.answer) < set(keys)
        assert len(question.answer) == 1 or question.kind == "multiple"
        assert len(keys) == 2 if question.kind == "judgement" else len(keys) >= 4


def test_no_two_questions_are_alike(big: Quiz) -> None:
    seen = Counter((q.stem, tuple(sorted(o.text for o in q.options))) for q in big.questions)
    assert max(seen.values()) == 1
    told = [(q.family, q.stem + "".join(chosen(q))) for q in big.questions if q.kind != "judgement"]
    for n, (family, words) in enumerate(told):
        assert all(likeness(words, other) < 0.95 for kind, other in told[:n] if kind == family)


def test_the_same_seed_gives_the_same_quiz_and_another_gives_another(knowledge: Knowledge) -> None:
    first = quiz(knowledge, TOPIC, 12, seed=5, day=TODAY)
    assert quiz(knowledge, TOPIC, 12, seed=5, day=TODAY) == first
    assert quiz(knowledge, TOPIC, 12, seed=6, day=TODAY).questions != first.questions


def test_a_blanked_number_is_the_gists_own_and_the_others_are_real_numbers(big: Quiz, knowledge: Knowledge) -> None:
    real = {f"{n}{unit}" for p in knowledge.provisions.values() for n, unit in quantities(p.gist or "")}
    for question in (q for q in of("number", big) if q.kind == "single"):
        own = {f"{n}{unit}" for n, unit in quantities(knowledge.provision_by_id[question.citations[0].id].gist or "")}
        assert "____" in question.stem
        assert [o.text for o in question.options if o.text in own] == chosen(question)
        assert {o.text for o in question.options} <= real


def test_a_judgement_of_a_number_is_true_exactly_when_the_gist_says_so(big: Quiz, knowledge: Knowledge) -> None:
    for question in (q for q in of("number", big) if q.kind == "judgement"):
        provision = knowledge.provision_by_id[question.citations[0].id]
        claim = question.stem.removeprefix(f"{provision.citation}：")
        assert question.answer == [TRUE if claim in (provision.gist or "") else FALSE]


def test_a_fine_is_that_of_the_cited_provision(big: Quiz, knowledge: Knowledge) -> None:
    for question in (q for q in of("fine", big) if q.kind == "single"):
        at = knowledge.provision_by_id[question.citations[0].id]
        while not at.sanctions:
            at = knowledge.provisions[at.parent]
        assert chosen(question)[0] in {fine_text(s) for s in at.sanctions}


def test_the_ground_of_a_check_is_never_offered_as_a_wrong_answer(big: Quiz, knowledge: Knowledge) -> None:
    by_ask = {c.ask: c for c in knowledge.checks.values()}
    asked = [(q, found[1]) for q in big.questions if (found := re.search("“(.+?)”", q.stem)) and found[1] in by_ask]
    assert asked
    for question, ask in asked:
        grounds = {knowledge.provisions[i].citation for i in by_ask[ask].basis}
        wrong = [o.text.split("（")[0] for o in question.options if o.key not in question.answer]
        assert question.kind == "judgement" or not grounds.intersection(wrong)


def test_a_major_hazard_is_keyed_by_its_criterion(big: Quiz, knowledge: Knowledge) -> None:
    for question in of("major", big):
        criterion = any(knowledge.provision_by_id[c.id].major_hazard for c in question.citations)
        if question.kind == "judgement":
            assert question.answer == [TRUE if criterion == ("重大" in question.stem[-8:]) else FALSE]
        else:
            assert criterion


def test_a_text_that_a_newer_one_prevails_over_is_not_asked(big: Quiz, knowledge: Knowledge) -> None:
    documents = {knowledge.provision_by_id[c.id].document for q in big.questions for c in q.citations}
    assert not any(d.partly_superseded_by for d in documents)


def test_a_topic_without_concepts_is_searched_by_its_words(knowledge: Knowledge) -> None:
    asked = quiz(knowledge, "财政部门统一制发的票据", 3, day=TODAY)
    assert asked.understood == []
    assert asked.questions


def test_a_small_corpus_makes_fewer_questions_and_says_so(small: Knowledge) -> None:
    asked = quiz(small, "动火", 50, day=TODAY)
    assert 0 < len(asked.questions) < 50
    assert f"只能出 {len(asked.questions)} 道" in asked.notices[0]


@pytest.mark.parametrize("count", [0, -3, 201])
def test_a_senseless_number_of_questions_is_refused(knowledge: Knowledge, count: int) -> None:
    with pytest.raises(UsageError, match="请改题数"):
        quiz(knowledge, TOPIC, count)


@pytest.mark.parametrize("topic", ["  ", "？？？", "zzzzqqqq"])
def test_a_topic_with_nothing_to_ask_is_refused(knowledge: Knowledge, topic: str) -> None:
    with pytest.raises(UsageError):
        quiz(knowledge, topic, 5)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("每年至少一次，保存3年。", [("3", "年")]),
        ("自2024年1月1日起施行", []),
        ("第2次检查在15日内", [("15", "日")]),
        ("氧含量19.5%～21%，间距不小于10m", [("10", "m")]),
        ("GB 30871-2022 规定200元以下", [("200", "元")]),
        ("装设30mA的保护器", [("30", "mA")]),
    ],
)
def test_numbers_are_read_but_dates_spans_and_standards_are_not(text: str, found: list[tuple[str, str]]) -> None:
    assert quantities(text) == found


def test_right_answers_earn_all_points_and_parts_of_them_none(big: Quiz) -> None:
    full = mark(big, {q.number: q.answer for q in big.questions})
    assert (full.right, full.points) == (len(big.questions), 100)
    several = next(q for q in big.questions if len(q.answer) > 1)
    part = mark(big, {several.number: several.answer[:1]})
    assert (part.right, part.points) == (0, 0)
    assert f"{len(big.questions) - 1} 题没有作答" in part.sentence
    assert all(a.question.citations for a in part.answers)


@pytest.mark.parametrize(("given", "says"), [({999: ["A"]}, "没有第 999 题"), ({1: ["Z"]}, "没有选项 Z")])
def test_answers_to_what_was_not_asked_are_refused(big: Quiz, given: dict[int, list[str]], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        mark(big, given)


def test_wrong_numbers_are_near_enough_to_be_thought_right(big: Quiz) -> None:
    for question in (q for q in of("number", big) if q.kind == "single"):
        values = [float(m[0]) for o in question.options if (m := re.match(r"[\d.]+", o.text))]
        right = float(re.match(r"[\d.]+", chosen(question)[0])[0])  # type: ignore[index]
        assert any(v != right and 1 / 5 <= v / right <= 5 for v in values)


# --- lessons --------------------------------------------------------------------------------------------------------


def test_a_lesson_tells_three_to_six_real_cases_of_the_topic(dust: LessonPack, knowledge: Knowledge) -> None:
    assert 3 <= len(dust.stories) <= 6
    assert len({s.case for s in dust.stories}) == len(dust.stories)
    for story in dust.stories:
        case = knowledge.cases[story.case]
        assert story.happened == case.facts
        assert story.source.publisher
        assert story.timeline.events
        assert "粉尘" in "".join(knowledge.label(t) for t in (*case.tags, *case.scenes))


def test_the_rules_broken_are_those_of_the_cases(dust: LessonPack, knowledge: Knowledge) -> None:
    broken = {i for s in dust.stories for i in (*knowledge.cases[s.case].violates, *knowledge.cases[s.case].corresponds)}
    assert dust.rules
    assert {knowledge.provision_by_id[r.id].iri for r in dust.rules} <= broken
    assert all(r.in_force for r in dust.rules)


def test_objectives_and_discussion_rest_on_citations_that_exist(dust: LessonPack, knowledge: Knowledge) -> None:
    assert 3 <= len(dust.objectives) <= 5
    assert len(dust.discussion) >= len(dust.stories)
    for part in (*dust.objectives, *dust.discussion):
        assert part.citations
        assert all(knowledge.provision_by_id[c.id].citation == c.citation for c in part.citations)


def test_the_audience_gets_its_own_duties_first(searcher: Searcher, knowledge: Knowledge) -> None:
    pack = lesson(searcher, "有限空间", "监护人员", TODAY)
    first = knowledge.provision_by_id[pack.objectives[0].citations[0].id]
    assert "监护人员" in (first.bearer or "")
    assert any("监护人员" in d.question for d in pack.discussion)


def test_the_same_seed_gives_the_same_lesson(searcher: Searcher, dust: LessonPack) -> None:
    assert lesson(searcher, "粉尘涉爆", "班组长", TODAY, seed=1) == dust
    assert any(lesson(searcher, "粉尘涉爆", "班组长", TODAY, seed=n) != dust for n in (2, 3, 4))


def test_a_pack_is_equal_to_the_byte_with_its_quiz_and_inspection(assistant: Assistant, dust: LessonPack) -> None:
    again = assistant.lesson("粉尘涉爆", "班组长", seed=1)
    assert again.model_dump_json() == dust.model_dump_json()
    assert dust.quiz
    assert len(dust.quiz.questions) == 10
    assert dust.simulation
    assert dust.simulation.hazards >= 2


def test_cases_of_one_batch_are_told_once(searcher: Searcher) -> None:
    for topic in ("特种作业持证", "有限空间", "叉车"):
        titles = [s.title for s in lesson(searcher, topic, "", TODAY, stories=6).stories]
        assert all(likeness(a, b) < 0.6 for n, a in enumerate(titles) for b in titles[:n])


def test_a_lesson_without_enough_to_see_says_so(small: Knowledge) -> None:
    pack = lesson(Searcher(small, Tagger.from_graph(small.graph)), "特种作业", "焊工", TODAY)
    assert pack.simulation is None
    assert any("能写成现场情况的检查项不到" in n for n in pack.notices)


def test_few_cases_are_told_and_not_padded(small: Knowledge) -> None:
    pack = lesson(Searcher(small, Tagger.from_graph(small.graph)), "特种作业", "焊工", TODAY)
    assert [s.case for s in pack.stories] == ["t-case"]
    assert any("没有拿不相干的案例凑数" in n for n in pack.notices)


@pytest.mark.parametrize(("topic", "stories"), [(" ", 5), ("有限空间", 2), ("有限空间", 7)])
def test_a_lesson_that_makes_no_sense_is_refused(searcher: Searcher, topic: str, stories: int) -> None:
    with pytest.raises(UsageError):
        lesson(searcher, topic, "班组长", TODAY, stories=stories)
