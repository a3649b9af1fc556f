"""What the corpus does not hold is said not to be there; what it holds is never refused for being short or cited."""

from __future__ import annotations

import random

import numpy as np
import pytest
from rich.console import Console

from assistant.answerable import Sayings
from assistant.display import show_answer
from assistant.models import NOT_GROUNDS
from assistant.search import GAP, NOTHING, PERHAPS, UNWRITTEN
from assistant.service import Assistant
from assistant.web.render import answer_html
from kg_build.vectors import findable

OUTSIDE = ["离婚以后房子怎么分", "买的股票被套了能不能告公司", "医保卡能不能给爸妈买药", "考驾照科目二怎么过"]


@pytest.mark.parametrize("question", OUTSIDE)
def test_what_the_corpus_does_not_hold_is_said_not_to_be_there(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert not answer.answered
    assert answer.notices[0].startswith(NOTHING)
    assert (answer.provisions, answer.checks, answer.cases) == ([], [], [])
    assert answer.nearest is not None
    assert answer.nearest.provisions


def test_a_known_outside_subject_says_whom_to_ask(assistant: Assistant) -> None:
    answer = assistant.ask("离婚以后孩子归谁抚养")
    assert answer.nearest is not None
    assert answer.nearest.topic
    assert answer.nearest.where
    assert answer.nearest.where in answer.notices[0]


@pytest.mark.parametrize(
    "question", ["有限空间", "动火作业要求", "粉尘涉爆", "GB 30871", "安全生产法第三百条", "叉车没证能开吗"]
)
def test_subjects_and_citations_are_never_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).answered


def test_the_law_of_an_earlier_day_is_not_refused(assistant: Assistant) -> None:
    assert assistant.ask("有限空间作业要审批吗，谁来监护", "2023-12-31").answered


def test_what_only_an_earlier_law_said_is_missing_since_it_ended(assistant: Assistant) -> None:
    then, now = (assistant.ask("特种作业操作证多久复审一次", day) for day in ("2026-05-31", "2026-06-01"))
    assert then.answered
    assert then.provisions[0].id.startswith("saws-order-30-2010/")
    assert not [n for n in then.notices if n.startswith((UNWRITTEN, PERHAPS, NOTHING))]
    assert not now.answered
    assert "特种作业" in now.notices[0]


def test_what_stands_nearest_is_never_shown_as_grounds(assistant: Assistant) -> None:
    answer = assistant.ask(OUTSIDE[0])
    grounds, _, _ = answer_html(answer, 8)
    console = Console(record=True, width=200)
    show_answer(answer, console)
    for shown in (grounds, console.export_text()):
        assert NOTHING in shown
        assert NOT_GROUNDS in shown


def test_what_is_known_not_to_be_written_is_told(assistant: Assistant) -> None:
    gaps = [entry.says for entry in findable() if entry.id.startswith(GAP)]
    asked = [says[0] for says in random.Random(0).sample(gaps, 20)]
    answers = [assistant.ask(question) for question in asked]
    told = [not a.answered or any(n.startswith((UNWRITTEN, PERHAPS)) for n in a.notices) for a in answers]
    assert sum(told) >= 18, [q for q, t in zip(asked, told, strict=True) if not t]


@pytest.mark.parametrize(
    ("question", "told"),
    [("想把店里瓶装气改成管道天然气，找谁办，流程是啥", UNWRITTEN), ("喷了五年漆想要小孩了，得停多久再要稳妥", PERHAPS)],
)
def test_a_gap_near_what_is_written_stands_beside_the_provisions(assistant: Assistant, question: str, told: str) -> None:
    answer = assistant.ask(question)
    assert answer.answered
    assert answer.provisions
    assert answer.notices[0].startswith(told)


def test_sayings_tell_how_much_of_what_is_near_is_not_held() -> None:
    kinds = np.array(["provision", "check", "outside", "outside"])
    owners = np.array([0, 0, 0, 1, 2, 2, 3])
    sayings = Sayings(kinds, far=np.array([True, True, True, False]))
    near = np.array([0.9, 0.5, 0.4, 1.0, 0.8, 0.3, 0.7], np.float32)
    told = sayings.signs(near, owners)
    # A check's sayings don't count; of fewer than asked for the last stands in.
    assert told["near_said_third"] == pytest.approx(0.4)
    assert told["near_said_tenth"] == pytest.approx(0.4)
    assert (told["outside"], told["outside_far"], told["outside_gap"]) == pytest.approx((0.8, 0.8, 0.7))
    assert told["ahead"] == pytest.approx(0.1)
    assert told["outside_share_ten"] == pytest.approx(3 / 6)
    # The nearest of all weighs most.
    assert told["outside_share"] < 0.02
    assert sayings.signs(near[::-1].copy(), owners)["outside_share"] != told["outside_share"]


def test_sayings_of_a_corpus_without_any_tell_nothing() -> None:
    told = Sayings(np.array(["provision"]), np.array([True])).signs(np.zeros(0, np.float32), np.zeros(0, np.int64))
    assert set(told.values()) == {0.0}
