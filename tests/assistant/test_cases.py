"""Similar cases: what they violated, what it cost, what they share."""

from __future__ import annotations

import pytest

from assistant.service import Assistant
from kg_build.errors import UsageError


def test_a_deadly_pit_brings_confined_space_accidents(assistant: Assistant) -> None:
    found = assistant.cases("没有检测气体就下污水池，两个人先后倒下")
    assert sum("有限空间作业" in c.scenes for c in found.cases[:5]) >= 4
    assert any(c.deaths for c in found.cases)


def test_an_uncertified_welder_brings_cases_under_article_97_item_7(assistant: Assistant) -> None:
    found = assistant.cases("电焊工没有特种作业证被查到")
    assert any("第九十七条第（七）项" in p.citation for c in found.cases[:5] for p in c.penalty_basis)
    assert any(c.provision.document == "安全生产法" and c.provision.article == 30 for c in found.common)


def test_common_provisions_are_shared_by_at_least_two(assistant: Assistant) -> None:
    assert all(c.cases >= 2 for c in assistant.cases("粉尘积得很厚没有清扫").common)


def test_shanghai_alone_can_be_asked_for(assistant: Assistant) -> None:
    found = assistant.cases("特种作业无证", shanghai=True)
    assert found.cases
    assert all("上海" in c.region or "上海" in (c.agency or "") for c in found.cases)


def test_kinds_can_be_asked_for(assistant: Assistant) -> None:
    found = assistant.cases("初次违法及时改正没有罚款", kinds=["no_penalty"])
    assert found.cases
    assert {c.type for c in found.cases} == {"no_penalty"}


def test_an_unpublished_amount_is_never_told_as_no_penalty(assistant: Assistant) -> None:
    for case in assistant.knowledge.cases.values():
        if case.type != "no_penalty":
            assert case.non_penalty_ground is None or case.amount is None


def test_enough_real_cases_are_there(assistant: Assistant) -> None:
    cases = assistant.stats()["cases"]
    assert cases["total"] >= 40
    assert cases["shanghai"] >= 10


def test_every_case_names_publisher_and_title(assistant: Assistant) -> None:
    assert all(c.publisher and c.source_title and c.lesson for c in assistant.knowledge.cases.values())


def test_an_empty_situation_is_refused(assistant: Assistant) -> None:
    with pytest.raises(UsageError):
        assistant.cases(" ")
