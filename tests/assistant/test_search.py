"""Questions in plain words find the right provisions, on the law of the day; citations are looked up."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.models import Answer
from assistant.service import Assistant
from kg_build.errors import HeguiError, UsageError


def articles(answer: Answer, first: int) -> set[tuple[str, int | None]]:
    return {(p.document, p.article) for p in answer.provisions[:first]}


@pytest.mark.parametrize(
    ("question", "document", "article"),
    [
        ("员工进污水池清淤要办什么手续", "有限空间规定", 7),
        ("焊工证过期了还在干活，我们要罚多少", "安全生产法", 97),
        ("焊工证过期了还在干活，我们要罚多少", "安全生产法", 30),
        ("多少人的企业要配专职安全员", "安全生产法", 24),
        ("第一次违法能不能不罚", "行政处罚法", 33),
        ("消防通道被堵了怎么办", "消防法", 28),
        ("员工宿舍和仓库在一栋楼行不行", "安全生产法", 42),
        ("出了事故多长时间内要上报", "事故报告条例", 9),
    ],
)
def test_a_plain_question_finds_the_right_article_among_the_first_five(
    assistant: Assistant, question: str, document: str, article: int
) -> None:
    assert (document, article) in articles(assistant.ask(question), 5)


@pytest.mark.parametrize(
    "question",
    ["焊工证过期了还在干活，我们要罚多少", "没搞应急演练罚多少", "安全出口堵住了会罚多少钱", "没给工人发劳保用品怎么处罚"],
)
def test_who_asks_for_a_fine_is_shown_the_duty(assistant: Assistant, question: str) -> None:
    knowledge, five = assistant.knowledge, assistant.ask(question).provisions[:5]
    parts = [[*knowledge.below(knowledge.article_of(knowledge.provision_by_id[p.id]))] for p in five]
    penal = {part.iri for part in parts[0]}
    assert [p for of_one in parts[1:] for p in of_one if set(p.penalized_by) & penal and not p.major_hazard]


@pytest.mark.parametrize(
    ("question", "document", "article", "paragraph", "item"),
    [
        ("安全生产法第30条", "安全生产法", 30, None, None),
        ("《安全生产法》第九十七条第（七）项", "安全生产法", 97, None, 7),
        ("安生法30条", "安全生产法", 30, None, None),
        ("应急管理部令第13号第十四条", "有限空间规定", 14, None, None),
        ("应急管理部13号令第十四条", "有限空间规定", 14, None, None),
        ("行政处罚法第三十三条第一款", "行政处罚法", 33, 1, None),
    ],
)
def test_a_citation_is_looked_up_not_searched(
    assistant: Assistant, question: str, document: str, article: int, paragraph: int | None, item: int | None
) -> None:
    first = assistant.ask(question).provisions[0]
    assert (first.document, first.article, first.paragraph, first.item) == (document, article, paragraph, item)
    assert "直接引用" in first.why


WRITTEN = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "written_forms.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
DAY = "2026-11-26"


def test_every_written_form_leads_to_the_place_it_cites_or_to_none(assistant: Assistant) -> None:
    wrong = []
    for text, expected in WRITTEN:
        answer = assistant.ask(text, DAY, checks=1, cases=1)
        claimed = [p.id for p in answer.provisions if "直接引用" in p.why]
        if expected in ("!", "-", "~"):
            told = {"!": bool(answer.notices), "-": True, "~": any("同时指" in n for n in answer.notices)}[expected]
            right = not claimed and told
        else:
            right = f"{answer.provisions[0].id}/".startswith(f"{expected}/") and bool(claimed)
        if not right:
            wrong.append((text, expected, claimed[:1], answer.notices))
    assert len(WRITTEN) >= 200
    assert wrong == []


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("有限空间暂行规定第十二条", "现在适用《有限空间规定》"),
        ("有限空间暂行规定第十二条", "现在见《有限空间规定》第十四条"),
        ("老的特种作业人员安全技术培训考核管理规定第五条", "现在适用《特种作业新规定》"),
        ("危化条例第20条", "以后者为准"),
        ("应急厅〔2021〕12号第三条", "已于 2024-02-04 废止"),
        ("2014年版安全生产法第九十四条", "没有收录《安全生产法》2014 年的文本"),
        ("GB 30871-2014 5.1", "代替"),
    ],
)
def test_an_old_citation_says_what_applies_now(assistant: Assistant, question: str, says: str) -> None:
    assert any(says in n for n in assistant.ask(question, DAY).notices)


def test_a_shared_title_means_the_version_of_the_day(assistant: Assistant) -> None:
    question = "特种作业人员安全技术培训考核管理规定第五条"
    assert assistant.ask(question, "2026-05-31").provisions[0].id == "saws-order-30-2010/art_5"
    assert not any(p.id == "saws-order-30-2010/art_5" for p in assistant.ask(question, DAY).provisions)


def test_a_slip_of_the_pen_is_put_right_and_said(assistant: Assistant) -> None:
    answer = assistant.ask("劳动发第五十六条", DAY)
    assert answer.provisions[0].id == "npc-laodong-fa-2018/art_56"
    assert any("按《劳动法》查找" in n for n in answer.notices)


def test_a_standard_named_alone_lists_its_clauses(assistant: Assistant) -> None:
    answer = assistant.ask("GB 30871")
    assert {p.document for p in answer.provisions} == {"GB 30871-2022"}
    assert all(p.article is None and p.clause for p in answer.provisions)


def test_an_article_that_does_not_exist_is_said_not_to_exist(assistant: Assistant) -> None:
    answer = assistant.ask("安全生产法第三百条讲什么")
    assert any("第三百条" in n for n in answer.notices)
    assert all(p.article != 300 for p in answer.provisions)


def test_a_standard_that_is_not_in_the_corpus_is_said_to_be_missing(assistant: Assistant) -> None:
    assert any("GB 99999-2020" in n for n in assistant.ask("GB 99999-2020 对动火有什么要求").notices)


def test_at_least_twenty_provisions_are_ranked_by_falling_score_without_repeats(assistant: Assistant) -> None:
    answer = assistant.ask("动火作业要注意什么")
    scores = [p.score for p in answer.provisions]
    assert len(scores) == 20
    assert scores == sorted(scores, reverse=True)
    assert len({p.id for p in answer.provisions}) == 20


def test_every_result_says_why(assistant: Assistant) -> None:
    answer = assistant.ask("抛光车间粉尘怎么清理")
    assert all(r.why for r in (*answer.provisions, *answer.checks, *answer.cases))


def test_a_penalty_question_brings_the_penal_article(assistant: Assistant) -> None:
    answer = assistant.ask("隐患没有记录台账罚多少钱")
    assert ("安全生产法", 97) in articles(answer, 5)


@pytest.mark.parametrize(
    ("question", "document", "before", "after"),
    [
        ("危险化学品储存要符合什么要求", "危险化学品安全法", "2026-04-30", "2026-05-01"),
        ("有限空间作业要审批吗", "有限空间规定", "2023-12-31", "2024-01-01"),
        ("化工企业重大事故隐患怎么判定", "AQ 3067-2026", "2026-09-29", "2026-09-30"),
    ],
)
def test_the_law_of_the_day_answers(assistant: Assistant, question: str, document: str, before: str, after: str) -> None:
    assert document not in {p.document for p in assistant.ask(question, before).provisions}
    assert document in {p.document for p in assistant.ask(question, after).provisions[:10]}


def test_nothing_that_is_not_law_on_the_day_is_found_by_searching(assistant: Assistant) -> None:
    for day in ("2010-01-01", "2022-06-01", "2026-11-23"):
        answer = assistant.ask("粉尘爆炸怎么防", day)
        assert all(p.in_force for p in answer.provisions)
        assert all(b.in_force for c in answer.checks for b in c.basis)


def test_a_citation_of_law_not_yet_in_force_is_shown_with_a_note(assistant: Assistant) -> None:
    first = assistant.ask("危险化学品安全法第四十一条", "2026-01-01").provisions[0]
    assert not first.in_force
    assert first.note
    assert "施行" in first.note


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", "问题是空的"),
        ("   \n\t", "问题是空的"),
        ("\x00\x07\x1b", "问题是空的"),
        ("火" * 10_000, "问题太长"),
        ("😀🔥", "没有可检索的文字"),
        ("？！。", "没有可检索的文字"),
        ("what are the rules for confined spaces", "中文"),
        ("GB 99999-2020", "没有收录 GB 99999-2020"),
    ],
)
def test_a_question_that_cannot_be_searched_is_refused_in_one_sentence(
    assistant: Assistant, question: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        assistant.ask(question)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("day", ["昨天", "2026-13-01", "2026/05/01", "20260501x"])
def test_a_day_that_is_no_date_is_refused(assistant: Assistant, day: str) -> None:
    with pytest.raises(UsageError, match="日期"):
        assistant.ask("动火", day)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_no_text_breaks_the_search(assistant: Assistant, question: str) -> None:
    try:
        answer = assistant.ask(question)
    except HeguiError as error:
        told = str(error)
    else:
        told = answer.as_of.isoformat()
    assert told.strip()


def test_search_works_on_words_and_graph_alone_and_says_so(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    knowledge = assistant.knowledge
    monkeypatch.setattr(knowledge, "dense", None)
    monkeypatch.setattr(knowledge, "notice", "按设置只用关键词和图谱检索。")
    answer = assistant.ask("多少人的企业要配专职安全员")
    assert ("安全生产法", 24) in articles(answer, 5)
    assert any("关键词" in n for n in answer.notices)
