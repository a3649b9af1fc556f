"""The law on that day: the same question before and after a rule changed gives the rule of its day, and only that."""

from __future__ import annotations

import pytest

from assistant.service import Assistant


def documents(assistant: Assistant, question: str, day: str) -> set[str]:
    answer = assistant.ask(question, day)
    assert all(p.in_force for p in answer.provisions)
    by_id = assistant.knowledge.provision_by_id
    return {by_id[p.id].document.id for p in answer.provisions}


@pytest.mark.parametrize(
    ("question", "before", "after", "old", "new"),
    [
        (
            "危化企业哪些情况算重大事故隐患",
            "2026-09-29",
            "2026-09-30",
            {"saws-121-2017"},
            {"aq-3067-2026"},
        ),
        (
            "危险化学品储存要遵守什么",
            "2026-04-30",
            "2026-05-01",
            {"sc-591-2011"},
            {"npc-weixian-huaxuepin-anquan-fa-2025"},
        ),
        (
            "有限空间作业要审批吗，谁来监护",
            "2023-12-31",
            "2024-01-01",
            {"saws-order-59-2013"},
            {"mem-order-13-2023"},
        ),
        (
            "哪些工种算特种作业，要不要操作证",
            "2026-05-31",
            "2026-06-01",
            {"saws-order-30-2010"},
            {"mem-order-19-2025"},
        ),
    ],
)
def test_the_rule_of_the_day_answers(
    assistant: Assistant, question: str, before: str, after: str, old: set[str], new: set[str]
) -> None:
    then, now = documents(assistant, question, before), documents(assistant, question, after)
    assert old <= then
    assert not new & then
    assert new <= now
    assert then != now


def test_a_repealed_rule_never_answers_after_its_end(assistant: Assistant) -> None:
    knowledge = assistant.knowledge
    ended = {d.id for d in knowledge.documents.values() if d.repealed and str(d.repealed) <= "2026-11-23"}
    assert ended
    for question in ("有限空间作业要审批吗", "特种作业操作证多久复审一次", "仓库里危险化学品怎么存放", "安全标志怎么挂"):
        assert not documents(assistant, question, "2026-11-23") & ended


def test_a_checklist_rests_on_the_law_of_its_day(assistant: Assistant) -> None:
    def grounds(day: str) -> set[str]:
        made = assistant.checklist(["有限空间作业"], as_of=day)
        return {b.document for i in made.items() for b in i.basis}

    assert "有限空间规定" not in grounds("2023-12-31")
    assert "有限空间规定" in grounds("2024-01-01")


def test_a_citation_of_an_old_rule_says_what_replaced_it(assistant: Assistant) -> None:
    text = "依据《工贸企业有限空间作业安全管理与监督暂行规定》第七条。"
    before = assistant.verify(text, "2023-12-31").findings[0]
    after = assistant.verify(text, "2024-01-01").findings[0]
    assert before.status == "ok"
    assert after.status != "ok"
    assert "有限空间规定" in after.verdict or any("有限空间规定" in n for n in after.notes)
