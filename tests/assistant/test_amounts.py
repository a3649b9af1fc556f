"""What kind of amount is asked for, and which provisions state one."""

from __future__ import annotations

import pytest

from assistant import amounts
from assistant.service import Assistant


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("处罚决定书几天内要送到", "days"),
        ("动火票能管几个小时", "hours"),
        ("灭火器多久检查一次", "times"),
        ("多久查一次电", "months"),
        ("没证上岗罚多少", "money"),
        ("老板本人罚多重", "money"),
        ("两个瓶子要隔多远", "length"),
        ("砌墙的房子最大能盖多少平", "area"),
        ("接地最大不能超过几欧", "resistance"),
        ("一次最多放几升酒精", "volume"),
        ("新工人要学够多少学时", "lessons"),
        ("袋装料最高能码几层", "layers"),
        ("封路前要提前几天贴通知", "days"),
        ("油气浓度降到多少才能动火", "share"),
    ],
)
def test_what_is_asked_for(question: str, kind: str) -> None:
    assert kind in amounts.asked(question)


@pytest.mark.parametrize(
    "question",
    ["灰好几天没清怎么办", "角落放几桶油漆行吗", "就几分钟也要开票吗", "那几口池子算有限空间吗", "谁来监护", "安全带怎么系"],
)
def test_a_few_is_no_question(question: str) -> None:
    assert amounts.asked(question) == frozenset()


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("作业票有效期最长8小时", {"hours"}),
        ("受理后20个工作日内决定", {"days"}),
        ("处5万元以上20万元以下罚款", {"money"}),
        ("每年至少检查一次，每月巡查", {"years", "months", "times"}),
        ("间距不小于1.5m，面积不大于100m²", {"length", "area"}),
        ("静电接地电阻不大于100Ω", {"resistance"}),
        ("浓度不超过10mg/m³", {"concentration"}),
        ("车速不超过5km/h", {"speed"}),
        ("三个月内整改完", {"months"}),
        ("自2021年9月1日起施行", set()),
        ("立即停止作业并报告", set()),
    ],
)
def test_what_is_stated(text: str, kinds: set[str]) -> None:
    assert amounts.stated([text]) == kinds


def test_every_kind_that_is_asked_for_can_be_stated() -> None:
    for question in ("多久", "多久检查一次", "几个人", "百分之几", "噪声多大，多响", "限值是多少"):
        assert amounts.asked(question)
        assert amounts.asked(question) <= set(amounts.KINDS)


def test_provisions_with_the_amount_are_told_from_those_without(assistant: Assistant) -> None:
    searcher = assistant.reader.searcher
    features, entries = searcher.features, assistant.knowledge.entries
    ranked = searcher.rank("动火作业票最长能管几个小时", assistant.today())
    stating = features.states_amount(ranked.question)
    assert stating is not None
    assert 0 < stating.sum() < len(entries) / 4
    best = searcher.top(ranked.scores, "provision", 1)[0]
    assert stating[best]
    assert ranked.evidence.column("amount")[best] == 1
    assert features.states_amount(searcher.rank("谁来监护动火作业", assistant.today()).question) is None
